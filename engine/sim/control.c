/* Limits that a strategy sets on itself, tested when it gives an order or makes
 * one larger, with the prices and the positions of that moment, open orders
 * counted as traded; leverage also at each close. They stop a strategy that has
 * gone wrong, where the account's own rules (cash, margin) would still let it
 * trade.
 *
 * on_error = "fail" ends the run at the line that gave the order; "log" rejects
 * the order with the reason `control`, and leaves one that was to be changed as
 * it is. Rules add up: the first one that is broken counts.
 *
 * Cost: nothing without rules, else O(rules) an order, with one for leverage
 * O(assets).
 */
#include "sim/control.h"

#include "base/mem.h"
#include "base/status.h"
#include "sim/run.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>

static bt_status broken(const bt_run *run, const struct control *c,
                        const bt_order *o, const char *what, double value,
                        double limit) {
    return fail(
        BT_E_STATE,
        "%s of %s would be %g, the limit is %g%s%s; ask for less, raise "
        "the limit, or set on_error = \"log\"",
        what, bt_bundle_symbol(run->config.bundle, o->sid), value, limit,
        value < 0.0 ? " either way" : "", c->sid < 0 ? " for every asset" : "");
}

static bt_status forbidden(const bt_run *run, const bt_order *o,
                           const char *why) {
    return fail(BT_E_STATE, "%s %s; or set on_error = \"log\"",
                bt_bundle_symbol(run->config.bundle, o->sid), why);
}

/* A size against a rule's units and value. */
static bt_status check_size(const bt_run *run, const struct control *c,
                            const bt_order *o, const char *what, double units) {
    const struct columns *a = &run->market.assets[o->sid];
    double value = units * a->terms.multiplier * a->price[run->row];
    if (fabs(units) > c->units)
        return broken(run, c, o, what, units, c->units);
    if (fabs(value) > c->value)
        return broken(run, c, o, what, value, c->value);
    return BT_OK;
}

static bt_status too_many(const struct control *c, int32_t count) {
    return fail(BT_E_STATE,
                "with this order the session's orders would be %d, the limit "
                "is %g over all assets; give fewer, raise the limit, or set "
                "on_error = \"log\"",
                count, c->units);
}

static bt_status levered(const char *what, double gross, double value,
                         double limit) {
    return fail(BT_E_STATE,
                "gross exposure %s %g times the portfolio's value (%g of %g), "
                "the limit is %g; order less, raise the limit, or set "
                "on_error = \"log\"",
                what, gross / value, gross, value, limit);
}

/* What an asset would hold with its open orders done. */
static double holding_after(const bt_run *run, int32_t sid) {
    return run->ledger.positions[sid].amount +
           book_pending(&run->book, sid, true);
}

static double exposure_of(const bt_run *run, int32_t sid, double units) {
    const struct columns *c = &run->market.assets[sid];
    bool priced = units != 0.0 && c->price && !isnan(c->price[run->row]);
    return priced ? fabs(units * c->terms.multiplier * c->price[run->row])
                  : 0.0;
}

/* A hair of rounding is no excess: all in is once the portfolio's value. */
static bool exceeds(double gross, double limit, double value) {
    return gross > limit * value + 1e-9 * gross;
}

static bt_status check_leverage(const bt_run *run, const struct control *c,
                                const bt_order *o, double amount) {
    double now = holding_after(run, o->sid), gross = 0.0;
    double value = run->ledger.account.portfolio_value;
    if (fabs(now + amount) <= fabs(now))
        return BT_OK;
    for (int32_t sid = 0; sid < run->assets; sid++)
        if (sid != o->sid)
            gross += exposure_of(run, sid, holding_after(run, sid));
    gross += exposure_of(run, o->sid, now + amount);
    if (!exceeds(gross, c->value, value))
        return BT_OK;
    return levered("with this order would be", gross, value, c->value);
}

static int32_t orders_today(struct bt_run *run) {
    struct controls *own = run->controls;
    int32_t day = run->sessions[run->row];
    if (own->session != day)
        own->orders = 0;
    own->session = day;
    return own->orders;
}

/* amount: what it adds to the open orders. */
static bt_status check_one(bt_run *run, const struct control *c,
                           const bt_order *o, double size, double amount) {
    double held = run->ledger.positions[o->sid].amount;
    double after = held + book_pending(&run->book, o->sid, true) + amount;
    switch (c->kind) {
    case BT_CONTROL_ORDER_SIZE:
        return check_size(run, c, o, "the order", size);
    case BT_CONTROL_POSITION_SIZE:
        if (fabs(after) <= fabs(held) && after * held >= 0.0)
            return BT_OK; /* it reduces, and does not turn */
        return check_size(run, c, o, "the position", after);
    case BT_CONTROL_ORDER_COUNT:
        if (orders_today(run) < c->units)
            return BT_OK;
        return too_many(c, orders_today(run) + 1);
    case BT_CONTROL_DO_NOT_ORDER:
        return forbidden(run, o, "is on the list of assets not to order");
    case BT_CONTROL_LONG_ONLY:
        if (after >= 0.0 || amount > 0.0)
            return BT_OK;
        return forbidden(run, o, "would be sold short; the run is long only");
    case BT_CONTROL_LEVERAGE:
        return check_leverage(run, c, o, amount);
    default:
        return BT_OK;
    }
}

bt_status control_check(bt_run *run, const bt_order *o, double amount,
                        int32_t *reason) {
    struct controls *own = run->controls;
    for (size_t i = 0; i < own->count; i++) {
        const struct control *c = &own->list[i];
        if (c->sid >= 0 && c->sid != o->sid)
            continue;
        bt_status bad = check_one(run, c, o, amount, amount);
        if (bad != BT_OK && c->fails)
            return bad;
        if (bad != BT_OK) {
            *reason = BT_REASON_CONTROL;
            return BT_OK;
        }
    }
    orders_today(run);
    own->orders++;
    return BT_OK;
}

bt_status control_change(bt_run *run, const bt_order *o, double amount,
                         bool *refused) {
    const struct controls *own = run->controls;
    for (size_t i = 0; i < own->count; i++) {
        const struct control *c = &own->list[i];
        bool other = c->sid >= 0 && c->sid != o->sid;
        if (other || c->kind == BT_CONTROL_ORDER_COUNT) /* it is no new one */
            continue;
        bt_status bad = check_one(run, c, o, amount, amount - o->amount);
        if (bad != BT_OK && c->fails)
            return bad;
        if (bad != BT_OK) {
            *refused = true;
            return BT_OK;
        }
    }
    return BT_OK;
}

bt_status control_bar(const bt_run *run) {
    const bt_account *a = &run->ledger.account;
    for (size_t i = 0; i < run->controls->count; i++) {
        const struct control *c = &run->controls->list[i];
        if (c->kind == BT_CONTROL_LEVERAGE && c->fails &&
            exceeds(a->gross, c->value, a->portfolio_value))
            return levered("is", a->gross, a->portfolio_value, c->value);
    }
    return BT_OK;
}

static struct controls *controls_of(bt_run *run) {
    if (!run->controls)
        run->controls = mem_zalloc(1, sizeof *run->controls);
    return run->controls;
}

static bt_status check_start(const bt_run *run) {
    if (run->state == RUN_START)
        return BT_OK;
    return fail(BT_E_STATE, "a control is set in initialize, before the first "
                            "bar; call it there");
}

bt_status bt_run_add_control(bt_run *run, int32_t kind, int32_t sid,
                             double units, double value, int32_t fails) {
    TRY(check_start(run));
    if (sid < -1 || sid >= run->assets)
        return fail(BT_E_NAME, "no asset %d; there are %d", sid, run->assets);
    if (!(units >= 0.0) || !(value >= 0.0))
        return fail(BT_E_RANGE, "a limit must be a number >= 0, got %g",
                    units >= 0.0 ? value : units);
    struct controls *own = controls_of(run);
    own->list = mem_grow(own->list, own->count, &own->cap, sizeof *own->list);
    own->list[own->count++] = (struct control){kind, sid, fails, units, value};
    return BT_OK;
}

bt_status bt_run_set_day_orders(bt_run *run, int32_t on) {
    TRY(check_start(run));
    controls_of(run)->day_orders = on != 0;
    return BT_OK;
}
