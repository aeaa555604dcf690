/* Where LuaJIT's heap gets its memory.
 *
 * It asks for chunks of 128 KiB, one after the other, and fills each. At 4 KiB
 * a page their first touch is a tenth of a run's time from start to end, so the
 * first sixteen lie in one block of 2 MiB, which asks for a page of that size.
 * It is advice: where there is none, pages are small. A worker that writes
 * there after a fork gets copies of 4 KiB, as anywhere.
 *
 * The program is linked with --wrap=mmap64, which is what LuaJIT calls and the
 * engine does not. Parts of the block may be unmapped like any others.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/types.h>

enum { CHUNK = 128 << 10, BLOCK = 2 << 20 };

void *__real_mmap64(void *at, size_t bytes, int protection, int flags, int fd,
                    off_t offset);
void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int fd,
                    off_t offset);

static char *next, *end; /* what is left of the block */

static void open_block(void) {
    char *p = __real_mmap64(NULL, 2 * BLOCK, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return;
    size_t before = (size_t)(-(uintptr_t)p % BLOCK);
    next = p + before;
    end = next + BLOCK;
    if (before > 0)
        munmap(p, before);
    munmap(end, BLOCK - before);
    (void)madvise(next, BLOCK, MADV_HUGEPAGE);
}

static bool is_chunk(size_t bytes, int protection, int flags, int fd) {
    return bytes == CHUNK && protection == (PROT_READ | PROT_WRITE) &&
           flags == (MAP_PRIVATE | MAP_ANONYMOUS) && fd == -1;
}

void *__wrap_mmap64(void *at, size_t bytes, int protection, int flags, int fd,
                    off_t offset) {
    bool chunk = is_chunk(bytes, protection, flags, fd);
    if (chunk && end == NULL)
        open_block();
    if (!chunk || next == end)
        return __real_mmap64(at, bytes, protection, flags, fd, offset);
    next += CHUNK;
    return next - CHUNK;
}
