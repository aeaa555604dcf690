/* What a place is worth to a search by Gaussian process, and the best place. */
#ifndef BT_SEARCH_GP_ACQUIRE_H
#define BT_SEARCH_GP_ACQUIRE_H

#include "search/gp_model.h"
#include "search/linalg.h"
#include "search/search.h"

struct gp_aim {
    struct gp_model *objective; /* larger is better; NULL: no scores yet */
    struct gp_model
        *feasible;           /* above 0: it counts; NULL: nothing failed yet */
    int32_t acquisition;     /* ACQUIRE_* */
    double best, kappa;      /* best: the score to improve on, with xi */
    const double *incumbent; /* [dims], where a climb starts; may be NULL */
};

/* log EI, log PI or the upper bound, plus log P(feasible); larger is better.
 * slope [dims] or NULL. n^2. */
double gp_acquire(const struct gp_aim *aim, const double *x, double *slope);
/* Of CHOL_WIDE places at once. */
void gp_acquire_wide(const struct gp_aim *aim, const double *const *x,
                     double *out);
/* The same with the standard deviation left open: at least gp_acquire for EI
 * and the bound. O(n). */
double gp_acquire_bound(const struct gp_aim *aim, const double *x);

/* log(z Phi(z) + phi(z)) and its derivative; log Phi(z) and its derivative. */
double gp_log_improvement(double z, double *slope);
double gp_log_probability(double z, double *slope);

/* Places worth asking, best first: room for GP_PLACES. */
enum { GP_PLACES = 10 };
struct gp_places {
    int32_t count;
    double x[GP_PLACES][SPACE_MAX], worth[GP_PLACES];
};
void gp_search(const struct gp_aim *aim, struct rng *rng,
               struct gp_places *out);
/* Climbs from x to a local maximum; returns its worth. */
double gp_climb(const struct gp_aim *aim, double *x);

#endif
