/* Compiled as one. Searches that draw, walk or breed. */
#include "search/genetic.c"
#include "search/grid.c"
#include "search/lhs.c"
#include "search/nsga.c"
#include "search/random.c"
#include "search/sobol.c"
#include "search/sobol_table.c"
#include "search/walk.c"
