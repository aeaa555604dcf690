/* The stages of an ingest that look at files: headers, dates, rows. */
#include "store/ingest.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bt_status ingest_open_file(bt_ingest *g, const struct file *f) {
    struct source *source;
    const struct origin from = {f->open_path, f->fd, f->entry};
    const struct layout_wish wish = {.format = g->format,
                                     .map = g->options.map,
                                     .columns = g->options.columns,
                                     .group = f->group,
                                     .day = f->day};
    TRY(source_open(&from, &source));
    csv_init(&g->csv, source);
    bt_status s = layout_read(&g->csv, f->path, &wish, &g->layout);
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

static bt_status check_symbol(const struct file *f) {
    if (f->symbol == NULL)
        return BT_OK;
    if (strlen(f->symbol) > 64)
        return fail(BT_E_USAGE,
                    "%s: the file's name is too long for a symbol (64 bytes); "
                    "say --symbol",
                    f->path);
    if (f->fd >= 0 && f->entry == NULL && f->group == 0)
        return fail(BT_E_USAGE,
                    "%s has no column of symbols and no name; say --symbol",
                    f->path);
    return BT_OK;
}

static bt_status decide_symbol(const bt_ingest *g, struct file *f) {
    int at = g->layout.at[ROLE_SYMBOL];
    const char *group = layout_group(&g->layout, f->group);
    bool column = at >= 0 || g->layout.groups > 1;
    if (column && g->options.symbol != NULL)
        return fail(BT_E_USAGE,
                    "%s has its symbols in column %d '%.40s'; leave out "
                    "--symbol, or remove the column",
                    f->path, at >= 0 ? at + 1 : 2,
                    at >= 0 ? g->layout.name[at] : group);
    ingest_name_file(f);
    if (at < 0 && g->options.symbol == NULL && group == NULL)
        return check_symbol(f);
    free(f->symbol);
    f->symbol = at >= 0
                    ? NULL
                    : mem_strdup(g->options.symbol ? g->options.symbol : group);
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

/* The other symbols of a wide file are files of their own. */
static void add_groups(bt_ingest *g) {
    int groups = g->files[g->at].group == 0 ? g->layout.groups : 0;
    for (int i = 1; i < groups; i++)
        ingest_add_group(g, g->at, i);
}

/* yfinance's prices are adjusted for dividends, too, unless it was told not to:
 * then there is a column that is. */
static int32_t adjusted_of(const struct layout *l) {
    char plain[NAMES_PLAIN];
    if (l->format == NULL)
        return BT_ADJUSTED_UNKNOWN;
    for (int i = 0; (l->format->quirks & QUIRK_WIDE) && i < l->columns; i++) {
        names_plain(l->name[i], plain);
        if (strcmp(plain, "adjclose") == 0)
            return BT_ADJUSTED_SPLITS;
    }
    return l->format->adjusted;
}

static bt_status sniff_bars(bt_ingest *g, struct file *f) {
    struct buf name;
    const struct layout *l = &g->layout;
    f->form = l->first.form;
    f->zoned = f->form == STAMP_EPOCH || l->first.zone == 1;
    f->clocked = l->clocked;
    f->utc = l->utc;
    f->mapped = l->mapped;
    f->whole = (l->quirks & QUIRK_WHOLE) && g->options.scale == 0;
    f->commas = l->separator != ',' && !(l->quirks & QUIRK_DECORATED) &&
                g->options.decimal == BT_DECIMAL_AUTO;
    f->adjusted = g->options.adjusted != BT_ADJUSTED_UNKNOWN
                      ? g->options.adjusted
                      : adjusted_of(l);
    buf_init(&name);
    layout_column(l, l->at[ROLE_DATE], &name);
    f->date_name = buf_take(&name);
    if (f->group == 0)
        note_shape(g, f);
    TRY(decide_symbol(g, f));
    add_groups(g);
    return BT_OK;
}

static bt_status sniff_file(bt_ingest *g, struct file *f) {
    f->format = g->layout.format;
    f->actions = f->format != NULL && f->format->kind != FORMAT_BARS;
    if (!f->actions)
        return sniff_bars(g, f);
    ingest_name_file(f);
    return ingest_read_actions(g, f);
}

/* A row is 56 bytes, which can be three times its text: small files get no more
 * memory for their rows than twice their size. A packed file may unpack to ten
 * times its own. */
static void count_text(bt_ingest *g) {
    const struct source *s = g->csv.source;
    double size = (double)source_size(s);
    g->text += source_is_packed(s) ? 10 * size : size;
}

static void fit_memory(bt_ingest *g) {
    double most = 2 * g->text + (16 << 20);
    if (g->options.memory_mb == 0 && most < (double)g->rows.budget)
        g->rows.budget = (size_t)most;
}

static bt_status after_sniffing(bt_ingest *g) {
    bool scan = false, bars = false;
    for (size_t i = 0; i < g->file_count; i++) {
        scan |= ingest_must_scan(g, &g->files[i]);
        bars |= !g->files[i].actions;
    }
    if (!bars)
        return fail(BT_E_DATA, "%s holds %s; name files of bars, too",
                    g->files[0].path, g->files[0].format->title);
    fit_memory(g);
    ingest_next(g, scan ? ingest_scan : ingest_read);
    return BT_OK;
}

int ingest_sniff(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    TRY(ingest_open_file(g, f));
    count_text(g);
    bt_status s = sniff_file(g, f);
    ingest_close_file(g);
    TRY(s);
    return ++g->at < g->file_count ? BT_OK : after_sniffing(g);
}

/* ---- rows ---------------------------------------------------------------- */

/* --scale as a division where that is exact: 0.0001 is no double, 10000 is. */
static void choose_scale(bt_ingest *g, const struct file *f) {
    double scale = g->options.scale, inverse = scale > 0 ? 1 / scale : 0;
    double whole = nearbyint(inverse);
    if (scale > 0 && scale < 1 && fabs(inverse - whole) <= 1e-9 * whole)
        layout_scale(&g->layout, whole, 1);
    else if (scale > 0)
        layout_scale(&g->layout, 1, scale);
    else if (f->whole && f->scaled)
        layout_scale(&g->layout, f->format->divisor, 1);
}

static bt_status begin_file(bt_ingest *g, const struct file *f) {
    TRY(ingest_open_file(g, f));
    struct parser *p = &g->parser;
    if (p->rules.form == STAMP_SLASH)
        p->rules.order = f->order != BT_DATES_AUTO ? f->order : g->order;
    if (p->rules.form == STAMP_EPOCH && g->options.epoch != BT_EPOCH_AUTO)
        p->rules.unit = g->options.epoch;
    choose_scale(g, f);
    g->layout.decimal = f->commas ? g->decimal : g->options.decimal;
    if (g->layout.at[ROLE_DIVIDEND] >= 0 || g->layout.at[ROLE_SPLIT] >= 0)
        p->actions = g->actions;
    if (own_begin(&g->own, &g->layout))
        p->own = &g->own;
    if (f->symbol != NULL)
        p->series = rows_series(&g->rows, f->symbol);
    return ingest_choose_zone(g, f);
}

/* Counts since 1970 whose sizes speak for none or for different units. */
static bt_status check_units(const bt_ingest *g, const struct file *f) {
    static const char *const names[] = {"", "s", "ms", "us", "ns"};
    const unsigned none = 1U << BT_EPOCH_AUTO, seconds = 1U << BT_EPOCH_S;
    unsigned units = g->parser.units;
    if (g->options.epoch == BT_EPOCH_AUTO && units == none)
        return fail(BT_E_USAGE,
                    "%s: %s: all numbers lie in 20000 to 79999, as those that "
                    "spreadsheets write for days (44928 is 2023-01-02); save "
                    "the column as dates, such as 2023-01-02, or say --epoch s "
                    "when they are seconds since 1970",
                    f->path, f->date_name);
    if (units & none)
        units = (units | seconds) & ~none;
    if (g->options.epoch != BT_EPOCH_AUTO || (units & (units - 1)) == 0)
        return BT_OK;
    int low = __builtin_ctz(units), high = 31 - __builtin_clz(units);
    return fail(BT_E_USAGE,
                "%s: some times look like counts of %s since 1970, others like "
                "%s; say --epoch s, ms, us or ns, or split the file",
                f->path, names[low], names[high]);
}

/* Prices out of order in more than a few rows, and in one of a thousand: the
 * columns are not what they were taken for. Whoever said what they are, said
 * so. */
static bt_status check_proof(const bt_ingest *g, const struct file *f) {
    enum { FEW = 5 };
    const struct proof *p = &g->parser.proof;
    struct buf text;
    if (f->mapped || p->broken <= FEW || p->broken * 1000 <= g->parser.count)
        return BT_OK;
    buf_init(&text);
    for (int r = 0; r < ROLE_VOLUME; r++) {
        buf_printf(&text, "%s%s %.10g (", r ? ", " : "",
                   names_role((enum role)r), p->v[r]);
        layout_column(&g->layout, g->layout.at[r], &text);
        buf_str(&text, ")");
    }
    bt_status s =
        fail(BT_E_DATA,
             "%s: in %.0f of %.0f rows the high is not the highest or the low "
             "not the lowest price; the worst is line %u: %s. Say which column "
             "is which: --map open=2,high=3,low=4,close=5",
             f->path, p->broken, g->parser.count, p->line, text.data);
    buf_fini(&text);
    return s;
}

static bt_status end_file(bt_ingest *g, struct file *f) {
    const struct parser *p = &g->parser;
    TRY(check_units(g, f));
    TRY(check_proof(g, f));
    if (!f->inner)
        source_sha(g->csv.source, f->sha);
    f->rows = p->count;
    g->rows_before += f->rows;
    g->report.rows = g->rows_before;
    g->report.tolerated += p->tolerated;
    g->report.empty += p->empty;
    g->quiet += p->quiet;
    g->report.files_done++;
    g->bytes_before += source_done(g->csv.source);
    g->report.bytes_done = (double)g->bytes_before;
    ingest_close_file(g);
    return BT_OK;
}

static void report_progress(bt_ingest *g) {
    bt_ingest_report *r = &g->report;
    r->rejected = g->rejects.count;
    r->rows = g->rows_before + g->parser.count;
    r->bytes_done = (double)(g->bytes_before + source_done(g->csv.source));
}

int ingest_read(bt_ingest *g) {
    struct file *f = &g->files[g->at];
    bool more = false;
    if (!f->actions) {
        if (!g->reading)
            TRY(begin_file(g, f));
        TRY(parse_window(&g->parser));
        TRY(csv_fill(&g->csv, &more));
        report_progress(g);
        if (more)
            return BT_OK;
        TRY(end_file(g, f));
    }
    if (++g->at < g->file_count)
        return BT_OK;
    rows_finish(&g->rows);
    ingest_note_input(g);
    ingest_stage(g, 1, 2 * g->report.rows);
    g->report.symbols = (int32_t)g->rows.count;
    ingest_next(g, ingest_spacing);
    return BT_OK;
}
