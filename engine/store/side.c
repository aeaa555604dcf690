/* Reading a side file: a header, a column of times, perhaps one of symbols, and
 * columns of numbers, each of which becomes a field.
 *
 * A time with an offset, or a count since 1970, is that instant. One without is
 * of the zone that the user names, and refused where none is named: taken for
 * an earlier instant, a number would be known before it was. For the same
 * reason a time that autumn repeats is the later of its two. A mere date is
 * known when its day is over, at 23:59:59, as a daily bar is: whoever knows
 * better writes the time. A column is one of numbers when all its cells are, or
 * are empty; a cell that is empty says nothing new.
 *
 * The file is held in memory, 32 bytes a number.
 */
#include "store/side.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "base/tz.h"
#include "store/csv.h"
#include "store/field.h"
#include "store/ingest.h"
#include "store/names.h"
#include "store/stamp.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LAST_SECOND (DATE_DAY_US - INT64_C(1000000))

enum { DEAD = -1 };

struct reader {
    const char *path;
    struct side *side;
    struct csv csv;
    char separator;
    struct cell *cells;
    size_t columns;
    int date, symbol;    /* columns; symbol -1: none */
    int32_t *field;      /* [columns] position in fields, DEAD: none */
    char **name;         /* [columns] as written */
    struct map *symbols; /* to position + 1 */
    struct stamp_rules rules;
    const tz *zone; /* of times without an offset; NULL: not said */
};

static bt_status bad_cell(const struct reader *r, size_t column,
                          const struct cell *c, const char *why) {
    struct buf value;
    buf_init(&value);
    buf_quote(&value, c->text, c->n, 60);
    bt_status s =
        fail(BT_E_DATA, "%s:%u: column %zu '%.40s', value %s: %s", r->path,
             r->csv.line, column + 1, r->name[column], value.data, why);
    buf_fini(&value);
    return s;
}

/* ---- the header -----------------------------------------------------------*/

static char best_separator(const char *s, const char *end) {
    static const char candidates[] = ",;\t|";
    size_t most = 0;
    char best = '\0';
    const char *stop = memchr(s, '\n', (size_t)(end - s));
    for (const char *c = candidates; *c != '\0'; c++) {
        size_t n = 0;
        for (const char *p = s; p < (stop ? stop : end); p++)
            n += *p == *c;
        best = n > most ? *c : best;
        most = n > most ? n : most;
    }
    return best;
}

/* The best name for a role among the columns; -1. */
static int find_role(const struct reader *r, enum role wanted) {
    int best = -1, best_rank = 0;
    for (size_t i = 0; i < r->columns; i++) {
        enum role role;
        int rank = names_rank(r->name[i], &role);
        if (role == wanted && rank != INT32_MAX &&
            (best < 0 || rank < best_rank)) {
            best = (int)i;
            best_rank = rank;
        }
    }
    return best;
}

static bt_status find_columns(struct reader *r) {
    r->symbol = find_role(r, ROLE_SYMBOL);
    r->date = find_role(r, ROLE_DATE);
    if (r->date < 0)
        r->date = find_role(r, ROLE_TIME);
    if (r->date < 0 && r->name[0][0] == '\0')
        r->date = 0;
    if (r->date < 0)
        return fail(BT_E_DATA,
                    "%s: no column of times; a header needs date, time, "
                    "datetime or timestamp",
                    r->path);
    return BT_OK;
}

static bt_status add_field(struct reader *r, size_t column) {
    char name[FIELD_NAME_MAX + 1];
    struct side *s = r->side;
    bt_status status = field_name(r->name[column], name);
    if (status != BT_OK)
        return fail_within(status, "%s: column %zu", r->path, column + 1);
    for (size_t i = 0; i < s->field_count; i++)
        if (strcmp(s->fields[i], name) == 0)
            return fail(BT_E_USAGE, "%s: two columns would become the field %s",
                        r->path, name);
    s->fields =
        mem_grow(s->fields, s->field_count, &s->field_cap, sizeof *s->fields);
    r->field[column] = (int32_t)s->field_count;
    s->fields[s->field_count++] = mem_strdup(name);
    return BT_OK;
}

static bt_status read_header(struct reader *r) {
    bool more = true;
    size_t next = 0;
    uint32_t lines = 1;
    TRY(csv_fill(&r->csv, &more));
    if (r->csv.end >= 3 && memcmp(r->csv.data, "\xef\xbb\xbf", 3) == 0)
        r->csv.begin = 3;
    if (r->csv.begin >= r->csv.whole)
        return fail(BT_E_DATA, "%s is empty", r->path);
    r->separator =
        best_separator(r->csv.data + r->csv.begin, r->csv.data + r->csv.whole);
    if (r->separator == '\0' ||
        csv_record(&r->csv, r->separator, r->cells, &r->columns, &next,
                   &lines) != CSV_RECORD_OK ||
        r->columns > CSV_COLUMNS)
        return fail(BT_E_DATA,
                    "%s: the first line is no header such as "
                    "date,symbol,signal",
                    r->path);
    r->name = mem_zalloc(r->columns, sizeof *r->name);
    r->field = mem_zalloc(r->columns, sizeof *r->field);
    for (size_t i = 0; i < r->columns; i++)
        r->name[i] = mem_strndup(r->cells[i].text, r->cells[i].n);
    r->csv.begin = next;
    r->csv.line += lines;
    TRY(find_columns(r));
    for (size_t i = 0; i < r->columns; i++) {
        r->field[i] = DEAD;
        if ((int)i != r->date && (int)i != r->symbol && r->name[i][0] != '\0')
            TRY(add_field(r, i));
    }
    return BT_OK;
}

/* ---- rows -----------------------------------------------------------------*/

/* The form of times, by the first. */
static bt_status find_form(struct reader *r, const struct cell *c) {
    r->rules.form = stamp_form_of(c->text, c->n);
    if (r->rules.form == STAMP_EPOCH)
        r->rules.unit = stamp_unit_of(c->text, c->n);
    if (r->rules.form == STAMP_EPOCH && r->rules.unit == BT_EPOCH_AUTO)
        return bad_cell(r, (size_t)r->date, c,
                        "a spreadsheet's number of a day? write 2024-01-31");
    bool dotted = memchr(c->text, '/', c->n) == NULL &&
                  memchr(c->text, '-', c->n) == NULL;
    if (r->rules.form == STAMP_SLASH && !dotted)
        return bad_cell(r, (size_t)r->date, c,
                        "month or day first? write 2024-01-31");
    return BT_OK;
}

static bt_status localize(struct reader *r, const struct cell *c,
                          bt_time *time) {
    char why[TZ_TEXT];
    if (r->zone == NULL)
        return fail(BT_E_USAGE,
                    "%s:%u: %.*s carries no time zone, and nothing says of "
                    "which it is; say --tz, such as --tz America/New_York, "
                    "UTC+2 or UTC",
                    r->path, r->csv.line, c->n < 60 ? (int)c->n : 60, c->text);
    struct tz_instant t = tz_utc(r->zone, *time);
    if (t.kind == TZ_GAP) {
        tz_explain(r->zone, *time, why);
        return bad_cell(r, (size_t)r->date, c, why);
    }
    *time = t.second;
    return BT_OK;
}

static bt_status read_time(struct reader *r, bt_time *out) {
    const struct cell *c = &r->cells[r->date];
    struct stamp stamp;
    if (r->rules.form == STAMP_UNKNOWN)
        TRY(find_form(r, c));
    const char *why = stamp_parse(&r->rules, c->text, c->n, &stamp);
    if (why != NULL)
        return bad_cell(r, (size_t)r->date, c, why);
    bool is_date = r->rules.form != STAMP_EPOCH && !stamp.has_zone &&
                   stamp.time % DATE_DAY_US == 0 && c->n <= 12;
    *out = stamp.time + (is_date ? LAST_SECOND : 0);
    bool local = r->rules.form != STAMP_EPOCH && !stamp.has_zone && !is_date;
    bool utc = r->zone == NULL && names_say_utc(r->name[r->date]);
    return local && !utc ? localize(r, c, out) : BT_OK;
}

static bt_status read_symbol(struct reader *r, int32_t *out) {
    char name[65];
    struct side *s = r->side;
    *out = -1;
    if (r->symbol < 0)
        return BT_OK;
    const struct cell *c = &r->cells[r->symbol];
    if (c->n == 0 || c->n > 64)
        return bad_cell(r, (size_t)r->symbol, c, "no symbol of 1 to 64 bytes");
    memcpy(name, c->text, c->n);
    name[c->n] = '\0';
    size_t known = (size_t)(uintptr_t)map_get(r->symbols, name);
    if (known == 0) {
        s->symbols = mem_grow(s->symbols, s->symbol_count, &s->symbol_cap,
                              sizeof *s->symbols);
        s->symbols[s->symbol_count++] = mem_strdup(name);
        known = s->symbol_count;
        map_put(r->symbols, name, (void *)(uintptr_t)known);
    }
    *out = (int32_t)known - 1;
    return BT_OK;
}

static bool is_nothing(const char *s, size_t n) {
    static const char *const words[] = {"",    "nan", "NaN", "null", "NULL",
                                        "N/A", "n/a", "NA",  "-",    "."};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && memcmp(words[i], s, n) == 0)
            return true;
    return false;
}

/* A column with a word in it is none of numbers. */
static void kill_column(struct reader *r, size_t column) {
    struct side *s = r->side;
    struct buf text;
    buf_init(&text);
    buf_printf(&text, "%s%s'%.40s' (line %u is no number)", s->left_out,
               s->left_out[0] ? ", " : "", r->name[column], r->csv.line);
    free(s->left_out);
    s->left_out = buf_take(&text);
    free(s->fields[r->field[column]]);
    s->fields[r->field[column]] = NULL;
    r->field[column] = DEAD;
}

static void read_cell(struct reader *r, size_t column,
                      struct side_value *value) {
    const struct cell *c = &r->cells[column];
    struct side *s = r->side;
    if (r->field[column] == DEAD || is_nothing(c->text, c->n))
        return;
    if (!num_parse(c->text, c->n, &value->value)) {
        kill_column(r, column);
        return;
    }
    value->field = r->field[column];
    s->values = mem_grow(s->values, s->count, &s->cap, sizeof *s->values);
    s->values[s->count++] = *value;
}

static bt_status read_row(struct reader *r, size_t count) {
    struct side_value value = {.line = r->csv.line};
    if (count != r->columns)
        return fail(BT_E_DATA,
                    "%s:%u: the row has %zu cells, the header has "
                    "%zu",
                    r->path, r->csv.line, count, r->columns);
    TRY(read_time(r, &value.time));
    TRY(read_symbol(r, &value.symbol));
    for (size_t i = 0; i < r->columns; i++)
        read_cell(r, i, &value);
    r->side->rows++;
    return BT_OK;
}

static bt_status read_record(void *ctx, size_t count) {
    struct reader *r = ctx;
    return count > 0 ? read_row(r, count)
                     : fail(BT_E_DATA, "%s:%u: a quote is never closed",
                            r->path, r->csv.line);
}

static int by_place(const void *a, const void *b) {
    const struct side_value *x = a, *y = b;
    if (x->symbol != y->symbol)
        return x->symbol < y->symbol ? -1 : 1;
    if (x->field != y->field)
        return x->field < y->field ? -1 : 1;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return x->line < y->line ? -1 : x->line > y->line;
}

/* Two numbers of one time must be one. */
static bt_status check_twice(const struct reader *r) {
    const struct side *s = r->side;
    for (size_t i = 1; i < s->count; i++) {
        const struct side_value *x = &s->values[i - 1], *y = &s->values[i];
        if (x->symbol != y->symbol || x->field != y->field ||
            x->time != y->time || x->value == y->value ||
            s->fields[x->field] == NULL)
            continue;
        char one[NUM_TEXT], other[NUM_TEXT];
        num_format(x->value, one);
        num_format(y->value, other);
        return fail(BT_E_DATA,
                    "%s:%u: %s is %s, line %u says %s for the same time",
                    r->path, y->line, s->fields[y->field], other, x->line, one);
    }
    return BT_OK;
}

static bt_status read_all(struct reader *r) {
    TRY(read_header(r));
    TRY(csv_each(&r->csv, r->separator, r->cells, read_record, r));
    source_sha(r->csv.source, r->side->sha);
    if (r->side->count > 0)
        qsort(r->side->values, r->side->count, sizeof *r->side->values,
              by_place);
    return check_twice(r);
}

static void reader_fini(struct reader *r) {
    for (size_t i = 0; r->name && i < r->columns; i++)
        free(r->name[i]);
    free(r->name);
    free(r->field);
    free(r->cells);
    map_free(r->symbols);
    csv_fini(&r->csv);
}

bt_status side_read(const char *path, const char *zone, struct side *out) {
    struct source *source;
    const tz *found = NULL;
    if (zone != NULL)
        TRY(ingest_find_zone(zone, &found));
    TRY(source_open(&(struct origin){path, -1, NULL}, &source));
    struct side side = {.left_out = mem_strdup("")};
    struct reader r = {.path = path,
                       .side = &side,
                       .zone = found,
                       .symbols = map_new(),
                       .cells = mem_alloc(CSV_COLUMNS * sizeof *r.cells),
                       .rules = {.form = STAMP_UNKNOWN,
                                 .order = BT_DATES_DMY,
                                 .unit = BT_EPOCH_S,
                                 .zone = -1}};
    csv_init(&r.csv, source);
    bt_status s = read_all(&r);
    reader_fini(&r);
    if (s != BT_OK) {
        side_fini(&side);
        return s;
    }
    *out = side;
    return BT_OK;
}

void side_fini(struct side *s) {
    for (size_t i = 0; i < s->symbol_count; i++)
        free(s->symbols[i]);
    for (size_t i = 0; i < s->field_count; i++)
        free(s->fields[i]);
    free(s->symbols);
    free(s->fields);
    free(s->values);
    free(s->left_out);
    *s = (struct side){0};
}
