/* A row takes some 100 bytes of fresh memory on its way through an ingest. At 4
 * KiB a page the faults cost more than reading the numbers, so large blocks are
 * aligned for pages of 2 MiB and say so. It is advice: nothing depends on it.
 */
#include "store/huge.h"

#include "base/mem.h"

#include <stdlib.h>
#include <sys/mman.h>

void *huge_alloc(size_t bytes) {
    void *p;
    if (bytes < HUGE_PAGE / 2)
        return mem_alloc(bytes);
    bytes = (bytes + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
    if (posix_memalign(&p, HUGE_PAGE, bytes) != 0)
        return mem_alloc(bytes);
    (void)madvise(p, bytes, MADV_HUGEPAGE);
    return p;
}
