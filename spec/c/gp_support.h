/* A Gaussian process over scattered points, for the tests of its parts. */
#ifndef BT_SPEC_GP_SUPPORT_H
#define BT_SPEC_GP_SUPPORT_H

#include "search/gp_acquire.h"
#include "search_support.h"

static inline void near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g is not %.17g", got, want);
}

static inline double wave(const double *x) {
    return sin(5 * x[0]) + x[1] * x[1] - x[0] * x[2];
}

/* n scattered points over the mixed cube, scores by wave(). */
static inline void scatter(struct gp_model *m, const struct cube *cube, int n,
                           uint64_t seed) {
    struct rng rng;
    double x[SPACE_MAX];
    rng_seed(&rng, seed);
    gp_model_init(m, cube);
    gp_model_start(m, (size_t)n + 8);
    for (int i = 0; i < n; i++) {
        cube_draw(cube, &rng, x);
        gp_model_add(m, x, wave(x));
    }
}

#endif
