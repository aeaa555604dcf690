/* When and at what price orders trade, phases, volume, size at the fill.
 *
 * Every amount below is worked out by hand from the bars in sim_market.h.
 */
#include "sim_market.h"

/* ---- fill policies ------------------------------------------------------- */

static void next_open_trades_at_the_open_of_the_next_bar(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    assert_number(r.position[A].amount, 0, 0);
    assert_int_equal(r.account->open_orders, 1);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_number(bt_order_get(r.run, id)->average_price, 106, 0);
    assert_int_equal(bt_order_get(r.run, id)->ended, tape_open_time(1));
    assert_number(r.account->cash, 10000 - 1060, 0);
    assert_number(r.account->portfolio_value, 8940 + 1100, 0);
    assert_number(r.account->gross, 1100, 0);
    assert_number(r.position[A].amount, 10, 0);
    assert_number(r.position[A].cost_basis, 106, 0);
    assert_number(r.position[A].last_price, 110, 0);
    assert_int_equal(r.account->open_orders, 0);
    rig_free(&r);
}

static void next_close_trades_at_the_close_of_the_next_bar(void **state) {
    (void)state;
    struct rig r = market();
    r.config.fill = BT_FILL_NEXT_CLOSE;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_number(bt_order_get(r.run, id)->average_price, 110, 0);
    assert_int_equal(bt_order_get(r.run, id)->ended, tape_close_time(1));
    assert_number(r.account->cash, 8900, 0);
    assert_number(r.account->portfolio_value, 10000, 0);
    rig_free(&r);
}

static void same_close_trades_at_the_close_of_the_decision(void **state) {
    (void)state;
    struct rig r = market();
    r.config.fill = BT_FILL_SAME_CLOSE;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    assert_number(r.position[A].amount, 0, 0);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_int_equal(bt_order_get(r.run, id)->ended, tape_close_time(0));
    assert_number(r.account->cash, 8950, 0);
    assert_number(r.account->portfolio_value, 8950 + 1100, 0);
    const bt_result *result = rig_finish(&r);
    assert_number(result->cash[0], 8950, 0); /* the point of day 0 has it */
    assert_number(result->value[0], 10000, 0);
    rig_free(&r);
}

static void same_close_works_the_last_bar_too(void **state) {
    (void)state;
    struct rig r = market();
    r.config.fill = BT_FILL_SAME_CLOSE;
    rig_start(&r);
    for (int day = 0; day < 5; day++)
        rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->order[id - 1].reason, BT_REASON_FILLED);
    assert_number(result->cash[4], 10000 - 1040, 0);
    rig_free(&r);
}

static void costs_are_taken_from_cash(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.01, .minimum = 1};
    r.config.slippage = (bt_slippage){
        .kind = BT_SLIPPAGE_FIXED_BPS, .bps = 50, .volume_limit = 0};
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r);
    /* 106 * 1.005 = 106.53, ten of them 1065.30; 0.10 is below the minimum 1 */
    assert_number(r.account->cash, 10000 - 1065.3 - 1, 1e-9);
    assert_number(r.account->commission, 1, 0);
    assert_number(r.account->slippage, 5.3, 1e-9);
    assert_number(r.position[A].cost_basis, 106.63, 1e-9);
    assert_number(bt_order_get(r.run, id)->commission, 1, 0);
    assert_number(bt_order_get(r.run, id)->slippage, 5.3, 1e-9);
    rig_order(&r, A, -10);
    rig_step(&r);
    /* 111 * 0.995 = 110.445 */
    assert_number(r.account->cash, 8933.7 + 1104.45 - 1, 1e-9);
    assert_number(r.account->slippage, 5.3 + 5.55, 1e-9);
    rig_free(&r);
}

/* ---- gaps ---------------------------------------------------------------- */

static void an_order_waits_for_a_bar_of_its_asset(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, C, 10);
    rig_step(&r);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_OPEN, BT_REASON_NONE, 0);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_number(r.account->cash, 10000 - 250, 0);
    assert_number(r.account->portfolio_value, 9750 + 255, 0);
    rig_step(&r); /* no bar on day 4: marked at the last close, 25.5 */
    assert_number(r.account->portfolio_value, 9750 + 255, 0);
    rig_free(&r);
}

static void units_can_be_ordered_before_the_listing(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, D, 10);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 10);
    assert_number(r.account->cash, 9920, 0);
    rig_free(&r);
}

/* ---- volume -------------------------------------------------------------- */

static void a_bar_gives_its_share_of_volume_and_the_rest_waits(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.1, .minimum = 0.5};
    r.config.slippage.volume_limit = 0.1; /* 3 of 30 */
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, B, 8);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_OPEN, BT_REASON_NONE, 3);
    assert_number(r.account->commission, 0.5, 0); /* 0.3 is below 0.5 */
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_OPEN, BT_REASON_NONE, 6);
    assert_number(r.account->commission, 0.6, 1e-15);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 8);
    assert_number(r.account->commission, 0.8, 1e-15);
    /* 3 at 50, 3 at 52, 2 at 52: 410 for 8 */
    assert_number(bt_order_get(r.run, id)->average_price, 51.25, 0);
    assert_number(r.account->cash, 10000 - 410 - 0.8, 1e-9);
    rig_free(&r);
}

static void orders_of_an_asset_share_the_volume_of_a_bar(void **state) {
    (void)state;
    struct rig r = market();
    r.config.slippage.volume_limit = 0.1;
    rig_start(&r);
    rig_step(&r);
    int32_t first = rig_order(&r, B, 2), second = rig_order(&r, B, 2);
    int32_t other = rig_order(&r, A, 2);
    rig_step(&r);
    rig_expect(&r, first, BT_STATUS_FILLED, BT_REASON_FILLED, 2);
    rig_expect(&r, second, BT_STATUS_OPEN, BT_REASON_NONE, 1);
    rig_expect(&r, other, BT_STATUS_FILLED, BT_REASON_FILLED, 2);
    rig_step(&r);
    rig_expect(&r, second, BT_STATUS_FILLED, BT_REASON_FILLED, 2);
    rig_free(&r);
}

static void sales_take_volume_like_purchases(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_set_slippage(r.run, &(bt_slippage){.kind = BT_SLIPPAGE_NONE,
                                                      .bps = 0,
                                                      .volume_limit = 0.1}));
    rig_step(&r);
    int32_t buy = rig_order(&r, B, 3);
    rig_step(&r);
    rig_expect(&r, buy, BT_STATUS_FILLED, BT_REASON_FILLED, 3);
    int32_t sell = rig_order(&r, B, -2);
    int32_t more = rig_order(&r, B, 2);
    rig_step(&r); /* the sale reduces: it takes 2 of 3, one is left */
    rig_expect(&r, sell, BT_STATUS_FILLED, BT_REASON_FILLED, -2);
    rig_expect(&r, more, BT_STATUS_OPEN, BT_REASON_NONE, 1);
    rig_free(&r);
}

/* ---- phases -------------------------------------------------------------- */

static void what_reduces_exposure_goes_first(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 90);
    rig_step(&r); /* 90 * 106 = 9540 */
    assert_number(r.account->cash, 460, 0);
    int32_t buy = rig_order(&r, B, 100), sell = rig_order(&r, A, -90);
    rig_step(&r); /* + 90 * 111 = 9990, then - 100 * 52 */
    rig_expect(&r, buy, BT_STATUS_FILLED, BT_REASON_FILLED, 100);
    assert_number(r.account->cash, 460 + 9990 - 5200, 0);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->fill[1].order_id, sell);
    assert_int_equal(result->fill[2].order_id, buy);
    rig_free(&r);
}

static void purchases_compete_in_submission_order(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    rig_start(&r);
    rig_step(&r);
    int32_t a = rig_order(&r, A, 5), b = rig_order(&r, B, 20);
    rig_step(&r); /* 530 for A; 470 pay 9 of B at 50 */
    rig_expect(&r, a, BT_STATUS_FILLED, BT_REASON_FILLED, 5);
    rig_expect(&r, b, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 9);
    assert_number(r.account->cash, 20, 0);
    rig_free(&r);
}

/* Of two sales of all that is held only the first reduces. */
static void exposure_is_looked_at_when_an_order_is_worked(void **state) {
    (void)state;
    struct rig r = market();
    r.config.leverage = 4;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r);
    int32_t one = rig_order(&r, A, -10), two = rig_order(&r, A, -10);
    int32_t buy = rig_order(&r, B, 1);
    rig_step(&r);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->fill[1].order_id, one);
    assert_int_equal(result->fill[2].order_id, two); /* before buy: older */
    assert_int_equal(result->fill[3].order_id, buy);
    assert_number(result->fill[2].amount, -10, 0);
    rig_free(&r);
}

/* ---- size at the fill ---------------------------------------------------- */

static int32_t target_at_fill(struct rig *r, int32_t sid, double part) {
    return rig_order_flags(r, sid, BT_ORDER_TARGET_PERCENT, part,
                           BT_ORDER_SIZE_AT_FILL);
}

static void size_at_fill_uses_the_price_of_the_fill(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    int32_t early = rig_order_flags(&r, A, BT_ORDER_PERCENT, 0.2, 0);
    int32_t late =
        rig_order_flags(&r, A, BT_ORDER_PERCENT, 0.3, BT_ORDER_SIZE_AT_FILL);
    int32_t value =
        rig_order_flags(&r, B, BT_ORDER_VALUE, 1020, BT_ORDER_SIZE_AT_FILL);
    assert_number(bt_order_get(r.run, early)->amount, 19, 0); /* 2000/105 */
    assert_number(bt_order_get(r.run, late)->amount, 0, 0);
    rig_step(&r);
    rig_expect(&r, late, BT_STATUS_FILLED, BT_REASON_FILLED, 28);  /* /106 */
    rig_expect(&r, value, BT_STATUS_FILLED, BT_REASON_FILLED, 20); /* /50 */
    assert_number(bt_order_get(r.run, late)->amount, 28, 0);
    rig_free(&r);
}

static void size_at_fill_takes_equity_at_the_prices_of_the_phase(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 50);
    rig_step(&r); /* cash 4700 */
    int32_t id = target_at_fill(&r, A, 1.0);
    rig_step(&r);
    /* 4700 + 50 * 111 = 10,250; / 111 = 92.3; less 50 held */
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 42);
    assert_number(r.account->cash, 4700 - 42 * 111, 0);
    rig_free(&r);
}

static void an_asset_without_a_bar_counts_at_its_last_close(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, C, 10);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r); /* day 3: 10 of C at 25, cash 9750 */
    int32_t id = target_at_fill(&r, A, 0.5);
    rig_step(&r); /* 9750 + 10 * 25.5 = 10,005; half of it / 101 = 49.5 */
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 49);
    rig_free(&r);
}

static void a_target_given_twice_is_bought_once(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    int32_t one = target_at_fill(&r, C, 0.5);
    rig_step(&r); /* C has no bar: still open */
    int32_t two = target_at_fill(&r, C, 0.5);
    rig_step(&r);
    rig_step(&r); /* 5000 / 25 */
    rig_expect(&r, one, BT_STATUS_FILLED, BT_REASON_FILLED, 200);
    rig_expect(&r, two, BT_STATUS_CANCELLED, BT_REASON_AT_TARGET, 0);
    rig_free(&r);
}

static void size_at_fill_says_when_it_is_less_than_a_lot(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 100;
    rig_start(&r);
    rig_step(&r);
    int32_t id = target_at_fill(&r, A, 0.5);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_BELOW_LOT, 0);
    rig_free(&r);
}

/* ---- fractions ----------------------------------------------------------- */

static void fractional_lots_leave_no_dust(void **state) {
    (void)state;
    struct rig r = market();
    r.config.lot = 0.1;
    rig_start(&r);
    for (int i = 0; i < 3; i++) {
        rig_step(&r);
        rig_order(&r, A, 0.1); /* 0.1 + 0.1 + 0.1 is 0.30000000000000004 */
    }
    rig_step(&r);
    assert_number(r.position[A].amount, 3 * 0.1, 0);
    assert_int_not_equal(rig_order_flags(&r, A, BT_ORDER_TARGET, 0, 0), 0);
    rig_step(&r);
    assert_number(r.position[A].amount, 0, 0);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->trades, 3);
    assert_number(result->trade[2].amount, 0.1, 1e-15);
    rig_free(&r);
}

static void a_reduction_is_in_whole_lots(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 1000;
    r.config.lot = 0.25;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, A, 10);
    rig_step(&r); /* 1000 / 106 = 9.43: 9.25 */
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 9.25);
    assert_number(r.account->cash, 1000 - 9.25 * 106, 0);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_open_trades_at_the_open_of_the_next_bar),
        cmocka_unit_test(next_close_trades_at_the_close_of_the_next_bar),
        cmocka_unit_test(same_close_trades_at_the_close_of_the_decision),
        cmocka_unit_test(same_close_works_the_last_bar_too),
        cmocka_unit_test(costs_are_taken_from_cash),
        cmocka_unit_test(an_order_waits_for_a_bar_of_its_asset),
        cmocka_unit_test(units_can_be_ordered_before_the_listing),
        cmocka_unit_test(a_bar_gives_its_share_of_volume_and_the_rest_waits),
        cmocka_unit_test(orders_of_an_asset_share_the_volume_of_a_bar),
        cmocka_unit_test(sales_take_volume_like_purchases),
        cmocka_unit_test(what_reduces_exposure_goes_first),
        cmocka_unit_test(purchases_compete_in_submission_order),
        cmocka_unit_test(exposure_is_looked_at_when_an_order_is_worked),
        cmocka_unit_test(size_at_fill_uses_the_price_of_the_fill),
        cmocka_unit_test(size_at_fill_takes_equity_at_the_prices_of_the_phase),
        cmocka_unit_test(an_asset_without_a_bar_counts_at_its_last_close),
        cmocka_unit_test(a_target_given_twice_is_bought_once),
        cmocka_unit_test(size_at_fill_says_when_it_is_less_than_a_lot),
        cmocka_unit_test(fractional_lots_leave_no_dust),
        cmocka_unit_test(a_reduction_is_in_whole_lots),
    };
    return cmocka_run_group_tests_name("sim fills", tests, NULL, tape_teardown);
}
