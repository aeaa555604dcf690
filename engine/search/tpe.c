/* The tree-structured Parzen estimator.
 *
 * The first n_startup_trials are drawn from the prior. Then the trials told are
 * split (tpe_split.c): the good ones make a density l, the rest, and those
 * still running, a density g (parzen.c). Of n_candidates draws from l the one
 * with the largest l/g is asked. Running trials among the rest keep a batch
 * apart (constant liar). Rules and constants are those of Optuna's TPESampler,
 * version 5. Trials without a number are in g; l holds none, so a space that
 * fails at first is explored away from the failures.
 *
 * A subspace is a set of parameters with densities of its own over the trials
 * in which they are active:
 *
 *     multivariate   all parameters that are always active; with `group` those
 *                    that share a condition are another one. The default with
 *                    one objective.
 *     independent    each parameter alone. The default with several.
 *
 * Subspaces come in the order of the parameters, so a condition is known before
 * what depends on it is drawn.
 *
 * Bandwidths need the order of the observations along each axis. It is kept,
 * and a new trial is inserted: O(n) moves of four bytes. Only few bandwidths
 * change at an ask; parzen_set skips the others. All of it is a function of the
 * table of trials and is made again when a trial was slipped in.
 *
 * An ask is O(n_candidates trials dims).
 */
#include "search/parzen.h"

#include "base/mem.h"
#include "search/param.h"
#include "search/tpe_split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct subspace {
    struct cube cube;        /* of its own axes alone */
    int32_t axis[SPACE_MAX]; /* which they are */
    struct parzen below, above;
};

struct tpe {
    struct sampler base;
    struct tpe_options options;
    struct split split;
    struct subspace *subspaces; /* made at the first ask of the model */
    int32_t subspace_count;
    int32_t *order;           /* [dims][cap] rows by coordinate */
    int64_t ordered, slipped; /* rows in order; rows slipped in or moved */
    size_t cap;
    uint64_t *active;    /* [cap] a bit for each axis */
    unsigned char *side; /* [cap] 1 = below */
    double *weight;      /* [cap] */
};

_Static_assert(SPACE_MAX <= 64, "a bit for each parameter");

/* ---- subspaces -------------------------------------------------------------
 */

static bool is_multivariate(const struct tpe *t) {
    int32_t asked = t->options.together;
    return asked < 0 ? t->base.base.objectives == 1 : asked != 0;
}

/* Active together whatever the values. */
static bool share_condition(const bt_space *s, int32_t a, int32_t b) {
    const struct param *p = &s->param[a], *q = &s->param[b];
    if (p->parent != q->parent || p->parent < 0)
        return p->parent == q->parent;
    size_t levels = (size_t)param_levels(&s->param[p->parent]);
    return memcmp(p->when, q->when, levels * sizeof *p->when) == 0;
}

static bool belong(const struct tpe *t, int32_t a, int32_t b) {
    if (!is_multivariate(t))
        return false;
    return !t->options.group || share_condition(t->base.base.space, a, b);
}

static void add_axis(struct tpe *t, int32_t axis) {
    int32_t k = 0;
    while (k < t->subspace_count && !belong(t, t->subspaces[k].axis[0], axis))
        k++;
    struct subspace *sub = &t->subspaces[k];
    t->subspace_count += k == t->subspace_count;
    sub->cube.axis[sub->cube.dims] = t->base.cube.axis[axis];
    sub->axis[sub->cube.dims++] = axis;
}

static void make_subspaces(struct tpe *t) {
    size_t dims = (size_t)t->base.cube.dims;
    if (t->subspaces)
        return;
    t->subspaces = mem_zalloc(dims, sizeof *t->subspaces);
    for (int32_t j = 0; j < t->base.cube.dims; j++)
        add_axis(t, j);
    for (int32_t k = 0; k < t->subspace_count; k++) {
        struct subspace *sub = &t->subspaces[k];
        parzen_init(&sub->below, &sub->cube);
        parzen_init(&sub->above, &sub->cube);
    }
}

/* ---- the order along each axis ---------------------------------------------
 */

static void reserve_points(struct tpe *t, size_t n) {
    if (n <= t->cap)
        return;
    size_t old = t->cap, dims = (size_t)t->base.cube.dims;
    t->cap = old ? 2 * old : 64;
    int32_t *order = mem_alloc(dims * t->cap * sizeof *order);
    for (size_t j = 0; j < dims && old > 0; j++)
        memcpy(order + j * t->cap, t->order + j * old, old * sizeof *order);
    free(t->order);
    t->order = order;
    t->active = mem_realloc(t->active, t->cap * sizeof *t->active);
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

static uint64_t activity(const struct tpe *t, const double *at) {
    const struct cube *c = &t->base.cube;
    double x[SPACE_MAX];
    bool active[SPACE_MAX];
    uint64_t bits = 0;
    memcpy(x, at, (size_t)c->dims * sizeof *x);
    cube_settle(c, x, active);
    for (int32_t j = 0; j < c->dims; j++)
        bits |= (uint64_t)active[j] << j;
    return bits;
}

static void sort_in(struct tpe *t) {
    int64_t count = t->base.trials.count;
    int64_t slipped = count - t->base.base.asked + t->base.moved;
    if (slipped != t->slipped)
        t->ordered = 0;
    t->slipped = slipped;
    for (; t->ordered < count; t->ordered++) {
        reserve_points(t, (size_t)t->ordered + 1);
        t->active[t->ordered] = activity(t, sampler_row(&t->base, t->ordered));
        for (int32_t j = 0; j < t->base.cube.dims; j++)
            insert(t, j, t->ordered);
    }
}

/* ---- the densities ---------------------------------------------------------
 */

static bool takes_part(const struct tpe *t, const struct subspace *sub,
                       int64_t row) {
    return t->active[row] >> sub->axis[0] & 1;
}

/* Bandwidths along an axis of all members of one side. slot[row] or the row. */
static void set_axis(struct tpe *t, struct subspace *sub, int32_t j, int side,
                     int64_t m, const int32_t *slot) {
    struct parzen *p = side ? &sub->below : &sub->above;
    int32_t axis = sub->axis[j];
    const int32_t *order = t->order + (size_t)axis * t->cap;
    int64_t count = t->base.trials.count, seen = 0, next = 0;
    double left = 0;
    while (seen < m) {
        int64_t row = order[next++];
        if (t->side[row] != side || !takes_part(t, sub, row))
            continue;
        int64_t after = next;
        while (after < count && (t->side[order[after]] != side ||
                                 !takes_part(t, sub, order[after])))
            after++;
        double x = coordinate(t, row, axis);
        double right = after < count ? coordinate(t, order[after], axis) : 1;
        double sigma = parzen_spread(left, x, right, seen == 0, after == count);
        parzen_set(p, slot ? slot[row] : row, j, x, parzen_clip(sigma, m));
        left = x;
        next = after;
        seen++;
    }
}

/* slot: place among the good ones of the subspace. */
static void build_below(struct tpe *t, struct subspace *sub, int32_t *slot) {
    int64_t n = 0;
    for (int64_t row = 0; row < t->base.trials.count; row++) {
        slot[row] = (int32_t)n;
        n += t->side[row] && takes_part(t, sub, row);
    }
    parzen_start(&sub->below, n);
    for (int32_t j = 0; j < sub->cube.dims; j++)
        set_axis(t, sub, j, 1, n, slot);
    for (int64_t i = 0; i < n; i++)
        t->weight[i] = 1; /* one objective: never more than 25; several: all */
    parzen_weigh(&sub->below, t->weight);
}

static void build_above(struct tpe *t, struct subspace *sub) {
    int64_t count = t->base.trials.count, m = 0, seen = 0;
    for (int64_t row = 0; row < count; row++)
        m += !t->side[row] && takes_part(t, sub, row);
    parzen_start(&sub->above, count);
    for (int32_t j = 0; j < sub->cube.dims; j++)
        set_axis(t, sub, j, 0, m, NULL);
    for (int64_t row = 0; row < count; row++) {
        bool member = !t->side[row] && takes_part(t, sub, row);
        t->weight[row] = member ? parzen_age_weight(seen++, m) : 0;
    }
    parzen_weigh(&sub->above, t->weight);
}

static void build(struct tpe *t) {
    make_subspaces(t);
    reserve_points(t, 1);
    sort_in(t);
    split_mark(&t->split, &t->base, t->side);
    int32_t *slot =
        mem_alloc((size_t)(t->base.trials.count + 1) * sizeof *slot);
    for (int32_t k = 0; k < t->subspace_count; k++) {
        build_below(t, &t->subspaces[k], slot);
        build_above(t, &t->subspaces[k]);
    }
    free(slot);
}

/* ---- the search ------------------------------------------------------------
 */

/* Only where the whole point is drawn at once can a draw be known to be old. */
static bool is_old(struct tpe *t, const double *candidate) {
    return t->subspace_count == 1 && !sampler_is_new(&t->base, candidate);
}

/* The first of the best candidates; one that was handed out only for want of
 * others. */
static void pick(struct tpe *t, struct subspace *sub, struct rng *rng,
                 double *x) {
    double best = -INFINITY, candidate[SPACE_MAX];
    for (int32_t c = 0; c < t->options.candidates; c++) {
        parzen_draw(&sub->below, rng, candidate);
        double ratio = -INFINITY;
        if (!is_old(t, candidate))
            ratio = parzen_log(&sub->below, candidate) -
                    parzen_log(&sub->above, candidate);
        if (c > 0 && !(ratio > best))
            continue;
        best = ratio;
        for (int32_t j = 0; j < sub->cube.dims; j++)
            x[sub->axis[j]] = candidate[j];
    }
}

static void tpe_propose(struct sampler *s, struct rng *rng, int tries,
                        double *x) {
    struct tpe *t = (struct tpe *)s;
    if (s->trials.told < t->options.startup) {
        cube_draw(&s->cube, rng, x);
        return;
    }
    if (tries == 0)
        build(t);
    memset(x, 0, (size_t)s->cube.dims * sizeof *x);
    for (int32_t k = 0; k < t->subspace_count; k++) {
        struct subspace *sub = &t->subspaces[k];
        if (activity(t, x) >> sub->axis[0] & 1)
            pick(t, sub, rng, x);
    }
}

static void tpe_learn(struct sampler *s, int64_t row) {
    split_learn(&((struct tpe *)s)->split, s, row);
}

static void tpe_fini(struct sampler *s) {
    struct tpe *t = (struct tpe *)s;
    for (int32_t k = 0; k < t->subspace_count; k++) {
        parzen_fini(&t->subspaces[k].below);
        parzen_fini(&t->subspaces[k].above);
    }
    free(t->subspaces);
    free(t->order);
    free(t->active);
    free(t->side);
    free(t->weight);
}

static const struct sampler_kind tpe_kind = {
    .search = SAMPLER_KIND(true),
    .stream = "search:tpe",
    .propose = tpe_propose,
    .learn = tpe_learn,
    .fini = tpe_fini,
};

struct search *tpe_new(const bt_space *space, const struct tpe_options *o) {
    struct tpe *t = mem_zalloc(1, sizeof *t);
    sampler_init(&t->base, &tpe_kind, space);
    t->options = *o;
    return &t->base.base;
}
