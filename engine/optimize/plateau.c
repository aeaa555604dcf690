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
 * when those are fewer. A trial without a score counts 0. Neighbours that were
 * not run are counted, not guessed. To choose by the plateau they count as the
 * median: nothing is known of them, so a peak that stands alone is no plateau.
 */
#include "base/mem.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/odds.h"
#include "optimize/ranks.h"
#include "search/table.h"

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
    struct table at; /* levels of all parameters to the trial */
};

static double median_of(const double *score, int32_t trials) {
    double *sorted = mem_alloc((size_t)trials * sizeof *sorted);
    size_t n = 0;
    for (int32_t t = 0; t < trials; t++) {
        if (!isnan(score[t]))
            sorted[n++] = score[t];
    }
    stat_sort(sorted, n);
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

/* ---- neighbours ---------------------------------------------------------- */

/* Of a trial's levels with one of them moved. */
static uint64_t key_of(const struct plateau *p, int32_t trial, int32_t param,
                       int32_t by) {
    uint64_t key = 0;
    for (int32_t i = 0; i < p->ranks.params; i++) {
        int32_t level =
            ranks_level(&p->ranks, trial, i) + (i == param ? by : 0);
        key = table_mix(key ^ (uint64_t)(uint32_t)level);
    }
    return key >> 1; /* never UINT64_MAX */
}

static bool is_one_level_off(const struct plateau *p, int32_t a, int32_t b,
                             int32_t param, int32_t by) {
    for (int32_t i = 0; i < p->ranks.params; i++) {
        int32_t off =
            ranks_level(&p->ranks, b, i) - ranks_level(&p->ranks, a, i);
        if (off != (i == param ? by : 0))
            return false;
    }
    return true;
}

/* The trial one level away, -1 when it was not run. */
static int32_t neighbour(const struct plateau *p, int32_t trial, int32_t param,
                         int32_t by) {
    uint64_t found;
    if (!table_get(&p->at, key_of(p, trial, param, by), &found))
        return -1;
    int32_t other = (int32_t)found;
    return is_one_level_off(p, trial, other, param, by) ? other : -1;
}

struct around {
    double sum; /* of heights */
    int32_t run, missing;
};

/* Both sides of a trial along one parameter, as far as there are levels. */
static void look_along(const struct plateau *p, int32_t trial, int32_t param,
                       struct around *a) {
    int32_t level = ranks_level(&p->ranks, trial, param);
    for (int32_t by = -1; by <= 1; by += 2) {
        if (p->is_choice[param] || level + by < 0 ||
            level + by >= p->ranks.levels[param])
            continue;
        int32_t other = neighbour(p, trial, param, by);
        a->sum += other >= 0 ? height(p, other) : 0;
        a->run += other >= 0;
        a->missing += other < 0;
    }
}

static double by_steps(const struct plateau *p, double *by_param,
                       struct around *all) {
    *all = (struct around){0};
    for (int32_t i = 0; i < p->ranks.params; i++) {
        struct around along = {0};
        look_along(p, p->best, i, &along);
        by_param[i] = along.run > 0 ? along.sum / along.run : NAN;
        all->sum += along.sum;
        all->run += along.run;
        all->missing += along.missing;
    }
    return all->run > 0 ? all->sum / all->run : NAN;
}

/* ---- near trials --------------------------------------------------------- */

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

/* ---- the whole ----------------------------------------------------------- */

/* False without a trial with a score. */
static bool plateau_init(struct plateau *p, const double *x,
                         const int32_t *is_choice, const double *score,
                         int32_t trials, int32_t params) {
    *p = (struct plateau){.score = score, .is_choice = is_choice};
    p->best = find_best(score, trials);
    if (p->best < 0 || params < 1)
        return false;
    p->median = median_of(score, trials);
    ranks_init(&p->ranks, x, trials, params);
    for (int32_t t = 0; t < trials; t++)
        table_put(&p->at, key_of(p, t, -1, 0), (uint64_t)t);
    return true;
}

static void plateau_fini(struct plateau *p) {
    ranks_fini(&p->ranks);
    table_fini(&p->at);
}

bt_status bt_odds_plateau(const double *x, const int32_t *is_choice,
                          const double *score, int32_t trials, int32_t params,
                          double *by_param, int32_t *neighbours,
                          int32_t *missing, double *out) {
    struct plateau p;
    struct around all;
    if (!plateau_init(&p, x, is_choice, score, trials, params))
        return fail(BT_E_RANGE, "plateau: no trial with a score");
    *out = by_steps(&p, by_param, &all);
    *neighbours = all.run;
    *missing = all.missing;
    if (all.run == 0)
        *out = by_distances(&p, neighbours);
    plateau_fini(&p);
    return BT_OK;
}

int32_t bt_odds_plateau_choice(const double *x, const int32_t *is_choice,
                               const double *score, int32_t trials,
                               int32_t params) {
    struct plateau p;
    if (!plateau_init(&p, x, is_choice, score, trials, params))
        return find_best(score, trials);
    int32_t chosen = -1;
    double most = -1;
    for (int32_t t = 0; t < trials; t++) {
        struct around a = {.sum = height(&p, t)};
        if (isnan(score[t]))
            continue;
        for (int32_t i = 0; i < params; i++)
            look_along(&p, t, i, &a);
        /* A low trial at the border, beside a peak, is no plateau. */
        double mean = a.sum / (1 + a.run + a.missing);
        double worth = fmin(mean, height(&p, t));
        if (worth > most || (worth == most && score[t] > score[chosen])) {
            chosen = t;
            most = worth;
        }
    }
    plateau_fini(&p);
    return chosen;
}
