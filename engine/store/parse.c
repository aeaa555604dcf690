/* From text to rows, and what is wrong with those that are none.
 *
 * quick_row takes nearly all rows. What it is not sure of comes here: the
 * record is taken apart into cells, with quotes, blanks and every form of
 * number and date, and is accepted or rejected with the cell and the reason. A
 * row costs one rejection, for its first bad cell from the left; the order of
 * the prices is looked at when every cell is good.
 */
#include "store/parse.h"

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/quick.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void parse_init(struct parser *p, const char *path, uint32_t file,
                struct csv *csv, const struct layout *layout, struct rows *rows,
                struct series *series, struct rejects *rejects) {
    memset(p, 0, sizeof *p);
    p->path = path;
    p->file = file;
    p->csv = csv;
    p->layout = layout;
    p->rules = layout->first;
    p->rows = rows;
    p->series = series;
    p->rejects = rejects;
    p->cells = mem_alloc(CSV_COLUMNS * sizeof *p->cells);
    memcpy(p->day_text, "1970-01-01", 10); /* p->day is 0 */
}

void parse_fini(struct parser *p) {
    free(p->cells);
}

/* ---- the careful way ----------------------------------------------------- */

static void reject(struct parser *p, uint32_t line, int column,
                   const struct cell *cell, const char *why) {
    struct buf where;
    buf_init(&where);
    buf_printf(&where, "%s:%u: ", p->path, line);
    layout_column(p->layout, column, &where);
    rejects_add(p->rejects, p->file, line, where.data, cell ? cell->text : "",
                cell ? cell->n : 0, why);
    buf_fini(&where);
}

static bool is_word(const struct cell *c, const char *word) {
    return c->n == strlen(word) && strncasecmp(c->text, word, c->n) == 0;
}

/* A number whose exponent takes it out of the range of doubles. */
static bool is_too_large(const struct cell *c) {
    double v;
    size_t n = 0;
    while (n < c->n && (c->text[n] | 0x20) != 'e')
        n++;
    if (n == c->n || !num_parse(c->text, n, &v))
        return false;
    int64_t exponent;
    n += n + 1 < c->n && c->text[n + 1] == '+' ? 2 : 1;
    return num_parse_int(c->text + n, c->n - n, &exponent) && exponent > 0;
}

static const char *not_a_number(const struct cell *c) {
    if (c->n == 0)
        return "empty";
    if (is_word(c, "nan") || is_word(c, "inf") || is_word(c, "-inf") ||
        is_word(c, "infinity") || is_word(c, "-infinity"))
        return "not finite";
    if (memchr(c->text, ',', c->n) != NULL)
        return "not a number (numbers are written 1234.5, without comma)";
    return is_too_large(c) ? "too large a number" : "not a number";
}

static const char *careful_number(const struct cell *c, enum role role,
                                  double *out) {
    double v;
    if (!num_parse(c->text, c->n, &v))
        return not_a_number(c);
    if (!isfinite(v))
        return "not finite";
    if (role == ROLE_VOLUME) {
        if (v < 0)
            return "a volume cannot be negative";
        if (v > PARSE_VOLUME_MAX)
            return "a volume must be at most 1e18";
        v += 0.0; /* -0 */
    } else {
        if (v <= 0)
            return "a price must be greater than 0";
        if (v > PARSE_PRICE_MAX)
            return "a price must be at most 1e15";
    }
    *out = v;
    return NULL;
}

static const char *careful_symbol(struct parser *p, const struct cell *c) {
    char name[65];
    if (c->n == 0)
        return "empty";
    if (c->n > 64)
        return "a symbol has at most 64 bytes";
    for (size_t i = 0; i < c->n; i++)
        if ((unsigned char)c->text[i] < ' ' || c->text[i] == 127)
            return "a symbol holds no control characters";
    memcpy(name, c->text, c->n);
    name[c->n] = '\0';
    if (map_get(p->rows->by_symbol, name) == NULL &&
        p->rows->count >= PARSE_SYMBOLS)
        return "more than 100000 symbols: is this the symbol's column?";
    p->series = rows_series(p->rows, name);
    return NULL;
}

static const char *careful_date(struct parser *p, const struct cell *c,
                                struct row *row) {
    struct stamp stamp;
    if (p->rules.form == STAMP_EPOCH && c->n > 0)
        p->units |= 1U << stamp_unit_of(c->text, c->n);
    const char *why = stamp_parse(&p->rules, c->text, c->n, &stamp);
    if (why != NULL)
        return why;
    row->stamp += stamp.time;
    row->zone = stamp.zone;
    return NULL;
}

static const char *careful_cell(struct parser *p, enum role role,
                                const struct cell *c, struct row *row) {
    bt_time clock = 0;
    const char *why;
    if (role == ROLE_IGNORED)
        return NULL;
    if (c->torn)
        return "text follows the closing quote";
    switch (role) {
    case ROLE_DATE:
        return careful_date(p, c, row);
    case ROLE_TIME:
        why = stamp_parse_clock(c->text, c->n, &clock);
        row->stamp += clock;
        return why;
    case ROLE_SYMBOL:
        return careful_symbol(p, c);
    default:
        return careful_number(c, role, &row->v[role]);
    }
}

/* low <= open, close <= high: pairs that must ascend, and what to say. */
static const struct {
    enum role smaller, larger, blamed;
    const char *why;
} order[] = {{ROLE_LOW, ROLE_HIGH, ROLE_HIGH, "the high is below the low"},
             {ROLE_OPEN, ROLE_HIGH, ROLE_HIGH, "the high is below the open"},
             {ROLE_CLOSE, ROLE_HIGH, ROLE_HIGH, "the high is below the close"},
             {ROLE_LOW, ROLE_OPEN, ROLE_LOW, "the low is above the open"},
             {ROLE_LOW, ROLE_CLOSE, ROLE_LOW, "the low is above the close"}};
enum { PAIRS = sizeof order / sizeof *order };

/* The first pair that is out of order, PAIRS when there is none. */
static int broken_pair(const double v[5], bool *tolerated) {
    for (int i = 0; i < PAIRS; i++) {
        double a = v[order[i].smaller], b = v[order[i].larger];
        if (a <= b)
            continue;
        if (a - b > PARSE_TOLERANCE * a)
            return i;
        *tolerated = true;
    }
    return PAIRS;
}

static bool check_order(struct parser *p, uint32_t line, const double v[5]) {
    bool tolerated = false;
    int pair = broken_pair(v, &tolerated);
    if (pair == PAIRS) {
        p->tolerated += tolerated;
        return true;
    }
    enum role blamed = order[pair].blamed;
    enum role other = order[pair].smaller == blamed ? order[pair].larger
                                                    : order[pair].smaller;
    const struct cell *c = &p->cells[p->layout->at[other]];
    char why[160];
    snprintf(why, sizeof why, "%s %.*s", order[pair].why,
             c->n < 39 ? (int)c->n : 39, c->text);
    int column = p->layout->at[blamed];
    reject(p, line, column, &p->cells[column], why);
    return false;
}

static bool check_count(struct parser *p, uint32_t line, size_t count) {
    int columns = p->layout->columns;
    char why[96];
    if (count == (size_t)columns)
        return true;
    snprintf(why, sizeof why, "the row has %zu cells, the header has %d", count,
             columns);
    if (count < (size_t)columns)
        reject(p, line, (int)count, NULL, why);
    else
        reject(p, line, columns,
               columns < CSV_COLUMNS ? &p->cells[columns] : NULL, why);
    return false;
}

static bool careful_cells(struct parser *p, uint32_t line, size_t count,
                          struct row *row) {
    if (!check_count(p, line, count))
        return false;
    for (int i = 0; i < p->layout->columns; i++) {
        const char *why =
            careful_cell(p, p->layout->role[i], &p->cells[i], row);
        if (why != NULL) {
            reject(p, line, i, &p->cells[i], why);
            return false;
        }
    }
    return check_order(p, line, row->v);
}

enum taken { TAKEN_ROW, TAKEN_NOTHING, TAKEN_PART };

/* One record. TAKEN_PART: it goes on behind the window. */
static enum taken careful_row(struct parser *p, struct row *row) {
    struct csv *c = p->csv;
    size_t count, next;
    uint32_t lines = 1, line = c->line;
    if (csv_is_blank(c, &next)) {
        c->begin = next;
        c->line++;
        return TAKEN_NOTHING;
    }
    *row = (struct row){.line = line, .file = p->file};
    enum csv_result r =
        csv_record(c, p->layout->separator, p->cells, &count, &next, &lines);
    if (r == CSV_MORE)
        return TAKEN_PART;
    p->count++;
    bool good = false;
    struct cell all = {.text = c->data + c->begin, .n = next - c->begin - 1};
    if (r == CSV_UNCLOSED)
        reject(p, line, 0, &all, "a quote is never closed");
    else
        good = careful_cells(p, line, count, row);
    c->begin = next;
    c->line += lines;
    return good ? TAKEN_ROW : TAKEN_NOTHING;
}

/* ---- the loop ------------------------------------------------------------ */

/* Where the next row goes: its place in the series where that is known before
 * it is read, else aside. */
static bt_status next_place(struct parser *p, struct row **out) {
    struct series *s = p->series;
    *out = &p->aside;
    if (p->layout->at[ROLE_SYMBOL] >= 0)
        return BT_OK;
    if (s->count == s->cap)
        TRY(rows_reserve(p->rows, s));
    *out = &s->rows[s->count];
    return BT_OK;
}

static bt_status store(struct parser *p, const struct row *row) {
    struct series *s = p->series;
    if (row == &p->aside) {
        if (s->count == s->cap)
            TRY(rows_reserve(p->rows, s));
        s->rows[s->count] = *row;
    }
    rows_put(s);
    return BT_OK;
}

bt_status parse_window(struct parser *p) {
    struct csv *c = p->csv;
    while (c->begin < c->whole) {
        struct row *row;
        TRY(next_place(p, &row));
        row->line = c->line;
        row->file = p->file;
        const char *next = quick_row(p, c->data + c->begin, row);
        if (next != NULL) {
            c->begin = (size_t)(next - c->data);
            c->line++;
            p->count++;
        } else {
            enum taken taken = careful_row(p, row);
            if (taken == TAKEN_PART)
                break;
            if (taken == TAKEN_NOTHING)
                continue;
        }
        TRY(store(p, row));
    }
    return BT_OK;
}
