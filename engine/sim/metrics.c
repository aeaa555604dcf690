/* The core metrics, each with formula and source.
 *
 * V0 is the starting cash, V1 .. Vn the marked equity at the close of each bar,
 * net of deposits and withdrawals (account.c).
 * Returns r are per session, from close to close of the sessions' last bars,
 * the first one from V0; m is their mean, s their standard deviation with n - 1
 * (two-pass, Chan, Golub, LeVeque 1983), A the sessions per year, f the annual
 * risk-free rate per session, (1 + rf)^(1/A) - 1. Sums run oldest first. EP
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
 *   turnover           traded value, buys and sells, / mean V, per year of A
 *                      sessions: buying all and selling all again is 2
 *
 * Cost: three passes over the bars, two divisions a bar in the first.
 */
#include "sim/metrics.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- returns ------------------------------------------------------------- */

/* What one pass over the bars gathers. */
struct sums {
    double value, shares; /* of V and of gross / V, over bars */
    double lowest;        /* V */
    double returns;       /* of the sessions */
    int32_t sessions;
};

/* The returns of the sessions go to r [bars]. */
static struct sums add_up(const struct metric_input *in, double *r) {
    const int32_t *day = in->sessions;
    struct sums s = {.lowest = INFINITY};
    double before = in->start;
    for (int32_t i = 0; i < in->bars; i++) {
        double v = in->curve[i];
        s.value += in->value[i];
        s.shares += in->gross[i] / in->value[i];
        s.lowest = v < s.lowest ? v : s.lowest;
        if (i + 1 < in->bars && day[i + 1] == day[i])
            continue;
        double change = v / before - 1.0;
        r[s.sessions++] = change;
        s.returns += change;
        before = v;
    }
    return s;
}

struct moments {
    double mean, deviation, downside;
};

static struct moments moments_of(const double *r, int32_t n, double mean,
                                 double target) {
    double squares = 0.0, below = 0.0;
    for (int32_t i = 0; i < n; i++) {
        double d = r[i] - mean;
        double miss = r[i] < target ? r[i] - target : 0.0;
        squares += d * d;
        below += miss * miss;
    }
    return (struct moments){.mean = mean,
                            .deviation = n > 1 ? sqrt(squares / (n - 1)) : NAN,
                            .downside = sqrt(below / n)};
}

static double rate_per_session(const struct metric_input *in) {
    if (in->risk_free == 0.0)
        return 0.0;
    return pow(1.0 + in->risk_free, 1.0 / in->periods_per_year) - 1.0;
}

static void measure_returns(const struct metric_input *in, const double *r,
                            const struct sums *s, double *m) {
    int32_t n = s->sessions;
    double root = sqrt(in->periods_per_year), target = rate_per_session(in);
    struct moments k = moments_of(r, n, s->returns / n, target);
    double excess = k.mean - target;
    m[BT_METRIC_VOLATILITY] = k.deviation * root;
    if (k.deviation > 0.0)
        m[BT_METRIC_SHARPE_RATIO] = excess / k.deviation * root;
    if (k.downside > 0.0 || excess != 0.0)
        m[BT_METRIC_SORTINO_RATIO] = excess / k.downside * root;
}

static double growth_per_year(double growth, double years) {
    return growth > 0.0 ? pow(growth, 1.0 / years) - 1.0 : -1.0;
}

/* ---- drawdown ------------------------------------------------------------ */

struct drawdown {
    double depth;
    int32_t start, trough, end; /* bars; start -1: the starting value */
    bool any;
};

/* A value at or above floor cannot be deeper than what is known: so the
 * division is rare. 1e-12 keeps rounding on the safe side. */
static double floor_of(double peak, double depth) {
    return peak * (1.0 + depth + 1e-12);
}

static struct drawdown deepest(const struct metric_input *in) {
    struct drawdown d = {.end = -1};
    double peak = in->start, worst_peak = INFINITY, low = floor_of(peak, 0.0);
    int32_t peak_at = -1;
    for (int32_t i = 0; i < in->bars; i++) {
        double v = in->curve[i];
        if (v >= peak) {
            if (v >= worst_peak && d.end < 0)
                d.end = i;
            peak = v;
            peak_at = i;
            low = floor_of(peak, d.depth);
        } else if (v <= low && v / peak - 1.0 < d.depth) {
            d = (struct drawdown){v / peak - 1.0, peak_at, i, -1, true};
            worst_peak = peak;
            low = floor_of(peak, d.depth);
        }
    }
    return d;
}

static void measure_drawdown(const struct metric_input *in, bt_result *out) {
    struct drawdown d = deepest(in);
    double *m = out->metrics;
    int32_t end = d.end >= 0 ? d.end : in->bars - 1;
    m[BT_METRIC_MAX_DRAWDOWN] = d.depth;
    m[BT_METRIC_MAX_DRAWDOWN_BARS] = d.any ? end - d.start : 0.0;
    if (d.any)
        m[BT_METRIC_CALMAR_RATIO] = m[BT_METRIC_CAGR] / -d.depth;
    out->drawdown_start = d.any ? d.start : -1;
    out->drawdown_trough = d.any ? d.trough : -1;
    out->drawdown_end = d.any ? d.end : -1;
}

/* ---- round trips and exposure -------------------------------------------- */

static void measure_trades(const struct metric_input *in, double *m) {
    double won = 0.0, lost = 0.0, sum = 0.0;
    int32_t wins = 0;
    for (int32_t i = 0; i < in->trade_count; i++) {
        double pnl = in->trades[i].pnl;
        sum += pnl;
        wins += pnl > 0.0;
        if (pnl > 0.0)
            won += pnl;
        else
            lost -= pnl;
    }
    m[BT_METRIC_TRADES] = in->trade_count;
    if (in->trade_count == 0)
        return;
    m[BT_METRIC_WIN_RATE] = (double)wins / in->trade_count;
    m[BT_METRIC_EXPECTANCY] = sum / in->trade_count;
    if (won > 0.0 || lost > 0.0)
        m[BT_METRIC_PROFIT_FACTOR] = won / lost;
}

/* Shares of an equity that is not always above zero mean nothing, nor do its
 * returns. */
static void measure_curve(const struct metric_input *in, double *m) {
    double *r = mem_alloc((size_t)in->bars * sizeof *r);
    struct sums s = add_up(in, r);
    double growth = in->curve[in->bars - 1] / in->start;
    m[BT_METRIC_TOTAL_RETURN] = growth - 1.0;
    m[BT_METRIC_CAGR] = growth_per_year(growth, in->years);
    m[BT_METRIC_EXPOSURE_TIME] = (double)in->exposed_bars / in->bars;
    if (s.lowest > 0.0) {
        measure_returns(in, r, &s, m);
        m[BT_METRIC_EXPOSURE_GROSS] = s.shares / in->bars;
        m[BT_METRIC_TURNOVER] = in->traded / (s.value / in->bars) / in->years;
    }
    free(r);
}

void metrics_compute(const struct metric_input *in, bt_result *out) {
    double *m = out->metrics;
    for (int32_t i = 0; i < BT_METRICS; i++)
        m[i] = NAN;
    m[BT_METRIC_TOTAL_COMMISSION] = in->commission;
    m[BT_METRIC_TOTAL_SLIPPAGE] = in->slippage;
    measure_trades(in, m);
    if (in->bars > 0)
        measure_curve(in, m);
    measure_drawdown(in, out);
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
