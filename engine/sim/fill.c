/* Working orders on a bar.
 *
 * First a scan: of all open orders, those are touched whose prices the bar's
 * range reaches (touch.c); the others cost two comparisons. The touched ones go
 * through the three phases of the bar: open, path (the way between the
 * extremes, for limits and stops) and close. In each phase every order says at
 * what quoted price it may trade; market orders trade in the one phase that the
 * run's fill policy names. Where a bar offers a price to two orders of one
 * group on its path, `intrabar` says which of them it is, and the bar is
 * counted. Then orders that reduce exposure trade, then the rest, each in
 * submission order: what a sale brings pays for the purchases beside it, never
 * for earlier phases.
 *
 * When the bar is over, exits of brackets wake (links.c) and orders whose time
 * is up end.
 *
 * Cost: nothing when no order is open, else O(open) for the scan and O(touched)
 * per phase.
 */
#include "sim/fill.h"

#include "base/mem.h"
#include "sim/links.h"
#include "sim/order.h"
#include "sim/size.h"
#include "sim/touch.h"
#include "sim/work.h"

#include <math.h>

static enum phase market_phase(const struct bt_run *run) {
    return run->config.fill == BT_FILL_NEXT_OPEN ? PHASE_OPEN : PHASE_CLOSE;
}

static struct candle candle_of(const struct bar_work *b, int32_t sid) {
    const struct columns *c = &b->run->market.assets[sid];
    int32_t row = b->row;
    return (struct candle){row,         c->open[row],  c->high[row],
                           c->low[row], c->close[row], b->session_end};
}

/* ---- sizing at the fill -------------------------------------------------- */

static double phase_equity(struct bar_work *b) {
    struct bt_run *run = b->run;
    if (isnan(b->equity))
        b->equity =
            ledger_worth(&run->ledger, &run->market, b->row, b->phase).equity;
    return b->equity;
}

static double held_for(const struct bar_work *b, const struct working *w,
                       const bt_order *o) {
    double held = position_of(b->run, w->sid);
    if (o->flags & BT_ORDER_REDUCE_ONLY)
        return held;
    return held + book_pending(&b->run->book, w->sid,
                               !isnan(w->limit) || !isnan(w->stop));
}

static void size_now(struct bar_work *b, struct working *w) {
    struct bt_run *run = b->run;
    bt_order *o = order_of(b, w);
    int32_t reason = BT_REASON_NONE;
    struct sizing s = {.kind = o->kind,
                       .request = o->request,
                       .price = w->quote * terms_of(run, w->sid)->multiplier,
                       .equity = phase_equity(b),
                       .held = held_for(b, w, o),
                       .lot = terms_of(run, w->sid)->lot};
    w->rest = size_units(&s, &reason);
    w->sized = true;
    o->amount = w->rest;
    if (reason == BT_REASON_NONE && w->rest * w->side < 0.0)
        reason = BT_REASON_AT_TARGET; /* it waited for the other side */
    if (reason == BT_REASON_NONE) {
        w->side = w->rest > 0.0 ? 1.0 : -1.0;
        return;
    }
    bool met = reason == BT_REASON_AT_TARGET;
    if (met)
        w->rest = o->amount = 0.0;
    end_order(b, w, met ? BT_STATUS_CANCELLED : BT_STATUS_REJECTED, reason);
}

/* ---- who may trade ------------------------------------------------------- */

/* Where a stop stands, and the limit that a trailing one was met with. */
static void show_prices(const struct working *w, bt_order *o) {
    o->stop = w->stop;
    o->limit = w->limit;
}

static void ask_quotes(struct bar_work *b) {
    for (size_t i = 0; i < b->count; i++) {
        struct working *w = b->touched[i];
        w->worked = true; /* nothing to do in this phase */
        if (w->index < 0 || w->quoted)
            continue;
        struct candle bar = candle_of(b, w->sid);
        bt_order *o = order_of(b, w);
        w->quote = touch_quote(w, o, &bar, b->phase, &b->reading);
        w->worked = isnan(w->quote);
        w->quoted = !w->worked;
        if (w->quoted)
            show_prices(w, o); /* it may end before arm_again */
    }
}

/* Of an order and another one of its group, does the other trade? */
static bool yields(const struct bar_work *b, const struct working *w,
                   const struct working *other) {
    int32_t how = b->reading.intrabar;
    struct candle own = candle_of(b, w->sid), its = candle_of(b, other->sid);
    double mine = touch_turn(w, order_of(b, w), &own, how);
    double theirs = touch_turn(other, order_of(b, other), &its, how);
    return theirs < mine || (theirs == mine && other->index < w->index);
}

/* One of a group trades on the path: the best of those that could. */
static void settle_group(struct bar_work *b, struct working *w) {
    const struct book *book = &b->run->book;
    struct working *best = w;
    int32_t own = w->index + 1;
    bool several = false;
    for (int32_t id = w->ring; id != own;) {
        struct working *other = book_find(book, id);
        id = other->ring;
        if (other->worked)
            continue;
        bool better = yields(b, best, other);
        struct working *loser = better ? best : other;
        best = better ? other : best;
        loser->worked = true;
        several = true;
    }
    b->run->ambiguous += several;
}

static void settle_groups(struct bar_work *b) {
    for (size_t i = 0; i < b->count; i++) {
        struct working *w = b->touched[i];
        if (w->index >= 0 && w->ring != 0 && !w->worked)
            settle_group(b, w);
    }
}

/* Before anything trades in the phase: who can, and how much. */
static bool prepare(struct bar_work *b) {
    bool any = false;
    ask_quotes(b);
    if (b->phase == PHASE_PATH && b->run->book.grouped)
        settle_groups(b);
    for (size_t i = 0; i < b->count; i++) {
        struct working *w = b->touched[i];
        if (w->worked)
            continue;
        any = true;
        if (!w->sized)
            size_now(b, w);
    }
    return any;
}

/* ---- phases -------------------------------------------------------------- */

static bool reduces(const struct bt_run *run, const struct working *w) {
    const int32_t only = BT_ORDER_REDUCE_ONLY | BT_ORDER_FORCED;
    double held = position_of(run, w->sid);
    if (run->book.orders[w->index].flags & only)
        return held * w->rest < 0.0; /* whatever it asks for */
    return fabs(held + w->rest) < fabs(held);
}

static void work_phase(struct bar_work *b, enum phase phase) {
    b->phase = phase;
    b->equity = NAN;
    if (!prepare(b))
        return;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < b->count; i++) {
            struct working *w = b->touched[i];
            if (w->index < 0 || w->worked)
                continue;
            if (pass == 1 || reduces(b->run, w))
                work_order(b, w);
        }
    }
}

/* The orders that this bar may matter to, in submission order. */
static size_t scan(struct bt_run *run, int32_t row) {
    const struct book *book = &run->book;
    size_t n = 0;
    while (run->touched_cap < book->line_count)
        run->touched = mem_grow(run->touched, run->touched_cap,
                                &run->touched_cap, sizeof *run->touched);
    for (size_t i = 0; i < book->line_count; i++) {
        const struct watch *w = &book->lines[i];
        if (w->lows[row] <= w->below || w->highs[row] >= w->above) {
            struct working *own = &book->open[w->slot];
            market_fetch(&run->market.assets[own->sid], row);
            own->quoted = false;
            run->touched[n++] = own;
        }
    }
    return n;
}

/* Stops may have moved or been met: what the next bars look for. */
static void arm_again(struct bar_work *b) {
    for (size_t i = 0; i < b->count; i++) {
        struct working *w = b->touched[i];
        if (w->index < 0 || w->wait == WAIT_MARKET)
            continue;
        bt_order *o = order_of(b, w);
        show_prices(w, o);
        touch_arm(w, o, book_watch(&b->run->book, w));
    }
}

static void expire(struct bt_run *run, int32_t row) {
    struct book *book = &run->book;
    for (size_t i = 0; i < book->line_count; i++) {
        struct working *w = book_line(book, i);
        if (w->index >= 0 && w->last_row <= row)
            links_cancel(run, w, BT_REASON_EXPIRED,
                         run->market.close_times[row]);
    }
}

static bool ends_session(const struct bt_run *run, int32_t row) {
    return row + 1 == run->rows || run->sessions[row] != run->sessions[row + 1];
}

static void work_bar(struct bt_run *run, int32_t row, enum phase first,
                     enum phase last, enum phase market) {
    struct book *book = &run->book;
    size_t count = scan(run, row);
    struct bar_work b = {.run = run,
                         .row = row,
                         .reading = {run->config.intrabar, market},
                         .session_end = ends_session(run, row),
                         .count = count,
                         .touched = run->touched};
    if (b.count > 0) {
        for (enum phase phase = first; phase <= last; phase++)
            work_phase(&b, phase);
        arm_again(&b);
        links_wake(run, row);
    }
    if (last == PHASE_CLOSE && row >= book->expiry)
        expire(run, row);
    book_sweep(book);
    order_count(run);
}

void fill_bar(struct bt_run *run, int32_t row, enum phase first,
              enum phase last) {
    work_bar(run, row, first, last, market_phase(run));
}

/* ---- the end of a run ---------------------------------------------------- */

/* Did a bar of the order's asset come by while it was open? */
static bool met_bar(const struct bt_run *run, const struct working *w,
                    const bt_order *o) {
    const struct columns *c = &run->market.assets[w->sid];
    int32_t first = o->created_row + (run->config.fill != BT_FILL_SAME_CLOSE);
    for (int32_t row = first; row <= run->row; row++)
        if (market_has_bar(c, row))
            return true;
    return false;
}

static int32_t end_reason(const struct bt_run *run, const struct working *w,
                          const bt_order *o) {
    if (w->wait == WAIT_ENTRY)
        return BT_REASON_NO_ENTRY;
    if (o->filled != 0.0)
        return BT_REASON_VOLUME_LIMIT;
    if (w->starved)
        return BT_REASON_NO_VOLUME;
    if (o->flags & BT_ORDER_CLOSING)
        return BT_REASON_NO_BAR;
    if (o->created_row == run->row && run->config.fill != BT_FILL_SAME_CLOSE)
        return BT_REASON_END_OF_RUN;
    if (!met_bar(run, w, o))
        return o->created_row == run->row ? BT_REASON_END_OF_RUN
                                          : BT_REASON_NO_BAR;
    if (w->wait == WAIT_CLOSE)
        return BT_REASON_END_OF_RUN; /* no session ended any more */
    bool waits = w->wait == WAIT_LIMIT || w->wait == WAIT_STOP;
    return waits ? BT_REASON_NOT_REACHED : BT_REASON_NO_VOLUME;
}

void fill_end(struct bt_run *run) {
    struct book *book = &run->book;
    for (size_t i = 0; i < book->line_count; i++) {
        struct working *w = book_line(book, i);
        if (w->index < 0)
            continue;
        const bt_order *o = &book->orders[w->index];
        int32_t status =
            o->filled != 0.0 ? BT_STATUS_PARTIAL : BT_STATUS_CANCELLED;
        book_end(book, w, status, end_reason(run, w, o),
                 run->ledger.account.now);
    }
    book_sweep(book);
    order_count(run);
}

void fill_close(struct bt_run *run) {
    const struct ledger *l = &run->ledger;
    fill_end(run);
    for (int32_t i = 0; i < l->held_count; i++) {
        int32_t sid = l->held[i].sid;
        order_force(run, sid, -l->positions[sid].amount, BT_ORDER_CLOSING);
    }
    work_bar(run, run->row, PHASE_CLOSE, PHASE_CLOSE, PHASE_CLOSE);
}
