/* Rows sorted by time within a fixed budget of memory.
 *
 * Rows collect in blocks per symbol, each column by itself: those that come
 * next look at one column at a time, and what is stored is columns. When all
 * blocks together exceed the budget the rows of each symbol are sorted and
 * appended to one file as a run; a cursor merges a symbol's runs and what is
 * still in memory. The file has no name (O_TMPFILE, or unlinked at once), so
 * nothing is left of it whatever happens to the process.
 *
 * Order is (stamp, file, line): rows of one instant stay as the files gave
 * them. Files are nearly always sorted already, forward or backward; that costs
 * one comparison a row, or one reversal. Others are gathered into one array and
 * put back into their blocks, for which half of the budget is left.
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
 * All but the small blocks of a series begin at whole pages of its columns, so
 * that they are written to whole pages of a file. */
enum {
    MANY = 16,
    FIRST_ROWS = 8,
    SECOND_ROWS = 3 * FIRST_ROWS,
    PAGE = 4096 / sizeof(double),
    LARGEST = HUGE_PAGE / sizeof(struct row) / PAGE * PAGE,
    READ = 256
};

_Static_assert(sizeof(struct row) == 56, "rows are kept in bulk");

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

static void give(struct rows *r, struct block *b) {
    struct spare *s = (void *)b->columns;
    if (b->cap != LARGEST || r->count > MANY) {
        free(b->columns);
        return;
    }
    s->next = r->spare;
    r->spare = s;
}

static struct block take(struct rows *r, size_t cap) {
    struct spare *s = cap == LARGEST ? r->spare : NULL;
    if (s == NULL)
        return (struct block){huge_alloc(cap * sizeof(struct row)), 0, cap};
    r->spare = s->next;
    return (struct block){(void *)s, 0, cap};
}

static void free_blocks(struct rows *r, struct series *s) {
    for (size_t i = 0; i < s->block_count; i++)
        give(r, &s->blocks[i]);
    give(r, &s->now);
    s->now = (struct block){NULL, 0, 0};
    s->block_count = 0;
}

static void free_spare(struct rows *r) {
    while (r->spare != NULL)
        free(take(r, LARGEST).columns);
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
    size_t n = s->now.count;
    for (size_t i = 0; i < s->block_count; i++)
        n += s->blocks[i].count;
    return n;
}

/* The rows in memory one after the other. */
static void gather(const struct series *s, struct row *to) {
    for (size_t i = 0; i <= s->block_count; i++) {
        const struct block *b = series_piece(s, i);
        for (size_t k = 0; k < b->count; k++)
            block_get(b, k, to++);
    }
}

/* And back into the blocks that they came from. */
static void scatter(struct series *s, const struct row *from) {
    for (size_t i = 0; i <= s->block_count; i++) {
        struct block *b = i == s->block_count ? &s->now : &s->blocks[i];
        size_t n = b->count;
        for (b->count = 0; b->count < n; from++)
            block_put(b, from);
    }
}

/* Sort the rows in memory. */
static void sort(struct series *s) {
    if (s->sorted)
        return;
    size_t n = in_memory(s);
    struct row *all = huge_alloc(n * sizeof *all);
    gather(s, all);
    if (!reverse(all, n))
        qsort(all, n, sizeof *all, compare_rows);
    scatter(s, all);
    free(all);
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

static bt_status append_block(struct rows *r, const struct block *b) {
    struct row some[READ];
    for (size_t at = 0, n; at < b->count; at += n) {
        for (n = 0; n < READ && at + n < b->count; n++)
            block_get(b, at + n, &some[n]);
        TRY(append(r, some, n * sizeof *some));
    }
    return BT_OK;
}

static bt_status spill_series(struct rows *r, struct series *s) {
    size_t n = in_memory(s);
    if (n == 0)
        return BT_OK;
    sort(s);
    s->runs = mem_grow(s->runs, s->run_count, &s->run_cap, sizeof *s->runs);
    s->runs[s->run_count++] = (struct run){r->spilled, (int64_t)n};
    for (size_t i = 0; i <= s->block_count; i++)
        TRY(append_block(r, series_piece(s, i)));
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

/* Three times as many as there are before, until blocks are large. */
static size_t next_size(size_t cap) {
    if (cap <= FIRST_ROWS)
        return cap == 0 ? FIRST_ROWS : SECOND_ROWS;
    return 4 * cap < LARGEST ? 4 * cap : LARGEST;
}

bt_status rows_reserve(struct rows *r, struct series *s) {
    size_t more = next_size(s->now.cap);
    /* Sorting takes as much again. */
    size_t budget = s->sorted ? r->budget : r->budget / 2;
    if (r->bytes + more * sizeof(struct row) > budget) {
        TRY(spill(r));
        more = FIRST_ROWS;
    }
    if (s->now.count > 0) {
        s->blocks = mem_grow(s->blocks, s->block_count, &s->block_cap,
                             sizeof *s->blocks);
        s->blocks[s->block_count++] = s->now;
    }
    r->bytes += more * sizeof(struct row);
    s->now = take(r, more);
    return BT_OK;
}

static int compare_symbols(const void *a, const void *b) {
    const struct series *const *x = a, *const *y = b;
    return strcmp((*x)->symbol, (*y)->symbol);
}

void rows_finish(struct rows *r) {
    for (size_t i = 0; i < r->count; i++)
        sort(r->list[i]);
    free_spare(r);
    if (r->count > 1)
        qsort(r->list, r->count, sizeof *r->list, compare_symbols);
}

/* ---- cursor -----------------------------------------------------------------
 */

/* One sorted stretch: a run, read piece by piece, or the blocks in memory. */
struct stream {
    const struct row *at, *end;
    struct row *piece; /* of a run, or a row of a block */
    int64_t offset, left;
    size_t block, row; /* the next row in memory */
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

/* The next row in memory; at the end none. */
static void next_row(const struct cursor *c, struct stream *s) {
    const struct block *b = series_piece(c->series, s->block);
    while (s->row == b->count && s->block < c->series->block_count) {
        b = series_piece(c->series, ++s->block);
        s->row = 0;
    }
    s->at = s->end = s->piece;
    if (s->row < b->count) {
        block_get(b, s->row++, s->piece);
        s->end++;
    }
}

/* More rows for a stream that has come to the end of what it holds. */
static bt_status refill(const struct cursor *c, struct stream *s) {
    bool memory = s == &c->streams[c->count - 1];
    if (memory)
        next_row(c, s);
    else if (s->left > 0)
        return read_piece(c, s);
    return BT_OK;
}

bt_status cursor_open(const struct rows *r, const struct series *s,
                      struct cursor *out) {
    struct cursor *c = out;
    memset(c, 0, sizeof *c);
    c->rows = r;
    c->series = s;
    bt_status status = BT_OK;
    if (s->run_count == 0)
        return BT_OK;
    c->count = s->run_count + 1;
    c->streams = mem_zalloc(c->count, sizeof *c->streams);
    for (size_t i = 0; i < c->count; i++)
        c->streams[i].piece = mem_alloc(READ * sizeof *c->streams[i].piece);
    for (size_t i = 0; i < s->run_count; i++) {
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

/* All in memory: the next block for cursor_next. False: it was the last. */
static bool take_block(struct cursor *c) {
    do {
        if (c->next > c->series->block_count)
            return false;
        c->block = series_piece(c->series, c->next++);
        c->at = 0;
    } while (c->block->count == 0);
    return true;
}

bt_status cursor_find(struct cursor *c, const struct row **out) {
    if (c->count == 0 && take_block(c))
        return cursor_next(c, out);
    *out = NULL;
    if (c->count == 0)
        return BT_OK;
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
