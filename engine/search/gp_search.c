/* Where the acquisition is largest.
 *
 * SCREEN scrambled Sobol points are valued by a bound that costs O(n) each;
 * EXACT of them, those with the largest bounds, in full, O(n^2). The best of
 * these, the incumbent, and others by roulette (probability ~ the acquisition
 * itself, so exp of its logarithm) start climbs: gradient steps over the real
 * axes, then each other axis on its levels, until nothing changes.
 *
 * In a climb an axis of more than LEVELS_FEW levels first counts as real, then
 * it is put on its nearest level and walked up by steps that double.
 */
#include "search/gp_acquire.h"

#include "base/mem.h"
#include "search/lbfgs.h"
#include "search/sobol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN = 2048, EXACT = 128, LEVELS_FEW = 16 };
enum { CLIMB_STEPS = 200, CYCLES = 20 };
#define CLIMB_END 1e-2

static const struct cube *cube_of(const struct gp_aim *aim) {
    return (aim->objective ? aim->objective : aim->feasible)->cube;
}

/* ---- a climb ---------------------------------------------------------------
 */

struct climb {
    const struct gp_aim *aim;
    double *x;                /* the place, on its levels or not */
    int32_t axis[SPACE_MAX];  /* those that move, */
    double length[SPACE_MAX]; /* measured in these */
    int32_t moving;
};

static bool is_long(const struct axis *a) {
    return a->kind == AXIS_STEPS && a->levels > LEVELS_FEW;
}

static double below(void *ctx, const double *scaled, double *gradient) {
    struct climb *c = ctx;
    double x[SPACE_MAX], slope[SPACE_MAX];
    memcpy(x, c->x, (size_t)cube_of(c->aim)->dims * sizeof *x);
    for (int32_t i = 0; i < c->moving; i++)
        x[c->axis[i]] = scaled[i] * c->length[i];
    double value = gp_acquire(c->aim, x, slope);
    for (int32_t i = 0; i < c->moving; i++)
        gradient[i] = -slope[c->axis[i]] * c->length[i];
    return -value;
}

/* Real axes, in units of their lengths so that all slopes are alike. */
static double climb_slopes(struct climb *c) {
    double low[SPACE_MAX], high[SPACE_MAX], scaled[SPACE_MAX];
    for (int32_t i = 0; i < c->moving; i++) {
        low[i] = 0;
        high[i] = 1 / c->length[i];
        scaled[i] = c->x[c->axis[i]] / c->length[i];
    }
    struct lbfgs up = {.n = c->moving,
                       .f = below,
                       .ctx = c,
                       .low = low,
                       .high = high,
                       .tolerance = CLIMB_END,
                       .iterations = CLIMB_STEPS};
    double value = -lbfgs_minimize(&up, scaled);
    for (int32_t i = 0; i < c->moving; i++)
        c->x[c->axis[i]] = scaled[i] * c->length[i];
    return value;
}

static double value_along(struct climb *c, int32_t axis, double at) {
    double kept = c->x[axis];
    c->x[axis] = at;
    double value = gp_acquire(c->aim, c->x, NULL);
    c->x[axis] = kept;
    return value;
}

/* Every level of a short axis. */
static double try_all(struct climb *c, int32_t axis, double value) {
    const struct axis *a = &cube_of(c->aim)->axis[axis];
    double best = c->x[axis];
    for (int32_t k = 0; k < (int32_t)a->levels; k++) {
        double at = a->kind == AXIS_CHOICE ? k : axis_place(a, k);
        if (at == c->x[axis])
            continue;
        double other = value_along(c, axis, at);
        if (other > value) {
            value = other;
            best = at;
        }
    }
    c->x[axis] = best;
    return value;
}

/* Uphill by 1, 2, 4 ... levels, and back to single steps where that fails. */
static double walk(struct climb *c, int32_t axis, double value) {
    const struct axis *a = &cube_of(c->aim)->axis[axis];
    for (int side = 0; side < 2; side++) {
        double step = 1, way = side ? -1 : 1;
        while (true) {
            double at = axis_beside(a, c->x[axis], way * step);
            double other =
                at == c->x[axis] ? -INFINITY : value_along(c, axis, at);
            if (other > value) {
                value = other;
                c->x[axis] = at;
                step *= 2;
            } else if (step > 1) {
                step = 1;
            } else {
                break;
            }
        }
    }
    return value;
}

/* The axes that slopes move: the real ones, at first the long ones, too. */
static void choose_axes(struct climb *c, bool long_ones) {
    const struct cube *cube = cube_of(c->aim);
    const struct gp_model *m =
        c->aim->objective ? c->aim->objective : c->aim->feasible;
    bool active[SPACE_MAX];
    c->moving = 0;
    cube_settle(cube, c->x, active);
    for (int32_t j = 0; j < cube->dims; j++) {
        const struct axis *a = &cube->axis[j];
        if (!active[j])
            continue;
        if (a->kind != AXIS_REAL && !(long_ones && is_long(a)))
            continue;
        c->axis[c->moving] = j;
        c->length[c->moving++] = 1 / sqrt(m->params.t[j]);
    }
}

/* All axes that are no reals, once each. */
static double climb_levels(struct climb *c, double value) {
    const struct cube *cube = cube_of(c->aim);
    for (int32_t j = 0; j < cube->dims; j++) {
        const struct axis *a = &cube->axis[j];
        if (is_long(a))
            value = walk(c, j, value);
        else if (a->kind != AXIS_REAL)
            value = try_all(c, j, value);
    }
    return value;
}

/* Puts what counted as real back on its level. */
static void snap(struct climb *c) {
    const struct cube *cube = cube_of(c->aim);
    for (int32_t j = 0; j < cube->dims; j++)
        c->x[j] = axis_snap(&cube->axis[j], c->x[j]);
}

double gp_climb(const struct gp_aim *aim, double *x) {
    struct climb c = {.aim = aim, .x = x};
    choose_axes(&c, true);
    double value = c.moving ? climb_slopes(&c) : -INFINITY;
    choose_axes(&c, false);
    if (c.moving == cube_of(aim)->dims)
        return value; /* all real, all active */
    snap(&c);
    value = gp_acquire(aim, x, NULL);
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        double before = value;
        value = climb_levels(&c, value);
        if (!(value > before) && cycle > 0)
            break;
        if (c.moving)
            value = climb_slopes(&c);
    }
    return value;
}

/* ---- where to begin --------------------------------------------------------
 */

struct place {
    double worth;
    double x[];
};

struct screen {
    int32_t count, exact;
    size_t size;  /* bytes of a place */
    char *places; /* [count] */
};

static struct place *place_at(const struct screen *s, int32_t i) {
    return (struct place *)(s->places + (size_t)i * s->size);
}

static int by_worth(const void *a, const void *b) {
    const struct place *p = a, *q = b;
    return (p->worth < q->worth) - (p->worth > q->worth);
}

/* Of CHOL_WIDE places from i on; EXACT is a multiple. */
static void value_exactly(struct screen *s, const struct gp_aim *aim,
                          int32_t i) {
    const double *x[CHOL_WIDE];
    double worth[CHOL_WIDE];
    for (int32_t c = 0; c < CHOL_WIDE; c++)
        x[c] = place_at(s, i + c)->x;
    gp_acquire_wide(aim, x, worth);
    for (int32_t c = 0; c < CHOL_WIDE; c++)
        place_at(s, i + c)->worth = worth[c];
}

static void screen_init(struct screen *s, const struct gp_aim *aim,
                        struct rng *rng) {
    const struct cube *cube = cube_of(aim);
    struct sobol *sequence = mem_alloc(sizeof *sequence);
    bool active[SPACE_MAX];
    s->count = SCREEN;
    s->exact = EXACT;
    s->size = sizeof(struct place) + (size_t)cube->dims * sizeof(double);
    s->places = mem_alloc((size_t)s->count * s->size);
    sobol_init(sequence, cube->dims, rng);
    for (int32_t i = 0; i < s->count; i++) {
        struct place *p = place_at(s, i);
        sobol_next(sequence, p->x);
        for (int32_t j = 0; j < cube->dims; j++) {
            const struct axis *a = &cube->axis[j];
            double levels = a->kind == AXIS_CHOICE ? a->levels : 1;
            p->x[j] = a->kind == AXIS_CHOICE ? floor(p->x[j] * levels)
                                             : axis_snap(a, p->x[j]);
        }
        if (cube->conditions)
            cube_settle(cube, p->x, active);
        p->worth = gp_acquire_bound(aim, p->x);
    }
    free(sequence);
    qsort(s->places, (size_t)s->count, s->size, by_worth);
    for (int32_t i = 0; i < s->exact; i += CHOL_WIDE)
        value_exactly(s, aim, i);
    qsort(s->places, (size_t)s->exact, s->size, by_worth);
}

/* One of the places that is not taken, by roulette; -1 when none has a chance.
 * Taken ones have worth -inf. */
static int32_t roulette(const struct screen *s, double best, struct rng *rng) {
    double total = 0, left;
    for (int32_t i = 0; i < s->exact; i++)
        total += exp(place_at(s, i)->worth - best);
    if (!(total > 0))
        return -1;
    left = rng_unit(rng) * total;
    int32_t last = -1;
    for (int32_t i = 0; i < s->exact; i++) {
        double share = exp(place_at(s, i)->worth - best);
        if (share > 0)
            last = i;
        left -= share;
        if (left < 0)
            break;
    }
    return last;
}

static void keep(struct gp_places *out, const struct cube *cube,
                 const double *x, double worth) {
    int32_t at = out->count++;
    while (at > 0 && worth > out->worth[at - 1]) {
        out->worth[at] = out->worth[at - 1];
        memcpy(out->x[at], out->x[at - 1], sizeof out->x[at]);
        at--;
    }
    out->worth[at] = worth;
    memcpy(out->x[at], x, (size_t)cube->dims * sizeof *x);
}

static void climb_from(const struct gp_aim *aim, const double *x,
                       struct gp_places *out) {
    const struct cube *cube = cube_of(aim);
    double at[SPACE_MAX];
    memcpy(at, x, (size_t)cube->dims * sizeof *at);
    double worth = gp_climb(aim, at);
    if (cube->conditions) {
        bool active[SPACE_MAX];
        cube_settle(cube, at, active);
        worth = gp_acquire(aim, at, NULL);
    }
    keep(out, cube, at, worth);
}

void gp_search(const struct gp_aim *aim, struct rng *rng,
               struct gp_places *out) {
    struct screen s;
    out->count = 0;
    screen_init(&s, aim, rng);
    double best = place_at(&s, 0)->worth;
    if (aim->incumbent)
        climb_from(aim, aim->incumbent, out);
    int32_t at = 0;
    while (at >= 0 && out->count < GP_PLACES) {
        climb_from(aim, place_at(&s, at)->x, out);
        place_at(&s, at)->worth = -INFINITY;
        at = roulette(&s, best, rng);
    }
    free(s.places);
}
