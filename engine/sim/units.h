/* Whole lots.
 *
 * An amount of an asset is always a whole number of lots. Sizing truncates
 * toward zero, but a quotient within 1e-9 (relative, at least absolute) of a
 * whole number counts as that number: 0.3 / 0.1 is three lots, not two.
 */
#ifndef BT_SIM_UNITS_H
#define BT_SIM_UNITS_H

#include <math.h>
#include <stdbool.h>

/* x in whole lots of size lot, sign dropped. */
static inline double units_lots(double x, double lot) {
    double q = fabs(x) / lot;
    double r = nearbyint(q);
    return fabs(q - r) <= 1e-9 * fmax(1.0, q) ? r : floor(q);
}

/* x truncated toward zero to whole lots. */
static inline double units_truncate(double x, double lot) {
    return copysign(units_lots(x, lot) * lot, x);
}

/* The multiple of lot nearest to x: takes the dust off a sum of amounts. */
static inline double units_snap(double x, double lot) {
    return lot == 1.0 ? x : nearbyint(x / lot) * lot;
}

/* The tick at or below x (up: at or above); a price within 1e-9 of a tick is
 * on it, and NaN stays. */
static inline double units_tick(double x, double tick, bool up) {
    double q = x / tick;
    return (up ? ceil(q - 1e-9) : floor(q + 1e-9)) * tick;
}

/* The same for a sum that need not be whole lots (a split leaves lots of any
 * size): only what lies within 1e-9 lots of a multiple is dust, or within the
 * rounding of `of`, the largest of what was summed. */
static inline double units_dust(double x, double of, double lot) {
    double r = nearbyint(x / lot) * lot;
    return fabs(x - r) <= fmax(1e-9 * lot, 1e-15 * fabs(of)) ? r : x;
}

#endif
