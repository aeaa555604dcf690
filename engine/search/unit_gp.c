/* Compiled as one. The Gaussian process. */
#include "search/cube.c"
#include "search/gp_acquire.c"
#include "search/gp_climb.c"
#include "search/gp_fit.c"
#include "search/gp_guess.c"
#include "search/gp_model.c"
#include "search/gp_search.c"
#include "search/lbfgs.c"
