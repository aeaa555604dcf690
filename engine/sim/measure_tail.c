/* The ends of the distribution. Formulas: measure.c. */
#include "sim/measure.h"

#include "base/mem.h"
#include "base/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A sorted copy, the caller's; NULL when there is a NaN. */
static double *sorted(const double *x, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (isnan(x[i]))
            return NULL;
    double *copy = mem_alloc((size_t)n * sizeof *copy);
    memcpy(copy, x, (size_t)n * sizeof *copy);
    stat_sort(copy, (size_t)n);
    return copy;
}

double measure_quantile(const double *x, int32_t n, double q) {
    double *in_order = sorted(x, n);
    if (!in_order)
        return NAN;
    double found = stat_quantile(in_order, (size_t)n, q);
    free(in_order);
    return found;
}

double measure_var_of(const double *x, int32_t n, double tail, bool gaussian) {
    if (gaussian)
        return measure_mean(x, n) +
               measure_deviation(x, n) * stat_normal_quantile(tail);
    return measure_quantile(x, n, tail);
}

static double mean_below(const double *x, int32_t n, double limit) {
    double sum = 0.0;
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++) {
        if (x[i] < limit) {
            sum += x[i];
            count++;
        }
    }
    return count > 0 ? sum / count : limit;
}

static double mean_of_worst(const double *x, int32_t n, double tail) {
    double *in_order = sorted(x, n);
    if (!in_order)
        return NAN;
    double mean = measure_mean(in_order, (int32_t)((n - 1) * tail) + 1);
    free(in_order);
    return mean;
}

double measure_cvar_of(const double *x, int32_t n, double tail, bool gaussian) {
    if (gaussian)
        return mean_below(x, n, measure_var_of(x, n, tail, true));
    return mean_of_worst(x, n, tail);
}

static bool is_gaussian(const bt_sample *s) {
    return s->convention == BT_CONVENTION_QUANTSTATS;
}

double measure_value_at_risk(const bt_sample *s) {
    return measure_var_of(s->x, s->n, s->tail, is_gaussian(s));
}

double measure_expected_shortfall(const bt_sample *s) {
    return measure_cvar_of(s->x, s->n, s->tail, is_gaussian(s));
}

double measure_tail(const bt_sample *s) {
    double high = fabs(measure_quantile(s->x, s->n, 0.95));
    double low = fabs(measure_quantile(s->x, s->n, 0.05));
    return low != 0.0 ? high / low : NAN;
}

/* What a return is measured against, per period. */
static double omega_threshold(const bt_sample *s) {
    double required = isnan(s->required) ? 0.0 : s->required;
    if (s->convention == BT_CONVENTION_EMPYRICAL ||
        s->convention == BT_CONVENTION_QUANTSTATS)
        return required > -1.0
                   ? measure_risk_free(s) + measure_per_period(s, required)
                   : NAN;
    return measure_target(s);
}

double measure_omega(const bt_sample *s) {
    double threshold = omega_threshold(s), won = 0.0, lost = 0.0;
    for (int32_t i = 0; i < s->n; i++) {
        double d = s->x[i] - threshold; /* NaN goes where losses do */
        if (d > 0.0)
            won += d;
        else
            lost -= d;
    }
    return s->n >= 2 && lost != 0.0 ? won / lost : NAN;
}

double measure_gain_to_pain(const bt_sample *s) {
    double sum = 0.0, lost = 0.0;
    for (int32_t i = 0; i < s->n; i++) {
        sum += s->x[i];
        lost -= s->x[i] < 0.0 ? s->x[i] : 0.0;
    }
    return lost != 0.0 ? sum / lost : NAN;
}
