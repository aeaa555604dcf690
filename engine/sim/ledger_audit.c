/* Test builds only: the books once more, from nothing but the fills.
 *
 * Cash, positions and equity are added up anew in long double on every bar and
 * compared with what the ledger keeps step by step; the round trips plus what
 * is open must account for every unit of currency. A difference above 1e-9
 * relative is a bug and stops the run.
 */
#ifdef BT_CHECK
#include "sim/ledger.h"

#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>

static bool near(long double a, long double b, long double scale) {
    return fabsl(a - b) <= 1e-9L * fmaxl(1.0L, scale);
}

static bt_status differs(const char *what, long double kept,
                         long double found) {
    return fail(BT_E_STATE,
                "the books do not add up: %s is %.17g, the fills say %.17g",
                what, (double)kept, (double)found);
}

struct tally {
    long double cash, value, gross, scale;
    long double accrued; /* dividends that are due */
    long double *amount; /* [assets] */
};

static void add_fills(struct tally *t, const struct ledger *l,
                      const struct market *m) {
    for (size_t i = 0; i < l->fill_count; i++) {
        const bt_fill *f = &l->fills[i];
        double each = m->assets[f->sid].terms.multiplier;
        long double value = (long double)f->amount * each * f->price;
        t->amount[f->sid] += f->amount;
        t->cash -= value + f->commission;
        t->scale += fabsl(value);
    }
}

static void add_flows(struct tally *t, const struct ledger *l) {
    for (size_t i = 0; i < l->flow_count; i++)
        t->cash += l->flows[i].amount;
}

/* In what order units moved does not matter to their sum. */
static void add_events(struct tally *t, const struct ledger *l) {
    for (size_t i = 0; i < l->event_count; i++) {
        const bt_event *e = &l->events[i];
        t->amount[e->sid] += (long double)e->after - e->before;
        if (e->received != 0.0)
            t->amount[e->other] += e->received;
        if (e->kind == BT_ACTION_DIVIDEND)
            t->accrued += e->cash;
        t->scale += fabs(e->cash);
    }
    for (size_t i = 0; i < l->flow_count; i++)
        if (l->flows[i].kind == BT_FLOW_DIVIDEND)
            t->accrued -= l->flows[i].amount;
}

static bt_status check_positions(struct tally *t, const struct ledger *l,
                                 const struct market *m, int32_t assets,
                                 int32_t row) {
    for (int32_t i = 0; i < assets; i++) {
        double kept = l->positions[i].amount;
        if (!near(kept, t->amount[i], fabsl(kept)) ||
            (kept != 0.0) != (l->slot[i] >= 0))
            return differs("a position", kept, t->amount[i]);
        if (kept == 0.0)
            continue;
        const struct columns *c = &m->assets[i];
        long double value = t->amount[i] * c->terms.multiplier * c->price[row];
        t->value += value;
        t->gross += fabsl(value);
    }
    return BT_OK;
}

/* Money made: by round trips, and by what is open at its entry cost. */
static long double profit(const struct ledger *l, const struct tally *t,
                          int32_t assets) {
    long double sum = t->value;
    for (size_t i = 0; i < l->trades.count; i++)
        sum += l->trades.list[i].pnl;
    for (int32_t i = 0; i < assets; i++)
        sum -= l->trades.queues[i].basis;
    return sum;
}

static bt_status compare(const struct tally *t, const struct ledger *l,
                         int32_t assets) {
    const bt_account *a = &l->account;
    long double equity = t->cash + t->value + t->accrued;
    if (!near(a->accrued, t->accrued, t->scale))
        return differs("what is due in dividends", a->accrued, t->accrued);
    if (!near(a->cash, t->cash, t->scale))
        return differs("cash", a->cash, t->cash);
    if (!near(a->portfolio_value, equity, t->scale))
        return differs("equity", a->portfolio_value, equity);
    if (!near(a->gross, t->gross, t->scale))
        return differs("gross exposure", a->gross, t->gross);
    long double made =
        profit(l, t, assets) + a->starting_cash + a->deposits + a->carry;
    made += t->accrued;
    if (!near(made, equity, t->scale))
        return differs("start plus flows plus profits", made, equity);
    return BT_OK;
}

bt_status ledger_audit(const struct ledger *l, const struct market *m,
                       int32_t assets, int32_t row) {
    struct tally t = {.cash = l->account.starting_cash,
                      .scale = l->account.starting_cash};
    t.amount = mem_zalloc((size_t)assets, sizeof *t.amount);
    add_fills(&t, l, m);
    add_flows(&t, l);
    add_events(&t, l);
    bt_status bad = check_positions(&t, l, m, assets, row);
    if (bad == BT_OK)
        bad = compare(&t, l, assets);
    free(t.amount);
    return bad;
}
#endif
