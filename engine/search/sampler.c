/* Asking and telling, for every search that thinks in coordinates.
 *
 * An ask draws from a stream of its own, keyed by (seed, kind, ask number). The
 * kind proposes coordinates; a point that was handed out before is proposed
 * anew, up to RETRIES times, since an engine that repeats exactly has nothing
 * to say twice. Then a finite space gives any point that is left, and ends when
 * none is; another space repeats itself.
 *
 * Verdicts come in the order of the asks, or (asynchronously) in another one:
 * then the row moves before all others that wait. One for a point that does not
 * wait (known beforehand, or of an earlier study) is slipped in there. So the
 * table is a function of asks and tells alone, and all that a kind keeps
 * besides can be made again from it.
 *
 * Invariant: told <= count; rows told .. count-1 wait for their verdict.
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

static size_t objectives_of(const struct sampler *s) {
    return (size_t)s->base.objectives;
}

static void trials_grow(struct sampler *s) {
    struct trials *t = &s->trials;
    size_t dims = (size_t)s->cube.dims, many = objectives_of(s);
    if ((size_t)t->count < t->cap)
        return;
    t->cap = t->cap ? 2 * t->cap : 64;
    t->x = mem_realloc(t->x, t->cap * dims * sizeof *t->x);
    t->score = mem_realloc(t->score, t->cap * many * sizeof *t->score);
    t->violation = mem_realloc(t->violation, t->cap * sizeof *t->violation);
    t->reached = mem_realloc(t->reached, t->cap * sizeof *t->reached);
    t->steps = mem_realloc(t->steps, t->cap * sizeof *t->steps);
}

/* Room for a row at `at`; later ones, which have no verdict yet, move up. */
static double *trials_insert(struct sampler *s, int64_t at) {
    struct trials *t = &s->trials;
    size_t dims = (size_t)s->cube.dims;
    trials_grow(s);
    double *x = t->x + (size_t)at * dims;
    size_t above = (size_t)(t->count - at);
    memmove(x + dims, x, above * dims * sizeof *x);
    t->count++;
    return x;
}

static void put_verdict(struct sampler *s, int64_t row, const bt_verdict *v) {
    struct trials *t = &s->trials;
    size_t many = objectives_of(s);
    double *score = t->score + (size_t)row * many;
    bool whole = v->steps == 0;
    for (size_t i = 0; i < many; i++)
        whole = whole && isfinite(v->score[i]);
    for (size_t i = 0; i < many; i++)
        score[i] = whole ? v->score[i] : (double)NAN;
    t->violation[row] = v->violation > 0 ? v->violation : 0;
    t->steps[row] = isfinite(v->score[0]) ? v->steps : 0;
    t->reached[row] = t->steps[row] > 0 ? v->score[0] : (double)NAN;
}

/* ---- better and worse ------------------------------------------------------
 */

bool sampler_counts(const struct sampler *s, int64_t row) {
    return !isnan(s->trials.score[(size_t)row * objectives_of(s)]) &&
           s->trials.violation[row] == 0;
}

bool sampler_ran(const struct sampler *s, int64_t row) {
    return !isnan(s->trials.score[(size_t)row * objectives_of(s)]) ||
           s->trials.steps[row] > 0;
}

enum rank { COUNTS, PRUNED, VIOLATED, FAILED };

static enum rank rank_of_row(const struct sampler *s, int64_t row) {
    if (sampler_counts(s, row))
        return COUNTS;
    if (s->trials.steps[row] > 0)
        return PRUNED;
    return sampler_ran(s, row) ? VIOLATED : FAILED;
}

static int larger_first(double x, double y) {
    return x != y ? (x > y ? -1 : 1) : 0;
}

int sampler_compare(const struct sampler *s, int64_t a, int64_t b) {
    const struct trials *t = &s->trials;
    enum rank mine = rank_of_row(s, a), other = rank_of_row(s, b);
    int order = (int)mine - (int)other;
    if (order == 0 && mine == COUNTS)
        order = larger_first(t->score[a], t->score[b]);
    if (order == 0 && mine == PRUNED)
        order = larger_first(t->steps[a], t->steps[b]);
    if (order == 0 && mine == PRUNED)
        order = larger_first(t->reached[a], t->reached[b]);
    if (order == 0 && mine == VIOLATED)
        order = larger_first(t->violation[b], t->violation[a]);
    return order != 0 ? order : (a > b) - (a < b);
}

static const struct sampler *sorted; /* for the comparison below */

static int better_first(const void *a, const void *b) {
    return sampler_compare(sorted, *(const int64_t *)a, *(const int64_t *)b);
}

void sampler_sort(const struct sampler *s, int64_t *rows, int64_t n) {
    sorted = s;
    qsort(rows, (size_t)n, sizeof *rows, better_first);
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

/* The row that waits with these coordinates, -1 when none does. */
static int64_t find_waiting(const struct sampler *s, const double *x) {
    const struct trials *t = &s->trials;
    for (int64_t row = t->told; row < t->count; row++) {
        if (memcmp(sampler_row(s, row), x, (size_t)s->cube.dims * sizeof *x) ==
            0)
            return row;
    }
    return -1;
}

/* Before all others that wait; those move up. */
static void move_ahead(struct sampler *s, int64_t row, const double *x) {
    size_t dims = (size_t)s->cube.dims;
    double *to = s->trials.x + (size_t)s->trials.told * dims;
    size_t between = (size_t)(row - s->trials.told);
    memmove(to + dims, to, between * dims * sizeof *to);
    memcpy(to, x, dims * sizeof *to);
    s->moved++;
}

void sampler_tell(struct search *base, const struct point *p,
                  const bt_verdict *v) {
    struct sampler *s = (struct sampler *)base;
    if (!base->kind->adaptive)
        return;
    double x[SPACE_MAX];
    cube_encode(&s->cube, p, x);
    int64_t row = s->trials.told, waiting = find_waiting(s, x);
    if (waiting > row) {
        move_ahead(s, waiting, x);
    } else if (waiting < 0) {
        memcpy(trials_insert(s, row), x, (size_t)s->cube.dims * sizeof *x);
        seen_add(&s->seen, seen_key(&s->seen, p));
    }
    put_verdict(s, row, v);
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
    free(s->trials.violation);
    free(s->trials.reached);
    free(s->trials.steps);
    free(s);
}
