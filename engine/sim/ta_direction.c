/* Wilder's directional movement.
 *
 * Movements and ranges are summed over the first n - 1 changes; from the n-th
 * on each sum loses its n-th part before the next value is added.
 */
#include "base/mem.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

struct movement {
    double plus, minus, range;
};

/* The larger of the two reaches beyond the bar before, if there is one. */
static struct movement move(const struct ta_input *in, int32_t i) {
    double up = in->high[i] - in->high[i - 1];
    double down = in->low[i - 1] - in->low[i];
    struct movement m = {up > 0.0 && up > down ? up : 0.0,
                         down > 0.0 && down > up ? down : 0.0, 0.0};
    if (in->close) {
        double before = in->close[i - 1];
        m.range =
            fmax(in->high[i] - in->low[i],
                 fmax(fabs(in->high[i] - before), fabs(in->low[i] - before)));
    }
    return m;
}

static void add_movement(struct movement *sum, const struct ta_input *in,
                         int32_t i, int32_t w) {
    struct movement m = move(in, i);
    if (i >= w) {
        sum->plus -= sum->plus / w;
        sum->minus -= sum->minus / w;
        sum->range -= sum->range / w;
    }
    sum->plus += m.plus;
    sum->minus += m.minus;
    sum->range += m.range;
}

/* ---- movements and indicators -------------------------------------------- */

static int32_t lookback_dm(const double *p) {
    return p[0] > 1 ? (int32_t)p[0] - 1 : 1;
}

static void run_plus_dm(const struct ta_input *in, const double *p,
                        double *const *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, (int32_t)p[0]);
        out[0][i] = sum.plus;
    }
}

static void run_minus_dm(const struct ta_input *in, const double *p,
                         double *const *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, (int32_t)p[0]);
        out[0][i] = sum.minus;
    }
}

static double share(double part, double range) {
    return range != 0.0 ? 100.0 * (part / range) : 0.0;
}

static void run_plus_di(const struct ta_input *in, const double *p,
                        double *const *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, (int32_t)p[0]);
        out[0][i] = share(sum.plus, sum.range);
    }
}

static void run_minus_di(const struct ta_input *in, const double *p,
                         double *const *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, (int32_t)p[0]);
        out[0][i] = share(sum.minus, sum.range);
    }
}

/* ---- index --------------------------------------------------------------- */

/* How one-sided the movement is; NaN where there is none. */
static double one_sided(const struct movement *sum) {
    double plus = share(sum->plus, sum->range);
    double minus = share(sum->minus, sum->range);
    double both = plus + minus;
    return both != 0.0 ? 100.0 * (fabs(minus - plus) / both) : NAN;
}

/* Without movement the value stays. */
static void run_dx(const struct ta_input *in, const double *p,
                   double *const *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    double value = 0.0;
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, (int32_t)p[0]);
        double dx = i >= (int32_t)p[0] ? one_sided(&sum) : NAN;
        value = isnan(dx) ? value : dx;
        out[0][i] = value;
    }
}

static int32_t lookback_adx(const double *p) {
    return 2 * (int32_t)p[0] - 1;
}

/* The mean of the first w indexes, then Wilder's average; a bar without
 * movement adds nothing to the one and does not move the other. */
static void average_index(const struct ta_input *in, int32_t w, double *out) {
    struct movement sum = {0.0, 0.0, 0.0};
    double value = 0.0;
    for (int32_t i = 1; i < in->n; i++) {
        add_movement(&sum, in, i, w);
        double dx = i >= w ? one_sided(&sum) : NAN;
        if (!isnan(dx))
            value = i < 2 * w ? value + dx : (value * (w - 1) + dx) / w;
        if (i == 2 * w - 1)
            value /= w;
        out[i] = value;
    }
}

static void run_adx(const struct ta_input *in, const double *p,
                    double *const *out) {
    average_index(in, (int32_t)p[0], out[0]);
}

static int32_t lookback_adxr(const double *p) {
    return 3 * (int32_t)p[0] - 2;
}

static void run_adxr(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0];
    double *adx = ta_room(1, in->n);
    average_index(in, w, adx);
    for (int32_t i = lookback_adxr(p); i < in->n; i++)
        out[0][i] = (adx[i] + adx[i - (w - 1)]) / 2.0;
    free(adx);
}

/* ---- rows ---------------------------------------------------------------- */

#define ROW(NAME, TITLE, FORMULA, SOURCE, MIN, LOOKBACK, ...)                  \
    {                                                                          \
        {.name = #NAME,                                                        \
         .title = TITLE,                                                       \
         .formula = FORMULA,                                                   \
         .source = SOURCE " (Wilder 1978)",                                    \
         TA_INPUTS(__VA_ARGS__),                                               \
         TA_OUTPUTS(#NAME),                                                    \
         TA_PARAMS(TA_LENGTH("n", 14, MIN, 5, 40, 5))},                        \
            #NAME ".1", LOOKBACK, run_##NAME                                   \
    }

static const struct ta_kernel DIRECTIONS[] = {
    ROW(plus_dm, "Directional movement, up",
        "Wilder's sum of max(high - high[-1], 0) where it is more than "
        "low[-1] - low, else 0",
        "TA-Lib PLUS_DM", 1, lookback_dm, TA_HIGH, TA_LOW),
    ROW(minus_dm, "Directional movement, down",
        "Wilder's sum of max(low[-1] - low, 0) where it is more than high - "
        "high[-1], else 0",
        "TA-Lib MINUS_DM", 1, lookback_dm, TA_HIGH, TA_LOW),
    ROW(plus_di, "Directional indicator, up",
        "100 plus_dm / Wilder's sum of true ranges",
        "TA-Lib PLUS_DI, which has no 100 for n = 1", 1, ta_changes, TA_HIGH,
        TA_LOW, TA_CLOSE),
    ROW(minus_di, "Directional indicator, down",
        "100 minus_dm / Wilder's sum of true ranges",
        "TA-Lib MINUS_DI, which has no 100 for n = 1", 1, ta_changes, TA_HIGH,
        TA_LOW, TA_CLOSE),
    ROW(dx, "Directional movement index",
        "100 |plus_di - minus_di| / (plus_di + minus_di)", "TA-Lib DX", 2,
        ta_changes, TA_HIGH, TA_LOW, TA_CLOSE),
    ROW(adx, "Average directional movement index",
        "Wilder's average of dx, from the mean of its first n", "TA-Lib ADX", 2,
        lookback_adx, TA_HIGH, TA_LOW, TA_CLOSE),
    ROW(adxr, "Average directional movement index rating",
        "(adx + adx[-(n - 1)]) / 2", "TA-Lib ADXR", 2, lookback_adxr, TA_HIGH,
        TA_LOW, TA_CLOSE),
};

const struct ta_family ta_direction = TA_FAMILY(DIRECTIONS);
