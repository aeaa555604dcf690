/* Windows may begin before the first session: what they show there is an apron
 * of BT_HISTORY_MAX NaN (zeros for volume) that lies directly before the column
 * in memory, so that no window is ever copied and no read is ever a special
 * case.
 *
 *     base                          data
 *     | apron, whole pages          | the column's pages of the file |
 *
 * A range of addresses is reserved first, then the pieces are put into it, in
 * one of two ways:
 *
 *   shown    mremap with an old size of 0 shows pages of a shared mapping a
 *            second time, at a place of our choice: the file's, and 800 KB of
 *            NaN that all columns share. So nothing of it is private memory, no
 *            descriptor and no name of a file is needed when a column is first
 *            asked for, and a bundle that was replaced or removed meanwhile
 *            stays readable. But each piece is a mapping, of which a process
 *            may have 65,530.
 *   own      private memory: what is derived, what cannot be shown (pages that
 *            are larger than the file's alignment), and what a file holds once
 *            half of the mappings are taken. Neighbours of this kind are one
 *            mapping for the system, so there may be any number of them.
 *
 * Of an apron only the end is filled that somebody asked for, in whole pages;
 * filling all would be a fifth of a cold run, and 800 KB for each own column.
 * What nobody asked for reads as zeros.
 *
 * Cost: three system calls for a shown column, four and its copy for an own
 * one; and two for each own one whenever windows reach further back.
 */
#define _GNU_SOURCE
#include "store/column.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
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

/* ---- how many mappings there are ------------------------------------------*/

#define MOST_MAPPINGS "/proc/sys/vm/max_map_count"

/* A few need no look at what the system allows, which is the usual number
 * unless somebody changed it. */
enum { MAPPINGS_FEW = 8192, MAPPINGS_USUAL = 65530 };

static int64_t mappings; /* of files and of shown columns */

/* Behind a worker's fence no file can be read. */
static int64_t most_mappings(void) {
    static int64_t most;
    char line[32] = "";
    FILE *f = most == 0 ? fopen(MOST_MAPPINGS, "re") : NULL;
    if (f && fgets(line, sizeof line, f))
        most = strtoll(line, NULL, 10);
    if (f)
        fclose(f);
    if (most <= 0)
        most = MAPPINGS_USUAL;
    return most;
}

/* The other half is for all else: the heaps of Lua and of C, what is closed but
 * may still be looked at. */
static bool is_crowded(void) {
    return mappings >= MAPPINGS_FEW && mappings >= most_mappings() / 2;
}

/* ---- whole files ----------------------------------------------------------*/

static bt_status cannot_map_file(const char *path, size_t bytes) {
    if (errno == ENOMEM && is_crowded())
        return fail(BT_E_IO,
                    "cannot map %s: too many mappings; this process has %lld "
                    "and the system allows %lld: open fewer bundles at a time, "
                    "or raise the bound as root: sysctl -w "
                    "vm.max_map_count=%lld",
                    path, (long long)mappings, (long long)most_mappings(),
                    4 * (long long)most_mappings());
    return fail_errno("cannot map %s (%zu bytes)", path, bytes);
}

bt_status column_file_map(int fd, size_t bytes, const char *path,
                          struct column_file *out) {
    void *p = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return cannot_map_file(path, bytes);
    mappings++;
    *out = (struct column_file){p, bytes};
    return BT_OK;
}

void column_file_unmap(struct column_file *f) {
    if (f->base) {
        munmap((void *)f->base, f->bytes);
        mappings--;
    }
    f->base = NULL;
}

/* ---- aprons ---------------------------------------------------------------*/

enum { APRON_FIRST = 512 }; /* rows, a page */

/* How many of an apron's last values are NaN. */
static int32_t apron_filled = APRON_FIRST;

/* One for all shown columns of the process and of the workers forked from it. A
 * worker may fill what another has filled. */
static double *shared_apron;
static const void *apron_view; /* the same pages, read-only */

/* The own columns with an apron of NaN. */
static struct column **owned;
static size_t owned_count, owned_room;

static void fill_nan(double *data, int32_t from, int32_t until) {
    for (int32_t i = from; i < until; i++)
        data[i] = NAN;
}

static void enlist(struct column *c) {
    owned = mem_grow(owned, owned_count, &owned_room, sizeof *owned);
    owned[owned_count++] = c;
    c->place = owned_count;
}

static void strike_off(struct column *c) {
    struct column *last = owned[--owned_count];
    owned[c->place - 1] = last;
    last->place = c->place;
    c->place = 0;
}

/* The apron's pages that hold the last rows. */
static size_t pages_of(int32_t rows) {
    return page_round((size_t)rows * sizeof(double));
}

/* What may be written counts as the process's memory. */
static bool protect(void *at, size_t bytes, int protection) {
    return mprotect(at, bytes, protection) == 0 ||
           (mem_raise_limit(bytes) && mprotect(at, bytes, protection) == 0);
}

static void protect_or_die(void *at, size_t bytes, int protection) {
    if (!protect(at, bytes, protection))
        mem_exhausted(bytes);
}

static void reach_further(struct column *c, int32_t rows) {
    size_t bytes = pages_of(rows);
    unsigned char *from = (unsigned char *)c->data - bytes;
    protect_or_die(from, bytes, PROT_READ | PROT_WRITE);
    fill_nan((double *)c->data, -rows, -apron_filled);
    protect_or_die(from, bytes, PROT_READ);
}

void column_apron_reach(int32_t rows) {
    if (rows <= apron_filled)
        return;
    int32_t want = rows > 2 * apron_filled ? rows : 2 * apron_filled;
    if (want > BT_HISTORY_MAX)
        want = BT_HISTORY_MAX;
    if (shared_apron)
        fill_nan(shared_apron + apron_bytes() / sizeof *shared_apron, -want,
                 -apron_filled);
    for (size_t i = 0; i < owned_count; i++)
        reach_further(owned[i], want);
    apron_filled = want;
}

int32_t column_apron_rows(void) {
    return apron_filled;
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
    fill_nan(shared_apron + apron_bytes() / sizeof *shared_apron, -apron_filled,
             0);
    void *view = mremap(p, 0, apron_bytes(), MREMAP_MAYMOVE);
    if (view != MAP_FAILED && mprotect(view, apron_bytes(), PROT_READ) == 0)
        apron_view = view;
    return apron_view;
}

/* ---- columns --------------------------------------------------------------*/

static bt_status cannot_map(int64_t rows) {
    return fail_errno("cannot map a column of %lld rows", (long long)rows);
}

/* All of it reads as zeros, and is nobody's memory yet. */
static bt_status reserve(int64_t rows, struct column *out) {
    size_t head = apron_bytes();
    size_t bytes = head + page_round((size_t)rows * sizeof(double));
    unsigned char *base =
        mmap(NULL, bytes, PROT_READ,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return cannot_map(rows);
    *out = (struct column){
        .base = base, .bytes = bytes, .data = (const void *)(base + head)};
    return BT_OK;
}

static size_t data_bytes(const struct column *c) {
    return c->bytes - apron_bytes();
}

/* ---- own ones -------------------------------------------------------------*/

bt_status column_make(int64_t rows, enum column_apron apron, struct column *out,
                      double **fill) {
    struct column c = {0};
    TRY(reserve(rows, &c));
    size_t head = apron == COLUMN_NAN ? pages_of(apron_filled) : 0;
    c.own_bytes = head + data_bytes(&c);
    /* Large pages would fill the aprons between neighbours with zeros. */
    (void)madvise(c.base, c.bytes, MADV_NOHUGEPAGE);
    if (!protect((unsigned char *)c.data - head, c.own_bytes,
                 PROT_READ | PROT_WRITE)) {
        bt_status s = cannot_map(rows);
        column_unmap(&c);
        return s;
    }
    *fill = (double *)c.data;
    *out = c;
    if (apron == COLUMN_NAN) {
        fill_nan(*fill, -apron_filled, 0);
        enlist(out);
    }
    return BT_OK;
}

void column_seal(struct column *c) {
    protect_or_die(c->base, c->bytes, PROT_READ);
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

/* ---- shown ones -----------------------------------------------------------*/

/* Show the pages at `from`, part of a shared mapping, at `to` as well. */
static bool show_twice(const void *from, const void *to, size_t bytes) {
    return mremap((void *)from, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED,
                  (void *)to) == to;
}

static bool show(const struct column_file *f, int64_t offset,
                 enum column_apron apron, struct column *c) {
    const void *nans = apron == COLUMN_NAN ? nan_apron() : NULL;
    if (apron == COLUMN_NAN &&
        (nans == NULL || !show_twice(nans, c->base, apron_bytes())))
        return false;
    return show_twice(f->base + offset, c->data, data_bytes(c));
}

bt_status column_map(const struct column_file *f, int64_t offset, int64_t rows,
                     enum column_apron apron, struct column *out) {
    struct column c = {0};
    if (page_round((size_t)offset) != (size_t)offset || is_crowded())
        return copy(f, offset, rows, apron, out);
    TRY(reserve(rows, &c));
    if (show(f, offset, apron, &c)) {
        c.mappings = 2;
        mappings += c.mappings;
        *out = c;
        return BT_OK;
    }
    column_unmap(&c);
    return copy(f, offset, rows, apron, out);
}

bt_status column_detach(struct column *c) {
    size_t bytes = data_bytes(c);
    void *values = mem_alloc(bytes);
    memcpy(values, c->data, bytes);
    bool put = mmap((void *)c->data, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == c->data;
    if (put) {
        memcpy((void *)c->data, values, bytes);
        protect_or_die((void *)c->data, bytes, PROT_READ);
        c->own_bytes = bytes;
    }
    free(values);
    return put ? BT_OK : cannot_map((int64_t)(bytes / sizeof(double)));
}

void column_unmap(struct column *c) {
    if (c->place)
        strike_off(c);
    if (c->base)
        munmap(c->base, c->bytes);
    mappings -= c->mappings;
    *c = (struct column){0};
}
