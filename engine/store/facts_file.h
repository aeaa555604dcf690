/* assets.csv: what is known of assets beside their bars; see facts_file.c. */
#ifndef BT_STORE_FACTS_FILE_H
#define BT_STORE_FACTS_FILE_H

#include "store/writer.h"

struct told {
    char *symbol, *name, *value;
    uint32_t line;
};

struct facts_file {
    char *path;
    struct told *list;
    size_t count, cap;
    char sha[65];
};

/* errors BT_E_DATA no header with a symbol, a value that makes no sense;
 * BT_E_NAME a column that is no fact, with the nearest */
bt_status facts_file_read(const char *path, struct facts_file *out);
void facts_file_fini(struct facts_file *f);
/* Facts of the assets that a writer has. *strangers: symbols it has not. */
bt_status facts_file_write(const struct facts_file *f, struct writer *w,
                           int32_t *strangers);

#endif
