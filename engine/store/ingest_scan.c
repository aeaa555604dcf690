/* What only all rows of the files tell, before any is taken.
 *
 *     1/2/2012      a day beyond 12 says which number is the month; dates with
 *                   points, which nobody writes month first, need none
 *     1,234         where something else than a comma separates the columns, a
 *                   price of another shape says whether it is 1.234 or 1234
 *     3780000       prices of a source that multiplies some are divided where
 *                   all of a market are whole
 *
 * One answer holds for all files of a question, but for those whose source is
 * known to write dates in one order, and but for the last, where it is one for
 * each market: LEAN multiplies prices of equity, none of crypto. Where
 * two answers remain the ingest stops and names the flag that chooses.
 */
#include "store/ingest.h"

#include "base/status.h"
#include "store/decimal.h"

#include <stdio.h>
#include <string.h>

bool ingest_must_scan(const bt_ingest *g, const struct file *f) {
    bool order = f->form == STAMP_SLASH && g->options.dates == BT_DATES_AUTO;
    return !f->actions && (f->whole || f->commas || order);
}

/* ---- evidence -------------------------------------------------------------*/

static void remember(struct evidence *e, const struct file *f, uint32_t line,
                     const struct cell *c) {
    if (e->where[0] != '\0')
        return;
    snprintf(e->where, sizeof e->where, "%.280s:%u", f->path, line);
    snprintf(e->value, sizeof e->value, "%.*s", c->n < 31 ? (int)c->n : 31,
             c->text);
}

static void weigh(bt_ingest *g, const struct file *f, const struct cell *c) {
    int first, second;
    if (!stamp_slash(c->text, c->n, &first, &second))
        return;
    struct order_evidence *e = &g->here;
    remember(&e->any, f, g->csv.line, c);
    if (c->text[strspn(c->text, "0123456789")] != '.')
        e->slashed = true;
    if (first > 12 && second <= 12)
        remember(&e->dmy, f, g->csv.line, c);
    if (second > 12 && first <= 12)
        remember(&e->mdy, f, g->csv.line, c);
}

static void keep_first(struct evidence *kept, const struct evidence *e) {
    if (kept->where[0] == '\0')
        *kept = *e;
}

/* A file of a source that writes one order has that, unless its own rows say
 * otherwise; so what they say counts for no other file. */
static void weigh_file(bt_ingest *g, struct file *f) {
    struct order_evidence *e = &g->here;
    int32_t order = f->format ? f->format->order : BT_DATES_AUTO;
    const struct evidence *against = order == BT_DATES_MDY ? &e->dmy : &e->mdy;
    if (order != BT_DATES_AUTO && against->where[0] == '\0') {
        f->order = order;
    } else {
        keep_first(&g->dates.any, &e->any);
        keep_first(&g->dates.mdy, &e->mdy);
        keep_first(&g->dates.dmy, &e->dmy);
        g->dates.slashed |= e->slashed;
    }
    *e = (struct order_evidence){.slashed = false};
}

/* Is a price written out, not scaled? It has a part of one, or all the places
 * that the divisor stands for (37800.000000000 of a Databento file). */
static bool is_written_out(const struct cell *c, int64_t divisor) {
    const char *point = memchr(c->text, '.', c->n);
    int64_t places = 1;
    if (point == NULL)
        return false;
    for (const char *p = point + 1; p < c->text + c->n; p++) {
        if (*p != '0')
            return true;
        places *= places < divisor ? 10 : 1;
    }
    return places >= divisor;
}

static void weigh_scale(bt_ingest *g, struct file *f, const struct cell *cells,
                        size_t count) {
    for (int r = 0; r < ROLE_VOLUME; r++) {
        size_t at = (size_t)g->layout.at[r];
        if (at >= count || !is_written_out(&cells[at], f->format->divisor))
            continue;
        f->written = true;
        remember(&g->written, f, g->csv.line, &cells[at]);
    }
}

/* What a number says of the decimal sign; a point that is one is no news. */
static void weigh_sign(bt_ingest *g, const struct file *f,
                       const struct cell *c) {
    int32_t decimal = decimal_of(c->text, c->n);
    double v;
    if (decimal == BT_DECIMAL_COMMA)
        remember(&g->comma, f, g->csv.line, c);
    else if (decimal == BT_DECIMAL_POINT)
        remember(&g->point, f, g->csv.line, c);
    if (memchr(c->text, ',', c->n) == NULL)
        return;
    g->grouped |= decimal == BT_DECIMAL_POINT;
    if (decimal == BT_DECIMAL_AUTO &&
        decimal_parse(c->text, c->n, BT_DECIMAL_COMMA, &v))
        remember(&g->either, f, g->csv.line, c);
}

static void weigh_signs(bt_ingest *g, const struct file *f,
                        const struct cell *cells, size_t count) {
    for (int r = 0; r <= ROLE_VOLUME; r++) {
        size_t at = (size_t)g->layout.at[r];
        if (at < count)
            weigh_sign(g, f, &cells[at]);
    }
}

/* Nothing but commas matters, and the window has none: go behind its rows. */
static bool skip_window(bt_ingest *g, const struct file *f) {
    struct csv *c = &g->csv;
    const char *s = c->data + c->begin, *end = c->data + c->whole;
    if (f->whole || f->form == STAMP_SLASH ||
        memchr(s, ',', (size_t)(end - s)) != NULL)
        return false;
    while (s < end) {
        s = (const char *)memchr(s, '\n', (size_t)(end - s)) + 1;
        c->line++;
    }
    c->begin = c->whole;
    return true;
}

/* The rows in the window. */
static void scan_window(bt_ingest *g, struct file *f) {
    size_t count, next, at = (size_t)g->layout.at[ROLE_DATE];
    const struct cell *cells = g->parser.cells;
    uint32_t lines = 1;
    if (skip_window(g, f))
        return;
    while (g->csv.begin < g->csv.whole) {
        enum csv_result r = csv_record(&g->csv, g->layout.separator,
                                       g->parser.cells, &count, &next, &lines);
        if (r == CSV_MORE)
            return;
        if (r == CSV_RECORD_OK && at < count && f->form == STAMP_SLASH)
            weigh(g, f, &cells[at]);
        if (r == CSV_RECORD_OK && f->whole && count <= CSV_COLUMNS)
            weigh_scale(g, f, cells, count);
        if (r == CSV_RECORD_OK && f->commas && count <= CSV_COLUMNS)
            weigh_signs(g, f, cells, count);
        g->csv.begin = next;
        g->csv.line += lines;
    }
}

/* ---- decisions ------------------------------------------------------------*/

static bt_status decide_order(bt_ingest *g) {
    const struct evidence *m = &g->dates.mdy, *d = &g->dates.dmy;
    const struct evidence *any = &g->dates.any;
    if (g->order != BT_DATES_AUTO || any->where[0] == '\0')
        return BT_OK;
    if (m->where[0] != '\0' && d->where[0] != '\0')
        return fail(BT_E_USAGE,
                    "%s: %s can only be month/day, but %s: %s only day/month; "
                    "say --dates mdy or --dates dmy, which makes the other "
                    "rows bad ones",
                    m->where, m->value, d->where, d->value);
    bool shown = m->where[0] != '\0' || d->where[0] != '\0';
    g->dotted = !shown && !g->dates.slashed;
    if (!shown && !g->dotted)
        return fail(BT_E_USAGE,
                    "%s: %s can be month/day or day/month, and no row tells "
                    "which; say --dates mdy or --dates dmy",
                    any->where, any->value);
    g->order = m->where[0] != '\0' ? BT_DATES_MDY : BT_DATES_DMY;
    return BT_OK;
}

static bt_status decide_decimal(bt_ingest *g) {
    const struct evidence *c = &g->comma, *p = &g->point, *e = &g->either;
    bool comma = c->where[0] != '\0', point = p->where[0] != '\0';
    if (comma && point)
        return fail(BT_E_USAGE,
                    "%s: %s has a decimal comma, but %s: %s a decimal point; "
                    "say --decimal comma or --decimal point, which makes the "
                    "other rows bad ones",
                    c->where, c->value, p->where, p->value);
    if (!comma && !point && e->where[0] != '\0')
        return fail(
            BT_E_USAGE,
            "%s: the comma of %s can be decimal or group thousands, and "
            "no row tells which; say --decimal comma or --decimal point",
            e->where, e->value);
    bool commas = g->grouped || e->where[0] != '\0';
    g->decimal = comma             ? BT_DECIMAL_COMMA
                 : point && commas ? BT_DECIMAL_POINT
                                   : BT_DECIMAL_AUTO;
    return BT_OK;
}

int ingest_scan(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    bool more = true;
    if (ingest_must_scan(g, f)) {
        if (!g->reading)
            TRY(ingest_open_file(g, f));
        scan_window(g, f);
        TRY(csv_fill(&g->csv, &more));
        if (more)
            return BT_OK;
        ingest_close_file(g);
        if (f->form == STAMP_SLASH)
            weigh_file(g, f);
    }
    if (++g->at < g->file_count)
        return BT_OK;
    TRY(decide_order(g));
    TRY(decide_decimal(g));
    TRY(ingest_decide_scale(g));
    ingest_next(g, ingest_read);
    return BT_OK;
}
