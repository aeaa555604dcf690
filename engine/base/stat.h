/* The normal distribution and quantiles. */
#ifndef BT_BASE_STAT_H
#define BT_BASE_STAT_H

#include <stddef.h>

double stat_normal_cdf(double x); /* erfc(-x / sqrt 2) / 2 */
/* Inverse for 0 < p < 1, of libm only sqrt: the same bits everywhere. */
double stat_normal_inverse(double p);
/* Inverse that undoes stat_normal_cdf; infinite at 0 and 1, NaN outside. */
double stat_normal_quantile(double p);
/* Sorts x[0..n-1], no NaN among them, ascending; n 0: x is not looked at. */
void stat_sort(double *x, size_t n);
/* Quantile of sorted x[0..n-1], linear between order statistics (type 7). */
double stat_quantile(const double *sorted, size_t n, double q);

#endif
