/* Separated text in a sliding window.
 *
 * The window holds up to CSV_RECORD bytes, reads 256 KiB at a time (64 KiB the
 * first time, which is all that who looks at the header needs), and always
 * has a line feed at the end of the last record, added if the file has none: a
 * scanner that stops at anything unexpected cannot run out of it. Most rows of
 * bars are scanned in place by store/quick.c; csv_record is for headers, for
 * rows that are out of the ordinary, and for files of other things (csv_each).
 *
 * Quoting is RFC 4180: a cell that begins with a quote ends at the next lone
 * one; two in a row are a quote, separators and line feeds inside are text. A
 * quote that is not closed within 64 KiB or by the end of the file is reported
 * as such and costs one line, not the rest of the file.
 */
#define _GNU_SOURCE /* memrchr */
#include "store/csv.h"

#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 1 << 16, CHUNK = 1 << 18, SLACK = 64, QUOTED_MAX = 1 << 16 };

void csv_init(struct csv *c, struct source *s) {
    memset(c, 0, sizeof *c);
    c->source = s;
    c->cap = CSV_RECORD + CHUNK;
    c->data = mem_alloc(c->cap + SLACK);
    c->line = 1;
}

void csv_fini(struct csv *c) {
    source_close(c->source);
    free(c->data);
    memset(c, 0, sizeof *c);
}

static void find_whole(struct csv *c) {
    const char *last = memrchr(c->data + c->begin, '\n', c->end - c->begin);
    c->whole = last ? (size_t)(last - c->data) + 1 : c->begin;
}

/* The last line of a file may lack its line feed. */
static void finish(struct csv *c) {
    c->eof = true;
    if (c->end > c->begin && c->data[c->end - 1] != '\n')
        c->data[c->end++] = '\n';
    c->whole = c->end;
}

bt_status csv_fill(struct csv *c, bool *more) {
    size_t rest = c->end - c->begin, got = 0;
    memmove(c->data, c->data + c->begin, rest);
    c->begin = 0;
    c->end = rest;
    if (!c->eof) {
        if (rest > CSV_RECORD)
            return fail(BT_E_DATA,
                        "line %u is longer than %d bytes; this is no table of "
                        "bars",
                        c->line, CSV_RECORD);
        bool first = source_done(c->source) == 0;
        TRY(source_read(c->source, c->data + rest, first ? FIRST : CHUNK,
                        &got));
        c->end += got;
        if (got == 0)
            finish(c);
        else
            find_whole(c);
        memset(c->data + c->end, 0, SLACK);
    }
    *more = c->end > 0;
    return BT_OK;
}

static bool is_blank(char ch) {
    return ch == ' ' || ch == '\t' || ch == '\r';
}

bool csv_is_blank(const struct csv *c, size_t *next) {
    size_t i = c->begin;
    while (i < c->end && is_blank(c->data[i]))
        i++;
    if (i < c->end && c->data[i] == '\n')
        *next = i + 1;
    return i < c->end && c->data[i] == '\n';
}

/* Behind the quote that closes the cell whose text begins at p; NULL when there
 * is none before limit. */
static char *quoted_end(char *p, const char *limit) {
    while ((p = memchr(p, '"', (size_t)(limit - p))) != NULL) {
        if (p + 1 >= limit || p[1] != '"')
            return p + 1;
        p += 2;
        if (p >= limit)
            return NULL;
    }
    return NULL;
}

/* The text of a quoted cell, its double quotes made single in place. */
static void unquote(struct cell *cell) {
    char *to = cell->text;
    for (size_t i = 0; i < cell->n; i++) {
        i += cell->text[i] == '"';
        *to++ = cell->text[i];
    }
    cell->n = (size_t)(to - cell->text);
}

static void trim(struct cell *cell) {
    while (cell->n > 0 && is_blank(cell->text[0])) {
        cell->text++;
        cell->n--;
    }
    while (cell->n > 0 && is_blank(cell->text[cell->n - 1]))
        cell->n--;
}

static char *cell_end(char *p, char separator) {
    while (*p != separator && *p != '\n')
        p++;
    return p;
}

/* Find the cell at p. Returns the separator or line feed behind it, NULL when a
 * quote is not closed before end. Changes nothing. */
static char *find_cell(char *p, const char *end, char separator,
                       struct cell *cell) {
    char *start = p;
    while (*p != separator && (*p == ' ' || *p == '\t'))
        p++;
    if (*p != '"') {
        p = cell_end(p, separator);
        *cell = (struct cell){.text = start, .n = (size_t)(p - start)};
        return p;
    }
    const char *limit = end - p > QUOTED_MAX ? p + QUOTED_MAX : end;
    char *rest = quoted_end(p + 1, limit);
    if (rest == NULL)
        return NULL;
    *cell = (struct cell){
        .text = p + 1, .n = (size_t)(rest - p - 2), .quoted = true};
    p = cell_end(rest, separator);
    for (char *tail = rest; tail < p; tail++)
        cell->torn |= !is_blank(*tail);
    return p;
}

static void finish_cells(struct cell *cells, size_t count, uint32_t *lines) {
    for (size_t i = 0; i < count && i < CSV_COLUMNS; i++) {
        if (cells[i].quoted) {
            for (size_t k = 0; k < cells[i].n; k++)
                *lines += cells[i].text[k] == '\n';
            unquote(&cells[i]);
        }
        trim(&cells[i]);
    }
}

enum csv_result csv_record(struct csv *c, char separator, struct cell *cells,
                           size_t *count, size_t *next, uint32_t *lines) {
    char *p = c->data + c->begin, *end = c->data + c->whole;
    size_t n = 0;
    *lines = 1;
    if (p >= end)
        return CSV_MORE;
    for (;; p++) {
        struct cell cell;
        char *from = p;
        p = find_cell(p, end, separator, &cell);
        if (p == NULL && !c->eof && end - from < QUOTED_MAX)
            return CSV_MORE;
        if (p == NULL) {
            p = memchr(c->data + c->begin, '\n', c->end - c->begin);
            *next = (size_t)(p - c->data) + 1;
            return CSV_UNCLOSED;
        }
        if (n < CSV_COLUMNS)
            cells[n] = cell;
        n++;
        if (*p == '\n')
            break;
    }
    finish_cells(cells, n, lines);
    *count = n;
    *next = (size_t)(p - c->data) + 1;
    return CSV_RECORD_OK;
}

static bt_status window_each(struct csv *c, char separator, struct cell *cells,
                             csv_row *row, void *ctx) {
    while (c->begin < c->whole) {
        size_t count, next = c->begin;
        uint32_t lines = 1;
        if (!csv_is_blank(c, &next)) {
            enum csv_result result =
                csv_record(c, separator, cells, &count, &next, &lines);
            if (result == CSV_MORE)
                return BT_OK;
            TRY(row(ctx, result == CSV_UNCLOSED ? 0 : count));
        }
        c->begin = next;
        c->line += lines;
    }
    return BT_OK;
}

bt_status csv_each(struct csv *c, char separator, struct cell *cells,
                   csv_row *row, void *ctx) {
    for (bool more = true; more;) {
        TRY(window_each(c, separator, cells, row, ctx));
        TRY(csv_fill(c, &more));
    }
    return BT_OK;
}
