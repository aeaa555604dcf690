/* The tree-structured Parzen estimator, multivariate.
 *
 * The first n_startup_trials are drawn from the prior. Then the scored trials
 * are split: the best min(ceil(n/10), 25) make a density l, the rest, and those
 * still running, a density g (parzen.c). Of n_candidates draws from l the one
 * with the largest l/g is asked. Running trials among the rest keep a batch
 * apart (constant liar). Rules and constants are those of Optuna's TPESampler,
 * version 5. Trials without a number are in g; l holds none, so a space that
 * fails at first is explored away from the failures.
 *
 * Bandwidths need the order of the observations along each axis. It is kept,
 * and a new trial is inserted: O(n) moves of four bytes. Only few bandwidths
 * change at an ask; parzen_set skips the others. The best 25 are kept in order,
 * too. All of it is a function of the table of trials and is made again when a
 * trial was slipped in.
 *
 * An ask is O(n_candidates trials dims).
 */
#include "search/parzen.h"

#include "base/mem.h"
#include "search/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BELOW_MAX = 25 };

struct tpe {
    struct sampler base;
    struct tpe_options options;
    struct parzen below, above;
    int64_t best[BELOW_MAX]; /* rows, best first, the earlier of equals first */
    int32_t best_count;
    int32_t *order;           /* [dims][cap] rows by coordinate */
    int64_t ordered, slipped; /* rows in order; rows that nobody asked for */
    size_t cap;
    unsigned char *side; /* [cap] 1 = below */
    double *weight;      /* [cap] */
};

/* ---- the order along each axis ---------------------------------------------
 */

static void reserve(struct tpe *t, size_t n) {
    if (n <= t->cap)
        return;
    size_t old = t->cap, dims = (size_t)t->base.cube.dims;
    t->cap = old ? 2 * old : 64;
    int32_t *order = mem_alloc(dims * t->cap * sizeof *order);
    for (size_t j = 0; j < dims && old > 0; j++)
        memcpy(order + j * t->cap, t->order + j * old, old * sizeof *order);
    free(t->order);
    t->order = order;
    t->side = mem_realloc(t->side, t->cap);
    t->weight = mem_realloc(t->weight, t->cap * sizeof *t->weight);
}

static double coordinate(const struct tpe *t, int64_t row, int32_t axis) {
    return t->base.trials.x[row * t->base.cube.dims + axis];
}

/* Behind the last that is not larger. */
static void insert(struct tpe *t, int32_t axis, int64_t row) {
    int32_t *order = t->order + (size_t)axis * t->cap;
    double x = coordinate(t, row, axis);
    int64_t low = 0, high = row;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (coordinate(t, order[middle], axis) <= x)
            low = middle + 1;
        else
            high = middle;
    }
    memmove(order + low + 1, order + low, (size_t)(row - low) * sizeof *order);
    order[low] = (int32_t)row;
}

static void sort_in(struct tpe *t) {
    int64_t count = t->base.trials.count;
    int64_t slipped = count - t->base.base.asked;
    if (slipped != t->slipped)
        t->ordered = 0;
    t->slipped = slipped;
    for (; t->ordered < count; t->ordered++) {
        reserve(t, (size_t)t->ordered + 1);
        for (int32_t j = 0; j < t->base.cube.dims; j++)
            insert(t, j, t->ordered);
    }
}

/* ---- the split -------------------------------------------------------------
 */

static void learn(struct sampler *s, int64_t row) {
    struct tpe *t = (struct tpe *)s;
    const double *score = s->trials.score;
    if (isnan(score[row]))
        return;
    int32_t at = t->best_count;
    while (at > 0 && score[row] > score[t->best[at - 1]])
        at--;
    if (at == BELOW_MAX)
        return;
    if (t->best_count < BELOW_MAX)
        t->best_count++;
    memmove(t->best + at + 1, t->best + at,
            (size_t)(t->best_count - 1 - at) * sizeof *t->best);
    t->best[at] = row;
}

static int32_t split(struct tpe *t) {
    int64_t tenth = (t->base.trials.told + 9) / 10;
    int32_t n = t->best_count;
    n = n > tenth ? (int32_t)tenth : n;
    memset(t->side, 0, (size_t)t->base.trials.count);
    for (int32_t i = 0; i < n; i++)
        t->side[t->best[i]] = 1;
    return n;
}

/* ---- the densities ---------------------------------------------------------
 */

/* Bandwidths along an axis of all rows of one side. slot[row] or the row. */
static void set_axis(struct tpe *t, struct parzen *p, int32_t axis, int side,
                     int64_t m, const int32_t *slot) {
    const int32_t *order = t->order + (size_t)axis * t->cap;
    int64_t count = t->base.trials.count, seen = 0, next = 0;
    double left = 0;
    while (next < count && t->side[order[next]] != side)
        next++;
    while (next < count) {
        int64_t row = order[next++];
        while (next < count && t->side[order[next]] != side)
            next++;
        double x = coordinate(t, row, axis);
        double right = next < count ? coordinate(t, order[next], axis) : 1;
        double sigma = parzen_spread(left, x, right, seen == 0, next == count);
        parzen_set(p, slot ? slot[row] : row, axis, x, parzen_clip(sigma, m));
        left = x;
        seen++;
    }
}

static void build(struct tpe *t) {
    int64_t count = t->base.trials.count, seen = 0, place = 0;
    reserve(t, 1);
    sort_in(t);
    int32_t n = split(t);
    int64_t m = count - n;
    int32_t *slot = mem_alloc((size_t)(count + 1) * sizeof *slot);
    parzen_start(&t->below, n);
    parzen_start(&t->above, count);
    for (int64_t row = 0; row < count; row++) {
        slot[row] = (int32_t)place;
        place += t->side[row];
        t->weight[row] = t->side[row] ? 0 : parzen_age_weight(seen++, m);
    }
    for (int32_t j = 0; j < t->base.cube.dims; j++) {
        set_axis(t, &t->below, j, 1, n, slot);
        set_axis(t, &t->above, j, 0, m, NULL);
    }
    parzen_weigh(&t->above, t->weight);
    for (int32_t i = 0; i < n; i++)
        t->weight[i] = 1; /* never more than 25 */
    parzen_weigh(&t->below, t->weight);
    free(slot);
}

/* ---- the search ------------------------------------------------------------
 */

/* The first of the best candidates; one that was handed out only for want of
 * others. */
static void pick(struct tpe *t, struct rng *rng, double *x) {
    double best = -INFINITY, candidate[SPACE_MAX];
    for (int32_t c = 0; c < t->options.candidates; c++) {
        parzen_draw(&t->below, rng, candidate);
        double ratio = -INFINITY;
        if (sampler_is_new(&t->base, candidate))
            ratio = parzen_log(&t->below, candidate) -
                    parzen_log(&t->above, candidate);
        if (c > 0 && !(ratio > best))
            continue;
        best = ratio;
        memcpy(x, candidate, (size_t)t->base.cube.dims * sizeof *x);
    }
}

static void propose(struct sampler *s, struct rng *rng, int tries, double *x) {
    struct tpe *t = (struct tpe *)s;
    if (s->trials.told < t->options.startup) {
        cube_draw(&s->cube, rng, x);
        return;
    }
    if (tries == 0)
        build(t);
    pick(t, rng, x);
}

static void fini(struct sampler *s) {
    struct tpe *t = (struct tpe *)s;
    parzen_fini(&t->below);
    parzen_fini(&t->above);
    free(t->order);
    free(t->side);
    free(t->weight);
}

static const struct sampler_kind tpe_kind = {
    .search = SAMPLER_KIND(true),
    .stream = "search:tpe",
    .propose = propose,
    .learn = learn,
    .fini = fini,
};

struct search *tpe_new(const bt_space *space, const struct tpe_options *o) {
    struct tpe *t = mem_zalloc(1, sizeof *t);
    sampler_init(&t->base, &tpe_kind, space);
    t->options = *o;
    parzen_init(&t->below, &t->base.cube);
    parzen_init(&t->above, &t->base.cube);
    return &t->base.base;
}
