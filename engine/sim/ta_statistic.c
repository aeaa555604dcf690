/* Statistics of a window.
 *
 * The regression line over the bars 0 .. n - 1 of a window goes through the
 * mean at (n - 1) / 2 with the slope
 *
 *     sum((2 k - (n - 1)) x_k) * 6 / (n (n^2 - 1))
 *
 * Both sums are exact and rounded once.
 */
#include "sim/ta.h"

#include <math.h>
#include <stdlib.h>

/* ---- one series ---------------------------------------------------------- */

static void run_sum(const struct ta_input *in, const double *p,
                    double *const *out) {
    ta_window_sums(in->x, in->n, (int32_t)p[0], out[0]);
}

static void run_max(const struct ta_input *in, const double *p,
                    double *const *out) {
    ta_extremes(in->x, in->n, (int32_t)p[0], 1.0, out[0], NULL);
}

static void run_min(const struct ta_input *in, const double *p,
                    double *const *out) {
    ta_extremes(in->x, in->n, (int32_t)p[0], -1.0, out[0], NULL);
}

static void run_var(const struct ta_input *in, const double *p,
                    double *const *out) {
    int32_t w = (int32_t)p[0];
    ta_squares(in->x, in->n, w, out[0]);
    for (int32_t i = w - 1; i < in->n; i++)
        out[0][i] /= w;
}

static void run_stddev(const struct ta_input *in, const double *p,
                       double *const *out) {
    run_var(in, p, out);
    for (int32_t i = (int32_t)p[0] - 1; i < in->n; i++)
        out[0][i] = sqrt(out[0][i]) * p[1];
}

/* ---- regression ---------------------------------------------------------- */

static void slopes(const struct ta_input *in, int32_t w, double *out) {
    double n = w;
    double scale = 6.0 / (n * (n * n - 1.0));
    ta_sloped_sums(in->x, in->n, w, 1.0 - n, out);
    for (int32_t i = w - 1; i < in->n; i++)
        out[i] *= scale;
}

/* The line at `bars` from the middle of the window. */
static void line_at(const struct ta_input *in, int32_t w, double bars,
                    double *out) {
    double *slope = ta_room(1, in->n);
    slopes(in, w, slope);
    ta_mean(in->x, in->n, w, out);
    for (int32_t i = w - 1; i < in->n; i++)
        out[i] += slope[i] * bars;
    free(slope);
}

static void run_linearreg(const struct ta_input *in, const double *p,
                          double *const *out) {
    line_at(in, (int32_t)p[0], (p[0] - 1.0) / 2.0, out[0]);
}

static void run_tsf(const struct ta_input *in, const double *p,
                    double *const *out) {
    line_at(in, (int32_t)p[0], (p[0] + 1.0) / 2.0, out[0]);
}

static void run_linearreg_intercept(const struct ta_input *in, const double *p,
                                    double *const *out) {
    line_at(in, (int32_t)p[0], (1.0 - p[0]) / 2.0, out[0]);
}

static void run_linearreg_slope(const struct ta_input *in, const double *p,
                                double *const *out) {
    slopes(in, (int32_t)p[0], out[0]);
}

static void run_linearreg_angle(const struct ta_input *in, const double *p,
                                double *const *out) {
    slopes(in, (int32_t)p[0], out[0]);
    for (int32_t i = (int32_t)p[0] - 1; i < in->n; i++)
        out[0][i] = atan(out[0][i]) * (180.0 / 3.14159265358979323846);
}

/* ---- two series ---------------------------------------------------------- */

static void run_correl(const struct ta_input *in, const double *p,
                       double *const *out) {
    int32_t w = (int32_t)p[0], n = in->n;
    double *xx = ta_room(2, n), *yy = xx + n;
    ta_squares(in->x, n, w, xx);
    ta_squares(in->other, n, w, yy);
    ta_products(in->x, in->other, n, w, out[0]);
    for (int32_t i = w - 1; i < n; i++) {
        double spread = xx[i] * yy[i];
        out[0][i] = spread > 0.0 ? out[0][i] / sqrt(spread) : 0.0;
    }
    free(xx);
}

static double change_of(const double *x, int32_t i) {
    return x[i - 1] != 0.0 ? (x[i] - x[i - 1]) / x[i - 1] : 0.0;
}

static void run_beta(const struct ta_input *in, const double *p,
                     double *const *out) {
    int32_t w = (int32_t)p[0], n = in->n;
    double *rx = ta_room(3, n), *ry = rx + n, *xx = ry + n;
    for (int32_t i = 1; i < n; i++) {
        rx[i] = change_of(in->x, i);
        ry[i] = change_of(in->other, i);
    }
    ta_squares(rx + 1, n - 1, w, xx + 1);
    ta_products(rx + 1, ry + 1, n - 1, w, out[0] + 1);
    for (int32_t i = w; i < n; i++)
        out[0][i] = xx[i] > 0.0 ? out[0][i] / xx[i] : 0.0;
    free(rx);
}

/* ---- rows ---------------------------------------------------------------- */

#define WINDOW(NAME, TITLE, FORMULA, SOURCE, LENGTH)                           \
    {                                                                          \
        {.name = #NAME,                                                        \
         .title = TITLE,                                                       \
         .formula = FORMULA,                                                   \
         .source = SOURCE,                                                     \
         TA_INPUTS(TA_X),                                                      \
         TA_OUTPUTS(#NAME),                                                    \
         TA_PARAMS(LENGTH)},                                                   \
            #NAME ".1", ta_window, run_##NAME                                  \
    }
#define LINE TA_LENGTH("n", 14, 2, 5, 60, 5)
#define LONG TA_LENGTH("n", 30, 1, 5, 200, 5)

static const struct ta_kernel STATISTICS[] = {
    WINDOW(sum, "Sum", "sum(x, n)", "TA-Lib SUM", LONG),
    WINDOW(min, "Lowest value", "min(x, n)", "TA-Lib MIN", LONG),
    WINDOW(max, "Highest value", "max(x, n)", "TA-Lib MAX", LONG),
    WINDOW(var, "Variance of the population", "sum((x_k - sma(x, n))^2, n) / n",
           "TA-Lib VAR", TA_LENGTH("n", 5, 1, 5, 60, 5)),
    {{.name = "stddev",
      .title = "Standard deviation of the population",
      .formula = "nbdev sqrt(var(x, n))",
      .source = "TA-Lib STDDEV",
      TA_INPUTS(TA_X),
      TA_OUTPUTS("stddev"),
      TA_PARAMS(TA_LENGTH("n", 5, 1, 5, 60, 5),
                TA_NUMBER("nbdev", 1, -1e6, 1e6, 1, 3, 0.5))},
     "stddev.2",
     ta_window,
     run_stddev},
    WINDOW(linearreg, "Linear regression, at the newest bar",
           "least squares line of the window at its newest bar",
           "TA-Lib LINEARREG", LINE),
    WINDOW(linearreg_slope, "Linear regression, slope",
           "slope of that line, per bar", "TA-Lib LINEARREG_SLOPE", LINE),
    WINDOW(linearreg_intercept, "Linear regression, intercept",
           "that line at the window's oldest bar", "TA-Lib LINEARREG_INTERCEPT",
           LINE),
    WINDOW(linearreg_angle, "Linear regression, angle",
           "atan(slope) in degrees", "TA-Lib LINEARREG_ANGLE", LINE),
    WINDOW(tsf, "Time series forecast", "that line one bar ahead", "TA-Lib TSF",
           LINE),
    {{.name = "correl",
      .title = "Pearson's correlation of two series",
      .formula = "sxy / sqrt(sxx syy), sums of products around the means; 0 "
                 "where one does not vary",
      .source = "TA-Lib CORREL",
      TA_INPUTS(TA_X, TA_OTHER),
      TA_OUTPUTS("correl"),
      TA_PARAMS(TA_LENGTH("n", 30, 1, 10, 120, 10))},
     "correl.2",
     ta_window,
     run_correl},
    {{.name = "beta",
      .title = "Beta: slope of the other's changes over those of x",
      .formula = "sxy / sxx of x / x[-1] - 1 and other / other[-1] - 1 over n "
                 "changes; x is the market, other the stock",
      .source = "TA-Lib BETA (its first series is the market)",
      TA_INPUTS(TA_X, TA_OTHER),
      TA_OUTPUTS("beta"),
      TA_PARAMS(TA_LENGTH("n", 5, 1, 10, 250, 10))},
     "beta.2",
     ta_changes,
     run_beta},
};

const struct ta_family ta_statistics = TA_FAMILY(STATISTICS);
