/* Groups and brackets.
 *
 * A group is a ring of orders. In a plain one (one cancels the others) any fill
 * ends the rest. The exits of a bracket are a group too, but close one
 * position: a fill of one takes as much off the others, so that what is left of
 * the position stays protected while a large target trades over several bars;
 * what reaches zero ends.
 *
 * An exit sleeps (WAIT_ENTRY) until the bar on which its entry first filled is
 * over; from then on it grows with the entry, fill by fill. Prices relative to
 * the entry are fixed when it wakes. When an exit trades while its entry is
 * still open, the entry's rest ends: nobody adds to a position that is being
 * left. Exits end as soon as their position is gone by other means, else they
 * would hit a later one.
 *
 * Cost: O(group) per fill, O(open orders of the asset) when a position closes.
 */
#include "sim/links.h"

#include "base/mem.h"
#include "sim/order.h"
#include "sim/touch.h"
#include "sim/units.h"

#include <math.h>

static bt_order *order_of(const struct book *b, const struct working *w) {
    return &b->orders[w->index];
}

/* ---- rings --------------------------------------------------------------- */

void links_join(struct book *b, struct working *w, struct working *other) {
    int32_t id = w->index + 1, to = other->index + 1;
    w->ring = other->ring ? other->ring : to;
    other->ring = id;
    bt_order *first = order_of(b, other), *own = order_of(b, w);
    if (first->oco == 0)
        first->oco = to;
    own->oco = first->oco;
    b->grouped = true;
}

static void leave_ring(struct book *b, struct working *w) {
    int32_t id = w->index + 1;
    if (w->ring == 0)
        return;
    struct working *before = book_find(b, w->ring);
    while (before->ring != id)
        before = book_find(b, before->ring);
    before->ring = w->ring == before->index + 1 ? 0 : w->ring;
    w->ring = 0;
}

/* ---- ends ---------------------------------------------------------------- */

static bool sleeps(const struct working *w) {
    return w->wait == WAIT_ENTRY;
}

void links_end(struct bt_run *run, struct working *w, int32_t status,
               int32_t reason, bt_time when) {
    struct book *b = &run->book;
    bool traded = order_of(b, w)->filled != 0.0;
    leave_ring(b, w);
    book_end(b, w, status, reason, when);
    for (int32_t i = 0; i < w->children && !traded; i++) {
        struct working *child = book_find(b, w->child + i);
        if (child)
            links_end(run, child, BT_STATUS_CANCELLED, BT_REASON_NO_ENTRY,
                      when);
    }
}

void links_cancel(struct bt_run *run, struct working *w, int32_t reason,
                  bt_time when) {
    bool traded = order_of(&run->book, w)->filled != 0.0;
    links_end(run, w, traded ? BT_STATUS_PARTIAL : BT_STATUS_CANCELLED, reason,
              when);
}

/* ---- fills --------------------------------------------------------------- */

/* Add units to what an order is still to do. */
static void resize(struct bt_run *run, struct working *w, double amount) {
    bt_order *o = order_of(&run->book, w);
    double lot = terms_of(run, w->sid)->lot;
    w->rest = units_snap(w->rest + amount, lot);
    o->amount = units_dust(o->filled + w->rest, o->filled + w->rest, lot);
}

static void end_group(struct bt_run *run, struct working *w, bt_time when) {
    while (w->ring != 0)
        links_cancel(run, book_find(&run->book, w->ring), BT_REASON_LINKED,
                     when);
}

/* The other exits have so much less to close. */
static void shrink_group(struct bt_run *run, const struct working *w,
                         double amount, bt_time when) {
    struct book *b = &run->book;
    int32_t own = w->index + 1, id = w->ring;
    while (id != 0 && id != own) {
        struct working *other = book_find(b, id);
        id = other->ring;
        double left = other->rest - amount;
        if (left * other->side > 0.0)
            resize(run, other, -amount);
        else
            links_cancel(run, other, BT_REASON_LINKED, when);
    }
}

static void end_entry(struct bt_run *run, int32_t parent, bt_time when) {
    struct working *entry = book_find(&run->book, parent);
    if (entry)
        links_cancel(run, entry, BT_REASON_LINKED, when);
}

/* The exits of an entry have more to close, or wake when the bar is over. */
static void feed_exits(struct bt_run *run, struct working *w, double amount) {
    struct book *b = &run->book;
    bool woken = false;
    for (int32_t i = 0; i < w->children; i++) {
        struct working *child = book_find(b, w->child + i);
        if (!child)
            continue;
        if (!sleeps(child))
            resize(run, child, -amount);
        woken = woken || !sleeps(child);
    }
    if (woken)
        return;
    b->waking =
        mem_grow(b->waking, b->waking_count, &b->waking_cap, sizeof *b->waking);
    b->waking[b->waking_count++] =
        (struct waking){w->index + 1, w->child, w->children};
}

static bool protects(const struct book *b, const struct working *w,
                     double position) {
    return !(order_of(b, w)->flags & BT_ORDER_CHILD) || sleeps(w) ||
           position * w->side < 0.0;
}

/* Exits of an asset, but for that of an order's index, whose position is gone,
 * or turned. */
static void end_exits(struct bt_run *run, int32_t sid, int32_t but,
                      bt_time when) {
    struct book *b = &run->book;
    double position = run->ledger.positions[sid].amount;
    for (struct working *w = book_first(b, sid); w; w = book_at(b, w->next))
        if (w->index >= 0 && w->index != but && !protects(b, w, position))
            links_cancel(run, w, BT_REASON_NO_POSITION, when);
}

void links_filled(struct bt_run *run, struct working *w, double amount,
                  bt_time when) {
    struct book *b = &run->book;
    bt_order *o = order_of(b, w);
    bool child = o->flags & BT_ORDER_CHILD;
    if (w->ring != 0 && child)
        shrink_group(run, w, amount, when);
    else if (w->ring != 0)
        end_group(run, w, when);
    if (o->parent != 0)
        end_entry(run, o->parent, when);
    if (w->children > 0)
        feed_exits(run, w, amount);
    double position = run->ledger.positions[w->sid].amount;
    if (b->exits > 0 && b->queues[w->sid].count > 1 && position * amount >= 0.0)
        end_exits(run, w->sid, w->index, when);
}

void links_moved(struct bt_run *run, int32_t sid, bt_time when) {
    if (run->book.exits > 0)
        end_exits(run, sid, -1, when);
    book_sweep(&run->book);
    order_count(run);
}

/* ---- waking -------------------------------------------------------------- */

/* A price relative to the entry's; away says on which side of it. */
static double absolute(const bt_order *o, double entry, double away,
                       double given) {
    if (o->flags & BT_ORDER_FRACTION)
        return entry * (1.0 + away * given);
    return o->flags & BT_ORDER_DISTANCE ? entry + away * given : given;
}

static void set_prices(struct working *w, bt_order *o, double entry,
                       double close) {
    /* An exit's limit lies where the position wins, a stop where it loses. */
    double wins = -w->side;
    bool both = !isnan(o->stop) && !isnan(o->limit);
    if (!both)
        o->limit = absolute(o, entry, wins, o->limit);
    o->stop = absolute(o, entry, -wins, o->stop);
    if (both && (o->flags & (BT_ORDER_DISTANCE | BT_ORDER_FRACTION)))
        o->limit = absolute(o, entry, -wins, o->limit);
    if (!isnan(o->trail) || !isnan(o->trail_percent)) {
        w->extreme = w->side < 0.0 ? fmax(entry, close) : fmin(entry, close);
        o->stop = touch_trail(w, o);
    }
    touch_round(w, o);
    w->limit = o->limit;
    w->stop = o->stop;
}

static void wake(struct bt_run *run, struct working *w, const bt_order *entry,
                 int32_t row) {
    bt_order *o = order_of(&run->book, w);
    double position = run->ledger.positions[w->sid].amount;
    w->side = entry->filled > 0.0 ? -1.0 : 1.0;
    w->sized = true;
    w->first_row = row + 1;
    resize(run, w, -entry->filled);
    set_prices(w, o, entry->average_price,
               run->market.assets[w->sid].close[row]);
    w->wait = touch_wait(w, o);
    touch_arm(w, o, book_watch(&run->book, w));
    if (!(position * w->side < 0.0))
        links_cancel(run, w, BT_REASON_NO_POSITION,
                     run->market.close_times[row]);
}

void links_wake(struct bt_run *run, int32_t row) {
    struct book *b = &run->book;
    for (size_t i = 0; i < b->waking_count; i++) {
        struct waking k = b->waking[i];
        for (int32_t j = 0; j < k.children; j++) {
            struct working *w = book_find(b, k.child + j);
            if (w && sleeps(w))
                wake(run, w, &b->orders[k.parent - 1], row);
        }
    }
    b->waking_count = 0;
}
