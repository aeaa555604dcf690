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
#include "portal/portal.h"
#include "sim/indicator.h"

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

static bt_status check_series(const struct indicator_request *r, int32_t sid,
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
static bt_status settle(struct indicator_request *r) {
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
bt_status indicator_input(const struct indicator_request *r,
                          indicator_column *column, void *ctx,
                          struct ta_input *in) {
    static const int32_t FIELDS[BT_INPUTS] = {
        [BT_INPUT_OPEN] = BT_FIELD_OPEN,     [BT_INPUT_HIGH] = BT_FIELD_HIGH,
        [BT_INPUT_LOW] = BT_FIELD_LOW,       [BT_INPUT_CLOSE] = BT_FIELD_CLOSE,
        [BT_INPUT_VOLUME] = BT_FIELD_VOLUME,
    };
    for (int32_t i = BT_INPUT_OPEN; i <= BT_INPUT_VOLUME; i++)
        if (ta_reads(r->kernel, i))
            TRY(column(ctx, r->sid, FIELDS[i], &in->series[i]));
    if (ta_reads(r->kernel, BT_INPUT_X))
        TRY(column(ctx, r->sid, r->field, &in->x));
    TRY(column(ctx, r->sid, BT_FIELD_CLOSE, &in->mask));
    if (!ta_reads(r->kernel, BT_INPUT_OTHER))
        return BT_OK;
    TRY(column(ctx, r->other, r->other_field, &in->other));
    return column(ctx, r->other, BT_FIELD_CLOSE, &in->other_mask);
}

double *indicator_sessions(const struct indicator_request *r, int32_t n) {
    if (!ta_reads(r->kernel, BT_INPUT_SESSION))
        return NULL;
    double *out = ta_room(1, n);
    for (int32_t i = 0; i < n; i++)
        out[i] = portal_session(r->portal, i);
    return out;
}

bt_status indicator_as_quoted(void *ctx, int32_t sid, int32_t field,
                              const double **out) {
    return portal_data(ctx, sid, field, out);
}

static bt_status compute(const struct indicator_request *r,
                         const struct cache_key *key, const double **out) {
    struct ta_input in = {0};
    in.n = portal_public(r->portal)->rows;
    TRY(indicator_input(r, indicator_as_quoted, r->portal, &in));
    double *session = indicator_sessions(r, in.n);
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

void indicator_key(const struct indicator_request *r, const char *more,
                   const double *params, int32_t count, struct cache_key *key) {
    char kernel[96];
    snprintf(kernel, sizeof kernel, "%s%s%s", r->kernel->key,
             portal_tag(r->portal), more);
    cache_key_make(key, CACHE_INDICATORS, portal_bundle(r->portal), r->sid,
                   r->field, kernel, params, count);
    cache_key_windows(key, r->params, r->kernel->info.param_count);
}

bt_status indicator_quoted(const struct indicator_request *r,
                           const double **out) {
    struct cache_key key;
    indicator_key(r, "", r->params, r->param_count, &key);
    const double *known = cache_get(&key);
    if (!known)
        known = portal_kept(r->portal, &key);
    if (!known)
        return compute(r, &key, out);
    *out = known;
    return BT_OK;
}

bt_status bt_portal_indicator(bt_portal *p, const bt_indicator_request *q,
                              bt_handle *const *handles) {
    struct indicator_request r = {.portal = (struct portal *)p,
                                  .sid = q->sid,
                                  .field = q->field,
                                  .other = q->other,
                                  .other_field = q->other_field};
    TRY(find_kernel(q->name, &r.kernel));
    TRY(ta_params(r.kernel, q->params, q->param_count, r.params));
    TRY(settle(&r));
    TRY(portal_mode(r.portal, q->adjust, &r.adjust));
    return indicator_follow(&r, handles);
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
