/* Parameters by rank: distinct values in order, 0 for the smallest.
 *
 * A grid's levels are its steps; of a random search they are close to where the
 * prior puts the value. O(params * trials * log trials).
 */
#include "optimize/ranks.h"

#include "base/mem.h"

#include <stdlib.h>

struct cell {
    double value;
    int32_t trial;
};

static int compare(const void *a, const void *b) {
    const struct cell *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static void rank_param(struct ranks *r, const double *x, int32_t p,
                       struct cell *cells) {
    int32_t level = 0;
    for (int32_t t = 0; t < r->trials; t++)
        cells[t] = (struct cell){x[(int64_t)t * r->params + p], t};
    qsort(cells, (size_t)r->trials, sizeof *cells, compare);
    for (int32_t i = 0; i < r->trials; i++) {
        level += i > 0 && cells[i].value != cells[i - 1].value;
        r->level[(int64_t)cells[i].trial * r->params + p] = level;
    }
    r->levels[p] = level + 1;
}

void ranks_init(struct ranks *r, const double *x, int32_t trials,
                int32_t params) {
    size_t cells = (size_t)trials * (size_t)params;
    r->trials = trials;
    r->params = params;
    r->level = mem_zalloc(cells, sizeof *r->level);
    r->levels = mem_zalloc((size_t)params, sizeof *r->levels);
    struct cell *sorted = mem_alloc((size_t)trials * sizeof *sorted);
    for (int32_t p = 0; p < params; p++)
        rank_param(r, x, p, sorted);
    free(sorted);
}

void ranks_fini(struct ranks *r) {
    free(r->level);
    free(r->levels);
}
