/* Product-kernel density estimates over a cube (TPE). */
#ifndef BT_SEARCH_PARZEN_H
#define BT_SEARCH_PARZEN_H

#include "search/cube.h"

#include <stddef.h>

struct bins; /* log masses of a step axis, by bandwidth */

/* Kernels live in slots; a slot without weight does not count. The last slot
 * is the prior. */
struct parzen {
    const struct cube *cube;
    int64_t slots, members; /* slots: without the prior's */
    size_t cap;
    double *mu;              /* [dims][cap]; CHOICE: the choice */
    double *sigma, *inverse; /* [dims][cap] */
    double *norm;            /* [dims][cap]: log of what scales the kernel */
    double *log_weight;      /* [cap], normalised; -inf without weight */
    double *base, *sum;      /* [cap]: scratch of parzen_log */
    const double **mass;     /* [dims][cap]: a step axis' log masses */
    int64_t *level;          /* [dims][cap]: and the centre's level */
    struct bins *bins;       /* [dims] */
};

void parzen_init(struct parzen *p, const struct cube *cube);
void parzen_fini(struct parzen *p);
/* Slots 0 .. n-1 and the prior; all without weight. */
void parzen_start(struct parzen *p, int64_t n);
/* Centre and bandwidth of a slot's kernel along an axis that is not CHOICE;
 * cheap when neither changed. CHOICE takes the centre alone. */
void parzen_set(struct parzen *p, int64_t slot, int32_t axis, double mu,
                double sigma);
/* Weights of the members in trial order: weight[slot] > 0 marks one. Called
 * after all are set. */
void parzen_weigh(struct parzen *p, const double *weight);
/* A draw; three numbers of the stream a coordinate at most. */
void parzen_draw(const struct parzen *p, struct rng *rng, double *x);
/* Log density, up to a constant that all estimates over the cube share. */
double parzen_log(struct parzen *p, const double *x);

/* Weights by age (oldest first) and bandwidths, the rules on their own. */
double parzen_age_weight(int64_t i, int64_t m);
/* The larger distance to the two neighbours; the ends have one neighbour. */
static inline double parzen_spread(double left, double x, double right,
                                   bool first, bool last) {
    double before = x - left, after = right - x;
    if (first != last)
        return first ? after : before;
    return after > before ? after : before;
}
/* Bandwidths are at least 1 / PARZEN_WIDEST of the range, 1 / (m + 2) of few
 * observations. */
#define PARZEN_WIDEST 100.0
static inline double parzen_clip(double sigma, int64_t m) {
    double few = (double)m + 2;
    double least = 1 / (few < PARZEN_WIDEST ? few : PARZEN_WIDEST);
    return sigma < least ? least : sigma > 1 ? 1 : sigma;
}

#endif
