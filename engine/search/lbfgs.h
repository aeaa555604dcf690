/* Minimisation inside a box. */
#ifndef BT_SEARCH_LBFGS_H
#define BT_SEARCH_LBFGS_H

#include <stdint.h>

enum { LBFGS_MAX = 80 }; /* variables */

struct lbfgs {
    int32_t n;
    double (*f)(void *ctx, const double *x, double *gradient);
    void *ctx;
    const double *low, *high; /* [n] */
    double tolerance;         /* of the projected gradient's largest entry */
    int32_t iterations;       /* at most */
};

/* x [n] is the start, then the best point found; returns its value. */
double lbfgs_minimize(const struct lbfgs *p, double *x);

#endif
