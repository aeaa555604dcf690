/* Minimisation inside a box: it says where it wants the value and is told, so
 * that who evaluates may take his time, or several at once. */
#ifndef BT_SEARCH_LBFGS_H
#define BT_SEARCH_LBFGS_H

#include <stdbool.h>
#include <stdint.h>

enum { LBFGS_MAX = 80 /* variables */, LBFGS_PAIRS = 8 };

struct lbfgs {
    int32_t n;
    const double *low, *high; /* [n] */
    double tolerance;         /* of the projected gradient's largest entry */
};

struct lbfgs_descent {
    double next[LBFGS_MAX]; /* where the value is wanted */
    double x[LBFGS_MAX], f; /* the best so far */
    double g[LBFGS_MAX], direction[LBFGS_MAX];
    double s[LBFGS_PAIRS][LBFGS_MAX], y[LBFGS_PAIRS][LBFGS_MAX];
    int32_t pairs, newest;
    bool held[LBFGS_MAX]; /* at a bound and pushed outward */
    double length;        /* of the step that is tried next */
    int32_t trials;       /* lengths that were too long */
    int32_t directions;   /* 0: the start itself is wanted */
    bool over;            /* nothing falls any more */
};

/* x [n] is the start. */
void lbfgs_start(struct lbfgs_descent *d, const struct lbfgs *p,
                 const double *x);
/* Value f and gradient g [n] at d->next. */
void lbfgs_tell(struct lbfgs_descent *d, const struct lbfgs *p, double f,
                const double *g);

#endif
