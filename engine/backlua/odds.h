/* Is the best of many trials real? Conventions: backlua.h. */
#ifndef BACKLUA_ODDS_H
#define BACKLUA_ODDS_H

#include "backlua/statistics.h"

/* ---- odds: is the best of many trials real? ------------------------------ */

/* Sharpe ratios (sharpe, benchmark) are mean / sd (ddof 1) per period, never
 * annualised; n counts periods; skew and kurt are population moments, kurt raw
 * (3 for a normal). A matrix of returns holds trial k at
 * returns[k * periods]. */

typedef struct bt_moments {
    double mean, sd;   /* sd with ddof 1; NaN for n < 2 */
    double skew, kurt; /* m3 / m2^1.5, m4 / m2^2; NaN without variance */
    double sharpe;     /* mean / sd, 0 without variance */
} bt_moments;
/* Moments of x [n], population moments but for sd.
 * source Joanes, Gill 1998, The Statistician 47(1), g1 and g2 + 3 */
void bt_moments_of(const double *x, int32_t n, bt_moments *out);

/* Standard error of a Sharpe ratio over n periods.
 * source Bailey, Lopez de Prado 2012, J. of Risk 15(2) */
double bt_odds_sharpe_error(double sharpe, double n, double skew, double kurt);
/* Probability that the true Sharpe ratio exceeds benchmark.
 * source Bailey, Lopez de Prado 2012, J. of Risk 15(2) */
double bt_odds_psr(double sharpe, double benchmark, double n, double skew,
                   double kurt);
/* Expected maximum of trials independent standard normals; trials may be
 * fractional; 0 for trials <= 1.
 * source Bailey, Lopez de Prado 2014, J. Portfolio Management 40(5) */
double bt_odds_expected_max(double trials);
/* Deflated Sharpe ratio: bt_odds_psr against sqrt(variance) * expected maximum;
 * variance (ddof 1) of the Sharpe ratios of all trials. source as above */
double bt_odds_dsr(double sharpe, double variance, double trials, double n,
                   double skew, double kurt);
/* Periods after which sharpe exceeds benchmark with confidence; infinite when
 * sharpe <= benchmark. source Bailey, Lopez de Prado 2012 */
double bt_odds_min_track_record(double sharpe, double benchmark,
                                double confidence, double skew, double kurt);
/* Years below which so many trials show annual_sharpe by luck alone.
 * source Bailey et al. 2014, Notices of the AMS 61(5) */
double bt_odds_min_backtest(double trials, double annual_sharpe);
/* Effective number of independent trials, rho + (1 - rho) * trials, rho the
 * mean pairwise correlation of their returns [trials][periods] (0 where a
 * trial has no variance).
 * source Bailey, Lopez de Prado 2014, J. Portfolio Management 40(5), appendix
 * 3 */
double bt_odds_effective_trials(const double *returns, int32_t periods,
                                int32_t trials);

typedef struct bt_pbo {
    double pbo;  /* share of logits <= 0 */
    double loss; /* share of halves whose pick lost out of sample */
    double slope, intercept,
        r2;         /* out-of-sample on in-sample Sharpe of picks */
    int32_t halves; /* C(blocks, blocks / 2) */
} bt_pbo;
/* Probability of backtest overfitting by combinatorially symmetric
 * cross-validation. blocks: even, 2..20; the first periods % blocks rows are
 * dropped. logits: [C(blocks, blocks/2)] or NULL.
 * errors BT_E_RANGE blocks odd or more than periods; fewer than 2 trials
 * source Bailey, Borwein, Lopez de Prado, Zhu 2016, J. Computational Finance */
bt_status bt_odds_pbo(const double *returns, int32_t periods, int32_t trials,
                      int32_t blocks, double *logits, bt_pbo *out);

/* Index rows of the stationary bootstrap: rows [count * n], 0-based, each a
 * circular walk that restarts with probability 1 / mean_block.
 * errors BT_E_RANGE n < 1, mean_block < 1
 * source Politis, Romano 1994, JASA 89 */
bt_status bt_bootstrap_rows(int32_t n, int32_t count, double mean_block,
                            uint64_t seed, int32_t *rows);
/* Index rows that are random orders of 0 .. n-1: rows [count * n].
 * errors BT_E_RANGE n < 1
 * source Fisher, Yates 1938 */
bt_status bt_permutation_rows(int32_t n, int32_t count, uint64_t seed,
                              int32_t *rows);
/* Block length of the stationary bootstrap chosen from the data, x [n].
 * source Politis, White 2004; Patton, Politis, White 2009, Econometric
 * Reviews */
double bt_bootstrap_block(const double *x, int32_t n);
enum {
    BT_STAT_SHARPE = 0,
    BT_STAT_RETURN = 1,
    BT_STAT_DRAWDOWN = 2,
    BT_STAT_WIN_RATE = 3
};
/* Statistics of each resample of x [n], out [count]: Sharpe ratio per period,
 * total compounded return, maximum drawdown (<= 0, start included), share of
 * values above 0.
 * errors BT_E_RANGE stat
 * source Efron 1979, Annals of Statistics 7(1) */
bt_status bt_bootstrap_stat(const double *x, int32_t n, const int32_t *rows,
                            int32_t count, int32_t stat, double *out);

/* Quantiles of x [n] at probabilities p [count], out [count], linear between
 * order statistics; all NaN when one of x is.
 * errors BT_E_RANGE n < 1, a probability outside 0..1
 * source Hyndman, Fan 1996, American Statistician 50(4), type 7 */
bt_status bt_quantiles(const double *x, int32_t n, const double *p,
                       int32_t count, double *out);

/* White's reality check: p-value of the best mean of d [trials * n] (returns
 * minus the benchmark's). errors BT_E_RANGE n < 2, trials or count < 1
 * source White 2000, Econometrica 68(5) */
bt_status bt_odds_reality_check(const double *d, int32_t n, int32_t trials,
                                const int32_t *rows, int32_t count, double *p);
/* Hansen's superior predictive ability, studentised with the stationary
 * bootstrap's long-run variance: p [3] = lower, consistent, upper; 1 when no
 * mean is above 0.
 * errors BT_E_RANGE n < 2, trials or count < 1, mean_block < 1
 * source Hansen 2005, J. Business and Economic Statistics 23(4) */
bt_status bt_odds_spa(const double *d, int32_t n, int32_t trials,
                      const int32_t *rows, int32_t count, double mean_block,
                      double *p);

/* What all of the above says of the best of many trials. */
enum { BT_LUCK_UNKNOWN = 0, BT_LUCK_NO = 1, BT_LUCK_YES = 2 };
#define BT_LUCK_DSR 0.95
#define BT_LUCK_PBO 0.2
typedef struct bt_luck {
    int32_t verdict;         /* BT_LUCK_YES: dsr < 0.95 or pbo > 0.2 */
    int32_t periods, trials; /* of the matrix */
    double tried;            /* trials counted, those of the matrix or more */
    double effective;        /* how many independent ones they are worth */
    double correlation;      /* mean pairwise, of the matrix; at least 0 */
    double sharpe;           /* annual, of the best */
    double sharpe_low, sharpe_high; /* its 95 % interval by resampling */
    double skew, kurt;              /* of the best's returns, kurt raw */
    double psr;              /* probability that its Sharpe ratio is > 0 */
    double dsr, dsr_all;     /* deflated by `effective`; by all of `tried` */
    double expected_best;    /* annual Sharpe ratio that luck alone shows */
    double min_track_record; /* periods until sharpe > 0 with 95 % */
    double min_backtest;     /* years below which luck shows this much */
    bt_pbo pbo;              /* NaN with a single trial or few periods */
    int32_t blocks;          /* of pbo, 0: none */
    double reality_check;    /* p-value */
    double spa[3];           /* p-values: lower, consistent, upper */
    int32_t merged;          /* periods merged to one for these two */
    int32_t resamples;
} bt_luck;
/* returns [trials * periods] in excess of the risk-free rate; best: the trial
 * chosen; tried: trials ever run on this data, fewer than `trials` count as
 * them; seed: of the resamples. Deflation is that of Bailey and Lopez de Prado
 * with the variance of trials without skill, 1 / (periods - 1), and as many
 * independent trials as have the expected maximum that resamples of the centred
 * returns show, tried / trials times.
 * cost O(periods * trials): blocks, and periods merged to one, follow from the
 *      number of periods
 * errors BT_E_RANGE fewer than 1 trial or 2 periods, best outside, periods a
 *        year <= 0
 * source as of the single functions */
bt_status bt_odds_luck(const double *returns, int32_t periods, int32_t trials,
                       int32_t best, double tried, double periods_per_year,
                       uint64_t seed, bt_luck *out);

/* How flat the top is, 0 (a spike) .. 1: mean height of the best's neighbours
 * between the median and the best. x [trials * params] finite, no two alike,
 * choices as any numbers; score larger is better, NaN without one. by_param
 * [params] NaN where no neighbour one level away was run. missing: neighbours
 * one level away, within the levels there are, that were not run.
 * errors BT_E_RANGE no trial with a score
 * source our own: a rank between two medians */
bt_status bt_odds_plateau(const double *x, const int32_t *is_choice,
                          const double *score, int32_t trials, int32_t params,
                          double *by_param, int32_t *neighbours,
                          int32_t *missing, double *out);
/* The trial on the highest plateau: largest mean height of itself and its
 * neighbours one level away, but no more than its own; neighbours that were not
 * run count as the median. Ties: the higher score, then the first. -1 when none
 * has a score.
 * cost O(trials * params^2)
 * source our own, as above */
int32_t bt_odds_plateau_choice(const double *x, const int32_t *is_choice,
                               const double *score, int32_t trials,
                               int32_t params);
/* Share of the score's variance that each parameter explains alone, out
 * [params]; 1 minus their sum is due to them together, or noise. Exact where
 * the trials are a whole grid, else by a forest, and all 0 where that guesses
 * trials it does not know no better than their mean does.
 * source Hutter, Hoos, Leyton-Brown 2014, ICML (functional ANOVA)
 * errors BT_E_RANGE no trials, no parameters */
bt_status bt_odds_importance(const double *x, const int32_t *is_choice,
                             const double *score, int32_t trials,
                             int32_t params, uint64_t seed, double *out);

/* Add a search's trials with a score to the ledger of a bundle (SHA-256, name);
 * identity: the search's, 64 hex digits, which counts once. A folder that
 * cannot be written is warned of. */
void bt_ledger_add(const char *sha256, const char *name, const char *identity,
                   double trials);
/* Trials in the ledger on a bundle of this content or this name; 0: none. */
double bt_ledger_count(const char *sha256, const char *name);

#endif
