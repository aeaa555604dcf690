/* A view holds no count, so what it looks at must outlive its bundle: a script
 * may keep a view in a table and read it after the run that made it.
 *
 * Closed things come here, in a queue, and leave it in the order they came when
 * the attic is full: more than 64 MiB of private memory or 8,192 mapped columns
 * (a process may have 65,530 mappings, and a column takes up to three). With
 * pooling on nothing comes here but evicted bundles.
 */
#include "store/attic.h"

#include "base/mem.h"

#include <stdlib.h>

enum { MAPPINGS_MAX = 8192, BYTES_MAX = 64 << 20 };

struct item {
    struct item *next;
    void *p;
    void (*drop)(void *p);
    size_t bytes;
    int32_t mappings;
};

static struct item *oldest, *newest;
static size_t bytes_held;
static int64_t mappings_held;

static void drop_oldest(void) {
    struct item *i = oldest;
    oldest = i->next;
    newest = oldest ? newest : NULL;
    bytes_held -= i->bytes;
    mappings_held -= i->mappings;
    i->drop(i->p);
    free(i);
}

void attic_put(void *p, void (*drop)(void *p), size_t bytes, int32_t mappings) {
    struct item *i = mem_alloc(sizeof *i);
    *i = (struct item){NULL, p, drop, bytes, mappings};
    *(newest ? &newest->next : &oldest) = i;
    newest = i;
    bytes_held += bytes;
    mappings_held += mappings;
    while (oldest != newest &&
           (bytes_held > BYTES_MAX || mappings_held > MAPPINGS_MAX))
        drop_oldest();
}

void attic_clear(void) {
    while (oldest)
        drop_oldest();
}
