/* Copies of columns, for what has no column to point at: coarser bars that are
 * adjusted or still growing, and whole columns as of another row.
 *
 * Cost: what is copied.
 */
#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/portal.h"
#include "portal/resample.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t bt_portal_level_row(const bt_portal *public, int32_t row,
                            int32_t growing) {
    const struct portal *p = (const struct portal *)public;
    const struct groups *g = portal_groups(p);
    if (g == NULL || row < 0 || row >= g->rows)
        return -1;
    int32_t closed = g->closed[row];
    bool grows = closed < g->count && g->first[closed] <= row;
    return closed - 1 + (grows && growing);
}

int32_t bt_portal_is_adjusted(bt_portal *public, int32_t adjust, int32_t sid) {
    struct portal *p = (struct portal *)public;
    if (portal_mode(p, adjust, &adjust) != BT_OK)
        return 1;
    if (sid < 0)
        return adjust_has_events(portal_adjustments(p), adjust);
    return bt_portal_epoch(public, adjust, sid, public->cursor) != 0;
}

static bt_status find_events(struct portal *p, int32_t adjust, int32_t sid,
                             const struct adjust_events **out) {
    TRY(portal_mode(p, adjust, &adjust));
    if (sid < 0 || sid >= portal_public(p)->assets)
        return fail(BT_E_NAME, "no asset %d; there are %d", sid,
                    portal_public(p)->assets);
    return adjust_events(portal_adjustments(p), adjust, sid, out);
}

int32_t bt_portal_epoch(bt_portal *public, int32_t adjust, int32_t sid,
                        int32_t row) {
    const struct adjust_events *e;
    bt_status bad = find_events((struct portal *)public, adjust, sid, &e);
    return bad == BT_OK ? adjust_epoch(e, row) : -1;
}

static bt_status copy_column(struct portal *p, const struct adjust_events *e,
                             int32_t sid, int32_t field, int32_t epoch,
                             double *out) {
    const double *x;
    if (epoch < 0 || epoch > e->count)
        return fail(BT_E_RANGE, "epoch must be 0..%d, got %d", e->count, epoch);
    TRY(portal_data(portal_base(p), sid, field, &x));
    int32_t rows = bundle_rows(portal_bundle(p));
    int32_t end = epoch < e->count ? e->list[epoch].row : rows;
    adjust_fill(e, epoch, field, x, 0, end, out);
    return BT_OK;
}

int32_t bt_portal_copy(bt_portal *public, int32_t adjust, int32_t sid,
                       int32_t field, int32_t epoch, double *out) {
    struct portal *p = (struct portal *)public;
    const struct adjust_events *e;
    if (find_events(p, adjust, sid, &e) != BT_OK ||
        copy_column(p, e, sid, field, epoch, out) != BT_OK)
        return -1;
    return epoch < e->count ? e->list[epoch].row
                            : bundle_rows(portal_bundle(p));
}

/* The last n bars as of a row of the bundle, to be made or copied. */
struct coarse {
    struct portal *p;
    const struct groups *g;
    int32_t adjust, sid, field, row, last, n;
};

static bt_status copy_times(const struct coarse *c, double *out) {
    bt_portal *p = portal_public(c->p);
    int32_t closed = bt_portal_level_row(p, c->row, 0);
    TRY(bt_portal_times(p));
    bt_portal_reach(p, c->n > c->last + 1 ? c->n : 0);
    const double *x = p->hidden_time_series->hidden_data;
    memcpy(out, x + c->last + 1 - c->n, (size_t)c->n * sizeof *out);
    if (c->last > closed)
        out[c->n - 1] =
            (double)bundle_close_times(portal_bundle(c->p))[c->row] / 1e6;
    return BT_OK;
}

/* Bars made of x, the bundle's column as of the row. */
static void make_bars(const struct coarse *c, const double *x, double *out) {
    for (int32_t i = 0; i < c->n; i++) {
        int32_t bar = c->last + 1 - c->n + i;
        if (bar < 0) {
            out[i] = c->field == BT_FIELD_VOLUME ? 0 : NAN;
            continue;
        }
        int32_t first = c->g->first[bar], end = c->g->first[bar + 1];
        end = end > c->row + 1 ? c->row + 1 : end;
        out[i] = resample_value(c->field, x + first, end - first);
    }
}

static bt_status copy_bars(const struct coarse *c, double *out) {
    const struct adjust_events *e;
    const double *x;
    TRY(portal_data(portal_base(c->p), c->sid, c->field, &x));
    TRY(adjust_events(portal_adjustments(c->p), c->adjust, c->sid, &e));
    int32_t epoch = adjust_epoch(e, c->row);
    int32_t bar = c->last + 1 - c->n;
    int32_t first = c->g->first[bar < 0 ? 0 : bar];
    double *adjusted = NULL;
    if (epoch > 0) { /* only what the window needs is touched */
        adjusted = mem_alloc(((size_t)c->row + 1) * sizeof *adjusted);
        adjust_fill(e, epoch, c->field, x, first, c->row + 1, adjusted);
    }
    make_bars(c, adjusted ? adjusted : x, out);
    free(adjusted);
    return BT_OK;
}

bt_status bt_portal_coarse(bt_portal *public, int32_t adjust, int32_t sid,
                           int32_t field, int32_t row, int32_t growing,
                           int32_t n, double *out) {
    struct portal *p = (struct portal *)public;
    int32_t cursor = portal_public(portal_base(p))->cursor;
    TRY(portal_mode(p, adjust, &adjust));
    if (!portal_groups(p) || row < 0 || row > cursor || n < 1 ||
        n > BT_HISTORY_MAX)
        return fail(BT_E_RANGE,
                    "bars of a coarser frequency: row must be 0..%d, got %d; "
                    "count 1..%d, got %d",
                    cursor, row, BT_HISTORY_MAX, n);
    struct coarse c = {.p = p,
                       .g = portal_groups(p),
                       .adjust = adjust,
                       .sid = sid,
                       .field = field,
                       .row = row,
                       .last = bt_portal_level_row(public, row, growing),
                       .n = n};
    return field < 0 ? copy_times(&c, out) : copy_bars(&c, out);
}
