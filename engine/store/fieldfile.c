/* A bundle's own field: one column for each asset, sid by sid, in one file.
 *
 * Values come in any order (rows of a file sorted by time hold all assets), and
 * there may be more of them than memory, so they are put into a mapping of the
 * file, which the system writes back as it likes. The file is filled with NaN
 * by writing before it is mapped: the disk has room for every page then, and
 * storing a value cannot fail. What lies between two columns stays zero.
 *
 * One file for all assets makes the version of a bundle independent of the way
 * its fields came in, together or one by one.
 */
#include "store/fieldfile.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct fieldfile {
    char *folder, *path;
    int fd;
    size_t bytes;
    double *cells;
};

static bt_status write_all(const struct fieldfile *f, const void *from,
                           size_t n) {
    const char *p = from;
    while (n > 0) {
        ssize_t k = write(f->fd, p, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            errno = k == 0 ? ENOSPC : errno;
            return fail_errno("cannot write %s", f->path);
        }
        p += k;
        n -= (size_t)k;
    }
    return BT_OK;
}

/* NaN in every cell, zero between columns. */
static bt_status fill_cells(const struct fieldfile *f, int64_t assets,
                            int64_t rows) {
    size_t stride = (size_t)schema_stride(rows);
    double *column = mem_zalloc(stride, sizeof *column);
    for (int64_t i = 0; i < rows; i++)
        column[i] = (double)NAN;
    bt_status s = BT_OK;
    for (int64_t i = 0; s == BT_OK && i < assets; i++)
        s = write_all(f, column, stride * sizeof *column);
    free(column);
    return s;
}

static bt_status start(struct fieldfile *f, int64_t assets, int64_t rows) {
    f->fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                 0600);
    if (f->fd < 0)
        return fail_errno("cannot write %s", f->path);
    TRY(fill_cells(f, assets, rows));
    f->bytes = (size_t)(assets * schema_stride(rows)) * sizeof *f->cells;
    void *p =
        mmap(NULL, f->bytes, PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
    if (p == MAP_FAILED)
        return fail_errno("cannot map %s", f->path);
    f->cells = p;
    return BT_OK;
}

bt_status fieldfile_open(const char *folder, int number, int64_t assets,
                         int64_t rows, struct fieldfile **out) {
    struct fieldfile *f = mem_zalloc(1, sizeof *f);
    f->folder = mem_strdup(folder);
    f->path = mem_printf("%s/field-%d.tmp", folder, number);
    f->fd = -1;
    bt_status s = start(f, assets, rows);
    if (s != BT_OK) {
        fieldfile_abandon(f);
        return s;
    }
    *out = f;
    return BT_OK;
}

double *fieldfile_cells(struct fieldfile *f) {
    return f->cells;
}

static void release(struct fieldfile *f) {
    if (f->cells)
        munmap(f->cells, f->bytes);
    if (f->fd >= 0)
        close(f->fd);
    free(f->folder);
    free(f->path);
    free(f);
}

void fieldfile_abandon(struct fieldfile *f) {
    if (f == NULL)
        return;
    if (f->fd >= 0)
        unlink(f->path);
    release(f);
}

bt_status fieldfile_close(struct fieldfile *f, struct colfile_info *out) {
    struct colfile_info info = {.bytes = (int64_t)f->bytes};
    char hex[DIGEST_TEXT];
    digest_bytes(f->cells, f->bytes, info.sha);
    digest_hex(info.sha, hex);
    snprintf(info.name, sizeof info.name, "%.*s%s", SCHEMA_NAME_DIGITS, hex,
             SCHEMA_SUFFIX);
    char *name = fs_join(f->folder, info.name);
    bool failed = fchmod(f->fd, 0400) != 0 || rename(f->path, name) != 0;
    bt_status s = failed ? fail_errno("cannot name %s", name) : BT_OK;
    free(name);
    if (s != BT_OK) {
        fieldfile_abandon(f);
        return s;
    }
    release(f);
    *out = info;
    return BT_OK;
}
