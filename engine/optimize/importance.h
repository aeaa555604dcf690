/* Shares of the score's variance that parameters explain alone. */
#ifndef BT_OPTIMIZE_IMPORTANCE_H
#define BT_OPTIMIZE_IMPORTANCE_H

#include <stdbool.h>
#include <stdint.h>

/* Of trials that are a whole grid, each cell once, all with a score: exact, out
 * [params]. False, and nothing done, when they are not. x [trials * params]. */
bool importance_of_grid(const double *x, const double *score, int32_t trials,
                        int32_t params, double *out);

#endif
