/* What the parts of the bench of the searches share. */
#ifndef BT_SPEC_SEARCH_BENCH_H
#define BT_SPEC_SEARCH_BENCH_H

#include "search/search.h"

/* A real axis for each coordinate, the first from low[0] to high[0]. */
bt_space *space_of(int dims, const double low[2], const double high[2]);
/* With the options of the command line. */
struct search *start(const bt_space *space, int32_t kind, uint64_t seed,
                     int64_t trials);
/* Of v [n], which is sorted. */
double median(double *v, int n);
/* Mann-Whitney, one-sided: how likely a [n] came to be as much larger than b
 * [m] as it is, or more. */
double chance_of(const double *a, int n, const double *b, int m);

#endif
