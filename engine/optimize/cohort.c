/* What the odds of luck need of the returns of many trials, taken once.
 *
 * Returns are many and wanted for little: sums of merged periods, which are
 * resampled; sums of blocks, which make the halves of a cross-validation; and
 * the trial's share in how alike all of them are. So each trial is read once,
 * as it comes, by whoever has it: the loop beside its workers, so that nobody
 * waits when a search has ended, or a reader of the study. Its returns are not
 * needed again, and a trial takes a few KiB.
 *
 * How many periods are merged, and how many blocks there are, follows from the
 * number of periods alone, so that the same study gives the same digits whoever
 * read it. Merging leaves SUMS_LEAST sums or up to twice as many.
 *
 * Invariant: row k is of trial number[k]; numbers ascend, because what trials
 * have in common is added up in their order. Cost: O(periods) a trial, all of
 * it within the cache.
 */
#include "optimize/cohort.h"

#include "base/mem.h"
#include "store/study.h"

#include <math.h>
#include <stdlib.h>

enum {
    SUMS_LEAST = 252,
    BLOCKS_MOST = 16,
    BLOCK_PERIODS = 4,
    HALVES_MIN = 252 /* C(10, 5) */
};

/* ---- shape --------------------------------------------------------------- */

/* No more halves than periods; 0: too few periods. */
static int32_t choose_blocks(int32_t periods) {
    int32_t blocks = BLOCKS_MOST;
    while (blocks > 4 && (odds_halves(blocks) > fmax(HALVES_MIN, periods) ||
                          periods / blocks < BLOCK_PERIODS))
        blocks -= 2;
    return periods / blocks >= BLOCK_PERIODS ? blocks : 0;
}

static void take_shape(bt_cohort *c, int32_t periods) {
    c->periods = periods;
    c->merged = periods < SUMS_LEAST ? 1 : periods / SUMS_LEAST;
    c->sums = periods / c->merged;
    c->blocks = choose_blocks(periods);
    c->row = mem_alloc((size_t)periods * sizeof *c->row);
    alike_init(&c->alike, periods);
}

/* ---- life ---------------------------------------------------------------- */

bt_cohort *bt_cohort_new(int32_t most_trials, double most_values, double less) {
    bt_cohort *c = mem_zalloc(1, sizeof *c);
    c->most_trials = most_trials;
    c->most_values = most_values;
    c->less = less;
    return c;
}

/* Its trials leave. */
void cohort_clear(struct bt_cohort *c) {
    if (c->periods > 0)
        alike_fini(&c->alike);
    free(c->row);
    free(c->number);
    free(c->sum);
    free(c->block);
    *c = (bt_cohort){.most_trials = c->most_trials,
                     .most_values = c->most_values,
                     .less = c->less};
}

void bt_cohort_free(bt_cohort *c) {
    if (c)
        cohort_clear(c);
    free(c);
}

/* ---- a trial ------------------------------------------------------------- */

/* Trials of that many periods that it takes. */
int32_t cohort_room(const bt_cohort *c, int32_t periods) {
    double room = fmin(c->most_trials, floor(c->most_values / periods));
    return room < 2 ? 2 : (int32_t)room;
}

static bool fits(const bt_cohort *c, int32_t number, int32_t periods) {
    return c->trials == 0 ||
           (c->periods == periods && number > c->number[c->trials - 1] &&
            c->trials < cohort_room(c, periods));
}

/* Sums of `merged` periods each; what is left over at the start is dropped. */
static void merge(const bt_cohort *c, double *out) {
    const double *x = c->row + c->periods % c->merged;
    for (int32_t i = 0; i < c->sums; i++, x += c->merged)
        out[i] = odds_sum(x, c->merged);
}

/* Row k of values that lie together. */
static double *make_room(double **at, size_t *cap, size_t k, int32_t width) {
    *at = mem_grow(*at, k, cap, (size_t)width * sizeof **at);
    return *at + k * (size_t)width;
}

void cohort_add(bt_cohort *c, int32_t number, const void *data, int32_t periods,
                int32_t width) {
    if (c->over)
        return;
    if (!fits(c, number, periods)) {
        cohort_clear(c);
        c->over = true;
        return;
    }
    if (c->trials == 0)
        take_shape(c, periods);
    size_t k = (size_t)c->trials;
    study_widen(data, width, periods, c->row);
    for (int32_t i = 0; c->less != 0 && i < periods; i++)
        c->row[i] -= c->less;
    alike_add(&c->alike, c->row);
    merge(c, make_room(&c->sum, &c->sum_cap, k, c->sums));
    if (c->blocks > 0)
        cscv_row(c->row, periods, c->blocks,
                 make_room(&c->block, &c->block_cap, k, 2 * c->blocks));
    c->number = mem_grow(c->number, k, &c->number_cap, sizeof *c->number);
    c->number[c->trials++] = number;
}
