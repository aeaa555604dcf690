/* The rows of all symbols on their way through an ingest; see rows.c. */
#ifndef BT_STORE_ROWS_H
#define BT_STORE_ROWS_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A row as read and checked by itself. */
struct row {
    bt_time stamp; /* UTC */
    double v[5];   /* open, high, low, close, volume */
    uint32_t line;
    uint32_t file : 24;
    int32_t zone : 8; /* quarter hours east of UTC, as written */
};

enum { ROWS_FILES = 1 << 24 };

/* One symbol. Rows come in any order and leave sorted. */
struct series {
    char *symbol;
    struct row *rows; /* the block being filled */
    size_t count, cap;
    struct block *blocks; /* those full, in order */
    size_t block_count, block_cap;
    bt_time last;     /* stamp of the row added last */
    int32_t end;      /* session of the last bar, when bars are counted */
    int64_t total;    /* rows in all */
    int64_t backward; /* of them earlier than the row before */
    bool sorted;      /* rows in memory are */
    bool repeats;     /* a row is not later than the one before it */
    bool clean;       /* each row is a bar of its own */
    struct run *runs; /* those on disk */
    size_t run_count, run_cap;
};

struct rows {
    struct map *by_symbol;
    struct series **list; /* sorted by symbol after rows_finish */
    size_t count, cap;
    size_t bytes, budget; /* of the rows in memory */
    struct spare *spare;  /* blocks that are free */
    char *folder;
    int spill;       /* unlinked file, -1 */
    int64_t spilled; /* bytes in it */
};

/* folder: where rows that exceed budget bytes go, into a file without a name.
 */
void rows_init(struct rows *r, const char *folder, size_t budget);
void rows_fini(struct rows *r);
struct series *rows_series(struct rows *r, const char *symbol);
/* Make room for one more row of s, when count == cap. */
bt_status rows_reserve(struct rows *r, struct series *s);
/* Take in the row that stands at s->rows[s->count]. */
static inline void rows_put(struct series *s) {
    const struct row *row = &s->rows[s->count++];
    if (row->stamp <= s->last && s->total > 0) {
        bool back = row->stamp < s->last;
        s->sorted = s->sorted && !back;
        s->backward += back;
        s->repeats = true;
    }
    s->last = row->stamp;
    s->total++;
}
/* All rows are in: sort. */
void rows_finish(struct rows *r);

/* A series whose rows are all in memory, in order: its rows lie in
 * block_count + 1 pieces. */
static inline bool series_at_hand(const struct series *s) {
    return s->run_count == 0 && s->sorted;
}
/* The rows of piece i <= block_count; *n may be 0. */
const struct row *series_piece(const struct series *s, size_t i, size_t *n);

/* Rows of one series by (stamp, file, line). */
struct cursor {
    const struct row *at, *end; /* of a series that is in memory */
    const struct rows *rows;
    const struct series *series;
    struct stream *streams;  /* runs, then memory */
    size_t count, now;       /* now: the stream of the last row */
    const struct row *limit; /* it goes on up to here; NULL: to its end */
    bool known;              /* now and limit are */
    struct row kept[2];      /* rows given out of runs */
    int keep;
};

bt_status cursor_open(const struct rows *r, const struct series *s,
                      struct cursor *out);
bt_status cursor_find(struct cursor *c, const struct row **out);
void cursor_close(struct cursor *c);

/* The next row, NULL at the end. Borrowed until the call after the next. */
static inline bt_status cursor_next(struct cursor *c, const struct row **out) {
    if (c->at == c->end)
        return cursor_find(c, out);
    *out = c->at++;
    return BT_OK;
}

#endif
