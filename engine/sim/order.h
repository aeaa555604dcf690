/* Giving orders and taking them back; see order.c, order_change.c. */
#ifndef BT_SIM_ORDER_H
#define BT_SIM_ORDER_H

#include "sim/run.h"

/* errors BT_E_RANGE a price or distance that is none */
bt_status order_check_prices(const bt_order_options *o);
/* errors BT_E_USAGE options that exclude one another; BT_E_RANGE flags, tif */
bt_status order_check_rules(const bt_order_options *o);
/* Last row on which an order of a time in force may trade. */
bt_status order_last_row(const bt_run *run, const bt_order_options *o,
                         int32_t *out);
/* A market order of the account's own, flagged BT_ORDER_FORCED and
 * with other flags. */
void order_force(bt_run *run, int32_t sid, double amount, int32_t flags);
/* End an order that no bar can work any more: its time is over before the next
 * one, as that of a date between two sessions is. */
void order_expire(bt_run *run, int32_t id);
/* The account says how many are open. */
static inline void order_count(bt_run *run) {
    run->ledger.account.open_orders = run->book.live;
}

#endif
