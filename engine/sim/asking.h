/* Costs that a function of the strategy decides; see asking.c. */
#ifndef BT_SIM_ASKING_H
#define BT_SIM_ASKING_H

#include "backlua.h"

#include <stdbool.h>

struct asking {
    bt_ask ask; /* NULL: nobody to ask */
    void *ctx;
    bool failed; /* it raised, or gave no number: the step fails */
};

/* Ask for a price or a fee; NAN once it failed. */
double asking_ask(struct asking *a, int32_t what, const bt_query *q);

#endif
