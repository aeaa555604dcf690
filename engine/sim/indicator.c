/* Indicators as Lua meets them: over a column of the portal, or over an array.
 *
 * A series over a column is a function of bundle, asset, field, kernel and
 * parameters alone, so it is computed once over the whole column and kept in
 * the memory that all workers share (portal/cache.h). It is causal, and a
 * handle reads it at the cursor. Where the cache has no room the series is
 * private and lives as long as the portal.
 *
 * Cost: a digest and a look-up when known, else one pass of the kernel.
 */
#include "backlua.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/cache.h"
#include "portal/portal.h"
#include "sim/ta.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAMES_MAX = 256 };

static bt_status find_kernel(const char *name, const struct ta_kernel **out) {
    const char *names[NAMES_MAX];
    int32_t n = 0;
    *out = ta_find(name);
    if (*out)
        return BT_OK;
    while (n < NAMES_MAX && ta_at(n)) {
        names[n] = ta_at(n)->name;
        n++;
    }
    const char *near = bt_nearest(name, names, n);
    return near ? fail(BT_E_NAME, "unknown indicator '%s'; did you mean '%s'?",
                       name, near)
                : fail(BT_E_NAME,
                       "unknown indicator '%s'; there are sma, ema, rsi, atr "
                       "and others, see `backlua explain indicators`",
                       name);
}

/* ---- over a column ------------------------------------------------------- */

struct request {
    struct portal *portal;
    const struct ta_kernel *kernel;
    int32_t sid, field;
    double params[TA_PARAMS_MAX];
};

static bt_status map_input(const struct request *r, struct ta_input *in,
                           const double **mask) {
    struct portal *p = r->portal;
    in->n = portal_public(p)->rows;
    TRY(portal_data(p, r->sid, BT_FIELD_CLOSE, mask));
    TRY(portal_data(p, r->sid, r->field, &in->x));
    if (!r->kernel->over_bars)
        return BT_OK;
    TRY(portal_data(p, r->sid, BT_FIELD_HIGH, &in->high));
    return portal_data(p, r->sid, BT_FIELD_LOW, &in->low);
}

/* A field of the bundle's own may lack values where there are bars, and have
 * some where there are none: both are gaps. */
static double *own_mask(const struct ta_input *in, const double *close) {
    double *mask = mem_alloc((size_t)in->n * sizeof *mask);
    for (int32_t i = 0; i < in->n; i++)
        mask[i] = isnan(in->x[i]) ? in->x[i] : close[i];
    return mask;
}

static bt_status compute(const struct request *r, const struct cache_key *key,
                         const double **out) {
    struct ta_input in = {0};
    const double *mask;
    TRY(map_input(r, &in, &mask));
    size_t bytes = (size_t)in.n * sizeof(double);
    double *shared = cache_claim(key, bytes);
    double *series = shared ? shared : mem_alloc(bytes);
    double *own = r->field >= BT_FIELDS ? own_mask(&in, mask) : NULL;
    ta_run(r->kernel, &in, own ? own : mask, r->params, series);
    free(own);
    if (shared)
        cache_ready(key);
    else
        portal_keep(r->portal, key, series);
    *out = series;
    return BT_OK;
}

static bt_status check_field(const bt_portal *p, int32_t field) {
    if (field >= 0 && field < p->fields)
        return BT_OK;
    return fail(BT_E_RANGE, "indicator: field must be 0..%d, got %d",
                p->fields - 1, field);
}

bt_status bt_portal_indicator(bt_portal *p, const char *name, int32_t sid,
                              int32_t field, const double *params,
                              int32_t param_count, const double **out) {
    struct request r = {
        .portal = (struct portal *)p, .sid = sid, .field = field};
    TRY(find_kernel(name, &r.kernel));
    TRY(ta_params(r.kernel, params, param_count, r.params));
    TRY(check_field(p, field));
    if (sid < 0 || sid >= p->assets)
        return fail(BT_E_NAME, "indicator: no asset %d; there are %d", sid,
                    p->assets);
    if (r.kernel->over_bars)
        r.field = BT_FIELD_CLOSE;
    struct cache_key key;
    char kernel[96];
    snprintf(kernel, sizeof kernel, "%s%s", r.kernel->key,
             portal_tag(r.portal));
    cache_key_make(&key, portal_bundle(r.portal), sid, r.field, kernel,
                   r.params, r.kernel->param_count);
    const double *known = cache_get(&key);
    if (!known)
        known = portal_kept(r.portal, &key);
    if (!known)
        return compute(&r, &key, out);
    *out = known;
    return BT_OK;
}

/* ---- what there is ------------------------------------------------------- */

const char *bt_indicator_name(int32_t i) {
    const struct ta_kernel *k = ta_at(i);
    return k ? k->name : NULL;
}

int32_t bt_indicator_params(const char *name, const bt_indicator_param **out) {
    const struct ta_kernel *k;
    if (find_kernel(name, &k) != BT_OK)
        return -1;
    *out = k->params;
    return k->param_count;
}

int32_t bt_indicator_lookback(const char *name, const double *params,
                              int32_t param_count) {
    const struct ta_kernel *k;
    double full[TA_PARAMS_MAX];
    if (find_kernel(name, &k) != BT_OK ||
        ta_params(k, params, param_count, full) != BT_OK)
        return -1;
    return k->lookback(full);
}

/* ---- over an array ------------------------------------------------------- */

/* NaN where any of the inputs is. */
static double *mask_of(const struct ta_input *in) {
    double *mask = mem_alloc((size_t)in->n * sizeof *mask);
    for (int32_t i = 0; i < in->n; i++) {
        bool gap = isnan(in->x[i]);
        if (in->high)
            gap |= isnan(in->high[i]) || isnan(in->low[i]);
        mask[i] = gap ? NAN : 0.0;
    }
    return mask;
}

bt_status bt_indicator_compute(const char *name, const double *x,
                               const double *high, const double *low, int32_t n,
                               const double *params, int32_t param_count,
                               double *out) {
    const struct ta_kernel *k;
    double full[TA_PARAMS_MAX];
    TRY(find_kernel(name, &k));
    TRY(ta_params(k, params, param_count, full));
    if (n < 0)
        return fail(BT_E_RANGE, "%s: n must be >= 0, got %d", name, n);
    if (!x || (k->over_bars && (!high || !low)))
        return fail(BT_E_USAGE, "%s: it needs %s", name,
                    k->over_bars ? "close, high and low" : "a series");
    if (n == 0)
        return BT_OK;
    struct ta_input in = {.x = x,
                          .high = k->over_bars ? high : NULL,
                          .low = k->over_bars ? low : NULL,
                          .n = n};
    double *mask = mask_of(&in);
    ta_run(k, &in, mask, full, out);
    free(mask);
    return BT_OK;
}
