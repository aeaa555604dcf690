/* Data snooping: White's reality check and Hansen's test of superior predictive
 * ability.
 *
 * Both ask whether the best of many trials beats the benchmark by more than the
 * best of as many resampled trials without merit would. White compares raw
 * means; Hansen divides each by its long-run deviation and recentres hopeless
 * trials, so that adding bad ones does not hide a good one. Index rows come
 * from outside.
 *
 * A row is used as how often it holds each period, so a resample of all trials
 * is one sweep over the matrix, laid out by period. Cost O(rows * n * trials),
 * four trials at a time; the sums of each trial are in the order of time.
 */
#include "base/mem.h"
#include "base/status.h"
#include "optimize/odds.h"
#include "search/lanes.h"

#include <math.h>
#include <stdlib.h>

/* Trials by period, their number rounded up to whole lanes. */
struct panel {
    int32_t n, trials, stride;
    double *at;    /* [n * stride] */
    double *means; /* [stride] of the last resample */
    double *count; /* [n] of periods in the row */
};

static void panel_init(struct panel *p, const double *d, int32_t n,
                       int32_t trials) {
    int32_t stride = (trials + LANES - 1) / LANES * LANES;
    *p = (struct panel){.n = n, .trials = trials, .stride = stride};
    p->at = mem_zalloc((size_t)n * (size_t)stride, sizeof(double));
    p->means = mem_zalloc((size_t)stride, sizeof(double));
    p->count = mem_zalloc((size_t)n, sizeof(double));
    for (int32_t k = 0; k < trials; k++) {
        for (int32_t t = 0; t < n; t++)
            p->at[(int64_t)t * stride + k] = d[(int64_t)k * n + t];
    }
}

static void panel_fini(struct panel *p) {
    free(p->at);
    free(p->means);
    free(p->count);
}

LANES_CLONES
static void add_period(double *restrict sum, const double *restrict at,
                       int32_t stride, double times) {
    for (int32_t k = 0; k < stride; k += LANES)
        lanes_put(sum + k, lanes_at(sum + k) + times * lanes_at(at + k));
}

static void means_of_counts(struct panel *p) {
    memset(p->means, 0, (size_t)p->stride * sizeof(double));
    for (int32_t t = 0; t < p->n; t++) {
        if (p->count[t] > 0)
            add_period(p->means, p->at + (int64_t)t * p->stride, p->stride,
                       p->count[t]);
    }
    for (int32_t k = 0; k < p->trials; k++)
        p->means[k] /= p->n;
}

static void resample(struct panel *p, const int32_t *row) {
    memset(p->count, 0, (size_t)p->n * sizeof(double));
    for (int32_t i = 0; i < p->n; i++)
        p->count[row[i]] += 1;
    means_of_counts(p);
}

/* Of the trials as they are: the resample of every period once. */
static double *true_means(struct panel *p) {
    double *means = mem_alloc((size_t)p->stride * sizeof *means);
    for (int32_t t = 0; t < p->n; t++)
        p->count[t] = 1;
    means_of_counts(p);
    memcpy(means, p->means, (size_t)p->stride * sizeof *means);
    return means;
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
    struct panel panel;
    panel_init(&panel, d, n, trials);
    double *mean = true_means(&panel);
    double best = -INFINITY;
    for (int32_t k = 0; k < trials; k++)
        best = fmax(best, mean[k]);
    int32_t above = 0;
    for (int32_t b = 0; b < count; b++) {
        double most = -INFINITY;
        resample(&panel, rows + (int64_t)b * n);
        for (int32_t k = 0; k < trials; k++)
            most = fmax(most, panel.means[k] - mean[k]);
        above += most > best;
    }
    free(mean);
    panel_fini(&panel);
    *p = (double)above / count;
    return BT_OK;
}

/* Weights of the autocovariances in the long-run variance under the stationary
 * bootstrap with restart probability q. */
static double *kernel_of(int32_t n, double q) {
    double *kernel = mem_alloc((size_t)n * sizeof *kernel);
    kernel[0] = 1;
    for (int32_t lag = 1; lag < n; lag++)
        kernel[lag] = 2 * ((1 - (double)lag / n) * pow(1 - q, lag) +
                           (double)lag / n * pow(1 - q, n - lag));
    return kernel;
}

static double long_run_variance(const double *x, int32_t n, double mean,
                                const double *kernel) {
    double sum = 0;
    for (int32_t lag = 0; lag < n; lag++) {
        double covariance = 0;
        for (int32_t t = 0; t + lag < n; t++)
            covariance += (x[t] - mean) * (x[t + lag] - mean);
        sum += kernel[lag] * covariance / n;
    }
    return sum;
}

struct spa {
    double mean, deviation; /* of one trial; deviation 0: left out */
    double scale;           /* sqrt(n) / deviation */
    double centre[3];       /* lower, consistent, upper */
};

static void spa_prepare(struct spa *s, const double *x, int32_t n, double mean,
                        const double *kernel) {
    s->mean = mean;
    s->deviation = sqrt(fmax(0, long_run_variance(x, n, mean, kernel)));
    double hopeless = -s->deviation / sqrt(n) * sqrt(2 * log(log(n)));
    s->centre[0] = fmax(s->mean, 0);
    s->centre[1] = s->mean >= hopeless ? s->mean : 0;
    s->centre[2] = s->mean;
    s->scale = sqrt(n) / s->deviation;
}

/* Of all trials; returns the statistic. */
static double spa_prepare_all(struct spa *s, struct panel *panel,
                              const double *d, double q) {
    double *mean = true_means(panel), *kernel = kernel_of(panel->n, q);
    double statistic = 0;
    for (int32_t k = 0; k < panel->trials; k++) {
        const double *x = d + (int64_t)k * panel->n;
        spa_prepare(&s[k], x, panel->n, mean[k], kernel);
        if (s[k].deviation > 0)
            statistic = fmax(statistic, s[k].mean * s[k].scale);
    }
    free(kernel);
    free(mean);
    return statistic;
}

static void spa_most(const struct spa *s, const struct panel *panel,
                     double most[3]) {
    most[0] = most[1] = most[2] = 0;
    for (int32_t k = 0; k < panel->trials; k++) {
        if (!(s[k].deviation > 0))
            continue;
        for (int i = 0; i < 3; i++) {
            double z = (panel->means[k] - s[k].centre[i]) * s[k].scale;
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
    struct panel panel;
    panel_init(&panel, d, n, trials);
    struct spa *s = mem_zalloc((size_t)trials, sizeof *s);
    double statistic = spa_prepare_all(s, &panel, d, 1 / mean_block);
    int32_t above[3] = {0};
    for (int32_t b = 0; b < count; b++) {
        double most[3];
        resample(&panel, rows + (int64_t)b * n);
        spa_most(s, &panel, most);
        for (int i = 0; i < 3; i++)
            above[i] += most[i] > statistic;
    }
    free(s);
    panel_fini(&panel);
    for (int i = 0; i < 3; i++)
        p[i] = (double)above[i] / count;
    return BT_OK;
}

/* 1 / standard error of each mean, 0 without variance. */
static double *precisions(const double *d, int32_t n, int32_t trials) {
    double *out = mem_alloc((size_t)trials * sizeof *out);
    for (int32_t k = 0; k < trials; k++) {
        bt_moments m;
        bt_moments_of(d + (int64_t)k * n, n, &m);
        out[k] = m.sd > 0 ? sqrt(n) / m.sd : 0;
    }
    return out;
}

double odds_null_maximum(const double *d, int32_t n, int32_t trials,
                         const int32_t *rows, int32_t count) {
    struct panel panel;
    panel_init(&panel, d, n, trials);
    double *mean = true_means(&panel), *precision = precisions(d, n, trials);
    double sum = 0;
    for (int32_t b = 0; b < count; b++) {
        double most = -INFINITY;
        resample(&panel, rows + (int64_t)b * n);
        for (int32_t k = 0; k < trials; k++)
            most = fmax(most, (panel.means[k] - mean[k]) * precision[k]);
        sum += most;
    }
    free(precision);
    free(mean);
    panel_fini(&panel);
    return count > 0 ? fmax(0, sum / count) : 0;
}
