/* A Gaussian process over a cube: Matern 5/2, a length for each axis. */
#ifndef BT_SEARCH_GP_MODEL_H
#define BT_SEARCH_GP_MODEL_H

#include "search/cube.h"
#include "search/lbfgs.h"
#include "search/linalg.h"

#include <stddef.h>

#define GP_NOISE_FLOOR 1e-6

/* k(x, x') = scale (1 + r + r^2/3) e^-r, r^2 = 5 sum_j t_j (x_j - x'_j)^2,
 * t = 1/length^2; choices differ by 0 or 1. */
struct gp_params {
    double t[SPACE_MAX], scale, noise;
};

/* Of CHOL_WIDE places side by side, [cap][CHOL_WIDE] each. */
struct gp_wide {
    double *room;      /* what they lie in */
    double *k, *slope; /* kernels, dk/ds */
    double *solved;    /* covariance^-1 k */
};

struct gp_model {
    const struct cube *cube;
    struct gp_params params;
    size_t n, cap; /* points; room for them, a multiple of 4, the row length */
    double *x;     /* [dims][cap] */
    double *y;     /* [cap] */
    double *chol;  /* [cap][cap] factor of the covariance, lower triangle */
    double *alpha; /* [cap] covariance^-1 y */
    double *k;     /* [cap] scratch: the kernels of one place */
    struct gp_wide wide; /* scratch of several */
    double *room;        /* [2][cap][cap] of a fit; NULL before it */
};

/* Of CHOL_WIDE places, side by side. */
struct gp_guess {
    double x[SPACE_MAX][CHOL_WIDE];
    double mean[CHOL_WIDE], deviation[CHOL_WIDE];
    double mean_slope[SPACE_MAX][CHOL_WIDE];
    double deviation_slope[SPACE_MAX][CHOL_WIDE];
};

/* All one, noise at its floor. */
void gp_params_reset(struct gp_params *p, const struct cube *cube);

void gp_model_init(struct gp_model *m, const struct cube *cube);
void gp_model_fini(struct gp_model *m);
/* No points, room for n, parameters all one. */
void gp_model_start(struct gp_model *m, size_t n);
/* One more point of the data; before gp_model_factor. */
void gp_model_add(struct gp_model *m, const double *x, double y);
/* The factor for data and parameters. Noise is raised, tenfold at a time, when
 * the covariance is not positive definite. n^3/6. */
void gp_model_factor(struct gp_model *m);
/* One more point and row of the factor; n^2. False when it adds nothing (the
 * point is there already, to rounding). Call gp_model_weigh afterwards. */
bool gp_model_append(struct gp_model *m, const double *x, double y);
/* alpha from the factor and y; n^2. */
void gp_model_weigh(struct gp_model *m);

/* [2][cap][cap], to work in until points are reserved anew. */
double *gp_model_room(struct gp_model *m);

/* Squared distances to the first n points, scaled: s [n, rounded up to 4]. */
void gp_model_distances(const struct gp_model *m, const double *x, size_t n,
                        double *s);
/* `count` axes from j on are there and their distances are squares, not 0 or 1.
 */
bool gp_model_is_square(const struct gp_model *m, int32_t j, int32_t count);
double gp_model_mean(const struct gp_model *m, const double *x);
/* Mean and deviation at the first count <= CHOL_WIDE places, slopes too when
 * asked. n^2 for each two places, half of that without slopes. */
void gp_model_guess(const struct gp_model *m, const double *const *x,
                    size_t count, bool slopes, struct gp_guess *out);
/* The same mean, and a deviation that is too large: what the nearest point
 * alone leaves of it. O(n). */
void gp_model_glance(const struct gp_model *m, const double *const *x,
                     size_t count, struct gp_guess *out);

/* k and, unless NULL, dk/ds from squared distances s; arrays of n rounded up to
 * a multiple of 4 must be readable and writable. */
void gp_kernel(const double *s, size_t n, double scale, double *k,
               double *slope);

/* A climb to the parameters of largest posterior density for the data, an
 * evaluation at a time. An evaluation takes n^3/2 and leaves the model's factor
 * undefined. */
struct gp_ascent {
    struct lbfgs_descent down; /* of minus the density */
    bool noisy;                /* the noise is fitted, too */
};

/* From the parameters that are set. */
void gp_ascent_start(struct gp_ascent *a, struct gp_model *m, bool noisy);
/* One evaluation, unless down.over. */
void gp_ascent_go(struct gp_ascent *a, struct gp_model *m);
/* The model's parameters become the best so far; their density's logarithm. */
double gp_ascent_top(const struct gp_ascent *a, struct gp_model *m);
/* Log posterior density of (log t_1 .. log t_d, log scale, log(noise - floor))
 * and its gradient; what is climbed. -inf when not positive definite. */
double gp_posterior(struct gp_model *m, const double *theta, bool noisy,
                    double *gradient);

#endif
