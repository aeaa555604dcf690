/* What kernels are made of: averages, extremes, ranges over whole series.
 *
 * The sum of a window is the exact sum rounded once (ta_sum.c), and a mean is
 * that sum divided by n: the same numbers as view:sum() and view:mean(). Sums
 * of squares and products around the mean come from base/spread.h, exact and
 * rounded once as well, in O(1) a bar: the same numbers as view:std().
 *
 * Averages with a memory start, as in TA-Lib, from a plain average of the first
 * n values (its classic compatibility, unstable period 0), so a value depends
 * on where the series begins.
 */
#include "base/exact.h"
#include "base/mem.h"
#include "base/spread.h"
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

double *ta_room(int32_t count, int32_t n) {
    return mem_alloc(((size_t)count * (size_t)n + 1) * sizeof(double));
}

/* ---- averages ------------------------------------------------------------ */

void ta_exponential(const double *x, int32_t n, int32_t w, double *out) {
    double k = 2.0 / (w + 1.0);
    double value = exact_sum(x, w) / w;
    out[w - 1] = value;
    for (int32_t i = w; i < n; i++) {
        value = (x[i] - value) * k + value;
        out[i] = value;
    }
}

/* Weights 2, 4, .. 2 w over w (w + 1). */
void ta_weighted(const double *x, int32_t n, int32_t w, double *out) {
    double total = w * (w + 1.0);
    ta_sloped_sums(x, n, w, 2.0, out);
    for (int32_t i = w - 1; i < n; i++)
        out[i] /= total;
}

/* ---- around the mean ----------------------------------------------------- */

void ta_squares(const double *x, int32_t n, int32_t w, double *out) {
    ta_products(x, x, n, w, out);
}

void ta_products(const double *x, const double *y, int32_t n, int32_t w,
                 double *out) {
    spread_windows(x, y, n, w, out);
    for (int32_t i = w - 1; i < n; i++)
        out[i] /= w;
}

/* ---- extremes ------------------------------------------------------------ */

/* A queue of the bars that may still become the extreme, their values falling
 * (max) or rising (min) from head to tail. */
void ta_extremes(const double *x, int32_t n, int32_t w, double sign,
                 double *value, double *age) {
    int32_t *queue = mem_alloc((size_t)n * sizeof *queue);
    int32_t head = 0, tail = 0;
    for (int32_t i = 0; i < n; i++) {
        while (tail > head && sign * x[queue[tail - 1]] <= sign * x[i])
            tail--;
        queue[tail++] = i;
        if (queue[head] <= i - w)
            head++;
        if (i < w - 1)
            continue;
        if (value)
            value[i] = x[queue[head]];
        if (age)
            age[i] = i - queue[head];
    }
    free(queue);
}

/* ---- Wilder -------------------------------------------------------------- */

void ta_true_ranges(const struct ta_input *in, double *out) {
    for (int32_t i = 1; i < in->n; i++) {
        double before = in->close[i - 1];
        double up = fabs(in->high[i] - before);
        double down = fabs(in->low[i] - before);
        out[i] = fmax(in->high[i] - in->low[i], fmax(up, down));
    }
}

/* The mean of the first w ranges (they start at the second bar), then Wilder's
 * average. */
void ta_average_range(const struct ta_input *in, int32_t w, double *out) {
    ta_true_ranges(in, out);
    double value = exact_sum(out + 1, w) / w;
    out[w] = value;
    for (int32_t i = w + 1; i < in->n; i++) {
        value = (value * (w - 1) + out[i]) / w;
        out[i] = value;
    }
}

static double strength(double gain, double loss) {
    double sum = gain + loss;
    return sum > 0.0 ? 100.0 * (gain / sum) : 0.0;
}

/* Wilder's averages of gains and losses, from the mean of the first w changes;
 * 0 where nothing has moved. */
void ta_strength(const double *x, int32_t n, int32_t w, double *out) {
    double gain = 0.0, loss = 0.0;
    for (int32_t i = 1; i <= w; i++) {
        double change = x[i] - x[i - 1];
        gain += change > 0.0 ? change : 0.0;
        loss -= change < 0.0 ? change : 0.0;
    }
    gain /= w;
    loss /= w;
    out[w] = strength(gain, loss);
    for (int32_t i = w + 1; i < n; i++) {
        double change = x[i] - x[i - 1];
        gain = (gain * (w - 1) + (change > 0.0 ? change : 0.0)) / w;
        loss = (loss * (w - 1) - (change < 0.0 ? change : 0.0)) / w;
        out[i] = strength(gain, loss);
    }
}

void ta_typical(const struct ta_input *in, double *out) {
    for (int32_t i = 0; i < in->n; i++)
        out[i] = (in->high[i] + in->low[i] + in->close[i]) / 3.0;
}
