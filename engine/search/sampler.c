/* Asking and telling, for every search that thinks in coordinates.
 *
 * An ask draws from a stream of its own, keyed by (seed, kind, ask number). The
 * kind proposes coordinates; a point that was handed out before is proposed
 * anew, up to RETRIES times, since an engine that repeats exactly has nothing
 * to say twice. Then a finite space gives any point that is left, and ends when
 * none is; another space repeats itself.
 *
 * Tells come in the order of the asks. A score for a point that is not the
 * oldest one waiting (known beforehand, or of an earlier study) is slipped in
 * before those that wait. So the table is a function of asks and tells alone,
 * and all that a kind keeps besides can be made again from it.
 *
 * Invariant: told <= count; rows told .. count-1 wait for their score.
 */
#include "search/sampler.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { RETRIES = 10 };

static const struct sampler_kind *kind_of(const struct sampler *s) {
    return (const struct sampler_kind *)s->base.kind;
}

void sampler_init(struct sampler *s, const struct sampler_kind *kind,
                  const bt_space *space) {
    s->base.kind = &kind->search;
    s->base.space = space;
    cube_init(&s->cube, space);
    seen_init(&s->seen, space);
}

/* ---- the table -------------------------------------------------------------
 */

static void trials_grow(struct trials *t, size_t dims) {
    if ((size_t)t->count < t->cap)
        return;
    t->cap = t->cap ? 2 * t->cap : 64;
    t->x = mem_realloc(t->x, t->cap * dims * sizeof *t->x);
    t->score = mem_realloc(t->score, t->cap * sizeof *t->score);
}

/* Room for a row at `at`; later ones move up. */
static double *trials_insert(struct sampler *s, int64_t at) {
    struct trials *t = &s->trials;
    size_t dims = (size_t)s->cube.dims;
    trials_grow(t, dims);
    double *x = t->x + (size_t)at * dims;
    size_t above = (size_t)(t->count - at);
    memmove(x + dims, x, above * dims * sizeof *x);
    memmove(t->score + at + 1, t->score + at, above * sizeof *t->score);
    t->score[at] = NAN;
    t->count++;
    return x;
}

/* ---- ask and tell ----------------------------------------------------------
 */

static void propose(struct sampler *s, struct rng *rng, struct point *out) {
    double x[SPACE_MAX];
    for (int tries = 0; tries <= RETRIES; tries++) {
        kind_of(s)->propose(s, rng, tries, x);
        cube_decode(&s->cube, x, out);
        if (!seen_has(&s->seen, seen_key(&s->seen, out)))
            return;
    }
    if (s->seen.points >= 0)
        seen_other(&s->seen, rng, out);
}

bool sampler_is_new(struct sampler *s, const double *x) {
    struct point p;
    cube_decode(&s->cube, x, &p);
    return !seen_has(&s->seen, seen_key(&s->seen, &p));
}

bool sampler_ask(struct search *base, struct point *out) {
    struct sampler *s = (struct sampler *)base;
    const struct sampler_kind *kind = kind_of(s);
    if (seen_all(&s->seen) || (kind->over && kind->over(s)))
        return false;
    struct rng rng;
    rng_key(&rng, base->seed, kind->stream, (uint64_t)base->asked + 1);
    propose(s, &rng, out);
    seen_add(&s->seen, seen_key(&s->seen, out));
    if (base->kind->adaptive)
        cube_encode(&s->cube, out, trials_insert(s, s->trials.count));
    return true;
}

/* True when x is the row that has waited longest. */
static bool is_next(const struct sampler *s, const double *x) {
    const struct trials *t = &s->trials;
    return t->told < t->count && memcmp(sampler_row(s, t->told), x,
                                        (size_t)s->cube.dims * sizeof *x) == 0;
}

void sampler_tell(struct search *base, const struct point *p, double score) {
    struct sampler *s = (struct sampler *)base;
    if (!base->kind->adaptive)
        return;
    double x[SPACE_MAX];
    cube_encode(&s->cube, p, x);
    int64_t row = s->trials.told;
    if (!is_next(s, x)) {
        memcpy(trials_insert(s, row), x, (size_t)s->cube.dims * sizeof *x);
        seen_add(&s->seen, seen_key(&s->seen, p));
    }
    s->trials.score[row] = isfinite(score) ? score : NAN;
    s->trials.told++;
    if (kind_of(s)->learn)
        kind_of(s)->learn(s, row);
}

double sampler_total(const struct search *base) {
    return ((const struct sampler *)base)->seen.points;
}

void sampler_free(struct search *base) {
    struct sampler *s = (struct sampler *)base;
    if (kind_of(s)->fini)
        kind_of(s)->fini(s);
    seen_fini(&s->seen);
    free(s->trials.x);
    free(s->trials.score);
    free(s);
}
