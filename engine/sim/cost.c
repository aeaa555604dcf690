/* Commission and slippage.
 *
 * A commission belongs to an order, not to a fill: the minimum and the price
 * per trade are asked once, however many bars an order needs. So an order
 * carries a fee_state, and a fill pays the difference between what the order
 * owes after it and what it has paid. With a minimum m and a rate r:
 *
 *     owed(units) = max(r * units, m)            (Zipline's PerShare)
 *
 * The models are cases of a switch over the kind. A new model adds a case to
 * cost_commission, cost_charge and cost_commission_slope; the callers only rely
 * on the fee being >= 0 and not falling in units, which is what makes "the
 * largest number of lots that is affordable" well defined.
 *
 * Slippage moves the quoted price against the order by basis points, not beyond
 * the bar's high or low: nobody traded there.
 */
#include "sim/cost.h"

#include "base/status.h"

#include <math.h>
#include <stdbool.h>

static bool is_amount(double v) {
    return isfinite(v) && v >= 0.0;
}

bt_status cost_check_commission(const bt_commission *c) {
    if (c->kind < BT_COMMISSION_NONE || c->kind > BT_COMMISSION_PER_DOLLAR)
        return fail(BT_E_RANGE,
                    "commission kind must be 0..%d, got %d; use "
                    "backlua.commission",
                    BT_COMMISSION_PER_DOLLAR, c->kind);
    if (!is_amount(c->rate))
        return fail(BT_E_RANGE,
                    "commission rate must be a finite number >= 0, got %g",
                    c->rate);
    if (c->kind == BT_COMMISSION_PER_DOLLAR && c->rate >= 1.0)
        return fail(BT_E_RANGE,
                    "commission per dollar is a fraction below 1, got %g; "
                    "0.1 %% is 0.001",
                    c->rate);
    if (!is_amount(c->minimum))
        return fail(BT_E_RANGE,
                    "minimum commission must be a finite number >= 0, got %g",
                    c->minimum);
    return BT_OK;
}

bt_status cost_check_slippage(const bt_slippage *s) {
    if (s->kind != BT_SLIPPAGE_NONE && s->kind != BT_SLIPPAGE_FIXED_BPS)
        return fail(BT_E_RANGE,
                    "slippage kind must be 0..%d, got %d; use "
                    "backlua.slippage",
                    BT_SLIPPAGE_FIXED_BPS, s->kind);
    if (!is_amount(s->bps) || s->bps >= 10000.0)
        return fail(BT_E_RANGE,
                    "slippage must be 0 <= bps < 10000 basis points, got %g",
                    s->bps);
    if (!is_amount(s->volume_limit) || s->volume_limit > 1.0)
        return fail(BT_E_RANGE,
                    "volume_limit is a share of the bar's volume, 0 (no "
                    "limit) to 1, got %g",
                    s->volume_limit);
    return BT_OK;
}

/* What the rate alone asks for this fill. */
static double base_of(const bt_commission *c, double units, double price) {
    switch (c->kind) {
    case BT_COMMISSION_PER_SHARE:
        return units * c->rate;
    case BT_COMMISSION_PER_DOLLAR:
        return fabs(units * price) * c->rate;
    default:
        return 0.0;
    }
}

double cost_commission(const bt_commission *c, const struct fee_state *state,
                       double units, double price) {
    if (!(units > 0.0) || c->kind == BT_COMMISSION_NONE)
        return 0.0;
    if (c->kind == BT_COMMISSION_PER_TRADE)
        return state->charged > 0.0 ? 0.0 : c->rate;
    double base = base_of(c, units, price);
    double owed = state->base + base;
    if (owed <= c->minimum)
        return c->minimum - state->charged;
    /* Past the minimum a fill pays its own rate, to the bit. */
    return state->base < c->minimum ? owed - state->charged : base;
}

void cost_charge(const bt_commission *c, struct fee_state *state, double units,
                 double price, double fee) {
    state->base += base_of(c, units, price);
    state->charged += fee;
}

double cost_commission_slope(const bt_commission *c, double price) {
    return base_of(c, 1.0, price);
}

double cost_fill_price(const bt_slippage *s, double side, double price,
                       double high, double low) {
    if (s->kind == BT_SLIPPAGE_NONE || s->bps == 0.0)
        return price;
    double filled = price * (1.0 + side * (s->bps / 1e4));
    if (side > 0.0)
        return fmin(filled, fmax(high, price));
    return fmax(filled, fmin(low, price));
}
