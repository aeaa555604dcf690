/* What an account can pay: buying power, flips, long only.
 *
 * Every amount below is worked out by hand from the bars in sim_market.h.
 */
#include "sim_market.h"

/* ---- buying power -------------------------------------------------------- */

static void a_purchase_is_reduced_to_what_cash_pays(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_DOLLAR, .rate = 0.01, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r);
    /* 9 * 106 = 954, with 9.54 of commission 963.54; ten would be 1070.60 */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 9);
    assert_number(r.account->cash, 1000 - 963.54, 1e-9);
    assert_number(bt_order_get(r.run, id)->amount, 10, 0);
    rig_free(&r);
}

static void a_purchase_that_takes_the_last_cent_is_not_reduced(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1065;
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_TRADE, .rate = 5, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r); /* 1060 + 5 */
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_number(r.account->cash, 0, 0);
    rig_free(&r);
}

static void a_minimum_commission_counts_when_reducing(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 955;
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0, .minimum = 2};
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r); /* 954 + 2 is a unit too many, 848 + 2 is not */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 8);
    assert_number(r.account->cash, 105, 0);
    rig_free(&r);
}

static void what_cannot_be_paid_at_all_is_rejected(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 100;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_NO_CASH, 0);
    assert_number(bt_order_get(r.run, id)->average_price, NAN, 0);
    rig_free(&r);
}

static void the_policy_may_be_to_reject(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.on_insufficient = BT_INSUFFICIENT_REJECT;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10), fits = rig_order(&r, A, 9);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_NO_CASH, 0);
    rig_expect(&r, fits, BT_STATUS_FILLED, BT_REASON_FILLED, 9);
    rig_free(&r);
}

static void leverage_widens_the_buying_power(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.leverage = 2;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 15);
    rig_step(&r); /* 1590 <= 2 * 1000 */
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 15);
    assert_number(r.account->cash, -590, 0);
    id = rig_order(&r, A, 10);
    rig_step(&r);
    /* at 111: equity 1665 - 590 = 1075; 2 * 1075 - 1665 = 485 pay 4 */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 4);
    rig_free(&r);
}

/* 106 q + 2 * 50 <= 2 * 1000: the fee takes equity twice. */
static void a_fee_counts_by_the_leverage(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.leverage = 2;
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_TRADE, .rate = 50, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 30);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 17);
    rig_free(&r);
}

static void unlimited_leverage_asks_nothing(void **state) {
    (void)state;
    struct rig r = market();
    r.config.leverage = INFINITY;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 1000);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 1000);
    assert_number(r.account->cash, 10000 - 106000, 0);
    rig_free(&r);
}

static void shorts_use_buying_power_and_their_proceeds_give_none(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, -15);
    rig_step(&r); /* 9 * 106 = 954 <= 1000 */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, -9);
    assert_number(r.account->cash, 1954, 0);
    assert_number(r.account->portfolio_value, 1954 - 990, 0);
    assert_number(r.account->net, -990, 0);
    assert_number(r.account->gross, 990, 0);
    id = rig_order(&r, B, 1);
    rig_step(&r); /* at the opens: equity 1954 - 999 = 955, gross 999 */
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_NO_CASH, 0);
    id = rig_order(&r, A, 9); /* closing always goes through */
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 9);
    assert_number(r.account->cash, 1954 - 9 * 115, 0);
    rig_free(&r);
}

/* ---- flips and long only ------------------------------------------------- */

static void a_flip_closes_and_opens_in_one_fill(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.1, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r); /* 1060 + 1 */
    int32_t id = rig_order(&r, A, -15);
    rig_step(&r); /* 15 * 111 = 1665 - 1.5 */
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, -15);
    assert_number(r.position[A].amount, -5, 0);
    assert_number(r.account->cash, 10000 - 1061 + 1663.5, 1e-9);
    assert_number(r.account->portfolio_value, 10602.5 - 5 * 118, 1e-9);
    /* 5 at 111 less 0.5 of commission: even at 110.90 */
    assert_number(r.position[A].cost_basis, 110.9, 1e-12);
    rig_order(&r, A, 5);
    rig_step(&r); /* covered at 115, commission 0.5 */
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->fills, 3);
    assert_int_equal(result->trades, 2);
    /* long: 10 * (111 - 106) - 1 - 1.5 * 10/15; short: -5 * 4 - 0.5 - 0.5 */
    assert_number(result->trade[0].amount, 10, 0);
    assert_number(result->trade[0].commission, 2, 1e-12);
    assert_number(result->trade[0].pnl, 48, 1e-12);
    assert_number(result->trade[1].amount, -5, 0);
    assert_number(result->trade[1].entry_price, 111, 0);
    assert_number(result->trade[1].exit_price, 115, 0);
    assert_number(result->trade[1].pnl, -21, 1e-12);
    assert_number(result->value[4], 10027, 1e-9);
    rig_free(&r);
}

/* Bought at 106 * 1.01 = 107.06, sold at 111 * 0.99 = 109.89. Before: cash
 * 1000 - 9 * 107.06 = 36.46, equity at 111: 1035.46. Closing 9 costs 9 * 1.11:
 * 1025.47 pay for 9.33 at 109.89, in tenths 9.3. */
static void the_closing_part_makes_room_for_the_opening_one(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.lot = 0.1;
    r.config.slippage = (bt_slippage){
        .kind = BT_SLIPPAGE_FIXED_BPS, .bps = 100, .volume_limit = 0};
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 9);
    rig_step(&r);
    assert_number(r.account->cash, 36.46, 1e-9);
    int32_t id = rig_order(&r, A, -100);
    rig_step(&r);
    const bt_order *o = bt_order_get(r.run, id);
    assert_number(o->filled, -18.3, 1e-12);
    assert_int_equal(o->reason, BT_REASON_REDUCED_CASH);
    assert_number(r.account->cash, 36.46 + 18.3 * 109.89, 1e-9);
    rig_free(&r);
}

static void covering_a_short_gives_its_cash_back(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, -9);
    rig_step(&r); /* cash 1954 */
    int32_t id = rig_order(&r, A, 20);
    rig_step(&r); /* 9 * 111 = 999 to cover; 955 left pay 8 */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 17);
    assert_number(r.account->cash, 1954 - 17 * 111, 0);
    rig_free(&r);
}

/* From 10 to -10 is as much exposure as before: not a reduction. */
static void a_flip_of_the_same_size_does_not_go_first(void **state) {
    (void)state;
    struct rig r = market();
    r.config.leverage = 4;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r);
    int32_t buy = rig_order(&r, B, 1), flip = rig_order(&r, A, -20);
    int32_t less = rig_order(&r, A, -5);
    rig_step(&r);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->fill[1].order_id, less);
    assert_int_equal(result->fill[2].order_id, buy);
    assert_int_equal(result->fill[3].order_id, flip);
    rig_free(&r);
}

static void a_flip_is_cut_to_its_closing_part_when_it_must(void **state) {
    (void)state;
    struct rig r = market();
    r.config.on_insufficient = BT_INSUFFICIENT_REJECT;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r);
    /* the short part, 990 * 111, is far beyond 10,050 of equity */
    int32_t id = rig_order(&r, A, -1000);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_NO_CASH, -10);
    assert_number(r.position[A].amount, 0, 0);
    assert_number(r.position[A].cost_basis, 0, 0);
    assert_number(r.account->cash, 8940 + 1110, 0);
    rig_free(&r);
}

static void long_only_closes_and_opens_no_short(void **state) {
    (void)state;
    struct rig r = market();
    r.config.long_only = 1;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    int32_t b = rig_order(&r, B, -1);
    rig_step(&r);
    rig_expect(&r, b, BT_STATUS_REJECTED, BT_REASON_LONG_ONLY, 0);
    int32_t a = rig_order(&r, A, -15);
    rig_step(&r);
    rig_expect(&r, a, BT_STATUS_PARTIAL, BT_REASON_LONG_ONLY, -10);
    assert_number(r.position[A].amount, 0, 0);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_purchase_is_reduced_to_what_cash_pays),
        cmocka_unit_test(a_purchase_that_takes_the_last_cent_is_not_reduced),
        cmocka_unit_test(a_minimum_commission_counts_when_reducing),
        cmocka_unit_test(what_cannot_be_paid_at_all_is_rejected),
        cmocka_unit_test(the_policy_may_be_to_reject),
        cmocka_unit_test(leverage_widens_the_buying_power),
        cmocka_unit_test(a_fee_counts_by_the_leverage),
        cmocka_unit_test(unlimited_leverage_asks_nothing),
        cmocka_unit_test(shorts_use_buying_power_and_their_proceeds_give_none),
        cmocka_unit_test(a_flip_closes_and_opens_in_one_fill),
        cmocka_unit_test(the_closing_part_makes_room_for_the_opening_one),
        cmocka_unit_test(covering_a_short_gives_its_cash_back),
        cmocka_unit_test(a_flip_of_the_same_size_does_not_go_first),
        cmocka_unit_test(a_flip_is_cut_to_its_closing_part_when_it_must),
        cmocka_unit_test(long_only_closes_and_opens_no_short),
    };
    return cmocka_run_group_tests_name("sim power", tests, NULL, tape_teardown);
}
