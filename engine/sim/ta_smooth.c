/* Kernels with a memory: each value is made from the one before it.
 *
 * As in TA-Lib they start from a plain average of the first n values (its
 * classic compatibility, unstable period 0), so a value depends on where the
 * series begins; the exact mean of design.md 6 is that average here.
 */
#include "sim/ta.h"

#include "base/exact.h"

#include <math.h>

/* Exponential average: the mean of the first n, then prev + (x - prev) * k with
 * k = 2 / (n + 1). TA-Lib EMA. */
void ta_ema(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    double k = 2.0 / (p[0] + 1.0);
    double value = exact_sum(in->x, w) / w;
    out[w - 1] = value;
    for (int32_t i = w; i < in->n; i++) {
        value = (in->x[i] - value) * k + value;
        out[i] = value;
    }
}

static double strength(double gain, double loss) {
    double sum = gain + loss;
    return sum > 0.0 ? 100.0 * (gain / sum) : 0.0;
}

/* Relative strength index: Wilder's averages of gains and losses, from the mean
 * of the first n changes; 0 where nothing has moved. Wilder 1978; TA-Lib RSI.
 */
void ta_rsi(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    double gain = 0.0, loss = 0.0;
    for (int32_t i = 1; i <= w; i++) {
        double change = in->x[i] - in->x[i - 1];
        gain += change > 0.0 ? change : 0.0;
        loss -= change < 0.0 ? change : 0.0;
    }
    gain /= w;
    loss /= w;
    out[w] = strength(gain, loss);
    for (int32_t i = w + 1; i < in->n; i++) {
        double change = in->x[i] - in->x[i - 1];
        gain = (gain * (w - 1) + (change > 0.0 ? change : 0.0)) / w;
        loss = (loss * (w - 1) - (change < 0.0 ? change : 0.0)) / w;
        out[i] = strength(gain, loss);
    }
}

/* Wilder's true range: the bar's span, or its reach from the close before. */
static double true_range(const struct ta_input *in, int32_t i) {
    double before = in->x[i - 1];
    double span = in->high[i] - in->low[i];
    double up = fabs(in->high[i] - before), down = fabs(in->low[i] - before);
    return fmax(span, fmax(up, down));
}

/* Average true range: the mean of the first n ranges (they start at the second
 * bar), then Wilder's average. Wilder 1978; TA-Lib ATR. */
void ta_atr(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = 1; i < in->n; i++)
        out[i] = true_range(in, i);
    double value = exact_sum(out + 1, w) / w;
    out[w] = value;
    for (int32_t i = w + 1; i < in->n; i++) {
        value = (value * (w - 1) + out[i]) / w;
        out[i] = value;
    }
}
