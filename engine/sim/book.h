/* Every order of a run, and the open ones ready to be worked; see book.c. */
#ifndef BT_SIM_BOOK_H
#define BT_SIM_BOOK_H

#include "backlua.h"
#include "sim/cost.h"

#include <stdbool.h>
#include <stddef.h>

/* An open order, as the fill loop sees it. */
struct working {
    int32_t index; /* of its bt_order, id - 1; -1 once it has ended */
    int32_t sid;
    bool sized;   /* rest is known; false: to be sized when it meets a bar */
    bool met_bar; /* a bar of its asset came by while it was open */
    bool worked;  /* in the phase being worked */
    double quote; /* price it may trade at in the phase being worked */
    double rest;  /* units still to trade, signed */
    double value; /* sum of amount * price over its fills */
    struct fee_state fee;
};

struct book {
    bt_order *orders; /* [count] in submission order; id = index + 1 */
    size_t count, cap;
    struct working *open; /* [open_count] in submission order */
    size_t open_count, open_cap;
    int32_t *open_of; /* [assets] how many are open */
};

void book_init(struct book *b, int32_t assets);
void book_fini(struct book *b);
/* Append an order; the book gives the id. Borrowed until the next call. */
bt_order *book_add(struct book *b, const bt_order *o);
/* The order is to be worked from now on. rest: signed units when sized. */
void book_work(struct book *b, const bt_order *o, bool sized, double rest);
/* End an open order; it leaves the list at the next book_sweep. */
void book_end(struct book *b, struct working *w, int32_t status, int32_t reason,
              bt_time when);
void book_sweep(struct book *b);
/* Units that sized open orders of an asset are still to trade, signed. */
double book_pending(const struct book *b, int32_t sid);
/* The open order of an id, NULL when it has ended or never was. */
struct working *book_find(const struct book *b, int32_t id);

#endif
