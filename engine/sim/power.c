/* Buying power.
 *
 * Opening q units at fill price f takes
 *
 *     need(q) = q * f + leverage * fee(q)
 *
 * (f times the multiplier, for contracts)
 * out of what is available: the cash less the dividends that are still owed for
 * earlier shorts, for an account that is neither levered nor short; otherwise
 * leverage * E - G with equity E and gross exposure G at the prices of the
 * phase, after the closing part of the same order. The two are one rule:
 * without shorts E - G is the cash and what is due. Proceeds of a short sale
 * raise G as much as they raise cash, so they are not buying power. Unlimited
 * leverage asks nothing.
 *
 * need does not fall in q, so the largest affordable number of lots is well
 * defined. A guess from the fee's slope is right or one off for all models
 * without a minimum; halving the interval settles the rest.
 */
#include "sim/power.h"

#include "sim/units.h"

#include <math.h>

struct purchase {
    const struct charge *charge;
    const struct intent *in;
    double leverage, lot, multiplier, available;
};

static double need(const struct purchase *p, double units) {
    double fee =
        cost_commission(p->charge, p->in->closing + units, p->in->price);
    return units * p->multiplier * p->in->price + p->leverage * fee;
}

static bool pays(const struct purchase *p, double lots) {
    return need(p, lots * p->lot) <= p->available;
}

/* Largest n in [0, most) with pays(n); most lots are known to be too many. */
static double most_lots(const struct purchase *p, double most) {
    double low = 0.0, high = most;
    if (!pays(p, low))
        return 0.0;
    double slope = p->multiplier * p->in->price +
                   p->leverage * cost_commission_slope(p->charge, p->in->price);
    double guess = floor((p->available - need(p, 0.0)) / (slope * p->lot));
    if (guess > low && guess < high) {
        if (!pays(p, guess))
            high = guess;
        else if (pays(p, guess + 1.0))
            low = guess + 1.0;
        else
            return guess;
    }
    while (high - low > 1.0) {
        double middle = floor(low + (high - low) / 2.0);
        if (pays(p, middle))
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Does the account hold shorts once the closing part is done? */
static bool stays_short(const struct bt_run *run, const struct working *w,
                        const struct intent *in) {
    double held = run->ledger.positions[w->sid].amount;
    bool covers = held < 0.0 && in->closing >= -held;
    return run->ledger.shorts - covers > 0;
}

static double available(const struct bt_run *run, const struct working *w,
                        const struct intent *in, int32_t row,
                        enum phase phase) {
    double each = terms_of(run, w->sid)->multiplier;
    double signed_close = in->side * in->closing * each;
    double leverage = run->config.leverage;
    if (leverage == 1.0 && in->side > 0.0 && !stays_short(run, w, in))
        return run->ledger.account.cash +
               fmin(0.0, run->ledger.account.accrued) -
               signed_close * in->price;
    struct worth now = ledger_worth(&run->ledger, &run->market, row, phase);
    double value = market_value(&run->market.assets[w->sid], row, phase);
    double equity = now.equity + signed_close * (value - in->price);
    double gross = now.gross - in->closing * each * fabs(value);
    return leverage * equity - gross;
}

double power_affordable(const struct bt_run *run, const struct working *w,
                        const struct intent *in, const struct charge *charge,
                        int32_t row, enum phase phase) {
    if (isinf(run->config.leverage))
        return in->opening;
    struct purchase p = {.charge = charge,
                         .in = in,
                         .leverage = run->config.leverage,
                         .lot = terms_of(run, w->sid)->lot,
                         .multiplier = terms_of(run, w->sid)->multiplier};
    p.available = available(run, w, in, row, phase);
    if (need(&p, in->opening) <= p.available)
        return in->opening;
    return most_lots(&p, units_lots(in->opening, p.lot)) * p.lot;
}
