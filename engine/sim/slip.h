/* The price of a fill: slippage; see slip.c. */
#ifndef BT_SIM_SLIP_H
#define BT_SIM_SLIP_H

#include "backlua.h"
#include "sim/market.h"

/* A fill about to be priced. */
struct slip {
    double side;      /* +1 buys, -1 sells */
    double quote;     /* price without slippage */
    double limit;     /* of the order, NaN for none */
    double units;     /* > 0 */
    double taken;     /* units of the bar that are taken already */
    double high, low; /* of the bar, which no fill leaves */
    double volume;    /* of the bar */
    /* Of the asset before the bar; slip_measure. Only BT_SLIPPAGE_VOLATILITY
     * reads them. */
    double mean_volume, volatility;
};

/* errors BT_E_RANGE names the number and its limits */
bt_status slip_check(const bt_slippage *s);
/* Does the model look at volume and volatility of earlier bars? */
static inline int slip_looks_back(const bt_slippage *s) {
    return s->kind == BT_SLIPPAGE_VOLATILITY;
}
/* Mean volume, and deviation of the returns from close to close, of the last
 * SLIP_WINDOW bars before row, in the units of row; NaN with less than two
 * returns. e: of the asset. */
void slip_measure(const struct columns *c, const struct adjust_events *e,
                  int32_t row, struct slip *out);
/* What the order pays or gets for a unit, by the formulas in slip.c. */
double slip_price(const bt_slippage *s, const struct slip *in);
/* A price that some model gave, kept inside the bar and the limit. */
double slip_keep(const struct slip *in, double price);

enum { SLIP_WINDOW = 20 };

#endif
