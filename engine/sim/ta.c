/* The table of indicators, and what is common to all of them.
 *
 * An indicator knows itself: its parameters with default, limits and a sensible
 * sweep, its lookback (how many bars stay NaN), its kernel. Adding one is
 * adding a row. The names and definitions are TA-Lib's; lengths may be 1 where
 * that has a meaning.
 *
 * Kernels see dense series. ta_run takes the gaps out, runs the kernel over the
 * asset's own bars and puts the values back where the bars are, NaN elsewhere.
 * A series without gaps inside (leading and trailing ones do not count) is used
 * in place.
 */
#include "sim/ta.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int32_t window(const double *p) {
    return (int32_t)p[0] - 1;
}

static int32_t changes(const double *p) {
    return (int32_t)p[0];
}

#define LENGTH(fallback, min, lo, hi, step)                                    \
    { "n", fallback, min, BT_HISTORY_MAX, lo, hi, step, 1 }

static const struct ta_kernel KERNELS[] = {
    {"sma", "sma.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_sma},
    {"ema", "ema.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_ema},
    {"wma", "wma.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_wma},
    {"stddev",
     "stddev.1",
     false,
     2,
     {LENGTH(5, 1, 5, 60, 5), {"nbdev", 1, -1e6, 1e6, 1, 3, 0.5, 0}},
     window,
     ta_stddev},
    {"min", "min.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_min},
    {"max", "max.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_max},
    {"sum", "sum.1", false, 1, {LENGTH(30, 1, 5, 200, 5)}, window, ta_sum},
    {"roc", "roc.1", false, 1, {LENGTH(10, 1, 2, 60, 2)}, changes, ta_roc},
    {"mom", "mom.1", false, 1, {LENGTH(10, 1, 2, 60, 2)}, changes, ta_mom},
    {"rsi", "rsi.1", false, 1, {LENGTH(14, 2, 4, 40, 2)}, changes, ta_rsi},
    {"atr", "atr.1", true, 1, {LENGTH(14, 1, 4, 40, 2)}, changes, ta_atr},
};

enum { KERNEL_COUNT = sizeof KERNELS / sizeof *KERNELS };

const struct ta_kernel *ta_at(int32_t i) {
    return i >= 0 && i < KERNEL_COUNT ? &KERNELS[i] : NULL;
}

const struct ta_kernel *ta_find(const char *name) {
    for (int32_t i = 0; i < KERNEL_COUNT; i++)
        if (strcmp(KERNELS[i].name, name) == 0)
            return &KERNELS[i];
    return NULL;
}

static bt_status check_param(const struct ta_kernel *k,
                             const bt_indicator_param *p, double v) {
    if (!(v >= p->min && v <= p->max) || (p->is_int && v != floor(v)))
        return fail(BT_E_RANGE, "%s: %s must be %s%g..%g, got %g", k->name,
                    p->name, p->is_int ? "a whole number " : "", p->min, p->max,
                    v);
    return BT_OK;
}

bt_status ta_params(const struct ta_kernel *k, const double *params,
                    int32_t count, double *full) {
    double values[TA_PARAMS_MAX] = {0};
    if (count < 0 || count > k->param_count)
        return fail(BT_E_RANGE, "%s: it takes at most %d parameters, got %d",
                    k->name, k->param_count, count);
    for (int32_t i = 0; i < k->param_count; i++) {
        values[i] = i < count ? params[i] : k->params[i].fallback;
        TRY(check_param(k, &k->params[i], values[i]));
    }
    memcpy(full, values, sizeof values);
    return BT_OK;
}

/* ---- gaps ---------------------------------------------------------------- */

struct span {
    int32_t first, end; /* of the bars; first == end: none */
    int32_t bars;       /* inside, gaps not counted */
};

static struct span find_bars(const double *mask, int32_t n) {
    struct span s = {0, 0, 0};
    for (int32_t i = 0; i < n; i++) {
        if (isnan(mask[i]))
            continue;
        if (s.bars++ == 0)
            s.first = i;
        s.end = i + 1;
    }
    return s;
}

static void fill_nan(double *out, int32_t from, int32_t to) {
    for (int32_t i = from; i < to; i++)
        out[i] = NAN;
}

/* The kernel over a dense series, warm-up NaN. */
static void run_dense(const struct ta_kernel *k, const struct ta_input *in,
                      const double *params, double *out) {
    int32_t lookback = k->lookback(params);
    if (in->n > lookback)
        k->run(in, params, out);
    fill_nan(out, 0, lookback < in->n ? lookback : in->n);
}

static const double *gather(const double *x, const double *mask,
                            const struct span *s, double *to) {
    int32_t n = 0;
    if (!x)
        return NULL;
    for (int32_t i = s->first; i < s->end; i++)
        if (!isnan(mask[i]))
            to[n++] = x[i];
    return to;
}

static void scatter(const double *from, const double *mask,
                    const struct span *s, double *out) {
    int32_t n = 0;
    for (int32_t i = s->first; i < s->end; i++)
        out[i] = isnan(mask[i]) ? NAN : from[n++];
}

static void run_gathered(const struct ta_kernel *k, const struct ta_input *in,
                         const double *mask, const struct span *s,
                         const double *params, double *out) {
    size_t n = (size_t)s->bars;
    double *room = mem_alloc(4 * n * sizeof *room);
    struct ta_input dense = {.x = gather(in->x, mask, s, room),
                             .high = gather(in->high, mask, s, room + n),
                             .low = gather(in->low, mask, s, room + 2 * n),
                             .n = s->bars};
    run_dense(k, &dense, params, room + 3 * n);
    scatter(room + 3 * n, mask, s, out);
    free(room);
}

void ta_run(const struct ta_kernel *k, const struct ta_input *in,
            const double *mask, const double *params, double *out) {
    struct span s = find_bars(mask, in->n);
    struct ta_input inside = {.x = in->x + s.first,
                              .high = in->high ? in->high + s.first : NULL,
                              .low = in->low ? in->low + s.first : NULL,
                              .n = s.bars};
    if (s.bars == s.end - s.first)
        run_dense(k, &inside, params, out + s.first);
    else
        run_gathered(k, in, mask, &s, params, out);
    fill_nan(out, 0, s.first);
    fill_nan(out, s.end, in->n);
}
