/* The normal distribution, moments and quantiles.
 *
 * The inverse is Wichura's rational approximation (AS 241, Applied Statistics
 * 37(3), 1988; 1e-16 relative) followed by one Newton step against erfc, so
 * that cdf and quantile undo each other. O(1) each.
 */
#include "base/stat.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

double stat_normal_cdf(double x) {
    return 0.5 * erfc(-x * M_SQRT1_2);
}

/* Natural logarithm of a normal x > 0. */
static double log_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double t = (m - 1) / (m + 1), tt = t * t, series = 0;
    for (int k = 21; k >= 1; k -= 2)
        series = series * tt + 1.0 / k;
    return exponent * 0.6931471805599453 + 2 * t * series;
}

static double polynomial(const double c[8], double x) {
    double v = c[7];
    for (int i = 6; i >= 0; i--)
        v = v * x + c[i];
    return v;
}

/* AS 241, PPND16: numerators and denominators of its three rational pieces. */
static const double centre_num[8] = {
    3.3871328727963666080,   1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3};
static const double centre_den[8] = {1.0,
                                     4.2313330701600911252e1,
                                     6.8718700749205790830e2,
                                     5.3941960214247511077e3,
                                     2.1213794301586595867e4,
                                     3.9307895800092710610e4,
                                     2.8729085735721942674e4,
                                     5.2264952788528545610e3};
static const double tail_num[8] = {
    1.42343711074968357734,    4.63033784615654529590,
    5.76949722146069140550,    3.64784832476320460504,
    1.27045825245236838258,    2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double tail_den[8] = {1.0,
                                   2.05319162663775882187,
                                   1.67638483018380384940,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
static const double far_num[8] = {
    6.65790464350110377720,    5.46378491116411436990,
    1.78482653991729133580,    2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double far_den[8] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};

double stat_normal_inverse(double p) {
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double x = 0.180625 - q * q;
        return q * polynomial(centre_num, x) / polynomial(centre_den, x);
    }
    double x = sqrt(-log_of(q < 0 ? p : 1 - p));
    double z =
        x <= 5 ? polynomial(tail_num, x - 1.6) / polynomial(tail_den, x - 1.6)
               : polynomial(far_num, x - 5) / polynomial(far_den, x - 5);
    return q < 0 ? -z : z;
}

double stat_normal_quantile(double p) {
    if (!(p >= 0 && p <= 1))
        return NAN;
    if (p == 0 || p == 1)
        return p == 0 ? -INFINITY : INFINITY;
    if (p > 0.5)
        return -stat_normal_quantile(1 - p);
    double x = stat_normal_inverse(p);
    double density = exp(-0.5 * x * x) / sqrt(2 * M_PI);
    return density > 0 ? x - (stat_normal_cdf(x) - p) / density : x;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void stat_sort(double *x, size_t n) {
    if (n > 1)
        qsort(x, n, sizeof *x, ascending);
}

double stat_quantile(const double *sorted, size_t n, double q) {
    if (n == 0)
        return NAN;
    double at = q * (double)(n - 1);
    size_t low = (size_t)at;
    if (low + 1 >= n)
        return sorted[n - 1];
    return sorted[low] + (at - (double)low) * (sorted[low + 1] - sorted[low]);
}
