/* Moving averages of one series, and their numbers for those who choose.
 *
 * All but KAMA and HMA are nests of the simple, the exponential and the
 * weighted average: an inner one is valid from its lookback on, and the next
 * goes over the valid part, so lookbacks add up.
 */
#include "base/mem.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- exponential ones, nested -------------------------------------------- */

/* Fill e[0 .. depth - 1], each n long: the average of the one before. e[k] is
 * valid from (k + 1) (w - 1) on. */
static void nest(const double *x, int32_t n, int32_t w, int32_t depth,
                 double *e) {
    int32_t from = 0;
    for (int32_t k = 0; k < depth; k++, from += w - 1) {
        const double *inner = k ? e + (size_t)n * (size_t)(k - 1) : x;
        ta_exponential(inner + from, n - from, w,
                       e + (size_t)n * (size_t)k + from);
    }
}

static void twice(const double *x, int32_t n, int32_t w, double *out) {
    double *e = ta_room(2, n);
    nest(x, n, w, 2, e);
    for (int32_t i = 2 * (w - 1); i < n; i++)
        out[i] = 2.0 * e[i] - e[n + i];
    free(e);
}

static void thrice(const double *x, int32_t n, int32_t w, double *out) {
    double *e = ta_room(3, n);
    const double *e2 = e + n, *e3 = e2 + n;
    nest(x, n, w, 3, e);
    for (int32_t i = 3 * (w - 1); i < n; i++)
        out[i] = 3.0 * e[i] - 3.0 * e2[i] + e3[i];
    free(e);
}

/* Tillson's generalised DEMA, applied three times, multiplied out. */
static void tillson(const double *x, int32_t n, int32_t w, double v,
                    double *out) {
    double *e = ta_room(6, n);
    const double *e3 = e + 2 * (size_t)n, *e4 = e3 + n, *e5 = e4 + n,
                 *e6 = e5 + n;
    double v2 = v * v, v3 = v2 * v;
    double c6 = -v3, c5 = 3.0 * (v2 + v3), c4 = -6.0 * v2 - 3.0 * (v + v3),
           c3 = 1.0 + 3.0 * v + v3 + 3.0 * v2;
    nest(x, n, w, 6, e);
    for (int32_t i = 6 * (w - 1); i < n; i++)
        out[i] = c6 * e6[i] + c5 * e5[i] + c4 * e4[i] + c3 * e3[i];
    free(e);
}

/* ---- others -------------------------------------------------------------- */

static void triangular(const double *x, int32_t n, int32_t w, double *out) {
    int32_t a = (w + 1) / 2, b = w + 1 - a;
    double *inner = ta_room(1, n);
    ta_mean(x, n, a, inner);
    ta_mean(inner + a - 1, n - (a - 1), b, out + a - 1);
    free(inner);
}

/* Kaufman: as fast as the path over w bars was straight. From the bar before
 * the first value on, whose price it starts from. */
static void adaptive(const double *x, int32_t n, int32_t w, double fast,
                     double slow, double *out) {
    double *steps = ta_room(2, n), *path = steps + n;
    double least = 2.0 / (slow + 1.0), reach = 2.0 / (fast + 1.0) - least;
    for (int32_t i = 1; i < n; i++)
        steps[i] = fabs(x[i] - x[i - 1]);
    ta_window_sums(steps + 1, n - 1, w, path + 1);
    double value = x[w - 1];
    for (int32_t i = w; i < n; i++) {
        double change = fabs(x[i] - x[i - w]);
        double ratio = change < path[i] ? change / path[i] : 1.0;
        double k = ratio * reach + least;
        value = (x[i] - value) * (k * k) + value;
        out[i] = value;
    }
    free(steps);
}

static int32_t root(int32_t w) {
    return (int32_t)sqrt((double)w);
}

static void hull(const double *x, int32_t n, int32_t w, double *out) {
    double *whole = ta_room(2, n), *half = whole + n;
    int32_t h = w > 1 ? w / 2 : 1;
    ta_weighted(x, n, w, whole);
    ta_weighted(x, n, h, half);
    for (int32_t i = w - 1; i < n; i++)
        half[i] = 2.0 * half[i] - whole[i];
    ta_weighted(half + w - 1, n - (w - 1), root(w), out + w - 1);
    free(whole);
}

/* ---- by number ----------------------------------------------------------- */

void ta_average(int32_t type, const double *x, int32_t n, int32_t w,
                double *out) {
    switch ((enum ta_average)type) {
    case TA_SMA:
        ta_mean(x, n, w, out);
        break;
    case TA_EMA:
        ta_exponential(x, n, w, out);
        break;
    case TA_WMA:
        ta_weighted(x, n, w, out);
        break;
    case TA_DEMA:
        twice(x, n, w, out);
        break;
    case TA_TEMA:
        thrice(x, n, w, out);
        break;
    case TA_TRIMA:
        triangular(x, n, w, out);
        break;
    case TA_KAMA:
        adaptive(x, n, w, 2.0, 30.0, out);
        break;
    case TA_MAMA:
    case TA_T3:
        tillson(x, n, w, 0.7, out);
        break;
    }
}

int32_t ta_average_lookback(int32_t type, int32_t w) {
    static const int32_t DEPTH[] = {
        [TA_SMA] = 1,  [TA_EMA] = 1,   [TA_WMA] = 1,  [TA_DEMA] = 2,
        [TA_TEMA] = 3, [TA_TRIMA] = 1, [TA_MAMA] = 0, [TA_T3] = 6};
    return type == TA_KAMA ? w : DEPTH[type] * (w - 1);
}

/* ---- rows ---------------------------------------------------------------- */

#define PLAIN(name, type)                                                      \
    static void run_##name(const struct ta_input *in, const double *p,         \
                           double *const *out) {                               \
        ta_average(type, in->x, in->n, (int32_t)p[0], out[0]);                 \
    }                                                                          \
    static int32_t lookback_##name(const double *p) {                          \
        return ta_average_lookback(type, (int32_t)p[0]);                       \
    }

PLAIN(sma, TA_SMA)
PLAIN(ema, TA_EMA)
PLAIN(wma, TA_WMA)
PLAIN(dema, TA_DEMA)
PLAIN(tema, TA_TEMA)
PLAIN(trima, TA_TRIMA)

static void run_ma(const struct ta_input *in, const double *p,
                   double *const *out) {
    ta_average((int32_t)p[1], in->x, in->n, (int32_t)p[0], out[0]);
}

static int32_t lookback_ma(const double *p) {
    return ta_average_lookback((int32_t)p[1], (int32_t)p[0]);
}

static void run_kama(const struct ta_input *in, const double *p,
                     double *const *out) {
    adaptive(in->x, in->n, (int32_t)p[0], p[1], p[2], out[0]);
}

static void run_t3(const struct ta_input *in, const double *p,
                   double *const *out) {
    tillson(in->x, in->n, (int32_t)p[0], p[1], out[0]);
}

static int32_t lookback_t3(const double *p) {
    return ta_average_lookback(TA_T3, (int32_t)p[0]);
}

static void run_hma(const struct ta_input *in, const double *p,
                    double *const *out) {
    hull(in->x, in->n, (int32_t)p[0], out[0]);
}

static int32_t lookback_hma(const double *p) {
    int32_t w = (int32_t)p[0];
    return w - 1 + root(w) - 1;
}

static void run_midpoint(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0];
    double *low = ta_room(1, in->n);
    ta_extremes(in->x, in->n, w, 1.0, out[0], NULL);
    ta_extremes(in->x, in->n, w, -1.0, low, NULL);
    for (int32_t i = w - 1; i < in->n; i++)
        out[0][i] = (out[0][i] + low[i]) / 2.0;
    free(low);
}

static const struct ta_kernel AVERAGES[] = {
    {{.name = "sma",
      .title = "Simple moving average",
      .formula = "sum(x, n) / n",
      .source = "TA-Lib SMA",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("sma"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 200, 5))},
     "sma.1",
     lookback_sma,
     run_sma},
    {{.name = "ema",
      .title = "Exponential moving average",
      .formula = "e + (x - e) * 2 / (n + 1), from the mean of the first n",
      .source = "TA-Lib EMA",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("ema"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 200, 5))},
     "ema.1",
     lookback_ema,
     run_ema},
    {{.name = "wma",
      .title = "Weighted moving average",
      .formula = "sum(k * x_k, k = 1 (oldest) .. n) / (n (n + 1) / 2)",
      .source = "TA-Lib WMA",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("wma"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 200, 5))},
     "wma.2",
     lookback_wma,
     run_wma},
    {{.name = "dema",
      .title = "Double exponential moving average",
      .formula = "2 e1 - e2; e1 = ema(x, n), e2 = ema(e1, n)",
      .source = "TA-Lib DEMA (Mulloy 1994)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("dema"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 100, 5))},
     "dema.1",
     lookback_dema,
     run_dema},
    {{.name = "tema",
      .title = "Triple exponential moving average",
      .formula = "3 e1 - 3 e2 + e3; e3 = ema(e2, n)",
      .source = "TA-Lib TEMA (Mulloy 1994)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("tema"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 100, 5))},
     "tema.1",
     lookback_tema,
     run_tema},
    {{.name = "trima",
      .title = "Triangular moving average",
      .formula = "sma(sma(x, a), n + 1 - a), a = floor((n + 1) / 2)",
      .source = "TA-Lib TRIMA",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("trima"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 200, 5))},
     "trima.1",
     lookback_trima,
     run_trima},
    {{.name = "kama",
      .title = "Kaufman's adaptive moving average",
      .formula = "k + (x - k) c^2, c = er (2 / (fast + 1) - s) + s, s = 2 / "
                 "(slow + 1), er = |x - x[-n]| / sum(|change|, n), from x[n - "
                 "1]",
      .source = "TA-Lib KAMA (Kaufman 1995), which has fast 2, slow 30",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("kama"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 60, 5),
                TA_LENGTH("fast", 2, 1, 2, 5, 1),
                TA_LENGTH("slow", 30, 1, 20, 40, 5))},
     "kama.1",
     ta_changes,
     run_kama},
    {{.name = "t3",
      .title = "Tillson's T3",
      .formula = "-v^3 e6 + 3 (v^2 + v^3) e5 - (6 v^2 + 3 (v + v^3)) e4 + (1 + "
                 "3 v + v^3 + 3 v^2) e3, ek = ema(e(k-1), n)",
      .source = "TA-Lib T3 (Tillson 1998)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("t3"),
      TA_PARAMS(TA_LENGTH("n", 5, 1, 3, 30, 1),
                TA_NUMBER("v", 0.7, 0, 1, 0.5, 0.9, 0.1))},
     "t3.1",
     lookback_t3,
     run_t3},
    {{.name = "hma",
      .title = "Hull moving average",
      .formula = "wma(2 wma(x, floor(n / 2)) - wma(x, n), floor(sqrt(n)))",
      .source = "Hull 2005, alanhull.com",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("hma"),
      TA_PARAMS(TA_LENGTH("n", 16, 1, 9, 100, 5))},
     "hma.1",
     lookback_hma,
     run_hma},
    {{.name = "ma",
      .title = "Moving average of a chosen kind",
      .formula = "matype: 0 sma, 1 ema, 2 wma, 3 dema, 4 tema, 5 trima, 6 "
                 "kama, 8 t3",
      .source = "TA-Lib MA, without 7 (MAMA)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("ma"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 200, 5), TA_MATYPE("matype"))},
     "ma.1",
     lookback_ma,
     run_ma},
    {{.name = "midpoint",
      .title = "Midpoint over a window",
      .formula = "(max(x, n) + min(x, n)) / 2",
      .source = "TA-Lib MIDPOINT",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("midpoint"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 60, 5))},
     "midpoint.1",
     ta_window,
     run_midpoint},
};

const struct ta_family ta_averages = TA_FAMILY(AVERAGES);
