/* The run around the account: rows, settings, records, random numbers, results.
 */
#include "sim_market.h"

#include "base/interrupt.h"

#include <stdio.h>

/* ---- rows ---------------------------------------------------------------- */

static void a_run_covers_the_closes_in_its_span(void **state) {
    (void)state;
    struct rig r = market();
    r.config.start = tape_close_time(1); /* included */
    r.config.end = tape_close_time(3);   /* excluded */
    rig_start(&r);
    assert_int_equal(r.account->row, 0); /* initialize knows what came before */
    assert_int_equal(r.account->now, tape_close_time(0));
    assert_int_equal(bt_run_portal(r.run)->cursor, 0);
    rig_step(&r);
    assert_int_equal(r.account->row, 1);
    assert_int_equal(bt_run_portal(r.run)->cursor, 1);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->bars, 2);
    assert_int_equal(result->times[0], tape_close_time(1));
    assert_int_equal(result->times[1], tape_close_time(2));
    double seconds[2];
    bt_result_seconds(result, seconds);
    assert_number(seconds[1], (double)tape_close_time(2) / 1e6, 0);
    assert_int_equal(bt_run_step(r.run), BT_STEP_FAILED);
    rig_free(&r);
}

static void the_end_stays_the_end(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    for (int day = 0; day < 5; day++)
        rig_step(&r);
    assert_int_equal(bt_run_step(r.run), BT_STEP_DONE);
    assert_int_equal(bt_run_step(r.run), BT_STEP_DONE);
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->bars, 5);
    bt_result *again = NULL;
    assert_int_equal(bt_run_finish(r.run, &again), BT_E_STATE);
    assert_null(again);
    rig_free(&r);
}

static void an_empty_span_is_an_error(void **state) {
    (void)state;
    struct rig r = market();
    r.config.start = tape_close_time(1) + 1;
    r.config.end = tape_close_time(2);
    assert_int_equal(bt_run_open(&r.config, &r.run), BT_E_DATA);
    assert_null(r.run);
    rig_free(&r);
}

static void a_run_can_be_finished_early(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    rig_step(&r);
    rig_order(&r, A, 10);
    tape_ok(bt_run_finish(r.run, &r.result));
    assert_int_equal(r.result->bars, 2);
    assert_number(r.result->value[1], 8940 + 1100, 0);
    assert_int_equal(r.result->order[1].reason, BT_REASON_END_OF_RUN);
    rig_free(&r);
}

static void a_run_without_a_bar_has_an_empty_result(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    tape_ok(bt_run_finish(r.run, &r.result));
    assert_int_equal(r.result->bars, 0);
    assert_int_equal(r.result->orders, 0);
    assert_number(r.result->metrics[BT_METRIC_TOTAL_RETURN], NAN, 0);
    assert_int_equal(strlen(r.result->hash), 64);
    rig_free(&r);
}

static void every_bar_of_a_daily_bundle_is_a_session(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    for (int day = 0; day < 5; day++) {
        rig_step(&r);
        assert_int_equal(bt_run_is_session_start(r.run), 1);
        assert_int_equal(bt_run_is_session_end(r.run), 1);
    }
    rig_free(&r);
}

/* ---- watching and stopping ----------------------------------------------- */

static void the_beat_counts_bars_on_top_of_what_it_was(void **state) {
    (void)state;
    int64_t beat = 100;
    struct rig r = market();
    r.config.beat = &beat;
    rig_start(&r);
    rig_step(&r);
    assert_int_equal(beat, 101);
    rig_step(&r);
    assert_int_equal(beat, 102);
    rig_free(&r);
}

static void a_signal_stops_the_run(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    interrupt_signal = SIGINT;
    assert_int_equal(bt_run_step(r.run), BT_STEP_FAILED);
    interrupt_signal = 0;
    assert_non_null(strstr(bt_error_message(), "interrupted by signal 2"));
    assert_int_equal(bt_run_step(r.run), BT_STEP_FAILED);
    assert_int_equal(bt_run_finish(r.run, &r.result), BT_E_STATE);
    rig_free(&r);
}

static void money_that_overflows_fails_the_run(void **state) {
    (void)state;
    static const struct tape_bar bars[] = {{0, 1e300, 1e300, 1e300, 1e300, 1},
                                           {1, 1e300, 1e300, 1e300, 1e300, 1}};
    static const struct tape_asset assets[] = {TAPE_ASSET("X", bars)};
    struct rig r = rig_new(assets, 1);
    r.config.leverage = INFINITY;
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, 0, 1e15);
    assert_int_equal(bt_run_step(r.run), BT_STEP_FAILED);
    assert_non_null(strstr(bt_error_message(), "finite"));
    rig_free(&r);
}

/* ---- settings ------------------------------------------------------------ */

static void defaults_are_those_of_the_design(void **state) {
    (void)state;
    bt_run_config c;
    bt_run_config_init(&c);
    assert_number(c.capital, 100000, 0);
    assert_int_equal(c.fill, BT_FILL_NEXT_OPEN);
    assert_number(c.lot, 1, 0);
    assert_number(c.leverage, 1, 0);
    assert_int_equal(c.commission.kind, BT_COMMISSION_PER_SHARE);
    assert_number(c.commission.rate, 0.001, 0);
    assert_int_equal(c.slippage.kind, BT_SLIPPAGE_FIXED_BPS);
    assert_number(c.slippage.bps, 5, 0);
    assert_number(c.slippage.volume_limit, 0.1, 0);
}

static void expect_refused(struct rig *r, const char *word) {
    assert_int_equal(bt_run_open(&r->config, &r->run), BT_E_RANGE);
    if (!strstr(bt_error_message(), word))
        fail_msg("'%s' is not in: %s", word, bt_error_message());
    bt_bundle *bundle = r->config.bundle;
    bt_run_config_init(&r->config);
    r->config.bundle = bundle;
}

static void settings_outside_their_limits_are_refused(void **state) {
    (void)state;
    struct rig r = market();
    r.config.capital = 0;
    expect_refused(&r, "capital");
    r.config.capital = NAN;
    expect_refused(&r, "capital");
    r.config.lot = 0;
    expect_refused(&r, "lot");
    r.config.lot = -1;
    expect_refused(&r, "lot");
    r.config.leverage = 0;
    expect_refused(&r, "leverage");
    r.config.leverage = NAN;
    expect_refused(&r, "leverage");
    r.config.fill = 3;
    expect_refused(&r, "fill");
    r.config.on_insufficient = -1;
    expect_refused(&r, "on_insufficient");
    r.config.periods_per_year = -252;
    expect_refused(&r, "periods_per_year");
    r.config.risk_free = -1;
    expect_refused(&r, "risk_free");
    r.config.commission.rate = -1;
    expect_refused(&r, "commission");
    r.config.slippage.bps = NAN;
    expect_refused(&r, "slippage");
    rig_free(&r);
}

static void settings_are_made_before_the_first_bar(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    assert_int_equal(bt_run_set_lot(r.run, -1), BT_E_RANGE);
    tape_ok(bt_run_set_lot(r.run, 0.5));
    tape_ok(bt_run_set_leverage(r.run, INFINITY));
    tape_ok(bt_run_set_fill(r.run, BT_FILL_NEXT_CLOSE));
    tape_ok(bt_run_set_on_insufficient(r.run, BT_INSUFFICIENT_REJECT));
    tape_ok(bt_run_set_long_only(r.run, 1));
    tape_ok(bt_run_set_strict_start(r.run, 1));
    assert_int_equal(bt_run_portal(r.run)->strict_start, 1);
    bt_commission c = {.kind = BT_COMMISSION_PER_TRADE, .rate = 1};
    bt_slippage s = {.kind = BT_SLIPPAGE_NONE};
    tape_ok(bt_run_set_commission(r.run, &c));
    tape_ok(bt_run_set_slippage(r.run, &s));
    rig_step(&r);
    assert_int_equal(bt_run_set_lot(r.run, 1), BT_E_STATE);
    assert_int_equal(bt_run_set_commission(r.run, &c), BT_E_STATE);
    rig_order(&r, A, 0.5);
    rig_step(&r); /* half a unit at the close, 110, and 1 for the trade */
    assert_number(r.account->cash, 10000 - 55 - 1, 0);
    rig_free(&r);
}

/* ---- records ------------------------------------------------------------- */

static void records_keep_name_time_and_value(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    assert_int_equal(bt_run_record(r.run, "x", 1), BT_E_STATE);
    rig_step(&r);
    tape_ok(bt_run_record(r.run, "x", 1));
    tape_ok(bt_run_record(r.run, "y", NAN));
    tape_ok(bt_run_record(r.run, "x", 2)); /* the later one counts */
    rig_step(&r);
    tape_ok(bt_run_record(r.run, "x", 3));
    const bt_result *result = rig_finish(&r);
    assert_int_equal(result->records, 3);
    assert_int_equal(result->record_names, 2);
    assert_string_equal(bt_result_record_name(result, 1), "y");
    assert_null(bt_result_record_name(result, 2));
    assert_int_equal(result->record[0].name, 0);
    assert_number(result->record[0].value, 2, 0);
    assert_number(result->record[1].value, NAN, 0);
    assert_int_equal(result->record[2].time, tape_close_time(1));
    assert_number(result->record[2].value, 3, 0);
    rig_free(&r);
}

static void names_of_records_are_limited(void **state) {
    (void)state;
    struct rig r = market();
    char name[32];
    rig_start(&r);
    rig_step(&r);
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "n%d", i);
        tape_ok(bt_run_record(r.run, name, i));
    }
    assert_int_equal(bt_run_record(r.run, "one more", 0), BT_E_RANGE);
    tape_ok(bt_run_record(r.run, "n7", 0)); /* known ones still go */
    assert_int_equal(bt_run_record(r.run, "", 0), BT_E_RANGE);
    rig_free(&r);
}

/* ---- random numbers and repetition --------------------------------------- */

static double draws(uint64_t seed, const char *params, int64_t repeat) {
    struct rig r = market();
    r.config.seed = seed;
    r.config.params = params;
    r.config.repeat = repeat;
    rig_start(&r);
    double sum = 0;
    for (int i = 0; i < 100; i++) {
        double u = bt_run_random(r.run);
        assert_true(u >= 0 && u < 1);
        sum += u + bt_run_random_normal(r.run);
    }
    rig_free(&r);
    return sum;
}

static void the_stream_is_keyed_by_seed_parameters_and_repeat(void **state) {
    (void)state;
    double first = draws(1, "{\"n\":5}", 0);
    assert_number(draws(1, "{\"n\":5}", 0), first, 0);
    assert_true(draws(2, "{\"n\":5}", 0) != first);
    assert_true(draws(1, "{\"n\":6}", 0) != first);
    assert_true(draws(1, "{\"n\":5}", 1) != first);
}

static void results_outlive_their_run(void **state) {
    (void)state;
    struct rig r = market();
    rig_start(&r);
    rig_step(&r);
    rig_order(&r, A, 10);
    tape_ok(bt_run_record(r.run, "x", 1));
    rig_finish(&r);
    bt_run_close(r.run);
    bt_bundle_release(r.config.bundle);
    assert_int_equal(r.result->times[4], tape_close_time(4));
    assert_number(r.result->fill[0].price, 106, 0);
    assert_string_equal(bt_result_record_name(r.result, 0), "x");
    bt_result_free(r.result);
    bt_result_free(NULL);
    bt_run_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_covers_the_closes_in_its_span),
        cmocka_unit_test(the_end_stays_the_end),
        cmocka_unit_test(an_empty_span_is_an_error),
        cmocka_unit_test(a_run_can_be_finished_early),
        cmocka_unit_test(a_run_without_a_bar_has_an_empty_result),
        cmocka_unit_test(every_bar_of_a_daily_bundle_is_a_session),
        cmocka_unit_test(the_beat_counts_bars_on_top_of_what_it_was),
        cmocka_unit_test(a_signal_stops_the_run),
        cmocka_unit_test(money_that_overflows_fails_the_run),
        cmocka_unit_test(defaults_are_those_of_the_design),
        cmocka_unit_test(settings_outside_their_limits_are_refused),
        cmocka_unit_test(settings_are_made_before_the_first_bar),
        cmocka_unit_test(records_keep_name_time_and_value),
        cmocka_unit_test(names_of_records_are_limited),
        cmocka_unit_test(the_stream_is_keyed_by_seed_parameters_and_repeat),
        cmocka_unit_test(results_outlive_their_run),
    };
    return cmocka_run_group_tests_name("sim run", tests, NULL, tape_teardown);
}
