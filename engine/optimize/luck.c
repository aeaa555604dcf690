/* Is the best of a study luck? All statistics of its trials at once.
 *
 * The verdict rests on two: the deflated Sharpe ratio asks whether the best is
 * better than the best of as many trials without skill would be, the
 * probability of overfitting whether choosing the best of one half helps in the
 * other. The rest is beside it for whoever wants to know why.
 *
 * Deflation asks what the best of trials without skill shows. Two inputs of
 * Bailey and Lopez de Prado's formula are taken so that it does. The variance
 * of the trials' Sharpe ratios is the one under no skill, 1 / (n - 1): what the
 * trials found differs by skill as well, and that must not count against them.
 * The number of independent trials is the one whose expected maximum is the
 * mean maximum that resamples of the centred returns show: a mean correlation
 * cannot tell a grid, where only neighbours are alike, from trials that have
 * nothing in common. Trials of other studies (the ledger) count in proportion.
 *
 * Cost: O(resamples * trials), small against that of the backtests; what
 * depends on the periods was reckoned when each trial came (cohort.c).
 */
#include "base/mem.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/cohort.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RESAMPLES = 1000 };

/* ---- deflation ----------------------------------------------------------- */

/* How many independent trials have this expected maximum. */
static double trials_of_maximum(double maximum) {
    double low = 2, high = 1e15, two = bt_odds_expected_max(low);
    if (!(maximum > two))
        return fmax(1, 1 + maximum / two);
    while (high / low > 1 + 1e-12) {
        double middle = sqrt(low * high);
        *(bt_odds_expected_max(middle) < maximum ? &low : &high) = middle;
    }
    return low;
}

/* worth: of the matrix's trials, independent ones. */
static void deflate(const bt_moments *m, double worth, double annual,
                    bt_luck *out) {
    double n = out->periods, variance = 1 / (n - 1);
    worth = fmin(worth, out->trials);
    out->effective = worth / out->trials * out->tried;
    out->psr = bt_odds_psr(m->sharpe, 0, n, m->skew, m->kurt);
    out->dsr =
        bt_odds_dsr(m->sharpe, variance, out->effective, n, m->skew, m->kurt);
    out->dsr_all =
        bt_odds_dsr(m->sharpe, variance, out->tried, n, m->skew, m->kurt);
    out->expected_best =
        sqrt(variance) * annual * bt_odds_expected_max(out->effective);
    out->min_track_record =
        bt_odds_min_track_record(m->sharpe, 0, BT_LUCK_DSR, m->skew, m->kurt);
    out->min_backtest = out->sharpe > 0
                            ? bt_odds_min_backtest(out->effective, out->sharpe)
                            : INFINITY;
}

static double correlation_of(const bt_cohort *c) {
    double k = c->trials, rho = alike_effective(&c->alike);
    return k > 1 ? fmin(1, fmax(0, (k - rho) / (k - 1))) : 0;
}

static void overfit(const bt_cohort *c, bt_luck *out) {
    out->blocks = c->trials > 1 ? c->blocks : 0;
    out->pbo = (bt_pbo){NAN, NAN, NAN, NAN, NAN, 0};
    if (out->blocks > 0)
        cscv_judge(c->block, c->periods, c->trials, c->blocks, NULL, &out->pbo);
}

/* ---- resamples ----------------------------------------------------------- */

static bt_status interval(const double *x, int32_t n, const int32_t *rows,
                          double annual, bt_luck *out) {
    double *sharpe = mem_alloc(RESAMPLES * sizeof *sharpe);
    bt_status status =
        bt_bootstrap_stat(x, n, rows, RESAMPLES, BT_STAT_SHARPE, sharpe);
    if (status == BT_OK) {
        stat_sort(sharpe, RESAMPLES);
        out->sharpe_low = annual * stat_quantile(sharpe, RESAMPLES, 0.025);
        out->sharpe_high = annual * stat_quantile(sharpe, RESAMPLES, 0.975);
    }
    free(sharpe);
    return status;
}

/* x [trials * n], resampled by rows in blocks of a mean length. maximum: of the
 * centred trials' Sharpe ratios, in standard errors. */
static void snoop(const double *x, int32_t n, const int32_t *rows, double block,
                  bt_luck *out, double *maximum) {
    struct snoop said;
    odds_snoop(x, n, out->trials, rows, RESAMPLES, block, &said);
    out->reality_check = said.reality_check;
    memcpy(out->spa, said.spa, sizeof out->spa);
    *maximum = said.null_maximum;
}

/* maximum: as of snoop. */
static bt_status resample(const bt_cohort *c, int32_t best, double annual,
                          uint64_t seed, bt_luck *out, double *maximum) {
    int32_t n = c->sums;
    const double *chosen = c->sum + (int64_t)best * n;
    int32_t *rows = mem_alloc((size_t)RESAMPLES * (size_t)n * sizeof *rows);
    double block = bt_bootstrap_block(chosen, n);
    bt_status status = bt_bootstrap_rows(n, RESAMPLES, block, seed, rows);
    if (status == BT_OK)
        status = interval(chosen, n, rows, annual / sqrt(c->merged), out);
    if (status == BT_OK)
        snoop(c->sum, n, rows, block, out, maximum);
    free(rows);
    return status;
}

/* ---- the verdict --------------------------------------------------------- */

/* One trial has no pbo; NaN decides nothing. */
static int32_t judge(const bt_luck *l) {
    if (isnan(l->dsr))
        return BT_LUCK_UNKNOWN;
    return l->dsr < BT_LUCK_DSR || l->pbo.pbo > BT_LUCK_PBO ? BT_LUCK_YES
                                                            : BT_LUCK_NO;
}

bt_status cohort_luck(const bt_cohort *c, int32_t best, const double *returns,
                      double tried, double periods_per_year, uint64_t seed,
                      bt_luck *out) {
    if (!(periods_per_year > 0))
        return fail(BT_E_RANGE, "luck: periods a year must be above 0, got %g",
                    periods_per_year);
    bt_luck luck = {.periods = c->periods,
                    .trials = c->trials,
                    .merged = c->merged,
                    .resamples = RESAMPLES};
    bt_moments m;
    double annual = sqrt(periods_per_year), maximum;
    bt_moments_of(returns, c->periods, &m);
    luck.tried = fmax(c->trials, tried);
    luck.sharpe = m.sharpe * annual;
    luck.skew = m.skew;
    luck.kurt = m.kurt;
    luck.correlation = correlation_of(c);
    overfit(c, &luck);
    TRY(resample(c, best, annual, seed, &luck, &maximum));
    deflate(&m, trials_of_maximum(maximum), annual, &luck);
    luck.verdict = judge(&luck);
    *out = luck;
    return BT_OK;
}

bt_status bt_odds_luck(const double *returns, int32_t periods, int32_t trials,
                       int32_t best, double tried, double periods_per_year,
                       uint64_t seed, bt_luck *out) {
    if (periods < 2 || trials < 1 || best < 0 || best >= trials)
        return fail(BT_E_RANGE,
                    "luck: needs 2 periods and 1 trial at least and the best "
                    "among them, got %d, %d, best %d",
                    periods, trials, best);
    bt_cohort *c = bt_cohort_new(trials, INFINITY, 0);
    for (int32_t k = 0; k < trials; k++)
        cohort_add(c, k, returns + (int64_t)k * periods, periods, 8);
    bt_status status = cohort_luck(c, best, returns + (int64_t)best * periods,
                                   tried, periods_per_year, seed, out);
    bt_cohort_free(c);
    return status;
}
