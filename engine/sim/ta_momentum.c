/* How fast a series moves: changes, relative strength, distances of averages.
 *
 * The faster average of MACD starts where the slower one does, as in TA-Lib: at
 * the slower one's first value, from the window that ends there. Those of APO
 * and PPO each start on their own.
 */
#include "base/exact.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- changes ------------------------------------------------------------- */

static void run_mom(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++)
        out[0][i] = in->x[i] - in->x[i - w];
}

/* Where it starts from 0 the result is 0. */
static void run_roc(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++) {
        double before = in->x[i - w];
        out[0][i] = before != 0.0 ? (in->x[i] / before - 1.0) * 100.0 : 0.0;
    }
}

static void run_rocp(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++) {
        double before = in->x[i - w];
        out[0][i] = before != 0.0 ? (in->x[i] - before) / before : 0.0;
    }
}

static void run_rocr(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++) {
        double before = in->x[i - w];
        out[0][i] = before != 0.0 ? in->x[i] / before : 0.0;
    }
}

static void run_rocr100(const struct ta_input *in, const double *p,
                        double *const *out) {
    run_rocr(in, p, out);
    for (int32_t i = (int32_t)p[0]; i < in->n; i++)
        out[0][i] *= 100.0;
}

/* ---- strength ------------------------------------------------------------ */

static void run_rsi(const struct ta_input *in, const double *p,
                    double *const *out) {
    ta_strength(in->x, in->n, (int32_t)p[0], out[0]);
}

/* up / (up + down) is the RSI, hence (up - down) / (up + down). */
static void run_cmo(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0];
    double up = 0.0, down = 0.0;
    for (int32_t i = 1; i < in->n; i++) {
        double change = in->x[i] - in->x[i - 1];
        double gain = change > 0.0 ? change : 0.0;
        double loss = change < 0.0 ? -change : 0.0;
        up = i <= w ? up + gain : (up * (w - 1) + gain) / w;
        down = i <= w ? down + loss : (down * (w - 1) + loss) / w;
        if (i == w) {
            up /= w;
            down /= w;
        }
        if (i >= w)
            out[0][i] =
                up + down > 0.0 ? 100.0 * ((up - down) / (up + down)) : 0.0;
    }
}

/* ---- two averages -------------------------------------------------------- */

static int32_t longer(const double *p) {
    return (int32_t)fmax(p[0], p[1]);
}

static int32_t shorter(const double *p) {
    return (int32_t)fmin(p[0], p[1]);
}

static int32_t lookback_apo(const double *p) {
    return ta_average_lookback((int32_t)p[2], longer(p));
}

static void run_apo(const struct ta_input *in, const double *p,
                    double *const *out) {
    double *slow = ta_room(1, in->n);
    ta_average((int32_t)p[2], in->x, in->n, shorter(p), out[0]);
    ta_average((int32_t)p[2], in->x, in->n, longer(p), slow);
    for (int32_t i = lookback_apo(p); i < in->n; i++)
        out[0][i] -= slow[i];
    free(slow);
}

static void run_ppo(const struct ta_input *in, const double *p,
                    double *const *out) {
    double *slow = ta_room(1, in->n);
    run_apo(in, p, out);
    ta_average((int32_t)p[2], in->x, in->n, longer(p), slow);
    for (int32_t i = lookback_apo(p); i < in->n; i++)
        out[0][i] = slow[i] != 0.0 ? out[0][i] / slow[i] * 100.0 : 0.0;
    free(slow);
}

static int32_t lookback_macd(const double *p) {
    return longer(p) - 1 + (int32_t)p[2] - 1;
}

static void run_macd(const struct ta_input *in, const double *p,
                     double *const *out) {
    double *line = out[0], *signal = out[1], *slow = out[2];
    int32_t from = longer(p) - 1, late = longer(p) - shorter(p);
    ta_exponential(in->x + late, in->n - late, shorter(p), line + late);
    ta_exponential(in->x, in->n, longer(p), slow);
    for (int32_t i = from; i < in->n; i++)
        line[i] -= slow[i];
    ta_exponential(line + from, in->n - from, (int32_t)p[2], signal + from);
    for (int32_t i = lookback_macd(p); i < in->n; i++)
        out[2][i] = line[i] - signal[i];
}

static int32_t lookback_trix(const double *p) {
    return 3 * ((int32_t)p[0] - 1) + 1;
}

static void run_trix(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0], from = 0;
    double *e = ta_room(1, in->n), before;
    ta_exponential(in->x, in->n, w, e);
    for (int32_t k = 1; k < 3; k++) {
        from += w - 1;
        ta_exponential(e + from, in->n - from, w, e + from);
    }
    for (int32_t i = lookback_trix(p); i < in->n; i++) {
        before = e[i - 1];
        out[0][i] = before != 0.0 ? (e[i] / before - 1.0) * 100.0 : 0.0;
    }
    free(e);
}

/* ---- bars ---------------------------------------------------------------- */

static void run_bop(const struct ta_input *in, const double *p,
                    double *const *out) {
    (void)p;
    for (int32_t i = 0; i < in->n; i++) {
        double span = in->high[i] - in->low[i];
        out[0][i] = span > 0.0 ? (in->close[i] - in->open[i]) / span : 0.0;
    }
}

static int32_t lookback_ultosc(const double *p) {
    return (int32_t)fmax(p[0], fmax(p[1], p[2]));
}

/* out += weight * sum(pressure, w) / sum(range, w) */
static void add_share(const double *pressure, const double *range, int32_t n,
                      int32_t w, double weight, double *room, double *out) {
    double *a = room, *b = room + n;
    ta_window_sums(pressure + 1, n - 1, w, a + 1);
    ta_window_sums(range + 1, n - 1, w, b + 1);
    for (int32_t i = w; i < n; i++)
        if (b[i] != 0.0)
            out[i] += weight * (a[i] / b[i]);
}

/* The shortest length has weight 4, the longest 1, in whatever order they are
 * given. */
static void run_ultosc(const struct ta_input *in, const double *p,
                       double *const *out) {
    double *range = ta_room(4, in->n), *pressure = range + in->n;
    double *room = pressure + in->n;
    double least = fmin(p[0], fmin(p[1], p[2]));
    double most = lookback_ultosc(p);
    double middle = p[0] + p[1] + p[2] - least - most;
    ta_true_ranges(in, range);
    for (int32_t i = 1; i < in->n; i++) {
        pressure[i] = in->close[i] - fmin(in->low[i], in->close[i - 1]);
        out[0][i] = 0.0;
    }
    add_share(pressure, range, in->n, (int32_t)least, 4.0, room, out[0]);
    add_share(pressure, range, in->n, (int32_t)middle, 2.0, room, out[0]);
    add_share(pressure, range, in->n, (int32_t)most, 1.0, room, out[0]);
    for (int32_t i = (int32_t)most; i < in->n; i++)
        out[0][i] = 100.0 * (out[0][i] / 7.0);
    free(range);
}

/* ---- rows ---------------------------------------------------------------- */

#define CHANGE(NAME, TITLE, FORMULA, SOURCE)                                   \
    {                                                                          \
        {.name = #NAME,                                                        \
         .title = TITLE,                                                       \
         .formula = FORMULA,                                                   \
         .source = SOURCE,                                                     \
         TA_INPUTS(TA_X),                                                      \
         TA_OUTPUTS(#NAME),                                                    \
         TA_PARAMS(TA_LENGTH("n", 10, 1, 2, 60, 2))},                          \
            #NAME ".1", ta_changes, run_##NAME                                 \
    }

#define TWO_AVERAGES(NAME, TITLE, FORMULA, SOURCE)                             \
    {                                                                          \
        {.name = #NAME,                                                        \
         .title = TITLE,                                                       \
         .formula = FORMULA,                                                   \
         .source = SOURCE,                                                     \
         TA_INPUTS(TA_X),                                                      \
         TA_OUTPUTS(#NAME),                                                    \
         TA_PARAMS(TA_LENGTH("fast", 12, 2, 4, 20, 2),                         \
                   TA_LENGTH("slow", 26, 2, 20, 60, 2), TA_MATYPE("matype"))}, \
            #NAME ".1", lookback_apo, run_##NAME                               \
    }

static const struct ta_kernel MOMENTA[] = {
    CHANGE(mom, "Momentum", "x - x[-n]", "TA-Lib MOM"),
    CHANGE(roc, "Rate of change, percent", "100 (x / x[-n] - 1)", "TA-Lib ROC"),
    CHANGE(rocp, "Rate of change, fraction", "(x - x[-n]) / x[-n]",
           "TA-Lib ROCP"),
    CHANGE(rocr, "Rate of change, ratio", "x / x[-n]", "TA-Lib ROCR"),
    CHANGE(rocr100, "Rate of change, ratio in percent", "100 x / x[-n]",
           "TA-Lib ROCR100"),
    {{.name = "rsi",
      .title = "Relative strength index",
      .formula = "100 up / (up + down), Wilder's averages of gains and losses "
                 "from the mean of the first n changes; 0 where nothing moved",
      .source = "TA-Lib RSI (Wilder 1978)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("rsi"),
      TA_PARAMS(TA_LENGTH("n", 14, 2, 4, 40, 2))},
     "rsi.1",
     ta_changes,
     run_rsi},
    {{.name = "cmo",
      .title = "Chande momentum oscillator",
      .formula = "100 (up - down) / (up + down), averages as in rsi",
      .source = "TA-Lib CMO (Chande 1994, Wilder's averages)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("cmo"),
      TA_PARAMS(TA_LENGTH("n", 14, 2, 4, 40, 2))},
     "cmo.1",
     ta_changes,
     run_cmo},
    {{.name = "macd",
      .title = "Moving average convergence / divergence",
      .formula = "macd = ema(x, fast) - ema(x, slow), signal = ema(macd, "
                 "signal), hist = macd - signal; both averages start at bar "
                 "slow",
      .source = "TA-Lib MACD (Appel 1979)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("macd", "signal", "hist"),
      TA_PARAMS(TA_LENGTH("fast", 12, 2, 4, 20, 2),
                TA_LENGTH("slow", 26, 2, 20, 60, 2),
                TA_LENGTH("signal", 9, 1, 4, 20, 1))},
     "macd.1",
     lookback_macd,
     run_macd},
    TWO_AVERAGES(apo, "Absolute price oscillator", "ma(x, fast) - ma(x, slow)",
                 "TA-Lib APO"),
    TWO_AVERAGES(ppo, "Percentage price oscillator",
                 "100 (ma(x, fast) - ma(x, slow)) / ma(x, slow)", "TA-Lib PPO"),
    {{.name = "trix",
      .title = "Rate of change of a triple exponential average",
      .formula = "100 (e / e[-1] - 1), e = ema(ema(ema(x, n), n), n)",
      .source = "TA-Lib TRIX (Hutson 1983)",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("trix"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 5, 40, 5))},
     "trix.1",
     lookback_trix,
     run_trix},
    {{.name = "bop",
      .title = "Balance of power",
      .formula = "(close - open) / (high - low); 0 for a bar without span",
      .source = "TA-Lib BOP (Livshin 2001)",
      TA_INPUTS(TA_OPEN, TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("bop")},
     "bop.1",
     ta_none,
     run_bop},
    {{.name = "ultosc",
      .title = "Ultimate oscillator",
      .formula = "100 (4 a(n1) + 2 a(n2) + a(n3)) / 7, a(n) = sum(close - "
                 "min(low, close[-1]), n) / sum(true range, n), n1 <= n2 <= n3",
      .source = "TA-Lib ULTOSC (Williams 1985)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE),
      TA_OUTPUTS("ultosc"),
      TA_PARAMS(TA_LENGTH("n1", 7, 1, 4, 10, 1),
                TA_LENGTH("n2", 14, 1, 10, 20, 2),
                TA_LENGTH("n3", 28, 1, 20, 40, 4))},
     "ultosc.1",
     lookback_ultosc,
     run_ultosc},
};

const struct ta_family ta_momentum = TA_FAMILY(MOMENTA);
