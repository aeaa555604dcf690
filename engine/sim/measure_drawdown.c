/* Drawdowns of a curve: how deep, how long, how often.
 *
 * A drawdown begins at a peak and ends at the first value that is not below it.
 * The curve begins at 1 (or the starting cash), which counts as a peak: a loss
 * in the first period is one. One that has not ended is open: it lasts to the
 * last value. Formulas: measure.c. One pass each.
 */
#include "sim/measure.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

/* Walks the values of a curve; `now` is open while depth < 0. */
struct walk {
    bt_drawdown now;
    double peak;
    int32_t peak_at, at;
};

static struct walk walk_from(double start) {
    return (struct walk){.peak = start, .peak_at = -1, .at = -1};
}

/* The next value. True when it ended a drawdown, which is in *ended. */
static bool walk_on(struct walk *w, double v, bt_drawdown *ended) {
    w->at++;
    if (!(v < w->peak)) {
        bool any = w->now.depth < 0.0;
        if (any) {
            *ended = w->now;
            ended->end = w->at;
        }
        w->peak = v;
        w->peak_at = w->at;
        w->now = (bt_drawdown){.depth = 0.0};
        return any;
    }
    double depth = v / w->peak - 1.0;
    if (depth < w->now.depth)
        w->now = (bt_drawdown){depth, w->peak_at, w->at, -1};
    return false;
}

int32_t bt_drawdowns(double start, const double *value, int32_t n,
                     bt_drawdown *out, int32_t max) {
    struct walk w = walk_from(start);
    bt_drawdown d;
    int32_t count = 0;
    for (int32_t i = 0; i < n; i++)
        if (walk_on(&w, value[i], &d) && count++ < max)
            out[count - 1] = d;
    if (w.now.depth < 0.0 && count++ < max)
        out[count - 1] = w.now;
    return count;
}

void bt_underwater(double start, const double *value, int32_t n, double *out) {
    double peak = start;
    for (int32_t i = 0; i < n; i++) {
        peak = value[i] < peak ? peak : value[i];
        out[i] = value[i] / peak - 1.0;
    }
}

/* What the statistics need of all drawdowns of a sample. */
struct summary {
    bt_drawdown worst;
    double depths, squares; /* sums over drawdowns, over periods */
    int32_t count, n;
};

static void count_in(struct summary *u, const bt_drawdown *d) {
    u->count++;
    u->depths += d->depth;
    if (d->depth < u->worst.depth)
        u->worst = *d;
}

static struct summary summarise(const bt_sample *s) {
    struct walk w = walk_from(1.0);
    struct summary u = {.n = s->n};
    double v = 1.0;
    bt_drawdown d;
    for (int32_t i = 0; i < s->n; i++) {
        v *= 1.0 + s->x[i];
        if (walk_on(&w, v, &d))
            count_in(&u, &d);
        double under = v / w.peak - 1.0;
        u.squares += under * under;
    }
    if (w.now.depth < 0.0)
        count_in(&u, &w.now);
    if (isnan(v))
        u.worst.depth = u.depths = u.squares = NAN;
    return u;
}

double measure_max_drawdown(const bt_sample *s) {
    return summarise(s).worst.depth;
}

double measure_max_drawdown_bars(const bt_sample *s) {
    struct summary u = summarise(s);
    if (u.count == 0 || isnan(u.worst.depth))
        return u.worst.depth; /* 0, or NaN */
    int32_t end = u.worst.end >= 0 ? u.worst.end : u.n - 1;
    return end - u.worst.start;
}

double measure_average_drawdown(const bt_sample *s) {
    struct summary u = summarise(s);
    return u.count > 0 ? u.depths / u.count : u.worst.depth;
}

double measure_calmar(const bt_sample *s) {
    double depth = summarise(s).worst.depth;
    bool geometric = s->convention == BT_CONVENTION_BACKTESTING;
    double growth = geometric ? measure_annual_return(s) : measure_cagr(s);
    return depth != 0.0 ? growth / -depth : NAN;
}

static double ulcer(const bt_sample *s, const struct summary *u) {
    bool fewer = s->convention == BT_CONVENTION_QUANTSTATS;
    return sqrt(u->squares / (s->n - fewer));
}

double measure_ulcer(const bt_sample *s) {
    struct summary u = summarise(s);
    return ulcer(s, &u);
}

/* What was gained: quantstats adds returns where we compound them. */
static double gain(const bt_sample *s) {
    if (s->convention == BT_CONVENTION_QUANTSTATS)
        return measure_mean(s->x, s->n) * s->n - s->risk_free;
    return measure_total_return(s);
}

double measure_recovery(const bt_sample *s) {
    double depth = summarise(s).worst.depth, gained = gain(s);
    if (s->convention == BT_CONVENTION_QUANTSTATS)
        gained = fabs(gained);
    return depth != 0.0 ? gained / -depth : NAN;
}

/* Expected shortfall of the drawdown at the end of each period. */
static double drawdown_shortfall(const bt_sample *s) {
    double *v = mem_alloc((size_t)s->n * sizeof *v), growth = 1.0;
    for (int32_t i = 0; i < s->n; i++)
        v[i] = growth *= 1.0 + s->x[i];
    bt_underwater(1.0, v, s->n, v);
    bool gaussian = s->convention == BT_CONVENTION_QUANTSTATS;
    double mean = measure_cvar_of(v, s->n, s->tail, gaussian);
    free(v);
    return mean;
}

double measure_serenity(const bt_sample *s) {
    struct summary u = summarise(s);
    double pitfall = -drawdown_shortfall(s) / measure_deviation(s->x, s->n);
    double denominator = ulcer(s, &u) * pitfall;
    return denominator != 0.0 ? gain(s) / denominator : NAN;
}
