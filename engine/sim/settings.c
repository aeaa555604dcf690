/* Settings of a run: defaults, limits, and the setters that a strategy's
 * initialize may call. A setter checks like bt_run_open, and only before the
 * first bar: rules that change under open orders would make the record of a run
 * ambiguous.
 */
#include "sim/settings.h"

#include "base/date.h"
#include "base/mem.h"
#include "base/status.h"
#include "sim/cost.h"
#include "sim/run.h"
#include "sim/slip.h"

#include <math.h>
#include <stdlib.h>

void bt_run_config_init(bt_run_config *config) {
    *config = (bt_run_config){
        .start = INT64_MIN,
        .end = INT64_MAX,
        .capital = 100000.0,
        .fill = BT_FILL_NEXT_OPEN,
        .on_insufficient = BT_INSUFFICIENT_REDUCE,
        .lot = 1.0,
        .leverage = 1.0,
        .adjust = BT_ADJUST_ALL,
        .seed = 1,
        .params = "",
        .commission = {.kind = BT_COMMISSION_PER_SHARE, .rate = 0.001},
        .slippage = {.kind = BT_SLIPPAGE_FIXED_BPS,
                     .bps = 5.0,
                     .volume_limit = 0.1},
    };
}

static bt_status check_lot(double lot) {
    if (lot >= 1e-9 && lot <= 1e9)
        return BT_OK;
    return fail(BT_E_RANGE,
                "lot must be 1e-9..1e9 units, got %g; 1 trades whole units",
                lot);
}

static bt_status check_leverage_limit(double leverage) {
    if (leverage > 0.0)
        return BT_OK;
    return fail(BT_E_RANGE,
                "leverage must be > 0, got %g; 1 is a cash account, infinity "
                "removes the check",
                leverage);
}

static bt_status check_fill(int32_t fill) {
    if (fill >= BT_FILL_NEXT_OPEN && fill <= BT_FILL_SAME_CLOSE)
        return BT_OK;
    return fail(BT_E_RANGE,
                "fill must be next_open (0), next_close (1) or same_close "
                "(2), got %d",
                fill);
}

static bt_status check_intrabar(int32_t intrabar) {
    if (intrabar >= BT_INTRABAR_PESSIMISTIC && intrabar <= BT_INTRABAR_OHLC)
        return BT_OK;
    return fail(BT_E_RANGE,
                "intrabar must be pessimistic (0), optimistic (1) or ohlc (2), "
                "got %d",
                intrabar);
}

static bt_status check_insufficient(int32_t policy) {
    if (policy == BT_INSUFFICIENT_REDUCE || policy == BT_INSUFFICIENT_REJECT)
        return BT_OK;
    return fail(BT_E_RANGE,
                "on_insufficient must be reduce (0) or reject (1), got %d",
                policy);
}

static bt_status check_money(const bt_run_config *c) {
    if (!(c->capital > 0.0) || c->capital > 1e15)
        return fail(BT_E_RANGE, "capital must be > 0 and <= 1e15, got %g",
                    c->capital);
    if (!(c->periods_per_year >= 0.0) || !isfinite(c->periods_per_year))
        return fail(BT_E_RANGE,
                    "periods_per_year must be > 0, or 0 to take the "
                    "bundle's, got %g",
                    c->periods_per_year);
    if (!(c->risk_free > -1.0) || !isfinite(c->risk_free))
        return fail(BT_E_RANGE,
                    "risk_free is an annual rate > -1, got %g; 2 %% is 0.02",
                    c->risk_free);
    return BT_OK;
}

static bt_status check_rate(const char *what, double rate) {
    if (rate >= 0.0 && rate <= 10.0)
        return BT_OK;
    return fail(BT_E_RANGE, "%s is an annual rate 0..10, got %g; 5 %% is 0.05",
                what, rate);
}

static bt_status check_margin(const bt_margin *m) {
    TRY(check_rate("cash_rate", m->cash_rate));
    TRY(check_rate("debit_rate", m->debit_rate));
    TRY(check_rate("borrow_rate", m->borrow_rate));
    if (m->maintenance >= 0.0 && m->maintenance <= 1.0)
        return BT_OK;
    return fail(BT_E_RANGE,
                "maintenance is a share of gross exposure, 0..1, got %g; 25 %% "
                "is 0.25, 0 never calls",
                m->maintenance);
}

bt_status settings_check(const bt_run_config *c) {
    if (!c->bundle)
        return fail(BT_E_USAGE, "a run needs a bundle");
    TRY(check_money(c));
    TRY(check_lot(c->lot));
    TRY(check_leverage_limit(c->leverage));
    TRY(check_fill(c->fill));
    TRY(check_insufficient(c->on_insufficient));
    TRY(check_margin(&c->margin));
    TRY(check_intrabar(c->intrabar));
    TRY(cost_check_commission(&c->commission));
    return slip_check(&c->slippage);
}

static bt_status check_before_start(const bt_run *run, const char *what) {
    if (run->state == RUN_START)
        return BT_OK;
    return fail(BT_E_STATE,
                "%s is set in initialize, before the first bar; call it there",
                what);
}

bt_status bt_run_set_commission(bt_run *run, const bt_commission *c) {
    TRY(check_before_start(run, "the commission"));
    TRY(cost_check_commission(c));
    run->config.commission = *c;
    return BT_OK;
}

bt_status bt_run_set_slippage(bt_run *run, const bt_slippage *s) {
    TRY(check_before_start(run, "the slippage"));
    TRY(slip_check(s));
    run->config.slippage = *s;
    return BT_OK;
}

bt_status bt_run_set_leverage(bt_run *run, double leverage) {
    TRY(check_before_start(run, "the leverage"));
    TRY(check_leverage_limit(leverage));
    run->config.leverage = leverage;
    return BT_OK;
}

bt_status bt_run_set_lot(bt_run *run, double lot) {
    TRY(check_before_start(run, "the lot"));
    TRY(check_lot(lot));
    run->config.lot = lot;
    run->market.lot = lot;
    return BT_OK;
}

bt_status bt_run_set_fill(bt_run *run, int32_t fill) {
    TRY(check_before_start(run, "the fill policy"));
    TRY(check_fill(fill));
    run->config.fill = fill;
    return BT_OK;
}

bt_status bt_run_set_intrabar(bt_run *run, int32_t intrabar) {
    TRY(check_before_start(run, "intrabar"));
    TRY(check_intrabar(intrabar));
    run->config.intrabar = intrabar;
    return BT_OK;
}

bt_status bt_run_set_on_insufficient(bt_run *run, int32_t policy) {
    TRY(check_before_start(run, "on_insufficient"));
    TRY(check_insufficient(policy));
    run->config.on_insufficient = policy;
    return BT_OK;
}

bt_status bt_run_set_long_only(bt_run *run, int32_t on) {
    TRY(check_before_start(run, "long_only"));
    run->config.long_only = on != 0;
    return BT_OK;
}

static bool any_rule(const bt_margin *m) {
    return m->maintenance != 0.0 || m->cash_rate != 0.0 ||
           m->debit_rate != 0.0 || m->borrow_rate != 0.0;
}

void settings_apply(bt_run *run) {
    if (any_rule(&run->config.margin))
        account_of(run)->margin = run->config.margin;
}

bt_status bt_run_set_margin(bt_run *run, const bt_margin *m) {
    TRY(check_before_start(run, "the margin"));
    TRY(check_margin(m));
    run->config.margin = *m;
    account_of(run)->margin = *m;
    return BT_OK;
}

static bt_status check_sid(const bt_run *run, int32_t sid) {
    if (sid >= 0 && sid < run->assets)
        return BT_OK;
    return fail(BT_E_NAME, "no asset %d; there are %d", sid, run->assets);
}

bt_status bt_run_set_borrow_rate(bt_run *run, int32_t sid, double rate) {
    TRY(check_before_start(run, "the borrow rate"));
    TRY(check_sid(run, sid));
    TRY(check_rate("borrow_rate", rate));
    struct account *a = account_of(run);
    if (!a->borrow) {
        a->borrow = mem_alloc((size_t)run->assets * sizeof *a->borrow);
        for (int32_t i = 0; i < run->assets; i++)
            a->borrow[i] = NAN;
    }
    a->borrow[sid] = rate;
    return BT_OK;
}

bt_status bt_run_set_terms(bt_run *run, int32_t sid, double lot,
                           double multiplier, double tick) {
    TRY(check_before_start(run, "an asset's terms"));
    TRY(check_sid(run, sid));
    if (!isnan(lot))
        TRY(check_lot(lot));
    if (!isnan(multiplier) && !(multiplier > 0.0 && multiplier <= 1e9))
        return fail(BT_E_RANGE, "multiplier must be > 0 and <= 1e9, got %g",
                    multiplier);
    if (!isnan(tick) && !(tick >= 0.0 && tick <= 1e9))
        return fail(BT_E_RANGE, "tick must be 0 (none) or up to 1e9, got %g",
                    tick);
    struct terms *t = market_own_terms(&run->market, sid);
    t->lot = isnan(lot) ? t->lot : lot;
    t->multiplier = isnan(multiplier) ? t->multiplier : multiplier;
    t->tick = isnan(tick) ? t->tick : tick;
    return BT_OK;
}

static int by_day(const void *a, const void *b) {
    const struct capital_change *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

bt_status bt_run_add_capital_change(bt_run *run, const char *day, int32_t kind,
                                    double value) {
    bt_time when = 0;
    int32_t has_time = 0;
    TRY(check_before_start(run, "a capital change"));
    TRY(bt_date_parse(day, &when, &has_time));
    if (has_time)
        return fail(BT_E_USAGE, "a capital change is made on a day, got %s",
                    day);
    if (!isfinite(value) || fabs(value) > 1e15 ||
        (kind == BT_CAPITAL_TARGET && !(value > 0.0)))
        return fail(BT_E_RANGE,
                    "a capital change must be finite, at most 1e15, a target "
                    "above 0; got %g",
                    value);
    struct account *a = account_of(run);
    for (size_t i = 0; i < a->change_count; i++)
        if (a->changes[i].day == date_of(when))
            return fail(BT_E_USAGE, "two capital changes on %s; add them up",
                        day);
    a->changes = mem_grow(a->changes, a->change_count, &a->change_cap,
                          sizeof *a->changes);
    a->changes[a->change_count++] =
        (struct capital_change){date_of(when), kind, value};
    qsort(a->changes, a->change_count, sizeof *a->changes, by_day);
    return BT_OK;
}

bt_status bt_run_set_strict_start(bt_run *run, int32_t on) {
    TRY(check_before_start(run, "history_start"));
    run->config.strict_start = on != 0;
    portal_set_strict(run->portal, on != 0);
    return BT_OK;
}

bt_status bt_run_set_adjust(bt_run *run, int32_t adjust) {
    TRY(check_before_start(run, "the adjustment of history"));
    TRY(portal_set_adjust(run->portal, adjust));
    run->config.adjust = adjust;
    return BT_OK;
}

bt_status bt_run_set_keep_delisted(bt_run *run, int32_t on) {
    TRY(check_before_start(run, "what happens to delisted assets"));
    run->config.keep_delisted = on != 0;
    return BT_OK;
}

bt_status bt_run_set_close_at_end(bt_run *run, int32_t on) {
    TRY(check_before_start(run, "what happens to positions at the end"));
    run->config.close_at_end = on != 0;
    run->closing = on ? run->last : INT32_MAX;
    return BT_OK;
}

bt_status bt_run_set_benchmark(bt_run *run, int32_t sid) {
    TRY(check_before_start(run, "the benchmark"));
    if (sid != -1)
        TRY(check_sid(run, sid));
    run->benchmark = sid;
    return BT_OK;
}
