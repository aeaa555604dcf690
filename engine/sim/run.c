/* One backtest over the rows whose close lies in [start, end).
 *
 * bt_run_step is all that a bar costs on the C side: it finishes the bar that
 * the strategy has just seen (under same_close by working its orders), appends
 * the equity point, moves to the next row, works the orders that are open
 * there, marks what is held, and returns to the Lua loop. A bar on which
 * nothing is open costs one walk over the holdings, a few stores, and no
 * allocation: the equity arrays are as long as the run from the beginning. Such
 * bars come in spans (find_calm), inside of which one comparison says that no
 * rule, control, action or stop has to be asked.
 *
 * Everything a run needs is inside bt_run and dies with it, so that runs do not
 * see one another; only how long the lists of the last one became is known to
 * the next, which makes room for as much. What a result keeps is moved out of
 * the run by bt_run_finish (result.c).
 *
 * Invariants: the cursor of the portal is the current row; the account is
 * marked whenever Lua runs; equity is finite, else the step fails.
 */
#include "sim/run.h"

#include "base/interrupt.h"
#include "base/mem.h"
#include "base/sorted.h"
#include "base/status.h"
#include "sim/fill.h"
#include "sim/record.h"
#include "sim/result.h"
#include "sim/settings.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <math.h>
#include <stdlib.h>

/* First row whose close is not before t. */
static int32_t first_row_from(const bt_time *closes, int32_t rows, bt_time t) {
    return (int32_t)sorted_from(closes, rows, t);
}

static bt_status find_rows(const bt_run_config *c, int32_t *first,
                           int32_t *last) {
    const bt_time *closes = bundle_close_times(c->bundle);
    int32_t rows = bundle_rows(c->bundle);
    *first = first_row_from(closes, rows, c->start);
    *last = first_row_from(closes, rows, c->end) - 1;
    if (*first <= *last)
        return BT_OK;
    return fail(BT_E_DATA, "no bar closes between start and end; "
                           "`backlua bundle info` shows what there is");
}

/* Trials are alike: what the last one needed is not copied as it grows. */
static struct lengths usual;

static void remember(const bt_run *run) {
    const struct ledger *l = &run->ledger;
    usual = (struct lengths){run->book.count, l->fill_count, l->trades.count};
}

static void init_account(bt_run *run) {
    bt_account *a = &run->ledger.account;
    ledger_init(&run->ledger, run->assets, run->config.capital, &usual);
    a->row = run->row;
    a->start = run->market.open_times[run->first];
    a->now = run->row >= 0 ? run->market.close_times[run->row]
                           : run->market.open_times[0];
}

static void init_series(bt_run *run) {
    size_t bars = (size_t)run->last - (size_t)run->first + 1;
    run->cash = mem_alloc(bars * sizeof *run->cash);
    run->value = mem_alloc(bars * sizeof *run->value);
    run->gross = mem_alloc(bars * sizeof *run->gross);
}

static bt_run *run_new(const bt_run_config *config, struct portal *portal,
                       int32_t first, int32_t last) {
    bt_run *run = mem_zalloc(1, sizeof *run);
    run->config = *config;
    run->portal = portal;
    run->first = first;
    run->last = run->stop = last;
    run->row = first - 1;
    run->rows = bundle_rows(config->bundle);
    run->assets = bundle_assets(config->bundle);
    run->sessions = bundle_sessions(config->bundle);
    run->benchmark = -1;
    run->closing = config->close_at_end ? last : INT32_MAX;
    run->beat_start = config->beat ? *config->beat : 0;
    run->taken = mem_zalloc((size_t)run->assets, sizeof *run->taken);
    market_init(&run->market, portal, config->lot);
    book_init(&run->book, run->assets, usual.orders);
    run->corporate = corporate_new(config->bundle, first, last);
    init_account(run);
    settings_apply(run);
    init_series(run);
    rng_key(&run->rng, config->seed, config->params ? config->params : "",
            (uint64_t)config->repeat);
    return run;
}

bt_status bt_run_open(const bt_run_config *config, bt_run **out) {
    int32_t first, last;
    struct portal *portal;
    TRY(settings_check(config));
    TRY(find_rows(config, &first, &last));
    TRY(portal_new(config->bundle, &portal));
    bt_status bad = portal_set_adjust(portal, config->adjust);
    if (bad != BT_OK) {
        portal_free(portal);
        return bad;
    }
    pool_retain(config->bundle);
    portal_set_strict(portal, config->strict_start);
    (void)portal_set_cursor(portal, first - 1); /* nobody follows yet */
    *out = run_new(config, portal, first, last);
    (*out)->config.params = NULL; /* the caller's, keyed the stream */
    return BT_OK;
}

void bt_run_close(bt_run *run) {
    if (!run)
        return;
    market_fini(&run->market);
    ledger_fini(&run->ledger);
    book_fini(&run->book);
    records_fini(&run->records);
    corporate_free(run->corporate);
    free(run->progress);
    account_free(run->rules);
    if (run->controls)
        free(run->controls->list);
    free(run->controls);
    free(run->taken);
    free(run->touched);
    free(run->cash);
    free(run->value);
    free(run->gross);
    portal_free(run->portal);
    bt_bundle_release(run->config.bundle);
    free(run);
}

bt_portal *bt_run_portal(bt_run *run) {
    return portal_public(run->portal);
}

const bt_account *bt_run_account(bt_run *run) {
    return &run->ledger.account;
}

const bt_position *bt_run_positions(bt_run *run) {
    return run->ledger.positions;
}

/* ---- the step ------------------------------------------------------------ */

/* What few runs have to do before a bar's equity counts: a margin call, the
 * orders of same_close, positions closed at the end. */
__attribute__((noinline)) static void work_close(bt_run *run) {
    struct ledger *l = &run->ledger;
    if (run->rules)
        account_call_margin(run);
    if (run->config.fill == BT_FILL_SAME_CLOSE && run->book.live > 0) {
        fill_bar(run, run->row, PHASE_CLOSE, PHASE_CLOSE);
        ledger_mark(l, run->row);
    }
    if (run->row == run->closing) {
        fill_close(run);
        ledger_mark(l, run->row);
    }
}

static inline void append_equity(bt_run *run) {
    const struct ledger *l = &run->ledger;
    int32_t i = run->bars++;
    run->cash[i] = l->account.cash;
    run->value[i] = l->account.portfolio_value;
    run->gross[i] = l->account.gross;
    run->exposed_bars += l->held_count > 0;
}

/* The strategy is done with the current bar. */
static void finish_bar(bt_run *run) {
    run->state = RUN_WORKING;
    if (run->rules || run->config.fill == BT_FILL_SAME_CLOSE ||
        run->row == run->closing)
        work_close(run);
    append_equity(run);
}

/* Under same_close the close comes when the strategy has seen the bar. */
static enum phase last_phase(const bt_run *run) {
    return run->config.fill == BT_FILL_SAME_CLOSE ? PHASE_PATH : PHASE_CLOSE;
}

/* What is known of the next row before its orders are worked. */
static inline bt_status arrive(bt_run *run) {
    bt_account *a = &run->ledger.account;
    int32_t row = ++run->row;
    a->row = row;
    a->now = run->market.close_times[row];
    return portal_set_cursor(run->portal, row);
}

/* All is known of it, but what the strategy does. */
static inline void look(bt_run *run) {
    ledger_mark(&run->ledger, run->row);
    if (run->config.beat)
        __atomic_store_n(run->config.beat, run->beat_start + run->bars + 1,
                         __ATOMIC_RELAXED);
}

static bt_status enter_bar(bt_run *run) {
    run->state = RUN_WORKING;
    TRY(arrive(run));
    if (run->corporate)
        corporate_enter(run, run->row);
    if (run->book.live > 0)
        fill_bar(run, run->row, PHASE_OPEN, last_phase(run));
    look(run);
    run->state = RUN_BAR;
    return run->asking.failed ? bt_error_code() : BT_OK;
}

__attribute__((cold)) static int32_t interrupted(bt_run *run) {
    run->state = RUN_FAILED;
    fail(BT_E_INTERRUPT, "interrupted by signal %d at bar %d of %d",
         (int)interrupt_signal, run->bars, run->last - run->first + 1);
    return BT_STEP_FAILED;
}

__attribute__((cold)) static int32_t overflowed(bt_run *run) {
    const bt_account *a = &run->ledger.account;
    run->state = RUN_FAILED;
    fail(BT_E_STATE,
         "equity is no longer a finite number (cash %g, positions %g) at bar "
         "%d; check prices and leverage",
         a->cash, a->positions_value, run->bars);
    return BT_STEP_FAILED;
}

/* The message is there. */
__attribute__((cold)) static int32_t failed(bt_run *run) {
    run->state = RUN_FAILED;
    return BT_STEP_FAILED;
}

/* Test builds compare the books with the fills on every bar. */
static bool books_hold(bt_run *run) {
#ifdef BT_CHECK
    if (ledger_audit(&run->ledger, &run->market, run->assets, run->row,
                     run->row == run->last)) {
        run->state = RUN_FAILED;
        return false;
    }
#else
    (void)run;
#endif
    return true;
}

__attribute__((cold)) static int32_t step_ended(bt_run *run) {
    if (run->state == RUN_DONE)
        return BT_STEP_DONE;
    fail(BT_E_STATE, "the run has ended; open a new one");
    return BT_STEP_FAILED;
}

__attribute__((cold)) static int32_t stop(bt_run *run) {
    bool over = run->row == run->last;
    if (over && run->asking.failed)
        return failed(run);
    run->state = over ? RUN_DONE : RUN_PAUSED;
    return over ? BT_STEP_DONE : BT_STEP_PAUSED;
}

void bt_run_announce_sessions(bt_run *run) {
    run->announces = true;
}

/* Is a session about to begin that nobody was told of? */
static bool session_is_due(const bt_run *run) {
    int32_t row = run->row;
    return run->announces && run->state != RUN_BEFORE &&
           (row < 0 || run->sessions[row + 1] != run->sessions[row]);
}

/* The books of the session before are closed; its last bar is the newest. */
static int32_t announce(bt_run *run) {
    run->state = RUN_BEFORE;
    run->ledger.account.now = run->market.open_times[run->row + 1];
    return BT_STEP_SESSION;
}

static inline int32_t least(int32_t a, int32_t b) {
    return a < b ? a : b;
}

/* Bars from the next one on to which nothing can happen but by an order: the
 * row at which that ends. What is asked here is settled before the first bar;
 * who changes it later makes it 0. */
static int32_t find_calm(const bt_run *run) {
    if (run->rules || run->controls || run->announces ||
        run->config.fill == BT_FILL_SAME_CLOSE)
        return 0;
    int32_t last = least(run->stop, run->closing);
    int32_t end = last < INT32_MAX ? last + 1 : last;
    return run->corporate ? least(end, run->corporate->next_row) : end;
}

/* Any bar. */
__attribute__((noinline)) static int32_t step(bt_run *run) {
    if (run->state == RUN_BAR)
        finish_bar(run);
    else if (run->state > RUN_BEFORE)
        return step_ended(run);
    if (interrupt_signal)
        return interrupted(run);
    if (run->row == run->stop)
        return stop(run);
    if (session_is_due(run))
        return announce(run);
    if (run->rules && account_enter(run, run->row + 1) != BT_OK)
        return failed(run);
    if (enter_bar(run) != BT_OK)
        return failed(run);
    if (!isfinite(run->ledger.account.portfolio_value))
        return overflowed(run);
    if (run->controls && control_bar(run) != BT_OK)
        return failed(run);
    run->calm = find_calm(run);
    return books_hold(run) ? BT_STEP_MORE : BT_STEP_FAILED;
}

/* Most bars: no order is open, and nobody waits for this one. */
int32_t bt_run_step(bt_run *run) {
    bool calm = run->row + 1 < run->calm && run->book.live == 0;
    if (!calm || run->state != RUN_BAR || interrupt_signal)
        return step(run);
    append_equity(run);
    if (arrive(run) != BT_OK)
        return failed(run);
    look(run);
    if (!isfinite(run->ledger.account.portfolio_value))
        return overflowed(run);
    return books_hold(run) ? BT_STEP_MORE : BT_STEP_FAILED;
}

int32_t bt_run_is_session_start(bt_run *run) {
    int32_t row = run->row;
    return row <= 0 || run->sessions[row] != run->sessions[row - 1];
}

int32_t bt_run_is_session_end(bt_run *run) {
    int32_t row = run->row;
    return row < 0 || row == run->rows - 1 ||
           run->sessions[row] != run->sessions[row + 1];
}

double bt_run_random(bt_run *run) {
    return rng_unit(&run->rng);
}

double bt_run_random_normal(bt_run *run) {
    return rng_normal(&run->rng);
}

bt_status bt_run_finish(bt_run *run, bt_result **out) {
    if (run->state == RUN_FINISHED || run->state == RUN_FAILED)
        return fail(BT_E_STATE, "a run can be finished once, when it has not "
                                "failed; open a new one");
    if (run->config.close_at_end)
        run->closing = run->row;
    if (run->state == RUN_BAR)
        finish_bar(run);
    fill_end(run);
    run->state = RUN_FINISHED;
    remember(run);
    return result_take(run, out);
}
