/* Rows sorted by time within a fixed budget of memory.
 *
 * Rows collect in an array per symbol. When all arrays together exceed the
 * budget each is sorted and appended to one file as a run; a cursor merges a
 * symbol's runs and what is still in memory. The file has no name (O_TMPFILE,
 * or unlinked at once), so nothing is left of it whatever happens to the
 * process.
 *
 * Order is (stamp, file, line): rows of one instant stay as the files gave
 * them. Files are nearly always sorted already, forward or backward; that costs
 * one comparison a row, or one reversal.
 */
#include "store/rows.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/huge.h"
#include "store/scratch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows of the first and of the largest block; rows read from a run at a time.
 */
enum {
    MANY = 16,
    FIRST = 8,
    LARGEST = HUGE_PAGE / sizeof(struct row),
    READ = 256
};

_Static_assert(sizeof(struct row) == 56, "rows are kept in bulk");

struct block {
    struct row *rows;
    size_t count;
};

struct run {
    int64_t offset, count; /* bytes, rows */
};

void rows_init(struct rows *r, const char *folder, size_t budget) {
    memset(r, 0, sizeof *r);
    r->by_symbol = map_new();
    r->folder = mem_strdup(folder);
    r->budget = budget;
    r->spill = -1;
}

/* Blocks of the largest size are kept for the rows that follow: allocating
 * them anew, aligned as they are, leaves holes that nothing fits into. Of many
 * series each begins with small ones. */
struct spare {
    struct spare *next;
};

static void give(struct rows *r, struct row *rows, size_t cap) {
    struct spare *s = (struct spare *)rows;
    if (cap != LARGEST || r->count > MANY) {
        free(rows);
        return;
    }
    s->next = r->spare;
    r->spare = s;
}

static struct row *take(struct rows *r, size_t cap) {
    struct spare *s = cap == LARGEST ? r->spare : NULL;
    if (s == NULL)
        return huge_alloc(cap * sizeof(struct row));
    r->spare = s->next;
    return (struct row *)s;
}

static void free_blocks(struct rows *r, struct series *s) {
    for (size_t i = 0; i < s->block_count; i++)
        give(r, s->blocks[i].rows, s->blocks[i].count);
    give(r, s->rows, s->cap);
    s->rows = NULL;
    s->block_count = s->count = s->cap = 0;
}

static void free_spare(struct rows *r) {
    while (r->spare != NULL)
        free(take(r, LARGEST));
}

void rows_fini(struct rows *r) {
    for (size_t i = 0; i < r->count; i++) {
        free_blocks(r, r->list[i]);
        free(r->list[i]->blocks);
        free(r->list[i]->symbol);
        free(r->list[i]->runs);
        free(r->list[i]);
    }
    free_spare(r);
    free(r->list);
    map_free(r->by_symbol);
    free(r->folder);
    if (r->spill >= 0)
        close(r->spill);
}

struct series *rows_series(struct rows *r, const char *symbol) {
    struct series *s = map_get(r->by_symbol, symbol);
    if (s != NULL)
        return s;
    s = mem_zalloc(1, sizeof *s);
    s->symbol = mem_strdup(symbol);
    s->sorted = true;
    map_put(r->by_symbol, symbol, s);
    r->list = mem_grow(r->list, r->count, &r->cap, sizeof *r->list);
    r->list[r->count++] = s;
    return s;
}

static int compare_rows(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Newest first throughout: turn the array around. */
static bool reverse(struct row *rows, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (rows[i].stamp >= rows[i - 1].stamp)
            return false;
    for (size_t i = 0, k = count; i + 1 < k; i++) {
        struct row kept = rows[i];
        rows[i] = rows[--k];
        rows[k] = kept;
    }
    return true;
}

static size_t in_memory(const struct series *s) {
    size_t n = s->count;
    for (size_t i = 0; i < s->block_count; i++)
        n += s->blocks[i].count;
    return n;
}

/* Sort the rows in memory; sorting makes them one block. */
static void sort(struct rows *r, struct series *s) {
    if (s->sorted)
        return;
    size_t n = in_memory(s), at = 0;
    struct row *all = huge_alloc(n * sizeof *all);
    for (size_t i = 0; i < s->block_count; i++) {
        memcpy(all + at, s->blocks[i].rows, s->blocks[i].count * sizeof *all);
        at += s->blocks[i].count;
    }
    memcpy(all + at, s->rows, s->count * sizeof *all);
    free_blocks(r, s);
    if (!reverse(all, n))
        qsort(all, n, sizeof *all, compare_rows);
    s->rows = all;
    s->count = s->cap = n;
    s->sorted = true;
}

static bt_status open_spill(struct rows *r) {
    r->spill = scratch_file(r->folder);
    return r->spill >= 0
               ? BT_OK
               : fail_errno("cannot make a temporary file in %s", r->folder);
}

static bt_status append(struct rows *r, const void *bytes, size_t n) {
    const char *p = bytes;
    while (n > 0) {
        ssize_t k = pwrite(r->spill, p, n, r->spilled);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0) {
            errno = k == 0 ? ENOSPC : errno;
            return fail_errno("cannot write a temporary file in %s", r->folder);
        }
        p += k;
        n -= (size_t)k;
        r->spilled += k;
    }
    return BT_OK;
}

static bt_status spill_series(struct rows *r, struct series *s) {
    size_t n = in_memory(s);
    if (n == 0)
        return BT_OK;
    sort(r, s);
    s->runs = mem_grow(s->runs, s->run_count, &s->run_cap, sizeof *s->runs);
    s->runs[s->run_count++] = (struct run){r->spilled, (int64_t)n};
    for (size_t i = 0; i < s->block_count; i++)
        TRY(append(r, s->blocks[i].rows, s->blocks[i].count * sizeof *s->rows));
    TRY(append(r, s->rows, s->count * sizeof *s->rows));
    free_blocks(r, s);
    return BT_OK;
}

static bt_status spill(struct rows *r) {
    if (r->spill < 0)
        TRY(open_spill(r));
    for (size_t i = 0; i < r->count; i++)
        TRY(spill_series(r, r->list[i]));
    r->bytes = 0;
    return BT_OK;
}

bt_status rows_reserve(struct rows *r, struct series *s) {
    if (s->count < s->cap)
        return BT_OK;
    size_t more = s->cap < FIRST ? FIRST : 4 * s->cap;
    more = more < LARGEST ? more : LARGEST;
    /* Sorting takes as much again. */
    size_t budget = s->sorted ? r->budget : r->budget / 2;
    if (r->bytes + more * sizeof *s->rows > budget) {
        TRY(spill(r));
        more = FIRST;
    }
    if (s->count > 0) {
        s->blocks = mem_grow(s->blocks, s->block_count, &s->block_cap,
                             sizeof *s->blocks);
        s->blocks[s->block_count++] = (struct block){s->rows, s->count};
    }
    r->bytes += more * sizeof *s->rows;
    s->rows = take(r, more);
    s->count = 0;
    s->cap = more;
    return BT_OK;
}

static int compare_symbols(const void *a, const void *b) {
    const struct series *const *x = a, *const *y = b;
    return strcmp((*x)->symbol, (*y)->symbol);
}

void rows_finish(struct rows *r) {
    for (size_t i = 0; i < r->count; i++)
        sort(r, r->list[i]);
    free_spare(r);
    if (r->count > 1)
        qsort(r->list, r->count, sizeof *r->list, compare_symbols);
}

/* ---- cursor -----------------------------------------------------------------
 */

/* One sorted stretch: a run, read piece by piece, or the blocks in memory. */
struct stream {
    const struct row *at, *end;
    struct row *piece; /* of a run */
    int64_t offset, left;
    size_t block; /* the next block */
};

static bt_status read_piece(const struct cursor *c, struct stream *s) {
    size_t n = s->left < READ ? (size_t)s->left : READ;
    size_t bytes = n * sizeof *s->piece, done = 0;
    while (done < bytes) {
        ssize_t k = pread(c->rows->spill, (char *)s->piece + done, bytes - done,
                          s->offset + (int64_t)done);
        if (k < 0 && errno == EINTR)
            continue;
        if (k <= 0)
            return fail_errno("cannot read a temporary file in %s",
                              c->rows->folder);
        done += (size_t)k;
    }
    s->offset += (int64_t)bytes;
    s->left -= (int64_t)n;
    s->at = s->piece;
    s->end = s->piece + n;
    return BT_OK;
}

const struct row *series_piece(const struct series *s, size_t i, size_t *n) {
    bool last = i == s->block_count;
    *n = last ? s->count : s->blocks[i].count;
    return last ? s->rows : s->blocks[i].rows;
}

static void next_block(const struct cursor *c, struct stream *s) {
    size_t n;
    const struct row *rows = series_piece(c->series, s->block++, &n);
    s->at = rows;
    s->end = n > 0 ? rows + n : rows;
}

/* More rows for a stream that has come to the end of what it holds. */
static bt_status refill(const struct cursor *c, struct stream *s) {
    bool memory = s == &c->streams[c->count - 1];
    if (memory && s->block <= c->series->block_count)
        next_block(c, s);
    else if (!memory && s->left > 0)
        return read_piece(c, s);
    return BT_OK;
}

bt_status cursor_open(const struct rows *r, const struct series *s,
                      struct cursor *out) {
    struct cursor *c = out;
    memset(c, 0, sizeof *c);
    c->rows = r;
    c->series = s;
    c->count = s->run_count + 1;
    c->streams = mem_zalloc(c->count, sizeof *c->streams);
    bt_status status = BT_OK;
    for (size_t i = 0; i < s->run_count; i++) {
        c->streams[i].piece = mem_alloc(READ * sizeof *c->streams[i].piece);
        c->streams[i].offset = s->runs[i].offset;
        c->streams[i].left = s->runs[i].count;
    }
    for (size_t i = 0; i < c->count && status == BT_OK; i++)
        status = refill(c, &c->streams[i]);
    if (status != BT_OK)
        cursor_close(c);
    return status;
}

static bool is_before(const struct stream *a, const struct stream *b) {
    return b == NULL || compare_rows(a->at, b->at) < 0;
}

/* Find the stream whose next row comes first, and how far it may go before
 * another one's turn. Files are mostly sorted, so runs follow one another, and
 * this is done once for each. False: all streams are at their ends. */
static bool choose_stream(struct cursor *c) {
    const struct stream *best = NULL, *second = NULL;
    for (size_t i = 0; i < c->count; i++) {
        const struct stream *s = &c->streams[i];
        if (s->at == s->end)
            continue;
        if (is_before(s, best)) {
            second = best;
            best = s;
        } else if (is_before(s, second))
            second = s;
    }
    c->known = best != NULL;
    c->now = best != NULL ? (size_t)(best - c->streams) : 0;
    c->limit = second != NULL ? second->at : NULL;
    return c->known;
}

/* All in memory: hand the next block to cursor_next. */
static void take_block(struct cursor *c, const struct row **out) {
    struct stream *s = &c->streams[0];
    while (s->at == s->end && s->block <= c->series->block_count)
        next_block(c, s);
    c->at = s->at;
    c->end = s->end;
    s->at = s->end;
    *out = c->at < c->end ? c->at++ : NULL;
}

bt_status cursor_find(struct cursor *c, const struct row **out) {
    if (c->count == 1) {
        take_block(c, out);
        return BT_OK;
    }
    *out = NULL;
    struct stream *s = &c->streams[c->now];
    if (s->at == s->end)
        TRY(refill(c, s));
    bool same = c->known && s->at < s->end &&
                (c->limit == NULL || compare_rows(s->at, c->limit) < 0);
    if (!same && !choose_stream(c))
        return BT_OK;
    c->keep ^= 1;
    c->kept[c->keep] = *c->streams[c->now].at++;
    *out = &c->kept[c->keep];
    return BT_OK;
}

void cursor_close(struct cursor *c) {
    for (size_t i = 0; c->streams != NULL && i < c->count; i++)
        free(c->streams[i].piece);
    free(c->streams);
    c->streams = NULL;
}
