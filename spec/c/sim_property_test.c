/* What holds for every run: random markets, random strategies (sim_script.h).
 *
 * The build under test recomputes the books from the fills on every bar
 * (ledger_audit.c): a step fails when cash, positions, equity or profits do not
 * add up.
 */
#include "sim_script.h"

enum { CASES = 200 };

static uint64_t seed_now; /* printed after each test, the failing one's too */

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
    const int32_t closes = BT_ORDER_AT_CLOSE | BT_ORDER_CLOSING;
    bool market = isnan(o->limit) && isnan(o->stop);
    if (market && !(o->flags & closes))
        assert_int_equal(at_close, s->config.fill != BT_FILL_NEXT_OPEN);
    if (!market)
        assert_false(at_close);
    assert_true(f->price <= b->high && f->price >= b->low);
    bool same =
        s->config.fill == BT_FILL_SAME_CLOSE || (o->flags & BT_ORDER_CLOSING);
    assert_true(same ? f->time >= o->created : f->time > o->created);
    if (!isnan(o->limit) && !changed[o->id]) /* never worse than it */
        assert_true(f->amount > 0 ? f->price <= o->limit
                                  : f->price >= o->limit);
    assert_true(b->volume > 0);
    if (o->tif == BT_TIF_GTD)
        assert_true(f->time < o->until);
    if (o->tif == BT_TIF_DAY) /* the next session, or this close */
        assert_true(f->bar == o->created_row + !at_close ||
                    f->bar == o->created_row + 1);
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

/* What may only reduce does: no fill of it adds to a position or turns it. */
static void check_reductions(const bt_result *r) {
    const int32_t flags = BT_ORDER_REDUCE_ONLY | BT_ORDER_FORCED;
    double held[ASSETS] = {0};
    for (int32_t i = 0; i < r->fills; i++) {
        const bt_fill *f = &r->fill[i];
        double before = held[f->sid], after = before + f->amount;
        held[f->sid] = fabs(after) < 1e-9 ? 0 : after;
        if (r->order[f->order_id - 1].flags & flags)
            assert_true(before * f->amount < 0 && before * after > -1e-9);
    }
}

static bool lasted(int32_t reason) {
    return reason == BT_REASON_END_OF_RUN || reason == BT_REASON_NO_BAR ||
           reason == BT_REASON_NOT_REACHED || reason == BT_REASON_NO_VOLUME;
}

/* Time ends an order that is good for so long, and no other: what is good till
 * cancelled and meets nothing lasts to the end of the run. */
static void check_time(const struct script *s, const bt_result *r) {
    int32_t till_cancelled = 0;
    for (int32_t i = 0; i < r->orders; i++) {
        const bt_order *o = &r->order[i];
        till_cancelled += o->tif == BT_TIF_GTC;
        if (o->reason == BT_REASON_EXPIRED)
            assert_true(o->tif != BT_TIF_GTC);
        if (o->tif == BT_TIF_DAY)
            assert_true(o->ended <= tape_close_time(o->created_row + 1));
        if (lasted(o->reason))
            assert_int_equal(o->ended, tape_close_time(DAYS - 1));
    }
    if (!s->day_orders) /* half of the orders say nothing */
        assert_true(till_cancelled > 0);
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
        check_reductions(r.result);
        check_time(&s, r.result);
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
    const struct variant v = {order, ASSETS, 1, 1, 0};
    same_hash(w, s, &v);
}

static void ids_of_assets_change_nothing(void **state) {
    (void)state;
    each_case(check_permuted, 1000);
}

static void check_added(const struct world *w, struct script *s) {
    static const int order[] = {7, 0, 4, 1, 2, 5, 3};
    const struct variant v = {order, 7, 1, 1, 0};
    same_hash(w, s, &v);
}

static void unused_assets_change_nothing(void **state) {
    (void)state;
    each_case(check_added, 2000);
}

static void check_repeated(const struct world *w, struct script *s) {
    struct rig a = run(w, s, &PLAIN), b = run_again(&a, w, s, &PLAIN);
    assert_string_equal(a.result->hash, b.result->hash);
    rig_free(&a);
    rig_free(&b);
}

static void a_second_run_is_the_first(void **state) {
    (void)state;
    each_case(check_repeated, 3000);
}

/* All money times 2^k: all money times 2^k, to the bit. */
static void check_scaled(const struct world *w, struct script *s) {
    const struct variant v = {PLAIN_ORDER, ASSETS, 0x1p7, 1, 0};
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

/* No costs and nothing that asks for equity; amounts in units. */
static void make_free(struct script *s) {
    s->config.leverage = INFINITY;
    s->config.long_only = 0;
    s->config.commission.kind = BT_COMMISSION_NONE;
    s->config.slippage.kind = BT_SLIPPAGE_NONE;
    s->config.margin.maintenance = 0;
    for (int i = 0; i < ACTIONS; i++) {
        struct action *a = &s->actions[i];
        a->amount = a->kind > BT_ORDER_PERCENT || fabs(a->amount) > 100
                        ? fmod(a->amount, 100)
                        : a->amount;
        a->kind = a->kind % 2 ? BT_ORDER_TARGET : BT_ORDER_AMOUNT;
    }
}

/* The opposite orders at the same prices make the opposite profit. */
static void check_opposite(const struct world *w, struct script *s) {
    const struct variant v = {PLAIN_ORDER, ASSETS, 1, -1, 0};
    make_free(s);
    for (int i = 0; i < ACTIONS; i++) { /* without prices of their own */
        struct action *a = &s->actions[i];
        *a = (struct action){.day = a->day,
                             .asset = a->asset,
                             .kind = a->kind,
                             .flags = a->flags & ~BT_ORDER_REDUCE_ONLY,
                             .amount = a->amount};
    }
    struct rig a = run(w, s, &PLAIN), b = run_again(&a, w, s, &v);
    for (int i = 0; i < a.result->bars; i++)
        assert_number(b.result->value[i] - 10000, 10000 - a.result->value[i],
                      1e-8);
    assert_int_equal(a.result->trades, b.result->trades);
    rig_free(&a);
    rig_free(&b);
}

/* The opposite orders of every kind in a market upside down make the same
 * profit. */
static void check_mirrored(const struct world *w, struct script *s) {
    const struct variant v = {PLAIN_ORDER, ASSETS, 1, -1, 8192};
    make_free(s);
    if (s->config.intrabar == BT_INTRABAR_OHLC) /* high comes before low */
        s->config.intrabar = BT_INTRABAR_PESSIMISTIC;
    for (int i = 0; i < ACTIONS; i++) { /* a share of a price is no distance */
        struct action *a = &s->actions[i];
        a->trail += a->trail_percent;
        a->trail_percent = 0;
    }
    struct rig a = run(w, s, &PLAIN), b = run(w, s, &v);
    assert_int_equal(a.result->fills, b.result->fills);
    for (int i = 0; i < a.result->fills; i++)
        assert_number(b.result->fill[i].price, 8192 - a.result->fill[i].price,
                      1e-8);
    for (int i = 0; i < a.result->bars; i++)
        assert_number(b.result->value[i], a.result->value[i], 1e-5);
    for (int i = 0; i < a.result->orders; i++)
        assert_int_equal(a.result->order[i].reason, b.result->order[i].reason);
    rig_free(&a);
    rig_free(&b);
}

static void opposite_orders_make_the_opposite(void **state) {
    (void)state;
    each_case(check_opposite, 5000);
}

static void short_is_the_mirror_of_long(void **state) {
    (void)state;
    each_case(check_mirrored, 6000);
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
        PROPERTY(opposite_orders_make_the_opposite),
        PROPERTY(short_is_the_mirror_of_long),
    };
    return cmocka_run_group_tests_name("sim properties", tests, NULL,
                                       tape_teardown);
}
