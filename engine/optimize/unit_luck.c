/* Compiled as one. How likely a best is luck: resampling and ranks. */
#include "optimize/bootstrap.c"
#include "optimize/cscv.c"
#include "optimize/panel.c"
#include "optimize/quantile.c"
#include "optimize/ranks.c"
#include "optimize/sharpe.c"
