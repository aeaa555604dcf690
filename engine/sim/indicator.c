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

enum { NAMES_MAX = 256, KEY_MAX = TA_PARAMS_MAX + 2 };

static bt_status find_kernel(const char *name, const struct ta_kernel **out) {
    const char *names[NAMES_MAX];
    int32_t n = 0;
    *out = ta_find(name);
    if (*out)
        return BT_OK;
    while (n < NAMES_MAX && ta_at(n)) {
        names[n] = ta_at(n)->info.name;
        n++;
    }
    const char *near = bt_nearest(name, names, n);
    return near ? fail(BT_E_NAME, "unknown indicator '%s'; did you mean '%s'?",
                       name, near)
                : fail(BT_E_NAME,
                       "unknown indicator '%s'; there are sma, ema, rsi, atr "
                       "and others: require \"backlua.ta\".names() has all",
                       name);
}

/* ---- over columns -------------------------------------------------------- */

struct request {
    struct portal *portal;
    const struct ta_kernel *kernel;
    int32_t sid, field;
    int32_t other, other_field;
    double params[KEY_MAX]; /* then, for a second series, what it is */
    int32_t param_count;
};

static bt_status check_series(const struct request *r, int32_t sid,
                              int32_t field) {
    const bt_portal *p = portal_public(r->portal);
    if (field < 0 || field >= p->fields)
        return fail(BT_E_RANGE, "indicator: field must be 0..%d, got %d",
                    p->fields - 1, field);
    if (sid < 0 || sid >= p->assets)
        return fail(BT_E_NAME, "indicator: no asset %d; there are %d", sid,
                    p->assets);
    return BT_OK;
}

/* What the request depends on, in one form: a field that is not read is the
 * close, a second series goes behind the parameters. */
static bt_status settle(struct request *r) {
    if (!ta_reads(r->kernel, BT_INPUT_X))
        r->field = BT_FIELD_CLOSE;
    r->param_count = r->kernel->info.param_count;
    TRY(check_series(r, r->sid, r->field));
    if (!ta_reads(r->kernel, BT_INPUT_OTHER))
        return BT_OK;
    TRY(check_series(r, r->other, r->other_field));
    r->params[r->param_count++] = r->other;
    r->params[r->param_count++] = r->other_field;
    return BT_OK;
}

/* The asset's bars are where its close is, whatever the kernel reads: volume
 * is 0 elsewhere, price goes on, a field of the bundle's own may have values
 * there. What it lacks where there are bars is a gap as well. */
static bt_status map_input(const struct request *r, struct ta_input *in) {
    static const int32_t FIELDS[BT_INPUTS] = {
        [BT_INPUT_OPEN] = BT_FIELD_OPEN,     [BT_INPUT_HIGH] = BT_FIELD_HIGH,
        [BT_INPUT_LOW] = BT_FIELD_LOW,       [BT_INPUT_CLOSE] = BT_FIELD_CLOSE,
        [BT_INPUT_VOLUME] = BT_FIELD_VOLUME,
    };
    struct portal *p = r->portal;
    in->n = portal_public(p)->rows;
    for (int32_t i = BT_INPUT_OPEN; i <= BT_INPUT_VOLUME; i++)
        if (ta_reads(r->kernel, i))
            TRY(portal_data(p, r->sid, FIELDS[i], &in->series[i]));
    if (ta_reads(r->kernel, BT_INPUT_X))
        TRY(portal_data(p, r->sid, r->field, &in->x));
    TRY(portal_data(p, r->sid, BT_FIELD_CLOSE, &in->mask));
    if (!ta_reads(r->kernel, BT_INPUT_OTHER))
        return BT_OK;
    TRY(portal_data(p, r->other, r->other_field, &in->other));
    return portal_data(p, r->other, BT_FIELD_CLOSE, &in->other_mask);
}

/* Numbers of the rows' sessions, to be freed; NULL unless they are read. */
static double *sessions_of(const struct request *r) {
    if (!ta_reads(r->kernel, BT_INPUT_SESSION))
        return NULL;
    int32_t n = portal_public(r->portal)->rows;
    double *out = ta_room(1, n);
    for (int32_t i = 0; i < n; i++)
        out[i] = portal_session(r->portal, i);
    return out;
}

static bt_status compute(const struct request *r, const struct cache_key *key,
                         const double **out) {
    struct ta_input in = {0};
    TRY(map_input(r, &in));
    double *session = sessions_of(r);
    in.session = session;
    size_t bytes =
        (size_t)in.n * (size_t)r->kernel->info.output_count * sizeof(double);
    double *shared = cache_claim(key, bytes);
    double *series = shared ? shared : mem_alloc(bytes);
    ta_run(r->kernel, &in, r->params, series);
    free(session);
    if (shared)
        cache_ready(key);
    else
        portal_keep(r->portal, key, series, bytes);
    *out = series;
    return BT_OK;
}

bt_status bt_portal_indicator(bt_portal *p, const char *name, int32_t sid,
                              int32_t field, int32_t other, int32_t other_field,
                              const double *params, int32_t param_count,
                              const double **out) {
    struct request r = {.portal = (struct portal *)p,
                        .sid = sid,
                        .field = field,
                        .other = other,
                        .other_field = other_field};
    TRY(find_kernel(name, &r.kernel));
    TRY(ta_params(r.kernel, params, param_count, r.params));
    TRY(settle(&r));
    struct cache_key key;
    char kernel[96];
    snprintf(kernel, sizeof kernel, "%s%s", r.kernel->key,
             portal_tag(r.portal));
    cache_key_make(&key, portal_bundle(r.portal), sid, r.field, kernel,
                   r.params, r.param_count);
    const double *known = cache_get(&key);
    if (!known)
        known = portal_kept(r.portal, &key);
    if (!known)
        return compute(&r, &key, out);
    *out = known;
    return BT_OK;
}

/* ---- what there is ------------------------------------------------------- */

const bt_indicator_info *bt_indicator_at(int32_t i) {
    const struct ta_kernel *k = ta_at(i);
    return k ? &k->info : NULL;
}

const bt_indicator_info *bt_indicator_find(const char *name) {
    const struct ta_kernel *k;
    return find_kernel(name, &k) == BT_OK ? &k->info : NULL;
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

/* ---- over arrays --------------------------------------------------------- */

bt_status bt_indicator_compute(const char *name, const double *const *series,
                               int32_t n, const double *params,
                               int32_t param_count, double *out) {
    static const char *const NAMES[BT_INPUTS] = {
        "a series", "a second series", "open",   "high",
        "low",      "close",           "volume", "session"};
    const struct ta_kernel *k;
    double full[TA_PARAMS_MAX];
    struct ta_input in = {.n = n};
    TRY(find_kernel(name, &k));
    TRY(ta_params(k, params, param_count, full));
    if (n < 0)
        return fail(BT_E_RANGE, "%s: n must be >= 0, got %d", name, n);
    for (int32_t i = 0; i < BT_INPUTS; i++) {
        if (!ta_reads(k, i))
            continue;
        if (!series[i] && i != BT_INPUT_SESSION)
            return fail(BT_E_USAGE, "%s: it needs %s", name, NAMES[i]);
        in.series[i] = series[i];
    }
    if (n > 0)
        ta_run(k, &in, full, out);
    return BT_OK;
}
