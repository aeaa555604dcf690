/* The books: FIFO round trips, commissions pro rata, cost basis, marking.
 *
 * Every amount below is worked out by hand from the bars in sim_market.h.
 */
#include "sim_market.h"

/* Buys 10 at 106 and 20 at 111, sells 15 at 115 and 15 at 101, 0.1 a share. */
static void first_in_first_out(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.1, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r);
    assert_number(r.position[A].cost_basis, 106.1, 1e-12);
    rig_order(&r, A, 20);
    rig_step(&r); /* (1060 + 1 + 2220 + 2) / 30 */
    assert_number(r.position[A].cost_basis, 3283 / 30.0, 1e-12);
    rig_order(&r, A, -15);
    rig_step(&r); /* left: 15 of 111 with 1.5 of the 2 */
    assert_number(r.position[A].cost_basis, 111.1, 1e-12);
    rig_order(&r, A, -15);
    rig_step(&r);
    const bt_result *result = rig_finish(&r);
    const bt_trade *t = result->trade;
    assert_int_equal(result->trades, 3);
    /* 10 * 9, entry 1 and 10/15 of 1.5 */
    assert_number(t[0].amount, 10, 0);
    assert_number(t[0].commission, 2, 1e-12);
    assert_number(t[0].pnl, 88, 1e-12);
    assert_int_equal(t[0].bars, 2);
    assert_int_equal(t[0].entry_time, tape_open_time(1));
    assert_int_equal(t[0].exit_time, tape_open_time(3));
    /* 5 * 4, a quarter of 2 and a third of 1.5 */
    assert_number(t[1].amount, 5, 0);
    assert_number(t[1].entry_price, 111, 0);
    assert_number(t[1].exit_price, 115, 0);
    assert_number(t[1].commission, 1, 1e-12);
    assert_number(t[1].pnl, 19, 1e-12);
    /* 15 * -10, 1.5 and 1.5 */
    assert_number(t[2].amount, 15, 0);
    assert_number(t[2].pnl, -153, 1e-12);
    assert_number(result->value[4], 10000 + 88 + 19 - 153, 1e-9);
    assert_number(result->metrics[BT_METRIC_TOTAL_COMMISSION], 6, 1e-12);
    rig_free(&r);
}

static void a_commission_of_an_order_is_shared_by_its_trades(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_TRADE, .rate = 10, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 4);
    rig_step(&r);
    rig_order(&r, A, -1);
    rig_step(&r);
    rig_order(&r, A, -3);
    const bt_result *result = rig_finish(&r);
    /* entry 10 in four parts; exits 10 each (field.md, trap 10) */
    assert_number(result->trade[0].commission, 2.5 + 10, 0);
    assert_number(result->trade[1].commission, 7.5 + 10, 0);
    double pnl = result->trade[0].pnl + result->trade[1].pnl;
    assert_number(result->value[4] - 10000, pnl, 1e-9);
    rig_free(&r);
}

static void short_round_trips_gain_when_prices_fall(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission = (bt_commission){
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.1, .minimum = 0};
    rig_start(&r);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r);
    rig_order(&r, A, -10);
    rig_step(&r); /* at 115, proceeds less 1: even at 114.90 */
    assert_number(r.position[A].cost_basis, 114.9, 1e-12);
    rig_order(&r, A, 10);
    const bt_result *result = rig_finish(&r); /* at 101 */
    assert_number(result->trade[0].amount, -10, 0);
    assert_number(result->trade[0].pnl, 140 - 2, 1e-12);
    assert_number(result->value[4], 10138, 1e-9);
    rig_free(&r);
}

static void the_account_holds_all_assets_together(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_order(&r, B, -20);
    rig_order(&r, C, 4);
    for (int day = 1; day < 4; day++)
        rig_step(&r);
    /* cash 10000 - 1060 + 1000 - 100; day 3: A 100, B 53, C 25.5 */
    assert_number(r.account->cash, 9840, 0);
    assert_number(r.account->positions_value, 1000 - 1060 + 102, 0);
    assert_number(r.account->net, 42, 0);
    assert_number(r.account->gross, 1000 + 1060 + 102, 0);
    assert_number(r.account->portfolio_value, 9882, 0);
    assert_number(r.account->starting_cash, 10000, 0);
    assert_int_equal(r.account->now, tape_close_time(3));
    assert_int_equal(r.account->row, 3);
    rig_free(&r);
}

static void a_closed_position_leaves_nothing_behind(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_order(&r, B, 10);
    rig_step(&r);
    rig_order(&r, A, -10);
    rig_step(&r);
    assert_number(r.position[A].amount, 0, 0);
    assert_number(r.position[A].cost_basis, 0, 0);
    assert_number(r.position[A].last_price, 0, 0);
    assert_number(r.account->positions_value, 520, 0); /* B is still marked */
    rig_order(&r, B, -10);
    rig_step(&r);
    assert_number(r.account->gross, 0, 0);
    const bt_result *result = rig_finish(&r);
    assert_number(result->metrics[BT_METRIC_EXPOSURE_TIME], 2 / 5.0, 1e-15);
    rig_free(&r);
}

static void open_positions_are_marked_at_the_end_not_closed(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->fills, 1);
    assert_int_equal(result->trades, 0);
    assert_number(result->value[4], 8940 + 1040, 0);
    assert_number(result->metrics[BT_METRIC_TRADES], 0, 0);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_in_first_out),
        cmocka_unit_test(a_commission_of_an_order_is_shared_by_its_trades),
        cmocka_unit_test(short_round_trips_gain_when_prices_fall),
        cmocka_unit_test(the_account_holds_all_assets_together),
        cmocka_unit_test(a_closed_position_leaves_nothing_behind),
        cmocka_unit_test(open_positions_are_marked_at_the_end_not_closed),
    };
    return cmocka_run_group_tests_name("sim ledger", tests, NULL,
                                       tape_teardown);
}
