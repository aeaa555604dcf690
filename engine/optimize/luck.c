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
 * Cost: O(periods * trials), small against that of the backtests. There are no
 * more halves than periods, and for the resamples consecutive periods are
 * merged (summed) until RESAMPLES of them come to that order; both depend on
 * counts alone, so that the same study gives the same digits.
 */
#include "base/mem.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CELLS_MIN 2e7   /* resamples * merged periods * trials */
#define CELLS_A_CELL 40 /* the same for each period of a trial */
enum {
    RESAMPLES = 1000,
    BLOCKS_MAX = 16,
    BLOCK_PERIODS = 4,
    HALVES_MIN = 252, /* C(10, 5) */
    MERGED_MIN = 60
};

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

static double correlation_of(const double *returns, int32_t periods,
                             int32_t k) {
    double rho = bt_odds_effective_trials(returns, periods, k);
    return k > 1 ? fmin(1, fmax(0, (k - rho) / (k - 1))) : 0;
}

/* ---- overfitting --------------------------------------------------------- */

static double halves_of(int32_t blocks) {
    double halves = 1;
    for (int32_t i = 1; i <= blocks / 2; i++)
        halves = halves * (blocks - i + 1) / i;
    return halves;
}

/* 0: too few periods or trials. */
static int32_t choose_blocks(int32_t periods, int32_t trials) {
    int32_t blocks = BLOCKS_MAX;
    while (blocks > 4 && (halves_of(blocks) > fmax(HALVES_MIN, periods) ||
                          periods / blocks < BLOCK_PERIODS))
        blocks -= 2;
    return trials > 1 && periods / blocks >= BLOCK_PERIODS ? blocks : 0;
}

static bt_status overfit(const double *returns, bt_luck *out) {
    out->blocks = choose_blocks(out->periods, out->trials);
    out->pbo = (bt_pbo){NAN, NAN, NAN, NAN, NAN, 0};
    if (out->blocks == 0)
        return BT_OK;
    return bt_odds_pbo(returns, out->periods, out->trials, out->blocks, NULL,
                       &out->pbo);
}

/* ---- resamples ----------------------------------------------------------- */

static int32_t choose_merging(int32_t periods, int32_t trials) {
    double all = (double)periods * trials;
    double cells = fmax(CELLS_MIN, CELLS_A_CELL * all);
    double merged =
        fmin(ceil(RESAMPLES * all / cells), (double)periods / MERGED_MIN);
    return merged > 1 ? (int32_t)merged : 1;
}

/* Sums of `merged` periods each; what is left over at the start is dropped. */
static double *merge(const double *returns, int32_t periods, int32_t trials,
                     int32_t merged) {
    int32_t n = periods / merged, dropped = periods % merged;
    double *out = mem_alloc((size_t)n * (size_t)trials * sizeof *out);
    for (int32_t k = 0; k < trials; k++) {
        const double *x = returns + (int64_t)k * periods + dropped;
        for (int32_t i = 0; i < n; i++, x += merged)
            out[(int64_t)k * n + i] = odds_sum(x, merged);
    }
    return out;
}

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
static bt_status resample(const double *returns, int32_t best, double annual,
                          uint64_t seed, bt_luck *out, double *maximum) {
    out->merged = choose_merging(out->periods, out->trials);
    out->resamples = RESAMPLES;
    int32_t n = out->periods / out->merged;
    double *x = merge(returns, out->periods, out->trials, out->merged);
    const double *chosen = x + (int64_t)best * n;
    int32_t *rows = mem_alloc((size_t)RESAMPLES * (size_t)n * sizeof *rows);
    double block = bt_bootstrap_block(chosen, n);
    bt_status status = bt_bootstrap_rows(n, RESAMPLES, block, seed, rows);
    if (status == BT_OK)
        status = interval(chosen, n, rows, annual / sqrt(out->merged), out);
    if (status == BT_OK)
        snoop(x, n, rows, block, out, maximum);
    free(rows);
    free(x);
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

bt_status bt_odds_luck(const double *returns, int32_t periods, int32_t trials,
                       int32_t best, double tried, double periods_per_year,
                       uint64_t seed, bt_luck *out) {
    if (periods < 2 || trials < 1 || best < 0 || best >= trials)
        return fail(BT_E_RANGE,
                    "luck: needs 2 periods and 1 trial at least and the best "
                    "among them, got %d, %d, best %d",
                    periods, trials, best);
    if (!(periods_per_year > 0))
        return fail(BT_E_RANGE, "luck: periods a year must be above 0, got %g",
                    periods_per_year);
    bt_luck luck = {.periods = periods, .trials = trials};
    bt_moments m;
    double annual = sqrt(periods_per_year), maximum;
    bt_moments_of(returns + (int64_t)best * periods, periods, &m);
    luck.tried = fmax(trials, tried);
    luck.sharpe = m.sharpe * annual;
    luck.skew = m.skew;
    luck.kurt = m.kurt;
    luck.correlation = correlation_of(returns, periods, trials);
    TRY(overfit(returns, &luck));
    TRY(resample(returns, best, annual, seed, &luck, &maximum));
    deflate(&m, trials_of_maximum(maximum), annual, &luck);
    luck.verdict = judge(&luck);
    *out = luck;
    return BT_OK;
}
