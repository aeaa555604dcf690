/* Compiled as one. Which parameters matter, and how flat the top is. */
#include "optimize/importance.c"
#include "optimize/importance_grid.c"
#include "optimize/plateau.c"
