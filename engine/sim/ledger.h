/* Cash, positions, fills and round trips of one account; see ledger.c. */
#ifndef BT_SIM_LEDGER_H
#define BT_SIM_LEDGER_H

#include "backlua.h"
#include "sim/market.h"
#include "sim/trade.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

/* A position as the marking loop wants it: all it reads, side by side. */
struct holding {
    double amount;       /* times the multiplier: what one of price is worth */
    const double *price; /* the asset's carried closes, [rows] */
    double *last_price;  /* of its position */
    int32_t sid;
};

struct ledger {
    bt_account account;     /* what the strategy reads */
    bt_position *positions; /* [assets], likewise */
    struct holding *held;   /* [held_count], in the order they were opened */
    int32_t *slot;          /* [assets] index in held, -1 when flat */
    int32_t held_count;
    int32_t shorts; /* how many of them are short */
    double traded;  /* sum of |amount * price| over all fills */
    struct trades trades;
    bt_fill *fills;
    size_t fill_count, fill_cap;
    bt_flow *flows; /* money that moved without a fill */
    size_t flow_count, flow_cap;
    bt_event *events; /* what corporate actions did */
    size_t event_count, event_cap;
    struct audit *audit; /* its sums; NULL before it, or without one */
};

/* Value of an account at the prices of a phase. */
struct worth {
    double equity, gross;
};

/* How long the lists of a run get; 0: not known. */
struct lengths {
    size_t orders, fills, trades;
};

/* room: what to have room for from the start. */
void ledger_init(struct ledger *l, int32_t assets, double capital,
                 const struct lengths *room);
void ledger_fini(struct ledger *l);
/* Book a fill: cash, position, lots, round trips, totals. */
void ledger_fill(struct ledger *l, const struct market *m, const bt_fill *f);
/* Units change hands, or become others, without an order: lots, round trips and
 * position, no cash. commission and slippage of f are 0. */
void ledger_exchange(struct ledger *l, const struct market *m,
                     const bt_fill *f);
/* Units of a position become ratio times as many, after in all; what that is
 * not leaves at a price per old unit. Returns the old units that left. */
double ledger_split(struct ledger *l, const struct market *m, const bt_event *e,
                    double price, int32_t bar);
/* Book money that comes (> 0) or goes without a fill: cash and totals. */
void ledger_flow(struct ledger *l, const bt_flow *f);
void ledger_event(struct ledger *l, const bt_event *e);
/* Value what is held at the carried close of a row and bring the account's
 * derived fields up to date. */
static inline void ledger_mark(struct ledger *l, int32_t row) {
    double net = 0.0, gross = 0.0;
    const struct holding *end = l->held + l->held_count;
    for (const struct holding *h = l->held; h < end; h++) {
        double price = h->price[row];
        double value = h->amount * price;
        net += value;
        gross += fabs(value);
        *h->last_price = price;
    }
    bt_account *a = &l->account;
    a->positions_value = net;
    a->net = net;
    a->gross = gross;
    a->portfolio_value = a->cash + net + a->accrued;
}

struct worth ledger_worth(const struct ledger *l, const struct market *m,
                          int32_t row, enum phase phase);
/* Test builds alone have these two.
 *
 * Compare all of it with what the fills say. BT_E_STATE names what differs.
 * last: of the run, so that every fill is looked at once more. */
bt_status ledger_audit(struct ledger *l, const struct market *m, int32_t assets,
                       int32_t row, bool last);
void ledger_audit_fini(struct ledger *l);

#endif
