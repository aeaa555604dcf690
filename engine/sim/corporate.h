/* What happens to assets, on the account; see corporate.c. */
#ifndef BT_SIM_CORPORATE_H
#define BT_SIM_CORPORATE_H

#include "backlua.h"

#include <stddef.h>

struct bt_run;

/* Cash of a dividend that is to be paid. */
struct due {
    int32_t row, sid;
    double amount;
};

struct corporate {
    const bt_action **list; /* [count] by row, kind and asset */
    int32_t count, next;
    int32_t next_row; /* no action and no payment before it */
    struct due *dues; /* [due_count] as they came up */
    size_t due_count, due_cap;
};

/* NULL when nothing happens from a row of the run on. */
struct corporate *corporate_new(const bt_bundle *b, int32_t first,
                                int32_t last);
void corporate_free(struct corporate *c); /* NULL does nothing */
/* A bar is entered, its orders are not worked yet: payments, then actions. */
void corporate_enter(struct bt_run *run, int32_t row);

#endif
