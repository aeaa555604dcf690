/* Volumes that points in several objectives dominate. */
#ifndef BT_SEARCH_HYPERVOLUME_H
#define BT_SEARCH_HYPERVOLUME_H

#include <stddef.h>
#include <stdint.h>

/* Of x [n][m], all >= 0, larger is better: the volume between the origin and
 * what they dominate together. */
double hypervolume(const double *x, size_t n, int32_t m);
/* The k of x [n][m] that dominate most together, as far as taking the best next
 * one each time finds them: positions in out [k], in the order taken. */
void hypervolume_choose(const double *x, size_t n, int32_t m, size_t k,
                        size_t *out);

#endif
