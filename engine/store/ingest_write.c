/* The last stage of an ingest: bars to a bundle. */
#include "store/ingest.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/append.h"
#include "store/schema.h"

#include <stdlib.h>

static bt_status end_bars(bt_ingest *g) {
    bars_close(&g->walk.bars);
    g->walk.writing = false;
    return writer_asset_end(g->writer);
}

/* Some bars of a series more. */
static bt_status write_bars(bt_ingest *g, bool *more) {
    struct walk *w = &g->walk;
    const struct claim *bar = NULL;
    calendar_rest(&g->calendar);
    for (int i = 0; i < INGEST_STEP; i++) {
        TRY(bars_next(&w->bars, &bar));
        if (bar == NULL)
            break;
        w->row = calendar_row_of(&g->calendar, bar->open, w->row);
        TRY(writer_bar(g->writer, w->row, bar->row->v));
        g->report.passed++;
    }
    *more = bar != NULL;
    return bar == NULL ? end_bars(g) : BT_OK;
}

/* Each row of the calendar is a row of the series, and the other way round:
 * column by column, as they are. */
static bt_status write_columns(bt_ingest *g, const struct series *s) {
    int n = (int)s->block_count + 1;
    struct iovec *pieces = mem_alloc((size_t)n * sizeof *pieces);
    bt_status status = BT_OK;
    for (int field = 0; field < SCHEMA_FIELDS && status == BT_OK; field++) {
        for (int i = 0; i < n; i++) {
            const struct block *b = series_piece(s, (size_t)i);
            pieces[i].iov_base = b->count > 0 ? block_values(b, field) : NULL;
            pieces[i].iov_len = b->count * sizeof(double);
        }
        status = writer_column(g->writer, field, pieces, n);
    }
    free(pieces);
    return status == BT_OK ? writer_asset_end(g->writer) : status;
}

static bt_status write_series(bt_ingest *g, const struct series *s,
                              bool *more) {
    struct walk *w = &g->walk;
    if (w->writing)
        return write_bars(g, more);
    TRY(writer_asset(g->writer, s->symbol));
    if (s->clean && s->total == g->calendar.rows && series_at_hand(s)) {
        g->report.passed += (double)s->total;
        return write_columns(g, s);
    }
    TRY(bars_open(&w->bars, &g->rule, &g->rows, s));
    w->writing = true;
    w->row = 0;
    return write_bars(g, more);
}

static const char *path_of(void *context, uint32_t file) {
    return ((const bt_ingest *)context)->files[file].path;
}

static bt_status append_next(bt_ingest *g, bool *more) {
    double before = g->appended + g->repeated;
    TRY(append_asset(g, more));
    g->report.passed += g->appended + g->repeated - before;
    return BT_OK;
}

/* The next asset, or more of it. False in *more: none is left. */
static bt_status write_bars_of(bt_ingest *g, bool *more) {
    bool same = false;
    if (g->base != NULL)
        return append_next(g, more);
    *more = g->at < g->rows.count;
    const struct series *s = *more ? g->rows.list[g->at] : NULL;
    if (s && s->total > 0)
        TRY(write_series(g, s, &same));
    g->at += *more && !same;
    return BT_OK;
}

/* What belongs to the assets beside their bars. */
static bt_status write_rest(bt_ingest *g) {
    int32_t strangers = 0;
    if (g->base != NULL)
        TRY(append_rest(g));
    TRY(own_write(&g->own, g->writer, &g->rule, &g->calendar, path_of, g));
    ingest_note_fields(g);
    TRY(facts_file_write(&g->facts, g->writer, &strangers));
    if (strangers > 0)
        ingest_note(g, "%s: %d symbol%s without bars left out", g->facts.path,
                    strangers, strangers == 1 ? "" : "s");
    return writer_actions(g->writer, g->actions);
}

/* Rows that were left out of all that is in the bundle. */
static double skipped_rows(const bt_ingest *g) {
    bt_bundle_info info = {.skipped_rows = 0};
    if (g->base != NULL)
        bt_bundle_get_info(g->base, &info);
    return g->rejects.count + info.skipped_rows;
}

int ingest_write(bt_ingest *g) {
    bool more;
    TRY(write_bars_of(g, &more));
    if (more)
        return BT_OK;
    TRY(write_rest(g));
    char *json = ingest_provenance(g);
    struct writer *w = g->writer;
    g->writer = NULL;
    bt_status s = writer_commit(w, json, skipped_rows(g), g->report.sha256);
    free(json);
    TRY(s);
    ingest_stage(g, 3, 0);
    ingest_next(g, NULL);
    return BT_OK;
}
