/* Sobol's sequence: points that fill the unit cube evenly. */
#ifndef BT_SEARCH_SOBOL_H
#define BT_SEARCH_SOBOL_H

#include "base/rng.h"
#include "search/space.h"

enum { SOBOL_BITS = 32, SOBOL_DEGREE = 9 };

struct sobol_row {
    uint16_t polynomial;
    uint16_t m[SOBOL_DEGREE];
};

extern const struct sobol_row sobol_rows[SPACE_MAX - 1];

struct sobol {
    int32_t dims;
    uint32_t index; /* of the next point */
    uint32_t direction[SPACE_MAX][SOBOL_BITS];
    uint32_t at[SPACE_MAX]; /* the next point */
};

/* rng scrambles (a linear matrix and a shift per dimension); NULL: the plain
 * sequence, which begins 0, 1/2, 3/4, 1/4 in the first dimension. */
void sobol_init(struct sobol *s, int32_t dims, struct rng *rng);
/* The next point, each coordinate in [0, 1). O(dims). */
void sobol_next(struct sobol *s, double *unit);

#endif
