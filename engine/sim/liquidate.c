/* Marked and liquidated.
 *
 * The equity of a run marks what is held at its last price. To have that as
 * cash costs slippage and commission: here each position is priced as one
 * market order at its mark, by the run's own models, on the last bar. The
 * volume limit is left out: the question is what the position is worth, not how
 * long it takes to get rid of it. Costs that Lua functions decide cannot be
 * asked for when no bar is worked: NaN.
 *
 * Cost: O(held), once a run.
 */
#include "sim/liquidate.h"

#include "sim/slip.h"
#include "sim/work.h"

#include <math.h>

/* Price per unit that one order for all of a position gets. */
static double price_of(const struct bt_run *run, int32_t sid, double amount,
                       double mark) {
    const struct columns *c = &run->market.assets[sid];
    bool traded = market_has_bar(c, run->row);
    struct slip s = {.side = amount > 0.0 ? -1.0 : 1.0,
                     .quote = mark,
                     .limit = NAN,
                     .units = fabs(amount),
                     .high = traded ? c->high[run->row] : INFINITY,
                     .low = traded ? c->low[run->row] : 0.0,
                     .volume = c->volume[run->row]};
    if (slip_looks_back(&run->config.slippage))
        slip_measure(c, market_events(&run->market, sid), run->row, &s);
    return slip_price(&run->config.slippage, &s);
}

/* traded: in the month so far, this order counted afterwards. */
static double cost_of(const struct bt_run *run, int32_t sid, double amount,
                      double *traded) {
    const struct columns *c = &run->market.assets[sid];
    double mark = c->price[run->row];
    double price = price_of(run, sid, amount, mark);
    double units = fabs(amount) * c->terms.multiplier;
    struct charge charge = {.model = &run->config.commission,
                            .month = *traded,
                            .multiplier = c->terms.multiplier};
    *traded += units * price;
    return fabs(price - mark) * units +
           cost_commission(&charge, fabs(amount), price);
}

double liquidation_value(const struct bt_run *run) {
    const struct ledger *l = &run->ledger;
    double value = l->account.portfolio_value;
    double traded = work_traded(run, l->account.now);
    bool asks = run->config.commission.kind == BT_COMMISSION_CUSTOM ||
                run->config.slippage.kind == BT_SLIPPAGE_CUSTOM;
    if (asks && l->held_count > 0)
        return NAN;
    for (int32_t i = 0; i < l->held_count; i++) {
        int32_t sid = l->held[i].sid;
        value -= cost_of(run, sid, l->positions[sid].amount, &traded);
    }
    return value;
}
