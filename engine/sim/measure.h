/* Statistics of returns and of round trips, by name; see measure.c. */
#ifndef BT_SIM_MEASURE_H
#define BT_SIM_MEASURE_H

#include "backlua.h"

#include <stdbool.h>

/* ---- helpers: x [n], sums oldest first ----------------------------------- */

double measure_mean(const double *x, int32_t n);
/* n - 1 in the denominator; NaN for n < 2, exactly 0 when all are equal. */
double measure_deviation(const double *x, int32_t n);
/* Root mean square of min(x - target, 0) over all n. */
double measure_downside(const double *x, int32_t n, double target);
/* A rate per year as one per period; see the conventions in measure.c. */
double measure_per_period(const bt_sample *s, double annual);
double measure_risk_free(const bt_sample *s); /* per period */
/* What a period must return: `required` where it is given, else risk free. */
double measure_target(const bt_sample *s);
double measure_growth(const double *x, int32_t n); /* product of 1 + x */
/* Geometric return a year; -1 from ruin on. */
double measure_annual(const bt_sample *s, double growth, int32_t n);
/* Quantile q of x in any order, linear between order statistics. */
double measure_quantile(const double *x, int32_t n, double q);

/* ---- one function a name; formulas stand in measure.c -------------------- */

typedef double measure_fn(const bt_sample *s);

/* measure_return.c */
measure_fn measure_total_return, measure_annual_return, measure_cagr,
    measure_volatility, measure_downside_risk, measure_sharpe, measure_sortino,
    measure_best, measure_worst, measure_positive, measure_skewness,
    measure_kurtosis, measure_stability;
/* measure_drawdown.c */
measure_fn measure_max_drawdown, measure_max_drawdown_bars,
    measure_average_drawdown, measure_calmar, measure_ulcer, measure_recovery,
    measure_serenity;
/* measure_tail.c */
measure_fn measure_value_at_risk, measure_expected_shortfall, measure_tail,
    measure_omega, measure_gain_to_pain;
/* measure_benchmark.c */
measure_fn measure_beta, measure_alpha, measure_correlation, measure_r_squared,
    measure_tracking_error, measure_information, measure_treynor,
    measure_up_capture, measure_down_capture;
/* measure_trade.c */
measure_fn measure_win_rate, measure_draw_rate, measure_profit_factor,
    measure_expectancy, measure_expectancy_r, measure_payoff, measure_kelly,
    measure_sqn, measure_sqn_100, measure_average_win, measure_average_loss,
    measure_most_won, measure_most_lost, measure_winning_streak,
    measure_losing_streak;

/* Value at risk and mean of what lies below, as the convention has them. */
double measure_var_of(const double *x, int32_t n, double tail, bool gaussian);
double measure_cvar_of(const double *x, int32_t n, double tail, bool gaussian);

#endif
