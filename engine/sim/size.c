/* Sizing.
 *
 * A value is divided by a price, a percentage of equity likewise; a target
 * takes off what is held and what open orders will still trade, so that asking
 * for the same target twice does not buy it twice. The difference is truncated
 * toward zero to whole lots, and a difference below one lot means that the
 * target is met, unless nothing is held at all: then the request itself is too
 * small, which must be said. Orders sized at the fill go through the same
 * function with the price and equity of that moment.
 *
 * An account without equity has nothing to take a percentage of: it counts as
 * 0.
 */
#include "sim/size.h"

#include "sim/units.h"

#include <math.h>

bool size_is_target(int32_t kind) {
    return kind >= BT_ORDER_TARGET;
}

double size_limit(int32_t kind, double lot) {
    switch (kind) {
    case BT_ORDER_AMOUNT:
    case BT_ORDER_TARGET:
        return SIZE_MAX_LOTS * lot;
    case BT_ORDER_VALUE:
    case BT_ORDER_TARGET_VALUE:
        return 1e18;
    default:
        return 1e6;
    }
}

static bool needs_price(const struct sizing *s) {
    if (s->kind == BT_ORDER_AMOUNT || s->kind == BT_ORDER_TARGET)
        return false;
    return s->request != 0.0; /* nothing of anything is nothing */
}

/* The request in units. */
static double asked_units(const struct sizing *s) {
    if (s->request == 0.0)
        return 0.0;
    switch (s->kind) {
    case BT_ORDER_VALUE:
    case BT_ORDER_TARGET_VALUE:
        return s->request / s->price;
    case BT_ORDER_PERCENT:
    case BT_ORDER_TARGET_PERCENT:
        return s->request * fmax(0.0, s->equity) / s->price;
    default:
        return s->request;
    }
}

double size_units(const struct sizing *s, int32_t *reason) {
    if (needs_price(s) && !(s->price > 0.0)) {
        *reason = BT_REASON_NO_PRICE;
        return 0.0;
    }
    double asked = asked_units(s);
    bool target = size_is_target(s->kind);
    double raw = target ? asked - s->held : asked;
    double most = SIZE_MAX_LOTS * s->lot;
    double units = units_truncate(fmax(-most, fmin(most, raw)), s->lot);
    if (units == 0.0)
        *reason = target && (raw == 0.0 || s->held != 0.0)
                      ? BT_REASON_AT_TARGET
                      : BT_REASON_BELOW_LOT;
    return units;
}
