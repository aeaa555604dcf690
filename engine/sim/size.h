/* From what a strategy asks to units of an asset; see size.c. */
#ifndef BT_SIM_SIZE_H
#define BT_SIM_SIZE_H

#include "backlua.h"

#include <stdbool.h>

/* What there is to size with. */
struct sizing {
    int32_t kind;   /* BT_ORDER_* */
    double request; /* the number given */
    double price;   /* of one unit; NaN when none is known */
    double equity;  /* of the account */
    double held;    /* position plus what open orders will still trade */
    double lot;
};

/* Largest order, in lots: beyond it doubles no longer count every unit. */
#define SIZE_MAX_LOTS 1e15

bool size_is_target(int32_t kind);
/* The largest |number| that an order of this kind may ask for. */
double size_limit(int32_t kind, double lot);
/* Units to trade, signed, whole lots, 0 for none. *reason then says why:
 * BT_REASON_NO_PRICE, BT_REASON_AT_TARGET or BT_REASON_BELOW_LOT. */
double size_units(const struct sizing *s, int32_t *reason);

#endif
