/* A result owns what a run has made: the arrays move over, nothing is copied.
 * Close times and symbols are the bundle's own memory, so a result counts a use
 * of the bundle and gives it back when it is freed.
 */
#include "sim/result.h"

#include "base/mem.h"
#include "base/status.h"
#include "sim/liquidate.h"
#include "sim/progress.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void take_equity(bt_run *run, struct result *r) {
    bt_result *p = &r->pub;
    p->bars = run->bars;
    r->first = p->first_row = run->first;
    p->times = bundle_close_times(r->bundle) + run->first;
    p->cash = run->cash;
    p->value = run->value;
    p->performance = account_performance(run);
    run->cash = run->value = NULL;
}

static void take_books(bt_run *run, bt_result *p) {
    struct ledger *l = &run->ledger;
    p->orders = (int32_t)run->book.count;
    p->order = run->book.orders;
    p->fills = (int32_t)l->fill_count;
    p->fill = l->fills;
    p->trades = (int32_t)l->trades.count;
    p->trade = l->trades.list;
    run->book.orders = NULL;
    run->book.count = run->book.cap = 0;
    p->flows = (int32_t)l->flow_count;
    p->flow = l->flows;
    p->events = (int32_t)l->event_count;
    p->event = l->events;
    l->events = NULL;
    l->fills = NULL;
    l->flows = NULL;
    l->trades.list = NULL;
    for (int32_t i = 0; i < p->orders; i++)
        p->reasons[p->order[i].reason]++;
}

/* How the run's assets traded, for who asks later. */
static void keep_terms(const bt_run *run, struct result *r) {
    size_t bytes = (size_t)run->assets * sizeof *r->terms;
    r->lot = run->market.lot;
    if (run->market.own)
        r->terms = memcpy(mem_alloc(bytes), run->market.own, bytes);
}

/* What is held at the end, as if it were sold at the marks. */
static void take_open(const bt_run *run, bt_result *p) {
    const struct ledger *l = &run->ledger;
    bt_trade *list = NULL;
    size_t count = 0, cap = 0;
    for (int32_t i = 0; i < l->held_count; i++) {
        int32_t sid = l->held[i].sid;
        struct deal d = {.sid = sid,
                         .bar = run->bars - 1,
                         .phase = BT_PHASE_CLOSE,
                         .time = l->account.now,
                         .price = l->held[i].price[run->row],
                         .multiplier = terms_of(run, sid)->multiplier};
        trades_peek(&l->trades, &d, &list, &count, &cap);
    }
    p->open = list;
    p->opens = (int32_t)count;
    p->liquidation_value = liquidation_value(run);
}

static void take_records(bt_run *run, struct result *r) {
    struct records *from = &run->records;
    r->pub.records = (int32_t)from->count;
    r->pub.record = from->list;
    r->pub.record_names = (int32_t)from->name_count;
    r->record_names = from->names;
    from->list = NULL;
    from->names = NULL;
    from->name_count = from->count = 0;
}

static void measure(bt_run *run, bt_result *out) {
    struct metric_input in = progress_facts(run, 0, run->bars);
    in.value = out->value;
    in.curve = out->performance;
    in.trades = out->trade;
    in.trade_count = out->trades;
    out->years = in.years;
    out->periods_per_year = in.periods_per_year;
    metrics_compute(&in, out);
    progress_end(run, out->metrics);
}

bt_status result_take(bt_run *run, bt_result **out) {
    struct result *r = mem_zalloc(1, sizeof *r);
    bt_result *p = &r->pub;
    r->bundle = run->config.bundle;
    pool_retain(r->bundle);
    p->starting_cash = run->ledger.account.starting_cash;
    p->ambiguous_bars = run->ambiguous;
    p->short_windows = portal_short_windows(run->portal);
    take_equity(run, r);
    keep_terms(run, r);
    take_open(run, p);
    take_books(run, p);
    take_records(run, r);
    measure(run, p);
    hash_result(p, r->bundle, p->hash);
    bt_status bad = benchmark_take(run, r);
    if (bad == BT_OK)
        *out = p;
    else
        bt_result_free(p);
    return bad;
}

bt_status result_column(const bt_result *r, int32_t sid, int32_t field,
                        const double **out) {
    struct result *own = (struct result *)r;
    if (sid < 0 || sid >= bundle_assets(own->bundle))
        return fail(BT_E_RANGE, "no asset %d; there are %d", sid,
                    bundle_assets(own->bundle));
    if (!own->portal)
        TRY(portal_new(own->bundle, &own->portal));
    return portal_data(own->portal, sid, field, out);
}

static void free_arrays(struct result *own) {
    const bt_result *r = &own->pub;
    free(own->terms);
    free((void *)r->cash);
    if (r->performance != r->value)
        free((void *)r->performance);
    free((void *)r->value);
    free((void *)r->order);
    free((void *)r->fill);
    free((void *)r->trade);
    free((void *)r->open);
    free((void *)r->flow);
    free((void *)r->event);
    free((void *)r->record);
}

void bt_result_free(bt_result *r) {
    struct result *own = (struct result *)r;
    if (!own)
        return;
    for (int32_t i = 0; i < r->record_names; i++)
        free(own->record_names[i]);
    free(own->record_names);
    free(own->benchmark);
    if (own->block)
        free(own->block);
    else
        free_arrays(own);
    portal_free(own->portal);
    bt_bundle_release(own->bundle);
    free(own);
}

const char *bt_result_record_name(const bt_result *r, int32_t name) {
    const struct result *own = (const struct result *)r;
    return name >= 0 && name < r->record_names ? own->record_names[name] : NULL;
}

void bt_result_seconds(const bt_result *r, double *out) {
    for (int32_t i = 0; i < r->bars; i++)
        out[i] = seconds_of(r->times[i]);
}

int32_t bt_result_daily(const bt_result *r, double *returns, double *seconds) {
    const struct result *own = (const struct result *)r;
    const int32_t *day = bundle_sessions(own->bundle) + own->first;
    double before = r->starting_cash;
    int32_t n = 0;
    for (int32_t i = 0; i < r->bars; i++) {
        if (i + 1 < r->bars && day[i + 1] == day[i])
            continue;
        seconds[n] = seconds_of(r->times[i]);
        returns[n++] = r->performance[i] / before - 1.0;
        before = r->performance[i];
    }
    return n;
}

int32_t bt_result_sessions(const bt_result *r, double *first, double *last) {
    const struct result *own = (const struct result *)r;
    const int32_t *day = bundle_sessions(own->bundle) + own->first;
    int32_t n = 0;
    for (int32_t i = 0; i < r->bars; i++) {
        if (i + 1 < r->bars && day[i + 1] == day[i])
            continue;
        *last = seconds_of(r->times[i]);
        if (n++ == 0)
            *first = *last;
    }
    return n;
}
