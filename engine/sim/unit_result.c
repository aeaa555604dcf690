/* Compiled as one. What a run leaves behind: metrics, a hash; linked orders. */
#include "sim/hash.c"
#include "sim/links.c"
#include "sim/metrics.c"
