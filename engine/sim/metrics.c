/* The core metrics, each with formula and source.
 *
 * V0 is the starting cash, V1 .. Vn the marked equity at the close of each bar,
 * net of deposits and withdrawals (account.c).
 * Returns r are per session, from close to close of the sessions' last bars,
 * the first one from V0; m is their mean, s their standard deviation with n - 1
 * (one pass over the differences to the first return: the shifted data
 * algorithm of Chan, Golub, LeVeque 1983; exactly 0 when all are equal, and at
 * worst n times less exact than a sum, the first return being one of them), A
 * the sessions per year, f the annual risk-free rate per session,
 * (1 + rf)^(1/A) - 1. Sums run oldest first. EP
 * names empyrical-reloaded. NaN means undefined; infinity is a value.
 *
 *   total_return       Vn / V0 - 1
 *   cagr               (Vn / V0)^(1 / years) - 1, years = time from the open of
 *                      the first bar to the close of the last / 365.25 days; -1
 *                      if Vn <= 0 (elapsed time; EP counts periods instead)
 *   volatility         s sqrt(A)                             (EP)
 *   sharpe_ratio       (m - f) / s sqrt(A); NaN if s is 0    (Sharpe 1994; EP)
 *   sortino_ratio      (m - f) / d sqrt(A), d^2 = mean over ALL sessions of
 *                      min(r - f, 0)^2; infinite if d is 0 and m > f
 *                                                            (Sortino 1994; EP)
 *   max_drawdown       min over bars of V / max(V0 .. V) - 1, <= 0
 *   max_drawdown_bars  of that drawdown: bars from peak to recovery, or to the
 *                      last bar while it lasts
 *   calmar_ratio       cagr / |max_drawdown|; NaN without one (Young 1991; EP)
 *   win_rate           round trips with pnl > 0 / all round trips; pnl is net
 *                      of both sides' costs; a pnl of 0 is no win
 *   profit_factor      sum of pnl > 0 / |sum of pnl < 0|; infinite without
 *                      losses
 *   expectancy         mean pnl of the round trips, currency
 *   exposure_time      bars that close with a position / bars
 *   exposure_gross     mean over bars of sum |amount * price| / V
 *   turnover           traded value, buys and sells, / mean V / years, those of
 *                      cagr: buying all and selling all again in one is 2
 *
 * Cost: one pass over the bars, two divisions a bar (tally.h); O(1) from a
 * tally.
 */
#include "sim/metrics.h"

#include <math.h>
#include <string.h>

/* ---- of the curve -------------------------------------------------------- */

double metrics_target(double risk_free, double periods_per_year) {
    if (risk_free == 0.0)
        return 0.0;
    return pow(1.0 + risk_free, 1.0 / periods_per_year) - 1.0;
}

static double deviation_of(const struct tally *t) {
    double n = t->sessions;
    double squares = t->squares - t->moved * t->moved / n;
    if (squares < 0.0) /* rounding */
        squares = 0.0;
    return n > 1.0 ? sqrt(squares / (n - 1.0)) : NAN;
}

static void measure_returns(const struct metric_input *in,
                            const struct tally *t, double *m) {
    double n = t->sessions, root = sqrt(in->periods_per_year);
    double deviation = deviation_of(t), downside = sqrt(t->misses / n);
    double excess = t->returns / n - t->target;
    m[BT_METRIC_VOLATILITY] = deviation * root;
    if (deviation > 0.0)
        m[BT_METRIC_SHARPE_RATIO] = excess / deviation * root;
    if (downside > 0.0 || excess != 0.0)
        m[BT_METRIC_SORTINO_RATIO] = excess / downside * root;
}

static double growth_per_year(double growth, double years) {
    return growth > 0.0 ? pow(growth, 1.0 / years) - 1.0 : -1.0;
}

/* Shares of an equity that is not always above zero mean nothing, nor do its
 * returns. t: its last bar ended a session. */
static void measure_curve(const struct metric_input *in, const struct tally *t,
                          double *m) {
    double growth = t->before / in->start;
    m[BT_METRIC_TOTAL_RETURN] = growth - 1.0;
    m[BT_METRIC_CAGR] = growth_per_year(growth, in->years);
    m[BT_METRIC_EXPOSURE_TIME] = (double)in->exposed_bars / t->bars;
    if (t->lowest > 0.0) {
        measure_returns(in, t, m);
        m[BT_METRIC_EXPOSURE_GROSS] = t->shares / t->bars;
        m[BT_METRIC_TURNOVER] = in->traded / (t->value / t->bars) / in->years;
    }
}

static void measure_drawdown(const struct tally *t, bt_result *out) {
    const struct fall *f = &t->fall;
    double *m = out->metrics;
    bool any = f->depth < 0.0;
    int32_t end = f->end >= 0 ? f->end : t->bars - 1;
    m[BT_METRIC_MAX_DRAWDOWN] = f->depth;
    m[BT_METRIC_MAX_DRAWDOWN_BARS] = any ? end - f->start : 0.0;
    if (any)
        m[BT_METRIC_CALMAR_RATIO] = m[BT_METRIC_CAGR] / -f->depth;
    out->drawdown_start = f->start;
    out->drawdown_trough = f->trough;
    out->drawdown_end = f->end;
}

/* ---- of the round trips -------------------------------------------------- */

static void measure_trades(const struct tally *t, double *m) {
    m[BT_METRIC_TRADES] = t->trades;
    if (t->trades == 0)
        return;
    m[BT_METRIC_WIN_RATE] = (double)t->wins / t->trades;
    m[BT_METRIC_EXPECTANCY] = t->pnl / t->trades;
    if (t->won > 0.0 || t->lost > 0.0)
        m[BT_METRIC_PROFIT_FACTOR] = t->won / t->lost;
}

/* ---- all ----------------------------------------------------------------- */

void metrics_of(const struct metric_input *in, const struct tally *t,
                bt_result *out) {
    double *m = out->metrics;
    for (int32_t i = 0; i < BT_METRICS; i++)
        m[i] = NAN;
    m[BT_METRIC_TOTAL_COMMISSION] = in->commission;
    m[BT_METRIC_TOTAL_SLIPPAGE] = in->slippage;
    measure_trades(t, m);
    if (t->bars > 0)
        measure_curve(in, t, m);
    measure_drawdown(t, out);
}

void metrics_compute(const struct metric_input *in, bt_result *out) {
    struct tally t = tally_from(
        in->start, metrics_target(in->risk_free, in->periods_per_year));
    const int32_t *day = in->sessions;
    for (int32_t i = 0; i < in->bars; i++)
        tally_bar(&t, in->value[i], in->curve[i], in->gross[i],
                  i + 1 == in->bars || day[i + 1] != day[i]);
    for (int32_t i = 0; i < in->trade_count; i++)
        tally_trade(&t, in->trades[i].pnl);
    metrics_of(in, &t, out);
}

/* ---- names --------------------------------------------------------------- */

static const char *const NAMES[BT_METRICS] = {
    [BT_METRIC_TOTAL_RETURN] = "total_return",
    [BT_METRIC_CAGR] = "cagr",
    [BT_METRIC_VOLATILITY] = "volatility",
    [BT_METRIC_SHARPE_RATIO] = "sharpe_ratio",
    [BT_METRIC_SORTINO_RATIO] = "sortino_ratio",
    [BT_METRIC_CALMAR_RATIO] = "calmar_ratio",
    [BT_METRIC_MAX_DRAWDOWN] = "max_drawdown",
    [BT_METRIC_MAX_DRAWDOWN_BARS] = "max_drawdown_bars",
    [BT_METRIC_WIN_RATE] = "win_rate",
    [BT_METRIC_PROFIT_FACTOR] = "profit_factor",
    [BT_METRIC_EXPECTANCY] = "expectancy",
    [BT_METRIC_TRADES] = "trades",
    [BT_METRIC_EXPOSURE_TIME] = "exposure_time",
    [BT_METRIC_EXPOSURE_GROSS] = "exposure_gross",
    [BT_METRIC_TURNOVER] = "turnover",
    [BT_METRIC_TOTAL_COMMISSION] = "total_commission",
    [BT_METRIC_TOTAL_SLIPPAGE] = "total_slippage",
};

const char *bt_metric_name(int32_t metric) {
    return metric >= 0 && metric < BT_METRICS ? NAMES[metric] : NULL;
}

const char *bt_metric_text(int32_t metric) {
    /* What only an account knows; the others are statistics (measure.c). */
    static const char *const OF_ACCOUNT[BT_METRICS] = {
        [BT_METRIC_TRADES] = "round trips that were closed",
        [BT_METRIC_EXPOSURE_TIME] = "bars that end with a position/bars",
        [BT_METRIC_EXPOSURE_GROSS] =
            "mean over the bars of the sum of |position value|/equity",
        [BT_METRIC_TURNOVER] =
            "sum of |fill value|, buys and sells/mean equity/years",
        [BT_METRIC_TOTAL_COMMISSION] = "commission of all fills, in currency",
        [BT_METRIC_TOTAL_SLIPPAGE] =
            "sum over the fills of |price paid - quoted| units, in currency",
    };
    const char *name = bt_metric_name(metric);
    if (!name || OF_ACCOUNT[metric])
        return name ? OF_ACCOUNT[metric] : NULL;
    return bt_measure_text(bt_measure_find(name));
}

int32_t bt_metric_find(const char *name) {
    static const struct {
        const char *name;
        int32_t metric;
    } SHORT[] = {{"sharpe", BT_METRIC_SHARPE_RATIO},
                 {"sortino", BT_METRIC_SORTINO_RATIO},
                 {"calmar", BT_METRIC_CALMAR_RATIO}};
    for (int32_t i = 0; i < BT_METRICS; i++)
        if (strcmp(name, NAMES[i]) == 0)
            return i;
    for (size_t i = 0; i < sizeof SHORT / sizeof *SHORT; i++)
        if (strcmp(name, SHORT[i].name) == 0)
            return SHORT[i].metric;
    return -1;
}
