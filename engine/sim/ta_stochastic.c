/* Where the price stands within its window, and when the window's extremes
 * were.
 */
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- stochastics --------------------------------------------------------- */

/* 100 (close - lowest) / (highest - lowest) over w bars, 0 without a span. */
static void raw_k(const double *high, const double *low, const double *close,
                  int32_t n, int32_t w, double *out) {
    double *top = ta_room(2, n), *bottom = top + n;
    ta_extremes(high, n, w, 1.0, top, NULL);
    ta_extremes(low, n, w, -1.0, bottom, NULL);
    for (int32_t i = w - 1; i < n; i++) {
        double span = (top[i] - bottom[i]) / 100.0;
        out[i] = span != 0.0 ? (close[i] - bottom[i]) / span : 0.0;
    }
    free(top);
}

static int32_t lookback_stoch(const double *p) {
    return (int32_t)p[0] - 1 +
           ta_average_lookback((int32_t)p[2], (int32_t)p[1]) +
           ta_average_lookback((int32_t)p[4], (int32_t)p[3]);
}

static void run_stoch(const struct ta_input *in, const double *p,
                      double *const *out) {
    double *fast = ta_room(1, in->n);
    int32_t from = (int32_t)p[0] - 1;
    raw_k(in->high, in->low, in->close, in->n, (int32_t)p[0], fast);
    ta_average((int32_t)p[2], fast + from, in->n - from, (int32_t)p[1],
               out[0] + from);
    from += ta_average_lookback((int32_t)p[2], (int32_t)p[1]);
    ta_average((int32_t)p[4], out[0] + from, in->n - from, (int32_t)p[3],
               out[1] + from);
    free(fast);
}

static int32_t lookback_stochf(const double *p) {
    return (int32_t)p[0] - 1 +
           ta_average_lookback((int32_t)p[2], (int32_t)p[1]);
}

/* p: length of k, length and kind of d */
static void fast_k_and_d(const double *high, const double *low,
                         const double *close, int32_t n, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0];
    raw_k(high, low, close, n, w, out[0]);
    ta_average((int32_t)p[2], out[0] + w - 1, n - (w - 1), (int32_t)p[1],
               out[1] + w - 1);
}

static void run_stochf(const struct ta_input *in, const double *p,
                       double *const *out) {
    fast_k_and_d(in->high, in->low, in->close, in->n, p, out);
}

static int32_t lookback_stochrsi(const double *p) {
    return (int32_t)p[0] + lookback_stochf(p + 1);
}

static void run_stochrsi(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0], n = in->n - w;
    double *rsi = ta_room(1, in->n);
    ta_strength(in->x, in->n, w, rsi);
    fast_k_and_d(rsi + w, rsi + w, rsi + w, n, p + 1,
                 (double *const[]){out[0] + w, out[1] + w});
    free(rsi);
}

static void run_willr(const struct ta_input *in, const double *p,
                      double *const *out) {
    int32_t w = (int32_t)p[0];
    double *top = ta_room(2, in->n), *bottom = top + in->n;
    ta_extremes(in->high, in->n, w, 1.0, top, NULL);
    ta_extremes(in->low, in->n, w, -1.0, bottom, NULL);
    for (int32_t i = w - 1; i < in->n; i++) {
        double span = (top[i] - bottom[i]) / -100.0;
        out[0][i] = span != 0.0 ? (top[i] - in->close[i]) / span : 0.0;
    }
    free(top);
}

/* ---- commodity channel --------------------------------------------------- */

enum { BLOCK = 64 };

/* sum[k] += |x[k] - mean[k]| over a block of bars: see ta_part.c. */
static void add_distances(double *restrict sum, const double *restrict x,
                          const double *restrict mean, int32_t n) {
    if (n == BLOCK)
        for (int32_t k = 0; k < BLOCK; k++)
            sum[k] += fabs(x[k] - mean[k]);
    else
        for (int32_t k = 0; k < n; k++)
            sum[k] += fabs(x[k] - mean[k]);
}

/* The mean distance has no shorter way than to look at each value of each
 * window, a block of bars at a time. */
static void run_cci(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0];
    double *price = ta_room(2, in->n), *mean = price + in->n;
    ta_typical(in, price);
    ta_mean(price, in->n, w, mean);
    for (int32_t i = w - 1; i < in->n; i += BLOCK) {
        int32_t some = in->n - i < BLOCK ? in->n - i : BLOCK;
        double sum[BLOCK] = {0};
        for (int32_t j = i - w + 1; j <= i; j++)
            add_distances(sum, price + j, mean + i, some);
        for (int32_t k = 0; k < some; k++) {
            double off = price[i + k] - mean[i + k];
            bool flat = off == 0.0 || sum[k] == 0.0;
            out[0][i + k] = flat ? 0.0 : off / (0.015 * (sum[k] / w));
        }
    }
    free(price);
}

/* ---- aroon --------------------------------------------------------------- */

static void run_aroon(const struct ta_input *in, const double *p,
                      double *const *out) {
    int32_t w = (int32_t)p[0];
    ta_extremes(in->low, in->n, w + 1, -1.0, NULL, out[0]);
    ta_extremes(in->high, in->n, w + 1, 1.0, NULL, out[1]);
    for (int32_t i = w; i < in->n; i++) {
        out[0][i] = 100.0 / w * (w - out[0][i]);
        out[1][i] = 100.0 / w * (w - out[1][i]);
    }
}

static void run_aroonosc(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0];
    double *low = ta_room(1, in->n);
    ta_extremes(in->low, in->n, w + 1, -1.0, NULL, low);
    ta_extremes(in->high, in->n, w + 1, 1.0, NULL, out[0]);
    for (int32_t i = w; i < in->n; i++)
        out[0][i] = 100.0 / w * (low[i] - out[0][i]);
    free(low);
}

/* ---- rows ---------------------------------------------------------------- */

static const struct ta_kernel STOCHASTICS[] = {
    {{.name = "stoch",
      .title = "Stochastic, slow",
      .formula = "k = ma(100 (close - l) / (h - l), slow_k), d = ma(k, "
                 "slow_d); l, h: lowest low, highest high of fast_k bars",
      .source = "TA-Lib STOCH (Lane)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("k", "d"),
      TA_PARAMS(TA_LENGTH("fast_k", 5, 1, 5, 21, 1),
                TA_LENGTH("slow_k", 3, 1, 1, 9, 1), TA_MATYPE("slow_k_matype"),
                TA_LENGTH("slow_d", 3, 1, 1, 9, 1),
                TA_MATYPE("slow_d_matype"))},
     "stoch.1",
     lookback_stoch,
     run_stoch},
    {{.name = "stochf",
      .title = "Stochastic, fast",
      .formula = "k = 100 (close - l) / (h - l), d = ma(k, fast_d); l, h as "
                 "in stoch",
      .source = "TA-Lib STOCHF (Lane)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("k", "d"),
      TA_PARAMS(TA_LENGTH("fast_k", 5, 1, 5, 21, 1),
                TA_LENGTH("fast_d", 3, 1, 1, 9, 1),
                TA_MATYPE("fast_d_matype"))},
     "stochf.1",
     lookback_stochf,
     run_stochf},
    {{.name = "stochrsi",
      .title = "Stochastic of the relative strength index",
      .formula = "stochf of rsi(x, n) in place of high, low and close",
      .source = "TA-Lib STOCHRSI (Chande and Kroll 1994)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("k", "d"),
      TA_PARAMS(
          TA_LENGTH("n", 14, 2, 4, 40, 2), TA_LENGTH("fast_k", 5, 1, 5, 21, 1),
          TA_LENGTH("fast_d", 3, 1, 1, 9, 1), TA_MATYPE("fast_d_matype"))},
     "stochrsi.1",
     lookback_stochrsi,
     run_stochrsi},
    {{.name = "willr",
      .title = "Williams %R",
      .formula = "-100 (h - close) / (h - l); h, l: highest high, lowest low "
                 "of n bars",
      .source = "TA-Lib WILLR (Williams 1973)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("willr"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 40, 5))},
     "willr.1",
     ta_window,
     run_willr},
    {{.name = "cci",
      .title = "Commodity channel index",
      .formula = "(t - m) / (0.015 mean(|t_k - m|, n)), t = (high + low + "
                 "close) / 3, m = sma(t, n)",
      .source = "TA-Lib CCI (Lambert 1980)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("cci"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 60, 5))},
     "cci.1",
     ta_window,
     run_cci},
    {{.name = "aroon",
      .title = "Aroon",
      .formula = "100 (n - bars since the lowest low, highest high of n + 1 "
                 "bars) / n",
      .source = "TA-Lib AROON (Chande 1995)",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("down", "up"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 60, 5))},
     "aroon.1",
     ta_changes,
     run_aroon},
    {{.name = "aroonosc",
      .title = "Aroon oscillator",
      .formula = "aroon up - down",
      .source = "TA-Lib AROONOSC (Chande 1995)",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("aroonosc"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 60, 5))},
     "aroonosc.1",
     ta_changes,
     run_aroonosc},
};

const struct ta_family ta_stochastic = TA_FAMILY(STOCHASTICS);
