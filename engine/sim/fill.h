/* Working orders on bars; see fill.c. */
#ifndef BT_SIM_FILL_H
#define BT_SIM_FILL_H

#include "sim/run.h"

/* Work the open orders in the phases first..last of the bar of a row. */
void fill_bar(struct bt_run *run, int32_t row, enum phase first,
              enum phase last);
/* The last bar: end what is open, then sell or buy back all that is held at its
 * close, under the rules of any order. */
void fill_close(struct bt_run *run);
/* End what is still open after the last bar, each with its reason. */
void fill_end(struct bt_run *run);

#endif
