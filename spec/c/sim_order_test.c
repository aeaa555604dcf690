/* Giving, cancelling and looking up orders; how each of them ends.
 */
#include "sim_market.h"

static struct rig at_first_bar(void) {
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    return r;
}

/* ---- giving -------------------------------------------------------------- */

static void ids_count_up_from_one(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    assert_int_equal(rig_order(&r, A, 1), 1);
    assert_int_equal(rig_order(&r, B, 1), 2);
    const bt_order *o = bt_order_get(r.run, 2);
    assert_int_equal(o->id, 2);
    assert_int_equal(o->sid, B);
    assert_int_equal(o->created, tape_close_time(0));
    assert_int_equal(o->ended, 0);
    assert_int_equal(o->created_row, 0);
    assert_int_equal(o->status, BT_STATUS_OPEN);
    assert_number(o->request, 1, 0);
    assert_number(o->amount, 1, 0);
    assert_number(o->limit, NAN, 0);
    assert_number(o->stop, NAN, 0);
    assert_null(bt_order_get(r.run, 3));
    assert_null(bt_order_get(r.run, 0));
    assert_null(bt_order_get(r.run, -1));
    rig_free(&r);
}

static void a_request_for_nothing_leaves_no_order(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    for (int32_t kind = BT_ORDER_AMOUNT; kind <= BT_ORDER_TARGET_PERCENT;
         kind++) {
        assert_int_equal(rig_order_flags(&r, A, kind, 0, 0), 0);
        assert_int_equal(rig_order_flags(&r, A, kind, 0, BT_ORDER_SIZE_AT_FILL),
                         0);
    }
    assert_null(bt_order_get(r.run, 1));
    rig_free(&r);
}

static void a_met_target_leaves_no_order(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    assert_int_equal(rig_order(&r, A, 10), 1);
    /* ten are on their way */
    assert_int_equal(rig_order_flags(&r, A, BT_ORDER_TARGET, 10, 0), 0);
    assert_int_equal(rig_order_flags(&r, A, BT_ORDER_TARGET, 4, 0), 2);
    assert_number(bt_order_get(r.run, 2)->amount, -6, 0);
    rig_step(&r);
    assert_number(r.position[A].amount, 4, 0);
    /* 4 at 110: 440 and a bit more than that is still four */
    assert_int_equal(rig_order_flags(&r, A, BT_ORDER_TARGET_VALUE, 445, 0), 0);
    rig_free(&r);
}

static void targets_count_what_is_held_and_what_is_open(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    rig_order(&r, A, 10);
    rig_step(&r);
    rig_order(&r, A, 5);
    int32_t id = rig_order_flags(&r, A, BT_ORDER_TARGET_VALUE, 2200, 0);
    assert_number(bt_order_get(r.run, id)->amount, 5, 0); /* 20 - 10 - 5 */
    id = rig_order_flags(&r, A, BT_ORDER_TARGET_PERCENT, 0, 0);
    assert_number(bt_order_get(r.run, id)->amount, -20, 0);
    rig_free(&r);
}

static void sizes_come_from_the_close_of_the_decision(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t id = rig_order_flags(&r, A, BT_ORDER_VALUE, 1000, 0);
    assert_number(bt_order_get(r.run, id)->amount, 9, 0); /* / 105 */
    id = rig_order_flags(&r, B, BT_ORDER_PERCENT, -0.1, 0);
    assert_number(bt_order_get(r.run, id)->amount, -20, 0); /* 1000 / 50 */
    rig_step(&r);
    rig_step(&r);
    /* C has no bar today: its last close, 21, sizes */
    id = rig_order_flags(&r, C, BT_ORDER_VALUE, 100, 0);
    assert_number(bt_order_get(r.run, id)->amount, 4, 0);
    rig_free(&r);
}

static int32_t submit(struct rig *r, int32_t sid, int32_t kind, double amount,
                      double limit, int32_t flags) {
    return bt_order_submit(r->run, sid, kind, amount, limit, NAN, flags);
}

static void misuse_is_refused_by_name(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t kind = BT_ORDER_AMOUNT;
    assert_int_equal(submit(&r, A, kind, NAN, NAN, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, INFINITY, NAN, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1.1e15, NAN, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, BT_ORDER_PERCENT, 1e7, NAN, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, 4, kind, 1, NAN, 0), -BT_E_NAME);
    assert_int_equal(submit(&r, -1, kind, 1, NAN, 0), -BT_E_NAME);
    assert_int_equal(submit(&r, A, 6, 1, NAN, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1, NAN, 1 << 20), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1, NAN, BT_ORDER_CHILD), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1, -99, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1, INFINITY, 0), -BT_E_RANGE);
    assert_int_equal(submit(&r, A, kind, 1, 99, BT_ORDER_AT_CLOSE),
                     -BT_E_USAGE);
    assert_null(bt_order_get(r.run, 1));
    rig_free(&r);
}

static void orders_belong_on_a_bar(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    assert_int_equal(rig_order(&r, A, 1), -BT_E_STATE); /* initialize */
    const bt_result *result = rig_finish(&r);
    assert_int_equal(rig_order(&r, A, 1), -BT_E_STATE); /* analyze */
    assert_int_equal(result->orders, 0);
    assert_null(bt_order_get(r.run, 1));
    rig_free(&r);
}

/* ---- open orders and cancelling ------------------------------------------ */

static void open_orders_are_listed_oldest_first(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t ids[8];
    rig_order(&r, C, 1);
    rig_order(&r, D, 1);
    rig_order(&r, C, 2);
    assert_int_equal(bt_orders_open(r.run, -1, ids, 8), 3);
    assert_int_equal(ids[0], 1);
    assert_int_equal(ids[2], 3);
    assert_int_equal(bt_orders_open(r.run, C, ids, 8), 2);
    assert_int_equal(ids[1], 3);
    assert_int_equal(bt_orders_open(r.run, C, ids, 1), 1);
    assert_int_equal(bt_orders_open(r.run, A, ids, 8), 0);
    rig_free(&r);
}

static void a_cancelled_order_does_not_trade(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t a = rig_order(&r, A, 1), b = rig_order(&r, A, 2);
    tape_ok(bt_order_cancel(r.run, a));
    rig_expect(&r, a, BT_STATUS_CANCELLED, BT_REASON_CANCELLED, 0);
    assert_int_equal(bt_order_get(r.run, a)->ended, tape_close_time(0));
    assert_int_equal(r.account->open_orders, 1);
    rig_step(&r);
    assert_number(r.position[A].amount, 2, 0);
    tape_ok(bt_order_cancel(r.run, b)); /* has ended: nothing to do */
    rig_expect(&r, b, BT_STATUS_FILLED, BT_REASON_FILLED, 2);
    assert_int_equal(bt_order_cancel(r.run, 3), BT_E_RANGE);
    assert_int_equal(bt_order_cancel(r.run, 0), BT_E_RANGE);
    rig_free(&r);
}

static void a_cancelled_rest_leaves_a_partial_order(void **state) {
    (void)state;
    struct rig r = market();
    r.config.slippage.volume_limit = 0.1;
    rig_start(&r);
    rig_step(&r);
    int32_t id = rig_order(&r, B, 8);
    rig_step(&r);
    tape_ok(bt_order_cancel(r.run, id));
    rig_expect(&r, id, BT_STATUS_PARTIAL, BT_REASON_CANCELLED, 3);
    rig_step(&r);
    assert_number(r.position[B].amount, 3, 0);
    rig_free(&r);
}

/* ---- how orders end ------------------------------------------------------ */

static void an_order_without_a_price_to_size_with_is_rejected(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t id = rig_order_flags(&r, D, BT_ORDER_VALUE, 100, 0);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_NO_PRICE, 0);
    assert_int_equal(bt_order_get(r.run, id)->ended, tape_close_time(0));
    assert_int_equal(r.account->open_orders, 0);
    /* sized at its fill it waits for the listing */
    id = rig_order_flags(&r, D, BT_ORDER_VALUE, 100, BT_ORDER_SIZE_AT_FILL);
    rig_step(&r);
    rig_step(&r);
    rig_step(&r);
    rig_expect(&r, id, BT_STATUS_FILLED, BT_REASON_FILLED, 12); /* / 8 */
    rig_free(&r);
}

static void less_than_a_lot_is_rejected(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    int32_t id = rig_order(&r, A, 0.9);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_BELOW_LOT, 0);
    id = rig_order_flags(&r, A, BT_ORDER_TARGET_PERCENT, 0.01, 0);
    rig_expect(&r, id, BT_STATUS_REJECTED, BT_REASON_BELOW_LOT, 0);
    rig_free(&r);
}

static int32_t end_of(struct rig *r, int32_t id, int32_t *status) {
    const bt_result *result = rig_finish(r);
    const bt_order *o = &result->order[id - 1];
    assert_int_equal(o->ended, tape_close_time(4));
    assert_number(result->reasons[o->reason], 1, 0);
    *status = o->status;
    return o->reason;
}

static void orders_of_the_last_bar_end_with_the_run(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    for (int day = 1; day < 5; day++)
        rig_step(&r);
    int32_t status, id = rig_order(&r, A, 1);
    assert_int_equal(end_of(&r, id, &status), BT_REASON_END_OF_RUN);
    assert_int_equal(status, BT_STATUS_CANCELLED);
    rig_free(&r);
}

static void an_asset_without_another_bar_ends_its_orders(void **state) {
    (void)state;
    struct rig r = at_first_bar();
    for (int day = 1; day < 4; day++)
        rig_step(&r);
    int32_t status, id = rig_order(&r, C, 1); /* day 3, its last bar */
    assert_int_equal(end_of(&r, id, &status), BT_REASON_NO_BAR);
    assert_int_equal(status, BT_STATUS_CANCELLED);
    rig_free(&r);
}

static void volume_that_never_sufficed_is_said(void **state) {
    (void)state;
    struct rig r = market();
    r.config.slippage.volume_limit = 0.03; /* 0.9 of 30 */
    rig_start(&r);
    rig_step(&r);
    int32_t status, id = rig_order(&r, B, 1);
    assert_int_equal(end_of(&r, id, &status), BT_REASON_NO_VOLUME);
    assert_int_equal(status, BT_STATUS_CANCELLED);
    rig_free(&r);
}

static void an_order_that_outlives_the_run_is_partial(void **state) {
    (void)state;
    struct rig r = market();
    r.config.slippage.volume_limit = 0.1;
    rig_start(&r);
    rig_step(&r);
    int32_t status, id = rig_order(&r, B, 20); /* 3 on each of 4 days */
    assert_int_equal(end_of(&r, id, &status), BT_REASON_VOLUME_LIMIT);
    assert_int_equal(status, BT_STATUS_PARTIAL);
    assert_number(r.result->order[0].filled, 12, 0);
    assert_int_equal(r.result->fills, 4);
    rig_free(&r);
}

static void reasons_have_names_and_sentences(void **state) {
    (void)state;
    for (int32_t i = 0; i < BT_REASONS; i++) {
        assert_non_null(bt_reason_name(i));
        assert_true(strlen(bt_reason_text(i)) > 4);
        for (int32_t j = 0; j < i; j++)
            assert_string_not_equal(bt_reason_name(i), bt_reason_name(j));
    }
    assert_null(bt_reason_name(-1));
    assert_null(bt_reason_name(BT_REASONS));
    assert_null(bt_reason_text(BT_REASONS));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_count_up_from_one),
        cmocka_unit_test(a_request_for_nothing_leaves_no_order),
        cmocka_unit_test(a_met_target_leaves_no_order),
        cmocka_unit_test(targets_count_what_is_held_and_what_is_open),
        cmocka_unit_test(sizes_come_from_the_close_of_the_decision),
        cmocka_unit_test(misuse_is_refused_by_name),
        cmocka_unit_test(orders_belong_on_a_bar),
        cmocka_unit_test(open_orders_are_listed_oldest_first),
        cmocka_unit_test(a_cancelled_order_does_not_trade),
        cmocka_unit_test(a_cancelled_rest_leaves_a_partial_order),
        cmocka_unit_test(an_order_without_a_price_to_size_with_is_rejected),
        cmocka_unit_test(less_than_a_lot_is_rejected),
        cmocka_unit_test(orders_of_the_last_bar_end_with_the_run),
        cmocka_unit_test(an_asset_without_another_bar_ends_its_orders),
        cmocka_unit_test(volume_that_never_sufficed_is_said),
        cmocka_unit_test(an_order_that_outlives_the_run_is_partial),
        cmocka_unit_test(reasons_have_names_and_sentences),
    };
    return cmocka_run_group_tests_name("sim orders", tests, NULL,
                                       tape_teardown);
}
