/* Lines around the price: bands, channels, trailing stops, clouds.
 */
#include "base/exact.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- bands --------------------------------------------------------------- */

static int32_t lookback_bbands(const double *p) {
    int32_t average = ta_average_lookback((int32_t)p[3], (int32_t)p[0]);
    return average > (int32_t)p[0] - 1 ? average : (int32_t)p[0] - 1;
}

/* The deviation is that of the window around its plain mean, whatever average
 * the middle is. */
static void run_bbands(const struct ta_input *in, const double *p,
                       double *const *out) {
    int32_t w = (int32_t)p[0];
    double *squares = ta_room(1, in->n);
    ta_average((int32_t)p[3], in->x, in->n, w, out[1]);
    ta_squares(in->x, in->n, w, squares);
    for (int32_t i = lookback_bbands(p); i < in->n; i++) {
        double deviation = sqrt(squares[i] / w);
        out[0][i] = out[1][i] + deviation * p[1];
        out[2][i] = out[1][i] - deviation * p[2];
    }
    free(squares);
}

static int32_t lookback_keltner(const double *p) {
    return (int32_t)fmax(p[0] - 1.0, p[1]);
}

static void run_keltner(const struct ta_input *in, const double *p,
                        double *const *out) {
    double *range = ta_room(1, in->n);
    ta_exponential(in->close, in->n, (int32_t)p[0], out[1]);
    ta_average_range(in, (int32_t)p[1], range);
    for (int32_t i = lookback_keltner(p); i < in->n; i++) {
        out[0][i] = out[1][i] + range[i] * p[2];
        out[2][i] = out[1][i] - range[i] * p[2];
    }
    free(range);
}

static void run_donchian(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t w = (int32_t)p[0];
    ta_extremes(in->high, in->n, w, 1.0, out[0], NULL);
    ta_extremes(in->low, in->n, w, -1.0, out[2], NULL);
    for (int32_t i = w - 1; i < in->n; i++)
        out[1][i] = (out[0][i] + out[2][i]) / 2.0;
}

/* ---- parabolic stop ------------------------------------------------------ */

struct parabola {
    bool rising;
    double stop, extreme, speed, step, most;
};

static double within(const struct parabola *s, double stop, double a,
                     double b) {
    return s->rising ? fmin(stop, fmin(a, b)) : fmax(stop, fmax(a, b));
}

/* Beyond the limits of today and of the bar before the stop may not go. */
static void advance(struct parabola *s, const struct ta_input *in, int32_t i,
                    int32_t before) {
    const double *near = s->rising ? in->low : in->high;
    s->stop = s->stop + s->speed * (s->extreme - s->stop);
    s->stop = within(s, s->stop, near[before], near[i]);
}

static void turn(struct parabola *s, const struct ta_input *in, int32_t i,
                 int32_t before) {
    s->rising = !s->rising;
    const double *near = s->rising ? in->low : in->high;
    s->stop = within(s, s->extreme, near[before], near[i]);
    s->speed = s->step;
    s->extreme = s->rising ? in->high[i] : in->low[i];
}

static void extend(struct parabola *s, const struct ta_input *in, int32_t i) {
    double reach = s->rising ? in->high[i] : in->low[i];
    if (s->rising ? reach > s->extreme : reach < s->extreme) {
        s->extreme = reach;
        s->speed = fmin(s->speed + s->step, s->most);
    }
}

/* The first trend is up unless the second bar moved down more than up. At the
 * first step today stands for the bar before as well, as in TA-Lib. */
static void run_sar(const struct ta_input *in, const double *p,
                    double *const *out) {
    double step = fmin(p[0], p[1]);
    double down = in->low[0] - in->low[1], up = in->high[1] - in->high[0];
    bool rising = !(down > 0.0 && down > up);
    struct parabola s = {rising,
                         rising ? in->low[0] : in->high[0],
                         rising ? in->high[1] : in->low[1],
                         step,
                         step,
                         p[1]};
    for (int32_t i = 1; i < in->n; i++) {
        int32_t before = i > 1 ? i - 1 : 1;
        bool hit = s.rising ? in->low[i] <= s.stop : in->high[i] >= s.stop;
        if (hit)
            turn(&s, in, i, before);
        out[0][i] = s.stop;
        if (!hit)
            extend(&s, in, i);
        advance(&s, in, i, before);
    }
}

/* ---- supertrend ---------------------------------------------------------- */

/* A band only tightens until the close breaks it. */
static void run_supertrend(const struct ta_input *in, const double *p,
                           double *const *out) {
    int32_t w = (int32_t)p[0];
    double *range = ta_room(1, in->n), upper = INFINITY, lower = -INFINITY;
    bool rising = false;
    ta_average_range(in, w, range);
    for (int32_t i = w; i < in->n; i++) {
        double middle = (in->high[i] + in->low[i]) / 2.0, close = in->close[i];
        double top = middle + p[1] * range[i], low = middle - p[1] * range[i];
        upper = top < upper || in->close[i - 1] > upper ? top : upper;
        lower = low > lower || in->close[i - 1] < lower ? low : lower;
        if (i > w)
            rising = rising ? close >= lower : close > upper;
        out[0][i] = rising ? lower : upper;
        out[1][i] = rising ? 1.0 : -1.0;
    }
    free(range);
}

/* ---- ichimoku ------------------------------------------------------------ */

static int32_t lookback_ichimoku(const double *p) {
    return (int32_t)(fmax(p[0], fmax(p[1], p[2])) - 1.0 + p[3]);
}

static void middle_of(const struct ta_input *in, int32_t w, double *room,
                      double *out) {
    ta_extremes(in->high, in->n, w, 1.0, out, NULL);
    ta_extremes(in->low, in->n, w, -1.0, room, NULL);
    for (int32_t i = w - 1; i < in->n; i++)
        out[i] = (out[i] + room[i]) / 2.0;
}

static void run_ichimoku(const struct ta_input *in, const double *p,
                         double *const *out) {
    int32_t shift = (int32_t)p[3];
    double *room = ta_room(2, in->n), *slow = room + in->n;
    middle_of(in, (int32_t)p[0], room, out[0]);
    middle_of(in, (int32_t)p[1], room, out[1]);
    middle_of(in, (int32_t)p[2], room, slow);
    for (int32_t i = lookback_ichimoku(p); i < in->n; i++) {
        out[2][i] = (out[0][i - shift] + out[1][i - shift]) / 2.0;
        out[3][i] = slow[i - shift];
    }
    free(room);
}

/* ---- rows ---------------------------------------------------------------- */

static const struct ta_kernel BANDS[] = {
    {{.name = "bbands",
      .title = "Bollinger bands",
      .formula = "middle = ma(x, n), upper = middle + up s, lower = middle - "
                 "down s, s = stddev(x, n)",
      .source = "TA-Lib BBANDS (Bollinger 2001); defaults are TA-Lib's, "
                "Bollinger's own n is 20",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("upper", "middle", "lower"),
      TA_PARAMS(TA_LENGTH("n", 5, 1, 10, 60, 5),
                TA_NUMBER("up", 2, -1e6, 1e6, 1, 3, 0.5),
                TA_NUMBER("down", 2, -1e6, 1e6, 1, 3, 0.5),
                TA_MATYPE("matype"))},
     "bbands.2",
     lookback_bbands,
     run_bbands},
    {{.name = "keltner",
      .title = "Keltner channels",
      .formula = "middle = ema(close, n), upper, lower = middle +- multiplier "
                 "atr(atr)",
      .source = "StockCharts ChartSchool (Raschke's form)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("upper", "middle", "lower"),
      TA_PARAMS(TA_LENGTH("n", 20, 1, 10, 60, 5),
                TA_LENGTH("atr", 10, 1, 5, 20, 5),
                TA_NUMBER("multiplier", 2, 0, 1e6, 1, 4, 0.5))},
     "keltner.1",
     lookback_keltner,
     run_keltner},
    {{.name = "donchian",
      .title = "Donchian channel",
      .formula = "upper = max(high, n), lower = min(low, n), middle their "
                 "mean; the current bar included: compare with [-2] for a "
                 "break-out",
      .source = "Donchian; LEAN DonchianChannel",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("upper", "middle", "lower"),
      TA_PARAMS(TA_LENGTH("n", 20, 1, 10, 60, 5))},
     "donchian.1",
     ta_window,
     run_donchian},
    {{.name = "sar",
      .title = "Parabolic stop and reverse",
      .formula = "s + a (extreme - s), a grows by acceleration with each new "
                 "extreme, to maximum at most; reverses where the bar touches "
                 "it",
      .source = "TA-Lib SAR (Wilder 1978)",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("sar"),
      TA_PARAMS(TA_NUMBER("acceleration", 0.02, 0, 1e6, 0.01, 0.05, 0.01),
                TA_NUMBER("maximum", 0.2, 0, 1e6, 0.1, 0.4, 0.1))},
     "sar.1",
     ta_one,
     run_sar},
    {{.name = "supertrend",
      .title = "SuperTrend",
      .formula = "bands (high + low) / 2 +- multiplier atr(n) that only "
                 "tighten until the close breaks them; line: the lower one in "
                 "a rise (direction 1), else the upper one (-1); falling at "
                 "first",
      .source = "Seban; TradingView ta.supertrend, with this ATR",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("line", "direction"),
      TA_PARAMS(TA_LENGTH("n", 10, 1, 5, 20, 1),
                TA_NUMBER("multiplier", 3, 0, 1e6, 1, 5, 0.5))},
     "supertrend.1",
     ta_changes,
     run_supertrend},
    {{.name = "ichimoku",
      .title = "Ichimoku cloud",
      .formula = "m(n) = (max(high, n) + min(low, n)) / 2; tenkan = "
                 "m(tenkan), kijun = m(kijun), senkou_a = (tenkan + kijun) / 2 "
                 "and senkou_b = m(senkou), both of `shift` bars ago: the "
                 "cloud under today's bar. The chikou span is the close "
                 "itself, drawn `shift` bars back",
      .source = "Hosoda 1969; StockCharts ChartSchool",
      TA_INPUTS(TA_HIGH, TA_LOW),
      TA_OUTPUTS("tenkan", "kijun", "senkou_a", "senkou_b"),
      TA_PARAMS(TA_LENGTH("tenkan", 9, 1, 5, 20, 1),
                TA_LENGTH("kijun", 26, 1, 20, 60, 2),
                TA_LENGTH("senkou", 52, 1, 40, 120, 4),
                TA_LENGTH("shift", 26, 0, 20, 60, 2))},
     "ichimoku.1",
     lookback_ichimoku,
     run_ichimoku},
};

const struct ta_family ta_bands = TA_FAMILY(BANDS);
