/* Commission.
 *
 * A commission belongs to an order, not to a fill: the minimum and the price
 * per trade are asked once, however many bars an order needs. So an order
 * carries a fee_state, and a fill pays the difference between what the order
 * owes after it and what it has paid. With a minimum m and a rate r:
 *
 *     owed(units) = max(r * units, m)            (Zipline's PerShare)
 *
 * The models are cases of a switch over the kind. A new model adds a case to
 * base_of; the callers only rely on the fee being >= 0 and not falling in
 * units, which is what makes "the largest number of lots that is affordable"
 * well defined.
 *
 * Tiers look at the value that the account has traded in the calendar month
 * (UTC): a fill that crosses a step pays each rate for its own part, so that
 * more never costs less.
 */
#include "sim/cost.h"

#include "base/status.h"

#include <math.h>

static bool is_amount(double v) {
    return isfinite(v) && v >= 0.0;
}

static bool is_fraction(double v) {
    return v >= 0.0 && v < 1.0;
}

static bt_status check_fraction(const char *name, double rate) {
    if (is_fraction(rate))
        return BT_OK;
    return fail(BT_E_RANGE,
                "%s is a fraction of the value, 0 <= rate < 1, got %g; "
                "0.1 %% is 0.001",
                name, rate);
}

static bt_status check_tiers(const bt_commission *c) {
    if (c->tiers < 1 || c->tiers > BT_TIERS_MAX)
        return fail(BT_E_RANGE, "a tiered commission has 1..%d tiers, got %d",
                    BT_TIERS_MAX, c->tiers);
    for (int32_t i = 0; i < c->tiers; i++) {
        TRY(check_fraction("the rate of a tier", c->tier_rate[i]));
        double from = i == 0 ? 0.0 : c->tier_from[i - 1];
        if (i == 0 ? c->tier_from[0] != 0.0
                   : !(c->tier_from[i] > from && isfinite(c->tier_from[i])))
            return fail(BT_E_RANGE,
                        "tiers begin at 0 and rise; tier %d begins at %g after "
                        "%g",
                        i + 1, c->tier_from[i], from);
    }
    return BT_OK;
}

static bt_status check_rates(const bt_commission *c) {
    switch (c->kind) {
    case BT_COMMISSION_PER_DOLLAR:
        return check_fraction("commission per dollar", c->rate);
    case BT_COMMISSION_MAKER_TAKER:
        TRY(check_fraction("the maker's rate", c->rate));
        return check_fraction("the taker's rate", c->taker);
    case BT_COMMISSION_TIERED:
        return check_tiers(c);
    default:
        return BT_OK;
    }
}

bt_status cost_check_commission(const bt_commission *c) {
    if (c->kind < BT_COMMISSION_NONE || c->kind > BT_COMMISSION_CUSTOM)
        return fail(BT_E_RANGE,
                    "commission kind must be 0..%d, got %d; use "
                    "backlua.commission",
                    BT_COMMISSION_CUSTOM, c->kind);
    if (!is_amount(c->rate))
        return fail(BT_E_RANGE,
                    "commission rate must be a finite number >= 0, got %g",
                    c->rate);
    if (!is_amount(c->minimum))
        return fail(BT_E_RANGE,
                    "minimum commission must be a finite number >= 0, got %g",
                    c->minimum);
    return check_rates(c);
}

/* Each part of (month, month + value] at the rate of its tier. */
static double tiered(const bt_commission *c, double month, double value) {
    double sum = 0.0;
    for (int32_t i = 0; i < c->tiers; i++) {
        double end = i + 1 < c->tiers ? c->tier_from[i + 1] : INFINITY;
        double low = fmax(month, c->tier_from[i]);
        double high = fmin(month + value, end);
        if (high > low)
            sum += (high - low) * c->tier_rate[i];
    }
    return sum;
}

/* What the rate alone asks for this fill. */
static double base_of(const struct charge *c, double units, double price) {
    const bt_commission *m = c->model;
    switch (m->kind) {
    case BT_COMMISSION_PER_SHARE:
        return units * m->rate;
    case BT_COMMISSION_PER_DOLLAR:
        return fabs(units * c->multiplier * price) * m->rate;
    case BT_COMMISSION_MAKER_TAKER:
        return fabs(units * c->multiplier * price) *
               (c->maker ? m->rate : m->taker);
    case BT_COMMISSION_TIERED:
        return tiered(m, c->month, fabs(units * c->multiplier * price));
    default:
        return 0.0;
    }
}

double cost_commission(const struct charge *c, double units, double price) {
    const bt_commission *m = c->model;
    const struct fee_state *s = &c->state;
    if (!(units > 0.0) || m->kind == BT_COMMISSION_NONE)
        return 0.0;
    if (m->kind == BT_COMMISSION_CUSTOM)
        return c->ask(c->ctx, units, price);
    if (m->kind == BT_COMMISSION_PER_TRADE)
        return s->charged > 0.0 ? 0.0 : m->rate;
    double base = base_of(c, units, price);
    double owed = s->base + base;
    if (owed <= m->minimum)
        return m->minimum - s->charged;
    /* Past the minimum a fill pays its own rate, to the bit. */
    return s->base < m->minimum ? owed - s->charged : base;
}

struct fee_state cost_charged(const struct charge *c, double units,
                              double price, double fee) {
    return (struct fee_state){c->state.base + base_of(c, units, price),
                              c->state.charged + fee};
}

double cost_commission_slope(const struct charge *c, double price) {
    return base_of(c, 1.0, price);
}
