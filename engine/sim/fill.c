/* Working orders on a bar.
 *
 * A bar has three phases: open, path (the way from low to high, for limits and
 * stops) and close. Each order knows in which phase it trades and at what
 * quoted price (quote); market orders trade in the one phase that the run's
 * fill policy names. Within a phase, orders that reduce exposure go first, then
 * the rest, each in submission order: what a sale brings pays for the purchases
 * beside it, never for earlier phases.
 *
 * One order on one bar (work):
 *   1. its units are cut to what the volume limit still leaves of the bar; what
 *      is cut off stays open;
 *   2. the part that closes a position always trades, the part that opens one
 *      must be allowed (long_only) and affordable (power.c); what is not ends
 *      the order with a reason;
 *   3. both parts trade as one fill at the quoted price plus slippage.
 *
 * Cost: nothing when no order is open, else O(open orders) per phase in use.
 */
#include "sim/fill.h"

#include "sim/power.h"
#include "sim/size.h"
#include "sim/units.h"

#include <math.h>

/* The bar under work. */
struct bar_work {
    struct bt_run *run;
    int32_t row;
    enum phase phase;
    double equity; /* at the start of the phase, NaN until asked for */
};

static enum phase market_phase(const struct bt_run *run) {
    return run->config.fill == BT_FILL_NEXT_OPEN ? PHASE_OPEN : PHASE_CLOSE;
}

/* Price at which an order may trade in this phase, NaN when it may not. */
static double quote(const struct bar_work *b, const struct working *w) {
    const struct columns *c = &b->run->market.assets[w->sid];
    if (b->phase != market_phase(b->run))
        return NAN;
    return b->phase == PHASE_OPEN ? c->open[b->row] : c->close[b->row];
}

static double position_of(const struct bt_run *run, int32_t sid) {
    return run->ledger.positions[sid].amount;
}

static void end_order(struct bar_work *b, struct working *w, int32_t status,
                      int32_t reason) {
    bt_time when = market_time(&b->run->market, b->row, b->phase);
    book_end(&b->run->book, w, status, reason, when);
}

/* ---- sizing at the fill -------------------------------------------------- */

static double phase_equity(struct bar_work *b) {
    struct bt_run *run = b->run;
    if (isnan(b->equity))
        b->equity =
            ledger_worth(&run->ledger, &run->market, b->row, b->phase).equity;
    return b->equity;
}

static void size_now(struct bar_work *b, struct working *w) {
    struct bt_run *run = b->run;
    bt_order *o = &run->book.orders[w->index];
    int32_t reason = BT_REASON_NONE;
    struct sizing s = {.kind = o->kind,
                       .request = o->request,
                       .price = w->quote,
                       .equity = phase_equity(b),
                       .held = position_of(run, w->sid) +
                               book_pending(&run->book, w->sid),
                       .lot = run->config.lot};
    w->rest = size_units(&s, &reason);
    w->sized = true;
    o->amount = w->rest;
    if (reason == BT_REASON_NONE)
        return;
    int32_t status = reason == BT_REASON_AT_TARGET ? BT_STATUS_CANCELLED
                                                   : BT_STATUS_REJECTED;
    end_order(b, w, status, reason);
}

/* Before anything trades in the phase: who can, and how much. */
static void prepare(struct bar_work *b) {
    struct book *book = &b->run->book;
    for (size_t i = 0; i < book->open_count; i++) {
        struct working *w = &book->open[i];
        w->quote = quote(b, w);
        w->worked = isnan(w->quote); /* nothing to do in this phase */
        if (w->worked)
            continue;
        w->met_bar = true;
        if (!w->sized)
            size_now(b, w);
    }
}

/* ---- one order on one bar ------------------------------------------------ */

/* Units of the bar's volume that are left for an asset. */
static double volume_room(const struct bar_work *b, int32_t sid) {
    const struct bt_run *run = b->run;
    double share = run->config.slippage.volume_limit;
    if (share == 0.0)
        return INFINITY;
    double volume = run->market.assets[sid].volume[b->row];
    double most = units_lots(share * volume, run->config.lot);
    const struct taken *t = &run->taken[sid];
    double used = t->row == b->row + 1 ? t->units : 0.0;
    return units_snap(most * run->config.lot - used, run->config.lot);
}

static void take_volume(struct bar_work *b, int32_t sid, double units) {
    struct taken *t = &b->run->taken[sid];
    t->units = t->row == b->row + 1 ? t->units + units : units;
    t->row = b->row + 1;
}

static void book_fill(struct bar_work *b, struct working *w, double units,
                      double price) {
    struct bt_run *run = b->run;
    bt_order *o = &run->book.orders[w->index];
    const bt_commission *c = &run->config.commission;
    double amount = copysign(units, w->rest);
    bt_fill f = {.order_id = o->id,
                 .sid = w->sid,
                 .time = market_time(&run->market, b->row, b->phase),
                 .amount = amount,
                 .price = price,
                 .commission = cost_commission(c, &w->fee, units, price),
                 .slippage = fabs(price - w->quote) * units};
    ledger_fill(&run->ledger, &run->market, &f, b->row);
    cost_charge(c, &w->fee, units, price, f.commission);
    take_volume(b, w->sid, units);
    w->rest = units_snap(w->rest - amount, run->config.lot);
    w->value += amount * price;
    o->average_price =
        o->filled == 0.0 ? price : w->value / (o->filled + amount);
    o->filled = units_snap(o->filled + amount, run->config.lot);
    o->commission += f.commission;
    o->slippage += f.slippage;
}

/* Cut the opening part to what is allowed and affordable. */
static int32_t cut_opening(const struct bar_work *b, const struct working *w,
                           struct intent *in) {
    const struct bt_run *run = b->run;
    if (in->opening == 0.0)
        return BT_REASON_NONE;
    if (run->config.long_only && in->side < 0.0) {
        in->opening = 0.0;
        return BT_REASON_LONG_ONLY;
    }
    double most = power_affordable(run, w, in, b->row, b->phase);
    if (most >= in->opening)
        return BT_REASON_NONE;
    bool reduce = run->config.on_insufficient == BT_INSUFFICIENT_REDUCE;
    in->opening = reduce ? most : 0.0;
    return reduce ? BT_REASON_REDUCED_CASH : BT_REASON_NO_CASH;
}

static void end_cut(struct bar_work *b, struct working *w, int32_t reason) {
    bool traded = b->run->book.orders[w->index].filled != 0.0;
    if (reason == BT_REASON_REDUCED_CASH && !traded)
        reason = BT_REASON_NO_CASH;
    end_order(b, w, traded ? BT_STATUS_PARTIAL : BT_STATUS_REJECTED, reason);
}

/* What the order is about to do with so many units. The bar's extremes are read
 * only where there is slippage to keep inside them. */
static struct intent intend(const struct bar_work *b, const struct working *w,
                            double units) {
    const struct bt_run *run = b->run;
    const struct columns *c = &run->market.assets[w->sid];
    const bt_slippage *slippage = &run->config.slippage;
    struct intent in = {.side = w->rest > 0.0 ? 1.0 : -1.0, .price = w->quote};
    double against = fmax(0.0, -in.side * position_of(run, w->sid));
    if (slippage->kind != BT_SLIPPAGE_NONE)
        in.price = cost_fill_price(slippage, in.side, w->quote, c->high[b->row],
                                   c->low[b->row]);
    in.closing = fmin(units, against);
    in.opening = units_snap(units - in.closing, run->config.lot);
    return in;
}

static void work(struct bar_work *b, struct working *w) {
    double units = fmin(fabs(w->rest), volume_room(b, w->sid));
    w->worked = true;
    if (!(units > 0.0))
        return; /* the bar has nothing left: it stays open */
    struct intent in = intend(b, w, units);
    int32_t reason = cut_opening(b, w, &in);
    double total = units_snap(in.closing + in.opening, b->run->config.lot);
    if (total > 0.0)
        book_fill(b, w, total, in.price);
    if (reason != BT_REASON_NONE)
        end_cut(b, w, reason);
    else if (w->rest == 0.0)
        end_order(b, w, BT_STATUS_FILLED, BT_REASON_FILLED);
}

/* ---- phases -------------------------------------------------------------- */

static bool reduces(const struct bt_run *run, const struct working *w) {
    double held = position_of(run, w->sid);
    return fabs(held + w->rest) < fabs(held);
}

static void work_phase(struct bar_work *b) {
    struct book *book = &b->run->book;
    prepare(b);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < book->open_count; i++) {
            struct working *w = &book->open[i];
            if (w->index < 0 || w->worked)
                continue;
            if (pass == 1 || reduces(b->run, w))
                work(b, w);
        }
    }
    book_sweep(book);
    b->run->ledger.account.open_orders = (int32_t)book->open_count;
}

void fill_bar(struct bt_run *run, int32_t row) {
    struct bar_work b = {run, row, market_phase(run), NAN};
    work_phase(&b);
}

/* ---- the end of a run ---------------------------------------------------- */

static int32_t end_reason(const struct bt_run *run, const struct working *w,
                          const bt_order *o) {
    if (o->filled != 0.0)
        return BT_REASON_VOLUME_LIMIT;
    if (w->met_bar)
        return BT_REASON_NO_VOLUME;
    return o->created_row == run->row ? BT_REASON_END_OF_RUN : BT_REASON_NO_BAR;
}

void fill_end(struct bt_run *run) {
    struct book *book = &run->book;
    for (size_t i = 0; i < book->open_count; i++) {
        struct working *w = &book->open[i];
        const bt_order *o = &book->orders[w->index];
        int32_t status =
            o->filled != 0.0 ? BT_STATUS_PARTIAL : BT_STATUS_CANCELLED;
        book_end(book, w, status, end_reason(run, w, o),
                 run->ledger.account.now);
    }
    book_sweep(book);
    run->ledger.account.open_orders = 0;
}
