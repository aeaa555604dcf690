/* Compiled as one. What searches learn: densities, covariances, fronts. */
#include "search/cma.c"
#include "search/hypervolume.c"
#include "search/parzen.c"
#include "search/tpe.c"
#include "search/tpe_split.c"
