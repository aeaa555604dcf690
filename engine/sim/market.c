/* Columns are mapped when an asset is first ordered, so a run over thousands of
 * assets touches the pages of those it trades. An asset that is held has been
 * ordered: its columns are there.
 *
 * An asset's terms are those set for the run, else its bundle's, else the run's
 * lot and a multiplier of 1. They are put beside the columns once, when they
 * can no longer change: settings end with initialize, orders begin after it.
 */
#include "sim/market.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>

void market_init(struct market *m, struct portal *p, double lot) {
    const bt_bundle *b = portal_bundle(p);
    m->portal = p;
    m->lot = lot;
    m->own = NULL;
    m->open_times = bundle_open_times(b);
    m->close_times = bundle_close_times(b);
    m->assets = mem_zalloc((size_t)bundle_assets(b), sizeof *m->assets);
}

void market_fini(struct market *m) {
    free(m->assets);
    free(m->own);
}

struct terms *market_own_terms(struct market *m, int32_t sid) {
    int32_t n = bundle_assets(portal_bundle(m->portal));
    if (!m->own) {
        m->own = mem_alloc((size_t)n * sizeof *m->own);
        for (int32_t i = 0; i < n; i++)
            m->own[i] = (struct terms){NAN, NAN, NAN};
    }
    return &m->own[sid];
}

static void override(double *value, double own) {
    if (!isnan(own))
        *value = own;
}

struct terms market_terms_of(const bt_bundle *b, double lot,
                             const struct terms *own, int32_t sid) {
    bt_asset_facts facts;
    bt_bundle_get_facts(b, sid, &facts);
    struct terms t = {facts.lot_size > 0.0 ? facts.lot_size : lot,
                      facts.multiplier, facts.tick_size};
    if (own) {
        override(&t.lot, own[sid].lot);
        override(&t.multiplier, own[sid].multiplier);
        override(&t.tick, own[sid].tick);
    }
    return t;
}

struct terms market_terms(const struct market *m, int32_t sid) {
    return market_terms_of(portal_bundle(m->portal), m->lot, m->own, sid);
}

/* Some data have no volume at all: then a bar without any says nothing. */
static bool has_volume(const struct columns *c, int32_t rows) {
    for (int32_t r = 0; r < rows; r++)
        if (c->volume[r] > 0.0)
            return true;
    return false;
}

static bt_status map_all(struct market *m, int32_t sid, struct columns *c) {
    struct portal *p = m->portal;
    c->terms = market_terms(m, sid);
    TRY(portal_data(p, sid, BT_FIELD_OPEN, &c->open));
    TRY(portal_data(p, sid, BT_FIELD_HIGH, &c->high));
    TRY(portal_data(p, sid, BT_FIELD_LOW, &c->low));
    TRY(portal_data(p, sid, BT_FIELD_CLOSE, &c->close));
    TRY(portal_data(p, sid, BT_FIELD_VOLUME, &c->volume));
    c->has_volume = has_volume(c, bundle_rows(portal_bundle(p)));
    return portal_data(p, sid, BT_FIELD_PRICE, &c->price);
}

const struct adjust_events *market_events(const struct market *m, int32_t sid) {
    const struct adjust_events *all; /* its columns are there: no failure */
    (void)adjust_events(portal_adjustments(m->portal), BT_ADJUST_ALL, sid,
                        &all);
    return all;
}

bt_status market_map(struct market *m, int32_t sid) {
    struct columns *c = &m->assets[sid];
    if (c->price)
        return BT_OK;
    return map_all(m, sid, c);
}
