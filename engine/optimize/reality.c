/* Data snooping: White's reality check and Hansen's test of superior predictive
 * ability.
 *
 * Both ask whether the best of many trials beats the benchmark by more than the
 * best of as many resampled trials without merit would. White compares raw
 * means; Hansen divides each by its long-run deviation and recentres hopeless
 * trials, so that adding bad ones does not hide a good one. His statistic is
 * never below 0, and neither is a resample's: where no trial beats the
 * benchmark it is 0, as small as any can be, and p is 1. Index rows come from
 * outside.
 *
 * Each resample is made once, whatever is asked of it: its means (panel.h) go
 * to all tests, which keep no more than the largest. Cost O(rows * n * trials),
 * and O(lags * n * trials) for the long-run deviations, where lags are those
 * whose weight could change a digit.
 */
#include "base/mem.h"
#include "base/status.h"
#include "optimize/odds.h"
#include "optimize/panel.h"

#include <math.h>
#include <stdlib.h>

/* A weight that is lost in the rounding of 1. */
#define WEIGHT_MIN 1e-18

/* Of a group's trials. */
struct marks {
    double mean[PANEL_WIDE];
    double precision[PANEL_WIDE]; /* 1 / standard error; 0: no variance */
    double scale[PANEL_WIDE]; /* sqrt(n) / long-run deviation; 0: left out */
    double centre[3][PANEL_WIDE]; /* lower, consistent, upper */
};

/* The largest of a resample, by place in the groups. */
struct most {
    double white[PANEL_WIDE], null[PANEL_WIDE], spa[3][PANEL_WIDE];
};

/* ---- the trials as they are ---------------------------------------------- */

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

/* out [PANEL_WIDE]: sums of x[t] * x[t + lag] of a group. */
LANES_CLONES
static void lagged(const double *restrict x, int32_t n, int32_t lag,
                   double *restrict out) {
    lanes low = {0}, high = {0};
    const double *later = x + (int64_t)lag * PANEL_WIDE;
    for (int32_t t = 0; t + lag < n; t++) {
        low += lanes_at(x) * lanes_at(later);
        high += lanes_at(x + LANES) * lanes_at(later + LANES);
        x += PANEL_WIDE;
        later += PANEL_WIDE;
    }
    lanes_put(out, low);
    lanes_put(out + LANES, high);
}

static void centre(const double *group, int32_t n, const double *mean,
                   double *out) {
    for (int32_t t = 0; t < n; t++) {
        for (int k = 0; k < PANEL_WIDE; k++)
            out[t * PANEL_WIDE + k] = group[t * PANEL_WIDE + k] - mean[k];
    }
}

/* squares: of the deviations from the mean, their sum. */
static void mark_trial(struct marks *m, int k, double n, double squares,
                       double long_run) {
    double deviation = sqrt(fmax(0, long_run)), mean = m->mean[k];
    double hopeless = -deviation / sqrt(n) * sqrt(2 * log(log(n)));
    bool varies = odds_varies(squares, n, mean);
    m->precision[k] = varies ? sqrt(n * (n - 1) / squares) : 0;
    m->scale[k] = varies && deviation > 0 ? sqrt(n) / deviation : 0;
    m->centre[0][k] = fmax(mean, 0);
    m->centre[1][k] = mean >= hopeless ? mean : 0;
    m->centre[2][k] = mean;
}

/* count: 1 of each period. room [n * PANEL_WIDE] */
static void mark_group(struct marks *m, const double *group, int32_t n,
                       const double *count, const double *kernel,
                       double *room) {
    double sums[PANEL_ROWS * PANEL_WIDE], squares[PANEL_WIDE],
        covariance[PANEL_WIDE], long_run[PANEL_WIDE] = {0};
    panel_sums(group, count, n, sums);
    for (int k = 0; k < PANEL_WIDE; k++)
        m->mean[k] = sums[k] / n;
    centre(group, n, m->mean, room);
    lagged(room, n, 0, squares);
    for (int32_t lag = 0; lag < n; lag++) {
        if (kernel[lag] < WEIGHT_MIN)
            continue;
        lagged(room, n, lag, covariance);
        for (int k = 0; k < PANEL_WIDE; k++)
            long_run[k] += kernel[lag] * covariance[k] / n;
    }
    for (int k = 0; k < PANEL_WIDE; k++)
        mark_trial(m, k, n, squares[k], long_run[k]);
}

static struct marks *mark_all(const struct panel *p, double q) {
    size_t cells = (size_t)p->n * PANEL_WIDE;
    struct marks *marks = mem_alloc((size_t)p->groups * sizeof *marks);
    double *kernel = kernel_of(p->n, q);
    double *room = mem_alloc(cells * sizeof *room);
    double *count = mem_alloc((size_t)p->n * PANEL_ROWS * sizeof *count);
    for (int32_t i = 0; i < p->n * PANEL_ROWS; i++)
        count[i] = 1;
    for (int32_t g = 0; g < p->groups; g++)
        mark_group(&marks[g], panel_group(p, g), p->n, count, kernel, room);
    free(count);
    free(room);
    free(kernel);
    return marks;
}

/* ---- resamples ----------------------------------------------------------- */

/* Not fmax, which has to ask for NaN. */
static inline double larger(double a, double b) {
    return a > b ? a : b;
}

LANES_CLONES
static void fold(const struct marks *restrict m, const double *restrict sums,
                 double n, struct most *restrict most) {
    for (int k = 0; k < PANEL_WIDE; k++) {
        double mean = sums[k] / n, over = mean - m->mean[k];
        most->white[k] = larger(over, most->white[k]);
        most->null[k] = larger(over * m->precision[k], most->null[k]);
    }
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < PANEL_WIDE; k++) {
            double z = (sums[k] / n - m->centre[i][k]) * m->scale[k];
            most->spa[i][k] = larger(z, most->spa[i][k]);
        }
    }
}

static double largest(const double *x) {
    double most = x[0];
    for (int k = 1; k < PANEL_WIDE; k++)
        most = larger(x[k], most);
    return most;
}

/* What the trials show (white, spa), and how often resamples show more. */
struct tally {
    double white, spa;
    double above_white, above_spa[3], null;
};

static void most_init(struct most *m) {
    *m = (struct most){0};
    for (int k = 0; k < PANEL_WIDE; k++)
        m->white[k] = m->null[k] = -INFINITY;
}

static void observe(const struct panel *p, const struct marks *marks,
                    struct tally *t) {
    *t = (struct tally){.white = -INFINITY};
    for (int32_t g = 0; g < p->groups; g++) {
        for (int k = 0; k < PANEL_WIDE; k++) {
            double mean = marks[g].mean[k];
            t->white = larger(mean, t->white);
            t->spa = larger(mean * marks[g].scale[k], t->spa);
        }
    }
}

static void count_most(const struct most *m, struct tally *t) {
    t->above_white += largest(m->white) > t->white;
    t->null += largest(m->null);
    for (int i = 0; i < 3; i++)
        t->above_spa[i] += largest(m->spa[i]) > t->spa;
}

static void take_resample(const struct panel *p, const struct marks *marks,
                          const int32_t *rows, int32_t have, double *count,
                          struct tally *tally) {
    struct most most[PANEL_ROWS];
    double sums[PANEL_ROWS * PANEL_WIDE];
    panel_count(rows, p->n, have, count);
    for (int32_t r = 0; r < have; r++)
        most_init(&most[r]);
    for (int32_t g = 0; g < p->groups; g++) {
        panel_sums(panel_group(p, g), count, p->n, sums);
        for (int32_t r = 0; r < have; r++)
            fold(&marks[g], sums + r * PANEL_WIDE, p->n, &most[r]);
    }
    for (int32_t r = 0; r < have; r++)
        count_most(&most[r], tally);
}

void odds_snoop(const double *d, int32_t n, int32_t trials, const int32_t *rows,
                int32_t count, double mean_block, struct snoop *out) {
    struct panel panel;
    struct tally tally;
    panel_init(&panel, d, n, trials);
    struct marks *marks = mark_all(&panel, 1 / mean_block);
    double *held = mem_alloc((size_t)n * PANEL_ROWS * sizeof *held);
    observe(&panel, marks, &tally);
    for (int32_t b = 0; b < count; b += PANEL_ROWS) {
        int32_t have = count - b < PANEL_ROWS ? count - b : PANEL_ROWS;
        take_resample(&panel, marks, rows + (int64_t)b * n, have, held, &tally);
    }
    free(held);
    free(marks);
    panel_fini(&panel);
    out->reality_check = tally.above_white / count;
    out->null_maximum = fmax(0, tally.null / count);
    for (int i = 0; i < 3; i++)
        out->spa[i] = tally.spa > 0 ? tally.above_spa[i] / count : 1;
}

/* ---- the tests ----------------------------------------------------------- */

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
    struct snoop snoop;
    odds_snoop(d, n, trials, rows, count, 1, &snoop);
    *p = snoop.reality_check;
    return BT_OK;
}

bt_status bt_odds_spa(const double *d, int32_t n, int32_t trials,
                      const int32_t *rows, int32_t count, double mean_block,
                      double *p) {
    TRY(check("spa", n, trials, count));
    if (!(mean_block >= 1))
        return fail(BT_E_RANGE, "spa: mean_block must be >= 1, got %g",
                    mean_block);
    struct snoop snoop;
    odds_snoop(d, n, trials, rows, count, mean_block, &snoop);
    for (int i = 0; i < 3; i++)
        p[i] = snoop.spa[i];
    return BT_OK;
}
