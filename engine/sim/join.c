/* Several results as one account.
 *
 * A trial may be run over stretches of time that do not touch, each with an
 * account of its own. Here they are one: every stretch goes on with what the
 * one before came to, so a curve of n bars in all is built by scaling, and the
 * metrics are those of any curve (metrics.c). Its years are those inside of the
 * stretches. Round trips, costs and what they came to are money of the single
 * accounts and add up as they are.
 *
 * Of the exposure a result keeps the means alone, so each bar of a stretch gets
 * the stretch's mean: its mean over all bars is the same. An account that is
 * ruined stays where it is.
 *
 * Cost: O(bars + trades), all arrays once.
 */
#include "sim/result.h"

#include "base/mem.h"
#include "base/status.h"
#include "sim/metrics.h"
#include "store/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct joined {
    struct metric_input in;
    double *value, *gross;
    int32_t *sessions;
    bt_trade *trades;
};

static void allocate(struct joined *j, const bt_result *const *parts,
                     int32_t n) {
    size_t bars = 1, trades = 1;
    for (int32_t i = 0; i < n; i++) {
        bars += (size_t)parts[i]->bars;
        trades += (size_t)parts[i]->trades;
    }
    j->value = mem_alloc(bars * sizeof *j->value);
    j->gross = mem_alloc(bars * sizeof *j->gross);
    j->sessions = mem_alloc(bars * sizeof *j->sessions);
    j->trades = mem_alloc(trades * sizeof *j->trades);
    j->in.value = j->in.curve = j->value;
    j->in.gross = j->gross;
    j->in.sessions = j->sessions;
    j->in.trades = j->trades;
}

static void release(struct joined *j) {
    free(j->value);
    free(j->gross);
    free(j->sessions);
    free(j->trades);
}

/* Traded value, as the metric was computed from it. */
static double traded_of(const bt_result *r) {
    double sum = 0;
    for (int32_t i = 0; i < r->bars; i++)
        sum += r->value[i];
    return r->metrics[BT_METRIC_TURNOVER] * (sum / r->bars) * r->years;
}

static void add_curve(struct joined *j, const bt_result *r) {
    const struct result *own = (const struct result *)r;
    const int32_t *day = bundle_sessions(own->bundle) + own->first;
    struct metric_input *in = &j->in;
    int32_t at = in->bars;
    double level = at > 0 ? j->value[at - 1] : in->start;
    double factor = level / r->starting_cash;
    double share = r->metrics[BT_METRIC_EXPOSURE_GROSS];
    for (int32_t i = 0; i < r->bars; i++) {
        j->value[at + i] = level > 0 ? r->performance[i] * factor : level;
        j->gross[at + i] = share * j->value[at + i];
        j->sessions[at + i] = day[i];
    }
    in->bars += r->bars;
    in->traded += r->bars > 0 ? traded_of(r) * factor : 0;
}

static void add_part(struct joined *j, const bt_result *r) {
    struct metric_input *in = &j->in;
    const double *m = r->metrics;
    add_curve(j, r);
    if (r->bars > 0) {
        in->years += r->years;
        in->exposed_bars +=
            (int32_t)lround(m[BT_METRIC_EXPOSURE_TIME] * r->bars);
    }
    if (r->trades > 0)
        memcpy(j->trades + in->trade_count, r->trade,
               (size_t)r->trades * sizeof *r->trade);
    in->trade_count += r->trades;
    in->commission += m[BT_METRIC_TOTAL_COMMISSION];
    in->slippage += m[BT_METRIC_TOTAL_SLIPPAGE];
}

bt_status bt_results_metrics(const bt_result *const *parts, int32_t n,
                             double risk_free, double *out) {
    bt_result whole = {0};
    if (n < 1)
        return fail(BT_E_RANGE, "at least one result is needed, got %d", n);
    struct joined j = {.in = {.start = parts[0]->starting_cash,
                              .periods_per_year = parts[0]->periods_per_year,
                              .risk_free = risk_free}};
    allocate(&j, parts, n);
    for (int32_t i = 0; i < n; i++)
        add_part(&j, parts[i]);
    metrics_compute(&j.in, &whole);
    for (int32_t i = 0; i < BT_METRICS; i++)
        out[i] = whole.metrics[i];
    release(&j);
    return BT_OK;
}
