/* A portal is a cursor over a shelf of columns: what lies behind the cursor is
 * history, what lies before it does not exist yet. It copies nothing and holds
 * nothing but a use of its bundle, so making one costs next to nothing.
 *
 * A coarser frequency is a portal of its own that hangs on the bundle's: when
 * that one's cursor moves, so does its, to the coarse bar that closed last. A
 * bar of a run that asks for no such frequency pays a comparison for it.
 *
 * Lua computes windows itself from the public part (lua/backlua/data.lua); the
 * cursor is const there, and only the run moves it.
 */
#include "portal/portal.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/adjust.h"
#include "portal/lens.h"
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
    size_t bytes;
};

enum { KEPT_CHAINS = 256 };

struct portal {
    bt_portal public; /* first: a bt_portal is a struct portal */
    bt_bundle *bundle;
    struct shelf *shelf;
    bool own_shelf;
    struct kept **kept; /* [KEPT_CHAINS] by key; NULL: none yet */
    int32_t adjust;
    struct lens *lenses[BT_ADJUSTS]; /* NULL: not asked for, or the shelf */
    bool looked[BT_ADJUSTS];         /* it was asked for */
    struct follower *followers;
    int32_t from, until; /* rows of the bundle on which no column changes */
    int32_t calm; /* those after the cursor and before it move it alone */
    struct portal *levels; /* coarser ones */
    /* of a coarser one */
    struct portal *base, *next_level;
};

static const char *const adjust_names[BT_ADJUSTS] = {"none", "splits", "all"};

int32_t bt_adjust_find(const char *name) {
    for (int32_t i = 0; i < BT_ADJUSTS; i++)
        if (strcmp(adjust_names[i], name) == 0)
            return i;
    return -1;
}

static struct portal *make(bt_bundle *bundle, struct shelf *shelf) {
    struct portal *p = mem_zalloc(1, sizeof *p);
    const struct groups *g = shelf_groups(shelf);
    p->bundle = bundle;
    p->shelf = shelf;
    p->from = INT32_MIN;
    p->until = INT32_MAX;
    p->calm = INT32_MIN;
    p->public.cursor = -1;
    p->public.floor = INT32_MAX;
    p->public.rows = g ? g->count : bundle_rows(bundle);
    p->public.assets = bundle_assets(bundle);
    p->public.fields = bundle_fields(bundle);
    p->public.hidden_series = shelf_series(shelf);
    p->public.hidden_time_series = shelf_time_series(shelf);
    return p;
}

bt_status portal_new(bt_bundle *bundle, struct portal **out) {
    bool own_shelf = !bt_config_get()->enable_caching;
    struct portal *p =
        make(bundle, own_shelf ? shelf_new(bundle) : shelf_of(bundle));
    p->own_shelf = own_shelf;
    pool_retain(bundle);
    cache_enter();
    *out = p;
    return BT_OK;
}

/* A handle to a kept column may outlive its portal; see attic.h. */
static void retire_kept(struct portal *p) {
    for (int i = 0; p->kept && i < KEPT_CHAINS; i++)
        for (struct kept *k = p->kept[i], *next; k; k = next) {
            next = k->next;
            attic_put(k->memory, free, k->bytes, 0);
            free(k);
        }
    free(p->kept);
}

static void let_go(struct portal *p) {
    retire_kept(p);
    for (int32_t i = 0; i < BT_ADJUSTS; i++)
        lens_give(p->lenses[i]);
}

void portal_free(struct portal *p) {
    if (p == NULL)
        return;
    while (p->levels) {
        struct portal *l = p->levels;
        p->levels = l->next_level;
        let_go(l);
        free(l);
    }
    let_go(p);
    while (p->followers) {
        struct follower *f = p->followers;
        p->followers = f->next;
        f->fini(f);
        free(f);
    }
    if (p->own_shelf)
        shelf_retire(p->shelf);
    bt_bundle_release(p->bundle);
    free(p);
    cache_leave();
}

bt_portal *portal_public(struct portal *p) {
    return &p->public;
}

bt_bundle *portal_bundle(struct portal *p) {
    return p->bundle;
}

int32_t portal_session(const struct portal *p, int32_t row) {
    const struct groups *g = shelf_groups(p->shelf);
    return bundle_sessions(p->bundle)[g ? g->first[row] : row];
}

struct portal *portal_base(struct portal *p) {
    return p->base ? p->base : p;
}

const struct groups *portal_groups(const struct portal *p) {
    return shelf_groups(p->shelf);
}

struct adjust *portal_adjustments(struct portal *p) {
    return shelf_adjust(portal_base(p)->shelf);
}

const char *portal_tag(const struct portal *p) {
    return shelf_tag(p->shelf);
}

double portal_short_windows(const struct portal *p) {
    double n = p->public.short_windows;
    for (const struct portal *l = p->levels; l; l = l->next_level)
        n += l->public.short_windows;
    return n;
}

/* A coarser one may have no bar yet when the bundle has. */
static bool has_begun(const struct portal *p) {
    return (p->base ? p->base : p)->public.cursor >= 0;
}

static void set_floor(struct portal *p) {
    p->public.floor = !has_begun(p)            ? INT32_MAX
                      : p->public.strict_start ? 0
                                               : -column_apron_rows();
}

void bt_portal_reach(bt_portal *public, int32_t rows) {
    struct portal *p = (struct portal *)public;
    column_apron_reach(rows);
    set_floor(p);
    for (int32_t i = 0; i < BT_ADJUSTS; i++)
        if (p->lenses[i])
            lens_forget(p->lenses[i]);
}

/* ---- columns as of the cursor ---------------------------------------------*/

/* No longer than this. */
static void narrow(struct portal *p, int32_t from, int32_t until) {
    p->from = from > p->from ? from : p->from;
    p->until = until < p->until ? until : p->until;
}

static void find_calm(struct portal *p) {
    p->calm = p->levels || p->public.cursor < 0 ? INT32_MIN : p->until;
}

/* Move the lenses and all that follow to the cursor. */
__attribute__((cold)) static bt_status turn(struct portal *p) {
    int32_t row = p->public.cursor, from, until;
    p->from = INT32_MIN;
    p->until = INT32_MAX;
    for (int32_t i = 0; i < BT_ADJUSTS; i++) {
        if (p->lenses[i] == NULL)
            continue;
        lens_move(p->lenses[i], row);
        lens_span(p->lenses[i], &from, &until);
        narrow(p, from, until);
    }
    for (struct follower *f = p->followers; f; f = f->next) {
        TRY(f->turn(f, row, &from, &until));
        narrow(p, from, until);
    }
    find_calm(p);
    return BT_OK;
}

bt_status portal_follow(struct portal *p, struct follower *f) {
    int32_t from, until;
    p = portal_base(p);
    TRY(f->turn(f, p->public.cursor, &from, &until));
    narrow(p, from, until);
    find_calm(p);
    f->next = p->followers;
    p->followers = f;
    return BT_OK;
}

bt_status portal_mode(struct portal *p, int32_t adjust, int32_t *out) {
    if (adjust < -1 || adjust >= BT_ADJUSTS)
        return fail(BT_E_RANGE,
                    "adjust must be none (0), splits (1), all (2) or the "
                    "run's (-1), got %d",
                    adjust);
    *out = adjust < 0 ? portal_base(p)->adjust : adjust;
    return BT_OK;
}

/* The lens of an adjustment, NULL where the shelf shows all there is. */
static bt_status lens_of(struct portal *p, int32_t adjust, struct lens **out) {
    TRY(portal_mode(p, adjust, &adjust));
    if (p->base && adjust_has_events(shelf_adjust(p->shelf), adjust))
        return fail(BT_E_USAGE,
                    "a coarser frequency has no adjusted columns; adjusted "
                    "windows are copies");
    if (!p->looked[adjust]) {
        TRY(lens_take(p->shelf, adjust, &p->lenses[adjust]));
        p->looked[adjust] = true;
        TRY(turn(p));
    }
    *out = p->lenses[adjust];
    return BT_OK;
}

bt_status portal_set_adjust(struct portal *p, int32_t adjust) {
    struct lens *l = NULL;
    TRY(lens_of(p, adjust, &l));
    p->adjust = adjust;
    p->public.hidden_series = l ? lens_series(l) : shelf_series(p->shelf);
    return BT_OK;
}

/* To the coarse bar that closed last as of the bundle's row. */
static void follow(struct portal *level, int32_t row) {
    const struct groups *g = shelf_groups(level->shelf);
    level->public.cursor = row < 0 ? -1 : g->closed[row] - 1;
}

/* Coarser portals move along, and columns turn; before row 0 the floor is
 * another. */
__attribute__((noinline)) static bt_status move(struct portal *p, int32_t row) {
    bool edge = p->public.cursor < 0 || row < 0;
    p->public.cursor = row;
    for (struct portal *l = p->levels; l; l = l->next_level) {
        follow(l, row);
        if (edge)
            set_floor(l);
    }
    if (edge)
        set_floor(p);
    if (row < p->from || row >= p->until)
        return turn(p);
    find_calm(p);
    return BT_OK;
}

bt_status portal_set_cursor(struct portal *p, int32_t row) {
    if (row >= p->calm || row < p->public.cursor)
        return move(p, row);
    p->public.cursor = row;
    return BT_OK;
}

void portal_set_strict(struct portal *p, int32_t on) {
    p->public.strict_start = on != 0;
    set_floor(p);
    for (struct portal *l = p->levels; l; l = l->next_level)
        portal_set_strict(l, on);
}

bt_status portal_data(struct portal *p, int32_t sid, int32_t field,
                      const double **out) {
    return shelf_values(p->shelf, sid, field, out);
}

static size_t chain_of(const struct cache_key *key) {
    return key->bytes[0] % KEPT_CHAINS;
}

const void *portal_kept(const struct portal *p, const struct cache_key *key) {
    const struct kept *k = p->kept ? p->kept[chain_of(key)] : NULL;
    while (k && memcmp(&k->key, key, sizeof *key) != 0)
        k = k->next;
    return k ? k->memory : NULL;
}

void portal_keep(struct portal *p, const struct cache_key *key, void *memory,
                 size_t bytes) {
    if (p->kept == NULL)
        p->kept = mem_zalloc(KEPT_CHAINS, sizeof(struct kept *));
    struct kept *k = mem_alloc(sizeof *k), **chain = &p->kept[chain_of(key)];
    *k = (struct kept){*chain, *key, memory, bytes};
    *chain = k;
}

/* ---- the public face ------------------------------------------------------*/

const bt_bundle *bt_portal_bundle(const bt_portal *p) {
    return ((const struct portal *)p)->bundle;
}

bt_status bt_portal_adjusted(bt_portal *public, int32_t adjust, int32_t sid,
                             int32_t field) {
    struct portal *p = (struct portal *)public;
    struct lens *l = NULL;
    TRY(lens_of(p, adjust, &l));
    return l ? lens_column(l, sid, field) : shelf_column(p->shelf, sid, field);
}

bt_status bt_portal_column(bt_portal *p, int32_t sid, int32_t field) {
    return bt_portal_adjusted(p, ((struct portal *)p)->adjust, sid, field);
}

bt_series *bt_portal_series(bt_portal *public, int32_t adjust) {
    struct portal *p = (struct portal *)public;
    struct lens *l = NULL;
    if (lens_of(p, adjust, &l) != BT_OK)
        return NULL;
    return l ? lens_series(l) : shelf_series(p->shelf);
}

bt_series *bt_series_at(bt_series *s, int32_t row) {
    return adjust_series_at(s->hidden_home, row);
}

bt_status bt_portal_times(bt_portal *p) {
    return shelf_times(((struct portal *)p)->shelf);
}

bt_status bt_portal_level(bt_portal *public, const char *frequency,
                          bt_portal **out) {
    struct portal *p = (struct portal *)public;
    struct shelf *shelf;
    TRY(shelf_level(p->shelf, frequency, &shelf));
    struct portal *l = p->levels;
    while (l && l->shelf != shelf)
        l = l->next_level;
    if (l == NULL) {
        l = make(p->bundle, shelf);
        l->base = p;
        l->next_level = p->levels;
        p->levels = l;
        l->public.strict_start = p->public.strict_start;
        follow(l, p->public.cursor);
        set_floor(l);
        find_calm(p);
    }
    *out = &l->public;
    return BT_OK;
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
