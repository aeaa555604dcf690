/* Orders that depend on one another: groups and brackets; see links.c. */
#ifndef BT_SIM_LINKS_H
#define BT_SIM_LINKS_H

#include "sim/run.h"

/* Put an open order into the group of another one. */
void links_join(struct book *b, struct working *w, struct working *other);
/* End an order, and the exits that wait for it in vain. */
void links_end(struct bt_run *run, struct working *w, int32_t status,
               int32_t reason, bt_time when);
/* The same with the status that its fills give it: partial or cancelled. */
void links_cancel(struct bt_run *run, struct working *w, int32_t reason,
                  bt_time when);
/* An order traded amount (signed) on a row: tell those that depend on it. */
void links_filled(struct bt_run *run, struct working *w, double amount,
                  bt_time when);
/* A position has changed without an order: exits with nothing to close end. */
void links_moved(struct bt_run *run, int32_t sid, bt_time when);
/* The bar is over: exits whose entry filled on it are worked from now on. */
void links_wake(struct bt_run *run, int32_t row);

#endif
