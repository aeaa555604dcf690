/* Interest, borrowing, margin and capital changes.
 *
 * All of it is off unless asked for: a run without such a rule has no struct
 * account, and a bar costs one test of a pointer. With one:
 *
 *   nights    At the first bar of a session the days since the session before
 *             are charged, on the values at the last close, actual/365. Each
 *             short position pays its borrow rate. Cash of one's own (what
 *             short sales brought in is collateral) earns cash_rate; cash below
 *             zero pays debit_rate.
 *   capital   A change is made at the first bar of the first session that is
 *             not before its day, after the nights, before any order is worked.
 *             Where that is before the run, its capital has it already.
 *   margin    When equity falls below maintenance * gross exposure at a close,
 *             open orders are cancelled, and market orders bring exposure back
 *             to what the leverage allows: every position in proportion, toward
 *             zero in whole lots. They are worked like any order of that bar.
 *
 * Performance. Money that is put in is not money made. The account is run as a
 * fund: it starts with one unit per unit of currency, and a change issues or
 * takes back units at their value of that moment. Value per unit is what
 * returns and drawdowns are measured on; without changes it is the equity
 * itself.
 *
 * Cost: O(held) a session, O(1) a bar, O(bars) once at the end after changes.
 */
#include "sim/account.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"
#include "sim/links.h"
#include "sim/order.h"
#include "sim/run.h"
#include "sim/units.h"

#include <math.h>
#include <stdlib.h>

struct account *account_of(bt_run *run) {
    if (!run->rules)
        run->rules = mem_zalloc(1, sizeof *run->rules);
    return run->rules;
}

void account_free(struct account *a) {
    if (!a)
        return;
    free(a->borrow);
    free(a->changes);
    free(a->steps);
    free(a);
}

static void flow(bt_run *run, int32_t row, int32_t sid, int32_t kind,
                 double amount) {
    bt_flow f = {.time = run->market.open_times[row],
                 .sid = sid,
                 .kind = kind,
                 .amount = amount};
    if (amount != 0.0)
        ledger_flow(&run->ledger, &f);
}

/* ---- nights -------------------------------------------------------------- */

static double borrow_rate(const struct account *a, int32_t sid) {
    bool own = a->borrow && !isnan(a->borrow[sid]);
    return own ? a->borrow[sid] : a->margin.borrow_rate;
}

/* Charges the short positions; returns their value. */
static double charge_shorts(bt_run *run, int32_t row, double years) {
    const struct ledger *l = &run->ledger;
    double shorts = 0.0;
    for (int32_t i = 0; i < l->held_count; i++) {
        const struct holding *h = &l->held[i];
        double value = -(h->amount * h->price[row - 1]);
        if (!(h->amount < 0.0))
            continue;
        shorts += value;
        flow(run, row, h->sid, BT_FLOW_BORROW,
             -(value * borrow_rate(run->rules, h->sid) * years));
    }
    return shorts;
}

static void charge_nights(bt_run *run, int32_t row) {
    const bt_margin *m = &run->rules->margin;
    double years = (run->sessions[row] - run->sessions[row - 1]) / 365.0;
    double cash = run->ledger.account.cash;
    double own = cash - charge_shorts(run, row, years);
    if (own > 0.0)
        flow(run, row, -1, BT_FLOW_INTEREST, own * m->cash_rate * years);
    else if (cash < 0.0)
        flow(run, row, -1, BT_FLOW_INTEREST, cash * m->debit_rate * years);
}

/* ---- capital changes ----------------------------------------------------- */

static void issue_units(bt_run *run, double before, double amount) {
    struct account *a = run->rules;
    if (a->units == 0.0)
        a->units = run->ledger.account.starting_cash;
    a->units *= (before + amount) / before;
    a->steps =
        mem_grow(a->steps, a->step_count, &a->step_cap, sizeof *a->steps);
    a->steps[a->step_count++] = (struct fund_step){run->bars, a->units};
    run->ledger.account.fund_units = a->units;
}

static bt_status cannot_change(const struct capital_change *c, double amount,
                               double cash, double value) {
    char day[DATE_TEXT];
    date_format(c->day, day);
    if (!(value > 0.0))
        return fail(BT_E_STATE,
                    "capital change of %s: equity is %g, of which nothing can "
                    "be a share; set a maintenance margin, or order less",
                    day, value);
    return fail(BT_E_STATE,
                "capital change of %s: %g cannot be taken out of %g cash and "
                "%g equity; take out less, or sell before",
                day, -amount, cash, value);
}

static bt_status change_capital(bt_run *run, int32_t row,
                                const struct capital_change *c) {
    struct ledger *l = &run->ledger;
    if (row > 0)
        ledger_mark(l, row - 1);
    double before = l->account.portfolio_value;
    double amount = c->kind == BT_CAPITAL_TARGET ? c->value - before : c->value;
    bool levered = run->config.leverage > 1.0;
    if (!(before > 0.0) || !(before + amount > 0.0) ||
        (amount < 0.0 && !levered && l->account.cash + amount < 0.0))
        return cannot_change(c, amount, l->account.cash, before);
    flow(run, row, -1, BT_FLOW_DEPOSIT, amount);
    issue_units(run, before, amount);
    return BT_OK;
}

static bool is_due(const struct account *a, int32_t day) {
    return a->change_next < a->change_count &&
           a->changes[a->change_next].day <= day;
}

static bt_status make_changes(bt_run *run, int32_t row) {
    struct account *a = run->rules;
    while (row == run->first && row > 0 && is_due(a, run->sessions[row - 1]))
        a->change_next++;
    while (is_due(a, run->sessions[row]))
        TRY(change_capital(run, row, &a->changes[a->change_next++]));
    return BT_OK;
}

bt_status account_enter(bt_run *run, int32_t row) {
    bool first = row == 0 || run->sessions[row] != run->sessions[row - 1];
    if (!first)
        return BT_OK;
    if (row > run->first)
        charge_nights(run, row);
    return make_changes(run, row);
}

double account_curve(const bt_run *run, int32_t bar, double value,
                     size_t *next) {
    const struct account *a = run->rules;
    if (!a)
        return value;
    while (*next < a->step_count && a->steps[*next].bar <= bar)
        ++*next;
    if (*next == 0)
        return value;
    double units = a->steps[*next - 1].units;
    return value / units * run->ledger.account.starting_cash;
}

double *account_performance(const bt_run *run) {
    const struct account *a = run->rules;
    size_t next = 0;
    if (!a || a->step_count == 0)
        return run->value;
    double *out = mem_alloc((size_t)run->bars * sizeof *out);
    for (int32_t i = 0; i < run->bars; i++)
        out[i] = account_curve(run, i, run->value[i], &next);
    return out;
}

/* ---- margin calls -------------------------------------------------------- */

static bool is_forced(const bt_run *run, const struct working *w) {
    return run->book.orders[w->index].flags & BT_ORDER_FORCED;
}

static void cancel_orders(bt_run *run) {
    struct book *b = &run->book;
    for (size_t i = 0; i < b->line_count; i++) {
        struct working *w = book_line(b, i);
        if (w->index >= 0 && !is_forced(run, w))
            links_cancel(run, w, BT_REASON_MARGIN_CALL,
                         run->ledger.account.now);
    }
    book_sweep(b);
}

static void force_to(bt_run *run, int32_t sid, double target) {
    double held = run->ledger.positions[sid].amount;
    double amount = target - held - book_pending(&run->book, sid, false);
    amount = units_truncate(amount, run->market.assets[sid].terms.lot);
    if (amount * held < 0.0) /* else it is on its way already */
        order_force(run, sid, amount, 0);
}

/* Share of each position that may stay. */
static double share_kept(const bt_run *run) {
    const bt_account *a = &run->ledger.account;
    double most =
        fmin(run->config.leverage, 1.0 / run->rules->margin.maintenance);
    double kept = most * a->portfolio_value / a->gross;
    return fmax(0.0, fmin(1.0, kept));
}

void account_call_margin(bt_run *run) {
    const bt_account *a = &run->ledger.account;
    double maintenance = run->rules->margin.maintenance;
    if (maintenance == 0.0 || a->portfolio_value >= maintenance * a->gross)
        return;
    double kept = share_kept(run);
    cancel_orders(run);
    for (int32_t i = 0; i < run->ledger.held_count; i++) {
        int32_t sid = run->ledger.held[i].sid;
        double lot = run->market.assets[sid].terms.lot;
        double held = run->ledger.positions[sid].amount;
        force_to(run, sid, units_truncate(held * kept, lot));
    }
    run->ledger.account.margin_calls++;
    order_count(run);
}
