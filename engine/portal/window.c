/* Reductions over a window.
 *
 * A sum has one value, the exact sum rounded once (base/exact.h), so it does
 * not matter which way it was computed: from prefix sums in O(1) where the
 * window belongs to a column, directly otherwise. A mean is that sum divided.
 * The sum of squares around it is exact as well (base/spread.h). The other
 * reductions go through the window, oldest value first.
 *
 * A window may begin before its column: there the prices are NaN, which makes
 * the result NaN, and volume is 0, which adds nothing.
 */
#include "base/spread.h"
#include "portal/sums.h"

#include <math.h>
#include <stdbool.h>

/* Sum of n > 0 elements through the prefix sums of their column, x[0] being
 * element `from`. */
static double column_sum(const struct prefix *p, const double *x, int64_t from,
                         int64_t n) {
    if (from >= 0)
        return prefix_sum(p, from, from + n);
    if (isnan(x[0]))
        return NAN;
    return from + n > 0 ? prefix_sum(p, 0, from + n) : 0.0;
}

double bt_window_sum(const double *x, int32_t n, bt_series *series) {
    if (n <= 0)
        return 0.0;
    struct sums *sums = series ? (struct sums *)series->hidden_sums : NULL;
    const struct prefix *p = sums ? sums_for(sums, n) : NULL;
    if (p == NULL)
        return exact_sum(x, n);
    return column_sum(p, x, x - series->hidden_data - sums->first, n);
}

double bt_window_mean(const double *x, int32_t n, bt_series *series) {
    return n > 0 ? bt_window_sum(x, n, series) / n : NAN;
}

double bt_window_std(const double *x, int32_t n, bt_series *series,
                     int32_t ddof) {
    if (n <= ddof || n <= 0)
        return NAN;
    (void)series; /* its sums do not help here */
    return sqrt(spread_of(x, x, n) / n / (n - ddof));
}

/* The greatest of sign * x, value by value: the first of equal ones, NaN when
 * there is one. */
static double extreme_in_order(const double *x, int32_t n, double sign) {
    double best = n > 0 ? x[0] : NAN;
    for (int32_t i = 1; i < n; i++)
        best = sign * x[i] > sign * best || isnan(x[i]) ? x[i] : best;
    return best;
}

/* The same in four lanes, which do not wait for one another. They pass over NaN
 * and cannot tell the zeros apart: then the window is gone through again. */
static inline double extreme(const double *x, int32_t n, double sign) {
    double best[] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    bool in_order = n <= 0;
    for (int32_t i = 0; i < n; i += 4) {
#pragma GCC unroll 4
        for (int k = 0; k < 4; k++) {
            double v = sign * x[i + k < n ? i + k : n - 1];
            best[k] = v > best[k] ? v : best[k];
            in_order |= isnan(v);
        }
    }
    double a = best[0] > best[1] ? best[0] : best[1];
    double b = best[2] > best[3] ? best[2] : best[3];
    double most = a > b ? a : b;
    return in_order || most == 0.0 ? extreme_in_order(x, n, sign) : sign * most;
}

double bt_window_min(const double *x, int32_t n) {
    return extreme(x, n, -1.0);
}

double bt_window_max(const double *x, int32_t n) {
    return extreme(x, n, 1.0);
}

int32_t bt_window_valid(const double *x, int32_t n, double *out) {
    int32_t kept = 0;
    for (int32_t i = 0; i < n; i++)
        if (!isnan(x[i]))
            out[kept++] = x[i];
    return kept;
}
