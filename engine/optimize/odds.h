/* Is the best real? Statistics of many trials; the public side is in backlua.h.
 * SR here is mean / sd (ddof 1) per period, never annualised; kurtosis is raw.
 */
#ifndef BT_OPTIMIZE_ODDS_H
#define BT_OPTIMIZE_ODDS_H

#include "backlua.h"

/* Sharpe ratio of x[0..n-1]; 0 for a series without variance. */
double odds_sharpe(const double *x, int32_t n);
/* Standard error of a Sharpe ratio over n periods (Bailey, Lopez de Prado 2012,
 * "The Sharpe Ratio Efficient Frontier", J. of Risk 15(2)). */
double odds_sharpe_error(double sharpe, double n, double skew, double kurt);

/* Mean over index rows of the largest (mean of the row - mean) / standard error
 * among d [trials * n]: what the best of these trials shows when none has
 * skill. Trials without variance are left out; at least 0. */
double odds_null_maximum(const double *d, int32_t n, int32_t trials,
                         const int32_t *rows, int32_t count);

#endif
