/* The bars an account trades on: raw column pointers of each asset. */
#ifndef BT_SIM_MARKET_H
#define BT_SIM_MARKET_H

#include "portal/adjust.h"
#include "portal/portal.h"

#include <stdbool.h>

/* Phases of a bar, in the order they are worked; see fill.c. */
enum phase { PHASE_OPEN, PHASE_PATH, PHASE_CLOSE };

/* How an asset trades: its smallest unit, units of the underlying per unit
 * (contracts), steps of its price (0: none). */
struct terms {
    double lot, multiplier, tick;
};

struct columns {
    const double *open, *high, *low, *close, *volume; /* [rows] */
    const double *price; /* close carried forward; NULL until mapped */
    struct terms terms;
    bool has_volume; /* some bar of it has volume */
};

struct market {
    struct portal *portal;
    const bt_time *open_times, *close_times; /* [rows] */
    struct columns *assets;                  /* [assets] */
    double lot;                              /* of assets without their own */
    struct terms *own; /* [assets] set for this run, NaN: not; may be NULL */
};

/* Ask memory for what an order on the bar of a row will read: lines of
 * three columns, which nobody has read yet, arrive beside one another. */
static inline void market_fetch(const struct columns *c, int32_t row) {
    __builtin_prefetch(&c->open[row]);
    __builtin_prefetch(&c->close[row]);
    __builtin_prefetch(&c->volume[row]);
}

void market_init(struct market *m, struct portal *p, double lot);
void market_fini(struct market *m);
/* Map the columns of an asset; free of charge from the second call on. */
bt_status market_map(struct market *m, int32_t sid);

/* Splits and ex-dates of an asset whose columns are mapped. Borrowed. */
const struct adjust_events *market_events(const struct market *m, int32_t sid);

static inline bool market_has_bar(const struct columns *c, int32_t row) {
    return c->close[row] == c->close[row];
}

/* What one unit is worth in a phase: the bar's open, at the end its close, the
 * carried price where there is no bar. */
static inline double market_value(const struct columns *c, int32_t row,
                                  enum phase phase) {
    if (phase != PHASE_CLOSE && market_has_bar(c, row))
        return c->open[row];
    return c->price[row];
}

/* Terms of an asset: those of own [assets] where they are set, else the
 * bundle's, else a lot and a multiplier of 1. own may be NULL. */
struct terms market_terms_of(const bt_bundle *b, double lot,
                             const struct terms *own, int32_t sid);
/* Terms of an asset, mapped or not. */
struct terms market_terms(const struct market *m, int32_t sid);
/* Room for terms of this run's own, NaN where the bundle's count. */
struct terms *market_own_terms(struct market *m, int32_t sid);

/* Instant at which fills of a phase are booked. */
static inline bt_time market_time(const struct market *m, int32_t row,
                                  enum phase phase) {
    return phase == PHASE_CLOSE ? m->close_times[row] : m->open_times[row];
}

#endif
