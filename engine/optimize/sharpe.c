/* How sure a Sharpe ratio is, alone and as the best of many.
 *
 * Structure: moments of one series, then closed formulas of Bailey and Lopez de
 * Prado (2012, 2014). Two traps are avoided by construction: every ratio is per
 * period, and kurtosis is raw (3 for a normal), since feeding the excess value
 * into these formulas is the field's commonest error. O(n) for moments; the
 * mean pairwise correlation of N series costs O(n N), by summing unit vectors.
 */
#include "base/lanes.h"
#include "base/mem.h"
#include "base/stat.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

static const double EULER_MASCHERONI = 0.5772156649015329;

void bt_moments_of(const double *x, int32_t n, bt_moments *out) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    double mean = n > 0 ? sum / n : NAN;
    double s2 = 0, s3 = 0, s4 = 0;
    for (int32_t i = 0; i < n; i++) {
        double d = x[i] - mean;
        s2 += d * d;
        s3 += d * d * d;
        s4 += d * d * d * d;
    }
    double m2 = s2 / n;
    out->mean = mean;
    out->sd = n > 1 ? sqrt(s2 / (n - 1)) : NAN;
    bool varies = odds_varies(s2, n, mean);
    out->skew = varies ? s3 / n / pow(m2, 1.5) : NAN;
    out->kurt = varies ? s4 / n / (m2 * m2) : NAN;
    out->sharpe = n > 1 && varies ? mean / out->sd : 0;
}

/* The numerator that standard error and track record share. */
static double spread(double sharpe, double skew, double kurt) {
    return 1 - skew * sharpe + (kurt - 1) / 4 * sharpe * sharpe;
}

double bt_odds_sharpe_error(double sharpe, double n, double skew, double kurt) {
    return sqrt(spread(sharpe, skew, kurt) / (n - 1));
}

double bt_odds_psr(double sharpe, double benchmark, double n, double skew,
                   double kurt) {
    double error = bt_odds_sharpe_error(sharpe, n, skew, kurt);
    return stat_normal_cdf((sharpe - benchmark) / error);
}

double bt_odds_expected_max(double trials) {
    if (!(trials > 1))
        return 0;
    /* -quantile(q) instead of quantile(1 - q): exact for many trials. */
    return -(1 - EULER_MASCHERONI) * stat_normal_quantile(1 / trials) -
           EULER_MASCHERONI * stat_normal_quantile(exp(-1) / trials);
}

double bt_odds_dsr(double sharpe, double variance, double trials, double n,
                   double skew, double kurt) {
    double benchmark = sqrt(variance) * bt_odds_expected_max(trials);
    return bt_odds_psr(sharpe, benchmark, n, skew, kurt);
}

double bt_odds_min_track_record(double sharpe, double benchmark,
                                double confidence, double skew, double kurt) {
    if (!(sharpe > benchmark))
        return INFINITY;
    double z = stat_normal_quantile(confidence) / (sharpe - benchmark);
    return 1 + spread(sharpe, skew, kurt) * z * z;
}

double bt_odds_min_backtest(double trials, double annual_sharpe) {
    double ratio = bt_odds_expected_max(trials) / annual_sharpe;
    return ratio * ratio;
}

LANES_CLONES
double odds_sum(const double *x, int32_t n) {
    lanes sum = {0};
    double rest = 0;
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES)
        sum += lanes_at(x + i);
    for (; i < n; i++)
        rest += x[i];
    return lanes_sum(sum) + rest;
}

LANES_CLONES
static double squares_around(const double *x, int32_t n, double mean) {
    lanes sum = {0};
    double rest = 0;
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes off = lanes_at(x + i) - mean;
        sum += off * off;
    }
    for (; i < n; i++)
        rest += (x[i] - mean) * (x[i] - mean);
    return lanes_sum(sum) + rest;
}

LANES_CLONES
static void add_scaled(const double *restrict x, int32_t n, double mean,
                       double scale, double *restrict sum) {
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES)
        lanes_put(sum + i,
                  lanes_at(sum + i) + (lanes_at(x + i) - mean) * scale);
    for (; i < n; i++)
        sum[i] += (x[i] - mean) * scale;
}

void alike_init(struct alike *a, int32_t periods) {
    *a = (struct alike){.periods = periods};
    a->sum = mem_zalloc((size_t)periods, sizeof *a->sum);
}

void alike_fini(struct alike *a) {
    free(a->sum);
}

void alike_add(struct alike *a, const double *x) {
    int32_t n = a->periods;
    double mean = odds_sum(x, n) / n, square = squares_around(x, n, mean);
    a->trials++;
    if (!odds_varies(square, n, mean))
        return;
    add_scaled(x, n, mean, 1 / sqrt(square), a->sum);
    a->alive++;
}

double alike_effective(const struct alike *a) {
    double trials = a->trials, square = 0;
    if (a->trials < 2 || a->periods < 2)
        return trials;
    /* |sum of unit vectors|^2 = their count + 2 * sum of the correlations. */
    for (int32_t i = 0; i < a->periods; i++)
        square += a->sum[i] * a->sum[i];
    double rho = (square - a->alive) / (trials * (trials - 1));
    return rho + (1 - rho) * trials;
}

double bt_odds_effective_trials(const double *returns, int32_t periods,
                                int32_t trials) {
    struct alike a;
    if (trials < 2 || periods < 2)
        return trials;
    alike_init(&a, periods);
    for (int32_t k = 0; k < trials; k++)
        alike_add(&a, returns + (int64_t)k * periods);
    double effective = alike_effective(&a);
    alike_fini(&a);
    return effective;
}
