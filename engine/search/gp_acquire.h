/* What a place is worth to a search by Gaussian process, and the best place. */
#ifndef BT_SEARCH_GP_ACQUIRE_H
#define BT_SEARCH_GP_ACQUIRE_H

#include "search/gp_model.h"
#include "search/search.h"

struct gp_aim {
    struct gp_model *objective; /* larger is better; NULL: no scores yet */
    struct gp_model
        *feasible;           /* above 0: it counts; NULL: nothing failed yet */
    int32_t acquisition;     /* ACQUIRE_* */
    double best, kappa;      /* best: the score to improve on, with xi */
    const double *incumbent; /* [dims], where a climb starts; may be NULL */
};

/* log EI, log PI or the upper bound, plus log P(feasible), at count places, at
 * most CHOL_WIDE; larger is better. slope [count] or NULL. */
void gp_acquire(const struct gp_aim *aim, const double *const *x, size_t count,
                double *out, double (*slope)[SPACE_MAX]);
/* The same with the standard deviation left open: at least gp_acquire for EI
 * and the bound. O(n). */
void gp_acquire_bound(const struct gp_aim *aim, const double *const *x,
                      size_t count, double *out);

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
/* Each place becomes the local maximum that a climb from there ends at. */
void gp_climb(const struct gp_aim *aim, struct gp_places *places);

#endif
