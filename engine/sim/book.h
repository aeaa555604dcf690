/* Every order of a run, and the open ones ready to be worked; see book.c. */
#ifndef BT_SIM_BOOK_H
#define BT_SIM_BOOK_H

#include "backlua.h"
#include "sim/cost.h"

#include <stdbool.h>
#include <stddef.h>

/* What an open order waits for. */
enum wait {
    WAIT_MARKET, /* the phase that the run's fill policy names */
    WAIT_OPEN,   /* any open: a stop that was met and has units left */
    WAIT_CLOSE,  /* the close of a session */
    WAIT_LIMIT,  /* a price as good as its limit */
    WAIT_STOP,   /* its stop, fixed or trailing */
    WAIT_ENTRY   /* the entry of its bracket: not worked yet */
};

/* All that the scan of a bar reads of an open order: the bar can only matter to
 * it when its low is <= below or its high >= above; see touch.c. */
struct watch {
    double below, above;
    const double *lows, *highs; /* of its asset, [rows] */
    int32_t slot;               /* of its struct working */
};

/* An open order, as the fill loop sees it. */
struct working {
    int32_t index; /* of its bt_order, id - 1; -1 once it has ended */
    int32_t sid;
    int32_t line; /* of its struct watch */
    int32_t next; /* slot + 1 of the asset's next open order, 0: the last; of
                     a free slot: of the next one */
    int32_t prev; /* likewise of the one before, 0: the first */
    int32_t wait; /* enum wait */
    bool sized;   /* rest is known; false: to be sized when it may trade */
    bool worked;  /* in the phase, or no phase has a price for it */
    bool quoted;  /* in a phase of this bar */
    bool maker;   /* it rests in the market at its limit */
    bool starved; /* some bar had its price and no volume left for it */
    double side;  /* +1 buys, -1 sells; 0 until sized, without a price */
    double quote; /* price it may trade at in the phase being worked */
    double rest;  /* units still to trade, signed */
    double value; /* sum of amount * price over its fills */
    double limit, stop; /* NaN: none; a trailing stop moves */
    double extreme;     /* best price a trailing stop has seen */
    double tick;        /* step of its prices, 0: none */
    int32_t first_row;  /* of the rows it may trade on */
    int32_t last_row;   /* likewise */
    int32_t leg;        /* of the path on which this bar met it: 0, 1 or 2 */
    int32_t child;      /* id of the first order of its bracket, 0: none */
    int32_t children;   /* how many follow each other from there */
    int32_t ring;       /* id of the next order of its group, 0: none */
    struct fee_state fee;
};

/* Open orders of an asset: slots + 1 in submission order, and how many. */
struct queue {
    int32_t head, tail, count;
};

/* An entry that filled on this bar, and its exits. */
struct waking {
    int32_t parent, child, children;
};

struct book {
    bt_order *orders; /* [count] in submission order; id = index + 1 */
    int32_t *slots;   /* [count] slot + 1 of an open order, 0 once ended */
    size_t count, cap, slots_cap;
    struct watch *lines; /* [line_count] of open orders, in submission order,
                            ended ones too */
    size_t line_count, line_cap;
    struct working *open; /* [open_count] slots, the free ones too */
    size_t open_count, open_cap;
    int32_t free;          /* slot + 1 of the first free one, 0: none */
    int32_t live;          /* how many have not ended */
    struct queue *queues;  /* [assets] */
    int32_t expiry;        /* no order expires before this row */
    int32_t exits;         /* exits of brackets there ever were */
    bool grouped;          /* some order ever shared a group */
    struct waking *waking; /* [waking_count] */
    size_t waking_count, waking_cap;
};

/* orders: how many to have room for from the start. */
void book_init(struct book *b, int32_t assets, size_t orders);
void book_fini(struct book *b);
/* Append an order; the book gives the id. Borrowed until the next call. */
bt_order *book_add(struct book *b, const bt_order *o);
/* The order is to be worked from now on; w and watch say how. Borrowed
 * likewise. */
struct working *book_work(struct book *b, const bt_order *o,
                          const struct working *w, const struct watch *watch);
/* End an open order; it leaves the list at the next book_sweep. */
void book_end(struct book *b, struct working *w, int32_t status, int32_t reason,
              bt_time when);
void book_sweep(struct book *b);
/* The open order of an id, NULL when it has ended or never was. */
struct working *book_find(const struct book *b, int32_t id);
/* Units that open orders of an asset are still to trade, signed: market orders,
 * and those with a price when priced is set. Orders that only reduce, or that
 * another order may cancel, never count. */
double book_pending(const struct book *b, int32_t sid, bool priced);

/* The order of a line, open or ended. */
static inline struct working *book_line(const struct book *b, size_t line) {
    return &b->open[b->lines[line].slot];
}

/* What wakes an open order. */
static inline struct watch *book_watch(const struct book *b,
                                       const struct working *w) {
    return &b->lines[w->line];
}

/* Walk the open orders of an asset, oldest first; NULL after the last. */
static inline struct working *book_at(const struct book *b, int32_t slot) {
    return slot > 0 ? &b->open[slot - 1] : NULL;
}

static inline struct working *book_first(const struct book *b, int32_t sid) {
    return book_at(b, b->queues[sid].head);
}

#endif
