/* Metrics on the way: what they would be if the run ended here.
 *
 * A run in which nobody asks has nothing of this, and no bar does anything for
 * it. The first question makes a tally (tally.h); each one adds the bars and
 * the trades that have ended since the one before, then the bar of the moment
 * to a copy: O(1) a bar however often it is asked, and every bar is added once.
 * The sums are those of metrics_compute in the same order, so the numbers are,
 * to the bit, those of a result that ends at this bar.
 *
 * While handle_data runs, the bar counts as it is marked: what it orders for
 * the same close is not in it yet.
 */
#include "sim/progress.h"

#include "base/mem.h"
#include "sim/run.h"

#include <math.h>
#include <string.h>

struct progress {
    struct tally tally;  /* of the bars that have ended */
    size_t trades, next; /* trades counted; changes of capital passed */
    double periods;      /* per year */
    int32_t bars;        /* that the metrics are of; -1: of none yet */
    bool marked;         /* of them, the last one is not closed */
    double metrics[BT_METRICS];
};

static double periods_of(const bt_run *run) {
    bt_bundle_info info;
    if (run->config.periods_per_year > 0)
        return run->config.periods_per_year;
    bt_bundle_get_info(run->config.bundle, &info);
    return info.periods_per_year;
}

/* From the open of a bar to the close of the last of so many. */
static double years_of(const bt_run *run, int32_t from, int32_t bars) {
    const struct market *m = &run->market;
    int32_t row = run->first + from;
    if (bars == 0)
        return NAN;
    bt_time span = m->close_times[row + bars - 1] - m->open_times[row];
    return (double)span / (365.25 * 864e8);
}

static struct metric_input facts_of(const bt_run *run, int32_t from,
                                    int32_t bars) {
    const bt_account *a = &run->ledger.account;
    return (struct metric_input){.bars = bars,
                                 .start = a->starting_cash,
                                 .years = years_of(run, from, bars),
                                 .risk_free = run->config.risk_free,
                                 .exposed_bars = run->exposed_bars,
                                 .traded = run->ledger.traded,
                                 .commission = a->commission,
                                 .slippage = a->slippage};
}

struct metric_input progress_facts(const bt_run *run, int32_t from,
                                   int32_t bars) {
    struct metric_input in = facts_of(run, from, bars);
    in.gross = run->gross + from;
    in.sessions = run->sessions + run->first + from;
    in.periods_per_year = periods_of(run);
    return in;
}

static struct progress *progress_of(bt_run *run) {
    if (run->progress)
        return run->progress;
    struct progress *p = mem_zalloc(1, sizeof *p);
    p->periods = periods_of(run);
    p->tally = tally_from(run->ledger.account.starting_cash,
                          metrics_target(run->config.risk_free, p->periods));
    p->bars = -1;
    run->progress = p;
    return p;
}

/* Bars whose books are closed and that the run has left. */
static void catch_up(const bt_run *run, struct progress *p, int32_t bars) {
    const struct trades *trades = &run->ledger.trades;
    while (p->tally.bars < bars) {
        int32_t i = p->tally.bars, row = run->first + i;
        double value = run->value[i];
        tally_bar(&p->tally, value, account_curve(run, i, value, &p->next),
                  run->gross[i], run->sessions[row + 1] != run->sessions[row]);
    }
    while (p->trades < trades->count)
        tally_trade(&p->tally, trades->list[p->trades++].pnl);
}

/* The newest bar as a session's last; marked: it is the account's. */
static struct tally with_newest(const bt_run *run, const struct progress *p,
                                int32_t bar, bool marked) {
    const bt_account *a = &run->ledger.account;
    struct tally t = p->tally;
    size_t next = p->next;
    double value = marked ? a->portfolio_value : run->value[bar];
    tally_bar(&t, value, account_curve(run, bar, value, &next),
              marked ? a->gross : run->gross[bar], true);
    return t;
}

static void measure_so_far(const bt_run *run, struct progress *p, int32_t bars,
                           bool marked) {
    bt_result out = {0};
    struct metric_input in = facts_of(run, 0, bars);
    in.periods_per_year = p->periods;
    in.exposed_bars += marked && run->ledger.held_count > 0;
    catch_up(run, p, bars - 1);
    struct tally t =
        bars > 0 ? with_newest(run, p, bars - 1, marked) : p->tally;
    metrics_of(&in, &t, &out);
    memcpy(p->metrics, out.metrics, sizeof p->metrics);
    p->bars = bars;
    p->marked = marked;
}

double bt_run_metric(bt_run *run, int32_t metric) {
    if (metric < 0 || metric >= BT_METRICS || run->state == RUN_FAILED)
        return NAN;
    struct progress *p = progress_of(run);
    bool marked = run->state == RUN_BAR;
    int32_t bars = run->bars + marked;
    bool known = p->bars == bars && p->marked == marked;
    if (!known && run->state != RUN_FINISHED)
        measure_so_far(run, p, bars, marked);
    return p->metrics[metric];
}

void progress_end(bt_run *run, const double *metrics) {
    memcpy(progress_of(run)->metrics, metrics, sizeof run->progress->metrics);
}
