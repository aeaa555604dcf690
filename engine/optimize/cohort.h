/* What the odds need of the trials of one study. See cohort.c. */
#ifndef BT_OPTIMIZE_COHORT_H
#define BT_OPTIMIZE_COHORT_H

#include "optimize/odds.h"

#include <stddef.h>

struct bt_cohort {
    int32_t most_trials;
    double most_values; /* returns of all trials */
    double less;        /* taken off every return */
    bool over;          /* something did not fit: it holds nothing any more */

    /* Of the first trial's length. */
    int32_t periods;
    int32_t merged, sums; /* periods of a sum; sums of a trial */
    int32_t blocks;       /* for the halves; 0: too few periods */
    struct alike alike;
    double *row; /* [periods] */

    int32_t trials;
    int32_t *number; /* [trials], ascending */
    double *sum;     /* [trials * sums] */
    double *block;   /* [trials * 2 * blocks], of cscv_row */
    size_t number_cap, sum_cap, block_cap;
};

/* Trials of that many periods that it takes. */
int32_t cohort_room(const bt_cohort *c, int32_t periods);
/* As when it was new. */
void cohort_clear(bt_cohort *c);
/* The next trial's returns, values of width 4 or 8. Of another length than
 * those before, by a number that is not above theirs, or too many: the cohort
 * is over. */
void cohort_add(bt_cohort *c, int32_t number, const void *data, int32_t periods,
                int32_t width);
/* best: its place in the cohort; returns [periods]: its own, `less` taken off.
 * Otherwise as bt_odds_luck. */
bt_status cohort_luck(const bt_cohort *c, int32_t best, const double *returns,
                      double tried, double periods_per_year, uint64_t seed,
                      bt_luck *out);

#endif
