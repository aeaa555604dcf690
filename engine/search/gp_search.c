/* Where the acquisition is largest.
 *
 * SCREEN scrambled Sobol points are valued by a bound that costs O(n) each;
 * EXACT of them, those with the largest bounds, in full, O(n^2). The best of
 * these, the incumbent, and others by roulette (probability ~ the acquisition
 * itself, so exp of its logarithm) start climbs (gp_climb.c).
 */
#include "search/gp_acquire.h"

#include "base/mem.h"
#include "search/sobol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SCREEN = 2048, EXACT = 128 /* multiples of CHOL_WIDE */ };

static const struct cube *cube_of(const struct gp_aim *aim) {
    return (aim->objective ? aim->objective : aim->feasible)->cube;
}

struct place {
    double worth;
    double x[];
};

struct screen {
    int32_t count, exact;
    char *room;
    struct place **place; /* [count] in there */
};

static int by_worth(const void *a, const void *b) {
    const struct place *p = *(struct place *const *)a;
    const struct place *q = *(struct place *const *)b;
    return (p->worth < q->worth) - (p->worth > q->worth);
}

typedef void (*valuing)(const struct gp_aim *, const double *const *x,
                        size_t count, double *out);

static void in_full(const struct gp_aim *aim, const double *const *x,
                    size_t count, double *out) {
    gp_acquire(aim, x, count, out, NULL);
}

/* The first count places, a multiple of CHOL_WIDE; the best of them first. */
static void rank(struct screen *s, const struct gp_aim *aim, int32_t count,
                 valuing value) {
    const double *x[CHOL_WIDE];
    double worth[CHOL_WIDE];
    for (int32_t i = 0; i < count; i += CHOL_WIDE) {
        for (int32_t c = 0; c < CHOL_WIDE; c++)
            x[c] = s->place[i + c]->x;
        value(aim, x, CHOL_WIDE, worth);
        for (int32_t c = 0; c < CHOL_WIDE; c++)
            s->place[i + c]->worth = worth[c];
    }
    qsort(s->place, (size_t)count, sizeof *s->place, by_worth);
}

static void scatter(struct screen *s, const struct cube *cube,
                    struct rng *rng) {
    struct sobol *sequence = mem_alloc(sizeof *sequence);
    bool active[SPACE_MAX];
    sobol_init(sequence, cube->dims, rng);
    for (int32_t i = 0; i < s->count; i++) {
        struct place *p = s->place[i];
        sobol_next(sequence, p->x);
        for (int32_t j = 0; j < cube->dims; j++) {
            const struct axis *a = &cube->axis[j];
            p->x[j] = a->kind == AXIS_CHOICE ? floor(p->x[j] * a->levels)
                                             : axis_snap(a, p->x[j]);
        }
        if (cube->conditions)
            cube_settle(cube, p->x, active);
    }
    free(sequence);
}

static void screen_init(struct screen *s, const struct gp_aim *aim,
                        struct rng *rng) {
    const struct cube *cube = cube_of(aim);
    s->count = SCREEN;
    s->exact = EXACT;
    size_t size = sizeof(struct place) + (size_t)cube->dims * sizeof(double);
    s->room = mem_alloc(SCREEN * size);
    s->place = mem_alloc(SCREEN * sizeof *s->place);
    for (size_t i = 0; i < SCREEN; i++)
        s->place[i] = (struct place *)(s->room + i * size);
    scatter(s, cube, rng);
    rank(s, aim, s->count, gp_acquire_bound);
    rank(s, aim, s->exact, in_full);
}

/* One of the places that is not taken, by roulette; -1 when none has a chance.
 * Taken ones have worth -inf. */
static int32_t roulette(const struct screen *s, double best, struct rng *rng) {
    double total = 0, left;
    for (int32_t i = 0; i < s->exact; i++)
        total += exp(s->place[i]->worth - best);
    if (!(total > 0))
        return -1;
    left = rng_unit(rng) * total;
    int32_t last = -1;
    for (int32_t i = 0; i < s->exact; i++) {
        double share = exp(s->place[i]->worth - best);
        if (share > 0)
            last = i;
        left -= share;
        if (left < 0)
            break;
    }
    return last;
}

static void start_from(struct gp_places *out, const struct cube *cube,
                       const double *x) {
    memcpy(out->x[out->count++], x, (size_t)cube->dims * sizeof *x);
}

/* Best first, equals as they are. */
static void sort(struct gp_places *p) {
    double x[SPACE_MAX];
    for (int32_t i = 1; i < p->count; i++) {
        int32_t at = i;
        double worth = p->worth[i];
        memcpy(x, p->x[i], sizeof x);
        for (; at > 0 && worth > p->worth[at - 1]; at--) {
            p->worth[at] = p->worth[at - 1];
            memcpy(p->x[at], p->x[at - 1], sizeof x);
        }
        p->worth[at] = worth;
        memcpy(p->x[at], x, sizeof x);
    }
}

void gp_search(const struct gp_aim *aim, struct rng *rng,
               struct gp_places *out) {
    const struct cube *cube = cube_of(aim);
    struct screen s;
    out->count = 0;
    screen_init(&s, aim, rng);
    double best = s.place[0]->worth;
    if (aim->incumbent)
        start_from(out, cube, aim->incumbent);
    int32_t at = 0;
    while (at >= 0 && out->count < GP_PLACES) {
        start_from(out, cube, s.place[at]->x);
        s.place[at]->worth = -INFINITY;
        at = roulette(&s, best, rng);
    }
    free(s.place);
    free(s.room);
    gp_climb(aim, out);
    sort(out);
}
