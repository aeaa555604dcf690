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
    union {
        struct {
            uint32_t line;
            uint32_t file : 24;
            int32_t zone : 8; /* quarter hours east of UTC, as written */
        };
        uint64_t origin;
    };
};

/* Of a row in UTC. What is read in one piece is written in one: the processor
 * is slow to put it together. */
static inline uint64_t row_origin(uint32_t line, uint32_t file) {
    return line | (uint64_t)file << 32;
}

/* Rows by column: the stamps, the five values, the origins, each [cap]. */
struct block {
    double *columns;
    size_t count, cap;
};
enum { ROW_COLUMNS = 7 };

static inline bt_time *block_stamps(const struct block *b) {
    return (bt_time *)(void *)b->columns;
}

static inline double *block_values(const struct block *b, int field) {
    return b->columns + (size_t)(1 + field) * b->cap;
}

static inline uint64_t *block_origins(const struct block *b) {
    return (uint64_t *)(void *)(b->columns + 6 * b->cap);
}

static inline void block_get(const struct block *b, size_t i, struct row *out) {
    out->stamp = block_stamps(b)[i];
    for (int k = 0; k < 5; k++)
        out->v[k] = block_values(b, k)[i];
    out->origin = block_origins(b)[i];
}

static inline void block_put(struct block *b, const struct row *row) {
    double *at = b->columns + b->count++;
    *(bt_time *)(void *)at = row->stamp;
    for (int k = 0; k < 5; k++)
        *(at += b->cap) = row->v[k];
    *(uint64_t *)(void *)(at + b->cap) = row->origin;
}

enum { ROWS_FILES = 1 << 24 };

/* One symbol. Rows come in any order and leave sorted. */
struct series {
    char *symbol;
    struct block now;     /* the one being filled */
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
/* Make room for one more row of s, whose block is full. */
bt_status rows_reserve(struct rows *r, struct series *s);
/* Take in a copy of the row. */
static inline bt_status rows_put(struct rows *r, struct series *s,
                                 const struct row *row) {
    if (s->now.count == s->now.cap) {
        bt_status status = rows_reserve(r, s);
        if (status != BT_OK)
            return status;
    }
    block_put(&s->now, row);
    if (row->stamp <= s->last && s->total > 0) {
        bool back = row->stamp < s->last;
        s->sorted = s->sorted && !back;
        s->backward += back;
        s->repeats = true;
    }
    s->last = row->stamp;
    s->total++;
    return BT_OK;
}
/* All rows are in: sort. */
void rows_finish(struct rows *r);

/* A series whose rows are all in memory, in order: its rows lie in
 * block_count + 1 pieces. */
static inline bool series_at_hand(const struct series *s) {
    return s->run_count == 0 && s->sorted;
}
/* Piece i <= block_count; it may be empty. */
static inline const struct block *series_piece(const struct series *s,
                                               size_t i) {
    return i == s->block_count ? &s->now : &s->blocks[i];
}

/* Rows of one series by (stamp, file, line). */
struct cursor {
    const struct block *block; /* of a series that is in memory */
    size_t at;                 /* in it */
    const struct rows *rows;
    const struct series *series;
    struct stream *streams;  /* runs, then memory */
    size_t count, now;       /* now: the stream of the last row */
    const struct row *limit; /* it goes on up to here; NULL: to its end */
    bool known;              /* now and limit are */
    size_t next;             /* the block after this one */
    struct row kept[2];      /* rows given out */
    int keep;
};

/* errors BT_E_IO: what was written to disk cannot be read */
bt_status cursor_open(const struct rows *r, const struct series *s,
                      struct cursor *out);
bt_status cursor_find(struct cursor *c, const struct row **out);
void cursor_close(struct cursor *c);

/* The next row, NULL at the end. Borrowed until the call after the next. */
static inline bt_status cursor_next(struct cursor *c, const struct row **out) {
    if (c->block == NULL || c->at == c->block->count)
        return cursor_find(c, out);
    c->keep ^= 1;
    block_get(c->block, c->at++, &c->kept[c->keep]);
    *out = &c->kept[c->keep];
    return BT_OK;
}

#endif
