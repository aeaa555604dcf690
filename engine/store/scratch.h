/* Memory that may be larger than the machine's; see scratch.c. */
#ifndef BT_STORE_SCRATCH_H
#define BT_STORE_SCRATCH_H

#include <stddef.h>

/* A file without a name in a folder, to read and write: nothing is left of it
 * whatever becomes of the process. -1 and errno on failure. */
int scratch_file(const char *folder);

struct scratch {
    void *data;
    size_t bytes;
    int mapped; /* 1: on a file of the folder */
};

/* Make it larger, the first `used` bytes kept; it may move. folder NULL: in
 * memory always. */
void scratch_grow(struct scratch *s, const char *folder, size_t used,
                  size_t bytes);
/* What was read or written of it will not be for a while: a mapped one gives up
 * its memory until then. */
void scratch_rest(const struct scratch *s);
void scratch_free(struct scratch *s);

#endif
