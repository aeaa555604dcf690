/* Interest, borrowing, margin calls and capital changes.
 *
 * Every amount below is worked out by hand from the bars in sim_market.h; a
 * night is a day, so a rate of 3.65 a year is a hundredth of it.
 */
#include "sim_market.h"

static struct rig account(bt_margin margin) {
    struct rig r = market();
    r.config.margin = margin;
    return r;
}

/* 10,000 earn a hundredth on each of four nights. */
static void cash_earns_interest(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.cash_rate = 3.65});
    rig_start(&r);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->flows, 4);
    assert_number(result->flow[0].amount, 100, 1e-9);
    assert_int_equal(result->flow[0].kind, BT_FLOW_INTEREST);
    assert_int_equal(result->flow[0].sid, -1);
    assert_int_equal(result->flow[0].time, tape_open_time(1));
    assert_number(result->value[4], 10000 * 1.01 * 1.01 * 1.01 * 1.01, 1e-9);
    rig_free(&r);
}

/* 150 A at 106 with 10,000: 5,900 are owed over the night to day 2. */
static void debt_costs_interest(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.debit_rate = 3.65, .cash_rate = 1});
    r.config.leverage = 2;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 150);
    rig_step(&r);
    double night = 10000 / 365.0; /* cash_rate 1, before the purchase */
    assert_number(r.account->cash, 10000 + night - 15900, 1e-9);
    rig_step(&r);
    assert_number(r.account->cash, (night - 5900) * 1.01, 1e-9);
    assert_number(r.account->carry, night + (night - 5900) * 0.01, 1e-9);
    rig_free(&r);
}

/* 10 A short at 106: the nights after the closes at 110 and 118 cost 11 and
 * 11.8. The proceeds earn nothing. */
static void short_positions_pay_for_borrowing(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.borrow_rate = 3.65});
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, -10);
    rig_step(&r);
    assert_number(r.account->cash, 11060, 0);
    rig_step(&r);
    assert_number(r.account->cash, 11060 - 11, 1e-9);
    rig_order(&r, A, 10); /* at 115 */
    rig_step(&r);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->flows, 2);
    assert_int_equal(result->flow[1].sid, A);
    assert_int_equal(result->flow[1].kind, BT_FLOW_BORROW);
    assert_number(result->flow[1].amount, -11.8, 1e-9);
    assert_number(result->value[4], 11060 - 11 - 11.8 - 1150, 1e-9);
    assert_number(result->trade[0].pnl, -90, 1e-9);
    rig_free(&r);
}

/* Of 11,060 in cash 1,100 are owed to the lender: 9,960 earn. */
static void proceeds_of_a_short_sale_earn_nothing(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.cash_rate = 3.65});
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, -10);
    rig_step(&r);
    assert_number(r.account->cash, 10000 + 100 + 1060, 1e-9);
    rig_step(&r);
    assert_number(r.account->cash, 11160 + (11160 - 1100) * 0.01, 1e-9);
    rig_free(&r);
}

static void an_asset_may_have_its_own_borrow_rate(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.borrow_rate = 3.65});
    rig_start(&r);
    tape_ok(bt_run_set_borrow_rate(r.run, A, 7.3));
    assert_int_equal(bt_run_set_borrow_rate(r.run, 4, 0), BT_E_NAME);
    assert_int_equal(bt_run_set_borrow_rate(r.run, A, -1), BT_E_RANGE);
    rig_step(&r);
    rig_order(&r, A, -10);
    rig_order(&r, B, -10);
    rig_step(&r);
    rig_step(&r); /* 10 * 110 at 2 %, 10 * 51 at 1 % */
    assert_number(r.account->carry, -22 - 5.1, 1e-9);
    rig_free(&r);
}

/* 180 A at 106 owe 9,080. At the close of day 3, at 100, equity is 8,920 of
 * 18,000: under half. Twice 8,920 may stay: 178.4 units, so 2 go at 101. */
static void a_margin_call_cuts_positions(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.maintenance = 0.5});
    r.config.leverage = 2;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 180);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r);
    assert_int_equal(r.account->margin_calls, 0);
    int32_t more = rig_order(&r, B, 5);
    rig_step(&r);
    assert_int_equal(r.account->margin_calls, 1);
    rig_expect(&r, more, BT_STATUS_CANCELLED, BT_REASON_MARGIN_CALL, 0);
    rig_expect(&r, more + 1, BT_STATUS_FILLED, BT_REASON_MARGIN_CALL, -2);
    assert_number(r.position[A].amount, 178, 0);
    assert_number(r.account->cash, -9080 + 2 * 101, 1e-9);
    rig_free(&r);
}

/* 160 A short at 106 bring 16,960. At 118 equity is 8,080 of 18,880; at a
 * maintenance of 0.5 it may carry 2 * 8,080: 136.9 units. */
static void a_margin_call_covers_shorts(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.maintenance = 0.5});
    r.config.leverage = 2;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, -160);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r);
    assert_number(r.position[A].amount, -136, 0);
    assert_number(r.account->cash, 26960 - 24 * 115, 1e-9);
    rig_free(&r);
}

static void without_equity_everything_goes(void **state) {
    (void)state;
    static const struct tape_bar crash[] = {{0, 100, 100, 100, 100, 1e6},
                                            {1, 100, 100, 100, 100, 1e6},
                                            {2, 40, 40, 40, 40, 1e6},
                                            {3, 40, 40, 40, 40, 1e6}};
    static const struct tape_asset assets[] = {TAPE_ASSET("A", crash)};
    struct rig r = rig_new(assets, 1);
    r.config.margin = (bt_margin){.maintenance = 0.25};
    r.config.leverage = 2;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, 0, 200);
    rig_step(&r);
    rig_step(&r);
    assert_number(r.account->portfolio_value, 8000 - 10000, 0);
    rig_step(&r);
    assert_number(r.position[0].amount, 0, 0);
    assert_number(r.account->cash, -2000, 0);
    rig_free(&r);
}

/* Held flat, deposits are no gains: 50 A from day 1 (106), 5,000 more on day 2.
 * Equity by day: 10000, 10200, 15600, 14700, 14900. Before the deposit a unit
 * is worth 1.02; 15,000 units at 1.02 were 15,200, so 14,901.96 units. */
static void a_deposit_is_no_gain(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(
        bt_run_add_capital_change(r.run, "2024-01-03", BT_CAPITAL_DELTA, 5000));
    rig_step(&r);
    rig_order(&r, A, 50);
    const bt_result *result = rig_finish(&r);
    double units = 10000 * (15200 / 10200.0);
    assert_int_equal(result->flows, 1);
    assert_int_equal(result->flow[0].kind, BT_FLOW_DEPOSIT);
    assert_int_equal(result->flow[0].time, tape_open_time(2));
    assert_number(result->value[2], 15600, 1e-9);
    assert_number(result->performance[1], 10200, 1e-9);
    assert_number(result->performance[4], 14900 / units * 10000, 1e-8);
    assert_number(result->metrics[BT_METRIC_TOTAL_RETURN], 14900 / units - 1,
                  1e-12);
    rig_free(&r);
}

static void a_target_is_reached_and_a_withdrawal_needs_cash(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_add_capital_change(r.run, "2024-01-02", BT_CAPITAL_TARGET,
                                      4000));
    tape_ok(bt_run_add_capital_change(r.run, "2024-01-04", BT_CAPITAL_DELTA,
                                      -2000));
    assert_int_equal(
        bt_run_add_capital_change(r.run, "2024-01-04", BT_CAPITAL_DELTA, 1),
        BT_E_USAGE);
    assert_int_equal(
        bt_run_add_capital_change(r.run, "2024-01-05", BT_CAPITAL_DELTA, NAN),
        BT_E_RANGE);
    rig_step(&r);
    rig_step(&r);
    assert_number(r.account->cash, 4000, 0);
    assert_number(r.account->deposits, -6000, 0);
    rig_order(&r, A, 30); /* 3,330 at 111: 670 left */
    rig_step(&r);
    assert_int_equal(bt_run_step(r.run), BT_STEP_FAILED);
    assert_non_null(strstr(bt_error_message(), "capital change of 2024-01-04"));
    rig_free(&r);
}

/* Contracts of 10: 2 A at 106 are 2,120; at 110 they are worth 2,200. A value
 * of 3,500 at 110 buys 3 of them at 111, and 0.1 % of the value is the fee. */
static void contracts_count_times_their_multiplier(void **state) {
    (void)state;
    struct rig r = market();
    r.config.commission =
        (bt_commission){.kind = BT_COMMISSION_PER_DOLLAR, .rate = 0.001};
    rig_start(&r);
    tape_ok(bt_run_set_terms(r.run, A, NAN, 10, NAN));
    rig_step(&r);
    rig_order(&r, A, 2);
    rig_step(&r);
    assert_number(r.account->cash, 10000 - 2120 - 2.12, 1e-9);
    assert_number(r.account->gross, 2200, 1e-9);
    assert_number(r.position[A].cost_basis, (2120 + 2.12) / 20, 1e-12);
    rig_order_flags(&r, A, BT_ORDER_VALUE, 3500, 0);
    rig_step(&r);
    assert_number(r.position[A].amount, 5, 0);
    assert_number(r.account->cash, 10000 - 2122.12 - 3330 - 3.33, 1e-9);
    rig_order_flags(&r, A, BT_ORDER_TARGET, 0, 0); /* at 115 */
    rig_step(&r);
    const bt_result *result = rig_finish(&r);
    /* 5 * 10 * 115 * 0.001 of fees, two and three fifths of it */
    assert_number(result->trade[0].pnl, 20 * 9 - 2.12 - 2.3, 1e-9);
    assert_number(result->trade[1].pnl, 30 * 4 - 3.33 - 3.45, 1e-9);
    rig_free(&r);
}

/* 10,000 buy 9 contracts of 10 at 106, not 94. */
static void buying_power_counts_contracts(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_set_terms(r.run, A, NAN, 10, NAN));
    rig_step(&r);
    int32_t id = rig_order(&r, A, 50);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_REDUCED_CASH, 9);
    rig_free(&r);
}

/* A value of 1,000 at 105 is 9.52 units: 9.5 by halves, 9 by ones for B at 50:
 * 19.9 of 995. */
static void each_asset_has_its_lot(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_set_terms(r.run, A, 0.5, NAN, NAN));
    rig_step(&r);
    rig_order_flags(&r, A, BT_ORDER_VALUE, 1000, 0);
    rig_order_flags(&r, B, BT_ORDER_VALUE, 995, 0);
    rig_step(&r);
    assert_number(r.position[A].amount, 9.5, 0);
    assert_number(r.position[B].amount, 19, 0);
    rig_free(&r);
}

/* Ticks of 5: a limit to buy at 109 asks for 105, a stop to buy waits for 110,
 * the other way round for sales. */
static void prices_are_whole_ticks_against_the_strategy(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_set_terms(r.run, A, NAN, NAN, 5));
    rig_step(&r);
    const double amounts[] = {1, 1, -1, -1, 1};
    const double limits[] = {109, NAN, 111, NAN, 105};
    const double stops[] = {NAN, 106, NAN, 99, NAN};
    const double expected[] = {105, 110, 115, 95, 105};
    for (int i = 0; i < 5; i++) {
        int32_t id = bt_order_submit(r.run, A, BT_ORDER_AMOUNT, amounts[i],
                                     limits[i], stops[i], 0);
        const bt_order *o = bt_order_get(r.run, id);
        assert_number(isnan(limits[i]) ? o->stop : o->limit, expected[i], 0);
    }
    rig_free(&r);
}

static void rules_have_limits_and_their_time(void **state) {
    (void)state;
    struct rig r = account((bt_margin){.maintenance = 2});
    assert_int_equal(bt_run_open(&r.config, &r.run), BT_E_RANGE);
    r.config.margin = (bt_margin){.cash_rate = NAN};
    assert_int_equal(bt_run_open(&r.config, &r.run), BT_E_RANGE);
    r.config.margin = (bt_margin){.cash_rate = 0};
    rig_start(&r);
    assert_int_equal(bt_run_set_terms(r.run, A, 0, 1, 0), BT_E_RANGE);
    assert_int_equal(bt_run_set_terms(r.run, A, NAN, -1, NAN), BT_E_RANGE);
    assert_int_equal(bt_run_set_terms(r.run, -1, 1, 1, 0), BT_E_NAME);
    rig_step(&r);
    assert_int_equal(bt_run_set_margin(r.run, &r.config.margin), BT_E_STATE);
    assert_int_equal(bt_run_set_terms(r.run, A, 1, 1, 0), BT_E_STATE);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cash_earns_interest),
        cmocka_unit_test(debt_costs_interest),
        cmocka_unit_test(short_positions_pay_for_borrowing),
        cmocka_unit_test(proceeds_of_a_short_sale_earn_nothing),
        cmocka_unit_test(an_asset_may_have_its_own_borrow_rate),
        cmocka_unit_test(a_margin_call_cuts_positions),
        cmocka_unit_test(a_margin_call_covers_shorts),
        cmocka_unit_test(without_equity_everything_goes),
        cmocka_unit_test(a_deposit_is_no_gain),
        cmocka_unit_test(a_target_is_reached_and_a_withdrawal_needs_cash),
        cmocka_unit_test(contracts_count_times_their_multiplier),
        cmocka_unit_test(buying_power_counts_contracts),
        cmocka_unit_test(each_asset_has_its_lot),
        cmocka_unit_test(prices_are_whole_ticks_against_the_strategy),
        cmocka_unit_test(rules_have_limits_and_their_time),
    };
    return cmocka_run_group_tests(tests, NULL, tape_teardown);
}
