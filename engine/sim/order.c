/* What a strategy says: submit.
 *
 * An order is sized when it is given, with the last traded price and the equity
 * of the bar that has just closed, unless it asks to be sized at its fill. One
 * that cannot be sized is booked and rejected at once, so that the end of a run
 * can tell why nothing traded; only a request that asks for nothing (an amount
 * of zero, a target that is met) leaves no trace and answers 0.
 *
 * An order with a limit or a stop waits for its price (touch.c), so its side
 * must be known before its size is: one that is sized at its fill takes the
 * side that it would have now, and ends when it turns out to need the other.
 */
#include "sim/order.h"

#include "base/status.h"
#include "sim/links.h"
#include "sim/size.h"
#include "sim/touch.h"
#include "sim/units.h"

#include <math.h>

static bt_status check_bar(const bt_run *run) {
    if (run->state == RUN_BAR)
        return BT_OK;
    return fail(BT_E_STATE, "an order can be given on a bar, in "
                            "handle_data; not in initialize or analyze, nor in "
                            "a function of costs");
}

/* Of an asset that may not be mapped yet. */
static double lot_of(const bt_run *run, int32_t sid) {
    const struct columns *c = &run->market.assets[sid];
    return c->price ? c->terms.lot : market_terms(&run->market, sid).lot;
}

static bt_status check_request(const bt_run *run, int32_t sid, int32_t kind,
                               double amount) {
    TRY(check_bar(run));
    if (sid < 0 || sid >= run->assets)
        return fail(BT_E_NAME, "no asset %d; there are %d", sid, run->assets);
    if (kind < BT_ORDER_AMOUNT || kind > BT_ORDER_TARGET_PERCENT)
        return fail(BT_E_RANGE, "kind must be 0..%d, got %d",
                    BT_ORDER_TARGET_PERCENT, kind);
    double most = size_limit(kind, lot_of(run, sid));
    if (isnan(amount))
        return fail(BT_E_RANGE,
                    "the number is NaN, as what is reckoned from an indicator "
                    "or a window is until there are bars enough; test it with "
                    "x == x first");
    if (!(fabs(amount) <= most))
        return fail(BT_E_RANGE,
                    "the number must be finite and at most %g either "
                    "way, got %g",
                    most, amount);
    return BT_OK;
}

static bool is_priced(const bt_order *o) {
    return !isnan(o->limit) || !isnan(o->stop) || !isnan(o->trail) ||
           !isnan(o->trail_percent);
}

static struct sizing sizing_now(bt_run *run, const bt_order *o) {
    const struct ledger *l = &run->ledger;
    const struct terms *t = terms_of(run, o->sid);
    double price = run->market.assets[o->sid].price[run->row];
    struct sizing s = {.kind = o->kind,
                       .request = o->request,
                       .price = price * t->multiplier,
                       .equity = l->account.portfolio_value,
                       .lot = t->lot};
    if (size_is_target(o->kind)) /* asks every open order of the asset */
        s.held = l->positions[o->sid].amount +
                 book_pending(&run->book, o->sid, is_priced(o));
    return s;
}

/* An amount of units is the same whenever it is looked at. */
static bool sized_at_fill(int32_t kind, int32_t flags) {
    return (flags & BT_ORDER_SIZE_AT_FILL) && kind != BT_ORDER_AMOUNT;
}

/* Is there nothing that this order could ever do? A target in units that is
 * held, with nothing open, is met whatever a lot is. */
static bool asks_nothing(const bt_run *run, int32_t sid, int32_t kind,
                         double request, int32_t flags) {
    if (!size_is_target(kind))
        return request == 0.0;
    if (request != 0.0 &&
        (kind != BT_ORDER_TARGET || sized_at_fill(kind, flags)))
        return false;
    return run->ledger.positions[sid].amount == request &&
           run->book.queues[sid].count == 0;
}

static int32_t reject(bt_run *run, bt_order *o, int32_t reason) {
    o->status = BT_STATUS_REJECTED;
    o->reason = reason;
    o->ended = o->created;
    return book_add(&run->book, o)->id;
}

/* A trailing stop starts at the last traded price. */
static void start_trail(bt_run *run, bt_order *o, struct working *w) {
    if (isnan(o->trail) && isnan(o->trail_percent))
        return;
    w->extreme = run->market.assets[o->sid].price[run->row];
    o->stop = touch_trail(w, o);
}

static struct working working_of(const bt_run *run, const bt_order *o,
                                 int32_t last_row) {
    const struct columns *c = &run->market.assets[o->sid];
    return (struct working){.tick = c->terms.tick,
                            .worked = true,
                            .limit = o->limit,
                            .stop = o->stop,
                            .first_row = run->row + 1,
                            .last_row = last_row};
}

static struct watch watch_of(const bt_run *run, const struct working *w,
                             const bt_order *o) {
    const struct columns *c = &run->market.assets[o->sid];
    struct watch watch = {.lows = c->low, .highs = c->high};
    touch_arm(w, o, &watch);
    return watch;
}

/* amount: what it would trade now; it says the side of an order that is not
 * sized yet. */
static int32_t open_order(bt_run *run, bt_order *o, bool sized, double amount,
                          int32_t last_row) {
    double side = amount > 0.0 ? 1.0 : amount < 0.0 ? -1.0 : 0.0;
    struct working w = working_of(run, o, last_row);
    w.side = side;
    touch_round(&w, o);
    w.limit = o->limit;
    w.sized = sized;
    w.rest = sized ? amount : 0.0;
    start_trail(run, o, &w);
    w.stop = o->stop;
    w.wait = touch_wait(&w, o);
    struct watch watch = watch_of(run, &w, o);
    bt_order *added = book_add(&run->book, o);
    book_work(&run->book, added, &w, &watch);
    order_count(run);
    return added->id;
}

/* What an order that may only reduce has to reduce. */
static bool closes(const bt_order *o) {
    return (o->flags & BT_ORDER_REDUCE_ONLY) && size_is_target(o->kind) &&
           o->request == 0.0;
}

/* Size and book. */
static int32_t give(bt_run *run, bt_order *o, int32_t last_row) {
    bool later = sized_at_fill(o->kind, o->flags);
    int32_t reason = BT_REASON_NONE;
    if (later && !is_priced(o) && !run->controls)
        return open_order(run, o, false, 0.0, last_row);
    struct sizing s = sizing_now(run, o);
    if (closes(o))
        s.held = run->ledger.positions[o->sid].amount;
    double amount = size_units(&s, &reason);
    if (reason == BT_REASON_AT_TARGET)
        return 0;
    if (reason == BT_REASON_NONE &&
        (!isnan(o->trail) || !isnan(o->trail_percent)) && !(s.price > 0.0))
        reason = BT_REASON_NO_PRICE;
    if (!later)
        o->amount = amount;
    if (reason == BT_REASON_NONE && run->controls) {
        bt_status bad = control_check(run, o, amount, &reason);
        if (bad != BT_OK)
            return -bad;
    }
    if (reason != BT_REASON_NONE)
        return reject(run, o, reason);
    if (later && !is_priced(o))
        amount = 0.0;
    return open_order(run, o, !later, amount, last_row);
}

/* An order that shares a group: at once when the other is open, in vain when
 * the other has traded. */
static void join(bt_run *run, int32_t id, int32_t oco) {
    struct book *b = &run->book;
    struct working *own = book_find(b, id), *other = book_find(b, oco);
    if (!own)
        return;
    if (other)
        links_join(b, own, other);
    else if (b->orders[oco - 1].filled != 0.0)
        links_cancel(run, own, BT_REASON_LINKED, run->ledger.account.now);
    order_count(run);
}

static bt_status check_group(const bt_run *run, int32_t oco) {
    const struct book *b = &run->book;
    if (oco == 0)
        return BT_OK;
    if (oco < 1 || (size_t)oco > b->count)
        return fail(BT_E_NAME, "oco: no order %d; there are %zu so far", oco,
                    b->count);
    if (b->orders[oco - 1].flags & BT_ORDER_CHILD)
        return fail(BT_E_USAGE,
                    "oco: order %d is an exit of a bracket and has a group "
                    "already; attach another exit instead",
                    oco);
    return BT_OK;
}

static bool has_details(const bt_order_options *p) {
    return !isnan(p->trail) || !isnan(p->trail_percent) || p->tif != 0 ||
           p->oco != 0;
}

static bt_order new_order(const bt_run *run, int32_t sid,
                          const bt_order_options *p) {
    int32_t details = has_details(p) ? BT_ORDER_DETAILS : 0;
    return (bt_order){.sid = sid,
                      .flags = p->flags | details,
                      .created_row = run->row,
                      .limit = p->limit,
                      .stop = p->stop,
                      .trail = p->trail,
                      .trail_percent = p->trail_percent,
                      .limit_offset = p->limit_offset,
                      .until = p->tif == BT_TIF_GTD ? p->until : 0,
                      .tif = p->tif,
                      .average_price = NAN,
                      .created = run->ledger.account.now};
}

void order_expire(bt_run *run, int32_t id) {
    struct working *w = book_find(&run->book, id);
    bool this_bar = run->config.fill == BT_FILL_SAME_CLOSE;
    if (!w || w->last_row >= run->row + !this_bar)
        return;
    links_cancel(run, w, BT_REASON_EXPIRED, run->ledger.account.now);
    order_count(run);
}

static int32_t unsaid_tif(const bt_run *run) {
    bool day = run->controls && run->controls->day_orders;
    return day ? BT_TIF_DAY : BT_TIF_GTC;
}

/* Book a request that has been checked; options with their time in force. */
static int32_t place(bt_run *run, int32_t sid, int32_t kind, double amount,
                     const bt_order_options *options) {
    int32_t last_row = 0;
    bt_status bad = order_check_prices(options);
    if (bad == BT_OK)
        bad = order_check_rules(options);
    if (bad == BT_OK)
        bad = check_group(run, options->oco);
    if (bad == BT_OK)
        bad = order_last_row(run, options, &last_row);
    if (bad == BT_OK)
        bad = market_map(&run->market, sid);
    if (bad != BT_OK)
        return -bad;
    if (asks_nothing(run, sid, kind, amount, options->flags))
        return 0;
    bt_order o = new_order(run, sid, options);
    o.kind = kind;
    o.request = amount;
    int32_t id = give(run, &o, last_row);
    order_expire(run, id);
    if (id > 0 && options->oco != 0)
        join(run, id, options->oco);
    return id;
}

int32_t bt_order_place(bt_run *run, int32_t sid, int32_t kind, double amount,
                       const bt_order_options *options) {
    bt_order_options said = *options;
    if (said.tif == BT_TIF_UNSAID)
        said.tif = unsaid_tif(run);
    bt_status bad = check_request(run, sid, kind, amount);
    return bad != BT_OK ? -bad : place(run, sid, kind, amount, &said);
}

/* Only its amount can be wrong, of an asset whose lot is known. */
static bool is_plain(const bt_run *run, int32_t sid, double limit, double stop,
                     int32_t flags) {
    return isnan(limit) && isnan(stop) && !(flags & ~BT_ORDER_SIZE_AT_FILL) &&
           run->market.assets[sid].price;
}

int32_t bt_order_submit(bt_run *run, int32_t sid, int32_t kind, double amount,
                        double limit, double stop, int32_t flags) {
    bt_order_options options;
    bt_status bad = check_request(run, sid, kind, amount);
    if (bad != BT_OK)
        return -bad;
    if (is_plain(run, sid, limit, stop, flags) &&
        asks_nothing(run, sid, kind, amount, flags))
        return 0; /* most targets, on most bars */
    bt_order_options_init(&options);
    options.limit = limit;
    options.stop = stop;
    options.flags = flags;
    options.tif = unsaid_tif(run);
    return place(run, sid, kind, amount, &options);
}

void order_force(bt_run *run, int32_t sid, double amount, int32_t flags) {
    bt_order_options options;
    bt_order_options_init(&options);
    options.flags = BT_ORDER_FORCED | flags;
    bt_order o = new_order(run, sid, &options);
    o.kind = BT_ORDER_AMOUNT;
    o.request = o.amount = amount;
    open_order(run, &o, true, amount, INT32_MAX);
}

/* ---- exits of a bracket -------------------------------------------------- */

static bt_status check_entry(const bt_run *run, int32_t id,
                             const struct working *entry) {
    const struct book *b = &run->book;
    if (!entry)
        return fail(BT_E_STATE, "order %d is not open: nothing to attach to",
                    id);
    if (b->orders[id - 1].created_row != run->row)
        return fail(BT_E_STATE,
                    "order %d was given on an earlier bar; attach exits when "
                    "it is given",
                    id);
    if (entry->wait == WAIT_ENTRY ||
        (b->orders[id - 1].flags & BT_ORDER_REDUCE_ONLY))
        return fail(BT_E_USAGE,
                    "order %d is an exit itself; attach to the entry", id);
    if (entry->children > 0 &&
        (size_t)(entry->child + entry->children) != b->count + 1)
        return fail(BT_E_STATE, "attach the exits of an order one after the "
                                "other, with no other order between them");
    return BT_OK;
}

/* Of the entry's price; a target may be many times as far. */
static bt_status check_fractions(const bt_order_options *p) {
    double most = isnan(p->stop) ? 10.0 : 1.0, far = fmax(p->stop, p->limit);
    if (far < most)
        return BT_OK;
    return fail(BT_E_RANGE,
                "percent, and a limit beside it, are fractions of the entry's "
                "price below %g, got %g; 5 %% is 0.05",
                most, far);
}

static bt_status check_exit(const bt_order_options *p) {
    const int32_t relative = BT_ORDER_DISTANCE | BT_ORDER_FRACTION;
    bool stops =
        !isnan(p->stop) || !isnan(p->trail) || !isnan(p->trail_percent);
    TRY(order_check_prices(p));
    TRY(order_check_rules(p));
    if (!stops && isnan(p->limit))
        return fail(BT_E_USAGE, "an exit needs a limit, a stop or a trail");
    if ((p->flags & ~relative) || p->oco != 0)
        return fail(BT_E_USAGE, "an exit has a price and a time in force only");
    return p->flags & BT_ORDER_FRACTION ? check_fractions(p) : BT_OK;
}

/* Stop and target given as prices: the target must lie where the entry wins. */
static bt_status check_sides(const struct book *b, const struct working *entry,
                             const bt_order_options *p) {
    double stop = p->stop, limit = p->limit;
    if (p->flags || (!isnan(stop) && !isnan(limit)) || entry->children != 1)
        return BT_OK;
    const bt_order *other = &b->orders[entry->child - 1];
    if (other->flags & (BT_ORDER_DISTANCE | BT_ORDER_FRACTION))
        return BT_OK;
    stop = isnan(stop) ? other->stop : stop;
    limit = isnan(limit) ? other->limit : limit;
    if (entry->side == 0.0 || !(entry->side * (limit - stop) <= 0.0))
        return BT_OK;
    return fail(BT_E_RANGE,
                "the target of a %s must lie %s its stop, got %g and %g",
                entry->side > 0.0 ? "purchase" : "sale",
                entry->side > 0.0 ? "above" : "below", limit, stop);
}

static int32_t attach(bt_run *run, struct working *entry,
                      const bt_order_options *p, int32_t last_row) {
    struct book *b = &run->book;
    int32_t parent = entry->index + 1;
    bt_order o = new_order(run, entry->sid, p);
    o.flags |= BT_ORDER_CHILD | BT_ORDER_REDUCE_ONLY | BT_ORDER_DETAILS;
    o.parent = parent;
    struct working w = working_of(run, &o, last_row);
    w.side = -entry->side;
    w.wait = WAIT_ENTRY;
    struct watch watch = watch_of(run, &w, &o);
    const bt_order *added = book_add(b, &o);
    struct working *exit = book_work(b, added, &w, &watch);
    entry = book_find(b, parent);
    if (entry->children++ == 0)
        entry->child = added->id;
    else
        links_join(b, exit, book_find(b, entry->child));
    b->exits++;
    order_count(run);
    return added->id;
}

int32_t bt_order_attach(bt_run *run, int32_t id,
                        const bt_order_options *options) {
    int32_t last_row = 0;
    struct working *entry = book_find(&run->book, id);
    bt_status bad = check_bar(run);
    if (bad == BT_OK)
        bad = check_entry(run, id, entry);
    if (bad == BT_OK)
        bad = check_exit(options);
    if (bad == BT_OK)
        bad = check_sides(&run->book, entry, options);
    if (bad == BT_OK)
        bad = order_last_row(run, options, &last_row);
    if (bad != BT_OK)
        return -bad;
    return attach(run, entry, options, last_row);
}
