/* A run that is looked at before its end: where it stops, what it has come to.
 *
 * A paused run has closed the books of its bar; the next step enters the next
 * one. Metrics over a stretch of bars are those that a result over just these
 * bars would have, its trades being the ones closed there; what a run only
 * counts as a whole (exposure, turnover, costs) is known from the first bar on
 * and NaN otherwise.
 */
#include "sim/run.h"

#include "base/status.h"
#include "sim/metrics.h"

#include <math.h>
#include <stdlib.h>

int32_t bt_run_bars(const bt_run *run) {
    return run->last - run->first + 1;
}

void bt_run_pause_after(bt_run *run, int32_t bar) {
    int32_t row = run->first + bar - 1;
    run->stop = row < run->last ? row : run->last;
}

/* Trades are in the order they closed. */
static void take_trades(const bt_run *run, int32_t from,
                        struct metric_input *in) {
    const struct trades *t = &run->ledger.trades;
    size_t before = 0;
    while (before < t->count && t->list[before].exit_bar < from)
        before++;
    in->trades = t->list + before;
    in->trade_count = (int32_t)(t->count - before);
}

static void take_totals(const bt_run *run, struct metric_input *in) {
    const bt_account *a = &run->ledger.account;
    in->exposed_bars = run->exposed_bars;
    in->traded = run->ledger.traded;
    in->commission = a->commission;
    in->slippage = a->slippage;
}

static void forget_totals(double *metrics) {
    metrics[BT_METRIC_EXPOSURE_TIME] = NAN;
    metrics[BT_METRIC_TURNOVER] = NAN;
    metrics[BT_METRIC_TOTAL_COMMISSION] = NAN;
    metrics[BT_METRIC_TOTAL_SLIPPAGE] = NAN;
}

static double periods_of(const bt_run *run) {
    bt_bundle_info info;
    if (run->config.periods_per_year > 0)
        return run->config.periods_per_year;
    bt_bundle_get_info(run->config.bundle, &info);
    return info.periods_per_year;
}

bt_status bt_run_metrics(const bt_run *run, int32_t from, double *out) {
    if (from < 0 || from >= run->bars)
        return fail(BT_E_RANGE, "the run has bars 0..%d, got %d", run->bars - 1,
                    from);
    const struct market *m = &run->market;
    double *curve = account_performance(run);
    bt_result measured = {0};
    int32_t row = run->first + from;
    bt_time span =
        m->close_times[run->first + run->bars - 1] - m->open_times[row];
    struct metric_input in = {
        .bars = run->bars - from,
        .value = run->value + from,
        .curve = curve + from,
        .gross = run->gross + from,
        .sessions = run->sessions + row,
        .start = from > 0 ? curve[from - 1] : run->ledger.account.starting_cash,
        .years = (double)span / (365.25 * 864e8),
        .periods_per_year = periods_of(run),
        .risk_free = run->config.risk_free,
    };
    take_trades(run, from, &in);
    take_totals(run, &in);
    metrics_compute(&in, &measured);
    for (int32_t i = 0; i < BT_METRICS; i++)
        out[i] = measured.metrics[i];
    if (from > 0)
        forget_totals(out);
    if (curve != run->value)
        free(curve);
    return BT_OK;
}
