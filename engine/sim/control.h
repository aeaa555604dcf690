/* Limits a strategy sets on itself; see control.c. */
#ifndef BT_SIM_CONTROL_H
#define BT_SIM_CONTROL_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>

struct bt_run;

struct control {
    int32_t kind, sid; /* BT_CONTROL_*; sid -1: every asset */
    int32_t fails;     /* 1: an order beyond it is an error */
    double units, value;
};

struct controls {
    struct control *list;
    size_t count, cap;
    int32_t session; /* day that orders are counted on */
    int32_t orders;  /* given on it */
    bool day_orders; /* an order without a time in force is good for the day */
};

/* May an order of so many units be given? *reason: BT_REASON_CONTROL when it is
 * to be rejected. BT_E_STATE names rule, value and limit. */
bt_status control_check(struct bt_run *run, const bt_order *o, double amount,
                        int32_t *reason);
/* May an open order become one of so many units? *refused: it stays as it is.
 * errors as above */
bt_status control_change(struct bt_run *run, const bt_order *o, double amount,
                         bool *refused);
/* Is exposure within what must not be exceeded? */
bt_status control_bar(const struct bt_run *run);

#endif
