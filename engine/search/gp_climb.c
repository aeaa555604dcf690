/* Climbs of the acquisition, side by side.
 *
 * A climb takes gradient steps over the real axes, then walks each other axis
 * on its levels, until nothing changes. They step together: CHOL_WIDE places
 * are valued in the time of two or three (gp_guess.c).
 *
 * Slopes are climbed for as long as it pays: a climb ends when its last WINDOW
 * evaluations gained less than GAIN, or less than 1/CATCH_UP of what it is
 * behind the best of its company. Most of the ten are on hills that do not
 * matter. Over 20 axes with constraints that spares a third of the passes; one
 * time in 13 the best of all is among those that are given up, and what is
 * asked has 4 % less expected improvement in the mean.
 *
 * An axis of more than LEVELS_FEW levels first counts as real, then it is put
 * on its nearest level and walked up by steps that double. Of climbs over 20
 * real axes 99 of 100 are over after 60 directions; one of the others would
 * hold up nine.
 */
#include "search/gp_acquire.h"

#include "base/mem.h"
#include "search/lbfgs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVELS_FEW = 16, STEPS = 60, CYCLES = 20, WINDOW = 10 };
#define CLIMB_END 1e-2
#define GAIN 3e-3 /* of a worth that is a logarithm */
#define CATCH_UP 5.0

struct climb {
    double *x; /* the place, on its levels or not */
    double worth;
    int32_t axis[SPACE_MAX];  /* those that move, */
    double length[SPACE_MAX]; /* measured in these */
    double high[SPACE_MAX];   /* and up to there */
    int32_t moving;
    struct lbfgs_descent down; /* of minus the worth */
    double before[WINDOW];     /* down.f after its last evaluations, in turn */
    int32_t evaluations;
    double step; /* levels, signed; 0: the walk is over */
    double at;   /* the level that is tried */
    bool over;
};

struct party {
    const struct gp_aim *aim;
    const struct cube *cube;
    int32_t count;
    struct climb climb[GP_PLACES];
};

/* Some of them, at most CHOL_WIDE. */
struct rope {
    int32_t count;
    struct climb *climb[CHOL_WIDE];
    double x[CHOL_WIDE][SPACE_MAX]; /* where each wants to know the worth */
    double worth[CHOL_WIDE], slope[CHOL_WIDE][SPACE_MAX];
};

static void value_rope(const struct party *p, struct rope *r, bool slopes) {
    const double *x[CHOL_WIDE];
    if (r->count == 0)
        return;
    for (int32_t i = 0; i < r->count; i++)
        x[i] = r->x[i];
    gp_acquire(p->aim, x, (size_t)r->count, r->worth, slopes ? r->slope : NULL);
}

/* ---- real axes -------------------------------------------------------------
 */

static bool is_long(const struct axis *a) {
    return a->kind == AXIS_STEPS && a->levels > LEVELS_FEW;
}

/* The unit of an axis: the shorter of its lengths, so that all slopes are
 * alike. */
static double length_of(const struct gp_aim *aim, int32_t j) {
    double t = aim->objective ? aim->objective->params.t[j] : 0;
    if (aim->feasible)
        t = fmax(t, aim->feasible->params.t[j]);
    return 1 / sqrt(t);
}

/* The axes that slopes move: the real ones, at first the long ones, too. */
static void choose_axes(const struct party *p, struct climb *c,
                        bool long_ones) {
    bool active[SPACE_MAX];
    c->moving = 0;
    cube_settle(p->cube, c->x, active);
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        if (!active[j])
            continue;
        if (a->kind != AXIS_REAL && !(long_ones && is_long(a)))
            continue;
        c->axis[c->moving] = j;
        c->length[c->moving] = length_of(p->aim, j);
        c->high[c->moving] = 1 / c->length[c->moving];
        c->moving++;
    }
}

static struct lbfgs problem_of(const struct climb *c) {
    static const double low[SPACE_MAX];
    return (struct lbfgs){
        .n = c->moving, .low = low, .high = c->high, .tolerance = CLIMB_END};
}

static void set_off(struct climb *c) {
    double scaled[SPACE_MAX];
    struct lbfgs problem = problem_of(c);
    for (int32_t i = 0; i < c->moving; i++)
        scaled[i] = c->x[c->axis[i]] / c->length[i];
    lbfgs_start(&c->down, &problem, scaled);
    c->evaluations = 0;
}

static void put(const struct climb *c, const double *scaled, double *x) {
    for (int32_t i = 0; i < c->moving; i++)
        x[c->axis[i]] = scaled[i] * c->length[i];
}

/* One evaluation more. */
static void tell(struct climb *c, double worth, const double *slope) {
    double gradient[SPACE_MAX] = {0};
    struct lbfgs problem = problem_of(c);
    for (int32_t i = 0; i < c->moving; i++)
        gradient[i] = -slope[c->axis[i]] * c->length[i];
    lbfgs_tell(&c->down, &problem, -worth, gradient);
}

/* At the end x and worth are set; best: the least f of all. */
static bool ends(const struct party *p, struct climb *c, double best) {
    double *before = &c->before[c->evaluations % WINDOW], f = c->down.f;
    double least = p->aim->acquisition == ACQUIRE_LCB ? 0 : GAIN;
    double enough = fmax(least, (f - best) / CATCH_UP);
    bool pays = c->evaluations++ < WINDOW || *before - f >= enough;
    *before = f;
    if (pays && !c->down.over && c->down.directions <= STEPS)
        return false;
    put(c, c->down.x, c->x);
    c->worth = -f;
    return true;
}

/* Takes on those that have not begun, as far as there is room. */
static int32_t take_on(struct party *p, int32_t next, struct rope *r) {
    for (; next < p->count && r->count < CHOL_WIDE; next++) {
        struct climb *c = &p->climb[next];
        if (c->over || c->moving == 0)
            continue;
        set_off(c);
        r->climb[r->count++] = c;
    }
    return next;
}

/* Where each climb of the rope wants to know the worth, it is told. */
static void step_together(const struct party *p, struct rope *r, double *best) {
    for (int32_t i = 0; i < r->count; i++) {
        memcpy(r->x[i], r->climb[i]->x, sizeof r->x[i]);
        put(r->climb[i], r->climb[i]->down.next, r->x[i]);
    }
    value_rope(p, r, true);
    for (int32_t i = 0; i < r->count; i++) {
        tell(r->climb[i], r->worth[i], r->slope[i]);
        *best = fmin(*best, r->climb[i]->down.f);
    }
}

static void climb_slopes(struct party *p) {
    struct rope *r = mem_alloc(sizeof *r);
    int32_t next = r->count = 0;
    double best = INFINITY;
    while ((next = take_on(p, next, r), r->count > 0)) {
        step_together(p, r, &best);
        int32_t left = 0;
        for (int32_t i = 0; i < r->count; i++) {
            if (!ends(p, r->climb[i], best))
                r->climb[left++] = r->climb[i];
        }
        r->count = left;
    }
    free(r);
}

/* ---- levels ----------------------------------------------------------------
 */

/* Climbs that go on, from number `from` on, with axis j at `at`, those left out
 * that are there; j = -1: where they are. Returns the next number. */
static int32_t rope_up(struct party *p, int32_t from, int32_t j,
                       struct rope *r) {
    r->count = 0;
    for (; from < p->count && r->count < CHOL_WIDE; from++) {
        struct climb *c = &p->climb[from];
        if (c->over || (j >= 0 && c->at == c->x[j]))
            continue;
        double *x = r->x[r->count];
        memcpy(x, c->x, (size_t)p->cube->dims * sizeof *x);
        if (j >= 0)
            x[j] = c->at;
        r->climb[r->count++] = c;
    }
    return from;
}

/* What each place is worth. */
static void value_places(struct party *p) {
    struct rope *r = mem_alloc(sizeof *r);
    for (int32_t from = 0; from < p->count;) {
        from = rope_up(p, from, -1, r);
        value_rope(p, r, false);
        for (int32_t i = 0; i < r->count; i++)
            r->climb[i]->worth = r->worth[i];
    }
    free(r);
}

/* Axis j to `at` where that is worth more. */
static void try_level(struct party *p, int32_t j) {
    struct rope *r = mem_alloc(sizeof *r);
    for (int32_t from = 0; from < p->count;) {
        from = rope_up(p, from, j, r);
        value_rope(p, r, false);
        for (int32_t i = 0; i < r->count; i++) {
            struct climb *c = r->climb[i];
            if (r->worth[i] > c->worth) {
                c->worth = r->worth[i];
                c->x[j] = c->at;
            }
        }
    }
    free(r);
}

/* Every level of a short axis. */
static void try_all(struct party *p, int32_t j) {
    const struct axis *a = &p->cube->axis[j];
    for (int32_t k = 0; k < (int32_t)a->levels; k++) {
        for (int32_t i = 0; i < p->count; i++)
            p->climb[i].at = a->kind == AXIS_CHOICE ? k : axis_place(a, k);
        try_level(p, j);
    }
}

/* The next step of a walk: twice as far where it went up, else one level, else
 * the other way, else none. */
static void stride(struct climb *c, bool went_up) {
    if (went_up)
        c->step *= 2;
    else if (fabs(c->step) > 1)
        c->step = c->step > 0 ? 1 : -1;
    else
        c->step = c->step > 0 ? -1 : 0;
}

static void walk(struct party *p, int32_t j) {
    const struct axis *a = &p->cube->axis[j];
    double from[GP_PLACES] = {0};
    int32_t walking = p->count;
    for (int32_t i = 0; i < p->count; i++)
        p->climb[i].step = p->climb[i].over ? 0 : 1;
    while (walking > 0) {
        for (int32_t i = 0; i < p->count; i++) {
            struct climb *c = &p->climb[i];
            from[i] = c->x[j];
            c->at = c->step == 0 ? c->x[j] : axis_beside(a, c->x[j], c->step);
        }
        try_level(p, j);
        walking = 0;
        for (int32_t i = 0; i < p->count; i++) {
            struct climb *c = &p->climb[i];
            if (c->step != 0)
                stride(c, c->x[j] != from[i]);
            walking += c->step != 0;
        }
    }
}

/* All axes that are no reals, once each. */
static void climb_levels(struct party *p) {
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        if (is_long(a))
            walk(p, j);
        else if (a->kind != AXIS_REAL)
            try_all(p, j);
    }
}

/* Puts what counted as real back on its level. */
static void snap(const struct party *p, struct climb *c) {
    for (int32_t j = 0; j < p->cube->dims; j++)
        c->x[j] = axis_snap(&p->cube->axis[j], c->x[j]);
}

/* ---- all of it -------------------------------------------------------------
 */

static bool all_over(const struct party *p) {
    for (int32_t i = 0; i < p->count; i++) {
        if (!p->climb[i].over)
            return false;
    }
    return true;
}

/* Levels and slopes in turn. */
static void climb_on(struct party *p) {
    double before[GP_PLACES] = {0};
    for (int cycle = 0; cycle < CYCLES && !all_over(p); cycle++) {
        for (int32_t i = 0; i < p->count; i++)
            before[i] = p->climb[i].worth;
        climb_levels(p);
        for (int32_t i = 0; i < p->count; i++) {
            struct climb *c = &p->climb[i];
            c->over = c->over || (!(c->worth > before[i]) && cycle > 0);
        }
        climb_slopes(p);
    }
}

static void climb_all(struct party *p) {
    for (int32_t i = 0; i < p->count; i++)
        choose_axes(p, &p->climb[i], true);
    climb_slopes(p);
    for (int32_t i = 0; i < p->count; i++) {
        struct climb *c = &p->climb[i];
        choose_axes(p, c, false);
        c->over = c->moving == p->cube->dims; /* all real, all active */
        if (!c->over)
            snap(p, c);
    }
    value_places(p);
    climb_on(p);
}

void gp_climb(const struct gp_aim *aim, struct gp_places *places) {
    struct party *p = mem_zalloc(1, sizeof *p);
    bool active[SPACE_MAX];
    p->aim = aim;
    p->cube = (aim->objective ? aim->objective : aim->feasible)->cube;
    p->count = places->count;
    for (int32_t i = 0; i < p->count; i++)
        p->climb[i].x = places->x[i];
    climb_all(p);
    for (int32_t i = 0; i < p->count && p->cube->conditions; i++) {
        cube_settle(p->cube, p->climb[i].x, active);
        p->climb[i].over = false;
    }
    if (p->cube->conditions)
        value_places(p);
    for (int32_t i = 0; i < p->count; i++)
        places->worth[i] = p->climb[i].worth;
    free(p);
}
