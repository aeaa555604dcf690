/* A column file: fixed-size columns one after the other, named by content.
 *
 * All columns grow side by side, each through a buffer of its own. A column of
 * up to 8 MiB stays in its buffer until the end, so that the file is hashed and
 * written in one go; of a longer one each full buffer is written at its place,
 * and the file is read once more for its hash. Memory is at most 40 MiB either
 * way. Columns that come whole, one after the other, need neither: of their
 * pieces as many as the cache holds are hashed and written at a time. The space
 * between columns is zero. The file takes its hash as its name.
 *
 * Writing starts the disk early (sync_file_range), waiting for it is left to
 * colfile_sync, so that a bundle of many files pays for one journal commit.
 */
#define _GNU_SOURCE /* sync_file_range */
#include "store/colfile.h"

#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/huge.h"
#include "store/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BUFFER = 8 << 20, TOGETHER = 1 << 21 };

struct piece {
    int64_t offset, bytes; /* place and full size in the file */
    int64_t flushed;       /* bytes written before the buffer */
    size_t used, cap;      /* bytes in the buffer */
    char *buffer;
};

struct colfile {
    char *folder, *path;
    int fd, columns;
    int64_t bytes;          /* of the file */
    double *buffers;        /* of all columns, equally long */
    size_t room, rows;      /* of each, and those in them */
    struct digest *passing; /* of what has passed */
    struct piece column[COLFILE_MAX];
};

static int64_t page_up(int64_t n) {
    return (n + SCHEMA_PAGE - 1) / SCHEMA_PAGE * SCHEMA_PAGE;
}

static void place_columns(struct colfile *f, const size_t *sizes,
                          int64_t rows) {
    for (int i = 0; i < f->columns; i++) {
        struct piece *c = &f->column[i];
        c->offset = f->bytes;
        c->bytes = rows * (int64_t)sizes[i];
        c->cap = c->bytes < BUFFER ? (size_t)c->bytes : BUFFER;
        f->bytes += page_up(c->bytes);
    }
}

static void make_buffers(struct colfile *f) {
    f->room = f->column[0].cap / sizeof *f->buffers;
    f->buffers = huge_alloc((size_t)f->columns * f->room * sizeof *f->buffers);
    for (int i = 0; i < f->columns; i++)
        f->column[i].buffer = (char *)(f->buffers + (size_t)i * f->room);
}

/* Rows are counted once for all columns. */
static void settle_rows(struct colfile *f) {
    for (int i = 0; i < f->columns && f->buffers != NULL; i++)
        f->column[i].used = f->rows * sizeof *f->buffers;
    f->rows = 0;
}

bt_status colfile_open(const char *folder, const size_t *sizes, int columns,
                       int64_t rows, struct colfile **out) {
    struct colfile *f = mem_zalloc(1, sizeof *f);
    f->folder = mem_strdup(folder);
    f->path = mem_printf("%s/new.tmp", folder);
    f->columns = columns;
    f->fd = open(f->path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                 0600);
    place_columns(f, sizes, rows);
    if (f->fd < 0 || ftruncate(f->fd, f->bytes) != 0) {
        bt_status s = fail_errno("cannot write %s", f->path);
        colfile_abandon(f);
        return s;
    }
    *out = f;
    return BT_OK;
}

int64_t colfile_offset(const struct colfile *f, int column) {
    return f->column[column].offset;
}

static bt_status write_at(struct colfile *f, const char *bytes, size_t n,
                          int64_t at) {
    while (n > 0) {
        ssize_t k = pwrite(f->fd, bytes, n, at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            errno = k == 0 ? ENOSPC : errno;
            return fail_errno("cannot write %s", f->path);
        }
        bytes += k;
        n -= (size_t)k;
        at += k;
    }
    return BT_OK;
}

/* Pieces that follow one another, in one call: the system then takes larger
 * pages for them. What it leaves over goes one by one, and says why. */
static bt_status write_pieces(struct colfile *f, const struct iovec *pieces,
                              int n, int64_t at) {
    ssize_t k = pwritev(f->fd, pieces, n, at);
    size_t done = k > 0 ? (size_t)k : 0, skip;
    for (int i = 0; i < n; i++, done -= skip) {
        size_t bytes = pieces[i].iov_len;
        skip = done < bytes ? done : bytes;
        TRY(write_at(f, (const char *)pieces[i].iov_base + skip, bytes - skip,
                     at + (int64_t)skip));
        at += (int64_t)bytes;
    }
    return BT_OK;
}

static bt_status flush(struct colfile *f, struct piece *c) {
    TRY(write_at(f, c->buffer, c->used, c->offset + c->flushed));
    c->flushed += (int64_t)c->used;
    c->used = 0;
    return BT_OK;
}

static bt_status overfull(const struct colfile *f) {
    return fail(BT_E_STATE, "more rows than columns of %s have", f->path);
}

static bt_status flush_all(struct colfile *f) {
    for (int i = 0; i < f->columns; i++)
        TRY(flush(f, &f->column[i]));
    return BT_OK;
}

/* Room for a row: full buffers go to the file. */
static bt_status make_room(struct colfile *f) {
    const struct piece *first = &f->column[0];
    if (f->buffers == NULL)
        make_buffers(f);
    if (f->rows < f->room)
        return BT_OK;
    settle_rows(f);
    if (first->flushed + (int64_t)first->used == first->bytes)
        return overfull(f);
    return flush_all(f);
}

bt_status colfile_row(struct colfile *f, const double *v) {
    if (f->rows == f->room)
        TRY(make_room(f));
    double *to = f->buffers + f->rows++;
    for (int i = 0; i < f->columns; i++, to += f->room)
        *to = v[i];
    return BT_OK;
}

bt_status colfile_rows(struct colfile *f, const double *v, int64_t n) {
    while (n-- > 0)
        TRY(colfile_row(f, v));
    return BT_OK;
}

static const char ZEROS[SCHEMA_PAGE];

static void add_padding(struct digest *d, const struct piece *c) {
    digest_add(d, ZEROS, (size_t)(page_up(c->bytes) - c->bytes));
}

/* How many of the pieces stay in the cache together. */
static int count_together(const struct iovec *pieces, int n, size_t *bytes) {
    int i = 0;
    *bytes = 0;
    while (i < n && (i == 0 || *bytes + pieces[i].iov_len <= TOGETHER))
        *bytes += pieces[i++].iov_len;
    return i;
}

bt_status colfile_pass(struct colfile *f, int column,
                       const struct iovec *pieces, int n) {
    struct piece *c = &f->column[column];
    size_t bytes;
    if (f->passing == NULL)
        f->passing = digest_new();
    for (int at = 0, k; at < n; at += k) {
        k = count_together(pieces + at, n - at, &bytes);
        if ((int64_t)bytes > c->bytes - c->flushed)
            return overfull(f);
        for (int i = 0; i < k; i++)
            digest_add(f->passing, pieces[at + i].iov_base,
                       pieces[at + i].iov_len);
        TRY(write_pieces(f, pieces + at, k, c->offset + c->flushed));
        c->flushed += (int64_t)bytes;
    }
    if (n > 0 && c->flushed == c->bytes)
        add_padding(f->passing, c);
    return BT_OK;
}

static void release(struct colfile *f) {
    free(f->buffers);
    digest_free(f->passing);
    if (f->fd >= 0)
        close(f->fd);
    free(f->folder);
    free(f->path);
    free(f);
}

void colfile_abandon(struct colfile *f) {
    if (f == NULL)
        return;
    if (f->fd >= 0)
        unlink(f->path);
    release(f);
}

/* The hash while all columns are still in their buffers. */
static void hash_buffers(const struct colfile *f, uint8_t sha[DIGEST_BYTES]) {
    struct digest *d = digest_new();
    for (int i = 0; i < f->columns; i++) {
        const struct piece *c = &f->column[i];
        digest_add(d, c->buffer, c->used);
        add_padding(d, c);
    }
    digest_end(d, sha);
    digest_free(d);
}

static bt_status complete(struct colfile *f, uint8_t sha[DIGEST_BYTES]) {
    bool buffered = true;
    settle_rows(f);
    for (int i = 0; i < f->columns; i++) {
        const struct piece *c = &f->column[i];
        buffered = buffered && c->flushed == 0;
        if (c->flushed + (int64_t)c->used != c->bytes)
            return fail(BT_E_STATE,
                        "column %d of %s has %lld bytes, expected %lld", i,
                        f->path, (long long)(c->flushed + (int64_t)c->used),
                        (long long)c->bytes);
    }
    if (f->passing != NULL)
        digest_end(f->passing, sha);
    else if (buffered)
        hash_buffers(f, sha);
    TRY(flush_all(f));
    sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    return buffered || f->passing ? BT_OK : digest_file(f->path, sha);
}

/* Everything in the file, hashed, named. */
static bt_status finish(struct colfile *f, struct colfile_info *info) {
    char hex[DIGEST_TEXT];
    TRY(complete(f, info->sha));
    digest_hex(info->sha, hex);
    snprintf(info->name, sizeof info->name, "%.*s%s", SCHEMA_NAME_DIGITS, hex,
             SCHEMA_SUFFIX);
    info->bytes = f->bytes;
    char *name = fs_join(f->folder, info->name);
    bool failed = fchmod(f->fd, 0400) != 0 || rename(f->path, name) != 0;
    bt_status s = failed ? fail_errno("cannot name %s", name) : BT_OK;
    free(name);
    return s;
}

bt_status colfile_close(struct colfile *f, struct colfile_info *out) {
    struct colfile_info info;
    memset(&info, 0, sizeof info);
    bt_status s = finish(f, &info);
    if (s != BT_OK) {
        colfile_abandon(f);
        return s;
    }
    release(f);
    *out = info;
    return BT_OK;
}

bt_status colfile_sync(const char *folder, const char *name) {
    char *path = fs_join(folder, name);
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bt_status s = BT_OK;
    if (fd < 0 || fsync(fd) != 0)
        s = fail_errno("cannot sync %s", path);
    if (fd >= 0)
        close(fd);
    free(path);
    return s;
}
