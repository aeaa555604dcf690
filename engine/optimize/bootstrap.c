/* The stationary bootstrap: index rows, block length, resampled statistics.
 *
 * Drawing indices and using them are apart, so that a statistic can be checked
 * exactly on rows written by hand, and so that one row serves all columns at
 * once and keeps their cross-correlation. O(n) per row.
 */
#include "base/mem.h"
#include "base/rng.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

bt_status bt_bootstrap_rows(int32_t n, int32_t count, double mean_block,
                            uint64_t seed, int32_t *rows) {
    if (n < 1 || count < 0)
        return fail(BT_E_RANGE, "bootstrap: needs observations, got n = %d", n);
    if (!(mean_block >= 1))
        return fail(BT_E_RANGE, "bootstrap: mean_block must be >= 1, got %g",
                    mean_block);
    double restart = 1 / mean_block;
    for (int32_t b = 0; b < count; b++) {
        struct rng rng;
        rng_key(&rng, seed, "bootstrap", (uint64_t)b);
        int32_t *row = rows + (int64_t)b * n;
        for (int32_t i = 0; i < n; i++) {
            bool fresh = rng_unit(&rng) < restart || i == 0;
            row[i] = fresh ? (int32_t)rng_range(&rng, 0, n - 1)
                           : (row[i - 1] + 1) % n;
        }
    }
    return BT_OK;
}

bt_status bt_permutation_rows(int32_t n, int32_t count, uint64_t seed,
                              int32_t *rows) {
    if (n < 1 || count < 0)
        return fail(BT_E_RANGE, "permutation: needs observations, got n = %d",
                    n);
    for (int32_t b = 0; b < count; b++) {
        struct rng rng;
        rng_key(&rng, seed, "permutation", (uint64_t)b);
        int32_t *row = rows + (int64_t)b * n;
        for (int32_t i = 0; i < n; i++) {
            int32_t at = (int32_t)rng_range(&rng, 0, i);
            if (at < i)
                row[i] = row[at];
            row[at] = i;
        }
    }
    return BT_OK;
}

static double autocovariance(const double *x, int32_t n, double mean,
                             int32_t lag) {
    double sum = 0;
    for (int32_t t = 0; t + lag < n; t++)
        sum += (x[t] - mean) * (x[t + lag] - mean);
    return sum / n;
}

/* First lag after which `run` autocorrelations in a row are insignificant. */
static int32_t last_significant(const double *g, int32_t run, int32_t max_lag,
                                double limit) {
    for (int32_t m = 1; m <= max_lag - run; m++) {
        int32_t j = 0;
        while (j < run && fabs(g[m + j] / g[0]) < limit)
            j++;
        if (j == run)
            return m;
    }
    return 0;
}

/* Flat-top lag window of Politis and White. */
static double window(double x) {
    return x <= 0.5 ? 1 : 2 * (1 - x);
}

double bt_bootstrap_block(const double *x, int32_t n) {
    if (n < 8)
        return 1;
    int32_t run = (int32_t)fmax(5, floor(log10(n)));
    int32_t max_lag = (int32_t)ceil(sqrt(n)) + run;
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    double mean = sum / n;
    double *g = mem_zalloc((size_t)max_lag + 1, sizeof *g);
    for (int32_t j = 0; j <= max_lag && j < n; j++)
        g[j] = autocovariance(x, n, mean, j);
    double limit = 2 * sqrt(log10(n) / n);
    int32_t m = g[0] > 0 ? last_significant(g, run, max_lag, limit) : 1;
    int32_t lags = m > 0 ? (int32_t)fmin(2.0 * m, max_lag) : max_lag;
    double bias = 0, spectrum = g[0];
    for (int32_t j = 1; j <= lags; j++) {
        bias += 2 * window((double)j / lags) * j * g[j];
        spectrum += 2 * window((double)j / lags) * g[j];
    }
    free(g);
    double most = ceil(fmin(3 * sqrt(n), n / 3.0));
    double block = cbrt(bias * bias / (spectrum * spectrum)) * cbrt(n);
    /* A constant series has no spectrum: every block is as good. */
    return block >= 1 ? fmin(block, most) : 1;
}

static double resampled_sharpe(const double *x, int32_t n, const int32_t *row) {
    double sum = 0, square = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[row[i]];
    double mean = sum / n;
    for (int32_t i = 0; i < n; i++)
        square += (x[row[i]] - mean) * (x[row[i]] - mean);
    return square > 0 ? mean / sqrt(square / (n - 1)) : 0;
}

static double resampled_return(const double *x, int32_t n, const int32_t *row) {
    double value = 1;
    for (int32_t i = 0; i < n; i++)
        value *= 1 + x[row[i]];
    return value - 1;
}

static double resampled_drawdown(const double *x, int32_t n,
                                 const int32_t *row) {
    double value = 1, peak = 1, worst = 0;
    for (int32_t i = 0; i < n; i++) {
        value *= 1 + x[row[i]];
        peak = fmax(peak, value);
        worst = fmin(worst, value / peak - 1);
    }
    return worst;
}

static double resampled_win_rate(const double *x, int32_t n,
                                 const int32_t *row) {
    double wins = 0;
    for (int32_t i = 0; i < n; i++)
        wins += x[row[i]] > 0;
    return wins / n;
}

bt_status bt_bootstrap_stat(const double *x, int32_t n, const int32_t *rows,
                            int32_t count, int32_t stat, double *out) {
    typedef double (*statistic)(const double *, int32_t, const int32_t *);
    static const statistic known[] = {resampled_sharpe, resampled_return,
                                      resampled_drawdown, resampled_win_rate};
    if (stat < 0 || stat > BT_STAT_WIN_RATE)
        return fail(BT_E_RANGE, "bootstrap: unknown statistic %d (0..3)", stat);
    for (int32_t b = 0; b < count; b++)
        out[b] = known[stat](x, n, rows + (int64_t)b * n);
    return BT_OK;
}
