/* What each column is.
 *
 * A format's signature says it, or the names do, and --map has the last word.
 * Columns with names that mean nothing here are left out and named in the
 * ingest's notes; adjusted prices are among them, since bundles hold prices as
 * they were traded.
 *
 * The rows behind the header have a say: some files have one cell more in each
 * row than in the header. That is accepted where its meaning is plain (a time
 * of day behind the date, a row number in front, a separator at the end) and
 * leads to a rejection of every row otherwise.
 */
#include "store/layout.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/header.h"
#include "store/own.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLE = 10, CLOCKS = 1000 };

/* ---- roles --------------------------------------------------------------- */

static bt_status twice(const struct layout *l, const char *path, enum role role,
                       int a, int b) {
    const char *name = names_role(role);
    return fail(BT_E_USAGE,
                "%s: columns %d '%.40s' and %d '%.40s' both look like the %s; "
                "say --map %s=%d or --map %s=%d",
                path, a + 1, l->name[a], b + 1, l->name[b], name, name, a + 1,
                name, b + 1);
}

/* Of several dates the most telling name wins; the rest is left out. Two
 * columns of the same name, or two prices of one kind, are a question. */
static bt_status assign_names(struct layout *l, const char *path,
                              const char *map) {
    int rank[ROLES];
    for (int r = 0; r < ROLES; r++)
        rank[r] = INT_MAX;
    for (int i = 0; i < l->columns; i++) {
        enum role role;
        int n = l->role[i] == ROLES ? INT_MAX : names_rank(l->name[i], &role);
        if (n == INT_MAX || mapping_has(map, role))
            continue;
        if (l->at[role] >= 0 && (role != ROLE_DATE || rank[role] == n))
            return twice(l, path, role, l->at[role], i);
        if (n < rank[role]) {
            rank[role] = n;
            l->at[role] = i;
        }
    }
    return BT_OK;
}

/* The roles of a signature. False: it has none. */
static bool assign_signature(struct layout *l) {
    char(*names)[NAMES_PLAIN];
    enum role *roles;
    if (l->format == NULL || l->format->header == NULL || l->headerless)
        return false;
    names = mem_alloc(CSV_COLUMNS * sizeof *names);
    roles = mem_alloc(CSV_COLUMNS * sizeof *roles);
    for (int i = 0; i < l->columns; i++)
        names_plain(l->name[i], names[i]);
    bool fits = format_fits(l->format, names, l->columns, roles);
    for (int i = 0; fits && i < l->columns; i++)
        if (roles[i] < ROLE_IGNORED)
            l->at[roles[i]] = i;
    free(names);
    free(roles);
    return fits;
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

/* Only the columns of one symbol of a wide file count. */
static void choose_group(struct layout *l, int group) {
    for (int i = 1; i < l->columns; i++) {
        bool fresh = l->group[i] != NULL && l->group[i][0] != '\0';
        for (int k = 1; k < i && fresh; k++)
            fresh =
                l->group[k] == NULL || strcmp(l->group[k], l->group[i]) != 0;
        l->groups += fresh;
    }
    const char *wanted = layout_group(l, group);
    for (int i = 1; i < l->columns && l->groups > 0; i++)
        if (l->group[i] == NULL || wanted == NULL ||
            strcmp(l->group[i], wanted) != 0)
            l->role[i] = ROLES; /* another's */
}

const char *layout_group(const struct layout *l, int wanted) {
    for (int i = 1, n = 0; i < l->columns; i++) {
        bool fresh = l->group[i] != NULL && l->group[i][0] != '\0';
        for (int k = 1; k < i && fresh; k++)
            fresh =
                l->group[k] == NULL || strcmp(l->group[k], l->group[i]) != 0;
        if (fresh && n++ == wanted)
            return l->group[i];
    }
    return NULL;
}

void layout_names(const struct layout *l, struct buf *out) {
    for (int i = 0; i < l->columns && i < 20; i++)
        buf_printf(out, "%s'%.40s'", i ? ", " : "", l->name[i]);
    if (l->columns > 20)
        buf_str(out, ", ...");
}

/* What is missing, and what to say about it. */
static bt_status missing_columns(const struct layout *l, const char *path,
                                 const char *missing, const char *names) {
    int close = l->at[ROLE_CLOSE];
    if (l->at[ROLE_DATE] >= 0 && close >= 0 && l->at[ROLE_OPEN] < 0 &&
        l->at[ROLE_HIGH] < 0 && l->at[ROLE_LOW] < 0)
        return fail(BT_E_USAGE,
                    "%s: no column for %s among %s; say --map "
                    "open=%d,high=%d,low=%d to take the close for all of them",
                    path, missing, names, close + 1, close + 1, close + 1);
    return fail(BT_E_DATA,
                "%s: no column for %s among %s; a header needs date, open, "
                "high, low and close; --map close=5 says what column 5 is",
                path, missing, names);
}

static bt_status incomplete(const struct layout *l, const char *path) {
    struct buf missing, names;
    bool any = l->headerless;
    buf_init(&missing);
    buf_init(&names);
    for (int r = 0; r <= ROLE_DATE; r++) {
        if (l->at[r] >= 0)
            any = true;
        else if (r != ROLE_VOLUME)
            buf_printf(&missing, "%s%s", missing.len ? ", " : "",
                       names_role((enum role)r));
    }
    layout_names(l, &names);
    bt_status s = BT_OK;
    if (!any)
        s = fail(BT_E_DATA,
                 "%s: the first line is no header: %s; say what its columns "
                 "are with --columns, such as "
                 "--columns date,open,high,low,close,volume",
                 path, names.data);
    else if (missing.len > 0)
        s = missing_columns(l, path, missing.data, names.data);
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

/* The first rows. */
static struct sample sample_rows(const struct csv *c, const struct layout *l) {
    struct sample s = {.longer = true,
                       .shorter = true,
                       .time = true,
                       .number = true,
                       .trailing = true};
    struct peek p;
    char separator = l->separator;
    peek_open(&p, c);
    while (s.rows < SAMPLE && peek_next(&p, &separator))
        if (p.count > 0)
            look_at(l, p.cells, p.count, &s);
    peek_close(&p);
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
        l->name[l->columns] = NULL;
        l->shape = "the header ends with a separator";
    }
    return s->date;
}

static void suggest_rules(struct layout *l, const char *date, bt_time day) {
    size_t n = strlen(date);
    struct stamp stamp;
    bool millis = day != STAMP_NONE && format_class(date, n) == 'm';
    l->first = (struct stamp_rules){.form = millis ? STAMP_MILLIS
                                                   : stamp_form_of(date, n),
                                    .order = BT_DATES_MDY,
                                    .unit = BT_EPOCH_S,
                                    .zone = -1,
                                    .day = millis ? day : 0};
    if (l->first.form == STAMP_EPOCH)
        l->first.unit = stamp_unit_of(date, n);
    if (stamp_parse(&l->first, date, n, &stamp) == NULL)
        l->first.zone = stamp.has_zone;
}

/* Has the date a time of day behind it? */
static bool has_clock(const struct layout *l, const struct cell *c) {
    enum stamp_form form = l->first.form;
    if (form == STAMP_WORDS)
        return memchr(c->text, ':', c->n) != NULL;
    return form == STAMP_MILLIS ||
           (form != STAMP_EPOCH && c->n > (form == STAMP_COMPACT ? 8 : 10));
}

/* Some programs write a midnight without its time, and many symbols may have
 * theirs first: one row that has a time is enough. */
static bool is_clocked(const struct csv *c, const struct layout *l) {
    struct peek p;
    char separator = l->separator;
    size_t date = (size_t)l->at[ROLE_DATE];
    bool found = l->at[ROLE_TIME] >= 0;
    peek_open(&p, c);
    for (int i = 0; i < CLOCKS && !found && peek_next(&p, &separator); i++)
        found = date < p.count && has_clock(l, &p.cells[date]);
    peek_close(&p);
    return found;
}

static bool says_utc(const struct layout *l, enum role role) {
    return l->at[role] >= 0 && names_say_utc(l->name[l->at[role]]);
}

/* The local time of a row; false when it has none. */
static bool time_of(const struct layout *l, const struct peek *p,
                    bt_time *out) {
    int date = l->at[ROLE_DATE], time = l->at[ROLE_TIME];
    struct stamp stamp;
    bt_time clock = 0;
    if (date >= (int)p->count || time >= (int)p->count ||
        stamp_parse(&l->first, p->cells[date].text, p->cells[date].n, &stamp))
        return false;
    if (time >= 0 &&
        stamp_parse_clock(p->cells[time].text, p->cells[time].n, &clock))
        return false;
    *out = stamp.time + clock;
    return true;
}

/* Is the second of the first rows earlier than the first? Of several symbols
 * nobody can say. */
static bool goes_back(const struct csv *c, const struct layout *l) {
    struct peek p;
    bt_time first = 0, next = 0;
    char separator = l->separator;
    if (!l->clocked || l->at[ROLE_SYMBOL] >= 0)
        return false;
    peek_open(&p, c);
    bool known = peek_next(&p, &separator) && time_of(l, &p, &first) &&
                 peek_next(&p, &separator) && time_of(l, &p, &next);
    peek_close(&p);
    return known && next < first;
}

/* ---- the whole ----------------------------------------------------------- */

/* Each column gets its role; a column that is several prices is copied. */
static bt_status settle_roles(struct layout *l, const char *path) {
    for (int i = 0; i < CSV_COLUMNS; i++)
        l->role[i] = ROLE_IGNORED;
    for (int r = 0; r < ROLE_IGNORED; r++) {
        int at = l->at[r];
        if (at < 0)
            continue;
        enum role first = l->role[at];
        if (first == ROLE_IGNORED) {
            l->role[at] = (enum role)r;
            continue;
        }
        if (first >= ROLE_VOLUME || r >= ROLE_VOLUME)
            return fail(BT_E_USAGE,
                        "%s: --map makes column %d the %s and the "
                        "%s; only prices can share a column",
                        path, at + 1, names_role(first),
                        names_role((enum role)r));
        l->copy[l->copies].from = (uint8_t)first;
        l->copy[l->copies++].to = (uint8_t)r;
        l->special = true;
    }
    return BT_OK;
}

static bt_status assign(struct layout *l, const char *path,
                        const struct layout_wish *wish) {
    if (wish->map != NULL || wish->columns != NULL)
        l->mapped = true;
    if (l->format != NULL && (l->format->quirks & QUIRK_WIDE))
        choose_group(l, wish->group);
    if (!assign_signature(l))
        TRY(assign_names(l, path, wish->map));
    if (wish->map != NULL)
        TRY(mapping_apply(wish->map, path, l));
    find_date(l);
    return incomplete(l, path);
}

static bt_status read_layout(struct csv *c, const char *path,
                             const struct layout_wish *wish, struct layout *l) {
    for (int r = 0; r < ROLES; r++)
        l->at[r] = -1;
    TRY(header_read(c, path, wish, l));
    l->mapped = wish->format != NULL;
    if (l->format != NULL) {
        l->quirks = l->format->quirks;
        if (l->format->kind != FORMAT_BARS)
            return BT_OK;
    }
    TRY(assign(l, path, wish));
    struct sample s = sample_rows(c, l);
    suggest_rules(l, fit(l, &s), wish->day);
    l->clocked = is_clocked(c, l);
    l->utc = says_utc(l, ROLE_DATE) || says_utc(l, ROLE_TIME);
    l->newest_first = goes_back(c, l);
    return settle_roles(l, path);
}

bt_status layout_read(struct csv *c, const char *path,
                      const struct layout_wish *wish, struct layout *out) {
    memset(out, 0, sizeof *out);
    out->divisor = out->factor = 1;
    bt_status s = read_layout(c, path, wish, out);
    if (s != BT_OK)
        layout_fini(out);
    return s;
}

void layout_fini(struct layout *l) {
    for (int i = 0; i < CSV_COLUMNS; i++) {
        free(l->name[i]);
        free(l->group[i]);
    }
    memset(l, 0, sizeof *l);
}

void layout_scale(struct layout *l, double divisor, double factor) {
    l->divisor = divisor;
    l->factor = factor;
    l->special = l->special || divisor != 1 || factor != 1;
}

/* ---- in words ------------------------------------------------------------ */

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

static void describe_roles(const struct layout *l, struct buf *out) {
    static const enum role order[] = {
        ROLE_SYMBOL, ROLE_DATE,  ROLE_TIME,   ROLE_OPEN,     ROLE_HIGH,
        ROLE_LOW,    ROLE_CLOSE, ROLE_VOLUME, ROLE_DIVIDEND, ROLE_SPLIT};
    bool first = true;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        int at = l->at[order[i]];
        if (at < 0)
            continue;
        buf_printf(out, "%s %s = ", first ? "" : ",", names_role(order[i]));
        layout_column(l, at, out);
        first = false;
    }
    if (l->at[ROLE_VOLUME] < 0)
        buf_str(out, "; no volume, taken as 0");
}

void layout_describe(const struct layout *l, struct buf *out) {
    bool first = true;
    if (l->format != NULL)
        buf_printf(out, "%s (--format %s), ", l->format->title,
                   l->format->name);
    buf_printf(out, "%s separated;", separator_name(l->separator));
    describe_roles(l, out);
    for (int i = 0; i < l->columns; i++) {
        bool other = l->groups > 0 && l->group[i] != NULL;
        if (l->role[i] != ROLE_IGNORED || l->name[i][0] == '\0' || other ||
            own_wanted(l, i))
            continue;
        buf_printf(out, "%s'%.40s'", first ? "; left out: " : ", ", l->name[i]);
        first = false;
    }
    if (l->notices > 0)
        buf_printf(out, "; %d line%s above the header left out", l->notices,
                   l->notices == 1 ? "" : "s");
    if (l->groups > 1)
        buf_printf(out, "; %d symbols side by side", l->groups);
    if (l->shape != NULL)
        buf_printf(out, "; %s", l->shape);
    if (first && !l->mapped)
        return;
    if (!l->mapped)
        buf_str(out, " (--map overrides)");
}
