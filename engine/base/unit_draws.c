/* Compiled as one. Draws, fronts, spreads. */
#include "base/front.c"
#include "base/rng.c"
#include "base/spread.c"
