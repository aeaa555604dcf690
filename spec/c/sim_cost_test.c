/* Whole lots, commissions over partial fills, slippage within the bar, sizing.
 */
#include "sim/cost.h"
#include "sim/size.h"
#include "sim/units.h"

#include "sim_number.h"

#include <string.h>

/* ---- lots ---------------------------------------------------------------- */

static void amounts_are_truncated_toward_zero(void **state) {
    (void)state;
    assert_number(units_truncate(7.9, 1), 7, 0);
    assert_number(units_truncate(-7.9, 1), -7, 0);
    assert_number(units_truncate(0.9, 1), 0, 0);
    assert_number(units_truncate(799, 100), 700, 0);
}

static void a_hair_under_a_lot_is_that_lot(void **state) {
    (void)state;
    /* 0.3 / 0.1 is 2.9999999999999996 in doubles. */
    assert_number(units_lots(0.3, 0.1), 3, 0);
    assert_number(units_lots(3 - 1e-10, 1), 3, 0);
    assert_number(units_lots(3 - 1e-8, 1), 2, 0);
    /* relative for many lots: 1e12 lots less 100 are within 1e-9 of 1e12 */
    assert_number(units_lots(1e12 - 0.5, 1), 1e12, 0);
}

/* ---- commission ---------------------------------------------------------- */

static double pay(const bt_commission *c, struct fee_state *s, double units,
                  double price) {
    double fee = cost_commission(c, s, units, price);
    cost_charge(c, s, units, price, fee);
    return fee;
}

static void a_minimum_is_asked_once_over_partial_fills(void **state) {
    (void)state;
    bt_commission c = {BT_COMMISSION_PER_SHARE, 0.01, 1.0};
    struct fee_state s = {0, 0};
    /* owed after each fill: max(0.01 * shares, 1) = 1, 1, 1.2, 3.2 */
    assert_number(pay(&c, &s, 50, 10), 1.0, 0);
    assert_number(pay(&c, &s, 50, 10), 0.0, 0);
    assert_number(pay(&c, &s, 20, 10), 0.2, 1e-15);
    assert_number(pay(&c, &s, 200, 10), 2.0, 0);
    assert_number(s.charged, 3.2, 1e-15);
}

static void a_price_per_trade_is_asked_once(void **state) {
    (void)state;
    bt_commission c = {BT_COMMISSION_PER_TRADE, 5, 0};
    struct fee_state s = {0, 0};
    assert_number(pay(&c, &s, 1, 10), 5, 0);
    assert_number(pay(&c, &s, 1000, 10), 0, 0);
}

static void a_rate_of_value_counts_the_value(void **state) {
    (void)state;
    bt_commission c = {BT_COMMISSION_PER_DOLLAR, 0.001, 0};
    struct fee_state s = {0, 0};
    assert_number(pay(&c, &s, 30, 100), 3, 0);
    assert_number(pay(&c, &s, 10, 50), 0.5, 0);
    assert_number(cost_commission_slope(&c, 50), 0.05, 0);
}

static void no_units_cost_nothing(void **state) {
    (void)state;
    struct fee_state s = {0, 0};
    for (int32_t kind = 0; kind <= BT_COMMISSION_PER_DOLLAR; kind++) {
        bt_commission c = {kind, 0.5, 7};
        assert_number(cost_commission(&c, &s, 0, 10), 0, 0);
    }
}

static void bad_models_are_named(void **state) {
    (void)state;
    bt_commission c = {BT_COMMISSION_PER_SHARE, -1, 0};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "-1"));
    c = (bt_commission){9, 0, 0};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){BT_COMMISSION_PER_DOLLAR, 1.5, 0};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){BT_COMMISSION_PER_DOLLAR, NAN, 0};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){BT_COMMISSION_PER_SHARE, 0, INFINITY};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    bt_slippage s = {BT_SLIPPAGE_FIXED_BPS, 10000, 0};
    assert_int_equal(cost_check_slippage(&s), BT_E_RANGE);
    s = (bt_slippage){BT_SLIPPAGE_FIXED_BPS, 5, 1.1};
    assert_int_equal(cost_check_slippage(&s), BT_E_RANGE);
    s = (bt_slippage){7, 5, 0.1};
    assert_int_equal(cost_check_slippage(&s), BT_E_RANGE);
}

/* ---- slippage ------------------------------------------------------------ */

static void slippage_goes_against_the_order(void **state) {
    (void)state;
    bt_slippage s = {BT_SLIPPAGE_FIXED_BPS, 50, 0}; /* half a percent */
    assert_number(cost_fill_price(&s, 1, 100, 110, 90), 100.5, 1e-13);
    assert_number(cost_fill_price(&s, -1, 100, 110, 90), 99.5, 1e-13);
}

static void slippage_stays_inside_the_bar(void **state) {
    (void)state;
    bt_slippage s = {BT_SLIPPAGE_FIXED_BPS, 50, 0};
    assert_number(cost_fill_price(&s, 1, 100, 100.25, 90), 100.25, 0);
    assert_number(cost_fill_price(&s, -1, 100, 110, 99.75), 99.75, 0);
    /* a bar whose open is 1e-6 above its high trades there all the same */
    assert_number(cost_fill_price(&s, 1, 100, 99.9999, 90), 100, 0);
    assert_number(cost_fill_price(&s, -1, 100, 110, 100.0001), 100, 0);
}

/* ---- sizing -------------------------------------------------------------- */

static double size(int32_t kind, double request, double price, double held,
                   int32_t *reason) {
    struct sizing s = {kind, request, price, 10000, held, 1};
    *reason = BT_REASON_NONE;
    return size_units(&s, reason);
}

static void each_kind_becomes_units(void **state) {
    (void)state;
    int32_t r;
    assert_number(size(BT_ORDER_AMOUNT, -12, 30, 5, &r), -12, 0);
    /* 1000 / 30 = 33.3 */
    assert_number(size(BT_ORDER_VALUE, 1000, 30, 5, &r), 33, 0);
    assert_number(size(BT_ORDER_VALUE, -1000, 30, 5, &r), -33, 0);
    /* a quarter of 10,000 / 30 = 83.3 */
    assert_number(size(BT_ORDER_PERCENT, 0.25, 30, 5, &r), 83, 0);
    assert_number(size(BT_ORDER_TARGET, 12, 30, 5, &r), 7, 0);
    /* 33.3 - 5 = 28.3; 33.3 - 50 = -16.7 */
    assert_number(size(BT_ORDER_TARGET_VALUE, 1000, 30, 5, &r), 28, 0);
    assert_number(size(BT_ORDER_TARGET_VALUE, 1000, 30, 50, &r), -16, 0);
    /* 83.3 - 5 */
    assert_number(size(BT_ORDER_TARGET_PERCENT, .25, 30, 5, &r), 78, 0);
    assert_int_equal(r, BT_REASON_NONE);
}

static void nothing_to_do_and_too_little_are_told_apart(void **state) {
    (void)state;
    int32_t r;
    assert_number(size(BT_ORDER_AMOUNT, 0.5, 30, 5, &r), 0, 0);
    assert_int_equal(r, BT_REASON_BELOW_LOT);
    /* 160 / 30 = 5.3: within a lot of the 5 held */
    assert_number(size(BT_ORDER_TARGET_VALUE, 160, 30, 5, &r), 0, 0);
    assert_int_equal(r, BT_REASON_AT_TARGET);
    /* nothing held and less than one unit asked: too little */
    assert_number(size(BT_ORDER_TARGET_VALUE, 20, 30, 0, &r), 0, 0);
    assert_int_equal(r, BT_REASON_BELOW_LOT);
    assert_number(size(BT_ORDER_TARGET, 0, 30, 0, &r), 0, 0);
    assert_int_equal(r, BT_REASON_AT_TARGET);
}

static void a_value_needs_a_price_unless_it_is_zero(void **state) {
    (void)state;
    int32_t r;
    size(BT_ORDER_VALUE, 100, NAN, 0, &r);
    assert_int_equal(r, BT_REASON_NO_PRICE);
    size(BT_ORDER_TARGET_PERCENT, 0.5, NAN, 0, &r);
    assert_int_equal(r, BT_REASON_NO_PRICE);
    assert_number(size(BT_ORDER_AMOUNT, 3, NAN, 0, &r), 3, 0);
    assert_number(size(BT_ORDER_TARGET_VALUE, 0, NAN, 4, &r), -4, 0);
    assert_int_equal(r, BT_REASON_NONE);
}

static void no_equity_counts_as_nothing(void **state) {
    (void)state;
    int32_t r = BT_REASON_NONE;
    struct sizing s = {BT_ORDER_TARGET_PERCENT, 0.5, 10, -500, 7, 1};
    assert_number(size_units(&s, &r), -7, 0);
}

static void fractional_lots_divide_exactly(void **state) {
    (void)state;
    int32_t r = BT_REASON_NONE;
    struct sizing s = {BT_ORDER_VALUE, 0.3, 1, 0, 0, 0.1};
    assert_number(size_units(&s, &r), 3 * 0.1, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_truncated_toward_zero),
        cmocka_unit_test(a_hair_under_a_lot_is_that_lot),
        cmocka_unit_test(a_minimum_is_asked_once_over_partial_fills),
        cmocka_unit_test(a_price_per_trade_is_asked_once),
        cmocka_unit_test(a_rate_of_value_counts_the_value),
        cmocka_unit_test(no_units_cost_nothing),
        cmocka_unit_test(bad_models_are_named),
        cmocka_unit_test(slippage_goes_against_the_order),
        cmocka_unit_test(slippage_stays_inside_the_bar),
        cmocka_unit_test(each_kind_becomes_units),
        cmocka_unit_test(nothing_to_do_and_too_little_are_told_apart),
        cmocka_unit_test(a_value_needs_a_price_unless_it_is_zero),
        cmocka_unit_test(no_equity_counts_as_nothing),
        cmocka_unit_test(fractional_lots_divide_exactly),
    };
    return cmocka_run_group_tests_name("sim costs and sizes", tests, NULL,
                                       NULL);
}
