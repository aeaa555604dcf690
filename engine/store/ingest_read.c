/* The stages of an ingest that look at files: headers, dates, rows. */
#include "store/ingest.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bt_status open_file(bt_ingest *g, const struct file *f) {
    struct source *source;
    TRY(source_open(f->path, &source));
    csv_init(&g->csv, source);
    bt_status s = layout_read(&g->csv, f->path, &g->layout);
    if (s != BT_OK) {
        csv_fini(&g->csv);
        return s;
    }
    g->reading = true;
    parse_init(&g->parser, f->path, (uint32_t)g->at, &g->csv, &g->layout,
               &g->rows, NULL, &g->rejects);
    return BT_OK;
}

void ingest_close_file(bt_ingest *g) {
    if (!g->reading)
        return;
    parse_fini(&g->parser);
    layout_fini(&g->layout);
    csv_fini(&g->csv);
    g->reading = false;
}

/* ---- sniff --------------------------------------------------------------- */

static bt_status decide_symbol(const bt_ingest *g, struct file *f) {
    int at = g->layout.at[ROLE_SYMBOL];
    if (at >= 0 && g->options.symbol != NULL)
        return fail(BT_E_USAGE,
                    "%s has its symbols in column %d '%.40s'; leave out "
                    "--symbol, or remove the column",
                    f->path, at + 1, g->layout.name[at]);
    if (at >= 0 || g->options.symbol != NULL) {
        free(f->symbol);
        f->symbol = at < 0 ? mem_strdup(g->options.symbol) : NULL;
    }
    if (f->symbol != NULL && strlen(f->symbol) > 64)
        return fail(BT_E_USAGE,
                    "%s: the file's name is too long for a symbol (64 bytes); "
                    "say --symbol",
                    f->path);
    return BT_OK;
}

static void note_shape(bt_ingest *g, const struct file *f) {
    struct buf text;
    buf_init(&text);
    layout_describe(&g->layout, &text);
    struct shape *shape = map_get(g->shapes, text.data);
    if (shape == NULL) {
        shape = mem_zalloc(1, sizeof *shape);
        shape->path = f->path;
        map_put(g->shapes, text.data, shape);
    }
    shape->files++;
    buf_fini(&text);
}

static bt_status sniff_file(bt_ingest *g, struct file *f) {
    struct buf name;
    f->form = g->layout.first.form;
    f->zoned = f->form == STAMP_EPOCH || g->layout.first.zone == 1;
    buf_init(&name);
    layout_column(&g->layout, g->layout.at[ROLE_DATE], &name);
    f->date_name = buf_take(&name);
    buf_fini(&name);
    note_shape(g, f);
    return decide_symbol(g, f);
}

static bool must_scan_dates(const bt_ingest *g) {
    for (size_t i = 0; i < g->file_count; i++)
        if (g->files[i].form == STAMP_SLASH && g->order == BT_DATES_AUTO)
            return true;
    return false;
}

int ingest_sniff(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    TRY(open_file(g, f));
    bt_status s = sniff_file(g, f);
    ingest_close_file(g);
    TRY(s);
    if (++g->at < g->file_count)
        return BT_OK;
    ingest_next(g, must_scan_dates(g) ? ingest_scan_dates : ingest_read);
    return BT_OK;
}

/* ---- dates of either order ----------------------------------------------- */

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
    remember(&g->any, f, g->csv.line, c);
    if (first > 12 && second <= 12)
        remember(&g->dmy, f, g->csv.line, c);
    if (second > 12 && first <= 12)
        remember(&g->mdy, f, g->csv.line, c);
}

/* The dates of the rows in the window. */
static void scan_window(bt_ingest *g, const struct file *f) {
    size_t count, next, at = (size_t)g->layout.at[ROLE_DATE];
    uint32_t lines = 1;
    while (g->csv.begin < g->csv.whole) {
        enum csv_result r = csv_record(&g->csv, g->layout.separator,
                                       g->parser.cells, &count, &next, &lines);
        if (r == CSV_MORE)
            return;
        if (r == CSV_RECORD_OK && at < count)
            weigh(g, f, &g->parser.cells[at]);
        g->csv.begin = next;
        g->csv.line += lines;
    }
}

static bt_status decide_order(bt_ingest *g) {
    const struct evidence *m = &g->mdy, *d = &g->dmy;
    if (m->where[0] != '\0' && d->where[0] != '\0')
        return fail(BT_E_USAGE,
                    "%s: %s can only be month/day, but %s: %s only day/month; "
                    "say --dates mdy or --dates dmy, which makes the other "
                    "rows bad ones",
                    m->where, m->value, d->where, d->value);
    if (m->where[0] == '\0' && d->where[0] == '\0')
        return fail(BT_E_USAGE,
                    "%s: %s can be month/day or day/month, and no row tells "
                    "which; say --dates mdy or --dates dmy",
                    g->any.where, g->any.value);
    g->order = m->where[0] != '\0' ? BT_DATES_MDY : BT_DATES_DMY;
    return BT_OK;
}

int ingest_scan_dates(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    bool more = true;
    if (f->form == STAMP_SLASH) {
        if (!g->reading)
            TRY(open_file(g, f));
        scan_window(g, f);
        TRY(csv_fill(&g->csv, &more));
        if (more)
            return BT_OK;
        ingest_close_file(g);
    }
    if (++g->at < g->file_count)
        return BT_OK;
    TRY(decide_order(g));
    ingest_next(g, ingest_read);
    return BT_OK;
}

/* ---- rows ---------------------------------------------------------------- */

static bt_status begin_file(bt_ingest *g, const struct file *f) {
    TRY(open_file(g, f));
    struct parser *p = &g->parser;
    if (p->rules.form == STAMP_SLASH)
        p->rules.order = g->order;
    if (p->rules.form == STAMP_EPOCH && g->options.epoch != BT_EPOCH_AUTO)
        p->rules.unit = g->options.epoch;
    if (f->symbol != NULL)
        p->series = rows_series(&g->rows, f->symbol);
    return BT_OK;
}

/* Counts since 1970 whose sizes speak for different units. */
static bt_status check_units(const bt_ingest *g, const struct file *f) {
    static const char *const names[] = {"", "s", "ms", "us", "ns"};
    unsigned units = g->parser.units;
    if (g->options.epoch != BT_EPOCH_AUTO || (units & (units - 1)) == 0)
        return BT_OK;
    int low = __builtin_ctz(units), high = 31 - __builtin_clz(units);
    return fail(BT_E_USAGE,
                "%s: some times look like counts of %s since 1970, others like "
                "%s; say --epoch s, ms, us or ns, or split the file",
                f->path, names[low], names[high]);
}

static bt_status end_file(bt_ingest *g, struct file *f) {
    TRY(check_units(g, f));
    source_sha(g->csv.source, f->sha);
    f->rows = g->parser.count;
    g->report.rows += f->rows;
    g->report.tolerated += g->parser.tolerated;
    g->report.files_done++;
    g->bytes_before += source_done(g->csv.source);
    g->report.bytes_done = (double)g->bytes_before;
    ingest_close_file(g);
    return BT_OK;
}

int ingest_read(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    bool more;
    if (!g->reading)
        TRY(begin_file(g, f));
    TRY(parse_window(&g->parser));
    TRY(csv_fill(&g->csv, &more));
    g->report.rejected = g->rejects.count;
    g->report.bytes_done =
        (double)(g->bytes_before + source_done(g->csv.source));
    if (more)
        return BT_OK;
    TRY(end_file(g, f));
    if (++g->at < g->file_count)
        return BT_OK;
    rows_finish(&g->rows);
    ingest_note_input(g);
    g->report.stage = 1;
    g->report.symbols = (int32_t)g->rows.count;
    ingest_next(g, ingest_spacing);
    return BT_OK;
}
