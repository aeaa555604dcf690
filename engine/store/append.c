/* --append: the rows of files on top of those of a bundle, as its next version.
 *
 * The assets are those of both, sorted by symbol; the times are the union; bars
 * are merged by revise.c, which wants overlapping ones equal to the bit. So the
 * result, its version included, is that of an ingest of all files at once.
 */
#include "store/append.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/revise.h"

#include <stdlib.h>
#include <string.h>

bt_status append_open(bt_ingest *g) {
    bt_bundle_info info;
    char *path = fs_join(g->folder, g->options.bundle);
    bt_status s = bt_bundle_acquire(path, &g->base);
    free(path);
    if (s != BT_OK)
        return fail_within(s, "--append");
    bt_bundle_get_info(g->base, &info);
    TRY(frequency_parse(info.frequency, &g->base_frequency));
    bool asks = g->zone == NULL && frequency_is_intraday(g->base_frequency);
    return asks ? ingest_base_zone(g, info.provenance) : BT_OK;
}

void append_close(bt_ingest *g) {
    bt_bundle_release(g->base);
    free(g->symbols);
}

bt_status append_check_frequency(const bt_ingest *g) {
    bt_bundle_info info;
    bt_bundle_get_info(g->base, &info);
    if (strcmp(info.frequency, g->frequency_text) == 0)
        return BT_OK;
    return fail(BT_E_DATA,
                "the bars are %s apart, those of bundle '%s' %s; a bundle "
                "holds one frequency",
                g->frequency_text, info.name, info.frequency);
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Symbols of both, each once, sorted. */
static void unite(bt_ingest *g) {
    const struct asset_list *old = bundle_asset_list(g->base);
    size_t n = 0, kept = 0;
    g->symbols =
        mem_zalloc((size_t)old->count + g->rows.count + 1, sizeof *g->symbols);
    for (int32_t i = 0; i < old->count; i++)
        g->symbols[n++] = old->assets[i].symbol;
    for (size_t i = 0; i < g->rows.count; i++)
        if (g->rows.list[i]->total > 0)
            g->symbols[n++] = g->rows.list[i]->symbol;
    qsort(g->symbols, n, sizeof *g->symbols, by_text);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || strcmp(g->symbols[kept - 1], g->symbols[i]) != 0)
            g->symbols[kept++] = g->symbols[i];
    g->symbol_count = kept;
}

bt_status append_calendar(bt_ingest *g) {
    unite(g);
    return revise_calendar(g->base, &g->calendar);
}

/* ---- bars -----------------------------------------------------------------*/

struct from_files {
    struct fresh fresh; /* first */
    const bt_ingest *ingest;
    struct bars bars;
    const struct claim *last;
};

static bt_status next_bar(struct fresh *f, bt_time *open, const double **v) {
    struct from_files *s = (struct from_files *)f;
    TRY(bars_next(&s->bars, &s->last));
    *v = NULL;
    if (s->last != NULL) {
        *open = s->last->open;
        *v = s->last->row->v;
    }
    return BT_OK;
}

static void where(const struct fresh *f, struct buf *out) {
    const struct from_files *s = (const struct from_files *)f;
    const struct row *row = s->last->row;
    buf_printf(out, "%s:%u", s->ingest->files[row->file].path, row->line);
}

static const struct series *series_of(const bt_ingest *g, const char *symbol) {
    const struct series *s = map_get(g->rows.by_symbol, symbol);
    return s && s->total > 0 ? s : NULL;
}

static bt_status write_new(bt_ingest *g, struct from_files *f,
                           const char *symbol) {
    bt_time open;
    const double *v;
    int64_t row = 0;
    TRY(writer_asset(g->writer, symbol));
    TRY(next_bar(&f->fresh, &open, &v));
    while (v != NULL) {
        row = calendar_row_of(&g->calendar, open, row);
        TRY(writer_bar(g->writer, row, v));
        g->appended++;
        TRY(next_bar(&f->fresh, &open, &v));
    }
    return writer_asset_end(g->writer);
}

static bt_status write_asset(bt_ingest *g, const char *symbol) {
    int32_t sid = bt_bundle_find(g->base, symbol);
    const struct series *s = series_of(g, symbol);
    struct from_files f = {.fresh = {.next = next_bar, .where = where},
                           .ingest = g};
    if (s == NULL)
        return revise_asset(g->writer, &g->calendar, g->base, sid, NULL);
    TRY(bars_open(&f.bars, &g->rule, &g->rows, s));
    bt_status status =
        sid < 0 ? write_new(g, &f, symbol)
                : revise_asset(g->writer, &g->calendar, g->base, sid, &f.fresh);
    bars_close(&f.bars);
    g->appended += f.fresh.added;
    g->repeated += f.fresh.repeated;
    return status;
}

bt_status append_asset(bt_ingest *g, bool *more) {
    *more = g->at < g->symbol_count;
    return *more ? write_asset(g, g->symbols[g->at++]) : BT_OK;
}

static bool has_values(const struct own *o, const char *field) {
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->columns[i].name, field) == 0)
            return o->columns[i].why == NULL && o->columns[i].values > 0;
    return false;
}

/* Fields of the bundle that the files have no column for: nothing is known of
 * them in the new rows. */
static void note_unknown_fields(bt_ingest *g) {
    struct buf names;
    buf_init(&names);
    for (int32_t f = BT_FIELDS; f < bundle_fields(g->base); f++)
        if (!has_values(&g->own, bt_bundle_field(g->base, f)))
            buf_printf(&names, "%s%s", names.len ? ", " : "",
                       bt_bundle_field(g->base, f));
    if (names.len > 0 && g->appended > 0)
        ingest_note(g,
                    "warning: no column of these files is %s: new rows have no "
                    "value of it (ingest FILE --into %s joins it again)",
                    names.data, g->options.bundle);
    buf_fini(&names);
}

bt_status append_rest(bt_ingest *g) {
    TRY(revise_rest(g->writer, &g->calendar, g->base, NULL, 0));
    TRY(revise_actions(g->base, false, g->actions));
    TRY(ingest_ends(g));
    ingest_note(g, "%.0f bar%s appended, %.0f were there already", g->appended,
                g->appended == 1 ? "" : "s", g->repeated);
    note_unknown_fields(g);
    return BT_OK;
}
