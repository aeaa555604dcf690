/* Compiled as one. Searches that ask a model: what they are told and ask. */
#include "search/cmaes.c"
#include "search/gp.c"
#include "search/gp_process.c"
