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
#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/decimal.h"
#include "store/own.h"
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
    p->zone_from = INT64_MAX;
    pattern_init(&p->pattern, layout);
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

static const char *not_a_number(const struct parser *p, const struct cell *c) {
    if (c->n == 0)
        return "empty";
    if (is_word(c, "nan") || is_word(c, "inf") || is_word(c, "-inf") ||
        is_word(c, "infinity") || is_word(c, "-infinity"))
        return "not finite";
    const char *why = decimal_surplus(c->text, c->n);
    if (why != NULL)
        return why;
    if (p->layout->decimal == BT_DECIMAL_COMMA)
        return "not a number where the comma is decimal (--decimal point?)";
    if (memchr(c->text, ',', c->n) != NULL)
        return "not a number (numbers are written 1234.5, without comma; "
               "--decimal comma reads 1.234,5)";
    return is_too_large(c) ? "too large a number" : "not a number";
}

/* $1,234.5 and 190.28M: the plain number's text, its length. *unit: what the
 * letter behind it stands for. */
static size_t undecorated(const struct cell *c, char out[64], double *unit) {
    static const char letters[4] = {'K', 'M', 'B', 'T'};
    static const double units[] = {1e3, 1e6, 1e9, 1e12};
    size_t n = 0, end = c->n;
    const char *letter =
        end > 0 ? memchr(letters, c->text[end - 1] & 0xdf, 4) : NULL;
    *unit = letter ? units[letter - letters] : 1;
    end -= letter != NULL;
    for (size_t i = c->n > 0 && c->text[0] == '$'; i < end; i++)
        if (c->text[i] != ',' && n < 63)
            out[n++] = c->text[i];
    out[n] = '\0';
    return n;
}

static bool parse_number(const struct parser *p, const struct cell *c,
                         double *out) {
    char plain[64];
    double unit;
    int32_t decimal = p->layout->decimal;
    if (decimal != BT_DECIMAL_AUTO &&
        decimal_parse(c->text, c->n, decimal, out))
        return true;
    if (decimal == BT_DECIMAL_COMMA)
        return false;
    if (num_parse(c->text, c->n, out))
        return true;
    if (!(p->layout->quirks & QUIRK_DECORATED) || c->n > 60)
        return false;
    size_t n = undecorated(c, plain, &unit);
    if (!num_parse(plain, n, out))
        return false;
    *out = unit == 1 ? *out : nearbyint(*out * unit * 1e3) / 1e3;
    return true;
}

/* Ways of sources to say that they do not know the volume. */
static bool unknown_volume(const struct parser *p, const struct cell *c) {
    return (p->layout->quirks & QUIRK_NO_VOLUME) &&
           (c->n == 0 || is_word(c, "-") || is_word(c, "n/a") ||
            is_word(c, "-1") || is_word(c, "-1.0") || is_word(c, "nan"));
}

static const char *careful_number(struct parser *p, const struct cell *c,
                                  enum role role, double *out) {
    double v;
    if (role == ROLE_VOLUME && unknown_volume(p, c)) {
        *out = 0;
        p->quiet++;
        return NULL;
    }
    if (!parse_number(p, c, &v))
        return not_a_number(p, c);
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

/* A dividend or a split; none is 0 or nothing. */
static const char *careful_action(const struct parser *p, const struct cell *c,
                                  double *out) {
    *out = 0;
    if (c->n == 0 || is_word(c, "nan") || is_word(c, "null"))
        return NULL;
    if (!parse_number(p, c, out) || !isfinite(*out))
        return not_a_number(p, c);
    return *out < 0 ? "cannot be negative" : NULL;
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
    case ROLE_DIVIDEND:
    case ROLE_SPLIT:
        return careful_action(p, c, &p->action[role - ROLE_DIVIDEND]);
    default:
        return careful_number(p, c, role, &row->v[role]);
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

/* By what share prices are out of order, 0 when they are not. */
static double disorder(const double v[5]) {
    double worst = 0;
    for (int i = 0; i < PAIRS; i++) {
        double a = v[order[i].smaller], b = v[order[i].larger];
        worst = (a - b) / a > worst ? (a - b) / a : worst;
    }
    return worst;
}

static void remember_worst(struct parser *p, uint32_t line, const double v[5]) {
    double share = disorder(v);
    p->proof.broken++;
    if (share <= p->proof.worst)
        return;
    p->proof.worst = share;
    p->proof.line = line;
    memcpy(p->proof.v, v, sizeof p->proof.v);
}

static bool check_order(struct parser *p, uint32_t line, const double v[5]) {
    bool tolerated = false;
    int pair = broken_pair(v, &tolerated);
    if (pair == PAIRS) {
        p->tolerated += tolerated;
        return true;
    }
    remember_worst(p, line, v);
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

/* A date whose prices are empty or null: no bar, and nothing wrong. */
static bool is_empty(const struct parser *p, size_t count) {
    const struct layout *l = p->layout;
    if (!(l->quirks & QUIRK_NULLS) || count != (size_t)l->columns)
        return false;
    for (int r = 0; r < ROLE_VOLUME; r++) {
        const struct cell *c = &p->cells[l->at[r]];
        if (c->n > 0 && !is_word(c, "null") && !is_word(c, "nan"))
            return false;
    }
    return true;
}

static bool careful_cells(struct parser *p, uint32_t line, size_t count,
                          struct row *row) {
    if (!check_count(p, line, count))
        return false;
    p->action[0] = p->action[1] = 0;
    for (int i = 0; i < p->layout->columns; i++) {
        const char *why =
            careful_cell(p, p->layout->role[i], &p->cells[i], row);
        if (why != NULL) {
            reject(p, line, i, &p->cells[i], why);
            return false;
        }
    }
    if (p->layout->special)
        layout_finish(p->layout, row->v);
    if (!check_order(p, line, row->v))
        return false;
    if (p->zone == NULL || parse_localize(p, row))
        return true;
    char why[TZ_TEXT];
    int column = p->layout->at[ROLE_DATE];
    tz_explain(p->zone, row->stamp, why);
    reject(p, line, column, &p->cells[column], why);
    return false;
}

/* ---- records ---------------------------------------------------------- */

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
    else if (is_empty(p, count))
        p->empty++;
    else
        good = careful_cells(p, line, count, row);
    c->begin = next;
    c->line += lines;
    return good ? TAKEN_ROW : TAKEN_NOTHING;
}

/* ---- the loop ------------------------------------------------------------ */

/* What stands in line with a bar: a dividend, a split, mostly neither. */
static bt_status store_actions(struct parser *p, const struct row *row) {
    double cash = p->action[0], ratio = p->action[1];
    if (cash == 0 && (ratio == 0 || ratio == 1))
        return BT_OK;
    int32_t day = date_of(row->stamp + row->zone * INT64_C(900000000));
    const char *symbol = p->series->symbol;
    if (ratio != 0 && ratio != 1)
        TRY(action_set_split(p->actions, symbol, day, ratio));
    if (cash != 0)
        TRY(action_set_dividend(p->actions, symbol, day, cash, BT_NO_DAY,
                                BT_NO_DAY, NULL));
    return BT_OK;
}

static bt_status store(struct parser *p, const struct row *row) {
    struct series *s = p->series;
    if (p->own != NULL)
        TRY(own_row(p->own, p->path, p->cells, p->layout->columns, s, row));
    TRY(rows_put(p->rows, s, row));
    return p->actions != NULL ? store_actions(p, row) : BT_OK;
}

bt_status parse_window(struct parser *p) {
    struct csv *c = p->csv;
    bool careful = p->own || p->layout->decimal == BT_DECIMAL_COMMA;
    while (c->begin < c->whole) {
        struct row row = {.origin = row_origin(c->line, p->file)};
        const char *next =
            careful ? NULL : quick_row(p, c->data + c->begin, &row);
        if (next != NULL && (p->zone == NULL || parse_localize(p, &row))) {
            c->begin = (size_t)(next - c->data);
            c->line++;
            p->count++;
        } else {
            enum taken taken = careful_row(p, &row);
            if (taken == TAKEN_PART)
                break;
            if (taken == TAKEN_NOTHING)
                continue;
        }
        TRY(store(p, &row));
    }
    return BT_OK;
}
