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

struct portal {
    bt_portal public; /* first: a bt_portal is a struct portal */
    bt_bundle *bundle;
    struct shelf *shelf;
    bool own_shelf;
    struct kept *kept;
    int32_t adjust;
    struct lens *lenses[BT_ADJUSTS]; /* NULL: not asked for, or the shelf */
    bool looked[BT_ADJUSTS];         /* it was asked for */
    int32_t from, until;   /* rows of the bundle on which no column changes */
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
    cache_hold();
    *out = p;
    return BT_OK;
}

/* A handle to a kept column may outlive its portal; see attic.h. */
static void retire_kept(struct portal *p) {
    while (p->kept) {
        struct kept *k = p->kept;
        p->kept = k->next;
        attic_put(k->memory, free, k->bytes, 0);
        free(k);
    }
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

int32_t portal_session(const struct portal *p, int32_t row) {
    const struct groups *g = shelf_groups(p->shelf);
    return bundle_sessions(p->bundle)[g ? g->first[row] : row];
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

/* Move the lenses to the cursor. */
__attribute__((cold)) static void turn(struct portal *p) {
    p->from = INT32_MIN;
    p->until = INT32_MAX;
    for (int32_t i = 0; i < BT_ADJUSTS; i++) {
        int32_t from, until;
        if (p->lenses[i] == NULL)
            continue;
        lens_move(p->lenses[i], p->public.cursor);
        lens_span(p->lenses[i], &from, &until);
        p->from = from > p->from ? from : p->from;
        p->until = until < p->until ? until : p->until;
    }
}

/* The lens of an adjustment, NULL where the shelf shows all there is. */
static bt_status lens_of(struct portal *p, int32_t adjust, struct lens **out) {
    if (adjust < 0 || adjust >= BT_ADJUSTS)
        return fail(BT_E_RANGE,
                    "adjust must be none (0), splits (1) or all "
                    "(2), got %d",
                    adjust);
    if (p->base && adjust_has_events(shelf_adjust(p->shelf), adjust))
        return fail(BT_E_USAGE,
                    "a coarser frequency has no adjusted columns; adjusted "
                    "windows are copies");
    if (!p->looked[adjust]) {
        TRY(lens_take(p->shelf, adjust, &p->lenses[adjust]));
        p->looked[adjust] = true;
        turn(p);
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

void portal_set_cursor(struct portal *p, int32_t row) {
    bool was_before = p->public.cursor < 0;
    p->public.cursor = row;
    for (struct portal *l = p->levels; l; l = l->next_level) {
        follow(l, row);
        if (was_before || row < 0)
            set_floor(l);
    }
    if (row < p->from || row >= p->until)
        turn(p);
    if (was_before || row < 0)
        set_floor(p);
}

void portal_set_strict(struct portal *p, int32_t on) {
    p->public.strict_start = on != 0;
    set_floor(p);
    for (struct portal *l = p->levels; l; l = l->next_level)
        portal_set_strict(l, on);
}

bt_status portal_data(struct portal *p, int32_t sid, int32_t field,
                      const double **out) {
    TRY(shelf_column(p->shelf, sid, field));
    *out = shelf_series(p->shelf)[sid * p->public.fields + field].hidden_data;
    return BT_OK;
}

const void *portal_kept(const struct portal *p, const struct cache_key *key) {
    for (const struct kept *k = p->kept; k; k = k->next)
        if (memcmp(&k->key, key, sizeof *key) == 0)
            return k->memory;
    return NULL;
}

void portal_keep(struct portal *p, const struct cache_key *key, void *memory,
                 size_t bytes) {
    struct kept *k = mem_alloc(sizeof *k);
    *k = (struct kept){p->kept, *key, memory, bytes};
    p->kept = k;
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
    }
    *out = &l->public;
    return BT_OK;
}

int32_t bt_portal_level_row(const bt_portal *public, int32_t row,
                            int32_t growing) {
    const struct portal *p = (const struct portal *)public;
    const struct groups *g = shelf_groups(p->shelf);
    if (g == NULL || row < 0 || row >= g->rows)
        return -1;
    int32_t closed = g->closed[row];
    bool grows = closed < g->count && g->first[closed] <= row;
    return closed - 1 + (grows && growing);
}

int32_t bt_portal_is_adjusted(bt_portal *public, int32_t adjust, int32_t sid) {
    struct portal *p = (struct portal *)public;
    struct adjust *a = shelf_adjust(p->shelf);
    const struct adjust_events *e;
    adjust = adjust < 0 ? p->adjust : adjust;
    if (sid < 0)
        return adjust_has_events(a, adjust);
    if (adjust_events(a, adjust, sid, &e) != BT_OK)
        return 1;
    return adjust_epoch(e, p->public.cursor) > 0;
}

/* The last n bars as of a row of the bundle, to be made or copied. */
struct coarse {
    struct portal *p;
    const struct groups *g;
    int32_t adjust, sid, field, row, last, n;
};

static bt_status copy_times(const struct coarse *c, double *out) {
    int32_t closed = bt_portal_level_row(&c->p->public, c->row, 0);
    TRY(shelf_times(c->p->shelf));
    bt_portal_reach(&c->p->public, c->n > c->last + 1 ? c->n : 0);
    const double *x = c->p->public.hidden_time_series->hidden_data;
    memcpy(out, x + c->last + 1 - c->n, (size_t)c->n * sizeof *out);
    if (c->last > closed)
        out[c->n - 1] = (double)bundle_close_times(c->p->bundle)[c->row] / 1e6;
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
    struct portal *base = c->p->base;
    TRY(portal_data(base, c->sid, c->field, &x));
    TRY(adjust_events(shelf_adjust(base->shelf), c->adjust, c->sid, &e));
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
    if (p->base == NULL || row < 0 || row > p->base->public.cursor || n < 1 ||
        n > BT_HISTORY_MAX || adjust >= BT_ADJUSTS)
        return fail(BT_E_RANGE,
                    "bars of a coarser frequency: row must be 0..%d, got %d; "
                    "count 1..%d, got %d",
                    p->base ? p->base->public.cursor : -1, row, BT_HISTORY_MAX,
                    n);
    struct coarse c = {.p = p,
                       .g = shelf_groups(p->shelf),
                       .adjust = adjust < 0 ? p->base->adjust : adjust,
                       .sid = sid,
                       .field = field,
                       .row = row,
                       .last = bt_portal_level_row(public, row, growing),
                       .n = n};
    return field < 0 ? copy_times(&c, out) : copy_bars(&c, out);
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
