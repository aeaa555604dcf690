/* Growth, spread and shape of returns. Formulas: measure.c. */
#include "sim/measure.h"

#include <math.h>

double measure_total_return(const bt_sample *s) {
    return measure_growth(s->x, s->n) - 1.0;
}

double measure_annual_return(const bt_sample *s) {
    return measure_annual(s, measure_growth(s->x, s->n), s->n);
}

double measure_cagr(const bt_sample *s) {
    double growth = measure_growth(s->x, s->n);
    if (s->convention == BT_CONVENTION_QUANTSTATS)
        growth = fabs(growth);
    if (!(s->years > 0.0))
        return measure_annual(s, growth, s->n);
    if (isnan(growth))
        return NAN;
    return growth > 0.0 ? pow(growth, 1.0 / s->years) - 1.0 : -1.0;
}

/* Geometric mean a period, as backtesting.py has it: 0 from ruin on. */
static double geometric_mean(const bt_sample *s) {
    double sum = 0.0;
    for (int32_t i = 0; i < s->n; i++) {
        if (s->x[i] <= -1.0)
            return 0.0;
        sum += log(1.0 + s->x[i]);
    }
    return exp(sum / s->n) - 1.0;
}

static double compounding_volatility(const bt_sample *s) {
    double a = s->periods_per_year, g = 1.0 + geometric_mean(s);
    double d = measure_deviation(s->x, s->n);
    return sqrt(pow(d * d + g * g, a) - pow(g, 2.0 * a));
}

static double compounding_return(const bt_sample *s) {
    return pow(1.0 + geometric_mean(s), s->periods_per_year) - 1.0;
}

double measure_volatility(const bt_sample *s) {
    if (s->convention == BT_CONVENTION_BACKTESTING)
        return compounding_volatility(s);
    return measure_deviation(s->x, s->n) * sqrt(s->periods_per_year);
}

double measure_downside_risk(const bt_sample *s) {
    return measure_downside(s->x, s->n, measure_target(s)) *
           sqrt(s->periods_per_year);
}

double measure_sharpe(const bt_sample *s) {
    if (s->convention == BT_CONVENTION_BACKTESTING) {
        double spread = compounding_volatility(s);
        return spread != 0.0 ? (compounding_return(s) - s->risk_free) / spread
                             : NAN;
    }
    double d = measure_deviation(s->x, s->n);
    double excess = measure_mean(s->x, s->n) - measure_risk_free(s);
    bool flat =
        d == 0.0 && (s->convention != BT_CONVENTION_EMPYRICAL || excess == 0.0);
    return flat ? NAN : excess / d * sqrt(s->periods_per_year);
}

double measure_sortino(const bt_sample *s) {
    double root = sqrt(s->periods_per_year), target = measure_target(s);
    if (s->convention == BT_CONVENTION_BACKTESTING)
        return (compounding_return(s) - s->risk_free) /
               (measure_downside(s->x, s->n, 0.0) * root);
    if (s->n < 2)
        return NAN;
    double d = measure_downside(s->x, s->n, target);
    double excess = measure_mean(s->x, s->n) - target;
    if (d == 0.0 &&
        (excess == 0.0 || s->convention == BT_CONVENTION_QUANTSTATS))
        return NAN;
    return excess / d * root;
}

double measure_best(const bt_sample *s) {
    return bt_window_max(s->x, s->n);
}

double measure_worst(const bt_sample *s) {
    return bt_window_min(s->x, s->n);
}

double measure_positive(const bt_sample *s) {
    int32_t up = 0, down = 0;
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->x[i]))
            return NAN;
        up += s->x[i] > 0.0;
        down += s->x[i] < 0.0;
    }
    if (s->convention != BT_CONVENTION_QUANTSTATS)
        return (double)up / s->n;
    return up + down > 0 ? (double)up / (up + down) : 0.0;
}

/* Mean of (x - m)^power. */
static double central(const bt_sample *s, double mean, int power) {
    double sum = 0.0;
    for (int32_t i = 0; i < s->n; i++) {
        double d = s->x[i] - mean, square = d * d;
        sum += power == 2 ? square : power == 3 ? square * d : square * square;
    }
    return sum / s->n;
}

double measure_skewness(const bt_sample *s) {
    double n = s->n, mean = measure_mean(s->x, s->n);
    double m2 = central(s, mean, 2);
    if (n < 3 || measure_deviation(s->x, s->n) == 0.0)
        return NAN;
    return sqrt(n * (n - 1.0)) / (n - 2.0) * central(s, mean, 3) /
           (m2 * sqrt(m2));
}

double measure_kurtosis(const bt_sample *s) {
    double n = s->n, mean = measure_mean(s->x, s->n);
    double m2 = central(s, mean, 2);
    if (n < 4 || measure_deviation(s->x, s->n) == 0.0)
        return NAN;
    double excess = central(s, mean, 4) / (m2 * m2) - 3.0;
    return (n - 1.0) / ((n - 2.0) * (n - 3.0)) * ((n + 1.0) * excess + 6.0);
}

double measure_stability(const bt_sample *s) {
    double n = s->n, level = 0.0, sum = 0.0, with_time = 0.0, squares = 0.0;
    for (int32_t i = 0; i < s->n; i++)
        sum += level += log1p(s->x[i]);
    double mean = sum / n, middle = (n - 1.0) / 2.0;
    level = 0.0;
    for (int32_t i = 0; i < s->n; i++) {
        level += log1p(s->x[i]);
        with_time += (level - mean) * (i - middle);
        squares += (level - mean) * (level - mean);
    }
    double times = n * (n * n - 1.0) / 12.0; /* sum of (i - middle)^2 */
    if (n < 2 || squares == 0.0)
        return NAN;
    return with_time * with_time / (squares * times);
}
