/* FIFO lots of what is held, and the round trips they end in; see trade.c. */
#ifndef BT_SIM_TRADE_H
#define BT_SIM_TRADE_H

#include "backlua.h"

#include <stddef.h>

/* One entry, or what is left of it. */
struct lot {
    double amount; /* units, signed */
    double price;
    double commission; /* of the units left */
    bt_time time;
    int32_t bar;  /* of the run */
    int32_t next; /* index of the next newer lot, -1 at the end */
    int32_t order, phase;
};

/* Oldest and newest lot of an asset, -1 when flat; basis: what is left of the
 * entries cost, sum of amount * multiplier * price + commission. */
struct lot_queue {
    int32_t oldest, newest;
    double basis;
};

struct trades {
    struct lot *lots; /* pool; the free ones hang on free_lot */
    size_t lot_count, lot_cap;
    int32_t free_lot;
    struct lot_queue *queues; /* [assets] */
    bt_trade *list;           /* round trips in the order they closed */
    size_t count, cap;
};

/* A fill, or the part of one that opens or closes. */
struct deal {
    int32_t sid, bar, order, phase;
    bt_time time;
    double amount; /* units, signed */
    double price, multiplier, commission;
};

/* room: how many round trips to have room for from the start. */
void trades_init(struct trades *t, int32_t assets, size_t room);
void trades_fini(struct trades *t);
/* Take units on: a new newest lot. */
void trades_open(struct trades *t, const struct deal *d);
/* Give units back, at most what is held, against the oldest lots. lot: size. */
void trades_close(struct trades *t, const struct deal *d, double lot);
/* A unit of an asset becomes ratio units, total in all: entry prices go with
 * them, costs stay. */
void trades_split(struct trades *t, int32_t sid, double ratio, double total);
/* The lots of an asset, oldest first, as round trips that end in a deal of no
 * cost (its amount does not count): appended to *list. */
void trades_peek(const struct trades *t, const struct deal *d, bt_trade **list,
                 size_t *count, size_t *cap);
/* Entry costs of what is held of an asset, commission included, signed. */
double trades_basis(const struct trades *t, int32_t sid);

#endif
