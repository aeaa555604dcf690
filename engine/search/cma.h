/* The covariance matrix adaptation of CMA-ES, on its own: a normal distribution
 * over n numbers that moves uphill. */
#ifndef BT_SEARCH_CMA_H
#define BT_SEARCH_CMA_H

#include "base/rng.h"
#include "search/space.h"

/* Constants of a population size, after Hansen (arXiv 1604.00772). */
struct cma_constants {
    int32_t lambda, mu;
    double *weights; /* [lambda], best first; the first mu are positive */
    double mu_eff, c1, c_mu, c_sigma, c_c, damping, chi;
};

struct cma {
    int32_t n;
    struct cma_constants k;
    double sigma, start_sigma;
    double mean[SPACE_MAX], path_c[SPACE_MAX], path_sigma[SPACE_MAX];
    double root[SPACE_MAX];        /* of the eigenvalues */
    double widen[SPACE_MAX];       /* >= 1 where a margin needs it */
    double *c, *vectors, *scratch; /* [n][n]; vectors in columns */
    int64_t generation;
};

void cma_init(struct cma *m, int32_t n, int32_t lambda);
void cma_fini(struct cma *m);
/* Begins anew. lambda may differ from the last one. */
void cma_start(struct cma *m, int32_t lambda, const double *mean, double sigma);
void cma_draw(const struct cma *m, struct rng *rng, double *x);
/* x [lambda][n], best first. n^3. */
void cma_update(struct cma *m, const double *x);
/* The mean of coordinate j lies in the cell low .. high of 0 .. 1: at least a
 * share alpha of the draws leaves it. */
void cma_margin(struct cma *m, int32_t j, double low, double high,
                double alpha);
/* Largest standard deviation, and the condition number of the covariance. */
double cma_spread(const struct cma *m);
double cma_condition(const struct cma *m);

#endif
