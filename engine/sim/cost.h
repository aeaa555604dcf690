/* What trading costs: commission and slippage; see cost.c. */
#ifndef BT_SIM_COST_H
#define BT_SIM_COST_H

#include "backlua.h"

/* Commission of one order over all its fills. Starts zeroed. */
struct fee_state {
    double base;    /* what the rate alone asked for so far */
    double charged; /* what was taken so far */
};

bt_status cost_check_commission(const bt_commission *c);
bt_status cost_check_slippage(const bt_slippage *s);

/* Commission of a further fill of units > 0 at price; the state is not moved.
 * Never negative, never falling in units. */
double cost_commission(const bt_commission *c, const struct fee_state *state,
                       double units, double price);
/* The fill happened: move the state by its fee. */
void cost_charge(const bt_commission *c, struct fee_state *state, double units,
                 double price, double fee);
/* Slope of the commission in units at price, for a first guess; >= 0. */
double cost_commission_slope(const bt_commission *c, double price);

/* Price of a fill at a quoted price. side: +1 buys, -1 sells. high, low: the
 * bar, which the fill does not leave. */
double cost_fill_price(const bt_slippage *s, double side, double price,
                       double high, double low);

#endif
