/* What holds for every run: random markets, random strategies.
 *
 * A market is four assets over twenty days with gaps; a strategy is a list of
 * orders drawn beforehand, given by symbol. The build under test recomputes the
 * books from the fills on every bar (ledger_audit.c): a step fails when cash,
 * positions, equity or profits do not add up.
 */
#include "sim_tape.h"

#include "base/rng.h"

#include <stdbool.h>
#include <stdio.h>

enum { DAYS = 20, ASSETS = 4, ACTIONS = 60, CASES = 200 };

static uint64_t seed_now; /* printed after each test, the failing one's too */
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
};

static double between(struct rng *r, double low, double high) {
    return low + (high - low) * rng_unit(r);
}

static struct tape_bar random_bar(struct rng *r, int day, double *price) {
    double open = *price * between(r, 0.95, 1.05);
    double close = open * between(r, 0.9, 1.1);
    double high = fmax(open, close) * between(r, 1, 1.05);
    double low = fmin(open, close) * between(r, 0.95, 1);
    *price = close;
    return (struct tape_bar){day, open,  high,
                             low, close, (double)rng_range(r, 0, 400)};
}

/* The first asset has a bar every day, so that there is a calendar. */
static void draw_world(struct rng *r, struct world *w) {
    for (int a = 0; a < ASSETS; a++) {
        double price = between(r, 5, 200);
        w->count[a] = 0;
        for (int day = 0; day < DAYS; day++)
            if (a == 0 || rng_unit(r) < 0.8)
                w->bars[a][w->count[a]++] = random_bar(r, day, &price);
    }
}

static double draw_amount(struct rng *r, int32_t kind) {
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

static void draw_config(struct rng *r, bt_run_config *c) {
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
    if (rng_unit(r) < 0.4)
        c->margin = (bt_margin){.maintenance = between(r, 0.2, 0.9)};
}

/* One in three orders has no price; the rest one of each sort. */
static void draw_prices(struct rng *r, struct action *a) {
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

static void draw_terms(struct rng *r, struct action *a) {
    a->with_last = rng_unit(r) < 0.15;
    if (rng_unit(r) < 0.2) {
        a->stop_loss = between(r, 0.9, 1.1);
        a->take_profit = between(r, 0.9, 1.1);
    } else if (rng_unit(r) < 0.2) {
        a->flags |= BT_ORDER_REDUCE_ONLY;
    }
    a->tif = rng_unit(r) < 0.4 ? (int32_t)rng_range(r, 1, 2) : BT_TIF_GTC;
    a->days = (int32_t)rng_range(r, 1, 6);
    a->cancels = rng_unit(r) < 0.05;
    a->modifies = rng_unit(r) < 0.1;
}

static void draw_script(struct rng *r, struct script *s) {
    draw_config(r, &s->config);
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
};

static const int PLAIN_ORDER[] = {0, 1, 2, 3};
static const struct variant PLAIN = {PLAIN_ORDER, ASSETS, 1, 1};

static void scale(const struct tape_bar *from, int n, double by,
                  struct tape_bar *to) {
    for (int i = 0; i < n; i++)
        to[i] = (struct tape_bar){from[i].day,        from[i].open * by,
                                  from[i].high * by,  from[i].low * by,
                                  from[i].close * by, from[i].volume};
}

static struct rig prepare(const struct world *w, const struct script *s,
                          const struct variant *v) {
    static struct tape_bar bars[16][DAYS];
    struct tape_asset assets[16];
    char names[16][16];
    for (int id = 0; id < v->assets; id++) {
        int a = v->order[id];
        snprintf(names[id], sizeof names[id], "%s", SYMBOLS[a % ASSETS]);
        if (a >= ASSETS)
            snprintf(names[id], sizeof names[id], "X%d", a);
        scale(w->bars[a % ASSETS], w->count[a % ASSETS], v->money, bars[id]);
        assets[id] =
            (struct tape_asset){names[id], bars[id], w->count[a % ASSETS]};
    }
    struct rig r = rig_new(assets, v->assets);
    bt_bundle *bundle = r.config.bundle;
    r.config = s->config;
    r.config.bundle = bundle;
    r.config.capital *= v->money;
    r.config.slippage.spread *= v->money;
    r.config.commission.minimum *= v->money;
    if (r.config.commission.kind < BT_COMMISSION_PER_DOLLAR)
        r.config.commission.rate *= v->money;
    rig_start(&r);
    return r;
}

static bool is_money(int32_t kind) {
    return kind == BT_ORDER_VALUE || kind == BT_ORDER_TARGET_VALUE;
}

/* Last close of an asset, NAN before its first bar. */
static double last_close(const struct world *w, int asset, int day) {
    double close = NAN;
    for (int i = 0; i < w->count[asset]; i++)
        if (w->bars[asset][i].day <= day)
            close = w->bars[asset][i].close;
    return close;
}

/* close times a multiple, NAN for none. */
static double price_of(double close, double multiple) {
    return multiple == 0 ? NAN : close * multiple;
}

static bt_order_options options_of(const struct action *a, double close,
                                   int32_t last) {
    bt_order_options o;
    bt_order_options_init(&o);
    o.flags = a->flags;
    if (isnan(close))
        return o;
    o.limit = price_of(close, a->limit);
    o.stop = price_of(close, a->stop);
    o.trail = price_of(close, a->trail);
    o.trail_percent = a->trail_percent == 0 ? NAN : a->trail_percent;
    o.limit_offset = price_of(close, a->offset);
    o.tif = a->tif;
    o.until = tape_close_time(a->day + a->days) + 1;
    o.oco = a->with_last ? last : 0;
    return o;
}

static void attach_exits(struct rig *r, const struct action *a, double close,
                         int32_t id) {
    const bt_order *o = bt_order_get(r->run, id);
    bt_order_options exit;
    bt_order_options_init(&exit);
    if (a->stop_loss == 0 || isnan(close) || o->status != BT_STATUS_OPEN)
        return;
    exit.stop = close * a->stop_loss;
    int32_t stop = bt_order_attach(r->run, id, &exit);
    assert_true(stop > 0);
    exit.stop = NAN;
    exit.limit = close * a->take_profit;
    int32_t target = bt_order_attach(r->run, id, &exit);
    if (target < 0) /* it lies beyond the stop */
        assert_int_equal(target, -BT_E_RANGE);
}

static bool changed[ORDERS_MAX]; /* by id: its limit was another one */

/* Cancel or change the newest order, whatever became of it. */
static void change(struct rig *r, const struct action *a, double close,
                   int32_t last) {
    bt_order_options o;
    bt_order_options_init(&o);
    o.tif = -1;
    if (a->cancels) {
        tape_ok(bt_order_cancel(r->run, last));
        return;
    }
    const bt_order *old = bt_order_get(r->run, last);
    if (!isnan(old->limit)) {
        o.limit = close * 1.01;
        changed[last] = true;
    }
    bt_order_modify(r->run, last, NAN, &o); /* refused when it has ended */
}

static void act(struct rig *r, const struct world *w, const struct script *s,
                const struct variant *v, int day) {
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
            change(r, a, close, last);
            continue;
        }
        int32_t sid = bt_bundle_find(r->config.bundle, SYMBOLS[a->asset]);
        double amount =
            a->amount * v->sign * (is_money(a->kind) ? v->money : 1);
        bt_order_options o = options_of(a, close, last);
        if (o.oco && bt_order_get(r->run, o.oco)->flags & BT_ORDER_CHILD)
            o.oco = 0;
        int32_t id = bt_order_place(r->run, sid, a->kind, amount, &o);
        if (id < 0)
            fail_msg("order: %s", bt_error_message());
        if (id == 0)
            continue;
        if (!(a->flags & BT_ORDER_REDUCE_ONLY))
            attach_exits(r, a, close, id);
        last = id;
    }
}

static struct rig run(const struct world *w, const struct script *s,
                      const struct variant *v) {
    struct rig r = prepare(w, s, v);
    for (int day = 0; day < DAYS; day++) {
        rig_step(&r);
        act(&r, w, s, v, day);
    }
    rig_finish(&r);
    return r;
}

/* ---- what every result keeps to ------------------------------------------ */

static const struct tape_bar *bar_at(const struct world *w, int asset,
                                     bt_time t, bool *at_close) {
    for (int i = 0; i < w->count[asset]; i++) {
        const struct tape_bar *b = &w->bars[asset][i];
        *at_close = t == tape_close_time(b->day);
        if (*at_close || t == tape_open_time(b->day))
            return b;
    }
    return NULL;
}

static void check_fill(const struct world *w, const struct script *s,
                       const bt_result *r, const bt_fill *f) {
    const bt_order *o = &r->order[f->order_id - 1];
    bool at_close = false;
    const struct tape_bar *b = bar_at(w, f->sid, f->time, &at_close);
    assert_non_null(b); /* on a bar of its asset */
    bool market = isnan(o->limit) && isnan(o->stop);
    if (market && !(o->flags & BT_ORDER_AT_CLOSE))
        assert_int_equal(at_close, s->config.fill != BT_FILL_NEXT_OPEN);
    if (!market)
        assert_false(at_close);
    assert_true(f->price <= b->high && f->price >= b->low);
    assert_true(s->config.fill == BT_FILL_SAME_CLOSE ? f->time >= o->created
                                                     : f->time > o->created);
    if (!isnan(o->limit) && !changed[o->id]) /* never worse than it */
        assert_true(f->amount > 0 ? f->price <= o->limit
                                  : f->price >= o->limit);
    assert_true(b->volume > 0);
    if (o->tif == BT_TIF_GTD)
        assert_true(f->time < o->until);
    double share = s->config.slippage.volume_limit;
    if (share > 0)
        assert_true(fabs(f->amount) <= share * b->volume * (1 + 1e-9));
    assert_true(f->commission >= 0 && f->slippage >= 0);
    assert_int_equal(f->sid, o->sid);
}

/* Fills add up to orders, orders to positions; trades close what was opened. */
static void check_sums(const bt_result *r, const struct rig *rig) {
    double held[ASSETS] = {0};
    double filled[ORDERS_MAX] = {0}, costs[ORDERS_MAX] = {0};
    for (int32_t i = 0; i < r->fills; i++) {
        held[r->fill[i].sid] += r->fill[i].amount;
        filled[r->fill[i].order_id] += r->fill[i].amount;
        costs[r->fill[i].order_id] += r->fill[i].commission;
    }
    for (int32_t i = 0; i < r->orders; i++) {
        const bt_order *o = &r->order[i];
        assert_number(o->filled, filled[o->id], 1e-9);
        assert_number(o->commission, costs[o->id], 1e-9);
        assert_true(fabs(o->filled) <= fabs(o->amount) * (1 + 1e-9));
    }
    for (int a = 0; a < ASSETS; a++)
        assert_number(rig->position[a].amount, held[a], 1e-9);
}

static void check_ends(const struct script *s, const bt_result *r) {
    double reasons[BT_REASONS] = {0};
    for (int32_t i = 0; i < r->orders; i++) {
        const bt_order *o = &r->order[i];
        assert_true(o->status != BT_STATUS_OPEN);
        assert_true(o->reason > BT_REASON_NONE && o->reason < BT_REASONS);
        assert_true(o->ended >= o->created);
        if (o->status == BT_STATUS_FILLED)
            assert_number(o->filled, o->amount, 1e-9);
        if (o->status == BT_STATUS_REJECTED || o->status == BT_STATUS_CANCELLED)
            assert_number(o->filled, 0, 0);
        reasons[o->reason]++;
    }
    assert_memory_equal(reasons, r->reasons, sizeof reasons);
    for (int32_t i = 0; i < r->bars; i++) /* a cash account never owes */
        if (s->config.leverage == 1 && s->config.long_only &&
            s->config.commission.kind == BT_COMMISSION_NONE)
            assert_true(r->cash[i] >= 0);
}

static void check_trades(const bt_result *r) {
    for (int32_t i = 0; i < r->trades; i++) {
        const bt_trade *t = &r->trade[i];
        assert_true(t->exit_time >= t->entry_time && t->bars >= 0);
        assert_true(t->amount != 0 && t->commission >= 0);
        double gross = t->amount * (t->exit_price - t->entry_price);
        assert_number(t->pnl, gross - t->commission, 1e-9);
    }
}

/* However an entry is closed, in parts or at once, and whatever is left: round
 * trips and open lots have all the fees, and all of what the equity gained. */
static void check_fees(const bt_result *r) {
    double pnl = 0, fees = 0, fills = 0;
    for (int32_t i = 0; i < r->trades + r->opens; i++) {
        const bt_trade *t =
            i < r->trades ? &r->trade[i] : &r->open[i - r->trades];
        pnl += t->pnl;
        fees += t->commission;
    }
    for (int32_t i = 0; i < r->fills; i++)
        fills += r->fill[i].commission;
    assert_number(fees, fills, 1e-9 * (1 + fills));
    assert_number(pnl, r->value[r->bars - 1] - r->starting_cash, 1e-6);
}

static void every_run_keeps_its_books(void **state) {
    (void)state;
    double reasons[BT_REASONS] = {0};
    for (uint64_t seed = 1; seed <= CASES; seed++) {
        struct rng rng;
        seed_now = seed;
        struct world w;
        struct script s;
        rng_seed(&rng, seed);
        draw_world(&rng, &w);
        draw_script(&rng, &s);
        struct rig r = run(&w, &s, &PLAIN);
        for (int32_t i = 0; i < r.result->fills; i++)
            check_fill(&w, &s, r.result, &r.result->fill[i]);
        check_sums(r.result, &r);
        check_ends(&s, r.result);
        check_trades(r.result);
        check_fees(r.result);
        for (int i = 0; i < BT_REASONS; i++)
            reasons[i] += r.result->reasons[i];
        rig_free(&r);
    }
    for (int i = BT_REASON_FILLED; i < BT_REASONS; i++) /* all were met */
        if (i != BT_REASON_CANCELLED && i < BT_REASON_CONTROL &&
            reasons[i] == 0)
            fail_msg("no order ended with %s", bt_reason_name(i));
}

/* ---- twins --------------------------------------------------------------- */

static void each_case(void (*check)(const struct world *, struct script *),
                      uint64_t first) {
    for (uint64_t seed = first; seed < first + CASES; seed++) {
        struct rng rng;
        seed_now = seed;
        struct world w;
        struct script s;
        rng_seed(&rng, seed);
        draw_world(&rng, &w);
        draw_script(&rng, &s);
        check(&w, &s);
    }
}

static void same_hash(const struct world *w, struct script *s,
                      const struct variant *v) {
    struct rig a = run(w, s, &PLAIN), b = run(w, s, v);
    assert_string_equal(a.result->hash, b.result->hash);
    rig_free(&a);
    rig_free(&b);
}

static void check_permuted(const struct world *w, struct script *s) {
    static const int order[] = {2, 0, 3, 1};
    const struct variant v = {order, ASSETS, 1, 1};
    same_hash(w, s, &v);
}

static void ids_of_assets_change_nothing(void **state) {
    (void)state;
    each_case(check_permuted, 1000);
}

static void check_added(const struct world *w, struct script *s) {
    static const int order[] = {7, 0, 4, 1, 2, 5, 3};
    const struct variant v = {order, 7, 1, 1};
    same_hash(w, s, &v);
}

static void unused_assets_change_nothing(void **state) {
    (void)state;
    each_case(check_added, 2000);
}

static void check_repeated(const struct world *w, struct script *s) {
    same_hash(w, s, &PLAIN);
}

static void a_second_run_is_the_first(void **state) {
    (void)state;
    each_case(check_repeated, 3000);
}

/* All money times 2^k: all money times 2^k, to the bit. */
static void check_scaled(const struct world *w, struct script *s) {
    const struct variant v = {PLAIN_ORDER, ASSETS, 0x1p7, 1};
    struct rig a = run(w, s, &PLAIN), b = run(w, s, &v);
    assert_int_equal(a.result->fills, b.result->fills);
    assert_int_equal(a.result->trades, b.result->trades);
    for (int i = 0; i < a.result->bars; i++) {
        assert_number(b.result->value[i], a.result->value[i] * 0x1p7, 0);
        assert_number(b.result->cash[i], a.result->cash[i] * 0x1p7, 0);
    }
    for (int i = 0; i < a.result->trades; i++)
        assert_number(b.result->trade[i].pnl, a.result->trade[i].pnl * 0x1p7,
                      0);
    rig_free(&a);
    rig_free(&b);
}

static void money_has_no_unit(void **state) {
    (void)state;
    each_case(check_scaled, 4000);
}

/* Without costs and limits, the opposite orders make the opposite profit. */
static void check_mirrored(const struct world *w, struct script *s) {
    const struct variant v = {PLAIN_ORDER, ASSETS, 1, -1};
    s->config.leverage = INFINITY;
    s->config.long_only = 0;
    s->config.commission.kind = BT_COMMISSION_NONE;
    s->config.slippage.kind = BT_SLIPPAGE_NONE;
    s->config.margin.maintenance = 0;   /* asks for equity */
    for (int i = 0; i < ACTIONS; i++) { /* percentages follow the equity */
        struct action *a = &s->actions[i];
        int32_t kind = a->kind % 2 ? BT_ORDER_TARGET_VALUE : BT_ORDER_TARGET;
        int32_t flags = a->flags & ~BT_ORDER_REDUCE_ONLY;
        /* prices do not mirror: spec/property does them */
        *a = (struct action){.day = a->day,
                             .asset = a->asset,
                             .kind = kind,
                             .flags = flags,
                             .amount = a->amount};
    }
    struct rig a = run(w, s, &PLAIN), b = run(w, s, &v);
    for (int i = 0; i < a.result->bars; i++)
        assert_number(b.result->value[i] - 10000, 10000 - a.result->value[i],
                      1e-8);
    assert_int_equal(a.result->trades, b.result->trades);
    rig_free(&a);
    rig_free(&b);
}

static void short_is_the_mirror_of_long(void **state) {
    (void)state;
    each_case(check_mirrored, 5000);
}

static int tell_seed(void **state) {
    (void)state;
    print_message("seeds up to %llu\n", (unsigned long long)seed_now);
    return 0;
}

#define PROPERTY(TEST) cmocka_unit_test_teardown(TEST, tell_seed)

int main(void) {
    const struct CMUnitTest tests[] = {
        PROPERTY(every_run_keeps_its_books),
        PROPERTY(ids_of_assets_change_nothing),
        PROPERTY(unused_assets_change_nothing),
        PROPERTY(a_second_run_is_the_first),
        PROPERTY(money_has_no_unit),
        PROPERTY(short_is_the_mirror_of_long),
    };
    return cmocka_run_group_tests_name("sim properties", tests, NULL,
                                       tape_teardown);
}
