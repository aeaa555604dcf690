/* What bars and round trips add up to, one after the other; see metrics.c.
 *
 * A tally is a handful of sums: a bar is O(1), and at any bar its metrics are
 * those of a run that ends there. The bar of the moment ends its session as far
 * as anybody knows, so who asks on the way copies the tally, adds that bar to
 * the copy and keeps the original for the bar's true end.
 */
#ifndef BT_SIM_TALLY_H
#define BT_SIM_TALLY_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

/* The deepest drawdown so far, and the peak that the next one would be of. */
struct fall {
    double depth, peak, worst_peak;
    double low; /* a value at or above it cannot be deeper */
    int32_t peak_at, start, trough, end; /* bars; -1: before the first, none */
};

struct tally {
    double target;                /* what a session must bring */
    double value, shares, lowest; /* sums of V, of gross / V; least curve */
    double before;                /* curve at the last session's close */
    /* Of the sessions: sums of r, of r - first and its square, of
     * min(r - target, 0)^2. */
    double returns, first, moved, squares, misses;
    struct fall fall;
    double won, lost, pnl; /* of the round trips */
    int32_t bars, sessions, trades, wins;
};

/* start: equity before the first bar. */
static inline struct tally tally_from(double start, double target) {
    return (struct tally){.target = target,
                          .lowest = INFINITY,
                          .before = start,
                          .fall = {.peak = start,
                                   .worst_peak = INFINITY,
                                   .low = start * (1.0 + 1e-12),
                                   .peak_at = -1,
                                   .start = -1,
                                   .trough = -1,
                                   .end = -1}};
}

/* 1e-12 keeps rounding on the safe side: so the division is rare. */
static inline void tally_fall(struct fall *f, double v, int32_t bar) {
    if (v >= f->peak) {
        if (v >= f->worst_peak && f->end < 0)
            f->end = bar;
        f->peak = v;
        f->peak_at = bar;
        f->low = v * (1.0 + f->depth + 1e-12);
    } else if (v <= f->low && v / f->peak - 1.0 < f->depth) {
        f->depth = v / f->peak - 1.0;
        f->start = f->peak_at;
        f->trough = bar;
        f->end = -1;
        f->worst_peak = f->peak;
        f->low = f->peak * (1.0 + f->depth + 1e-12);
    }
}

static inline void tally_session(struct tally *t, double curve) {
    double r = curve / t->before - 1.0;
    t->before = curve;
    t->first = t->sessions++ == 0 ? r : t->first;
    double d = r - t->first, miss = r - t->target;
    miss = 0.5 * (miss - fabs(miss)); /* the lesser of it and 0: no branch */
    t->returns += r;
    t->moved += d;
    t->squares += d * d;
    t->misses += miss * miss;
}

/* value: marked equity; curve: net of deposits; gross: sum of |amount * price|;
 * ends: it is the last bar of its session. */
static inline void tally_bar(struct tally *t, double value, double curve,
                             double gross, bool ends) {
    t->value += value;
    t->shares += gross / value;
    t->lowest = curve < t->lowest ? curve : t->lowest;
    tally_fall(&t->fall, curve, t->bars++);
    if (ends)
        tally_session(t, curve);
}

static inline void tally_trade(struct tally *t, double pnl) {
    t->trades++;
    t->pnl += pnl;
    t->wins += pnl > 0.0;
    if (pnl > 0.0)
        t->won += pnl;
    else
        t->lost -= pnl;
}

#endif
