/* One order on one bar:
 *   1. its units are cut to what the volume limit still leaves of the bar; what
 *      is cut off stays open; a bar without volume fills nothing, if the asset
 *      has volume at all;
 *   2. the part that closes a position always trades, the part that opens one
 *      must be allowed (long_only; not of a reduce-only order or one of the
 *      account's own) and affordable (power.c); what is not ends the order
 *      with a reason;
 *   3. both parts trade as one fill at the quoted price plus slippage.
 *
 * Cost: O(1), and O(log lots) where the account cannot pay for all of it.
 */
#include "sim/work.h"

#include "base/date.h"
#include "sim/power.h"
#include "sim/slip.h"
#include "sim/units.h"

#include <math.h>

/* What the asset's orders have taken of the bar. */
static double taken_of(const struct bar_work *b, int32_t sid) {
    const struct taken *t = &b->run->taken[sid];
    return t->row == b->row + 1 ? t->units : 0.0;
}

/* Units of the bar's volume that are left for an asset. */
static double volume_room(const struct bar_work *b, int32_t sid) {
    const struct bt_run *run = b->run;
    const struct columns *c = &run->market.assets[sid];
    double share = run->config.slippage.volume_limit;
    if (share == 0.0)
        return c->volume[b->row] > 0.0 || !c->has_volume ? INFINITY : 0.0;
    double lot = c->terms.lot;
    double most = units_lots(share * c->volume[b->row], lot);
    return units_snap(most * lot - taken_of(b, sid), lot);
}

static void take_volume(struct bar_work *b, int32_t sid, double units) {
    struct taken *t = &b->run->taken[sid];
    t->units = t->row == b->row + 1 ? t->units + units : units;
    t->row = b->row + 1;
}

/* The order of an intent, for a function that is asked about it. */
struct asked {
    const struct bar_work *b;
    const struct working *w;
};

static bt_query query_of(const struct asked *a, double units, double price) {
    const struct working *w = a->w;
    const bt_order *o = order_of(a->b, w);
    const struct columns *c = &a->b->run->market.assets[w->sid];
    int32_t row = a->b->row;
    return (bt_query){.order_id = o->id,
                      .sid = w->sid,
                      .maker = w->maker,
                      .amount = w->side * units,
                      .price = price,
                      .open = c->open[row],
                      .high = c->high[row],
                      .low = c->low[row],
                      .close = c->close[row],
                      .volume = c->volume[row],
                      .limit = w->limit,
                      .stop = w->stop,
                      .taken = taken_of(a->b, w->sid),
                      .filled = o->filled,
                      .paid = o->commission};
}

static double ask_fee(void *ctx, double units, double price) {
    const struct asked *a = ctx;
    bt_query q = query_of(a, units, price);
    double fee = asking_ask(&a->b->run->asking, BT_ASK_FEE, &q);
    return isnan(fee) ? 0.0 : fee; /* the step fails: nothing comes of it */
}

static int32_t month_of(bt_time when) {
    int year, month, day;
    date_to_civil(date_of(when), &year, &month, &day);
    return 12 * year + month;
}

double work_traded(const struct bt_run *run, bt_time when) {
    return run->month.month == month_of(when) ? run->month.traded : 0.0;
}

static struct charge charge_of(const struct bar_work *b,
                               const struct working *w, struct asked *asked) {
    const struct bt_run *run = b->run;
    struct charge c = {.model = &run->config.commission,
                       .state = w->fee,
                       .maker = w->maker,
                       .multiplier = terms_of(run, w->sid)->multiplier,
                       .ask = ask_fee,
                       .ctx = asked};
    if (c.model->kind == BT_COMMISSION_TIERED)
        c.month = work_traded(run, time_of(b));
    return c;
}

static void count_month(struct bar_work *b, double value) {
    struct month *m = &b->run->month;
    int32_t now = month_of(time_of(b));
    if (m->month != now)
        *m = (struct month){now, 0.0};
    m->traded += value;
}

static void book_fill(struct bar_work *b, struct working *w,
                      const struct charge *charge, double units, double price) {
    struct bt_run *run = b->run;
    bt_order *o = order_of(b, w);
    const struct terms *t = terms_of(run, w->sid);
    double amount = copysign(units, w->rest);
    bt_fill f = {.order_id = o->id,
                 .sid = w->sid,
                 .bar = run->bars,
                 .phase = (int32_t)b->phase,
                 .time = time_of(b),
                 .amount = amount,
                 .price = price,
                 .commission = cost_commission(charge, units, price),
                 .slippage = fabs(price - w->quote) * (units * t->multiplier)};
    ledger_fill(&run->ledger, &run->market, &f);
    w->fee = cost_charged(charge, units, price, f.commission);
    if (charge->model->kind == BT_COMMISSION_TIERED)
        count_month(b, units * t->multiplier * price);
    take_volume(b, w->sid, units);
    w->rest = units_snap(w->rest - amount, t->lot);
    w->value += amount * price;
    o->average_price =
        o->filled == 0.0 ? price : w->value / (o->filled + amount);
    o->filled = units_dust(o->filled + amount, o->filled + amount, t->lot);
    o->commission += f.commission;
    o->slippage += f.slippage;
    if (w->ring != 0 || w->children > 0 || run->book.exits > 0)
        links_filled(run, w, amount, f.time);
}

/* Cut the opening part to what is allowed and affordable. */
static int32_t cut_opening(const struct bar_work *b, const struct working *w,
                           const struct charge *charge, struct intent *in) {
    const struct bt_run *run = b->run;
    if (in->opening == 0.0)
        return BT_REASON_NONE;
    if (order_of(b, w)->flags & (BT_ORDER_REDUCE_ONLY | BT_ORDER_FORCED)) {
        in->opening = 0.0;
        return BT_REASON_NO_POSITION;
    }
    if (run->config.long_only && in->side < 0.0) {
        in->opening = 0.0;
        return BT_REASON_LONG_ONLY;
    }
    double most = power_affordable(run, w, in, charge, b->row, b->phase);
    if (most >= in->opening)
        return BT_REASON_NONE;
    bool reduce = run->config.on_insufficient == BT_INSUFFICIENT_REDUCE;
    in->opening = reduce ? most : 0.0;
    return reduce ? BT_REASON_REDUCED_CASH : BT_REASON_NO_CASH;
}

static void end_cut(struct bar_work *b, struct working *w, int32_t reason) {
    bool traded = order_of(b, w)->filled != 0.0;
    if (reason == BT_REASON_REDUCED_CASH && !traded)
        reason = BT_REASON_NO_CASH;
    int32_t none = reason == BT_REASON_NO_POSITION ? BT_STATUS_CANCELLED
                                                   : BT_STATUS_REJECTED;
    end_order(b, w, traded ? BT_STATUS_PARTIAL : none, reason);
}

/* The price of a fill: the quote and what the market takes. */
static double priced(const struct bar_work *b, const struct working *w,
                     double side, double units) {
    const struct bt_run *run = b->run;
    const struct columns *c = &run->market.assets[w->sid];
    const bt_slippage *model = &run->config.slippage;
    bool limited = w->wait == WAIT_LIMIT;
    if (model->kind == BT_SLIPPAGE_NONE)
        return w->quote;
    struct slip s = {.side = side,
                     .quote = w->quote,
                     .limit = limited ? w->limit : NAN,
                     .units = units,
                     .taken = taken_of(b, w->sid),
                     .high = c->high[b->row],
                     .low = c->low[b->row],
                     .volume = c->volume[b->row]};
    if (slip_looks_back(model))
        slip_measure(c, market_events(&run->market, w->sid), b->row, &s);
    if (model->kind != BT_SLIPPAGE_CUSTOM)
        return slip_price(model, &s);
    struct asked asked = {b, w};
    bt_query q = query_of(&asked, units, w->quote);
    double price = asking_ask(&b->run->asking, BT_ASK_PRICE, &q);
    return isnan(price) ? w->quote : slip_keep(&s, price);
}

/* What the order is about to do with so many units. */
static struct intent intend(const struct bar_work *b, const struct working *w,
                            double units) {
    struct intent in = {.side = w->rest > 0.0 ? 1.0 : -1.0};
    double against = fmax(0.0, -in.side * position_of(b->run, w->sid));
    in.price = priced(b, w, in.side, units);
    in.closing = fmin(units, against);
    in.opening = units_snap(units - in.closing, terms_of(b->run, w->sid)->lot);
    return in;
}

void work_order(struct bar_work *b, struct working *w) {
    double units = fmin(fabs(w->rest), volume_room(b, w->sid));
    w->worked = true;
    if (!(units > 0.0)) {
        w->starved = true; /* the bar has nothing left: it stays open */
        return;
    }
    struct asked asked = {b, w};
    struct intent in = intend(b, w, units);
    struct charge charge = charge_of(b, w, &asked);
    int32_t reason = cut_opening(b, w, &charge, &in);
    double total =
        units_snap(in.closing + in.opening, terms_of(b->run, w->sid)->lot);
    if (b->run->asking.failed)
        return;
    if (total > 0.0)
        book_fill(b, w, &charge, total, in.price);
    if (reason != BT_REASON_NONE)
        end_cut(b, w, reason);
    else if (w->rest == 0.0)
        end_order(b, w, BT_STATUS_FILLED, BT_REASON_FILLED);
}
