/* Test builds only: the books once more, from nothing but the fills.
 *
 * Cash, positions and equity are added up in long double from fills, flows and
 * events, and compared on every bar with what the ledger keeps step by step;
 * the round trips plus what is open must account for every unit of currency. A
 * difference above 1e-9 relative is a bug and stops the run.
 *
 * The sums (struct audit) take in what was booked since the bar before, so that
 * a bar costs O(assets). That nobody changed what was booked earlier shows
 * where they are made anew from the first fill on: on the bars 1, 2, 4, 8, ...
 * of a run and on its last.
 */
#ifdef BT_CHECK
#include "sim/ledger.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Not by fmaxl, which would be a call. */
static bool near(long double a, long double b, long double scale) {
    return fabsl(a - b) <= 1e-9L * (scale < 1.0L ? 1.0L : scale);
}

static bt_status differs(const char *what, long double kept,
                         long double found) {
    return fail(BT_E_STATE,
                "the books do not add up: %s is %.17g, the fills say %.17g",
                what, (double)kept, (double)found);
}

struct audit {
    long double cash, scale;
    long double accrued;                 /* dividends that are due */
    long double closed;                  /* made by round trips */
    long double *amount;                 /* [assets] */
    size_t fills, flows, events, trades; /* that are in it */
    size_t bars;                         /* audited */
};

/* What is held, at the prices of a bar and at those of its entry. */
struct marks {
    long double value, gross, basis;
};

static void add_fills(struct audit *t, const struct ledger *l,
                      const struct market *m) {
    for (; t->fills < l->fill_count; t->fills++) {
        const bt_fill *f = &l->fills[t->fills];
        double each = m->assets[f->sid].terms.multiplier;
        long double value = (long double)f->amount * each * f->price;
        t->amount[f->sid] += f->amount;
        t->cash -= value + f->commission;
        t->scale += fabsl(value);
    }
}

static void add_flows(struct audit *t, const struct ledger *l) {
    for (; t->flows < l->flow_count; t->flows++) {
        const bt_flow *f = &l->flows[t->flows];
        t->cash += f->amount;
        if (f->kind == BT_FLOW_DIVIDEND)
            t->accrued -= f->amount;
    }
}

static void add_trades(struct audit *t, const struct trades *trades) {
    for (; t->trades < trades->count; t->trades++)
        t->closed += trades->list[t->trades].pnl;
}

/* In what order units moved does not matter to their sum. */
static void add_events(struct audit *t, const struct ledger *l) {
    for (; t->events < l->event_count; t->events++) {
        const bt_event *e = &l->events[t->events];
        t->amount[e->sid] += (long double)e->after - e->before;
        if (e->received != 0.0)
            t->amount[e->other] += e->received;
        if (e->kind == BT_ACTION_DIVIDEND)
            t->accrued += e->cash;
        t->scale += fabs(e->cash);
    }
}

static bt_status check_positions(const struct audit *t, const struct ledger *l,
                                 const struct market *m, int32_t assets,
                                 int32_t row, struct marks *held) {
    for (int32_t i = 0; i < assets; i++) {
        double kept = l->positions[i].amount, basis = l->trades.queues[i].basis;
        if (kept == 0.0 && t->amount[i] == 0.0L && l->slot[i] < 0 &&
            basis == 0.0)
            continue; /* most of them, on most bars */
        held->basis += basis;
        if (!near(kept, t->amount[i], fabsl(kept)) ||
            (kept != 0.0) != (l->slot[i] >= 0))
            return differs("a position", kept, t->amount[i]);
        if (kept == 0.0)
            continue;
        const struct columns *c = &m->assets[i];
        long double value = t->amount[i] * c->terms.multiplier * c->price[row];
        held->value += value;
        held->gross += fabsl(value);
    }
    return BT_OK;
}

/* Money made: by round trips, and by what is open at its entry cost. */
static long double profit(const struct audit *t, const struct marks *held) {
    return held->value + t->closed - held->basis;
}

static bt_status compare(const struct audit *t, const struct ledger *l,
                         const struct marks *held) {
    const bt_account *a = &l->account;
    long double equity = t->cash + held->value + t->accrued;
    if (!near(a->accrued, t->accrued, t->scale))
        return differs("what is due in dividends", a->accrued, t->accrued);
    if (!near(a->cash, t->cash, t->scale))
        return differs("cash", a->cash, t->cash);
    if (!near(a->portfolio_value, equity, t->scale))
        return differs("equity", a->portfolio_value, equity);
    if (!near(a->gross, held->gross, t->scale))
        return differs("gross exposure", a->gross, held->gross);
    long double made =
        profit(t, held) + a->starting_cash + a->deposits + a->carry;
    made += t->accrued;
    if (!near(made, equity, t->scale))
        return differs("start plus flows plus profits", made, equity);
    return BT_OK;
}

static void begin_anew(struct audit *t, double capital, int32_t assets) {
    long double *amount = t->amount;
    memset(amount, 0, (size_t)assets * sizeof *amount);
    *t = (struct audit){
        .cash = capital, .scale = capital, .amount = amount, .bars = t->bars};
}

static struct audit *audit_of(struct ledger *l, int32_t assets) {
    if (!l->audit) {
        l->audit = mem_zalloc(1, sizeof *l->audit);
        l->audit->amount = mem_zalloc((size_t)assets, sizeof(long double));
    }
    return l->audit;
}

void ledger_audit_fini(struct ledger *l) {
    if (l->audit)
        free(l->audit->amount);
    free(l->audit);
}

bt_status ledger_audit(struct ledger *l, const struct market *m, int32_t assets,
                       int32_t row, bool last) {
    struct audit *t = audit_of(l, assets);
    t->bars++;
    if (last || (t->bars & (t->bars - 1)) == 0)
        begin_anew(t, l->account.starting_cash, assets);
    add_fills(t, l, m);
    add_flows(t, l);
    add_events(t, l);
    add_trades(t, &l->trades);
    struct marks held = {0, 0, 0};
    TRY(check_positions(t, l, m, assets, row, &held));
    return compare(t, l, &held);
}
#endif
