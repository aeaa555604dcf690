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
#include "sim/progress.h"

#include <math.h>
#include <stdlib.h>

int32_t bt_run_bars(const bt_run *run) {
    return run->last - run->first + 1;
}

void bt_run_pause_after(bt_run *run, int32_t bar) {
    int32_t row = run->first + bar - 1;
    run->stop = row < run->last ? row : run->last;
    run->calm = 0;
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

static void forget_totals(double *metrics) {
    metrics[BT_METRIC_EXPOSURE_TIME] = NAN;
    metrics[BT_METRIC_TURNOVER] = NAN;
    metrics[BT_METRIC_TOTAL_COMMISSION] = NAN;
    metrics[BT_METRIC_TOTAL_SLIPPAGE] = NAN;
}

bt_status bt_run_metrics(const bt_run *run, int32_t from, double *out) {
    if (from < 0 || from >= run->bars)
        return fail(BT_E_RANGE, "the run has bars 0..%d, got %d", run->bars - 1,
                    from);
    double *curve = account_performance(run);
    bt_result measured = {0};
    struct metric_input in = progress_facts(run, from, run->bars - from);
    in.value = run->value + from;
    in.curve = curve + from;
    in.start = from > 0 ? curve[from - 1] : in.start;
    take_trades(run, from, &in);
    metrics_compute(&in, &measured);
    for (int32_t i = 0; i < BT_METRICS; i++)
        out[i] = measured.metrics[i];
    if (from > 0)
        forget_totals(out);
    if (curve != run->value)
        free(curve);
    return BT_OK;
}
