/* Projected L-BFGS: quasi-Newton steps inside a box, from gradients alone.
 *
 * Variables at a bound whose gradient pushes outward stay there; the others
 * move along the two-loop recursion over the last MEMORY pairs (Nocedal 1980),
 * the pairs restricted to what is free. The step is shortened until the value
 * falls enough along the projected path (Armijo, Bertsekas 1976). A pair
 * without positive curvature is not kept; a direction that does not descend
 * falls back to the gradient. Ends at a small projected gradient or when values
 * stop falling.
 *
 * O(MEMORY n) beside each evaluation; no allocation.
 */
#include "search/lbfgs.h"

#include <math.h>
#include <string.h>

enum { MEMORY = LBFGS_PAIRS, TRIALS = 12 };
#define ENOUGH 1e-4 /* share of the promised fall */
#define SHRINK_LEAST 0.1
#define SHRINK_MOST 0.5
#define STALLED 1e-10 /* relative fall of a step that is the last */

static double dot(const struct lbfgs_descent *d, const struct lbfgs *p,
                  const double *a, const double *b) {
    double sum = 0;
    for (int32_t i = 0; i < p->n; i++)
        sum += d->held[i] ? 0 : a[i] * b[i];
    return sum;
}

static double clamp(const struct lbfgs *p, int32_t i, double x) {
    return fmin(fmax(x, p->low[i]), p->high[i]);
}

/* Marks what is held; the largest entry of the projected gradient. */
static double hold(struct lbfgs_descent *d, const struct lbfgs *p) {
    double most = 0;
    for (int32_t i = 0; i < p->n; i++) {
        d->held[i] = (d->x[i] <= p->low[i] && d->g[i] > 0) ||
                     (d->x[i] >= p->high[i] && d->g[i] < 0);
        double way = clamp(p, i, d->x[i] - d->g[i]) - d->x[i];
        most = fmax(most, fabs(way));
    }
    return most;
}

static void add(const struct lbfgs *p, double *a, double by, const double *b) {
    for (int32_t i = 0; i < p->n; i++)
        a[i] += by * b[i];
}

/* direction = -H g over the free variables. */
static void aim(struct lbfgs_descent *d, const struct lbfgs *p) {
    double alpha[MEMORY] = {0}, rho[MEMORY] = {0};
    double *way = d->direction;
    double scale = 1;
    for (int32_t i = 0; i < p->n; i++)
        way[i] = d->held[i] ? 0 : -d->g[i];
    for (int32_t k = 0; k < d->pairs; k++) {
        int32_t at = (d->newest - k + MEMORY) % MEMORY;
        double sy = dot(d, p, d->s[at], d->y[at]);
        double yy = dot(d, p, d->y[at], d->y[at]);
        rho[at] = sy > 1e-12 * yy ? 1 / sy : 0;
        if (k == 0 && rho[at] > 0)
            scale = sy / yy;
        alpha[at] = rho[at] * dot(d, p, d->s[at], way);
        add(p, way, -alpha[at], d->y[at]);
    }
    for (int32_t i = 0; i < p->n; i++)
        way[i] *= scale;
    for (int32_t k = d->pairs - 1; k >= 0; k--) {
        int32_t at = (d->newest - k + MEMORY) % MEMORY;
        double beta = rho[at] * dot(d, p, d->y[at], way);
        add(p, way, alpha[at] - beta, d->s[at]);
    }
    for (int32_t i = 0; i < p->n; i++)
        way[i] = d->held[i] ? 0 : way[i];
}

static void choose_direction(struct lbfgs_descent *d, const struct lbfgs *p) {
    aim(d, p);
    double slope = dot(d, p, d->direction, d->g);
    double size = sqrt(dot(d, p, d->g, d->g));
    if (slope < 0 && isfinite(slope))
        return;
    d->pairs = 0;
    for (int32_t i = 0; i < p->n; i++)
        d->direction[i] = d->held[i] ? 0 : -d->g[i] / fmax(1, size);
}

static double first_length(const struct lbfgs_descent *d,
                           const struct lbfgs *p) {
    double size = sqrt(dot(d, p, d->direction, d->direction));
    return d->pairs == 0 && size > 1 ? 1 / size : 1;
}

/* `length` along the direction. */
static void step(struct lbfgs_descent *d, const struct lbfgs *p) {
    for (int32_t i = 0; i < p->n; i++)
        d->next[i] = clamp(p, i, d->x[i] + d->length * d->direction[i]);
}

/* Where to go from x, unless that is the end. */
static void turn(struct lbfgs_descent *d, const struct lbfgs *p) {
    d->over = !(hold(d, p) > p->tolerance);
    if (d->over)
        return;
    choose_direction(d, p);
    d->length = first_length(d, p);
    d->trials = 0;
    d->directions++;
    step(d, p);
}

/* Moves to the new point and keeps the pair. */
static void move(struct lbfgs_descent *d, const struct lbfgs *p, double f,
                 const double *g) {
    int32_t at = (d->newest + 1) % MEMORY;
    double sy = 0, yy = 0, before = d->f;
    for (int32_t i = 0; i < p->n; i++) {
        d->s[at][i] = d->next[i] - d->x[i];
        d->y[at][i] = g[i] - d->g[i];
        sy += d->s[at][i] * d->y[at][i];
        yy += d->y[at][i] * d->y[at][i];
        d->x[i] = d->next[i];
        d->g[i] = g[i];
    }
    d->f = f;
    if (sy > 1e-12 * yy) {
        d->newest = at;
        d->pairs += d->pairs < MEMORY;
    }
    if (before - f <= STALLED * fmax(1, fabs(f)))
        d->over = true;
    else
        turn(d, p);
}

/* To where the parabola through value, slope and the value f that was too high
 * has its least, within bounds. */
static void shorten(struct lbfgs_descent *d, const struct lbfgs *p,
                    double promised, double f) {
    double best = -0.5 * promised / (f - d->f - promised);
    d->length *= best > SHRINK_LEAST ? fmin(best, SHRINK_MOST) : SHRINK_LEAST;
    if (++d->trials < TRIALS) {
        step(d, p);
        return;
    }
    d->over = d->pairs == 0;
    d->pairs = 0; /* once more, down the gradient */
    if (!d->over)
        turn(d, p);
}

void lbfgs_start(struct lbfgs_descent *d, const struct lbfgs *p,
                 const double *x) {
    *d = (struct lbfgs_descent){.newest = -1};
    for (int32_t i = 0; i < p->n; i++)
        d->x[i] = d->next[i] = clamp(p, i, x[i]);
}

void lbfgs_tell(struct lbfgs_descent *d, const struct lbfgs *p, double f,
                const double *g) {
    if (d->directions == 0) {
        d->f = f;
        memcpy(d->g, g, (size_t)p->n * sizeof *g);
        turn(d, p);
        return;
    }
    double promised = 0;
    for (int32_t i = 0; i < p->n; i++)
        promised += d->g[i] * (d->next[i] - d->x[i]);
    if (f <= d->f + ENOUGH * promised && f < d->f)
        move(d, p, f, g);
    else
        shorten(d, p, promised, f);
}
