/* What a strategy says: submit, cancel, look up.
 *
 * An order is sized when it is given, with the last traded price and the equity
 * of the bar that has just closed, unless it asks to be sized at its fill. One
 * that cannot be sized is booked and rejected at once, so that the end of a run
 * can tell why nothing traded; only a request that asks for nothing (an amount
 * of zero, a target that is met) leaves no trace and answers 0.
 *
 * Limit and stop prices have their place in bt_order and in the phases of
 * fill.c; an order that carries one is refused by name until those phases work
 * them.
 */
#include "base/status.h"
#include "sim/run.h"
#include "sim/size.h"

#include <math.h>

static bt_status check_request(const bt_run *run, int32_t sid, int32_t kind,
                               double amount) {
    if (run->state != RUN_BAR)
        return fail(BT_E_STATE, "an order can be given on a bar, in "
                                "handle_data; not in initialize or analyze");
    if (sid < 0 || sid >= run->assets)
        return fail(BT_E_NAME, "no asset %d; there are %d", sid, run->assets);
    if (kind < BT_ORDER_AMOUNT || kind > BT_ORDER_TARGET_PERCENT)
        return fail(BT_E_RANGE, "kind must be 0..%d, got %d",
                    BT_ORDER_TARGET_PERCENT, kind);
    double most = size_limit(kind, run->config.lot);
    if (!(fabs(amount) <= most))
        return fail(BT_E_RANGE,
                    "the number must be finite and at most %g either "
                    "way, got %g",
                    most, amount);
    return BT_OK;
}

static bt_status check_options(double limit, double stop, int32_t flags) {
    if (!isnan(limit) || !isnan(stop))
        return fail(BT_E_USAGE, "limit and stop prices are not worked "
                                "by this version; give a market order");
    if (flags & ~BT_ORDER_SIZE_AT_FILL)
        return fail(BT_E_RANGE, "unknown flags 0x%x; use 0 or %d",
                    (unsigned)flags, BT_ORDER_SIZE_AT_FILL);
    return BT_OK;
}

static struct sizing sizing_now(bt_run *run, int32_t sid, int32_t kind,
                                double request) {
    const struct ledger *l = &run->ledger;
    return (struct sizing){.kind = kind,
                           .request = request,
                           .price = run->market.assets[sid].price[run->row],
                           .equity = l->account.portfolio_value,
                           .held = l->positions[sid].amount +
                                   book_pending(&run->book, sid),
                           .lot = run->config.lot};
}

/* Is there nothing that this order could ever do? */
static bool asks_nothing(const bt_run *run, int32_t sid, int32_t kind,
                         double request) {
    if (request != 0.0)
        return false;
    return !size_is_target(kind) || (run->ledger.positions[sid].amount == 0.0 &&
                                     run->book.open_of[sid] == 0);
}

static int32_t reject(bt_run *run, bt_order *o, int32_t reason) {
    o->status = BT_STATUS_REJECTED;
    o->reason = reason;
    o->ended = o->created;
    return book_add(&run->book, o)->id;
}

static int32_t open_order(bt_run *run, const bt_order *o, bool sized) {
    bt_order *added = book_add(&run->book, o);
    book_work(&run->book, added, sized, o->amount);
    run->ledger.account.open_orders = (int32_t)run->book.open_count;
    return added->id;
}

/* An amount of units is the same whenever it is looked at. */
static bool sized_at_fill(int32_t kind, int32_t flags) {
    return (flags & BT_ORDER_SIZE_AT_FILL) && kind != BT_ORDER_AMOUNT;
}

int32_t bt_order_submit(bt_run *run, int32_t sid, int32_t kind, double amount,
                        double limit, double stop, int32_t flags) {
    bt_status bad = check_request(run, sid, kind, amount);
    if (bad == BT_OK)
        bad = check_options(limit, stop, flags);
    if (bad == BT_OK)
        bad = market_map(&run->market, sid);
    if (bad != BT_OK)
        return -bad;
    if (asks_nothing(run, sid, kind, amount))
        return 0;
    bt_order o = {.sid = sid,
                  .kind = kind,
                  .flags = flags,
                  .created_row = run->row,
                  .request = amount,
                  .limit = NAN,
                  .stop = NAN,
                  .average_price = NAN,
                  .created = run->ledger.account.now};
    if (sized_at_fill(kind, flags))
        return open_order(run, &o, false);
    int32_t reason = BT_REASON_NONE;
    struct sizing s = sizing_now(run, sid, kind, amount);
    o.amount = size_units(&s, &reason);
    if (reason == BT_REASON_AT_TARGET)
        return 0;
    if (reason != BT_REASON_NONE)
        return reject(run, &o, reason);
    return open_order(run, &o, true);
}

bt_status bt_order_cancel(bt_run *run, int32_t id) {
    struct book *b = &run->book;
    if (id < 1 || (size_t)id > b->count)
        return fail(BT_E_RANGE, "no order %d; there are %zu so far", id,
                    b->count);
    struct working *w = book_find(b, id);
    if (!w)
        return BT_OK; /* it has ended already */
    bool traded = b->orders[w->index].filled != 0.0;
    book_end(b, w, traded ? BT_STATUS_PARTIAL : BT_STATUS_CANCELLED,
             BT_REASON_CANCELLED, run->ledger.account.now);
    book_sweep(b);
    run->ledger.account.open_orders = (int32_t)b->open_count;
    return BT_OK;
}

const bt_order *bt_order_get(bt_run *run, int32_t id) {
    if (id < 1 || (size_t)id > run->book.count)
        return NULL;
    return &run->book.orders[id - 1];
}

int32_t bt_orders_open(bt_run *run, int32_t sid, int32_t *ids, int32_t max) {
    const struct book *b = &run->book;
    int32_t n = 0;
    for (size_t i = 0; i < b->open_count && n < max; i++)
        if (sid < 0 || b->open[i].sid == sid)
            ids[n++] = b->open[i].index + 1;
    return n;
}
