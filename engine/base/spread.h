/* Sums of squares and products around the mean: the one definition of a
 * variance (see spread.c). */
#ifndef BT_BASE_SPREAD_H
#define BT_BASE_SPREAD_H

#include <stdint.h>

/* n sum(x y) - sum(x) sum(y) of x, y [n], the exact value rounded once: n times
 * the sum of products around the means. y may be x. NaN if any is NaN or
 * infinite. cost O(n) */
double spread_of(const double *x, const double *y, int32_t n);
/* The same of each window of w, ending at it: out[w - 1 .. n - 1]. cost O(n)
 * where the values lie on one grid (spread.c), else O(n w) */
void spread_windows(const double *x, const double *y, int32_t n, int32_t w,
                    double *out);

#endif
