/* The books of one cash account over many assets.
 *
 * Marking is what every bar pays, so it walks a dense array of holdings (amount
 * and price column side by side) and nothing else; assets that are not held
 * cost nothing. Holdings stay in the order in which they were opened: the sum
 * is then the same whatever ids the assets have and however many others there
 * are.
 *
 * A fill moves cash by -(amount * price + commission), in one rounding each, so
 * an order that was found affordable leaves cash >= 0. Its closing part feeds
 * the oldest lots, its opening part becomes the newest one; a flip does both
 * and splits its commission by units.
 *
 * Money that moves without a fill (interest, fees for borrowing, deposits) is a
 * flow: booked one by one, so that every unit of cash has a line that explains
 * it.
 *
 * Cost: mark O(held), fill O(1) except that closing a position moves the newer
 * holdings down. Invariant: equity = cash + sum of amount * price, and the same
 * recomputed from fills and flows alone (ledger_audit.c, in test builds).
 */
#include "sim/ledger.h"

#include "base/mem.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void ledger_init(struct ledger *l, int32_t assets, double capital,
                 const struct lengths *room) {
    size_t n = (size_t)assets;
    *l = (struct ledger){.held_count = 0};
    l->positions = mem_zalloc(n, sizeof *l->positions);
    l->held = mem_alloc(n * sizeof *l->held);
    l->slot = mem_alloc(n * sizeof *l->slot);
    memset(l->slot, -1, n * sizeof *l->slot);
    l->fills = mem_room(room->fills, &l->fill_cap, sizeof *l->fills);
    trades_init(&l->trades, assets, room->trades);
    l->account.cash = capital;
    l->account.starting_cash = capital;
    l->account.portfolio_value = capital;
}

void ledger_fini(struct ledger *l) {
    free(l->positions);
    free(l->held);
    free(l->slot);
    free(l->fills);
    free(l->flows);
    free(l->events);
    trades_fini(&l->trades);
#ifdef BT_CHECK
    ledger_audit_fini(l);
#endif
}

static void hold(struct ledger *l, const struct market *m, int32_t sid) {
    l->slot[sid] = l->held_count;
    l->held[l->held_count++] =
        (struct holding){.price = m->assets[sid].price,
                         .last_price = &l->positions[sid].last_price,
                         .sid = sid};
}

static void let_go(struct ledger *l, int32_t sid) {
    int32_t at = l->slot[sid];
    l->slot[sid] = -1;
    l->held_count--;
    for (int32_t i = at; i < l->held_count; i++) {
        l->held[i] = l->held[i + 1];
        l->slot[l->held[i].sid] = i;
    }
}

/* Hold so many units; keeps holdings and their count of shorts. */
static void set_position(struct ledger *l, const struct market *m, int32_t sid,
                         double after) {
    bt_position *p = &l->positions[sid];
    const struct terms *t = &m->assets[sid].terms;
    l->shorts += (after < 0.0) - (p->amount < 0.0);
    if (p->amount == 0.0 && after != 0.0)
        hold(l, m, sid);
    p->amount = after;
    if (after != 0.0) {
        double worth = after * t->multiplier;
        l->held[l->slot[sid]].amount = worth;
        p->cost_basis = trades_basis(&l->trades, sid) / worth;
    } else {
        let_go(l, sid);
        *p = (bt_position){0};
    }
}

static void move_position(struct ledger *l, const struct market *m, int32_t sid,
                          double amount) {
    double after = l->positions[sid].amount + amount;
    set_position(l, m, sid, units_snap(after, m->assets[sid].terms.lot));
}

static void book_lots(struct ledger *l, const struct terms *t,
                      const bt_fill *f) {
    double held = l->positions[f->sid].amount;
    double closes = 0.0;
    if (held != 0.0 && (held > 0.0) != (f->amount > 0.0))
        closes = fabs(held) < fabs(f->amount) ? -held : f->amount;
    double opens = units_snap(f->amount - closes, t->lot);
    double fee =
        opens == 0.0 ? f->commission : f->commission * (closes / f->amount);
    struct deal d = {.sid = f->sid,
                     .bar = f->bar,
                     .order = f->order_id,
                     .phase = f->phase,
                     .time = f->time,
                     .amount = closes,
                     .price = f->price,
                     .multiplier = t->multiplier,
                     .commission = fee};
    if (closes != 0.0)
        trades_close(&l->trades, &d, t->lot);
    d.amount = opens;
    d.commission = f->commission - fee;
    if (opens != 0.0)
        trades_open(&l->trades, &d);
}

void ledger_fill(struct ledger *l, const struct market *m, const bt_fill *f) {
    bt_account *a = &l->account;
    const struct terms *t = &m->assets[f->sid].terms;
    double value = f->amount * t->multiplier * f->price;
    l->fills =
        mem_grow(l->fills, l->fill_count, &l->fill_cap, sizeof *l->fills);
    l->fills[l->fill_count++] = *f;
    a->cash -= value + f->commission;
    a->commission += f->commission;
    a->slippage += f->slippage;
    l->traded += fabs(value);
    book_lots(l, t, f);
    move_position(l, m, f->sid, f->amount);
}

void ledger_flow(struct ledger *l, const bt_flow *f) {
    bt_account *a = &l->account;
    l->flows =
        mem_grow(l->flows, l->flow_count, &l->flow_cap, sizeof *l->flows);
    l->flows[l->flow_count++] = *f;
    a->cash += f->amount;
    if (f->kind == BT_FLOW_DEPOSIT)
        a->deposits += f->amount;
    else if (f->kind < BT_FLOW_IN_LIEU) /* the others pay for units */
        a->carry += f->amount;
}

void ledger_event(struct ledger *l, const bt_event *e) {
    l->events =
        mem_grow(l->events, l->event_count, &l->event_cap, sizeof *l->events);
    l->events[l->event_count++] = *e;
}

void ledger_exchange(struct ledger *l, const struct market *m,
                     const bt_fill *f) {
    book_lots(l, &m->assets[f->sid].terms, f);
    move_position(l, m, f->sid, f->amount);
}

double ledger_split(struct ledger *l, const struct market *m, const bt_event *e,
                    double price, int32_t bar) {
    const struct terms *t = &m->assets[e->sid].terms;
    double whole = e->before * e->value;
    double over = units_dust(whole - e->after, whole, t->lot);
    double left = e->after == 0.0 ? e->before : over / e->value;
    struct deal d = {.sid = e->sid,
                     .bar = bar,
                     .phase = BT_PHASE_BEFORE,
                     .time = e->time,
                     .amount = -left,
                     .price = price,
                     .multiplier = t->multiplier};
    if (left != 0.0)
        trades_close(&l->trades, &d, t->lot);
    trades_split(&l->trades, e->sid, e->value, e->after);
    set_position(l, m, e->sid, e->after);
    return left;
}

struct worth ledger_worth(const struct ledger *l, const struct market *m,
                          int32_t row, enum phase phase) {
    struct worth w = {0.0, 0.0};
    for (int32_t i = 0; i < l->held_count; i++) {
        const struct holding *h = &l->held[i];
        const struct columns *c = &m->assets[h->sid];
        double value = h->amount * market_value(c, row, phase);
        w.equity += value;
        w.gross += fabs(value);
    }
    w.equity += l->account.cash;
    w.equity += l->account.accrued;
    return w;
}
