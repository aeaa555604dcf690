/* What trading costs: commission, see cost.c; slippage, see slip.c. */
#ifndef BT_SIM_COST_H
#define BT_SIM_COST_H

#include "backlua.h"

#include <stdbool.h>

/* Commission of one order over all its fills. Starts zeroed. */
struct fee_state {
    double base;    /* what the rate alone asked for so far */
    double charged; /* what was taken so far */
};

/* A fill about to be charged. */
struct charge {
    const bt_commission *model;
    struct fee_state state; /* of its order, before it */
    bool maker;             /* it rested at its limit */
    double multiplier;      /* value of a unit at a price of 1 */
    double month;           /* value traded in the month so far, for tiers */
    /* Asks the caller's function, for BT_COMMISSION_CUSTOM. */
    double (*ask)(void *ctx, double units, double price);
    void *ctx;
};

/* errors BT_E_RANGE names the number and its limits */
bt_status cost_check_commission(const bt_commission *c);

/* Commission of units > 0 more at price. Never negative; never falling in
 * units, unless a function of the user says so. */
double cost_commission(const struct charge *c, double units, double price);
/* The fill happened: the state of its order after its fee. */
struct fee_state cost_charged(const struct charge *c, double units,
                              double price, double fee);
/* Slope of the commission in units at price, for a first guess; >= 0. */
double cost_commission_slope(const struct charge *c, double price);

#endif
