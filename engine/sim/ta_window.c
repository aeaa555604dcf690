/* Kernels over a window that slides along: averages, deviation, extremes.
 *
 * The sum of a window is the exact sum rounded once (ta_sum.c), and a mean is
 * that sum divided by n: the same numbers as view:sum() and view:mean(). The
 * deviation is the two-pass formula over that mean, squares added oldest first:
 * the same numbers as view:std(0) times nbdev.
 *
 * Kernels that must look at each value of each window (wma, stddev) go block by
 * block: the inner loop runs over neighbouring bars, not inside the window, so
 * it vectorises while each bar's own additions keep their order.
 */
#include "sim/ta.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { BLOCK = 64 };

void ta_sum(const struct ta_input *in, const double *p, double *out) {
    ta_window_sums(in->x, in->n, (int32_t)p[0], out);
}

/* Simple moving average. TA-Lib SMA. */
void ta_sma(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    ta_window_sums(in->x, in->n, w, out);
    for (int32_t i = w - 1; i < in->n; i++)
        out[i] /= w;
}

/* sum[k] += weight * x[k] over a block of bars. */
static void add_weighted(double *restrict sum, const double *restrict x,
                         double weight, int32_t n) {
    if (n == BLOCK)
        for (int32_t k = 0; k < BLOCK; k++)
            sum[k] += weight * x[k];
    else
        for (int32_t k = 0; k < n; k++)
            sum[k] += weight * x[k];
}

/* Weights 1 .. n, the newest bar the heaviest, over n (n + 1) / 2. TA-Lib WMA.
 */
void ta_wma(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    double total = p[0] * (p[0] + 1.0) / 2.0;
    for (int32_t i = w - 1; i < in->n; i += BLOCK) {
        int32_t n = in->n - i < BLOCK ? in->n - i : BLOCK;
        double sum[BLOCK] = {0};
        for (int32_t j = 0; j < w; j++)
            add_weighted(sum, in->x + (i - w + 1) + j, j + 1.0, n);
        for (int32_t k = 0; k < n; k++)
            out[i + k] = sum[k] / total;
    }
}

/* sum[k] += (x[k] - mean[k])^2 over a block of bars. */
static void add_squares(double *restrict sum, const double *restrict x,
                        const double *restrict mean, int32_t n) {
    if (n == BLOCK)
        for (int32_t k = 0; k < BLOCK; k++)
            sum[k] += (x[k] - mean[k]) * (x[k] - mean[k]);
    else
        for (int32_t k = 0; k < n; k++)
            sum[k] += (x[k] - mean[k]) * (x[k] - mean[k]);
}

/* Population standard deviation times p[1]. TA-Lib STDDEV. */
void ta_stddev(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    double *mean = mem_alloc((size_t)in->n * sizeof *mean);
    ta_sma(in, p, mean);
    for (int32_t i = w - 1; i < in->n; i += BLOCK) {
        int32_t n = in->n - i < BLOCK ? in->n - i : BLOCK;
        double sum[BLOCK] = {0};
        for (int32_t j = 0; j < w; j++)
            add_squares(sum, in->x + (i - w + 1) + j, mean + i, n);
        for (int32_t k = 0; k < n; k++)
            out[i + k] = sqrt(sum[k] / w) * p[1];
    }
    free(mean);
}

/* Extreme of each window: a queue of the bars that may still become it, their
 * values falling (max) or rising (min) from head to tail. sign: +1 max, -1 min.
 */
static void extremes(const struct ta_input *in, int32_t w, double sign,
                     double *out) {
    int32_t *queue = mem_alloc((size_t)in->n * sizeof *queue);
    int32_t head = 0, tail = 0;
    for (int32_t i = 0; i < in->n; i++) {
        while (tail > head && sign * in->x[queue[tail - 1]] <= sign * in->x[i])
            tail--;
        queue[tail++] = i;
        if (queue[head] <= i - w)
            head++;
        if (i >= w - 1)
            out[i] = in->x[queue[head]];
    }
    free(queue);
}

/* Highest value of the window. TA-Lib MAX. */
void ta_max(const struct ta_input *in, const double *p, double *out) {
    extremes(in, (int32_t)p[0], 1.0, out);
}

/* Lowest value of the window. TA-Lib MIN. */
void ta_min(const struct ta_input *in, const double *p, double *out) {
    extremes(in, (int32_t)p[0], -1.0, out);
}

/* Change over n bars in percent, 0 where it starts from 0. TA-Lib ROC. */
void ta_roc(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++) {
        double before = in->x[i - w];
        out[i] = before != 0.0 ? (in->x[i] / before - 1.0) * 100.0 : 0.0;
    }
}

/* Change over n bars. TA-Lib MOM. */
void ta_mom(const struct ta_input *in, const double *p, double *out) {
    int32_t w = (int32_t)p[0];
    for (int32_t i = w; i < in->n; i++)
        out[i] = in->x[i] - in->x[i - w];
}
