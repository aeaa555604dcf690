/* Minimisation inside a box, whole or an evaluation at a time. */
#ifndef BT_SEARCH_LBFGS_H
#define BT_SEARCH_LBFGS_H

#include <stdbool.h>
#include <stdint.h>

enum { LBFGS_MAX = 80 /* variables */, LBFGS_PAIRS = 8 };

struct lbfgs {
    int32_t n;
    double (*f)(void *ctx, const double *x, double *gradient);
    void *ctx;
    const double *low, *high; /* [n] */
    double tolerance;         /* of the projected gradient's largest entry */
    int32_t iterations;       /* at most; lbfgs_minimize */
};

/* A descent under way. */
struct lbfgs_descent {
    double x[LBFGS_MAX], f; /* the best so far */
    double g[LBFGS_MAX], direction[LBFGS_MAX];
    double next_x[LBFGS_MAX], next_g[LBFGS_MAX];
    double s[LBFGS_PAIRS][LBFGS_MAX], y[LBFGS_PAIRS][LBFGS_MAX];
    int32_t pairs, newest;
    bool held[LBFGS_MAX]; /* at a bound and pushed outward */
    double length;        /* of the step that is tried next */
    int32_t trials;       /* lengths that were too long */
    int32_t directions;
    bool over; /* nothing falls any more */
};

/* At x [n]; one evaluation. */
void lbfgs_start(struct lbfgs_descent *d, const struct lbfgs *p,
                 const double *x);
/* One evaluation, unless it is over. */
void lbfgs_step(struct lbfgs_descent *d, const struct lbfgs *p);

/* x [n] is the start, then the best point found; returns its value. */
double lbfgs_minimize(const struct lbfgs *p, double *x);

#endif
