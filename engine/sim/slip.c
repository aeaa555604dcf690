/* Slippage moves the quoted price against the order:
 *
 *     fixed_bps       quote * (1 +- bps / 10000)
 *     fixed_spread    quote +- spread / 2
 *     volume_share    quote * (1 +- impact * share^2), share = units / volume
 *                     of the bar, those of the asset's other orders on it
 *                     included, at most the volume limit. Source: Zipline's
 *                     VolumeShareSlippage
 *     volatility      quote * (1 +- eta * sigma * sqrt(units / V)), sigma and V
 *                     the deviation of returns and the mean volume of the 20
 *                     bars before, adjusted for splits and dividends as of
 *                     the bar: the square-root law of market impact
 *                     (Almgren et al. 2005, Toth et al. 2011)
 *
 * Whatever the model says, a fill stays inside the bar's low and high, where
 * somebody did trade, and is not worse than the order's limit.
 */
#include "sim/slip.h"

#include "base/status.h"

#include <math.h>
#include <stdbool.h>

static bt_status check_numbers(const bt_slippage *s) {
    if (!(s->bps >= 0.0) || s->bps >= 10000.0)
        return fail(BT_E_RANGE,
                    "slippage must be 0 <= bps < 10000 basis points, got %g",
                    s->bps);
    if (!(s->spread >= 0.0) || !isfinite(s->spread))
        return fail(BT_E_RANGE,
                    "the spread must be a finite number >= 0, got %g",
                    s->spread);
    if (!(s->impact >= 0.0) || !isfinite(s->impact))
        return fail(BT_E_RANGE,
                    "the price impact must be a finite number >= 0, got %g",
                    s->impact);
    return BT_OK;
}

bt_status slip_check(const bt_slippage *s) {
    if (s->kind < BT_SLIPPAGE_NONE || s->kind > BT_SLIPPAGE_CUSTOM)
        return fail(BT_E_RANGE,
                    "slippage kind must be 0..%d, got %d; use "
                    "backlua.slippage",
                    BT_SLIPPAGE_CUSTOM, s->kind);
    TRY(check_numbers(s));
    if (!(s->volume_limit >= 0.0) || s->volume_limit > 1.0)
        return fail(BT_E_RANGE,
                    "volume_limit is a share of the bar's volume, 0 (no "
                    "limit) to 1, got %g",
                    s->volume_limit);
    return BT_OK;
}

/* The bars before a row, newest first, so that a gap costs one look; adjusted
 * as history is: a split is no return, nor is an ex-date. */
static int collect(const struct columns *c, const struct adjust_events *e,
                   int32_t row, double *closes, double *volumes) {
    double price = 1.0, volume = 1.0;
    int32_t next = adjust_epoch(e, row) - 1;
    int n = 0;
    for (int32_t r = row - 1; r >= 0 && n <= SLIP_WINDOW; r--) {
        for (; next >= 0 && e->list[next].row > r; next--) {
            price *= e->list[next].price;
            volume *= e->list[next].volume;
        }
        if (!market_has_bar(c, r))
            continue;
        closes[n] = c->close[r] * price;
        volumes[n++] = c->volume[r] * volume;
    }
    return n;
}

static double deviation(const double *v, int n) {
    double mean = 0.0, sum = 0.0;
    for (int i = 0; i < n; i++)
        mean += v[i];
    mean /= n;
    for (int i = 0; i < n; i++)
        sum += (v[i] - mean) * (v[i] - mean);
    return sqrt(sum / (n - 1));
}

void slip_measure(const struct columns *c, const struct adjust_events *e,
                  int32_t row, struct slip *out) {
    double closes[SLIP_WINDOW + 1], volumes[SLIP_WINDOW + 1];
    double returns[SLIP_WINDOW], sum = 0.0;
    int n = collect(c, e, row, closes, volumes);
    out->mean_volume = out->volatility = NAN;
    if (n < 3)
        return;
    for (int i = 0; i + 1 < n; i++) {
        returns[i] = closes[i] / closes[i + 1] - 1.0;
        sum += volumes[i];
    }
    out->mean_volume = sum / (n - 1);
    out->volatility = deviation(returns, n - 1);
}

static double volume_share(const bt_slippage *s, const struct slip *in) {
    double share = (in->taken + in->units) / in->volume;
    if (s->volume_limit > 0.0)
        share = fmin(share, s->volume_limit);
    return in->volume > 0.0 ? share : 0.0;
}

/* As a fraction of the quote; 0 where nothing is known of the asset. */
static double impact(const bt_slippage *s, const struct slip *in) {
    double share;
    switch (s->kind) {
    case BT_SLIPPAGE_FIXED_BPS:
        return s->bps / 1e4;
    case BT_SLIPPAGE_VOLUME_SHARE:
        share = volume_share(s, in);
        return s->impact * (share * share);
    case BT_SLIPPAGE_VOLATILITY:
        share = in->units / in->mean_volume;
        share = s->impact * in->volatility * sqrt(share);
        return isfinite(share) ? share : 0.0;
    default:
        return 0.0;
    }
}

double slip_keep(const struct slip *in, double price) {
    double high = fmax(in->high, in->quote), low = fmin(in->low, in->quote);
    price = fmax(low, fmin(high, price));
    if (in->side > 0.0)
        return fmin(price, isnan(in->limit) ? price : in->limit);
    return fmax(price, isnan(in->limit) ? price : in->limit);
}

double slip_price(const bt_slippage *s, const struct slip *in) {
    if (s->kind == BT_SLIPPAGE_NONE)
        return in->quote;
    if (s->kind == BT_SLIPPAGE_FIXED_SPREAD)
        return slip_keep(in, in->quote + in->side * (s->spread / 2.0));
    return slip_keep(in, in->quote * (1.0 + in->side * impact(s, in)));
}
