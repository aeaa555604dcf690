/* The table of indicators, and what is common to all of them.
 *
 * An indicator knows itself: what it reads and gives, its parameters with
 * default, limits and a sensible sweep, its lookback (how many bars stay NaN),
 * its formula and where that is from, its kernel. Adding one is adding a row to
 * its family. Names and definitions are TA-Lib's where it has the indicator
 * (its default settings, unstable period 0); lengths may be 1 where that has a
 * meaning.
 *
 * Kernels see dense series. ta_run takes the gaps out, runs the kernel over the
 * asset's own bars and puts the values back where the bars are, NaN elsewhere.
 * Series without gaps inside (leading and trailing ones do not count) are used
 * in place.
 */
#include "sim/ta.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct ta_family *const FAMILIES[] = {
    &ta_averages, &ta_momentum, &ta_stochastic, &ta_direction, &ta_ranges,
    &ta_bands,    &ta_volume,   &ta_statistics, &ta_prices,
};

enum { FAMILY_COUNT = sizeof FAMILIES / sizeof *FAMILIES };

const struct ta_kernel *ta_at(int32_t i) {
    for (int32_t f = 0; i >= 0 && f < FAMILY_COUNT; f++) {
        if (i < FAMILIES[f]->count)
            return &FAMILIES[f]->kernels[i];
        i -= FAMILIES[f]->count;
    }
    return NULL;
}

const struct ta_kernel *ta_find(const char *name) {
    const struct ta_kernel *k;
    for (int32_t i = 0; (k = ta_at(i)); i++)
        if (strcmp(k->info.name, name) == 0)
            return k;
    return NULL;
}

/* ---- lookbacks ----------------------------------------------------------- */

int32_t ta_none(const double *p) {
    (void)p;
    return 0;
}

int32_t ta_one(const double *p) {
    (void)p;
    return 1;
}

int32_t ta_window(const double *p) {
    return (int32_t)p[0] - 1;
}

int32_t ta_changes(const double *p) {
    return (int32_t)p[0];
}

/* ---- parameters ---------------------------------------------------------- */

static bool is_average(const bt_indicator_param *p) {
    size_t n = strlen(p->name);
    return n >= 6 && strcmp(p->name + n - 6, "matype") == 0;
}

/* Those without a memory beyond their lookback; others start from the first
 * bar, as TA-Lib's do, or know sessions. */
static const char *const WINDOWS[] = {
    "sma",
    "wma",
    "trima",
    "hma",
    "ma",
    "midpoint",
    "midprice",
    "bbands",
    "donchian",
    "ichimoku",
    "mom",
    "roc",
    "rocp",
    "rocr",
    "rocr100",
    "apo",
    "ppo",
    "bop",
    "ultosc",
    "stoch",
    "stochf",
    "willr",
    "cci",
    "aroon",
    "aroonosc",
    "trange",
    "mfi",
    "vwma",
    "avgprice",
    "medprice",
    "typprice",
    "wclprice",
    "max",
    "min",
    "sum",
    "var",
    "stddev",
    "linearreg",
    "linearreg_slope",
    "tsf",
    "linearreg_angle",
    "linearreg_intercept",
    "correl",
    "beta",
    "crossover",
    "crossunder",
};

bool ta_is_window(const struct ta_kernel *k, const double *params) {
    bool known = false;
    for (size_t i = 0; i < sizeof WINDOWS / sizeof *WINDOWS; i++)
        known = known || strcmp(WINDOWS[i], k->info.name) == 0;
    for (int32_t i = 0; i < k->info.param_count; i++)
        if (is_average(&k->info.params[i]) && params[i] != TA_SMA &&
            params[i] != TA_WMA && params[i] != TA_TRIMA)
            return false;
    return known;
}

static bt_status check_param(const struct ta_kernel *k,
                             const bt_indicator_param *p, double v) {
    if (!(v >= p->min && v <= p->max) || (p->is_int && v != floor(v)))
        return fail(BT_E_RANGE, "%s: %s must be %s%g..%g, got %g", k->info.name,
                    p->name, p->is_int ? "a whole number " : "", p->min, p->max,
                    v);
    if (is_average(p) && (int32_t)v == TA_MAMA)
        return fail(BT_E_RANGE,
                    "%s: %s 7 (MAMA) is not there; 0 SMA, 1 EMA, 2 WMA, 3 "
                    "DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 8 T3 are",
                    k->info.name, p->name);
    return BT_OK;
}

bt_status ta_params(const struct ta_kernel *k, const double *params,
                    int32_t count, double *full) {
    double values[TA_PARAMS_MAX] = {0};
    if (count < 0 || count > k->info.param_count)
        return fail(BT_E_RANGE, "%s: it takes at most %d parameters, got %d",
                    k->info.name, k->info.param_count, count);
    for (int32_t i = 0; i < k->info.param_count; i++) {
        values[i] = i < count ? params[i] : k->info.params[i].fallback;
        TRY(check_param(k, &k->info.params[i], values[i]));
    }
    memcpy(full, values, sizeof values);
    return BT_OK;
}

/* ---- gaps ---------------------------------------------------------------- */

struct span {
    int32_t first, end; /* of the bars; first == end: none */
    int32_t bars;       /* inside, gaps not counted */
};

/* NaN where mask or x is: one of them where that is enough, else `room`. */
static const double *both(const double *mask, const double *x, int32_t n,
                          double *room) {
    if (!x || x == mask)
        return mask;
    for (int32_t i = 0; mask && i < n; i++)
        room[i] = isnan(x[i]) ? NAN : mask[i];
    return mask ? room : x;
}

/* NaN where one of the series is. Session numbers have no gaps. */
static const double *mask_of(const struct ta_input *in, double *room) {
    const double *mask = both(in->mask, in->other_mask, in->n, room);
    for (int32_t s = 0; s < BT_INPUT_SESSION; s++)
        mask = both(mask, in->series[s], in->n, room);
    return mask;
}

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

/* The kernel over dense series, warm-up NaN. */
static void run_dense(const struct ta_kernel *k, const struct ta_input *in,
                      const double *params, double *const *out) {
    int32_t lookback = k->lookback(params);
    if (in->n > lookback)
        k->run(in, params, out);
    for (int32_t o = 0; o < k->info.output_count; o++)
        fill_nan(out[o], 0, lookback < in->n ? lookback : in->n);
}

static void gather(const double *x, const double *mask, const struct span *s,
                   double *to) {
    int32_t n = 0;
    for (int32_t i = s->first; i < s->end; i++)
        if (!isnan(mask[i]))
            to[n++] = x[i];
}

static void scatter(const double *from, const double *mask,
                    const struct span *s, double *out) {
    int32_t n = 0;
    for (int32_t i = s->first; i < s->end; i++)
        out[i] = isnan(mask[i]) ? NAN : from[n++];
}

static void run_gathered(const struct ta_kernel *k, const struct ta_input *in,
                         const double *mask, const struct span *s,
                         const double *params, double *const *out) {
    size_t n = (size_t)s->bars;
    double *room = ta_room(BT_INPUTS + k->info.output_count, s->bars);
    struct ta_input dense = {.n = s->bars};
    for (int32_t i = 0; i < BT_INPUTS; i++) {
        double *to = room + n * (size_t)i;
        if (in->series[i])
            gather(in->series[i], mask, s, to);
        dense.series[i] = in->series[i] ? to : NULL;
    }
    double *results[TA_OUTPUTS_MAX];
    for (int32_t o = 0; o < k->info.output_count; o++)
        results[o] = room + n * (size_t)(BT_INPUTS + o);
    run_dense(k, &dense, params, results);
    for (int32_t o = 0; o < k->info.output_count; o++)
        scatter(results[o], mask, s, out[o]);
    free(room);
}

static void run_in_place(const struct ta_kernel *k, const struct ta_input *in,
                         const struct span *s, const double *params,
                         double *const *out) {
    struct ta_input inside = {.n = s->bars};
    double *results[TA_OUTPUTS_MAX];
    for (int32_t i = 0; i < BT_INPUTS; i++)
        inside.series[i] = in->series[i] ? in->series[i] + s->first : NULL;
    for (int32_t o = 0; o < k->info.output_count; o++)
        results[o] = out[o] + s->first;
    run_dense(k, &inside, params, results);
}

void ta_run(const struct ta_kernel *k, const struct ta_input *in,
            const double *params, double *out) {
    double *outs[TA_OUTPUTS_MAX];
    double *room = ta_room(1, in->n);
    const double *mask = mask_of(in, room);
    struct span s = find_bars(mask, in->n);
    for (int32_t o = 0; o < k->info.output_count; o++)
        outs[o] = out + (size_t)in->n * (size_t)o;
    if (s.bars == s.end - s.first)
        run_in_place(k, in, &s, params, outs);
    else
        run_gathered(k, in, mask, &s, params, outs);
    for (int32_t o = 0; o < k->info.output_count; o++) {
        fill_nan(outs[o], 0, s.first);
        fill_nan(outs[o], s.end, in->n);
    }
    free(room);
}
