/* Compiled as one. What a run leaves behind. */
#include "sim/excursion.c"
#include "sim/flow.c"
#include "sim/hash.c"
#include "sim/join.c"
#include "sim/kept.c"
#include "sim/links.c"
#include "sim/progress.c"
#include "sim/result.c"
