/* Cancel, modify, look up.
 *
 * A change takes effect on the next bar, as a new order would, but the order
 * keeps its id, its place in the order of submission, and its fee state: a
 * minimum is not charged twice. A price can be changed where the order has one;
 * turning one kind of order into another is a new order.
 */
#include "base/status.h"
#include "sim/links.h"
#include "sim/order.h"
#include "sim/size.h"
#include "sim/touch.h"
#include "sim/units.h"

#include <math.h>

static bt_status check_id(const struct book *b, int32_t id) {
    if (id >= 1 && (size_t)id <= b->count)
        return BT_OK;
    return fail(BT_E_RANGE, "no order %d; there are %zu so far", id, b->count);
}

/* A function of costs is asked while an order is worked. */
static bt_status check_idle(const bt_run *run) {
    if (run->state != RUN_WORKING)
        return BT_OK;
    return fail(BT_E_STATE, "orders can be cancelled and modified in "
                            "handle_data; not in a function of costs");
}

bt_status bt_order_cancel(bt_run *run, int32_t id) {
    struct book *b = &run->book;
    TRY(check_idle(run));
    TRY(check_id(b, id));
    struct working *w = book_find(b, id);
    if (!w)
        return BT_OK; /* it has ended already */
    links_cancel(run, w, BT_REASON_CANCELLED, run->ledger.account.now);
    order_count(run);
    return BT_OK;
}

/* ---- modify -------------------------------------------------------------- */

static bt_status check_has(int32_t id, const char *name, double given,
                           bool has) {
    if (isnan(given) || has)
        return BT_OK;
    return fail(BT_E_USAGE,
                "order %d has no %s to change; cancel it and give another one",
                id, name);
}

/* A price would be taken for a distance or a fraction. */
static bt_status check_relative(const bt_order *o, const struct working *w,
                                const bt_order_options *p) {
    const int32_t relative = BT_ORDER_DISTANCE | BT_ORDER_FRACTION;
    bool sleeps = w->wait == WAIT_ENTRY && (o->flags & relative);
    if (!sleeps || (isnan(p->limit) && isnan(p->stop)))
        return BT_OK;
    return fail(BT_E_USAGE,
                "the price of order %d follows from that of its entry, order "
                "%d, which has not traded yet; change it then",
                o->id, o->parent);
}

static bt_status check_change(const bt_order *o, const struct working *w,
                              const bt_order_options *p) {
    TRY(check_relative(o, w, p));
    bool waits = w->wait == WAIT_STOP || w->wait == WAIT_ENTRY;
    bool trails = !isnan(o->trail) || !isnan(o->trail_percent);
    TRY(check_has(o->id, "limit", p->limit, !isnan(o->limit)));
    TRY(check_has(o->id, "stop that it waits for", p->stop,
                  !isnan(o->stop) && !trails && waits));
    TRY(check_has(o->id, "trail that it waits for", p->trail,
                  !isnan(o->trail) && waits));
    TRY(check_has(o->id, "trail_percent that it waits for", p->trail_percent,
                  !isnan(o->trail_percent) && waits));
    return check_has(o->id, "limit_offset of a stop that it waits for",
                     p->limit_offset, !isnan(o->limit_offset) && waits);
}

/* Whole lots that an amount leaves to trade. */
static double rest_of(const bt_order *o, double amount, double lot) {
    return units_truncate(amount - o->filled, lot);
}

static bt_status check_amount(const bt_run *run, const bt_order *o,
                              const struct working *w, double amount) {
    if (isnan(amount))
        return BT_OK;
    if (!w->sized || (o->flags & BT_ORDER_CHILD))
        return fail(BT_E_USAGE,
                    "the amount of order %d follows from elsewhere; cancel it "
                    "and give another one",
                    o->id);
    double lot = terms_of(run, o->sid)->lot;
    if (rest_of(o, amount, lot) * w->side > 0.0 &&
        fabs(amount) <= SIZE_MAX_LOTS * lot)
        return BT_OK;
    return fail(BT_E_RANGE,
                "amount must be at least a lot beyond the %g units of order %d "
                "that are filled, on the same side, got %g; cancel_order ends "
                "it",
                o->filled, o->id, amount);
}

static bt_status check_controls(bt_run *run, const bt_order *o, double amount,
                                bool *refused) {
    if (isnan(amount) || !run->controls)
        return BT_OK;
    double units = units_truncate(amount, terms_of(run, o->sid)->lot);
    if (fabs(units) <= fabs(o->amount))
        return BT_OK; /* less is always good */
    return control_change(run, o, units, refused);
}

static void replace(double *value, double given) {
    if (!isnan(given))
        *value = given;
}

/* A new distance counts from the extreme that has been seen. */
static void change_prices(bt_order *o, struct working *w,
                          const bt_order_options *p) {
    replace(&o->limit, p->limit);
    replace(&o->stop, p->stop);
    replace(&o->trail, p->trail);
    replace(&o->trail_percent, p->trail_percent);
    replace(&o->limit_offset, p->limit_offset);
    if (w->wait == WAIT_ENTRY)
        return;
    touch_round(w, o);
    bool trails = !isnan(o->trail) || !isnan(o->trail_percent);
    if (trails && w->wait == WAIT_STOP)
        o->stop = touch_trail(w, o);
    w->limit = o->limit;
    w->stop = o->stop;
}

/* What was checked. */
static void change(bt_run *run, struct working *w, double amount,
                   const bt_order_options *options, int32_t last_row) {
    struct book *b = &run->book;
    bt_order *o = &b->orders[w->index];
    double lot = terms_of(run, o->sid)->lot;
    change_prices(o, w, options);
    if (options->tif >= 0) {
        o->tif = options->tif;
        o->until = o->tif == BT_TIF_GTD ? options->until : 0;
        o->flags |= BT_ORDER_DETAILS;
    }
    if (!isnan(amount)) {
        w->rest = rest_of(o, amount, lot);
        o->amount = units_dust(o->filled + w->rest, amount, lot);
    }
    w->last_row = last_row;
    w->first_row = run->row + 1;
    w->maker = false;
    if (last_row < b->expiry)
        b->expiry = last_row;
    touch_arm(w, o, book_watch(b, w));
}

static bt_status modify(bt_run *run, int32_t id, double amount,
                        const bt_order_options *options, bool *refused) {
    const struct book *b = &run->book;
    TRY(check_idle(run));
    TRY(check_id(b, id));
    struct working *w = book_find(b, id);
    const bt_order *o = &b->orders[id - 1];
    if (!w)
        return fail(BT_E_STATE, "order %d has ended (%s); give another one", id,
                    bt_reason_name(o->reason));
    int32_t last_row = w->last_row;
    TRY(order_check_prices(options));
    TRY(check_change(o, w, options));
    TRY(check_amount(run, o, w, amount));
    if (options->tif >= 0)
        TRY(order_last_row(run, options, &last_row));
    TRY(check_controls(run, o, amount, refused));
    if (*refused)
        return BT_OK;
    change(run, w, amount, options, last_row);
    order_expire(run, id);
    return BT_OK;
}

int32_t bt_order_modify(bt_run *run, int32_t id, double amount,
                        const bt_order_options *options) {
    bool refused = false;
    bt_status bad = modify(run, id, amount, options, &refused);
    return bad != BT_OK ? -bad : !refused;
}

/* ---- looking up ---------------------------------------------------------- */

const bt_order *bt_order_get(bt_run *run, int32_t id) {
    if (id < 1 || (size_t)id > run->book.count)
        return NULL;
    return &run->book.orders[id - 1];
}

static int32_t open_of_all(const struct book *b, int32_t *ids, int32_t max) {
    int32_t n = 0;
    for (size_t i = 0; i < b->line_count && n < max; i++) {
        const struct working *w = book_line(b, i);
        if (w->index >= 0)
            ids[n++] = w->index + 1;
    }
    return n;
}

int32_t bt_orders_open(bt_run *run, int32_t sid, int32_t *ids, int32_t max) {
    const struct book *b = &run->book;
    int32_t n = 0;
    if (sid < 0)
        return open_of_all(b, ids, max);
    if (sid >= run->assets)
        return 0;
    for (const struct working *w = book_first(b, sid); w && n < max;
         w = book_at(b, w->next))
        if (w->index >= 0)
            ids[n++] = w->index + 1;
    return n;
}
