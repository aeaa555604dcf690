/* Windows may begin before the first session: what they show there is an apron
 * of BT_HISTORY_MAX NaN (zeros for volume) that lies directly before the column
 * in memory, so that no window is ever copied and no read is ever a special
 * case.
 *
 *     base                          data
 *     | apron, whole pages          | the column's pages of the file |
 *
 * Nothing of it is private memory: all NaN aprons are the same 800 KB of shared
 * pages, of which only the end is filled that somebody asked for (filling all
 * would be a fifth of a cold run), zero aprons are the system's zero page, and
 * the column is the page cache. A range of addresses is reserved first, then
 * the pieces are put into it. mremap with an old size of 0 shows pages of a
 * shared mapping a second time, at a place of our choice; so neither a
 * descriptor nor the file's name is needed when a column is first asked for,
 * and a bundle that was replaced or removed meanwhile stays readable.
 *
 * Where the system's pages are larger than the file's alignment, or pages
 * cannot be shown twice, the column is a copy. Cost: three system calls a
 * column.
 */
#define _GNU_SOURCE
#include "store/column.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static size_t page_round(size_t bytes) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (bytes + page - 1) / page * page;
}

static size_t apron_bytes(void) {
    return page_round(BT_HISTORY_MAX * sizeof(double));
}

/* ---- whole files ----------------------------------------------------------*/

bt_status column_file_map(int fd, size_t bytes, const char *path,
                          struct column_file *out) {
    void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return fail_errno("cannot map %s (%zu bytes)", path, bytes);
    *out = (struct column_file){p, bytes};
    return BT_OK;
}

void column_file_unmap(struct column_file *f) {
    if (f->base)
        munmap((void *)f->base, f->bytes);
    f->base = NULL;
}

/* ---- aprons ---------------------------------------------------------------*/

enum { APRON_FIRST = 512 }; /* rows, a page */

/* One for all columns of the process and of the workers forked from it, and how
 * many of its last values are NaN. A worker may fill what another has
 * filled. */
static double *shared_apron;
static const void *apron_view; /* the same pages, read-only */
static int32_t apron_filled;

void column_apron_reach(int32_t rows) {
    if (rows <= apron_filled || !shared_apron)
        return;
    int32_t want = rows > 2 * apron_filled ? rows : 2 * apron_filled;
    if (want > BT_HISTORY_MAX)
        want = BT_HISTORY_MAX;
    double *end = shared_apron + apron_bytes() / sizeof *end;
    for (double *p = end - want; p < end - apron_filled; p++)
        *p = NAN;
    apron_filled = want;
}

int32_t column_apron_rows(void) {
    return shared_apron ? apron_filled : BT_HISTORY_MAX;
}

/* The pages to show; NULL where that cannot be. Protecting them once, here,
 * saves a call for each column. */
static const void *nan_apron(void) {
    if (shared_apron)
        return apron_view;
    void *p = mmap(NULL, apron_bytes(), PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED)
        return NULL;
    shared_apron = p;
    column_apron_reach(APRON_FIRST);
    void *view = mremap(p, 0, apron_bytes(), MREMAP_MAYMOVE);
    if (view != MAP_FAILED && mprotect(view, apron_bytes(), PROT_READ) == 0)
        apron_view = view;
    return apron_view;
}

/* Show the pages at `from`, part of a shared mapping, at `to` as well. */
static int show_twice(const void *from, void *to, size_t bytes) {
    void *p = mremap((void *)from, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    return p == to;
}

static int put_memory(void *to, size_t bytes, int protection) {
    return mmap(to, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
                -1, 0) == to;
}

static int put_apron(unsigned char *to, enum column_apron apron) {
    size_t bytes = apron_bytes();
    if (apron == COLUMN_ZERO)
        return 1; /* what is reserved reads as zeros */
    const void *nans = nan_apron();
    if (nans && show_twice(nans, to, bytes))
        return 1;
    if (!put_memory(to, bytes, PROT_READ | PROT_WRITE))
        return 0;
    double *fill = (void *)to;
    for (size_t i = 0; i < bytes / sizeof *fill; i++)
        fill[i] = NAN;
    return mprotect(to, bytes, PROT_READ) == 0;
}

/* ---- columns --------------------------------------------------------------*/

static bt_status cannot_map(int64_t rows) {
    return fail_errno("cannot map a column of %lld rows", (long long)rows);
}

/* Reserve the range and put the apron into it. */
static bt_status reserve(int64_t rows, enum column_apron apron,
                         struct column *out) {
    size_t head = apron_bytes();
    size_t bytes = head + page_round((size_t)rows * sizeof(double));
    unsigned char *base =
        mmap(NULL, bytes, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return cannot_map(rows);
    *out = (struct column){base, bytes, (const void *)(base + head), 0};
    if (put_apron(base, apron))
        return BT_OK;
    bt_status s = cannot_map(rows);
    column_unmap(out);
    return s;
}

static size_t data_bytes(const struct column *c) {
    return c->bytes - apron_bytes();
}

bt_status column_make(int64_t rows, enum column_apron apron, struct column *out,
                      double **fill) {
    struct column c = {0};
    TRY(reserve(rows, apron, &c));
    if (!put_memory((void *)c.data, data_bytes(&c), PROT_READ | PROT_WRITE)) {
        bt_status s = cannot_map(rows);
        column_unmap(&c);
        return s;
    }
    c.own_bytes = data_bytes(&c);
    *fill = (double *)c.data;
    *out = c;
    return BT_OK;
}

void column_seal(struct column *c) {
    mprotect((void *)c->data, data_bytes(c), PROT_READ);
}

bt_status column_detach(struct column *c) {
    size_t bytes = data_bytes(c);
    void *values = mem_alloc(bytes);
    memcpy(values, c->data, bytes);
    int put = put_memory((void *)c->data, bytes, PROT_READ | PROT_WRITE);
    if (put) {
        memcpy((void *)c->data, values, bytes);
        column_seal(c);
        c->own_bytes = bytes;
    }
    free(values);
    return put ? BT_OK : cannot_map((int64_t)(bytes / sizeof(double)));
}

static bt_status copy(const struct column_file *f, int64_t offset, int64_t rows,
                      enum column_apron apron, struct column *out) {
    double *fill = NULL;
    bt_status s = column_make(rows, apron, out, &fill);
    if (fill == NULL)
        return s;
    memcpy(fill, f->base + offset, (size_t)rows * sizeof *fill);
    column_seal(out);
    return BT_OK;
}

bt_status column_map(const struct column_file *f, int64_t offset, int64_t rows,
                     enum column_apron apron, struct column *out) {
    struct column c = {0};
    if (page_round((size_t)offset) != (size_t)offset)
        return copy(f, offset, rows, apron, out);
    TRY(reserve(rows, apron, &c));
    if (show_twice(f->base + offset, (void *)c.data, data_bytes(&c))) {
        *out = c;
        return BT_OK;
    }
    column_unmap(&c);
    return copy(f, offset, rows, apron, out);
}

void column_unmap(struct column *c) {
    if (c->base)
        munmap(c->base, c->bytes);
    c->base = NULL;
    c->data = NULL;
}
