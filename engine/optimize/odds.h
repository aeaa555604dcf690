/* Is the best real? Statistics of many trials; the public side is in backlua.h.
 * SR here is mean / sd (ddof 1) per period, never annualised; kurtosis is raw.
 */
#ifndef BT_OPTIMIZE_ODDS_H
#define BT_OPTIMIZE_ODDS_H

#include "backlua.h"

#include <stdbool.h>

/* Whether a series of n values does, by its mean and the sum of its squared
 * deviations: those of a constant are the rounding of its mean. */
static inline bool odds_varies(double squares, double n, double mean) {
    return squares > 1e-24 * n * mean * mean;
}
/* Sum of x[0..n-1], lane by lane. */
double odds_sum(const double *x, int32_t n);

/* How alike trials are: the sum of their returns, each trial's centred and
 * scaled to unit length. */
struct alike {
    double *sum; /* [periods] */
    int32_t periods, trials;
    double alive; /* trials with variance */
};
void alike_init(struct alike *a, int32_t periods);
void alike_fini(struct alike *a);
void alike_add(struct alike *a, const double *x); /* [periods] */
/* bt_odds_effective_trials of those that were added. */
double alike_effective(const struct alike *a);

/* Ways to choose half of the blocks; an even number of them. */
double odds_halves(int32_t blocks);
/* Sums of the blocks of x [periods], then their sums of squares,
 * out [2 * blocks]. */
void cscv_row(const double *x, int32_t periods, int32_t blocks, double *out);
/* bt_odds_pbo from those of each trial, rows [trials * 2 * blocks]. */
void cscv_judge(const double *rows, int32_t periods, int32_t trials,
                int32_t blocks, double *logits, bt_pbo *out);

/* What the same resamples of trials say. */
struct snoop {
    double reality_check, spa[3]; /* p-values of White and Hansen */
    /* Mean over index rows of the largest (mean of the row - mean) / standard
     * error: what the best of these trials shows when none has skill. Trials
     * without variance are left out; at least 0. */
    double null_maximum;
};

/* d [trials * n], n >= 2; rows [count * n], count >= 1; mean_block of them. */
void odds_snoop(const double *d, int32_t n, int32_t trials, const int32_t *rows,
                int32_t count, double mean_block, struct snoop *out);

#endif
