/* Columns are mapped when an asset is first ordered, so a run over thousands of
 * assets touches the pages of those it trades. An asset that is held has been
 * ordered: its columns are there.
 */
#include "sim/market.h"

#include "base/mem.h"
#include "base/status.h"
#include "store/bundle.h"

#include <stdlib.h>

void market_init(struct market *m, struct portal *p) {
    const bt_bundle *b = portal_bundle(p);
    m->portal = p;
    m->open_times = bundle_open_times(b);
    m->close_times = bundle_close_times(b);
    m->assets = mem_zalloc((size_t)bundle_assets(b), sizeof *m->assets);
}

void market_fini(struct market *m) {
    free(m->assets);
}

static bt_status map_all(struct market *m, int32_t sid, struct columns *c) {
    struct portal *p = m->portal;
    TRY(portal_data(p, sid, BT_FIELD_OPEN, &c->open));
    TRY(portal_data(p, sid, BT_FIELD_HIGH, &c->high));
    TRY(portal_data(p, sid, BT_FIELD_LOW, &c->low));
    TRY(portal_data(p, sid, BT_FIELD_CLOSE, &c->close));
    TRY(portal_data(p, sid, BT_FIELD_VOLUME, &c->volume));
    return portal_data(p, sid, BT_FIELD_PRICE, &c->price);
}

bt_status market_map(struct market *m, int32_t sid) {
    struct columns *c = &m->assets[sid];
    if (c->price)
        return BT_OK;
    return map_all(m, sid, c);
}
