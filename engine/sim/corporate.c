/* Splits, dividends, mergers and delistings on the account.
 *
 * They hold from the open of their first bar on, before any order of that bar
 * is worked: payments that fall due, then the actions by kind (splits,
 * dividends, mergers, delistings) and asset. What is held at the close before
 * counts.
 *
 *   split      units and entry prices scale. Units are truncated toward zero to
 *              whole lots; the fraction is paid at the last price, in
 *              proportion. Open orders scale likewise, their prices too; what
 *              is less than a lot ends. What has traded of them scales as it
 *              is, to fractions if need be: the same money in new units.
 *   dividend   due from the ex-date on, to a long position or from a short one,
 *              whatever becomes of it; paid at the first session not before its
 *              pay date, on the ex-date where none is known. What is due is
 *              part of the equity.
 *   merger     the position becomes units of the other asset at its last price,
 *              and cash; without a price of the other one, cash at the own last
 *              price.
 *   delisting  the position ends at the price that is known, else the last one;
 *              or stays (keep_delisted).
 *
 * The last price is the one of the bar before: nothing of the new bar is known
 * yet. So a 2:1 split leaves equity as it was, to the bit. An asset that ends
 * on the day of a split or an ex-date ends in the units of that day, and so
 * does the one it becomes: terms and last prices are of a unit after them.
 *
 * Cost: a test of a pointer and a comparison for a bar on which nothing
 * happens; nothing at all where nothing ever does.
 */
#include "sim/corporate.h"

#include "base/mem.h"
#include "base/sorted.h"
#include "sim/links.h"
#include "sim/order.h"
#include "sim/run.h"
#include "sim/touch.h"
#include "sim/units.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* ---- what is to come ----------------------------------------------------- */

static int by_row(const void *left, const void *right) {
    const bt_action *a = *(const bt_action *const *)left;
    const bt_action *b = *(const bt_action *const *)right;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->sid != b->sid)
        return a->sid < b->sid ? -1 : 1;
    return a < b ? -1 : a > b;
}

struct corporate *corporate_new(const bt_bundle *b, int32_t first,
                                int32_t last) {
    const bt_action *all;
    int32_t n = bt_bundle_actions(b, &all), count = 0;
    if (n == 0)
        return NULL;
    const bt_action **list = mem_alloc((size_t)n * sizeof *list);
    for (int32_t i = 0; i < n; i++)
        if (all[i].row > first && all[i].row <= last &&
            all[i].kind != BT_ACTION_SYMBOL)
            list[count++] = &all[i];
    if (count == 0) {
        free((void *)list);
        return NULL;
    }
    qsort((void *)list, (size_t)count, sizeof *list, by_row);
    struct corporate *c = mem_zalloc(1, sizeof *c);
    *c = (struct corporate){
        .list = list, .count = count, .next_row = list[0]->row};
    return c;
}

void corporate_free(struct corporate *c) {
    if (!c)
        return;
    free((void *)c->list);
    free(c->dues);
    free(c);
}

/* ---- parts --------------------------------------------------------------- */

static double held(const bt_run *run, int32_t sid) {
    return run->ledger.positions[sid].amount;
}

/* In units of the bar before. */
static double price_before(const bt_run *run, int32_t sid, int32_t row) {
    return run->market.assets[sid].price[row - 1];
}

/* After the splits and ex-dates of the row, as history has it. */
static double last_price(const bt_run *run, int32_t sid, int32_t row) {
    const struct adjust_events *all = market_events(&run->market, sid);
    double price = price_before(run, sid, row);
    int32_t n = adjust_epoch(all, row);
    bool today = n > 0 && all->list[n - 1].row == row;
    return today ? price * all->list[n - 1].price : price;
}

static void add_flow(bt_run *run, int32_t row, int32_t sid, int32_t kind,
                     double amount) {
    bt_flow f = {.time = run->market.open_times[row],
                 .sid = sid,
                 .kind = kind,
                 .amount = amount};
    if (amount != 0.0)
        ledger_flow(&run->ledger, &f);
}

static bt_event event_of(const bt_run *run, const bt_action *a, int32_t row) {
    bt_time now = run->market.open_times[row];
    return (bt_event){.time = now,
                      .due = now,
                      .sid = a->sid,
                      .kind = a->kind,
                      .other = -1,
                      .before = held(run, a->sid),
                      .value = a->value,
                      .price = NAN};
}

/* Units leave the position, or come, at a price; cash moves by itself. */
static void exchange(bt_run *run, int32_t row, int32_t sid, double amount,
                     double price) {
    bt_fill f = {.sid = sid,
                 .bar = run->bars,
                 .time = run->market.open_times[row],
                 .amount = amount,
                 .price = price};
    if (amount != 0.0)
        ledger_exchange(&run->ledger, &run->market, &f);
}

/* ---- orders -------------------------------------------------------------- */

static void cancel_asset_orders(bt_run *run, int32_t sid, int32_t row,
                                int32_t reason) {
    struct working *next;
    struct book *b = &run->book;
    for (struct working *w = book_first(b, sid); w; w = next) {
        int32_t following = w->next;
        if (w->index >= 0)
            links_cancel(run, w, reason, run->market.open_times[row]);
        next = book_at(b, following);
    }
    book_sweep(b);
    order_count(run);
}

/* Prices, and distances that are money, in new units. */
static void scale_prices(struct working *w, bt_order *o, double factor) {
    w->extreme *= factor;
    o->trail *= factor;
    o->limit_offset *= factor;
    if (w->wait == WAIT_ENTRY && (o->flags & BT_ORDER_FRACTION))
        return; /* fractions of a price that is to come */
    o->limit *= factor;
    o->stop *= factor;
    if (w->wait != WAIT_ENTRY || !(o->flags & BT_ORDER_DISTANCE))
        touch_round(w, o);
    w->limit = o->limit;
    w->stop = o->stop;
}

/* False when it is less than a lot now. */
static bool scale_order(bt_run *run, struct working *w, double ratio) {
    bt_order *o = &run->book.orders[w->index];
    double lot = market_terms(&run->market, w->sid).lot;
    double rest = w->rest * ratio;
    scale_prices(w, o, 1 / ratio);
    o->average_price *= 1 / ratio;
    o->filled = units_dust(o->filled * ratio, o->filled * ratio, lot);
    w->rest = units_truncate(rest, lot);
    bool lives = rest == 0.0 || w->rest != 0.0;
    if (w->sized)
        o->amount = o->filled + (lives ? w->rest : rest);
    touch_arm(w, o, book_watch(&run->book, w));
    return lives;
}

static void split_orders(bt_run *run, const bt_action *a, int32_t row) {
    struct book *b = &run->book;
    struct working *next;
    for (struct working *w = book_first(b, a->sid); w; w = next) {
        int32_t following = w->next;
        if (w->index >= 0 && !scale_order(run, w, a->value))
            links_cancel(run, w, BT_REASON_SPLIT, run->market.open_times[row]);
        next = book_at(b, following);
    }
    book_sweep(b);
    order_count(run);
}

/* ---- the actions --------------------------------------------------------- */

static void split(bt_run *run, const bt_action *a, int32_t row) {
    bt_event e = event_of(run, a, row);
    split_orders(run, a, row);
    if (e.before == 0.0)
        return;
    const struct terms *t = &run->market.assets[a->sid].terms;
    double price = price_before(run, a->sid, row);
    e.after = units_truncate(e.before * a->value, t->lot);
    double left =
        ledger_split(&run->ledger, &run->market, &e, price, run->bars);
    if (left != 0.0) {
        e.price = price * (1 / a->value);
        e.cash = left * t->multiplier * price;
        add_flow(run, row, a->sid, BT_FLOW_IN_LIEU, e.cash);
    }
    ledger_event(&run->ledger, &e);
}

/* The first row of a session not before a day; rows: there is none. */
static int32_t row_of_day(const bt_run *run, int32_t day, int32_t from) {
    return from +
           (int32_t)sorted_day(run->sessions + from, run->rows - from, day);
}

static void dividend(bt_run *run, const bt_action *a, int32_t row) {
    struct corporate *c = run->corporate;
    bt_event e = event_of(run, a, row);
    e.after = e.before;
    if (e.before == 0.0)
        return;
    e.cash = e.before * run->market.assets[a->sid].terms.multiplier * a->value;
    int32_t pay =
        a->pay_day == BT_NO_DAY ? row : row_of_day(run, a->pay_day, row);
    e.due = pay < run->rows ? run->market.open_times[pay] : 0;
    ledger_event(&run->ledger, &e);
    if (pay == row) {
        add_flow(run, row, a->sid, BT_FLOW_DIVIDEND, e.cash);
        return;
    }
    run->ledger.account.accrued += e.cash;
    c->dues = mem_grow(c->dues, c->due_count, &c->due_cap, sizeof *c->dues);
    c->dues[c->due_count++] = (struct due){pay, a->sid, e.cash};
}

/* A price of the other asset, or NaN. */
static double price_of_other(bt_run *run, const bt_action *a, int32_t row) {
    if (a->other < 0 || market_map(&run->market, a->other) != BT_OK)
        return NAN;
    return last_price(run, a->other, row);
}

static void merger(bt_run *run, const bt_action *a, int32_t row) {
    bt_event e = event_of(run, a, row);
    cancel_asset_orders(run, a->sid, row, BT_REASON_MERGED);
    if (e.before == 0.0)
        return;
    const struct columns *own = &run->market.assets[a->sid];
    double each = own->terms.multiplier, paid = 0.0;
    double price = price_of_other(run, a, row);
    e.other = a->other;
    e.price = a->value * price + a->cash;
    if (a->value == 0.0)
        e.price = a->cash;
    else if (isnan(price))
        e.price = last_price(run, a->sid, row);
    if (a->value > 0.0 && !isnan(price)) {
        const struct terms *t = &run->market.assets[a->other].terms;
        double units = e.before * a->value * (each / t->multiplier);
        e.received = units_truncate(units, t->lot);
        paid = e.received * t->multiplier * price;
    }
    e.cash = e.before * each * e.price - paid;
    exchange(run, row, a->sid, -e.before, e.price);
    exchange(run, row, a->other, e.received, price);
    if (e.received != 0.0)
        links_moved(run, a->other, e.time);
    add_flow(run, row, a->sid, BT_FLOW_MERGER, e.cash);
    ledger_event(&run->ledger, &e);
}

static void delisting(bt_run *run, const bt_action *a, int32_t row) {
    bt_event e = event_of(run, a, row);
    cancel_asset_orders(run, a->sid, row, BT_REASON_DELISTED);
    if (e.before == 0.0 || run->config.keep_delisted)
        return;
    e.price = a->value > 0.0 ? a->value : last_price(run, a->sid, row);
    e.cash = e.before * run->market.assets[a->sid].terms.multiplier * e.price;
    exchange(run, row, a->sid, -e.before, e.price);
    add_flow(run, row, a->sid, BT_FLOW_DELISTING, e.cash);
    ledger_event(&run->ledger, &e);
}

/* ---- a bar --------------------------------------------------------------- */

static void pay(bt_run *run, int32_t row) {
    struct corporate *c = run->corporate;
    size_t kept = 0;
    for (size_t i = 0; i < c->due_count; i++) {
        struct due d = c->dues[i];
        if (d.row > row) {
            c->dues[kept++] = d;
            continue;
        }
        run->ledger.account.accrued -= d.amount;
        add_flow(run, row, d.sid, BT_FLOW_DIVIDEND, d.amount);
    }
    c->due_count = kept;
    if (kept == 0)
        run->ledger.account.accrued = 0.0; /* no dust from subtracting */
}

static void act(bt_run *run, const bt_action *a, int32_t row) {
    switch (a->kind) {
    case BT_ACTION_SPLIT:
        split(run, a, row);
        break;
    case BT_ACTION_DIVIDEND:
        dividend(run, a, row);
        break;
    case BT_ACTION_MERGER:
        merger(run, a, row);
        break;
    default:
        delisting(run, a, row);
        break;
    }
}

void corporate_enter(bt_run *run, int32_t row) {
    struct corporate *c = run->corporate;
    if (row < c->next_row)
        return;
    if (c->due_count > 0)
        pay(run, row);
    while (c->next < c->count && c->list[c->next]->row <= row)
        act(run, c->list[c->next++], row);
    c->next_row = c->next < c->count ? c->list[c->next]->row : INT32_MAX;
    for (size_t i = 0; i < c->due_count; i++)
        if (c->dues[i].row < c->next_row)
            c->next_row = c->dues[i].row;
}
