/* Bars made into other prices, levels of the session before, and crossings.
 */
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- one price for a bar ------------------------------------------------- */

static void run_avgprice(const struct ta_input *in, const double *p,
                         double *const *out) {
    (void)p;
    for (int32_t i = 0; i < in->n; i++)
        out[0][i] =
            (in->high[i] + in->low[i] + in->close[i] + in->open[i]) / 4.0;
}

static void run_medprice(const struct ta_input *in, const double *p,
                         double *const *out) {
    (void)p;
    for (int32_t i = 0; i < in->n; i++)
        out[0][i] = (in->high[i] + in->low[i]) / 2.0;
}

static void run_typprice(const struct ta_input *in, const double *p,
                         double *const *out) {
    (void)p;
    ta_typical(in, out[0]);
}

static void run_wclprice(const struct ta_input *in, const double *p,
                         double *const *out) {
    (void)p;
    for (int32_t i = 0; i < in->n; i++)
        out[0][i] = (in->high[i] + in->low[i] + in->close[i] * 2.0) / 4.0;
}

static void run_midprice(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0];
    double *low = ta_room(1, in->n);
    ta_extremes(in->high, in->n, w, 1.0, out[0], NULL);
    ta_extremes(in->low, in->n, w, -1.0, low, NULL);
    for (int32_t i = w - 1; i < in->n; i++)
        out[0][i] = (out[0][i] + low[i]) / 2.0;
    free(low);
}

static void run_heikin_ashi(const struct ta_input *in, const double *p,
                            double *const *out) {
    (void)p;
    double open = (in->open[0] + in->close[0]) / 2.0;
    for (int32_t i = 0; i < in->n; i++) {
        double close =
            (in->open[i] + in->high[i] + in->low[i] + in->close[i]) / 4.0;
        out[0][i] = open;
        out[1][i] = fmax(in->high[i], fmax(open, close));
        out[2][i] = fmin(in->low[i], fmin(open, close));
        out[3][i] = close;
        open = (open + close) / 2.0;
    }
}

/* ---- levels of the session before ---------------------------------------- */

struct session {
    double high, low, close;
};

/* p, r1 .. r3, s1 .. s3 */
static void floor_levels(const struct session *s, double *level) {
    double p = (s->high + s->low + s->close) / 3.0, span = s->high - s->low;
    level[0] = p;
    level[1] = 2.0 * p - s->low;
    level[2] = p + span;
    level[3] = s->high + 2.0 * (p - s->low);
    level[4] = 2.0 * p - s->high;
    level[5] = p - span;
    level[6] = s->low - 2.0 * (s->high - p);
}

static void fibonacci_levels(const struct session *s, double *level) {
    static const double PART[] = {0.382, 0.618, 1.0};
    double p = (s->high + s->low + s->close) / 3.0, span = s->high - s->low;
    level[0] = p;
    for (int k = 0; k < 3; k++) {
        level[1 + k] = p + PART[k] * span;
        level[4 + k] = p - PART[k] * span;
    }
}

/* Without session numbers each bar is a session. */
static bool is_new_session(const struct ta_input *in, int32_t i) {
    return !in->session || in->session[i] != in->session[i - 1];
}

static void pivots(const struct ta_input *in,
                   void (*levels_of)(const struct session *, double *),
                   double *const *out) {
    struct session s = {in->high[0], in->low[0], in->close[0]};
    double level[7] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    for (int32_t i = 1; i < in->n; i++) {
        if (is_new_session(in, i)) {
            levels_of(&s, level);
            s = (struct session){-INFINITY, INFINITY, 0.0};
        }
        s.high = fmax(s.high, in->high[i]);
        s.low = fmin(s.low, in->low[i]);
        s.close = in->close[i];
        for (int k = 0; k < 7; k++)
            out[k][i] = level[k];
    }
}

static void run_pivots(const struct ta_input *in, const double *p,
                       double *const *out) {
    (void)p;
    pivots(in, floor_levels, out);
}

static void run_pivots_fibonacci(const struct ta_input *in, const double *p,
                                 double *const *out) {
    (void)p;
    pivots(in, fibonacci_levels, out);
}

/* ---- crossings ----------------------------------------------------------- */

static void crossings(const double *x, const double *y, int32_t n,
                      double *out) {
    for (int32_t i = 1; i < n; i++)
        out[i] = x[i] > y[i] && x[i - 1] <= y[i - 1] ? 1.0 : 0.0;
}

static void run_crossover(const struct ta_input *in, const double *p,
                          double *const *out) {
    (void)p;
    crossings(in->x, in->other, in->n, out[0]);
}

static void run_crossunder(const struct ta_input *in, const double *p,
                           double *const *out) {
    (void)p;
    crossings(in->other, in->x, in->n, out[0]);
}

/* ---- rows ---------------------------------------------------------------- */

#define PRICE(NAME, TITLE, FORMULA, SOURCE, ...)                               \
    {                                                                          \
        {.name = #NAME,                                                        \
         .title = TITLE,                                                       \
         .formula = FORMULA,                                                   \
         .source = SOURCE,                                                     \
         TA_INPUTS(__VA_ARGS__),                                               \
         TA_OUTPUTS(#NAME)},                                                   \
            #NAME ".1", ta_none, run_##NAME                                    \
    }

static const struct ta_kernel PRICES[] = {
    PRICE(avgprice, "Average price", "(open + high + low + close) / 4",
          "TA-Lib AVGPRICE", TA_OPEN, TA_HIGH, TA_LOW, TA_CLOSE),
    PRICE(medprice, "Median price", "(high + low) / 2", "TA-Lib MEDPRICE",
          TA_HIGH, TA_LOW),
    PRICE(typprice, "Typical price", "(high + low + close) / 3",
          "TA-Lib TYPPRICE", TA_HIGH, TA_LOW, TA_CLOSE),
    PRICE(wclprice, "Weighted close price", "(high + low + 2 close) / 4",
          "TA-Lib WCLPRICE", TA_HIGH, TA_LOW, TA_CLOSE),
    {{.name = "midprice",
      .title = "Midpoint price over a window",
      .formula = "(max(high, n) + min(low, n)) / 2",
      .source = "TA-Lib MIDPRICE",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("midprice"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 60, 5))},
     "midprice.1",
     ta_window,
     run_midprice},
    {{.name = "heikin_ashi",
      .title = "Heikin-Ashi bars",
      .formula = "close = (o + h + l + c) / 4, open = (open[-1] + close[-1]) / "
                 "2, at first (o + c) / 2, high = max(h, open, close), low = "
                 "min(l, open, close)",
      .source = "StockCharts ChartSchool (Valcu 2004)",
      TA_INPUTS(TA_OPEN, TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("open", "high", "low", "close")},
     "heikin_ashi.1",
     ta_none,
     run_heikin_ashi},
    {{.name = "pivots",
      .title = "Pivot points",
      .formula = "of the session before: p = (h + l + c) / 3, r1 = 2 p - l, "
                 "r2 = p + (h - l), r3 = h + 2 (p - l), s1 = 2 p - h, s2 = p - "
                 "(h - l), s3 = l - 2 (h - p); NaN in the first session",
      .source = "StockCharts ChartSchool; r3, s3: investopedia.com",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_SESSION),
      TA_OUTPUTS("p", "r1", "r2", "r3", "s1", "s2", "s3")},
     "pivots.1",
     ta_one,
     run_pivots},
    {{.name = "pivots_fibonacci",
      .title = "Pivot points, Fibonacci's ratios",
      .formula = "of the session before: p = (h + l + c) / 3, r, s = p +- "
                 "0.382, 0.618, 1 times (h - l); NaN in the first session",
      .source = "StockCharts ChartSchool",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_SESSION),
      TA_OUTPUTS("p", "r1", "r2", "r3", "s1", "s2", "s3")},
     "pivots_fibonacci.1",
     ta_one,
     run_pivots_fibonacci},
    {{.name = "crossover",
      .title = "Crossing from below",
      .formula = "1 where x > other and x[-1] <= other[-1], else 0",
      .source = "TradingView ta.crossover",
      TA_INPUTS(TA_X, TA_OTHER),
      TA_OUTPUTS("crossover")},
     "crossover.1",
     ta_one,
     run_crossover},
    {{.name = "crossunder",
      .title = "Crossing from above",
      .formula = "1 where x < other and x[-1] >= other[-1], else 0",
      .source = "TradingView ta.crossunder",
      TA_INPUTS(TA_X, TA_OTHER),
      TA_OUTPUTS("crossunder")},
     "crossunder.1",
     ta_one,
     run_crossunder},
};

const struct ta_family ta_prices = TA_FAMILY(PRICES);
