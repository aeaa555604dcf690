/* How a round trip stood on its way, and how much was held: questions that are
 * asked of a finished result, so a run pays nothing for them.
 *
 * Prices of bars are as quoted. A split inside a round trip has scaled its
 * entry price and its units, so the bars before the split are scaled likewise.
 *
 * Cost: O(bars of the trip + actions) for an excursion, O(fills + actions +
 * bars) for the amounts of an asset.
 */
#include "sim/result.h"

#include "base/sorted.h"
#include "base/status.h"
#include "sim/units.h"
#include "store/bundle.h"

#include <math.h>

/* ---- amounts ------------------------------------------------------------- */

/* The first bar that opens at an instant or later. */
static int32_t bar_at(const struct result *r, bt_time when) {
    const bt_time *opens = bundle_open_times(r->bundle) + r->first;
    return (int32_t)sorted_from(opens, r->pub.bars, when);
}

int32_t bt_result_opening(const bt_result *r, double seconds) {
    return bar_at((const struct result *)r, (bt_time)llround(seconds * 1e6));
}

/* What an action made of an amount. */
static double acted(const bt_event *e, int32_t sid, double amount, double lot) {
    if (e->sid == sid)
        return e->after;
    return e->other == sid ? units_snap(amount + e->received, lot) : amount;
}

void bt_result_amounts(const bt_result *r, int32_t sid, double *out) {
    const struct result *own = (const struct result *)r;
    int32_t fill = 0, event = 0;
    double amount = 0.0;
    double lot = market_terms_of(own->bundle, own->lot, own->terms, sid).lot;
    for (int32_t i = 0; i < r->bars; i++) {
        for (; event < r->events && bar_at(own, r->event[event].time) <= i;
             event++)
            amount = acted(&r->event[event], sid, amount, lot);
        for (; fill < r->fills && r->fill[fill].bar <= i; fill++)
            if (r->fill[fill].sid == sid)
                amount = units_snap(amount + r->fill[fill].amount, lot);
        out[i] = amount;
    }
}

double bt_result_splits(const bt_result *r, int32_t sid, int32_t after,
                        int32_t until) {
    const struct result *own = (const struct result *)r;
    const bt_action *all;
    int32_t n = bt_bundle_actions(own->bundle, &all);
    double ratio = 1.0;
    for (int32_t i = 0; i < n; i++) {
        int32_t bar = all[i].row - own->first;
        if (all[i].sid == sid && all[i].kind == BT_ACTION_SPLIT &&
            bar > after && bar <= until)
            ratio *= all[i].value;
    }
    return ratio;
}

/* ---- excursions ---------------------------------------------------------- */

struct extremes {
    double low, high;
};

static void look_at(struct extremes *x, double low, double high) {
    x->low = low < x->low ? low : x->low; /* false for NaN */
    x->high = high > x->high ? high : x->high;
}

/* The splits of an asset after a bar's orders, up to another bar. */
static double ratio_after(const struct result *r, int32_t sid, int32_t bar,
                          int32_t last) {
    double ratio = 1.0;
    for (int32_t i = 0; i < r->pub.events; i++) {
        const bt_event *e = &r->pub.event[i];
        int32_t at = e->sid == sid && e->kind == BT_ACTION_SPLIT
                         ? bar_at(r, e->time)
                         : -1;
        if (at > bar && at <= last)
            ratio *= e->value;
    }
    return ratio;
}

static struct extremes extremes_of(const struct result *r, const bt_trade *t,
                                   const double *low, const double *high) {
    struct extremes x = {fmin(t->entry_price, t->exit_price),
                         fmax(t->entry_price, t->exit_price)};
    int32_t first = t->entry_bar + (t->entry_phase == BT_PHASE_CLOSE);
    int32_t last = t->exit_bar - (t->exit_phase <= BT_PHASE_OPEN);
    int32_t as_of = t->exit_bar - (t->exit_phase == BT_PHASE_BEFORE);
    bool splits = ratio_after(r, t->sid, t->entry_bar, as_of) != 1.0;
    for (int32_t i = first; i <= last; i++) {
        double by = splits ? 1.0 / ratio_after(r, t->sid, i, as_of) : 1.0;
        look_at(&x, low[r->first + i] * by, high[r->first + i] * by);
    }
    return x;
}

void bt_result_excursion(const bt_result *r, const bt_trade *t, double *mae,
                         double *mfe) {
    const double *low, *high;
    *mae = *mfe = NAN;
    if (result_column(r, t->sid, BT_FIELD_LOW, &low) != BT_OK ||
        result_column(r, t->sid, BT_FIELD_HIGH, &high) != BT_OK)
        return;
    struct extremes x = extremes_of((const struct result *)r, t, low, high);
    double units = t->amount * t->multiplier;
    double at_low = units * (x.low - t->entry_price);
    double at_high = units * (x.high - t->entry_price);
    *mae = fmin(at_low, at_high) + 0.0; /* no -0 of a short */
    *mfe = fmax(at_low, at_high) + 0.0;
}

/* ---- bars ---------------------------------------------------------------- */

bt_status bt_result_quote(const bt_result *r, int32_t sid, int32_t bar,
                          bt_quote *out) {
    static const int32_t FIELDS[] = {BT_FIELD_OPEN,   BT_FIELD_HIGH,
                                     BT_FIELD_LOW,    BT_FIELD_CLOSE,
                                     BT_FIELD_VOLUME, BT_FIELD_PRICE};
    const struct result *own = (const struct result *)r;
    double v[sizeof FIELDS / sizeof *FIELDS];
    if (bar < 0 || bar >= r->bars)
        return fail(BT_E_RANGE, "no bar %d; the run has %d", bar, r->bars);
    for (size_t i = 0; i < sizeof FIELDS / sizeof *FIELDS; i++) {
        const double *column;
        TRY(result_column(r, sid, FIELDS[i], &column));
        v[i] = column[own->first + bar];
    }
    *out = (bt_quote){v[0], v[1], v[2], v[3], v[4], v[5]};
    return BT_OK;
}

int32_t bt_result_day(const bt_result *r, int32_t bar) {
    const struct result *own = (const struct result *)r;
    if (bar < 0 || bar >= r->bars)
        return -1;
    return bundle_sessions(own->bundle)[own->first + bar];
}
