/* Which parameters matter, on a whole grid: the analysis of variance itself.
 *
 * Where each combination of values was tried once, the mean over all other
 * parameters is a mean of trials, so the share that a parameter explains alone
 * is exact. A forest (importance.c) would draw its samples from few cells, cut
 * the first parameter that comes and give it what belongs to both.
 */
#include "base/mem.h"
#include "optimize/importance.h"
#include "optimize/ranks.h"

#include <math.h>
#include <stdlib.h>

/* Each cell has one trial. */
static bool is_whole(const struct ranks *r) {
    double cells = 1;
    for (int32_t p = 0; p < r->params; p++)
        cells *= r->levels[p];
    if (cells != r->trials)
        return false;
    bool whole = true;
    char *met = mem_zalloc((size_t)r->trials, 1);
    for (int32_t t = 0; t < r->trials && whole; t++) {
        int32_t cell = 0;
        for (int32_t p = 0; p < r->params; p++)
            cell = cell * r->levels[p] + ranks_level(r, t, p);
        whole = !met[cell];
        met[cell] = 1;
    }
    free(met);
    return whole;
}

/* Sum of squares of the levels' means about the mean of all, by trials. */
static double between(const struct ranks *r, const double *score, int32_t p,
                      double mean) {
    double *sum = mem_zalloc((size_t)r->levels[p], sizeof *sum), squares = 0;
    int32_t each = r->trials / r->levels[p];
    for (int32_t t = 0; t < r->trials; t++)
        sum[ranks_level(r, t, p)] += score[t] - mean;
    for (int32_t i = 0; i < r->levels[p]; i++)
        squares += sum[i] / each * sum[i];
    free(sum);
    return squares;
}

bool importance_of_grid(const double *x, const double *score, int32_t trials,
                        int32_t params, double *out) {
    struct ranks r;
    double mean = 0, all = 0;
    ranks_init(&r, x, trials, params);
    bool whole = is_whole(&r);
    for (int32_t t = 0; t < trials; t++)
        mean += score[t] - score[0]; /* exactly 0 when all are alike */
    mean = score[0] + mean / trials;
    for (int32_t t = 0; t < trials; t++)
        all += (score[t] - mean) * (score[t] - mean);
    for (int32_t p = 0; p < params && whole; p++)
        out[p] = all > 0 ? between(&r, score, p, mean) / all : 0;
    ranks_fini(&r);
    return whole;
}
