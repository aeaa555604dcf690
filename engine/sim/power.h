/* Buying power: how much of an order can be paid for; see power.c. */
#ifndef BT_SIM_POWER_H
#define BT_SIM_POWER_H

#include "sim/run.h"

/* What an order is about to do on a bar. Units are >= 0. */
struct intent {
    double side;    /* +1 buys, -1 sells */
    double price;   /* of the fill */
    double closing; /* units against the position: always allowed */
    double opening; /* units beyond it: must be affordable */
};

/* The largest part of in->opening, in whole lots, that the account can pay. */
double power_affordable(const struct bt_run *run, const struct working *w,
                        const struct intent *in, const struct charge *charge,
                        int32_t row, enum phase phase);

#endif
