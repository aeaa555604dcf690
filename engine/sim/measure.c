/* Statistics by name: one table, one function each.
 *
 * A sample is n returns of periods, or the pnl of n round trips; what else a
 * statistic needs travels with it (benchmark, periods a year, rates). Nothing
 * is remembered between calls, each is a pass or two over the sample, O(n), or
 * O(n log n) where quantiles are asked. They are for the end of a run and for
 * people's own arrays; the core metrics of a run are in metrics.c and agree.
 *
 * Conventions. Libraries disagree; `convention` reproduces theirs where they
 * do:
 *
 *   own           rates are annual, (1 + rate)^(1/A) - 1 a period; ddof 1;
 *                 arithmetic means; NaN means undefined, infinity is a value
 *   empyrical     risk_free is per period, and so is the required return of
 *                 sortino_ratio; information_ratio per period
 *   quantstats    Gaussian value at risk; cagr by |growth|; alpha without
 *                 compounding; drawdown sums over n - 1; win rate without zeros
 *   backtesting.py  ratios of geometric means and compounding deviations; beta
 *                 of log returns; profit factor and expectancy of returns
 *
 * The letters in the formulas: r returns, b the benchmark's, m mean, s standard
 * deviation with n - 1, A periods a year, f the risk-free rate per period, t
 * the required return per period (f unless given), V the product of 1 + r so
 * far. A NaN in the sample makes the statistic NaN.
 */
#include "sim/measure.h"

#include "base/stat.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name;
    int32_t of; /* BT_OF_* */
    measure_fn *f;
    const char *text;
} MEASURES[] = {
    {"total_return", BT_OF_RETURNS, measure_total_return, "Vn - 1"},
    {"annual_return", BT_OF_RETURNS, measure_annual_return,
     "Vn^(A/n) - 1, -1 from ruin on (empyrical annual_return)"},
    {"cagr", BT_OF_RETURNS, measure_cagr,
     "Vn^(1/years) - 1, years elapsed when given, else n/A; quantstats: |Vn|"},
    {"volatility", BT_OF_RETURNS, measure_volatility,
     "s sqrt(A); backtesting.py: sqrt((s^2 + (1+g)^2)^A - (1+g)^2A), g the "
     "geometric mean"},
    {"downside_risk", BT_OF_RETURNS, measure_downside_risk,
     "sqrt(mean(min(r - t, 0)^2)) sqrt(A) over all periods (Sortino 1994)"},
    {"sharpe_ratio", BT_OF_RETURNS, measure_sharpe,
     "(m - f)/s sqrt(A) (Sharpe 1994); backtesting.py: (annual_return - rf)/"
     "volatility, both its own"},
    {"sortino_ratio", BT_OF_RETURNS, measure_sortino,
     "(m - t) A/downside_risk (Sortino 1994); backtesting.py: annual_return - "
     "rf above, target 0 below; quantstats: NaN without a loss"},
    {"best_period", BT_OF_RETURNS, measure_best, "max r"},
    {"worst_period", BT_OF_RETURNS, measure_worst, "min r"},
    {"positive_periods", BT_OF_RETURNS, measure_positive,
     "periods with r > 0/n; quantstats: over the periods with r other than 0"},
    {"skewness", BT_OF_RETURNS, measure_skewness,
     "unbiased, G1 = sqrt(n(n-1))/(n-2) m3/m2^1.5 (Joanes, Gill 1998)"},
    {"kurtosis", BT_OF_RETURNS, measure_kurtosis,
     "excess, unbiased, G2 = (n-1)/((n-2)(n-3)) ((n+1)(m4/m2^2 - 3) + 6) "
     "(Joanes, Gill 1998)"},
    {"stability", BT_OF_RETURNS, measure_stability,
     "R^2 of the cumulated log return on time (empyrical "
     "stability_of_timeseries)"},
    {"max_drawdown", BT_OF_RETURNS, measure_max_drawdown,
     "min V/peak - 1 with V0 = 1, <= 0"},
    {"max_drawdown_bars", BT_OF_RETURNS, measure_max_drawdown_bars,
     "periods from the peak of the deepest drawdown to its recovery, or to "
     "the end while it lasts"},
    {"average_drawdown", BT_OF_RETURNS, measure_average_drawdown,
     "mean over the drawdowns of their depth, <= 0"},
    {"calmar_ratio", BT_OF_RETURNS, measure_calmar,
     "cagr/|max_drawdown|, NaN without one (Young 1991); backtesting.py: "
     "annual_return"},
    {"ulcer_index", BT_OF_RETURNS, measure_ulcer,
     "sqrt(mean((V/peak - 1)^2)) (Martin, McCann 1989); quantstats: over "
     "n - 1"},
    {"recovery_factor", BT_OF_RETURNS, measure_recovery,
     "total_return/|max_drawdown|; quantstats: |sum r - rf|/|max_drawdown|"},
    {"serenity_index", BT_OF_RETURNS, measure_serenity,
     "total_return/(ulcer_index pitfall), pitfall = -(expected shortfall of "
     "the drawdowns)/s (KeyQuant); quantstats: sum r - rf above"},
    {"value_at_risk", BT_OF_RETURNS, measure_value_at_risk,
     "the tail quantile of r (0.05), historical; quantstats: of a normal "
     "with m and s"},
    {"expected_shortfall", BT_OF_RETURNS, measure_expected_shortfall,
     "mean of the worst floor((n-1) tail) + 1 returns (CVaR); quantstats: "
     "mean of r below its value_at_risk"},
    {"tail_ratio", BT_OF_RETURNS, measure_tail,
     "|95 % quantile|/|5 % quantile| of r"},
    {"omega_ratio", BT_OF_RETURNS, measure_omega,
     "sum max(r - t, 0)/sum max(t - r, 0), NaN without a loss (Keating, "
     "Shadwick 2002); empyrical, quantstats: r - f against the required "
     "return"},
    {"gain_to_pain", BT_OF_RETURNS, measure_gain_to_pain,
     "sum r/|sum of r < 0| (Schwager 2012)"},
    {"beta", BT_OF_BENCHMARK, measure_beta,
     "cov(r, b)/var(b); backtesting.py: of log returns"},
    {"alpha", BT_OF_BENCHMARK, measure_alpha,
     "(1 + mean(r - f - beta (b - f)))^A - 1 (Jensen 1968); quantstats: "
     "(m - beta mean b) A; backtesting.py: total returns, not annual"},
    {"correlation", BT_OF_BENCHMARK, measure_correlation, "Pearson, r with b"},
    {"r_squared", BT_OF_BENCHMARK, measure_r_squared, "correlation^2"},
    {"tracking_error", BT_OF_BENCHMARK, measure_tracking_error,
     "s of r - b, times sqrt(A)"},
    {"information_ratio", BT_OF_BENCHMARK, measure_information,
     "mean(r - b)/s(r - b) sqrt(A); empyrical, quantstats: per period"},
    {"treynor_ratio", BT_OF_BENCHMARK, measure_treynor,
     "(annual_return - rf)/beta; quantstats: (total_return - rf)/beta"},
    {"up_capture", BT_OF_BENCHMARK, measure_up_capture,
     "annual_return of r/that of b over the periods with b > 0"},
    {"down_capture", BT_OF_BENCHMARK, measure_down_capture,
     "annual_return of r/that of b over the periods with b < 0"},
    {"win_rate", BT_OF_TRADES, measure_win_rate,
     "trades with pnl > 0/n; quantstats: zeros left out"},
    {"draw_rate", BT_OF_TRADES, measure_draw_rate, "trades with pnl = 0/n"},
    {"profit_factor", BT_OF_TRADES, measure_profit_factor,
     "sum of pnl > 0/|sum of pnl < 0|, infinite without a loss; quantstats: "
     "0 when all are 0; backtesting.py: of the trades' returns"},
    {"expectancy", BT_OF_TRADES, measure_expectancy,
     "mean pnl; backtesting.py: mean return of the trades"},
    {"expectancy_r", BT_OF_TRADES, measure_expectancy_r,
     "mean pnl/|mean pnl of the losing trades| (Tharp 1998)"},
    {"payoff_ratio", BT_OF_TRADES, measure_payoff, "mean win/|mean loss|"},
    {"kelly", BT_OF_TRADES, measure_kelly,
     "w - (1 - w)/payoff_ratio, w the win rate (Kelly 1956)"},
    {"sqn", BT_OF_TRADES, measure_sqn, "sqrt(n) m/s of pnl (Tharp 2008)"},
    {"sqn_100", BT_OF_TRADES, measure_sqn_100,
     "sqn with sqrt(n) at most 10 (Tharp 2008)"},
    {"average_win", BT_OF_TRADES, measure_average_win, "mean of pnl > 0"},
    {"average_loss", BT_OF_TRADES, measure_average_loss, "mean of pnl < 0"},
    {"best_trade", BT_OF_TRADES, measure_most_won, "max pnl"},
    {"worst_trade", BT_OF_TRADES, measure_most_lost, "min pnl"},
    {"winning_streak", BT_OF_TRADES, measure_winning_streak,
     "most trades with pnl > 0 in a row"},
    {"losing_streak", BT_OF_TRADES, measure_losing_streak,
     "most trades with pnl < 0 in a row"},
};
enum { COUNT = sizeof MEASURES / sizeof *MEASURES };

const char *bt_measure_name(int32_t measure) {
    return measure >= 0 && measure < COUNT ? MEASURES[measure].name : NULL;
}

const char *bt_measure_text(int32_t measure) {
    return measure >= 0 && measure < COUNT ? MEASURES[measure].text : NULL;
}

int32_t bt_measure_of(int32_t measure) {
    return measure >= 0 && measure < COUNT ? MEASURES[measure].of : -1;
}

int32_t bt_measure_find(const char *name) {
    for (int32_t i = 0; i < COUNT; i++)
        if (strcmp(name, MEASURES[i].name) == 0)
            return i;
    return -1;
}

double bt_measure(int32_t measure, const bt_sample *s) {
    if (measure < 0 || measure >= COUNT || s->n < 1)
        return NAN;
    bool alone = MEASURES[measure].of == BT_OF_BENCHMARK && !s->other;
    return alone ? NAN : MEASURES[measure].f(s);
}

void bt_measure_rolling(int32_t measure, const bt_sample *s, int32_t window,
                        double *out) {
    bt_sample part = *s;
    part.n = window;
    for (int32_t i = 0; i < s->n; i++) {
        out[i] = NAN;
        if (window < 1 || i + 1 < window)
            continue;
        part.x = s->x + i + 1 - window;
        part.other = s->other ? s->other + i + 1 - window : NULL;
        out[i] = bt_measure(measure, &part);
    }
}

/* ---- helpers ------------------------------------------------------------- */

double measure_mean(const double *x, int32_t n) {
    double sum = 0.0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    return n > 0 ? sum / n : NAN;
}

double measure_deviation(const double *x, int32_t n) {
    double mean = measure_mean(x, n), squares = 0.0;
    bool differ = false;
    for (int32_t i = 0; i < n; i++) {
        squares += (x[i] - mean) * (x[i] - mean);
        differ |= x[i] != x[0];
    }
    if (n < 2)
        return NAN;
    return differ ? sqrt(squares / (n - 1)) : 0.0;
}

double measure_downside(const double *x, int32_t n, double target) {
    double squares = 0.0;
    for (int32_t i = 0; i < n; i++) {
        double miss = x[i] - target; /* a NaN stays one */
        squares += miss >= 0.0 ? 0.0 : miss * miss;
    }
    return sqrt(squares / n);
}

double measure_per_period(const bt_sample *s, double annual) {
    if (annual == 0.0)
        return 0.0;
    return pow(1.0 + annual, 1.0 / s->periods_per_year) - 1.0;
}

double measure_risk_free(const bt_sample *s) {
    if (s->convention == BT_CONVENTION_EMPYRICAL)
        return s->risk_free;
    return measure_per_period(s, s->risk_free);
}

double measure_target(const bt_sample *s) {
    bool given = !isnan(s->required);
    if (s->convention == BT_CONVENTION_EMPYRICAL)
        return given ? s->required : 0.0;
    return measure_per_period(s, given ? s->required : s->risk_free);
}

double measure_growth(const double *x, int32_t n) {
    double growth = 1.0;
    for (int32_t i = 0; i < n; i++)
        growth *= 1.0 + x[i];
    return growth;
}

double measure_annual(const bt_sample *s, double growth, int32_t n) {
    if (isnan(growth))
        return NAN;
    if (growth <= 0.0)
        return -1.0;
    return pow(growth, s->periods_per_year / n) - 1.0;
}
