/* Understanding a header.
 *
 * The separator is the one of comma, semicolon, tab and bar that the header has
 * most of. Names count without case, blanks, quotes, <>, _, - and the like, and
 * stand in any order. Columns with names that mean nothing here are left out
 * and named in the ingest's notes; adjusted prices are among them, since
 * bundles hold prices as they were traded.
 *
 * The rows behind the header have a say: some files have one cell more in each
 * row than in the header. That is accepted where its meaning is plain (a time
 * of day behind the date, a row number in front, a separator at the end) and
 * leads to a rejection of every row otherwise.
 */
#include "store/layout.h"

#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 10, NAME = 64 };

static const char *const role_names[] = {"open",  "high",   "low",
                                         "close", "volume", "date",
                                         "time",  "symbol", "nothing"};

/* Better readings of a role come first. */
static const struct {
    const char *name;
    enum role role;
} synonyms[] = {
    {"datetime", ROLE_DATE},    {"timestamp", ROLE_DATE},
    {"dateandtime", ROLE_DATE}, {"unix", ROLE_DATE},
    {"unixtime", ROLE_DATE},    {"epoch", ROLE_DATE},
    {"opentime", ROLE_DATE},    {"windowstart", ROLE_DATE},
    {"tsevent", ROLE_DATE},     {"gmttime", ROLE_DATE},
    {"date", ROLE_DATE},        {"tradedate", ROLE_DATE},
    {"tradingday", ROLE_DATE},  {"day", ROLE_DATE},
    {"time", ROLE_TIME},        {"open", ROLE_OPEN},
    {"openprice", ROLE_OPEN},   {"o", ROLE_OPEN},
    {"high", ROLE_HIGH},        {"highprice", ROLE_HIGH},
    {"h", ROLE_HIGH},           {"low", ROLE_LOW},
    {"lowprice", ROLE_LOW},     {"l", ROLE_LOW},
    {"close", ROLE_CLOSE},      {"closeprice", ROLE_CLOSE},
    {"closelast", ROLE_CLOSE},  {"last", ROLE_CLOSE},
    {"c", ROLE_CLOSE},          {"volume", ROLE_VOLUME},
    {"vol", ROLE_VOLUME},       {"v", ROLE_VOLUME},
    {"symbol", ROLE_SYMBOL},    {"ticker", ROLE_SYMBOL},
    {"sym", ROLE_SYMBOL},       {"instrument", ROLE_SYMBOL},
    {"asset", ROLE_SYMBOL},
};
enum { SYNONYMS = sizeof synonyms / sizeof *synonyms };

/* ---- names --------------------------------------------------------------- */

static void simplify(const char *name, char out[NAME]) {
    size_t n = 0;
    for (; *name && n < NAME - 1; name++) {
        char ch = *name;
        if (ch >= 'A' && ch <= 'Z')
            ch = (char)(ch - 'A' + 'a');
        if (strchr(" \t<>\"'_-./[]()", ch) == NULL)
            out[n++] = ch;
    }
    out[n] = '\0';
}

/* Position in synonyms, SYNONYMS when the name means nothing. */
static int meaning(const char *name) {
    char plain[NAME];
    simplify(name, plain);
    int i = 0;
    while (i < SYNONYMS && strcmp(synonyms[i].name, plain) != 0)
        i++;
    return i;
}

/* How often a character stands in the first line, quoted text left out. */
static size_t count_char(const char *s, const char *end, char separator,
                         bool quotes) {
    size_t n = 0;
    bool quoted = false;
    for (; s < end && (*s != '\n' || quoted); s++) {
        quoted ^= quotes && *s == '"';
        n += !quoted && *s == separator;
    }
    return n;
}

static char best_separator(const char *s, const char *end, bool quotes) {
    static const char candidates[] = ",;\t|";
    size_t most = 0;
    char best = '\0';
    for (const char *c = candidates; *c != '\0'; c++) {
        size_t n = count_char(s, end, *c, quotes);
        best = n > most ? *c : best;
        most = n > most ? n : most;
    }
    return best;
}

static bt_status not_a_table(const struct csv *c, const char *path) {
    size_t n = c->end - c->begin;
    if (memchr(c->data + c->begin, '\0', n < 65536 ? n : 65536) != NULL)
        return fail(BT_E_DATA, "%s is not text: it holds NUL bytes", path);
    return BT_OK;
}

static void skip_blank_lines(struct csv *c) {
    size_t next;
    while (csv_is_blank(c, &next)) {
        c->begin = next;
        c->line++;
    }
}

/* To the first line with something on it, behind a byte order mark. */
static bt_status find_header(struct csv *c, const char *path) {
    bool more;
    TRY(csv_fill(c, &more));
    TRY(not_a_table(c, path));
    if (c->end >= 3 && memcmp(c->data, "\xef\xbb\xbf", 3) == 0)
        c->begin = 3;
    skip_blank_lines(c);
    while (c->begin >= c->whole && !c->eof) {
        TRY(csv_fill(c, &more));
        skip_blank_lines(c);
    }
    if (c->begin >= c->end)
        return fail(BT_E_DATA, "%s is empty", path);
    return BT_OK;
}

/* A name from a file, fit for a message. */
static char *clean_name(const struct cell *cell) {
    char *name = mem_strndup(cell->text, cell->n);
    for (char *p = name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '?';
    return name;
}

static bt_status take_header(struct csv *c, const char *path,
                             struct layout *l) {
    struct cell *cells = mem_alloc(CSV_COLUMNS * sizeof *cells);
    size_t count = 0, next = 0;
    uint32_t lines = 1;
    bt_status s = BT_OK;
    const char *line = c->data + c->begin, *end = c->data + c->whole;
    l->separator = best_separator(line, end, true);
    if (l->separator == '\0')
        l->separator = best_separator(line, end, false);
    if (l->separator == '\0')
        s = fail(
            BT_E_DATA,
            "%s:%u: the first line has no comma, semicolon or tab; a table "
            "of bars begins with a header such as "
            "date,open,high,low,close,volume",
            path, c->line);
    else if (csv_record(c, l->separator, cells, &count, &next, &lines) !=
             CSV_RECORD_OK)
        s = fail(BT_E_DATA, "%s:%u: a quote in the header is never closed",
                 path, c->line);
    else if (count > CSV_COLUMNS)
        s = fail(BT_E_DATA, "%s has %zu columns; at most %d are understood",
                 path, count, CSV_COLUMNS);
    for (size_t i = 0; s == BT_OK && i < count; i++)
        l->name[l->columns++] = clean_name(&cells[i]);
    c->begin = next;
    c->line += lines;
    free(cells);
    return s;
}

/* ---- roles --------------------------------------------------------------- */

static bt_status twice(const struct layout *l, const char *path, enum role role,
                       int a, int b) {
    return fail(BT_E_DATA,
                "%s: columns %d '%.40s' and %d '%.40s' both look like the %s; "
                "rename or remove one",
                path, a + 1, l->name[a], b + 1, l->name[b], role_names[role]);
}

/* Of several dates the most telling name wins; the rest is left out. Two
 * columns of the same name, or two prices of one kind, are an error. */
static bt_status assign(struct layout *l, const char *path) {
    int rank[ROLES];
    for (int i = 0; i < ROLES; i++) {
        l->at[i] = -1;
        rank[i] = SYNONYMS;
    }
    for (int i = 0; i < l->columns; i++) {
        int m = meaning(l->name[i]);
        if (m == SYNONYMS)
            continue;
        enum role role = synonyms[m].role;
        if (l->at[role] >= 0 && (role != ROLE_DATE || rank[role] == m))
            return twice(l, path, role, l->at[role], i);
        if (m < rank[role]) {
            rank[role] = m;
            l->at[role] = i;
        }
    }
    return BT_OK;
}

/* The date may have no name (pandas' index), or be called time. */
static void find_date(struct layout *l) {
    if (l->at[ROLE_DATE] < 0 &&
        (l->name[0][0] == '\0' || strcmp(l->name[0], "index") == 0))
        l->at[ROLE_DATE] = 0;
    if (l->at[ROLE_DATE] < 0 && l->at[ROLE_TIME] >= 0) {
        l->at[ROLE_DATE] = l->at[ROLE_TIME];
        l->at[ROLE_TIME] = -1;
    }
}

static void list_names(const struct layout *l, struct buf *out) {
    for (int i = 0; i < l->columns && i < 20; i++)
        buf_printf(out, "%s'%.40s'", i ? ", " : "", l->name[i]);
    if (l->columns > 20)
        buf_str(out, ", ...");
}

static bt_status incomplete(const struct layout *l, const char *path) {
    struct buf missing, names;
    bool any = false;
    buf_init(&missing);
    buf_init(&names);
    for (int r = 0; r < ROLE_SYMBOL; r++) {
        if (r == ROLE_VOLUME || r == ROLE_TIME || l->at[r] >= 0)
            any |= l->at[r] >= 0;
        else
            buf_printf(&missing, "%s%s", missing.len ? ", " : "",
                       role_names[r]);
    }
    list_names(l, &names);
    bt_status s = BT_OK;
    if (!any)
        s = fail(BT_E_DATA,
                 "%s: the first line is no header: %s; put one above it, such "
                 "as date,open,high,low,close,volume",
                 path, names.data);
    else if (missing.len > 0)
        s = fail(BT_E_DATA,
                 "%s: no column for %s among %s; a header needs date, open, "
                 "high, low and close",
                 path, missing.data, names.data);
    buf_fini(&missing);
    buf_fini(&names);
    return s;
}

/* ---- the rows behind ----------------------------------------------------- */

static void insert_column(struct layout *l, int where, enum role role) {
    for (int r = 0; r < ROLES; r++)
        l->at[r] += l->at[r] >= where;
    memmove(&l->name[where + 1], &l->name[where],
            (size_t)(l->columns - where) * sizeof *l->name);
    l->name[where] = mem_strdup("");
    l->columns++;
    if (role != ROLE_IGNORED)
        l->at[role] = where;
}

static bool is_clock(const struct cell *c) {
    bt_time t;
    return c->n > 0 && stamp_parse_clock(c->text, c->n, &t) == NULL;
}

static bool is_date(const struct cell *c) {
    return stamp_form_of(c->text, c->n) != STAMP_UNKNOWN;
}

/* What all sampled rows have in common. */
struct sample {
    int rows;
    bool longer, shorter;        /* than the header, by one cell */
    bool time, number, trailing; /* what the extra cell would be */
    char date[32];      /* first row's date cell, as without an extra */
    char next_date[32]; /* the cell behind it */
};

static void copy_cell(const struct cell *c, char out[32]) {
    size_t n = c->n < 31 ? c->n : 31;
    memcpy(out, c->text, n);
    out[n] = '\0';
}

static void look_at(const struct layout *l, const struct cell *cells,
                    size_t count, struct sample *s) {
    size_t columns = (size_t)l->columns, d = (size_t)l->at[ROLE_DATE];
    bool longer = count == columns + 1 && count <= CSV_COLUMNS;
    if (s->rows++ == 0 && d < count && d < CSV_COLUMNS) {
        copy_cell(&cells[d], s->date);
        if (d + 1 < count && d + 1 < CSV_COLUMNS)
            copy_cell(&cells[d + 1], s->next_date);
    }
    s->longer &= longer;
    s->shorter &= count + 1 == columns;
    s->time &= longer && is_date(&cells[d]) && is_clock(&cells[d + 1]);
    s->number &= longer && d == 0 && is_date(&cells[1]);
    s->trailing &= longer && cells[count - 1].n == 0;
}

/* The first rows, read from a copy: taking cells apart changes the text. */
static struct sample sample_rows(const struct csv *c, const struct layout *l) {
    struct sample s = {.longer = true,
                       .shorter = true,
                       .time = true,
                       .number = true,
                       .trailing = true};
    struct csv copy = *c;
    size_t n = c->whole - c->begin, count, next;
    uint32_t lines;
    struct cell *cells = mem_alloc(CSV_COLUMNS * sizeof *cells);
    n = n < 65536 ? n : 65536;
    copy.data = mem_zalloc(1, n + 17);
    memcpy(copy.data, c->data + c->begin, n);
    copy.begin = 0;
    copy.end = n;
    const char *last = n > 0 ? strrchr(copy.data, '\n') : NULL;
    copy.whole = last ? (size_t)(last - copy.data) + 1 : 0;
    copy.eof = true;
    while (s.rows < SAMPLE && copy.begin < copy.whole) {
        if (csv_is_blank(&copy, &next)) {
            copy.begin = next;
            continue;
        }
        if (csv_record(&copy, l->separator, cells, &count, &next, &lines) ==
            CSV_RECORD_OK)
            look_at(l, cells, count, &s);
        copy.begin = next;
    }
    free(copy.data);
    free(cells);
    return s;
}

/* Make the layout fit rows that differ from the header by one cell. Returns the
 * text of the first row's date. */
static const char *fit(struct layout *l, const struct sample *s) {
    int d = l->at[ROLE_DATE];
    if (s->rows == 0)
        return "";
    if (s->longer && s->trailing) {
        insert_column(l, l->columns, ROLE_IGNORED);
        l->shape = "rows end with a separator";
    } else if (s->longer && l->at[ROLE_TIME] < 0 && s->time) {
        insert_column(l, d + 1, ROLE_TIME);
        l->shape = "rows have a time of day behind the date that the header "
                   "does not name";
    } else if (s->longer && s->number) {
        insert_column(l, 0, ROLE_IGNORED);
        l->shape = "rows have a first cell that the header does not name";
        return s->next_date;
    } else if (s->shorter && l->columns > 1 &&
               l->name[l->columns - 1][0] == '\0') {
        free(l->name[--l->columns]);
        l->shape = "the header ends with a separator";
    }
    return s->date;
}

static void suggest_rules(struct layout *l, const char *date) {
    size_t n = strlen(date);
    struct stamp stamp;
    l->first = (struct stamp_rules){.form = stamp_form_of(date, n),
                                    .order = BT_DATES_MDY,
                                    .unit = BT_EPOCH_S,
                                    .zone = -1};
    if (l->first.form == STAMP_EPOCH)
        l->first.unit = stamp_unit_of(date, n);
    if (stamp_parse(&l->first, date, n, &stamp) == NULL)
        l->first.zone = stamp.has_zone;
}

static bt_status read_layout(struct csv *c, const char *path,
                             struct layout *l) {
    TRY(find_header(c, path));
    TRY(take_header(c, path, l));
    TRY(assign(l, path));
    find_date(l);
    TRY(incomplete(l, path));
    struct sample s = sample_rows(c, l);
    suggest_rules(l, fit(l, &s));
    for (int i = 0; i < CSV_COLUMNS; i++)
        l->role[i] = ROLE_IGNORED;
    for (int r = 0; r < ROLE_IGNORED; r++)
        if (l->at[r] >= 0)
            l->role[l->at[r]] = (enum role)r;
    return BT_OK;
}

bt_status layout_read(struct csv *c, const char *path, struct layout *out) {
    memset(out, 0, sizeof *out);
    bt_status s = read_layout(c, path, out);
    if (s != BT_OK)
        layout_fini(out);
    return s;
}

void layout_fini(struct layout *l) {
    for (int i = 0; i < l->columns; i++)
        free(l->name[i]);
    memset(l, 0, sizeof *l);
}

void layout_column(const struct layout *l, int column, struct buf *out) {
    buf_printf(out, "column %d", column + 1);
    if (column < l->columns && l->name[column][0] != '\0')
        buf_printf(out, " '%.40s'", l->name[column]);
}

static const char *separator_name(char c) {
    return c == ','   ? "comma"
           : c == ';' ? "semicolon"
           : c == '|' ? "pipe"
                      : "tab";
}

void layout_describe(const struct layout *l, struct buf *out) {
    static const enum role order[] = {ROLE_SYMBOL, ROLE_DATE,  ROLE_TIME,
                                      ROLE_OPEN,   ROLE_HIGH,  ROLE_LOW,
                                      ROLE_CLOSE,  ROLE_VOLUME};
    bool first = true;
    buf_printf(out, "%s separated;", separator_name(l->separator));
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        int at = l->at[order[i]];
        if (at < 0)
            continue;
        buf_printf(out, "%s %s = ", first ? "" : ",", role_names[order[i]]);
        layout_column(l, at, out);
        first = false;
    }
    if (l->at[ROLE_VOLUME] < 0)
        buf_str(out, "; no volume, taken as 0");
    first = true;
    for (int i = 0; i < l->columns; i++) {
        if (l->role[i] != ROLE_IGNORED || l->name[i][0] == '\0')
            continue;
        buf_printf(out, "%s'%.40s'", first ? "; left out: " : ", ", l->name[i]);
        first = false;
    }
    if (l->shape != NULL)
        buf_printf(out, "; %s", l->shape);
}
