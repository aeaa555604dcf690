/* Price and volume together.
 *
 * Sums from the beginning of the series (OBV, AD) are added bar by bar, as
 * defined; sums over a window or a session are exact.
 */
#include "base/exact.h"
#include "base/mem.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- from the beginning -------------------------------------------------- */

static void run_obv(const struct ta_input *in, const double *p,
                    double *const *out) {
    (void)p;
    double sum = in->volume[0];
    out[0][0] = sum;
    for (int32_t i = 1; i < in->n; i++) {
        double change = in->x[i] - in->x[i - 1];
        sum += change > 0.0   ? in->volume[i]
               : change < 0.0 ? -in->volume[i]
                              : 0.0;
        out[0][i] = sum;
    }
}

/* Chaikin: the close's place in its bar, -1 .. 1, times the volume. */
static double accumulated(const struct ta_input *in, int32_t i) {
    double high = in->high[i], low = in->low[i], close = in->close[i];
    double span = high - low;
    return span > 0.0 ? ((close - low) - (high - close)) / span * in->volume[i]
                      : 0.0;
}

static void run_ad(const struct ta_input *in, const double *p,
                   double *const *out) {
    (void)p;
    double sum = 0.0;
    for (int32_t i = 0; i < in->n; i++) {
        sum += accumulated(in, i);
        out[0][i] = sum;
    }
}

static int32_t lookback_adosc(const double *p) {
    return (int32_t)fmax(p[0], p[1]) - 1;
}

/* Both averages start from the first bar's value. */
static void run_adosc(const struct ta_input *in, const double *p,
                      double *const *out) {
    double fast_k = 2.0 / (p[0] + 1.0), slow_k = 2.0 / (p[1] + 1.0);
    double sum = accumulated(in, 0), fast = sum, slow = sum;
    out[0][0] = 0.0;
    for (int32_t i = 1; i < in->n; i++) {
        sum += accumulated(in, i);
        fast = fast_k * sum + (1.0 - fast_k) * fast;
        slow = slow_k * sum + (1.0 - slow_k) * slow;
        out[0][i] = fast - slow;
    }
}

/* ---- over a window ------------------------------------------------------- */

/* Flow is typical price times volume, counted by the typical price's change. */
static void run_mfi(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0], n = in->n;
    double *price = ta_room(4, n), *gain = price + n, *loss = gain + n,
           *room = loss + n;
    ta_typical(in, price);
    for (int32_t i = 1; i < n; i++) {
        double change = price[i] - price[i - 1];
        double flow = price[i] * in->volume[i];
        gain[i] = change > 0.0 ? flow : 0.0;
        loss[i] = change < 0.0 ? flow : 0.0;
    }
    ta_window_sums(gain + 1, n - 1, w, room + 1);
    ta_window_sums(loss + 1, n - 1, w, out[0] + 1);
    for (int32_t i = w; i < n; i++) {
        double all = room[i] + out[0][i];
        out[0][i] = all > 0.0 ? 100.0 * (room[i] / all) : 0.0;
    }
    free(price);
}

static void run_vwma(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0];
    double *money = ta_room(2, in->n), *volume = money + in->n;
    for (int32_t i = 0; i < in->n; i++)
        money[i] = in->x[i] * in->volume[i];
    ta_window_sums(money, in->n, w, out[0]);
    ta_window_sums(in->volume, in->n, w, volume);
    for (int32_t i = w - 1; i < in->n; i++)
        out[0][i] /= volume[i];
    free(money);
}

static int32_t lookback_vwap(const double *p) {
    return p[0] > 0 ? (int32_t)p[0] - 1 : 0;
}

/* Where the window of each bar begins: w bars back or with the session. */
static int32_t vwap_start(const struct ta_input *in, int32_t w, int32_t i,
                          int32_t before) {
    if (w > 0)
        return i - w + 1;
    bool is_new = in->session && in->session[i] != in->session[before];
    return is_new ? i : before;
}

/* The caller frees what is returned. */
static void *prefix_new(struct prefix *p, const double *x, int32_t n) {
    void *storage = mem_alloc(prefix_bytes(x, n));
    prefix_build(p, x, n, storage);
    return storage;
}

static void run_vwap(const struct ta_input *in, const double *p,
                     double *const *out) {
    double *money = ta_room(1, in->n);
    struct prefix value, volume;
    ta_typical(in, money);
    for (int32_t i = 0; i < in->n; i++)
        money[i] *= in->volume[i];
    void *of_value = prefix_new(&value, money, in->n);
    void *of_volume = prefix_new(&volume, in->volume, in->n);
    for (int32_t i = lookback_vwap(p), start = 0; i < in->n; i++) {
        start = vwap_start(in, (int32_t)p[0], i, start);
        out[0][i] = prefix_sum(&value, start, i + 1) /
                    prefix_sum(&volume, start, i + 1);
    }
    free(of_value);
    free(of_volume);
    free(money);
}

/* ---- rows ---------------------------------------------------------------- */

static const struct ta_kernel VOLUMES[] = {
    {{.name = "obv",
      .title = "On balance volume",
      .formula = "sum of volume where x rose, less volume where it fell; the "
                 "first bar's volume counts",
      .source = "TA-Lib OBV (Granville 1963)",
      TA_INPUTS(TA_X, TA_VOLUME),
      TA_OUTPUTS("obv")},
     "obv.1",
     ta_none,
     run_obv},
    {{.name = "ad",
      .title = "Accumulation / distribution line",
      .formula = "sum of ((close - low) - (high - close)) / (high - low) * "
                 "volume; 0 for a bar without span",
      .source = "TA-Lib AD (Chaikin)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_VOLUME),
      TA_OUTPUTS("ad")},
     "ad.1",
     ta_none,
     run_ad},
    {{.name = "adosc",
      .title = "Chaikin oscillator",
      .formula = "ema(ad, fast) - ema(ad, slow), both from the first bar's ad",
      .source = "TA-Lib ADOSC (Chaikin)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_VOLUME),
      TA_OUTPUTS("adosc"),
      TA_PARAMS(TA_LENGTH("fast", 3, 2, 2, 6, 1),
                TA_LENGTH("slow", 10, 2, 8, 20, 2))},
     "adosc.1",
     lookback_adosc,
     run_adosc},
    {{.name = "mfi",
      .title = "Money flow index",
      .formula = "100 up / (up + down), sums over n of t * volume where t = "
                 "(high + low + close) / 3 rose, fell; 0 without flow",
      .source = "TA-Lib MFI (Quong and Soudack 1989)",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_VOLUME),
      TA_OUTPUTS("mfi"),
      TA_PARAMS(TA_LENGTH("n", 14, 1, 5, 40, 5))},
     "mfi.1",
     ta_changes,
     run_mfi},
    {{.name = "vwma",
      .title = "Volume-weighted moving average",
      .formula = "sum(x volume, n) / sum(volume, n); NaN without volume",
      .source = "TradingView ta.vwma",
      TA_INPUTS(TA_X, TA_VOLUME),
      TA_OUTPUTS("vwma"),
      TA_PARAMS(TA_LENGTH("n", 20, 1, 5, 100, 5))},
     "vwma.1",
     ta_window,
     run_vwma},
    {{.name = "vwap",
      .title = "Volume-weighted average price",
      .formula = "sum(t volume) / sum(volume), t = (high + low + close) / 3, "
                 "since the session began (n = 0) or over n bars; NaN without "
                 "volume",
      .source = "StockCharts ChartSchool",
      TA_INPUTS(TA_HIGH, TA_LOW, TA_CLOSE, TA_VOLUME, TA_SESSION),
      TA_OUTPUTS("vwap"),
      TA_PARAMS(TA_LENGTH("n", 0, 0, 5, 100, 5))},
     "vwap.1",
     lookback_vwap,
     run_vwap},
};

const struct ta_family ta_volume = TA_FAMILY(VOLUMES);
