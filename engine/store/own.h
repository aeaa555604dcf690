/* Further numeric columns of files on their way to fields; see own.c. */
#ifndef BT_STORE_OWN_H
#define BT_STORE_OWN_H

#include "store/bars.h"
#include "store/calendar.h"
#include "store/layout.h"
#include "store/writer.h"

#include <stdio.h>

struct own_column {
    char *name;  /* of the field */
    char *title; /* as in the header */
    char *why;   /* it is left out; NULL: it is not */
    double values;
};

struct own {
    struct own_column *columns;
    size_t count, cap;
    int32_t at[CSV_COLUMNS]; /* of the current file: position, -1 */
    int here;                /* how many of them it has */
    int32_t decimal;         /* its numbers' sign: BT_DECIMAL_* */
    bool counts_only;        /* nothing is to be stored */
    FILE *spill;
    char *folder;
};

/* Is a column of a layout to become a field? By its name; its cells may still
 * show that it is none of numbers. */
bool own_wanted(const struct layout *l, int column);

/* folder: for a file without a name. counts_only: values are not kept. */
void own_init(struct own *o, const char *folder, bool counts_only);
void own_fini(struct own *o);
/* The columns of the next file. True when there are any. */
bool own_begin(struct own *o, const struct layout *l);
/* The cells of a row that was taken. path: for messages. */
bt_status own_row(struct own *o, const char *path, const struct cell *cells,
                  int columns, const struct series *s, const struct row *row);
/* All of them into fields, after the last asset.
 * errors BT_E_DATA two rows of one bar with different values: names both;
 * file_path: of row.file, for messages */
bt_status own_write(struct own *o, struct writer *w,
                    const struct bar_rule *rule, const struct calendar *c,
                    const char *(*file_path)(void *context, uint32_t file),
                    void *context);

#endif
