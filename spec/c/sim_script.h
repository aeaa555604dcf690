/* Random markets and random strategies, and a run of one over the other.
 *
 * A market is four assets over twenty days with gaps; a strategy is a list of
 * orders drawn beforehand, given by symbol. Half of the orders say nothing of
 * how long they are good; one in five accounts has a cancel policy for these.
 */
#ifndef SPEC_SIM_SCRIPT_H
#define SPEC_SIM_SCRIPT_H

#include "sim_tape.h"
#include "store/bundle.h"

#include "base/rng.h"

#include <stdbool.h>
#include <stdio.h>

enum { DAYS = 20, ASSETS = 4, ACTIONS = 60 };

/* with those that margin calls give */
enum { ORDERS_MAX = 3 * ACTIONS + ASSETS * DAYS + 1 };

static const char *const SYMBOLS[ASSETS] = {"AA", "BB", "CC", "DD"};

struct world {
    struct tape_bar bars[ASSETS][DAYS];
    int count[ASSETS];
};

struct action {
    int day, asset; /* index in SYMBOLS */
    int32_t kind, flags;
    double amount; /* in the unit of the kind */
    /* Prices of an order as multiples of the last close; 0 for none. */
    double limit, stop, trail, trail_percent, offset;
    double stop_loss, take_profit; /* of exits, likewise */
    int32_t tif, days;             /* good for so many days, for GTD */
    bool with_last;                /* shares a group with the order before */
    bool cancels, modifies;        /* the order before, instead */
};

struct script {
    struct action actions[ACTIONS];
    bt_run_config config;
    bool day_orders; /* what no time is said of is good for the day */
};

static inline double between(struct rng *r, double low, double high) {
    return low + (high - low) * rng_unit(r);
}

static inline struct tape_bar random_bar(struct rng *r, int day,
                                         double *price) {
    double open = *price * between(r, 0.95, 1.05);
    double close = open * between(r, 0.9, 1.1);
    double high = fmax(open, close) * between(r, 1, 1.05);
    double low = fmin(open, close) * between(r, 0.95, 1);
    *price = close;
    return (struct tape_bar){day, open,  high,
                             low, close, (double)rng_range(r, 0, 400)};
}

/* The first asset has a bar every day, so that there is a calendar. */
static inline void draw_world(struct rng *r, struct world *w) {
    for (int a = 0; a < ASSETS; a++) {
        double price = between(r, 5, 200);
        w->count[a] = 0;
        for (int day = 0; day < DAYS; day++)
            if (a == 0 || rng_unit(r) < 0.8)
                w->bars[a][w->count[a]++] = random_bar(r, day, &price);
    }
}

static inline double draw_amount(struct rng *r, int32_t kind) {
    switch (kind) {
    case BT_ORDER_AMOUNT:
    case BT_ORDER_TARGET:
        return between(r, -60, 100);
    case BT_ORDER_VALUE:
    case BT_ORDER_TARGET_VALUE:
        return between(r, -3000, 6000);
    default:
        return between(r, -0.4, 1.2);
    }
}

static inline void draw_config(struct rng *r, bt_run_config *c) {
    const double lots[] = {1, 0.1, 5}, leverages[] = {1, 1, 2.5, INFINITY};
    bt_run_config_init(c);
    c->capital = 10000;
    c->fill = (int32_t)rng_range(r, 0, 2);
    c->on_insufficient = (int32_t)rng_range(r, 0, 1);
    c->lot = lots[rng_range(r, 0, 2)];
    c->leverage = leverages[rng_range(r, 0, 3)];
    c->long_only = rng_unit(r) < 0.3;
    c->commission.kind = (int32_t)rng_range(r, 0, BT_COMMISSION_MAKER_TAKER);
    c->commission.taker = between(r, 0, 0.03);
    c->commission.rate = between(r, 0, 0.02);
    c->commission.minimum = rng_unit(r) < 0.5 ? 0 : 1.5;
    c->slippage.kind = (int32_t)rng_range(r, 0, BT_SLIPPAGE_VOLATILITY);
    c->slippage.spread = between(r, 0, 0.5);
    c->slippage.impact = between(r, 0, 1);
    c->slippage.bps = between(r, 0, 300);
    c->slippage.volume_limit = rng_unit(r) < 0.5 ? 0 : 0.1;
    c->intrabar = (int32_t)rng_range(r, 0, 2);
    c->periods_per_year = 252;
    c->close_at_end = rng_unit(r) < 0.3;
    if (rng_unit(r) < 0.4)
        c->margin = (bt_margin){.maintenance = between(r, 0.2, 0.9)};
}

/* One in three orders has no price; the rest one of each sort. */
static inline void draw_prices(struct rng *r, struct action *a) {
    double near = between(r, 0.9, 1.1);
    switch (rng_range(r, 0, 8)) {
    case 0:
        a->limit = near;
        break;
    case 1:
        a->stop = near;
        break;
    case 2:
        a->stop = near;
        a->limit = near * between(r, 0.97, 1.03);
        break;
    case 3:
        a->trail = between(r, 0.01, 0.1);
        break;
    case 4:
        a->trail_percent = between(r, 0.01, 0.1);
        a->offset = between(r, 0, 0.02);
        break;
    case 5:
        a->flags |= BT_ORDER_AT_CLOSE;
        break;
    default:
        break;
    }
}

static inline void draw_terms(struct rng *r, struct action *a) {
    a->with_last = rng_unit(r) < 0.15;
    if (rng_unit(r) < 0.2) {
        a->stop_loss = between(r, 0.9, 1.1);
        a->take_profit = between(r, 0.9, 1.1);
    } else if (rng_unit(r) < 0.2) {
        a->flags |= BT_ORDER_REDUCE_ONLY;
        if (rng_unit(r) < 0.5) { /* whatever is held */
            a->kind = BT_ORDER_TARGET;
            a->amount = 0;
        }
    }
    a->tif = rng_unit(r) < 0.5 ? BT_TIF_UNSAID : (int32_t)rng_range(r, 0, 2);
    a->days = (int32_t)rng_range(r, 1, 6);
    a->cancels = rng_unit(r) < 0.05;
    a->modifies = rng_unit(r) < 0.1;
}

static inline void draw_script(struct rng *r, struct script *s) {
    draw_config(r, &s->config);
    s->day_orders = rng_unit(r) < 0.2;
    for (int i = 0; i < ACTIONS; i++) {
        struct action *a = &s->actions[i];
        *a = (struct action){0};
        a->day = (int)rng_range(r, 0, DAYS - 1);
        a->asset = (int)rng_range(r, 0, ASSETS - 1);
        a->kind = (int32_t)rng_range(r, 0, 5);
        a->flags = rng_unit(r) < 0.3 ? BT_ORDER_SIZE_AT_FILL : 0;
        a->amount = draw_amount(r, a->kind);
        draw_prices(r, a);
        draw_terms(r, a);
    }
}

/* ---- running a script ---------------------------------------------------- */

/* How a run differs from the plain one. */
struct variant {
    const int *order; /* ids of the assets in the bundle: order[id] = asset */
    int assets;       /* in the bundle; beyond ASSETS: copies nobody trades */
    double money;     /* all prices and values times this */
    double sign;      /* of all amounts */
    double mirror;    /* prices p are mirror - p; 0: as they are */
};

static const int PLAIN_ORDER[] = {0, 1, 2, 3};
static const struct variant PLAIN = {PLAIN_ORDER, ASSETS, 1, 1, 0};

/* A price of the plain market, money and all, in the variant's. */
static inline double price_in(const struct variant *v, double price) {
    return v->mirror > 0 ? v->mirror - price : price;
}

static inline void vary(const struct tape_bar *from, int n,
                        const struct variant *v, struct tape_bar *to) {
    for (int i = 0; i < n; i++) {
        const struct tape_bar *b = &from[i];
        double high = price_in(v, b->high * v->money);
        double low = price_in(v, b->low * v->money);
        to[i] = (struct tape_bar){
            b->day,          price_in(v, b->open * v->money),  fmax(high, low),
            fmin(high, low), price_in(v, b->close * v->money), b->volume};
    }
}

static inline bt_bundle *bundle_of(const struct world *w,
                                   const struct variant *v) {
    static struct tape_bar bars[16][DAYS];
    struct tape_asset assets[16];
    char names[16][16];
    for (int id = 0; id < v->assets; id++) {
        int a = v->order[id];
        snprintf(names[id], sizeof names[id], "%s", SYMBOLS[a % ASSETS]);
        if (a >= ASSETS)
            snprintf(names[id], sizeof names[id], "X%d", a);
        vary(w->bars[a % ASSETS], w->count[a % ASSETS], v, bars[id]);
        assets[id] =
            (struct tape_asset){names[id], bars[id], w->count[a % ASSETS]};
    }
    return tape_bundle(assets, v->assets);
}

static inline struct rig prepare(bt_bundle *bundle, const struct script *s,
                                 const struct variant *v) {
    struct rig r = {.config = s->config};
    r.config.bundle = bundle;
    r.config.capital *= v->money;
    r.config.slippage.spread *= v->money;
    r.config.commission.minimum *= v->money;
    if (r.config.commission.kind < BT_COMMISSION_PER_DOLLAR)
        r.config.commission.rate *= v->money;
    rig_start(&r);
    if (s->day_orders)
        tape_ok(bt_run_set_day_orders(r.run, 1));
    return r;
}

static inline bool is_money(int32_t kind) {
    return kind == BT_ORDER_VALUE || kind == BT_ORDER_TARGET_VALUE;
}

/* Last close of an asset, NAN before its first bar. */
static inline double last_close(const struct world *w, int asset, int day) {
    double close = NAN;
    for (int i = 0; i < w->count[asset]; i++)
        if (w->bars[asset][i].day <= day)
            close = w->bars[asset][i].close;
    return close;
}

/* close times a multiple, NAN for none. */
static inline double price_of(double close, double multiple) {
    return multiple == 0 ? NAN : close * multiple;
}

static inline bt_order_options options_of(const struct action *a,
                                          const struct variant *v, double close,
                                          int32_t last) {
    bt_order_options o;
    bt_order_options_init(&o);
    o.flags = a->flags;
    if (isnan(close))
        return o;
    o.limit = price_in(v, price_of(close, a->limit));
    o.stop = price_in(v, price_of(close, a->stop));
    o.trail = price_of(close, a->trail);
    o.trail_percent = a->trail_percent == 0 ? NAN : a->trail_percent;
    o.limit_offset = price_of(close, a->offset);
    o.tif = a->tif;
    o.until = tape_close_time(a->day + a->days) + 1;
    o.oco = a->with_last ? last : 0;
    return o;
}

static inline void attach_exits(struct rig *r, const struct action *a,
                                const struct variant *v, double close,
                                int32_t id) {
    const bt_order *o = bt_order_get(r->run, id);
    bt_order_options exit;
    bt_order_options_init(&exit);
    if (a->stop_loss == 0 || isnan(close) || o->status != BT_STATUS_OPEN)
        return;
    exit.stop = price_in(v, close * a->stop_loss);
    int32_t stop = bt_order_attach(r->run, id, &exit);
    assert_true(stop > 0);
    exit.stop = NAN;
    exit.limit = price_in(v, close * a->take_profit);
    int32_t target = bt_order_attach(r->run, id, &exit);
    if (target < 0) /* it lies beyond the stop */
        assert_int_equal(target, -BT_E_RANGE);
}

static bool changed[ORDERS_MAX]; /* by id: its limit was another one */

/* Cancel or change the newest order, whatever became of it. */
static inline void change(struct rig *r, const struct action *a,
                          const struct variant *v, double close, int32_t last) {
    bt_order_options o;
    bt_order_options_init(&o);
    o.tif = -1;
    if (a->cancels) {
        tape_ok(bt_order_cancel(r->run, last));
        return;
    }
    const bt_order *old = bt_order_get(r->run, last);
    if (!isnan(old->limit)) {
        o.limit = price_in(v, close * 1.01);
        changed[last] = true;
    }
    bt_order_modify(r->run, last, NAN, &o); /* refused when it has ended */
}

static inline void act(struct rig *r, const struct world *w,
                       const struct script *s, const struct variant *v,
                       int day) {
    static int32_t last; /* the newest order of the run */
    if (day == 0) {
        last = 0;
        memset(changed, 0, sizeof changed);
    }
    for (int i = 0; i < ACTIONS; i++) {
        const struct action *a = &s->actions[i];
        if (a->day != day)
            continue;
        double close = last_close(w, a->asset, day) * v->money;
        if ((a->cancels || a->modifies) && last > 0) {
            change(r, a, v, close, last);
            continue;
        }
        int32_t sid = bt_bundle_find(r->config.bundle, SYMBOLS[a->asset]);
        double amount =
            a->amount * v->sign * (is_money(a->kind) ? v->money : 1);
        bt_order_options o = options_of(a, v, close, last);
        if (o.oco && bt_order_get(r->run, o.oco)->flags & BT_ORDER_CHILD)
            o.oco = 0;
        int32_t id = bt_order_place(r->run, sid, a->kind, amount, &o);
        if (id < 0)
            fail_msg("order: %s", bt_error_message());
        if (id == 0)
            continue;
        if (!(a->flags & BT_ORDER_REDUCE_ONLY))
            attach_exits(r, a, v, close, id);
        last = id;
    }
}

static inline struct rig run_on(bt_bundle *bundle, const struct world *w,
                                const struct script *s,
                                const struct variant *v) {
    struct rig r = prepare(bundle, s, v);
    for (int day = 0; day < DAYS; day++) {
        rig_step(&r);
        act(&r, w, s, v, day);
    }
    rig_finish(&r);
    return r;
}

static inline struct rig run(const struct world *w, const struct script *s,
                             const struct variant *v) {
    return run_on(bundle_of(w, v), w, s, v);
}

/* On the bundle of another run, which has the same bars. */
static inline struct rig run_again(const struct rig *other,
                                   const struct world *w,
                                   const struct script *s,
                                   const struct variant *v) {
    bt_bundle *bundle = NULL;
    tape_ok(bt_bundle_acquire(bundle_path(other->config.bundle), &bundle));
    return run_on(bundle, w, s, v);
}

#endif
