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

#endif
