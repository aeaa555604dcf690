/* Whole lots, commissions over partial fills, slippage within the bar, sizing.
 */
#include "sim/cost.h"
#include "sim/size.h"
#include "sim/slip.h"
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
    struct charge charge = {.model = c, .multiplier = 1, .state = *s};
    double fee = cost_commission(&charge, units, price);
    *s = cost_charged(&charge, units, price, fee);
    return fee;
}

static void a_minimum_is_asked_once_over_partial_fills(void **state) {
    (void)state;
    bt_commission c = {
        .kind = BT_COMMISSION_PER_SHARE, .rate = 0.01, .minimum = 1};
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
    bt_commission c = {.kind = BT_COMMISSION_PER_TRADE, .rate = 5};
    struct fee_state s = {0, 0};
    assert_number(pay(&c, &s, 1, 10), 5, 0);
    assert_number(pay(&c, &s, 1000, 10), 0, 0);
}

static void a_rate_of_value_counts_the_value(void **state) {
    (void)state;
    bt_commission c = {.kind = BT_COMMISSION_PER_DOLLAR, .rate = 0.001};
    struct fee_state s = {0, 0};
    assert_number(pay(&c, &s, 30, 100), 3, 0);
    assert_number(pay(&c, &s, 10, 50), 0.5, 0);
    assert_number(cost_commission_slope(
                      &(struct charge){.model = &c, .multiplier = 1}, 50),
                  0.05, 0);
}

static void makers_and_takers_pay_their_own_rate(void **state) {
    (void)state;
    bt_commission c = {
        .kind = BT_COMMISSION_MAKER_TAKER, .rate = 0.25, .taker = 0.5};
    struct charge charge = {.model = &c, .multiplier = 1};
    assert_number(cost_commission(&charge, 4, 10), 20, 0);
    charge.maker = true;
    assert_number(cost_commission(&charge, 4, 10), 10, 0);
}

static void a_fill_across_a_step_pays_each_rate_for_its_part(void **state) {
    (void)state;
    bt_commission c = {.kind = BT_COMMISSION_TIERED,
                       .tiers = 3,
                       .tier_from = {0, 1000, 5000},
                       .tier_rate = {0.5, 0.25, 0.125}};
    struct charge charge = {.model = &c, .multiplier = 1};
    assert_number(cost_commission(&charge, 10, 100), 500, 0);
    /* 1000 at a half, 4000 at a quarter, 1000 at an eighth */
    assert_number(cost_commission(&charge, 60, 100), 500 + 1000 + 125, 0);
    charge.month = 4000; /* 1000 left of the second tier */
    assert_number(cost_commission(&charge, 20, 100), 250 + 125, 0);
    assert_int_equal(cost_check_commission(&c), BT_OK);
    c.tier_from[2] = 1000;
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c.tiers = 9;
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
}

static void no_units_cost_nothing(void **state) {
    (void)state;
    for (int32_t kind = 0; kind <= BT_COMMISSION_TIERED; kind++) {
        bt_commission c = {.kind = kind, .rate = 0.5, .minimum = 7};
        struct charge charge = {.model = &c, .multiplier = 1};
        assert_number(cost_commission(&charge, 0, 10), 0, 0);
    }
}

static void bad_models_are_named(void **state) {
    (void)state;
    bt_commission c = {.kind = BT_COMMISSION_PER_SHARE, .rate = -1};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "-1"));
    c = (bt_commission){.kind = 9};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){.kind = BT_COMMISSION_PER_DOLLAR, .rate = 1.5};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){.kind = BT_COMMISSION_PER_DOLLAR, .rate = NAN};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    c = (bt_commission){.kind = BT_COMMISSION_PER_SHARE, .minimum = INFINITY};
    assert_int_equal(cost_check_commission(&c), BT_E_RANGE);
    bt_slippage s = {.kind = BT_SLIPPAGE_FIXED_BPS, .bps = 10000};
    assert_int_equal(slip_check(&s), BT_E_RANGE);
    s = (bt_slippage){
        .kind = BT_SLIPPAGE_FIXED_BPS, .bps = 5, .volume_limit = 1.1};
    assert_int_equal(slip_check(&s), BT_E_RANGE);
    s = (bt_slippage){.kind = 7, .bps = 5, .volume_limit = 0.1};
    assert_int_equal(slip_check(&s), BT_E_RANGE);
}

/* ---- slippage ------------------------------------------------------------ */

/* The price of a fill at a quote of 100, on a bar of 1000 units. */
static double slip_at(const bt_slippage *s, double side, double high,
                      double low) {
    struct slip in = {.side = side,
                      .quote = 100,
                      .limit = NAN,
                      .units = 10,
                      .high = high,
                      .low = low,
                      .volume = 1000};
    return slip_price(s, &in);
}

static void slippage_goes_against_the_order(void **state) {
    (void)state;
    bt_slippage s = {.kind = BT_SLIPPAGE_FIXED_BPS,
                     .bps = 50}; /* half a percent */
    assert_number(slip_at(&s, 1, 110, 90), 100.5, 1e-13);
    assert_number(slip_at(&s, -1, 110, 90), 99.5, 1e-13);
}

static void slippage_stays_inside_the_bar(void **state) {
    (void)state;
    bt_slippage s = {.kind = BT_SLIPPAGE_FIXED_BPS, .bps = 50};
    assert_number(slip_at(&s, 1, 100.25, 90), 100.25, 0);
    assert_number(slip_at(&s, -1, 110, 99.75), 99.75, 0);
    /* a bar whose open is 1e-6 above its high trades there all the same */
    assert_number(slip_at(&s, 1, 99.9999, 90), 100, 0);
    assert_number(slip_at(&s, -1, 110, 100.0001), 100, 0);
}

static void a_spread_is_paid_by_half(void **state) {
    (void)state;
    bt_slippage s = {.kind = BT_SLIPPAGE_FIXED_SPREAD, .spread = 0.5};
    assert_number(slip_at(&s, 1, 110, 90), 100.25, 0);
    assert_number(slip_at(&s, -1, 110, 90), 99.75, 0);
    assert_number(slip_at(&s, 1, 100.125, 90), 100.125, 0);
}

static void impact_grows_with_the_square_of_the_share(void **state) {
    (void)state;
    bt_slippage s = {
        .kind = BT_SLIPPAGE_VOLUME_SHARE, .impact = 0.5, .volume_limit = 0.25};
    /* 250 of 1000 units: 0.5 * 0.25^2 = 1/32 of the price */
    struct slip in = {.side = 1,
                      .quote = 64,
                      .limit = NAN,
                      .units = 250,
                      .high = 100,
                      .low = 1,
                      .volume = 1000};
    assert_number(slip_price(&s, &in), 66, 0);
    in.side = -1;
    assert_number(slip_price(&s, &in), 62, 0);
    /* 125 beside 125 that others took are as many */
    in.units = in.taken = 125;
    assert_number(slip_price(&s, &in), 62, 0);
    /* the share counts up to the limit */
    in.units = 900;
    assert_number(slip_price(&s, &in), 62, 0);
    in.volume = 0;
    assert_number(slip_price(&s, &in), 64, 0);
}

static void volatility_and_volume_move_the_price(void **state) {
    (void)state;
    /* returns +100 %, -50 %, +100 %: mean 0.5, deviation sqrt(3 * 0.75^2...):
     * (0.5, -1, 0.5) about the mean, squares 0.25 + 1 + 0.25 = 1.5, over 2 */
    const double close[] = {10, 20, NAN, 10, 20, 99};
    const double volume[] = {5, 100, 0, 300, 200, 99};
    struct columns c = {.close = close, .volume = volume};
    const struct adjust_events none = {NULL, 0};
    struct slip in = {.side = 1,
                      .quote = 10,
                      .limit = NAN,
                      .units = 8,
                      .high = 1000,
                      .low = 0};
    slip_measure(&c, &none, 5, &in);
    assert_number(in.mean_volume, 200, 0);
    assert_number(in.volatility, sqrt(0.75), 1e-15);
    bt_slippage s = {.kind = BT_SLIPPAGE_VOLATILITY, .impact = 2};
    /* 2 * sqrt(0.75) * sqrt(8 / 200) = 2 * 0.8660254 * 0.2 */
    assert_number(slip_price(&s, &in), 10 * (1 + 0.4 * sqrt(0.75)), 1e-13);
    slip_measure(&c, &none, 1, &in); /* one close before: nothing is known */
    assert_number(slip_price(&s, &in), 10, 0);
}

static void volatility_and_volume_are_in_the_units_of_the_bar(void **state) {
    (void)state;
    /* 2:1 on row 2, 2 of 20 paid on row 3: 18 four times, then twice as much.
     * Returns 0, 0, 0, 1: squares about 1/4 sum up to 3/4, over 3. Volumes
     * without the oldest: 200, 200, 100, 400. */
    const double close[] = {40, 40, 20, 18, 36, 99};
    const double volume[] = {1, 100, 200, 100, 400, 99};
    struct adjust_event list[] = {{2, 0.5, 2}, {3, 0.9, 1}, {6, 0.25, 4}};
    const struct adjust_events events = {list, 3};
    struct columns c = {.close = close, .volume = volume};
    struct slip in = {.side = 1};
    slip_measure(&c, &events, 5, &in);
    assert_number(in.mean_volume, 225, 0);
    assert_number(in.volatility, 0.5, 1e-15);
}

static void a_limit_is_never_filled_worse_than_its_price(void **state) {
    (void)state;
    bt_slippage s = {.kind = BT_SLIPPAGE_FIXED_BPS, .bps = 500};
    struct slip in = {.side = 1,
                      .quote = 100,
                      .limit = 101,
                      .units = 1,
                      .high = 200,
                      .low = 1,
                      .volume = 1};
    assert_number(slip_price(&s, &in), 101, 0);
    in.side = -1;
    in.limit = 99;
    assert_number(slip_price(&s, &in), 99, 0);
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
        cmocka_unit_test(makers_and_takers_pay_their_own_rate),
        cmocka_unit_test(a_fill_across_a_step_pays_each_rate_for_its_part),
        cmocka_unit_test(no_units_cost_nothing),
        cmocka_unit_test(bad_models_are_named),
        cmocka_unit_test(slippage_goes_against_the_order),
        cmocka_unit_test(slippage_stays_inside_the_bar),
        cmocka_unit_test(a_spread_is_paid_by_half),
        cmocka_unit_test(impact_grows_with_the_square_of_the_share),
        cmocka_unit_test(volatility_and_volume_move_the_price),
        cmocka_unit_test(volatility_and_volume_are_in_the_units_of_the_bar),
        cmocka_unit_test(a_limit_is_never_filled_worse_than_its_price),
        cmocka_unit_test(each_kind_becomes_units),
        cmocka_unit_test(nothing_to_do_and_too_little_are_told_apart),
        cmocka_unit_test(a_value_needs_a_price_unless_it_is_zero),
        cmocka_unit_test(no_equity_counts_as_nothing),
        cmocka_unit_test(fractional_lots_divide_exactly),
    };
    return cmocka_run_group_tests_name("sim costs and sizes", tests, NULL,
                                       NULL);
}
