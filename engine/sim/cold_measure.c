/* Compiled as one. Measures by name, each when it is asked for. */
#include "sim/measure.c"
#include "sim/measure_benchmark.c"
#include "sim/measure_drawdown.c"
#include "sim/measure_return.c"
#include "sim/measure_tail.c"
#include "sim/measure_trade.c"
