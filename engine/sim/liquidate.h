/* What an account would be worth without its positions; see liquidate.c. */
#ifndef BT_SIM_LIQUIDATE_H
#define BT_SIM_LIQUIDATE_H

#include "sim/run.h"

/* Currency; NaN under costs that Lua functions decide. */
double liquidation_value(const struct bt_run *run);

#endif
