/* How flat the top is: a peak without neighbours is seldom there next year.
 *
 * The score of each neighbour of the best is placed between the median of all
 * trials (0) and the best (1) and cut off there; the plateau score is their
 * mean. So it knows no unit of a parameter and none of the objective.
 *
 * A neighbour is one level away in one numeric parameter and alike in the
 * others, a level being a distinct value among the trials: on a grid, its step.
 * A search that leaves no such neighbours has near ones instead: alike in all
 * choices and within NEAR of the levels in every number, or the 2 d nearest
 * when those are fewer. A trial without a score counts 0.
 */
#include "base/mem.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/odds.h"
#include "optimize/ranks.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define NEAR 0.1

struct plateau {
    struct ranks ranks;
    const double *score;
    const int32_t *is_choice;
    int32_t best;
    double median;
};

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median_of(const double *score, int32_t trials) {
    double *sorted = mem_alloc((size_t)trials * sizeof *sorted);
    size_t n = 0;
    for (int32_t t = 0; t < trials; t++) {
        if (!isnan(score[t]))
            sorted[n++] = score[t];
    }
    qsort(sorted, n, sizeof *sorted, compare);
    double median = n > 0 ? stat_quantile(sorted, n, 0.5) : NAN;
    free(sorted);
    return median;
}

static int32_t find_best(const double *score, int32_t trials) {
    int32_t best = -1;
    for (int32_t t = 0; t < trials; t++) {
        if (!isnan(score[t]) && (best < 0 || score[t] > score[best]))
            best = t;
    }
    return best;
}

static double height(const struct plateau *p, int32_t trial) {
    double score = p->score[trial], top = p->score[p->best] - p->median;
    if (isnan(score))
        return 0;
    /* All alike: nothing is flatter. */
    return top > 0 ? fmin(1, fmax(0, (score - p->median) / top)) : 1;
}

/* The parameter in which a trial is one level from the best, -1: not a
 * neighbour. */
static int32_t step_of(const struct plateau *p, int32_t trial) {
    int32_t in = -1;
    for (int32_t i = 0; i < p->ranks.params; i++) {
        int32_t off = ranks_level(&p->ranks, trial, i) -
                      ranks_level(&p->ranks, p->best, i);
        if (off == 0)
            continue;
        if (in >= 0 || p->is_choice[i] || abs(off) > 1)
            return -1;
        in = i;
    }
    return in;
}

static double by_steps(const struct plateau *p, double *by_param,
                       int32_t *neighbours) {
    int32_t params = p->ranks.params;
    double *count = mem_zalloc((size_t)params, sizeof *count), sum = 0, all = 0;
    for (int32_t i = 0; i < params; i++)
        by_param[i] = 0;
    for (int32_t t = 0; t < p->ranks.trials; t++) {
        int32_t in = step_of(p, t);
        if (in < 0)
            continue;
        double h = height(p, t);
        by_param[in] += h;
        count[in] += 1;
        sum += h;
        all += 1;
    }
    for (int32_t i = 0; i < params; i++)
        by_param[i] = count[i] > 0 ? by_param[i] / count[i] : NAN;
    free(count);
    *neighbours = (int32_t)all;
    return all > 0 ? sum / all : NAN;
}

struct near {
    double distance;
    int32_t trial;
};

static int by_distance(const void *a, const void *b) {
    const struct near *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return (x->trial > y->trial) - (x->trial < y->trial);
}

/* Largest share of the levels between a trial and the best; infinite when they
 * differ in a choice. */
static double distance(const struct plateau *p, int32_t trial) {
    double most = 0;
    for (int32_t i = 0; i < p->ranks.params; i++) {
        int32_t off = abs(ranks_level(&p->ranks, trial, i) -
                          ranks_level(&p->ranks, p->best, i));
        if (off > 0 && p->is_choice[i])
            return INFINITY;
        most = fmax(most, (double)off / p->ranks.levels[i]);
    }
    return most;
}

static double by_distances(const struct plateau *p, int32_t *neighbours) {
    int32_t trials = p->ranks.trials, count = 0;
    struct near *list = mem_alloc((size_t)trials * sizeof *list);
    for (int32_t t = 0; t < trials; t++) {
        double d = distance(p, t);
        if (t != p->best && d > 0 && isfinite(d))
            list[count++] = (struct near){d, t};
    }
    qsort(list, (size_t)count, sizeof *list, by_distance);
    double sum = 0;
    int32_t n = 0;
    while (n < count && (n < 2 * p->ranks.params || list[n].distance <= NEAR))
        sum += height(p, list[n++].trial);
    free(list);
    *neighbours = n;
    return n > 0 ? sum / n : NAN;
}

bt_status bt_odds_plateau(const double *x, const int32_t *is_choice,
                          const double *score, int32_t trials, int32_t params,
                          double *by_param, int32_t *neighbours, double *out) {
    struct plateau p = {.score = score, .is_choice = is_choice};
    p.best = find_best(score, trials);
    if (p.best < 0 || params < 1)
        return fail(BT_E_RANGE, "plateau: no trial with a score");
    p.median = median_of(score, trials);
    ranks_init(&p.ranks, x, trials, params);
    *out = by_steps(&p, by_param, neighbours);
    if (*neighbours == 0)
        *out = by_distances(&p, neighbours);
    ranks_fini(&p.ranks);
    return BT_OK;
}
