/* Data snooping: White's reality check and Hansen's test of superior predictive
 * ability.
 *
 * Both ask whether the best of many trials beats the benchmark by more than the
 * best of as many resampled trials without merit would. White compares raw
 * means; Hansen divides each by its long-run deviation and recentres hopeless
 * trials, so that adding bad ones does not hide a good one. Index rows come
 * from outside. Cost O(rows * n * trials).
 */
#include "base/mem.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdlib.h>

static double mean_of(const double *x, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

static double resampled_mean(const double *x, int32_t n, const int32_t *row) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[row[i]];
    return sum / n;
}

static bt_status check(const char *name, int32_t n, int32_t trials,
                       int32_t count) {
    if (n < 2 || trials < 1 || count < 1)
        return fail(BT_E_RANGE,
                    "%s: needs 2 periods, 1 trial and 1 index row at least, "
                    "got %d, %d, %d",
                    name, n, trials, count);
    return BT_OK;
}

bt_status bt_odds_reality_check(const double *d, int32_t n, int32_t trials,
                                const int32_t *rows, int32_t count, double *p) {
    TRY(check("reality_check", n, trials, count));
    double *mean = mem_zalloc((size_t)trials, sizeof *mean);
    double best = -INFINITY;
    for (int32_t k = 0; k < trials; k++) {
        mean[k] = mean_of(d + (int64_t)k * n, n);
        best = fmax(best, mean[k]);
    }
    int32_t above = 0;
    for (int32_t b = 0; b < count; b++) {
        double most = -INFINITY;
        for (int32_t k = 0; k < trials; k++) {
            double m =
                resampled_mean(d + (int64_t)k * n, n, rows + (int64_t)b * n);
            most = fmax(most, m - mean[k]);
        }
        above += most > best;
    }
    free(mean);
    *p = (double)above / count;
    return BT_OK;
}

/* Long-run variance under the stationary bootstrap with restart probability q.
 */
static double long_run_variance(const double *x, int32_t n, double mean,
                                double q) {
    double sum = 0;
    for (int32_t lag = 0; lag < n; lag++) {
        double kernel = lag == 0
                            ? 1
                            : 2 * ((1 - (double)lag / n) * pow(1 - q, lag) +
                                   (double)lag / n * pow(1 - q, n - lag));
        double covariance = 0;
        for (int32_t t = 0; t + lag < n; t++)
            covariance += (x[t] - mean) * (x[t + lag] - mean);
        sum += kernel * covariance / n;
    }
    return sum;
}

struct spa {
    double mean, deviation; /* of one trial; deviation 0: left out */
    double centre[3];       /* lower, consistent, upper */
};

static void spa_prepare(struct spa *s, const double *x, int32_t n, double q) {
    s->mean = mean_of(x, n);
    s->deviation = sqrt(fmax(0, long_run_variance(x, n, s->mean, q)));
    double hopeless = -s->deviation / sqrt(n) * sqrt(2 * log(log(n)));
    s->centre[0] = fmax(s->mean, 0);
    s->centre[1] = s->mean >= hopeless ? s->mean : 0;
    s->centre[2] = s->mean;
}

static void spa_resample(const struct spa *s, const double *d, int32_t n,
                         int32_t trials, const int32_t *row, double most[3]) {
    most[0] = most[1] = most[2] = 0;
    for (int32_t k = 0; k < trials; k++) {
        if (!(s[k].deviation > 0))
            continue;
        double m = resampled_mean(d + (int64_t)k * n, n, row);
        for (int i = 0; i < 3; i++) {
            double z = sqrt(n) * (m - s[k].centre[i]) / s[k].deviation;
            most[i] = fmax(most[i], z);
        }
    }
}

bt_status bt_odds_spa(const double *d, int32_t n, int32_t trials,
                      const int32_t *rows, int32_t count, double mean_block,
                      double *p) {
    TRY(check("spa", n, trials, count));
    if (!(mean_block >= 1))
        return fail(BT_E_RANGE, "spa: mean_block must be >= 1, got %g",
                    mean_block);
    struct spa *s = mem_zalloc((size_t)trials, sizeof *s);
    double statistic = 0;
    for (int32_t k = 0; k < trials; k++) {
        spa_prepare(&s[k], d + (int64_t)k * n, n, 1 / mean_block);
        if (s[k].deviation > 0)
            statistic = fmax(statistic, sqrt(n) * s[k].mean / s[k].deviation);
    }
    int32_t above[3] = {0};
    for (int32_t b = 0; b < count; b++) {
        double most[3];
        spa_resample(s, d, n, trials, rows + (int64_t)b * n, most);
        for (int i = 0; i < 3; i++)
            above[i] += most[i] > statistic;
    }
    free(s);
    for (int i = 0; i < 3; i++)
        p[i] = (double)above[i] / count;
    return BT_OK;
}
