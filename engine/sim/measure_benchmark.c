/* Returns beside those of a benchmark over the same periods. Formulas:
 * measure.c.
 */
#include "sim/measure.h"

#include <math.h>

/* Sums of products of deviations. */
struct pairing {
    double xx, xy, yy, mean_x, mean_y;
};

static double value_of(const bt_sample *s, double r) {
    return s->convention == BT_CONVENTION_BACKTESTING ? log1p(r) : r;
}

static struct pairing pair(const bt_sample *s) {
    struct pairing p = {0};
    for (int32_t i = 0; i < s->n; i++) {
        p.mean_x += value_of(s, s->x[i]) / s->n;
        p.mean_y += value_of(s, s->other[i]) / s->n;
    }
    for (int32_t i = 0; i < s->n; i++) {
        double x = value_of(s, s->x[i]) - p.mean_x;
        double y = value_of(s, s->other[i]) - p.mean_y;
        p.xx += x * x;
        p.xy += x * y;
        p.yy += y * y;
    }
    return p;
}

static bool varies(double squares, const bt_sample *s) {
    return s->n > 1 && squares / s->n >= 1e-30; /* empyrical's limit */
}

double measure_beta(const bt_sample *s) {
    struct pairing p = pair(s);
    return varies(p.yy, s) || isnan(p.yy) ? p.xy / p.yy : NAN;
}

double measure_alpha(const bt_sample *s) {
    double beta = measure_beta(s), f = measure_risk_free(s);
    double a = s->periods_per_year;
    double m = measure_mean(s->x, s->n), mb = measure_mean(s->other, s->n);
    if (s->convention == BT_CONVENTION_QUANTSTATS)
        return (m - beta * mb) * a;
    if (s->convention == BT_CONVENTION_BACKTESTING) {
        double market = measure_growth(s->other, s->n) - 1.0;
        return measure_total_return(s) - s->risk_free -
               beta * (market - s->risk_free);
    }
    return pow(1.0 + (m - f - beta * (mb - f)), a) - 1.0;
}

double measure_correlation(const bt_sample *s) {
    struct pairing p = pair(s);
    if (!varies(p.xx, s) || !varies(p.yy, s))
        return NAN;
    return p.xy / (sqrt(p.xx) * sqrt(p.yy));
}

double measure_r_squared(const bt_sample *s) {
    double c = measure_correlation(s);
    return c * c;
}

/* Mean of r - b, and its deviation with n - 1. */
static void active(const bt_sample *s, double *mean, double *deviation) {
    double sum = 0.0, squares = 0.0;
    for (int32_t i = 0; i < s->n; i++)
        sum += s->x[i] - s->other[i];
    *mean = sum / s->n;
    for (int32_t i = 0; i < s->n; i++) {
        double d = s->x[i] - s->other[i] - *mean;
        squares += d * d;
    }
    *deviation = s->n > 1 ? sqrt(squares / (s->n - 1)) : NAN;
}

double measure_tracking_error(const bt_sample *s) {
    double mean, deviation;
    active(s, &mean, &deviation);
    return deviation * sqrt(s->periods_per_year);
}

double measure_information(const bt_sample *s) {
    double mean, deviation;
    active(s, &mean, &deviation);
    bool annual = s->convention == BT_CONVENTION_OWN ||
                  s->convention == BT_CONVENTION_BACKTESTING;
    if (deviation == 0.0)
        return NAN;
    return mean / deviation * (annual ? sqrt(s->periods_per_year) : 1.0);
}

double measure_treynor(const bt_sample *s) {
    double beta = measure_beta(s);
    double gained = s->convention == BT_CONVENTION_QUANTSTATS
                        ? measure_total_return(s)
                        : measure_annual_return(s);
    return beta != 0.0 ? (gained - s->risk_free) / beta : NAN;
}

/* Over the periods in which the benchmark moved in a direction. */
static double capture(const bt_sample *s, double direction) {
    double growth = 1.0, market = 1.0;
    int32_t n = 0;
    for (int32_t i = 0; i < s->n; i++) {
        if (isnan(s->x[i] + s->other[i]))
            return NAN;
        if (s->other[i] * direction <= 0.0)
            continue;
        growth *= 1.0 + s->x[i];
        market *= 1.0 + s->other[i];
        n++;
    }
    if (n == 0)
        return NAN;
    return measure_annual(s, growth, n) / measure_annual(s, market, n);
}

double measure_up_capture(const bt_sample *s) {
    return capture(s, 1.0);
}

double measure_down_capture(const bt_sample *s) {
    return capture(s, -1.0);
}
