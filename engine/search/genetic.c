/* A genetic algorithm: select, cross, mutate.
 *
 * Generations are stretches of the table of trials: the first `population`
 * rows, then population - elite rows each. A child of one has its parents among
 * the scored trials of the generation before and the best `elite` of all, which
 * are carried over and never run again. Trials that still run are no parents
 * yet, so a batch may reach over the end of a generation; what is asked remains
 * a function of the table. Trials that do not count (pruned, violated) are
 * worse parents than any that do; those without a number are none.
 *
 * selection   tournament: the best of a few drawn at random; roulette: in
 *             proportion to the score above the worst, plus an equal share,
 *             which is all that those that do not count have;
 *             rank: in proportion to the rank, 1 for the worst
 * crossover   numbers: BLX-0.5, uniform between the parents and half their
 *             distance beyond (Eshelman, Schaffer 1993), of the logarithm on a
 *             log axis; choices: either parent's
 * mutation    of each gene on its own: Gaussian, a tenth of the range, steps at
 *             least one; another choice
 *
 * When the parents' mean spread falls below `diversity`, every other child is
 * drawn anew. A child that was there before is mutated until it is new.
 *
 * The pool of parents is made once for each state of the table: O(population
 * dims + population log population); a child is O(dims).
 */
#include "base/mem.h"
#include "base/stat.h"
#include "search/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BLEND 0.5
#define JUMP 0.1 /* standard deviation of a mutation */
enum { MUTATE_TRIES = 6, NEWCOMERS = 2 };

struct genetic {
    struct sampler base;
    struct genetic_options options;
    int64_t *best; /* [elite] rows, best first, the earlier of equals first */
    int32_t best_count;
    int64_t *pool; /* [population + elite] rows of parents, worst first */
    double *share; /* cumulated chances of roulette and rank */
    int32_t parents;
    int64_t pool_told, pool_generation; /* what the pool was made of */
    double spread;
    int64_t better_at; /* generation of the last step up */
};

/* ---- generations -----------------------------------------------------------
 */

static int64_t children(const struct genetic *g) {
    return g->options.population - g->options.elite;
}

static int64_t generation_of(const struct genetic *g, int64_t row) {
    int64_t first = g->options.population;
    return row < first ? 0 : 1 + (row - first) / children(g);
}

static int64_t start_of(const struct genetic *g, int64_t generation) {
    if (generation == 0)
        return 0;
    return g->options.population + (generation - 1) * children(g);
}

/* ---- the pool --------------------------------------------------------------
 */

static void turn_round(int64_t *rows, int32_t n) {
    for (int32_t i = 0; i < n / 2; i++) {
        int64_t row = rows[i];
        rows[i] = rows[n - 1 - i];
        rows[n - 1 - i] = row;
    }
}

static void genetic_gather(struct genetic *g, int64_t generation) {
    const struct trials *t = &g->base.trials;
    int64_t from = start_of(g, generation - 1), to = start_of(g, generation);
    g->parents = 0;
    for (int64_t row = from; row < to && row < t->told; row++) {
        if (sampler_ran(&g->base, row))
            g->pool[g->parents++] = row;
    }
    for (int32_t i = 0; i < g->best_count; i++) {
        if (g->best[i] < from || g->best[i] >= to)
            g->pool[g->parents++] = g->best[i];
    }
    sampler_sort(&g->base, g->pool, g->parents);
    turn_round(g->pool, g->parents);
}

static void weigh(struct genetic *g) {
    const double *score = g->base.trials.score;
    int32_t first = 0; /* of those that count */
    while (first < g->parents && !sampler_counts(&g->base, g->pool[first]))
        first++;
    double worst = first < g->parents ? score[g->pool[first]] : 0, total = 0;
    double range =
        first < g->parents ? score[g->pool[g->parents - 1]] - worst : 0;
    for (int32_t i = 0; i < g->parents; i++) {
        bool rises = i >= first && range > 0;
        double above = rises ? (score[g->pool[i]] - worst) / range : 0;
        total += g->options.selection == SELECT_RANK ? i + 1
                                                     : above + 1.0 / g->parents;
        g->share[i] = total;
    }
}

/* Mean over the axes of the standard deviation; of choices the share that is
 * not the first parent's. */
static double spread_of(const struct genetic *g) {
    double sum = 0, n = g->parents;
    for (int32_t j = 0; j < g->base.cube.dims; j++) {
        double first = sampler_row(&g->base, g->pool[0])[j];
        double mean = 0, square = 0, other = 0;
        for (int32_t i = 0; i < g->parents; i++) {
            double x = sampler_row(&g->base, g->pool[i])[j];
            mean += x / n;
            square += x * x / n;
            other += x != first;
        }
        bool choice = g->base.cube.axis[j].kind == AXIS_CHOICE;
        sum += choice ? other / n : sqrt(fmax(square - mean * mean, 0));
    }
    return sum / g->base.cube.dims;
}

static void genetic_make_pool(struct genetic *g, int64_t generation) {
    if (g->pool_told == g->base.trials.told && g->pool_generation == generation)
        return;
    g->pool_told = g->base.trials.told;
    g->pool_generation = generation;
    genetic_gather(g, generation);
    if (g->parents < 2)
        return;
    if (g->options.selection != SELECT_TOURNAMENT)
        weigh(g);
    g->spread = spread_of(g);
}

/* ---- a child ---------------------------------------------------------------
 */

static int32_t by_tournament(const struct genetic *g, struct rng *rng) {
    int32_t best = 0;
    for (int32_t i = 0; i < g->options.tournament; i++) {
        int32_t at = (int32_t)rng_range(rng, 0, g->parents - 1);
        best = at > best ? at : best;
    }
    return best;
}

static int32_t by_share(const struct genetic *g, struct rng *rng) {
    double at = rng_unit(rng) * g->share[g->parents - 1];
    int32_t low = 0, high = g->parents - 1;
    while (low < high) {
        int32_t middle = (low + high) / 2;
        if (g->share[middle] > at)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static const double *genetic_parent(const struct genetic *g, struct rng *rng) {
    int32_t at = g->options.selection == SELECT_TOURNAMENT
                     ? by_tournament(g, rng)
                     : by_share(g, rng);
    return sampler_row(&g->base, g->pool[at]);
}

static double blend(double a, double b, double unit) {
    double low = fmin(a, b), apart = fabs(a - b);
    return low - BLEND * apart + unit * (1 + 2 * BLEND) * apart;
}

static void cross(const struct genetic *g, const double *mother,
                  const double *father, struct rng *rng, double *x) {
    for (int32_t j = 0; j < g->base.cube.dims; j++) {
        const struct axis *a = &g->base.cube.axis[j];
        double unit = rng_unit(rng);
        if (a->kind == AXIS_CHOICE)
            x[j] = unit < 0.5 ? mother[j] : father[j];
        else
            x[j] = axis_snap(a, blend(mother[j], father[j], unit));
    }
}

static double mutated(const struct axis *a, double x, struct rng *rng) {
    if (a->kind == AXIS_CHOICE) {
        double other = (double)rng_range(rng, 0, (int64_t)a->levels - 2);
        return other < x ? other : other + 1;
    }
    double jump = JUMP * rng_normal(rng), to = axis_snap(a, x + jump);
    if (a->kind == AXIS_STEPS && to == x)
        to = axis_beside(a, x, jump < 0 ? -1 : 1);
    return to;
}

/* Each gene with the probability, one at least when that is asked for. */
static void mutate(const struct genetic *g, bool surely, struct rng *rng,
                   double *x) {
    const struct cube *c = &g->base.cube;
    int64_t sure = surely ? rng_range(rng, 0, c->dims - 1) : -1;
    for (int32_t j = 0; j < c->dims; j++) {
        bool may = c->axis[j].kind == AXIS_REAL || c->axis[j].levels > 1;
        bool does = rng_unit(rng) < g->options.mutation || j == sure;
        if (does && may)
            x[j] = mutated(&c->axis[j], x[j], rng);
    }
}

static void genetic_breed(struct genetic *g, struct rng *rng, int tries,
                          double *x) {
    const double *mother = genetic_parent(g, rng),
                 *father = genetic_parent(g, rng);
    if (rng_unit(rng) < g->options.crossover)
        cross(g, mother, father, rng, x);
    else
        memcpy(x, mother, (size_t)g->base.cube.dims * sizeof *x);
    mutate(g, tries > 0, rng, x);
}

/* ---- the search ------------------------------------------------------------
 */

static void genetic_propose(struct sampler *s, struct rng *rng, int tries,
                            double *x) {
    struct genetic *g = (struct genetic *)s;
    int64_t row = s->trials.count, generation = generation_of(g, row);
    if (generation > 0)
        genetic_make_pool(g, generation);
    bool narrow = g->spread < g->options.diversity && row % NEWCOMERS == 0;
    if (generation == 0 || g->parents < 2 || narrow || tries > MUTATE_TRIES)
        cube_draw(&s->cube, rng, x);
    else
        genetic_breed(g, rng, tries, x);
}

static void genetic_learn(struct sampler *s, int64_t row) {
    struct genetic *g = (struct genetic *)s;
    int32_t keep = g->options.elite > 1 ? g->options.elite : 1;
    if (!sampler_ran(s, row))
        return;
    int32_t at = g->best_count;
    while (at > 0 && sampler_compare(s, row, g->best[at - 1]) < 0)
        at--;
    if (at == 0)
        g->better_at = generation_of(g, row);
    if (at == keep)
        return;
    g->best_count += g->best_count < keep;
    memmove(g->best + at + 1, g->best + at,
            (size_t)(g->best_count - 1 - at) * sizeof *g->best);
    g->best[at] = row;
}

static bool over(const struct sampler *s) {
    const struct genetic *g = (const struct genetic *)s;
    const struct genetic_options *o = &g->options;
    int64_t generation = generation_of(g, s->trials.count);
    if (generation >= o->generations)
        return true;
    if (g->best_count > 0 && sampler_counts(s, g->best[0]) &&
        s->trials.score[g->best[0]] >= o->target)
        return true;
    int64_t told = generation_of(g, s->trials.told);
    return o->patience > 0 && told - g->better_at > o->patience;
}

static double genetic_total(const struct search *base) {
    const struct genetic *g = (const struct genetic *)base;
    double all = (double)start_of(g, g->options.generations);
    double points = sampler_total(base);
    return points >= 0 && points < all ? points : all;
}

static void genetic_fini(struct sampler *s) {
    struct genetic *g = (struct genetic *)s;
    free(g->best);
    free(g->pool);
    free(g->share);
}

static const struct sampler_kind genetic_kind = {
    .search = {.adaptive = true,
               .ask = sampler_ask,
               .tell = sampler_tell,
               .total = genetic_total,
               .free = sampler_free},
    .stream = "search:genetic",
    .propose = genetic_propose,
    .learn = genetic_learn,
    .over = over,
    .fini = genetic_fini,
};

struct search *genetic_new(const bt_space *space,
                           const struct genetic_options *o) {
    struct genetic *g = mem_zalloc(1, sizeof *g);
    sampler_init(&g->base, &genetic_kind, space);
    g->options = *o;
    if (o->elite < 0)
        g->options.elite = (o->population + 9) / 10;
    size_t most = (size_t)o->population + (size_t)g->options.elite + 1;
    g->best = mem_alloc((size_t)(g->options.elite + 1) * sizeof *g->best);
    g->pool = mem_alloc(most * sizeof *g->pool);
    g->share = mem_alloc(most * sizeof *g->share);
    g->pool_told = -1;
    g->spread = INFINITY;
    return &g->base.base;
}
