/* A portal is a cursor over a shelf of columns: what lies behind the cursor is
 * history, what lies before it does not exist yet. It copies nothing and holds
 * nothing but a use of its bundle, so making one costs next to nothing.
 *
 * Lua computes windows itself from the public part (lua/backlua/data.lua); the
 * cursor is const there, and only the run moves it.
 */
#include "portal/portal.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/shelf.h"
#include "store/asset.h"
#include "store/attic.h"
#include "store/bundle.h"
#include "store/column.h"
#include "store/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct kept {
    struct kept *next;
    struct cache_key key;
    void *memory;
};

struct portal {
    bt_portal public; /* first: a bt_portal is a struct portal */
    bt_bundle *bundle;
    struct shelf *shelf;
    bool own_shelf;
    struct kept *kept;
};

bt_status portal_new(bt_bundle *bundle, struct portal **out) {
    struct portal *p = mem_zalloc(1, sizeof *p);
    p->own_shelf = !bt_config_get()->enable_caching;
    p->bundle = bundle;
    p->shelf = p->own_shelf ? shelf_new(bundle) : shelf_of(bundle);
    p->public.cursor = -1;
    p->public.floor = INT32_MAX;
    p->public.rows = bundle_rows(bundle);
    p->public.assets = bundle_assets(bundle);
    p->public.fields = bundle_fields(bundle);
    p->public.hidden_series = shelf_series(p->shelf);
    p->public.hidden_time_series = shelf_time_series(p->shelf);
    pool_retain(bundle);
    cache_hold();
    *out = p;
    return BT_OK;
}

/* A handle to a kept column may outlive its portal; see attic.h. */
static void retire_kept(struct portal *p) {
    while (p->kept) {
        struct kept *k = p->kept;
        p->kept = k->next;
        attic_put(k->memory, free, (size_t)p->public.rows * sizeof(double), 0);
        free(k);
    }
}

void portal_free(struct portal *p) {
    if (p == NULL)
        return;
    retire_kept(p);
    if (p->own_shelf)
        shelf_retire(p->shelf);
    bt_bundle_release(p->bundle);
    free(p);
    cache_unhold();
}

bt_portal *portal_public(struct portal *p) {
    return &p->public;
}

bt_bundle *portal_bundle(struct portal *p) {
    return p->bundle;
}

static void set_floor(struct portal *p) {
    p->public.floor = p->public.cursor < 0     ? INT32_MAX
                      : p->public.strict_start ? 0
                                               : -column_apron_rows();
}

void bt_portal_reach(bt_portal *p, int32_t rows) {
    column_apron_reach(rows);
    set_floor((struct portal *)p);
}

void portal_set_cursor(struct portal *p, int32_t row) {
    bool was_before = p->public.cursor < 0;
    p->public.cursor = row;
    if (was_before || row < 0)
        set_floor(p);
}

void portal_set_strict(struct portal *p, int32_t on) {
    p->public.strict_start = on != 0;
    set_floor(p);
}

bt_status portal_data(struct portal *p, int32_t sid, int32_t field,
                      const double **out) {
    TRY(shelf_column(p->shelf, sid, field));
    *out = p->public.hidden_series[sid * p->public.fields + field].hidden_data;
    return BT_OK;
}

const void *portal_kept(const struct portal *p, const struct cache_key *key) {
    for (const struct kept *k = p->kept; k; k = k->next)
        if (memcmp(&k->key, key, sizeof *key) == 0)
            return k->memory;
    return NULL;
}

void portal_keep(struct portal *p, const struct cache_key *key, void *memory) {
    struct kept *k = mem_alloc(sizeof *k);
    *k = (struct kept){p->kept, *key, memory};
    p->kept = k;
}

/* ---- the public face ------------------------------------------------------*/

const bt_bundle *bt_portal_bundle(const bt_portal *p) {
    return ((const struct portal *)p)->bundle;
}

bt_status bt_portal_column(bt_portal *p, int32_t sid, int32_t field) {
    return shelf_column(((struct portal *)p)->shelf, sid, field);
}

bt_status bt_portal_times(bt_portal *p) {
    return shelf_times(((struct portal *)p)->shelf);
}

int32_t bt_portal_last_bar(bt_portal *p, int32_t sid) {
    const double *close;
    if (portal_data((struct portal *)p, sid, BT_FIELD_CLOSE, &close) != BT_OK)
        return -1;
    const struct asset *a =
        &bundle_asset_list(((struct portal *)p)->bundle)->assets[sid];
    int32_t row = p->cursor < a->last_row ? p->cursor : a->last_row;
    while (row >= a->first_row && isnan(close[row]))
        row--;
    return row >= a->first_row ? row : -1;
}

int32_t bt_portal_has_bar(bt_portal *p, int32_t sid) {
    return p->cursor >= 0 && bt_portal_last_bar(p, sid) == p->cursor;
}

bt_status bt_portal_warm(bt_bundle *b) {
    cache_open();
    if (!bt_config_get()->enable_caching)
        return BT_OK;
    struct shelf *s = shelf_of(b);
    int32_t n = bundle_assets(b);
    for (int32_t sid = 0; sid < n && sid < 256; sid++)
        TRY(shelf_column(s, sid, BT_FIELD_PRICE));
    return shelf_times(s);
}
