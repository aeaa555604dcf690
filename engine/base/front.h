/* Points by dominance: which are beaten by which, in several objectives at
 * once. */
#ifndef BT_BASE_FRONT_H
#define BT_BASE_FRONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* a [m] is at least as good as b [m] everywhere and better somewhere; larger is
 * better. */
bool front_dominates(const double *a, const double *b, int32_t m);
/* first [n] of x [n][m], finite: nothing dominates it. */
void front_first(const double *x, size_t n, int32_t m, bool *first);
/* rank [n] of x [n][m], finite: 0 what nothing dominates, 1 what nothing but
 * rank 0 does, ... Returns how many ranks there are. */
int32_t front_sort(const double *x, size_t n, int32_t m, int32_t *rank);

#endif
