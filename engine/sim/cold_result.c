/* Compiled as one. Results: owned, joined, stored, asked on the way. */
#include "sim/excursion.c"
#include "sim/flow.c"
#include "sim/join.c"
#include "sim/kept.c"
#include "sim/progress.c"
#include "sim/result.c"
