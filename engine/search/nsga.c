/* NSGA-II: a genetic algorithm for several objectives.
 *
 * Generations are stretches of `population` rows of the table of trials. The
 * parents of one are the best `population` of all rows before it that were told
 * when its pool was made: front by front, of the last front those with the
 * largest crowding distance; then, for want of such, pruned and violated trials
 * by bt_verdict's order. So what is asked is a function of the table, and a
 * batch may reach over the end of a generation. Trials without a number are
 * never parents.
 *
 * A parent is the better of two drawn at random (constrained domination, then
 * crowding). Two of them are crossed gene by gene with the probability
 * crossover, each gene of a child is drawn anew with the probability mutation.
 * A child that was there before is made again, then drawn from the prior.
 *
 * Source: Deb, Pratap, Agarwal, Meyarivan 2002, IEEE Trans. Evol. Comp. 6(2);
 * defaults are those of Optuna's NSGAIISampler.
 *
 * The pool is made once a generation: the cost of sorting the fronts; a child
 * is O(dims).
 */
#include "base/front.h"
#include "base/mem.h"
#include "search/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BREED_TRIES = 6 };

struct parent {
    int64_t row;
    double crowding;
    int32_t rank; /* of the front; those that do not count come behind */
};

struct nsga {
    struct sampler base;
    struct nsga_options options;
    struct parent *pool; /* [population] */
    int32_t parents;
    int64_t pool_rows; /* rows that it was made of, -1 = not yet */
};

/* ---- the pool --------------------------------------------------------------
 */

static int by_rank(const void *a, const void *b) {
    const struct parent *p = a, *q = b;
    if (p->rank != q->rank)
        return p->rank < q->rank ? -1 : 1;
    if (p->crowding != q->crowding)
        return p->crowding > q->crowding ? -1 : 1;
    return (p->row > q->row) - (p->row < q->row);
}

struct place {
    double score;
    struct parent *parent;
};

static int by_score(const void *a, const void *b) {
    const struct place *p = a, *q = b;
    if (p->score != q->score)
        return p->score < q->score ? -1 : 1;
    return (p->parent->row > q->parent->row) -
           (p->parent->row < q->parent->row);
}

/* Adds up, over the objectives, the distance between a member's neighbours; the
 * ends have infinitely much room. */
static void crowd(const struct nsga *g, struct parent *front, size_t n) {
    size_t m = (size_t)g->base.base.objectives;
    struct place *line = mem_alloc((n + 1) * sizeof *line);
    for (size_t j = 0; j < m; j++) {
        for (size_t i = 0; i < n; i++)
            line[i] = (struct place){
                g->base.trials.score[(size_t)front[i].row * m + j], &front[i]};
        qsort(line, n, sizeof *line, by_score);
        double range = line[n - 1].score - line[0].score;
        line[0].parent->crowding = line[n - 1].parent->crowding = INFINITY;
        for (size_t i = 1; i + 1 < n && range > 0; i++)
            line[i].parent->crowding +=
                (line[i + 1].score - line[i - 1].score) / range;
    }
    free(line);
}

/* Rows before `end` that count, in order of rank, crowding known. */
static size_t nsga_gather(const struct nsga *g, int64_t end,
                          struct parent *all) {
    size_t n = 0, m = (size_t)g->base.base.objectives;
    double *x = mem_alloc(((size_t)end * m + 1) * sizeof *x);
    int32_t *rank = mem_alloc(((size_t)end + 1) * sizeof *rank);
    for (int64_t row = 0; row < end; row++) {
        if (!sampler_counts(&g->base, row))
            continue;
        memcpy(x + n * m, g->base.trials.score + (size_t)row * m,
               m * sizeof *x);
        all[n++] = (struct parent){.row = row};
    }
    front_sort(x, n, (int32_t)m, rank);
    for (size_t i = 0; i < n; i++)
        all[i].rank = rank[i];
    qsort(all, n, sizeof *all, by_rank);
    for (size_t from = 0, to = 0; from < n; from = to) {
        while (to < n && all[to].rank == all[from].rank)
            to++;
        crowd(g, all + from, to - from);
    }
    qsort(all, n, sizeof *all, by_rank);
    free(rank);
    free(x);
    return n;
}

/* Behind those that count, each of its own rank. */
static size_t append_others(const struct nsga *g, int64_t end,
                            struct parent *all, size_t n) {
    int64_t *rows = mem_alloc((size_t)(end + 1) * sizeof *rows), count = 0;
    for (int64_t row = 0; row < end; row++) {
        if (!sampler_counts(&g->base, row) && sampler_ran(&g->base, row))
            rows[count++] = row;
    }
    sampler_sort(&g->base, rows, count);
    int32_t rank = n > 0 ? all[n - 1].rank : 0;
    for (int64_t i = 0; i < count; i++) {
        rank++;
        all[n++] = (struct parent){.row = rows[i], .rank = rank};
    }
    free(rows);
    return n;
}

static void nsga_make_pool(struct nsga *g, int64_t generation) {
    int64_t end = generation * g->options.population;
    end = end < g->base.trials.told ? end : g->base.trials.told;
    if (g->pool_rows == end)
        return;
    struct parent *all = mem_alloc((size_t)(end + 1) * sizeof *all);
    size_t n = append_others(g, end, all, nsga_gather(g, end, all));
    size_t most = (size_t)g->options.population;
    g->parents = (int32_t)(n < most ? n : most);
    memcpy(g->pool, all, (size_t)g->parents * sizeof *all);
    g->pool_rows = end;
    free(all);
}

/* ---- a child ---------------------------------------------------------------
 */

static const double *draw_parent(const struct nsga *g, struct rng *rng) {
    const struct parent *a = &g->pool[rng_range(rng, 0, g->parents - 1)];
    const struct parent *b = &g->pool[rng_range(rng, 0, g->parents - 1)];
    return sampler_row(&g->base, by_rank(a, b) <= 0 ? a->row : b->row);
}

static void nsga_breed(const struct nsga *g, struct rng *rng, double *x) {
    const struct cube *c = &g->base.cube;
    double mutation = g->options.mutation;
    const double *mother = draw_parent(g, rng), *father = draw_parent(g, rng);
    bool crossed = rng_unit(rng) < g->options.crossover;
    if (mutation < 0)
        mutation = 1.0 / c->dims;
    for (int32_t j = 0; j < c->dims; j++) {
        double swap = rng_unit(rng), anew = rng_unit(rng), to = rng_unit(rng);
        x[j] = crossed && swap < 0.5 ? father[j] : mother[j];
        if (anew < mutation)
            x[j] = axis_draw(&c->axis[j], to);
    }
}

/* ---- the search ------------------------------------------------------------
 */

static void nsga_propose(struct sampler *s, struct rng *rng, int tries,
                         double *x) {
    struct nsga *g = (struct nsga *)s;
    int64_t generation = s->trials.count / g->options.population;
    if (generation > 0)
        nsga_make_pool(g, generation);
    if (generation == 0 || g->parents < 2 || tries > BREED_TRIES)
        cube_draw(&s->cube, rng, x);
    else
        nsga_breed(g, rng, x);
}

static void nsga_fini(struct sampler *s) {
    free(((struct nsga *)s)->pool);
}

static const struct sampler_kind nsga_kind = {
    .search = SAMPLER_KIND(true),
    .stream = "search:nsga2",
    .propose = nsga_propose,
    .fini = nsga_fini,
};

struct search *nsga_new(const bt_space *space, const struct nsga_options *o) {
    struct nsga *g = mem_zalloc(1, sizeof *g);
    sampler_init(&g->base, &nsga_kind, space);
    g->options = *o;
    g->pool = mem_alloc((size_t)o->population * sizeof *g->pool);
    g->pool_rows = -1;
    return &g->base.base;
}
