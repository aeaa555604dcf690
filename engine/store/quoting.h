/* A made-up company splits its shares and pays dividends; see quoting.c. */
#ifndef BT_STORE_QUOTING_H
#define BT_STORE_QUOTING_H

#include "store/actions.h"

struct quoting {
    struct action_set *set; /* NULL: nothing ever happens */
    const char *symbol;
    bool pays;
    double price, shares; /* factors from the model's prices and volumes */
    double close;         /* of the bar before, as quoted */
    int32_t session;      /* its session, 0 before the first */
};

/* Turn a bar of the model [open, high, low, close, volume] into what is quoted,
 * and keep what happened before it. errors as action_set_split, _dividend */
bt_status quoting_bar(struct quoting *q, int32_t session, double v[5]);

#endif
