/* Where a bar meets an order's prices; see touch.c. */
#ifndef BT_SIM_TOUCH_H
#define BT_SIM_TOUCH_H

#include "sim/book.h"
#include "sim/market.h"

/* A bar on which orders are worked. */
struct candle {
    int32_t row;
    double open, high, low, close;
    bool session_end; /* it is the last row of its session */
};

/* How the run reads a bar. */
struct reading {
    int32_t intrabar;  /* BT_INTRABAR_* */
    enum phase market; /* where market orders trade */
};

/* What the order waits for, from its prices and flags; side is set. */
int32_t touch_wait(const struct working *w, const bt_order *o);
/* Set what wakes the order, after anything about it has changed. */
void touch_arm(const struct working *w, const bt_order *o, struct watch *out);
/* Where a trailing stop stands while its extreme is what it is. */
double touch_trail(const struct working *w, const bt_order *o);
/* Whole ticks, never in the strategy's favour: a limit asks for more, a stop
 * waits for more. Prices that are distances, or of an order without a side yet,
 * stay. */
void touch_round(const struct working *w, bt_order *o);
/* Price at which an order may trade in a phase of a bar, NaN when it may not.
 * Phases are asked in their order: stops are met and trail on the way. */
double touch_quote(struct working *w, const bt_order *o,
                   const struct candle *bar, enum phase phase,
                   const struct reading *how);
/* When two orders of a group may trade on the way through one bar: the one with
 * the smaller number trades, at equality the older one. */
double touch_turn(const struct working *w, const bt_order *o,
                  const struct candle *bar, int32_t intrabar);

#endif
