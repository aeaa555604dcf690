/* A run's metrics while it runs; see progress.c. */
#ifndef BT_SIM_PROGRESS_H
#define BT_SIM_PROGRESS_H

#include "sim/metrics.h"

struct bt_run;

/* What metrics of so many bars from a bar of the run on need besides the
 * arrays: span, calendar, rates and totals. */
struct metric_input progress_facts(const struct bt_run *run, int32_t from,
                                   int32_t bars);
/* The run is over, and these are its metrics. */
void progress_end(struct bt_run *run, const double *metrics);

#endif
