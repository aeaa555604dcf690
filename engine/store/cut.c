/* A bundle as it was at the close of one of its rows, for whoever wants to
 * know whether a backtest looks ahead.
 *
 * Up to the row everything is as it is. What comes later is missing, or other
 * than it was; so a decision made by then must not differ. What a trader can
 * know beforehand stays: which assets there are (one that is listed later keeps
 * its first bar, at another price, for an asset has at least one), the days
 * that the market will be open in the near future, old symbols. Splits,
 * dividends, mergers and delistings that come later do not.
 *
 * Cost: that of writing the bundle.
 */
#include "backlua.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"
#include "store/asset.h"
#include "store/bundle.h"
#include "store/calendar.h"
#include "store/revise.h"
#include "store/schema.h"
#include "store/writer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Days of the calendar behind the row that BT_LATER_CUT keeps: a month's end
 * and the holidays before it are known. */
enum { KNOWN_DAYS = 40 };

struct cut {
    bt_bundle *bundle;
    int32_t row, later;
    int32_t *rows; /* [count] of the bundle, ascending, that are kept */
    int32_t count;
    struct calendar calendar;
    struct writer *writer;
    struct rng rng;
};

/* ---- the calendar ---------------------------------------------------------*/

static bool is_listed_at(const struct cut *c, int32_t row) {
    const struct asset_list *l = bundle_asset_list(c->bundle);
    for (int32_t i = 0; i < l->count; i++)
        if (l->assets[i].first_row == row)
            return true;
    return false;
}

static void choose_rows(struct cut *c) {
    int32_t n = bundle_rows(c->bundle);
    const int32_t *session = bundle_sessions(c->bundle);
    c->rows = mem_alloc((size_t)n * sizeof *c->rows);
    for (int32_t i = 0; i < n; i++)
        if (c->later != BT_LATER_CUT ||
            session[i] <= session[c->row] + KNOWN_DAYS || is_listed_at(c, i))
            c->rows[c->count++] = i;
}

static bt_status make_calendar(struct cut *c) {
    const bt_time *open = bundle_open_times(c->bundle);
    const bt_time *close = bundle_close_times(c->bundle);
    const int32_t *session = bundle_sessions(c->bundle);
    calendar_begin(&c->calendar, c->count);
    for (int32_t i = 0; i < c->count; i++) {
        int32_t r = c->rows[i];
        TRY(calendar_add(&c->calendar, open[r], close[r], session[r]));
    }
    calendar_end(&c->calendar);
    if (strcmp(bundle_calendar(c->bundle), "union") != 0)
        c->calendar.schedule = mem_strdup(bundle_calendar(c->bundle));
    return calendar_finish(&c->calendar);
}

/* ---- bars -----------------------------------------------------------------*/

/* 0.6 .. 1.4: another market. */
static double factor(struct cut *c) {
    return 0.6 + 0.8 * rng_unit(&c->rng);
}

static bt_status write_bar(struct cut *c, const double *const x[SCHEMA_FIELDS],
                           int32_t at) {
    double v[SCHEMA_FIELDS];
    int32_t r = c->rows[at];
    double times = r > c->row ? factor(c) : 1;
    for (int f = 0; f < SCHEMA_FIELDS; f++)
        v[f] = x[f][r] * times;
    return writer_bar(c->writer, at, v);
}

static bt_status write_asset(struct cut *c, int32_t sid) {
    const struct asset *a = &bundle_asset_list(c->bundle)->assets[sid];
    const double *x[SCHEMA_FIELDS];
    for (int f = 0; f < SCHEMA_FIELDS; f++)
        TRY(bundle_column(c->bundle, sid, f, &x[f]));
    TRY(writer_asset(c->writer, a->symbol));
    for (int32_t i = 0; i < c->count; i++) {
        int32_t r = c->rows[i];
        bool there = r <= c->row || c->later == BT_LATER_OTHER ||
                     (r == a->first_row && a->first_row > c->row);
        if (there && !isnan(x[BT_FIELD_CLOSE][r]))
            TRY(write_bar(c, x, i));
    }
    return writer_asset_end(c->writer);
}

static bt_status write_field(struct cut *c, int32_t field) {
    double *cells;
    int64_t stride;
    TRY(writer_field(c->writer, bt_bundle_field(c->bundle, field), &cells,
                     &stride));
    for (int32_t sid = 0; sid < bundle_assets(c->bundle); sid++) {
        const double *x;
        TRY(bundle_column(c->bundle, sid, field, &x));
        for (int32_t i = 0; i < c->count; i++) {
            int32_t r = c->rows[i];
            if (r <= c->row)
                cells[sid * stride + i] = x[r];
            else if (c->later == BT_LATER_OTHER)
                cells[sid * stride + i] = x[r] * factor(c);
        }
    }
    return BT_OK;
}

/* ---- the rest -------------------------------------------------------------*/

static bt_status write_facts(struct cut *c) {
    int32_t n = bundle_fields(c->bundle) - BT_FIELDS;
    const char **fields = mem_zalloc((size_t)n + 1, sizeof *fields);
    for (int32_t i = 0; i < n; i++)
        fields[i] = bt_bundle_field(c->bundle, BT_FIELDS + i);
    bt_status s =
        revise_rest(c->writer, &c->calendar, c->bundle, fields, (size_t)n);
    free((void *)fields);
    return s;
}

static bt_status write_actions(struct cut *c) {
    struct action_set *set = action_set_new();
    const bt_action *list;
    int32_t n = bt_bundle_actions(c->bundle, &list);
    bt_status s = BT_OK;
    for (int32_t i = 0; s == BT_OK && i < n; i++)
        if (list[i].row <= c->row || list[i].kind == BT_ACTION_SYMBOL)
            s = revise_action(c->bundle, &list[i], set);
    if (s == BT_OK)
        s = writer_actions(c->writer, set);
    action_set_free(set);
    return s;
}

static bt_status write_all(struct cut *c, const char *folder,
                           const bt_bundle_info *info) {
    choose_rows(c);
    TRY(make_calendar(c));
    TRY(writer_open(folder, info->name, &c->writer));
    TRY(writer_calendar(c->writer, info->frequency, &c->calendar));
    for (int32_t sid = 0; sid < bundle_assets(c->bundle); sid++)
        TRY(write_asset(c, sid));
    for (int32_t f = BT_FIELDS; f < bundle_fields(c->bundle); f++)
        TRY(write_field(c, f));
    TRY(write_facts(c));
    TRY(write_actions(c));
    struct writer *w = c->writer;
    c->writer = NULL;
    char sha[65];
    return writer_commit(w, info->provenance, info->skipped_rows, sha);
}

bt_status bt_bundle_cut(bt_bundle *b, int32_t row, int32_t later,
                        const char *folder) {
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    if (row < 0 || row >= info.rows)
        return fail(BT_E_RANGE, "row must be 0..%d, got %d", info.rows - 1,
                    row);
    if (later < BT_LATER_CUT || later > BT_LATER_OTHER)
        return fail(BT_E_RANGE, "later must be %d..%d, got %d", BT_LATER_CUT,
                    BT_LATER_OTHER, later);
    struct cut c = {.bundle = b, .row = row, .later = later};
    calendar_init(&c.calendar);
    rng_seed(&c.rng, (uint64_t)row);
    bt_status s = write_all(&c, folder, &info);
    writer_abandon(c.writer);
    calendar_fini(&c.calendar);
    free(c.rows);
    return s;
}
