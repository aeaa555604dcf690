/* Compiled as one. Draws, fronts, spreads, and the entries used last. */
#include "base/front.c"
#include "base/recent.c"
#include "base/rng.c"
#include "base/spread.c"
