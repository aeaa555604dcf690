/* Any bytes as a file of bars: what must hold whatever they are.
 *
 * An ingest ends with a message or with every row accounted for. Rows that the
 * parser accepts, written down again in the plainest way, are read back equal.
 */
#ifndef BT_SPEC_FUZZ_CSV_H
#define BT_SPEC_FUZZ_CSV_H

#include "backlua.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/mem.h"
#include "base/num.h"
#include "store/parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_HOLDS(x)                                                          \
    do                                                                         \
        if (!(x)) {                                                            \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__,   \
                    #x);                                                       \
            abort();                                                           \
        }                                                                      \
    while (0)

/* A file in memory; at: its path, valid in this process. */
static int fuzz_file(const char *bytes, size_t n, char at[64]) {
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_HOLDS(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(at, 64, "/proc/self/fd/%d", fd);
    return fd;
}

/* Options that depend on the bytes and nothing else. */
static bt_ingest_options fuzz_options(const char *bytes, size_t n) {
    static const char *const zones[] = {NULL, "America/New_York", "UTC-5"};
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    h ^= h >> 29;
    return (bt_ingest_options){.bundle = "fuzz",
                               .folder = "/tmp",
                               .dry_run = 1,
                               .symbol = h & 1 ? "S" : NULL,
                               .skip_bad = (h >> 1) & 1,
                               .frequency = (h >> 2) & 1 ? "1d" : NULL,
                               .stamp = (int32_t)((h >> 3) % 3),
                               .dates = (int32_t)((h >> 6) % 3),
                               .adjusted = (int32_t)((h >> 9) & 3),
                               .zone = zones[(h >> 12) % 3],
                               .memory_mb = (h >> 16) & 1 ? 0.001 : 0};
}

static void fuzz_ingest(const char *path, const bt_ingest_options *o) {
    bt_ingest *g;
    if (bt_ingest_open(o, &g) != BT_OK)
        abort();
    int32_t step = BT_INGEST_MORE;
    bt_status s = bt_ingest_add(g, path);
    while (s == BT_OK && step == BT_INGEST_MORE)
        step = bt_ingest_step(g);
    s = s == BT_OK ? bt_ingest_status(g) : s;
    const bt_ingest_report *r = bt_ingest_get_report(g);
    if (s != BT_OK)
        FUZZ_HOLDS(bt_error_message()[0] != '\0');
    else
        FUZZ_HOLDS(r->rows ==
                       r->stored + r->duplicates + r->rejected + r->empty &&
                   (r->rejected == 0 || o->skip_bad));
    bt_ingest_close(g);
}

/* The rows of a file; false when its header makes no sense. */
static bool fuzz_parse(int fd, struct rows *rows, struct rejects *rejects) {
    const struct layout_wish wish = {.day = STAMP_NONE};
    const struct origin from = {"f", fd, NULL};
    struct source *source;
    struct csv csv;
    struct parser p;
    bool more = true;
    if (source_open(&from, &source) != BT_OK)
        return false;
    csv_init(&csv, source);
    struct layout *l = mem_alloc(sizeof *l);
    bool good = layout_read(&csv, "f", &wish, l) == BT_OK;
    if (good && l->columns > 0 && l->at[ROLE_CLOSE] >= 0) {
        parse_init(&p, "f", 0, &csv, l, rows, NULL, rejects);
        if (l->at[ROLE_SYMBOL] < 0)
            p.series = rows_series(rows, "S");
        while (good && more)
            good = parse_window(&p) == BT_OK && csv_fill(&csv, &more) == BT_OK;
        parse_fini(&p);
    }
    if (l->columns > 0)
        layout_fini(l);
    free(l);
    csv_fini(&csv);
    rows_finish(rows);
    return good;
}

static void fuzz_write_row(struct buf *b, const char *symbol,
                           const struct row *row) {
    char text[64];
    buf_chr(b, '"');
    for (; *symbol != '\0'; symbol++) {
        buf_chr(b, *symbol);
        if (*symbol == '"')
            buf_chr(b, '"');
    }
    date_format_time(row->stamp, text);
    buf_printf(b, "\",%s", text);
    for (int i = 0; i < 5; i++) {
        num_format(row->v[i], text);
        buf_printf(b, ",%s", text);
    }
    buf_chr(b, '\n');
}

static void fuzz_write(const struct rows *rows, struct buf *b) {
    buf_str(b, "symbol,datetime,open,high,low,close,volume\n");
    for (size_t i = 0; i < rows->count; i++) {
        struct cursor c;
        const struct row *row;
        FUZZ_HOLDS(cursor_open(rows, rows->list[i], &c) == BT_OK);
        FUZZ_HOLDS(cursor_next(&c, &row) == BT_OK);
        while (row != NULL) {
            fuzz_write_row(b, rows->list[i]->symbol, row);
            FUZZ_HOLDS(cursor_next(&c, &row) == BT_OK);
        }
        cursor_close(&c);
    }
}

/* Written down, read back, written down again: the same text. */
static void fuzz_round_trip(int fd) {
    struct rows rows;
    struct rejects rejects;
    struct buf first, second;
    char at[64];
    rows_init(&rows, "/tmp", 1 << 30);
    rejects_init(&rejects);
    buf_init(&first);
    buf_init(&second);
    bool good = fuzz_parse(fd, &rows, &rejects);
    fuzz_write(&rows, &first);
    size_t series = rows.count;
    rows_fini(&rows);
    rejects_fini(&rejects);
    if (good && series > 0 && strchr(first.data, '\n')[1] != '\0') {
        int again = fuzz_file(first.data, first.len, at);
        rows_init(&rows, "/tmp", 1 << 30);
        rejects_init(&rejects);
        FUZZ_HOLDS(fuzz_parse(again, &rows, &rejects));
        FUZZ_HOLDS(rejects.count == 0);
        fuzz_write(&rows, &second);
        FUZZ_HOLDS(first.len == second.len &&
                   memcmp(first.data, second.data, first.len) == 0);
        rows_fini(&rows);
        rejects_fini(&rejects);
        close(again);
    }
    buf_fini(&first);
    buf_fini(&second);
}

static void fuzz_csv(const char *bytes, size_t n) {
    char path[64];
    int fd = fuzz_file(bytes, n, path);
    bt_ingest_options o = fuzz_options(bytes, n);
    fuzz_ingest(path, &o);
    fuzz_round_trip(fd);
    close(fd);
}

#endif
