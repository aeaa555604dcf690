/* First in, first out.
 *
 * Each asset has a queue of lots, oldest first, linked by index through one
 * pool that all assets share, so that a fill allocates nothing once the pool
 * has grown to what a run needs. A closing deal eats lots from the old end;
 * each bite is one round trip with its own entry.
 *
 * Commissions go with the units: a bite takes the lot's commission in
 * proportion to its units, and the closing deal's in proportion too; the last
 * bite takes what is left, so that the parts add up to the whole. Hence
 *
 *     sum of pnl = (money out - money in) of the closed units - all their fees.
 *
 * Cost: O(1) per fill plus O(1) per lot eaten.
 * Invariant: the amounts of an asset's lots have one sign and add up to its
 * position; basis is the sum of amount * multiplier * price + commission over
 * them.
 */
#include "sim/trade.h"

#include "base/mem.h"
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

void trades_init(struct trades *t, int32_t assets, size_t room) {
    *t = (struct trades){.free_lot = -1};
    t->list = mem_room(room, &t->cap, sizeof *t->list);
    t->queues = mem_alloc((size_t)assets * sizeof *t->queues);
    for (int32_t i = 0; i < assets; i++)
        t->queues[i] = (struct lot_queue){.oldest = -1, .newest = -1};
}

void trades_fini(struct trades *t) {
    free(t->lots);
    free(t->queues);
    free(t->list);
}

static int32_t lot_new(struct trades *t) {
    int32_t i = t->free_lot;
    if (i >= 0) {
        t->free_lot = t->lots[i].next;
        return i;
    }
    t->lots = mem_grow(t->lots, t->lot_count, &t->lot_cap, sizeof *t->lots);
    return (int32_t)t->lot_count++;
}

void trades_open(struct trades *t, const struct deal *d) {
    struct lot_queue *q = &t->queues[d->sid];
    int32_t i = lot_new(t);
    t->lots[i] = (struct lot){.amount = d->amount,
                              .price = d->price,
                              .commission = d->commission,
                              .time = d->time,
                              .bar = d->bar,
                              .order = d->order,
                              .phase = d->phase,
                              .next = -1};
    if (q->newest >= 0)
        t->lots[q->newest].next = i;
    else
        q->oldest = i;
    q->newest = i;
    q->basis += d->amount * d->multiplier * d->price + d->commission;
}

static void drop_oldest(struct trades *t, struct lot_queue *q) {
    int32_t i = q->oldest;
    q->oldest = t->lots[i].next;
    if (q->oldest < 0) {
        q->newest = -1;
        q->basis = 0.0; /* no dust from subtracting */
    }
    t->lots[i].next = t->free_lot;
    t->free_lot = i;
}

static bt_trade trip(const struct deal *d, const struct lot *l, double amount,
                     double commission) {
    return (bt_trade){.sid = d->sid,
                      .bars = d->bar - l->bar,
                      .entry_time = l->time,
                      .exit_time = d->time,
                      .amount = amount,
                      .entry_price = l->price,
                      .exit_price = d->price,
                      .commission = commission,
                      .pnl = amount * d->multiplier * (d->price - l->price) -
                             commission,
                      .multiplier = d->multiplier,
                      .entry_order = l->order,
                      .exit_order = d->order,
                      .entry_bar = l->bar,
                      .exit_bar = d->bar,
                      .entry_phase = l->phase,
                      .exit_phase = d->phase};
}

static void book(struct trades *t, const struct deal *d, const struct lot *l,
                 double amount, double commission) {
    t->list = mem_grow(t->list, t->count, &t->cap, sizeof *t->list);
    t->list[t->count++] = trip(d, l, amount, commission);
}

void trades_peek(const struct trades *t, const struct deal *d, bt_trade **list,
                 size_t *count, size_t *cap) {
    for (int32_t i = t->queues[d->sid].oldest; i >= 0; i = t->lots[i].next) {
        const struct lot *l = &t->lots[i];
        *list = mem_grow(*list, *count, cap, sizeof **list);
        (*list)[(*count)++] = trip(d, l, l->amount, l->commission);
    }
}

/* Close amount (of the lot's sign) of the oldest lot; fee: the exit's share. */
static void bite(struct trades *t, const struct deal *d, double amount,
                 double fee, double lot_size) {
    struct lot_queue *q = &t->queues[d->sid];
    struct lot *l = &t->lots[q->oldest];
    double left = units_dust(l->amount - amount, l->amount, lot_size);
    bool whole = left == 0.0 || fabs(amount) >= fabs(l->amount);
    double entry_fee =
        whole ? l->commission : l->commission * (amount / l->amount);
    book(t, d, l, amount, entry_fee + fee);
    q->basis -= amount * d->multiplier * l->price + entry_fee;
    l->amount = left;
    l->commission -= entry_fee;
    if (whole)
        drop_oldest(t, q);
}

void trades_close(struct trades *t, const struct deal *d, double lot) {
    struct lot_queue *q = &t->queues[d->sid];
    double rest = -d->amount; /* of the sign of the lots */
    double fee = d->commission;
    while (rest != 0.0 && q->oldest >= 0) {
        double have = t->lots[q->oldest].amount;
        double eaten = fabs(have) < fabs(rest) ? have : rest;
        double left = units_dust(rest - eaten, rest, lot);
        bool last = left == 0.0;
        double part = last ? fee : d->commission * (eaten / -d->amount);
        bite(t, d, eaten, part, lot);
        fee -= part;
        rest = left;
    }
}

double trades_basis(const struct trades *t, int32_t sid) {
    return t->queues[sid].basis;
}

void trades_split(struct trades *t, int32_t sid, double ratio, double total) {
    struct lot_queue *q = &t->queues[sid];
    double rest = total;
    for (int32_t i = q->oldest; i >= 0; i = t->lots[i].next) {
        struct lot *l = &t->lots[i];
        l->amount = i == q->newest ? rest : l->amount * ratio;
        l->price *= 1 / ratio;
        rest -= l->amount;
    }
}
