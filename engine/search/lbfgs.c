/* Projected L-BFGS: quasi-Newton steps inside a box, from gradients alone.
 *
 * Variables at a bound whose gradient pushes outward stay there; the others
 * move along the two-loop recursion over the last MEMORY pairs (Nocedal 1980),
 * the pairs restricted to what is free. The step is halved until the value
 * falls enough along the projected path (Armijo, Bertsekas 1976). A pair
 * without positive curvature is not kept; a direction that does not descend
 * falls back to the gradient. Ends at a small projected gradient, when values
 * stop falling, or after `iterations`.
 *
 * O(MEMORY n) beside each evaluation; no allocation.
 */
#include "search/lbfgs.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { MEMORY = 8, HALVINGS = 20 };
#define ENOUGH 1e-4   /* share of the promised fall */
#define STALLED 1e-10 /* relative fall of a step that is the last */

struct state {
    const struct lbfgs *p;
    double x[LBFGS_MAX], g[LBFGS_MAX], direction[LBFGS_MAX];
    double next_x[LBFGS_MAX], next_g[LBFGS_MAX];
    double s[MEMORY][LBFGS_MAX], y[MEMORY][LBFGS_MAX];
    int32_t pairs, newest;
    bool held[LBFGS_MAX]; /* at a bound and pushed outward */
    double f;
};

static double dot(const struct state *s, const double *a, const double *b) {
    double sum = 0;
    for (int32_t i = 0; i < s->p->n; i++)
        sum += s->held[i] ? 0 : a[i] * b[i];
    return sum;
}

static double clamp(const struct lbfgs *p, int32_t i, double x) {
    return fmin(fmax(x, p->low[i]), p->high[i]);
}

/* Marks what is held; the largest entry of the projected gradient. */
static double hold(struct state *s) {
    double most = 0;
    for (int32_t i = 0; i < s->p->n; i++) {
        s->held[i] = (s->x[i] <= s->p->low[i] && s->g[i] > 0) ||
                     (s->x[i] >= s->p->high[i] && s->g[i] < 0);
        double way = clamp(s->p, i, s->x[i] - s->g[i]) - s->x[i];
        most = fmax(most, fabs(way));
    }
    return most;
}

static void add(struct state *s, double *a, double by, const double *b) {
    for (int32_t i = 0; i < s->p->n; i++)
        a[i] += by * b[i];
}

/* direction = -H g over the free variables. */
static void aim(struct state *s) {
    double alpha[MEMORY] = {0}, rho[MEMORY] = {0};
    double *d = s->direction;
    double scale = 1;
    for (int32_t i = 0; i < s->p->n; i++)
        d[i] = s->held[i] ? 0 : -s->g[i];
    for (int32_t k = 0; k < s->pairs; k++) {
        int32_t at = (s->newest - k + MEMORY) % MEMORY;
        double sy = dot(s, s->s[at], s->y[at]);
        double yy = dot(s, s->y[at], s->y[at]);
        rho[at] = sy > 1e-12 * yy ? 1 / sy : 0;
        if (k == 0 && rho[at] > 0)
            scale = sy / yy;
        alpha[at] = rho[at] * dot(s, s->s[at], d);
        add(s, d, -alpha[at], s->y[at]);
    }
    for (int32_t i = 0; i < s->p->n; i++)
        d[i] *= scale;
    for (int32_t k = s->pairs - 1; k >= 0; k--) {
        int32_t at = (s->newest - k + MEMORY) % MEMORY;
        double beta = rho[at] * dot(s, s->y[at], d);
        add(s, d, alpha[at] - beta, s->s[at]);
    }
    for (int32_t i = 0; i < s->p->n; i++)
        d[i] = s->held[i] ? 0 : d[i];
}

static void descend(struct state *s) {
    aim(s);
    double slope = dot(s, s->direction, s->g);
    double size = sqrt(dot(s, s->g, s->g));
    if (slope < 0 && isfinite(slope))
        return;
    s->pairs = 0;
    for (int32_t i = 0; i < s->p->n; i++)
        s->direction[i] = s->held[i] ? 0 : -s->g[i] / fmax(1, size);
}

/* Walks along the projected path; false when nothing falls. */
static bool step(struct state *s) {
    double length = 1;
    if (s->pairs == 0) {
        double size = sqrt(dot(s, s->direction, s->direction));
        length = size > 1 ? 1 / size : 1;
    }
    for (int32_t k = 0; k < HALVINGS; k++) {
        double promised = 0;
        for (int32_t i = 0; i < s->p->n; i++) {
            s->next_x[i] = clamp(s->p, i, s->x[i] + length * s->direction[i]);
            promised += s->g[i] * (s->next_x[i] - s->x[i]);
        }
        double f = s->p->f(s->p->ctx, s->next_x, s->next_g);
        if (f <= s->f + ENOUGH * promised && f < s->f) {
            s->f = f;
            return true;
        }
        length *= 0.5;
    }
    return false;
}

/* Moves to the new point and keeps the pair. */
static void move(struct state *s) {
    int32_t at = (s->newest + 1) % MEMORY;
    double sy = 0, yy = 0;
    for (int32_t i = 0; i < s->p->n; i++) {
        s->s[at][i] = s->next_x[i] - s->x[i];
        s->y[at][i] = s->next_g[i] - s->g[i];
        sy += s->s[at][i] * s->y[at][i];
        yy += s->y[at][i] * s->y[at][i];
    }
    memcpy(s->x, s->next_x, sizeof s->x);
    memcpy(s->g, s->next_g, sizeof s->g);
    if (!(sy > 1e-12 * yy))
        return;
    s->newest = at;
    s->pairs += s->pairs < MEMORY;
}

double lbfgs_minimize(const struct lbfgs *p, double *x) {
    struct state s = {.p = p, .newest = -1};
    for (int32_t i = 0; i < p->n; i++)
        s.x[i] = clamp(p, i, x[i]);
    s.f = p->f(p->ctx, s.x, s.g);
    for (int32_t k = 0; k < p->iterations; k++) {
        double before = s.f;
        if (!(hold(&s) > p->tolerance))
            break;
        descend(&s);
        if (!step(&s)) {
            if (s.pairs == 0)
                break;
            s.pairs = 0; /* once more, down the gradient */
            continue;
        }
        move(&s);
        if (before - s.f <= STALLED * fmax(1, fabs(s.f)))
            break;
    }
    memcpy(x, s.x, (size_t)p->n * sizeof *x);
    return s.f;
}
