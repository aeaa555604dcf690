/* Compiled as one. The metrics. */
#include "sim/measure.c"
#include "sim/measure_benchmark.c"
#include "sim/measure_drawdown.c"
#include "sim/measure_return.c"
#include "sim/measure_tail.c"
#include "sim/measure_trade.c"
#include "sim/metrics.c"
