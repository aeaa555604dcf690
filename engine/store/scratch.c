/* Arrays of an ingest that grow with its rows.
 *
 * Up to 32 MiB one is plain memory. A larger one is mapped from a file that has
 * no name, so that the kernel can write its pages out when memory is short: a
 * file of rows ten times as large as memory is still taken in. The disk has
 * room for all of it before it is mapped: a page that found none would be a
 * SIGBUS. Where no such file can be made it is memory after all.
 *
 * Cost: a copy when it grows, which callers do by doubling.
 */
#define _GNU_SOURCE /* O_TMPFILE */
#include "store/scratch.h"

#include "base/mem.h"
#include "store/huge.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LARGE = 32 << 20 };

int scratch_file(const char *folder) {
    int fd = open(folder, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *name = mem_printf("%s/.scratch-XXXXXX", folder);
    fd = mkostemp(name, O_CLOEXEC); /* a file system without O_TMPFILE */
    if (fd >= 0)
        unlink(name);
    free(name);
    return fd;
}

static void *map(const char *folder, size_t bytes) {
    int fd = scratch_file(folder);
    if (fd < 0)
        return NULL;
    void *p = posix_fallocate(fd, 0, (off_t)bytes) == 0
                  ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
                  : MAP_FAILED;
    close(fd);
    return p == MAP_FAILED ? NULL : p;
}

void scratch_rest(const struct scratch *s) {
    if (s->mapped) /* shared, on a file: what it holds stays there */
        (void)madvise(s->data, s->bytes, MADV_DONTNEED);
}

void scratch_free(struct scratch *s) {
    if (s->mapped)
        munmap(s->data, s->bytes);
    else
        free(s->data);
    *s = (struct scratch){0};
}

void scratch_grow(struct scratch *s, const char *folder, size_t used,
                  size_t bytes) {
    void *p = folder && bytes > LARGE ? map(folder, bytes) : NULL;
    int mapped = p != NULL;
    if (!mapped)
        p = huge_alloc(bytes);
    if (used > 0)
        memcpy(p, s->data, used);
    scratch_free(s);
    *s = (struct scratch){p, bytes, mapped};
}
