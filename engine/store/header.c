/* What stands above the rows.
 *
 * The separator is the one of comma, semicolon, tab and bar that a line has
 * most of. The header is the first of the first lines whose names fit a format
 * or hold open, high, low and close; lines above it are notices, as
 * CryptoDataDownload writes them. Where no line is one, the classes of the
 * first row's cells may tell the format (format.c), or the user does: --columns
 * names them, --format the source. A body that is no table at all (an answer in
 * JSON, a page, a sentence) is refused with its first words.
 */
#include "store/header.h"

#include "base/mem.h"
#include "base/status.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { PEEK = 65536, NOTICES = 5 };

/* ---- looking ahead ----------------------------------------------------------
 */

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

static char best_of(const char *s, const char *end, bool quotes) {
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

static char best_separator(const struct csv *c) {
    const char *line = c->data + c->begin, *end = c->data + c->whole;
    char best = best_of(line, end, true);
    return best != '\0' ? best : best_of(line, end, false);
}

void peek_open(struct peek *p, const struct csv *c) {
    size_t n = c->whole - c->begin;
    n = n < PEEK ? n : PEEK;
    p->csv = *c;
    p->csv.data = mem_zalloc(1, n + 17);
    memcpy(p->csv.data, c->data + c->begin, n);
    p->csv.begin = 0;
    while (n > 0 && p->csv.data[n - 1] != '\n')
        n--;
    p->csv.end = p->csv.whole = n;
    p->csv.eof = true;
    p->cells = mem_alloc(CSV_COLUMNS * sizeof *p->cells);
    p->count = 0;
}

void peek_close(struct peek *p) {
    free(p->csv.data);
    free(p->cells);
}

bool peek_next(struct peek *p, char *separator) {
    struct csv *c = &p->csv;
    size_t next;
    uint32_t lines = 1;
    while (csv_is_blank(c, &next))
        c->begin = next;
    if (c->begin >= c->whole)
        return false;
    if (*separator == '\0')
        *separator = best_separator(c);
    enum csv_result r =
        csv_record(c, *separator, p->cells, &p->count, &next, &lines);
    if (r != CSV_RECORD_OK)
        p->count = 0;
    p->count = p->count < CSV_COLUMNS ? p->count : CSV_COLUMNS;
    if (r != CSV_MORE)
        c->begin = next;
    return r != CSV_MORE;
}

/* ---- what is no table -------------------------------------------------------
 */

static void skip_blank_lines(struct csv *c) {
    size_t next;
    while (csv_is_blank(c, &next)) {
        c->begin = next;
        c->line++;
    }
}

static bt_status refuse_body(const struct csv *c, const char *path) {
    const char *s = c->data + c->begin;
    size_t n = c->end - c->begin;
    if (memchr(s, '\0', n < PEEK ? n : PEEK) != NULL)
        return fail(BT_E_DATA, "%s is not text: it holds NUL bytes", path);
    bool json = n > 0 && (*s == '{' || (*s == '[' && n > 1 && s[1] != '"'));
    bool page = n > 5 && (strncasecmp(s, "<!doc", 5) == 0 ||
                          strncasecmp(s, "<html", 5) == 0 ||
                          strncasecmp(s, "<?xml", 5) == 0);
    if (!json && !page)
        return BT_OK;
    size_t shown = 0;
    while (shown < n && shown < 80 && (unsigned char)s[shown] >= ' ')
        shown++;
    return fail(BT_E_DATA,
                "%s is %s and no table, perhaps an error that the source sent "
                "instead: %.*s",
                path, json ? "JSON" : "a web page", (int)shown, s);
}

/* To the first line with something on it, behind a byte order mark. */
static bt_status find_text(struct csv *c, const char *path) {
    bool more;
    TRY(csv_fill(c, &more));
    if (c->end >= 3 && memcmp(c->data, "\xef\xbb\xbf", 3) == 0)
        c->begin = 3;
    skip_blank_lines(c);
    TRY(refuse_body(c, path));
    while (c->begin >= c->whole && !c->eof) {
        TRY(csv_fill(c, &more));
        skip_blank_lines(c);
    }
    if (c->begin >= c->end)
        return fail(BT_E_DATA, "%s is empty", path);
    return BT_OK;
}

/* ---- taking lines -----------------------------------------------------------
 */

/* A name from a file, fit for a message. */
static char *clean_name(const struct cell *cell) {
    char *name = mem_strndup(cell->text, cell->n);
    for (char *p = name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '?';
    return name;
}

static bt_status take_cells(struct csv *c, const char *path, char separator,
                            struct cell *cells, size_t *count) {
    size_t next = 0;
    uint32_t lines = 1;
    skip_blank_lines(c);
    if (csv_record(c, separator, cells, count, &next, &lines) != CSV_RECORD_OK)
        return fail(BT_E_DATA, "%s:%u: a quote in the header is never closed",
                    path, c->line);
    if (*count > CSV_COLUMNS)
        return fail(BT_E_DATA, "%s has %zu columns; at most %d are understood",
                    path, *count, CSV_COLUMNS);
    c->begin = next;
    c->line += lines;
    return BT_OK;
}

/* One line as the names of l, or, wide, as the symbols of its columns. */
static bt_status take_names(struct csv *c, const char *path, struct layout *l,
                            bool groups) {
    struct cell *cells = mem_alloc(CSV_COLUMNS * sizeof *cells);
    size_t count = 0;
    bt_status s = take_cells(c, path, l->separator, cells, &count);
    for (size_t i = 0; s == BT_OK && i < count; i++) {
        if (groups)
            l->group[i] = clean_name(&cells[i]);
        else
            l->name[l->columns++] = clean_name(&cells[i]);
    }
    free(cells);
    return s;
}

static bt_status skip_lines(struct csv *c, const char *path, int n) {
    for (; n > 0; n--) {
        skip_blank_lines(c);
        const char *end = memchr(c->data + c->begin, '\n', c->whole - c->begin);
        if (end == NULL)
            return fail(BT_E_DATA, "%s:%u: no header", path, c->line);
        c->begin = (size_t)(end - c->data) + 1;
        c->line++;
    }
    skip_blank_lines(c);
    return BT_OK;
}

/* ---- which line is the header -----------------------------------------------
 */

struct found {
    const struct format *format;
    char separator;
    int line;       /* how many stand above it; -1: there is none */
    bool any;       /* the first line has a name that means something */
    bool wide;      /* yfinance's three lines */
    bool prices;    /* the first line names prices */
    bool blank;     /* two lines begin with nothing, as its older files do */
    char first[16]; /* its first name */
    char classes[40];
};

static int plain_names(const struct peek *p, char (*names)[NAMES_PLAIN]) {
    for (size_t i = 0; i < p->count; i++) {
        char *name = clean_name(&p->cells[i]);
        names_plain(name, names[i]);
        free(name);
    }
    return (int)p->count;
}

/* Open, high, low and close are there; *any: a name means something. */
static bool holds_prices(char (*names)[NAMES_PLAIN], int n, bool *any) {
    unsigned seen = 0;
    *any = false;
    for (int i = 0; i < n; i++) {
        enum role role;
        if (names_rank(names[i], &role) == INT_MAX)
            continue;
        *any = true;
        seen |= 1U << role;
    }
    return (seen & 15) == 15;
}

static void classify(const struct peek *p, struct found *f) {
    size_t n = p->count < sizeof f->classes - 1 ? p->count : 0;
    for (size_t i = 0; i < n; i++)
        f->classes[i] = format_class(p->cells[i].text, p->cells[i].n);
    f->classes[n] = '\0';
}

static bool is_label(const char *name) {
    return strcmp(name, "price") == 0 || strcmp(name, "ticker") == 0;
}

/* Does line 1 or 2 show that three lines are the header? */
static void judge_wide(int line, int n, char (*names)[NAMES_PLAIN],
                       struct found *f) {
    if (n < 2)
        return;
    if (line == 1 && is_label(f->first) && is_label(names[0]))
        f->wide = strcmp(f->first, names[0]) != 0;
    f->blank = (line == 1 && f->first[0] == '\0' && names[0][0] == '\0') ||
               (line == 2 && f->blank);
    if (line == 2 && f->blank)
        f->wide = strncmp(names[0], "date", 4) == 0;
}

/* Look at one line. True: it is the header. */
static bool judge_line(const struct peek *p, int line, char separator,
                       struct found *f) {
    char(*names)[NAMES_PLAIN] = mem_alloc(CSV_COLUMNS * sizeof *names);
    enum role *roles = mem_alloc(CSV_COLUMNS * sizeof *roles);
    bool any = false;
    int n = plain_names(p, names);
    const struct format *format =
        n > 1 ? format_of_header(names, n, roles) : NULL;
    bool header = format != NULL || (n > 1 && holds_prices(names, n, &any));
    if (line == 0 && n > 0) {
        strncpy(f->first, names[0], sizeof f->first - 1);
        f->any = any;
        f->prices = header;
        classify(p, f);
    }
    judge_wide(line, n, names, f);
    if (f->wide) {
        f->line = 0;
        header = false;
    }
    if (header && f->line < 0) {
        f->line = line;
        f->format = format;
        f->separator = separator;
    }
    free(names);
    free(roles);
    /* "Price, Close, ..." is a header, unless the next line is one, too. */
    bool undecided =
        line == 0 ? format == NULL && (is_label(f->first) || !f->first[0])
                  : line == 1 && f->blank;
    return f->wide || (f->line >= 0 && !undecided);
}

static void find_header(const struct csv *c, struct found *f) {
    struct peek p;
    memset(f, 0, sizeof *f);
    f->line = -1;
    peek_open(&p, c);
    for (int line = 0; line <= NOTICES; line++) {
        char separator = '\0';
        if (!peek_next(&p, &separator))
            break;
        if (line == 0)
            f->separator = separator;
        if (separator != '\0' && judge_line(&p, line, separator, f))
            break;
    }
    peek_close(&p);
}

static bt_status no_separator(const struct csv *c, const char *path) {
    const char *s = c->data + c->begin;
    size_t n = 0;
    while (n < 60 && (unsigned char)s[n] >= ' ')
        n++;
    return fail(BT_E_DATA,
                "%s:%u: the first line has no comma, semicolon or tab; a table "
                "of bars begins with a header such as "
                "date,open,high,low,close,volume. It reads: %.*s",
                path, c->line, (int)n, s);
}

/* ---- without a header ---------------------------------------------------- */

/* Names from --columns, or the columns of a format. */
static bt_status names_from(const char *text, const char *path,
                            struct layout *l) {
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        if (l->columns == CSV_COLUMNS)
            return fail(BT_E_USAGE, "%s: more than %d columns", path,
                        CSV_COLUMNS);
        bool none = n == 1 && *text == '-';
        l->name[l->columns++] = mem_strndup(text, none ? 0 : n);
        text += text[n] == ',' ? n + 1 : n;
    }
    return BT_OK;
}

static bt_status ask_format(const char *path, const struct format *const *list,
                            int n) {
    struct buf what, flags;
    buf_init(&what);
    buf_init(&flags);
    for (int i = 0; i < n; i++) {
        buf_printf(&what, "%s%s", i == 0 ? "" : " or ", list[i]->title);
        buf_printf(&flags, "%s--format %s", i == 0 ? "" : " or ",
                   list[i]->name);
    }
    bt_status s = fail(BT_E_USAGE,
                       "%s: its rows can be %s, and nothing in them tells "
                       "which; say %s",
                       path, what.data, flags.data);
    buf_fini(&what);
    buf_fini(&flags);
    return s;
}

/* The one format whose rows look so; NULL: none. */
static bt_status find_shape(const char *path, const struct found *f,
                            const struct layout_wish *wish,
                            const struct format **out) {
    const struct format *list[16];
    int n = 0;
    for (int i = 0; i < format_count && n < 16; i++) {
        const struct format *x = &format_list[i];
        bool dated =
            x->shape == NULL || x->shape[0] != 'm' || wish->day != STAMP_NONE;
        if (dated && format_has_shape(x, f->classes))
            list[n++] = x;
    }
    if (n > 1)
        return ask_format(path, list, n);
    *out = n == 1 ? list[0] : NULL;
    return BT_OK;
}

static bt_status use_shape(const char *path, const struct format *format,
                           struct layout *l) {
    l->headerless = true;
    l->format = format;
    return format->columns ? names_from(format->columns, path, l) : BT_OK;
}

/* ---- the whole ----------------------------------------------------------- */

/* --format: the file must look as that format does. */
static bt_status check_wish(const char *path, const struct found *f,
                            const struct layout_wish *wish, struct layout *l) {
    const struct format *w = wish->format;
    bool header = (f->line >= 0 && f->format == w) ||
                  (f->wide && (w->quirks & QUIRK_WIDE));
    if (header)
        return BT_OK;
    if (f->line < 0 && format_has_shape(w, f->classes))
        return use_shape(path, w, l);
    if (f->line >= 0 && w->header == NULL && w->shape != NULL)
        return fail(BT_E_USAGE,
                    "%s: %s files have no header, this one has; leave out "
                    "--format %s",
                    path, w->title, w->name);
    return fail(BT_E_USAGE,
                "%s: its first line is not that of %s (%s%s); leave out "
                "--format %s, or say --map or --columns",
                path, w->title, w->header ? "a header " : "cells of the shape ",
                w->header  ? w->header
                : w->shape ? w->shape
                           : "Price, Ticker",
                w->name);
}

static bt_status take_header(struct csv *c, const char *path,
                             const struct found *f, struct layout *l) {
    l->format = f->format;
    l->notices = f->line > 0 ? f->line : 0;
    l->separator = f->separator;
    TRY(skip_lines(c, path, l->notices));
    if (!f->wide)
        return take_names(c, path, l, false);
    bool price_first =
        strcmp(f->first, "price") == 0 || (f->first[0] == '\0' && f->prices);
    for (int i = 0; i < format_count; i++)
        if (format_list[i].quirks & QUIRK_WIDE)
            l->format = &format_list[i];
    TRY(take_names(c, path, l, !price_first));
    TRY(take_names(c, path, l, price_first));
    free(l->name[0]);
    l->name[0] = mem_strdup("Date");
    struct peek p;
    char separator = l->separator;
    peek_open(&p, c);
    bool third = peek_next(&p, &separator) && p.count > 0 &&
                 stamp_form_of(p.cells[0].text, p.cells[0].n) == STAMP_UNKNOWN;
    peek_close(&p);
    return third ? skip_lines(c, path, 1) : BT_OK;
}

bt_status header_read(struct csv *c, const char *path,
                      const struct layout_wish *wish, struct layout *l) {
    struct found f;
    const struct format *shape = NULL;
    TRY(find_text(c, path));
    find_header(c, &f);
    l->separator = f.separator;
    if (f.separator == '\0')
        return no_separator(c, path);
    if (wish->columns != NULL) {
        l->headerless = true;
        l->format = wish->format;
        return names_from(wish->columns, path, l);
    }
    if (wish->format != NULL) {
        TRY(check_wish(path, &f, wish, l));
        if (l->headerless)
            return BT_OK;
    } else if (f.line < 0 && (!f.any || f.classes[0] != 'x')) {
        TRY(find_shape(path, &f, wish, &shape));
        if (shape != NULL)
            return use_shape(path, shape, l);
    }
    return take_header(c, path, &f, l);
}
