/* From -s and -e to rows: dates stand for sessions, times for instants;
 * sessions of several bars.
 */
#include "sim_tape.h"

enum { HOUR = 3600 };

/* Instant: hours after midnight UTC of 2024-01-01 plus day. */
static bt_time at(int day, double hours) {
    return ((bt_time)(TAPE_DAY0 + day) * 86400 + (bt_time)(hours * HOUR)) *
           1000000;
}

static struct bar bar(int session, bt_time open, bt_time close) {
    return (struct bar){open, close, TAPE_DAY0 + session, 10, 10, 10, 10, 5};
}

/* Two bars a session: the evening before, 22:00 to 23:00, and
 * 10:00 to 11:00. */
static bt_bundle *futures(void) {
    struct bar bars[8];
    struct builder *b = NULL;
    bt_bundle *out = NULL;
    char sha[65];
    int n = 0;
    for (int day = 1; day <= 4; day++) {
        bars[n++] = bar(day, at(day - 1, 22), at(day - 1, 23));
        bars[n++] = bar(day, at(day, 10), at(day, 11));
    }
    char *path = fs_join(tape_folder(), "futures");
    tape_ok(builder_open(tape_folder(), "futures", "1h", &b));
    tape_ok(builder_asset(b, "F", bars, n));
    tape_ok(builder_commit(b, "{}", 0, sha));
    tape_ok(bt_bundle_acquire(path, &out));
    free(path);
    return out;
}

/* Rows of a run over the span of two texts: first * 100 + last. */
static int32_t rows(bt_bundle *b, const char *start, const char *end) {
    struct rig r = {.run = NULL};
    bt_run_config_init(&r.config);
    r.config.bundle = b;
    tape_ok(bt_span(b, start, end, &r.config.start, &r.config.end));
    rig_start(&r);
    rig_step(&r);
    int32_t first = r.account->row, bars = rig_finish(&r)->bars;
    bt_result_free(r.result);
    bt_run_close(r.run);
    return first * 100 + first + bars - 1;
}

static void dates_stand_for_whole_sessions(void **state) {
    (void)state;
    bt_bundle *b = futures();
    assert_int_equal(rows(b, NULL, NULL), 7);
    assert_int_equal(rows(b, "2024-01-03", NULL), 207); /* day 2: row 2 on */
    assert_int_equal(rows(b, NULL, "2024-01-03"), 3);
    assert_int_equal(rows(b, "2024-01-03", "2024-01-03"), 203);
    assert_int_equal(rows(b, "2023-06-01", "2030-01-01"), 7);
    assert_int_equal(rows(b, "2024-01-01", "2024-01-02"), 1);
    bt_bundle_release(b);
}

static void times_are_instants_and_an_end_is_exclusive(void **state) {
    (void)state;
    bt_bundle *b = futures();
    assert_int_equal(rows(b, "2024-01-02 11:00", NULL), 107);
    assert_int_equal(rows(b, "2024-01-02 11:00:01", NULL), 207);
    assert_int_equal(rows(b, NULL, "2024-01-02T11:00Z"), 0);
    assert_int_equal(rows(b, NULL, "2024-01-02 11:00:01"), 1);
    bt_bundle_release(b);
}

static void daily_spans_are_whole_days(void **state) {
    (void)state;
    static const struct tape_bar bars[] = {
        {0, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1}, {4, 1, 1, 1, 1, 1}};
    static const struct tape_asset assets[] = {TAPE_ASSET("A", bars)};
    bt_bundle *b = tape_bundle(assets, 1);
    bt_time start = 0, end = 0;
    tape_ok(bt_span(b, "2024-01-02", "2024-01-03", &start, &end));
    assert_int_equal(start, at(1, 0));
    assert_int_equal(end, at(3, 0));
    assert_int_equal(rows(b, "2024-01-02", "2024-01-03"), 101);
    assert_int_equal(rows(b, "2024-01-03", "2024-01-05"), 202); /* a gap */
    bt_bundle_release(b);
}

static void expect_error(bt_bundle *b, const char *start, const char *end,
                         bt_status code, const char *word) {
    bt_time from = 7, to = 8;
    assert_int_equal(bt_span(b, start, end, &from, &to), code);
    if (!strstr(bt_error_message(), word))
        fail_msg("'%s' is not in: %s", word, bt_error_message());
    assert_int_equal(from, 7); /* out arguments keep their value */
    assert_int_equal(to, 8);
}

static void a_span_without_bars_says_what_there_is(void **state) {
    (void)state;
    bt_bundle *b = futures();
    expect_error(b, "2025-01-01", NULL, BT_E_DATA, "2024-01-02 to 2024-01-05");
    expect_error(b, NULL, "2023-01-01", BT_E_DATA, "futures");
    expect_error(b, "2024-01-02 12:00", "2024-01-02 20:00", BT_E_DATA,
                 "no bar");
    expect_error(b, "2024-01-04", "2024-01-03", BT_E_USAGE, "before");
    expect_error(b, "yesterday", NULL, BT_E_USAGE, "yesterday");
    expect_error(b, NULL, "2024-13-01", BT_E_USAGE, "2024-13-01");
    bt_bundle_release(b);
}

static void a_span_is_cut_after_some_of_its_bars(void **state) {
    (void)state;
    bt_bundle *b = futures();
    bt_time start = 0, end = 0;
    tape_ok(bt_span(b, NULL, NULL, &start, &end));
    int32_t all = bt_span_bars(b, start, end);
    assert_int_equal(all, 8);
    for (int32_t n = 1; n <= all; n++) {
        bt_time cut = bt_span_cut(b, start, end, n);
        assert_int_equal(bt_span_bars(b, start, cut), n);
        assert_true(cut <= end);
    }
    assert_int_equal(bt_span_cut(b, start, end, all + 5), end);
    assert_int_equal(bt_span_bars(b, end, start), 0);
    bt_bundle_release(b);
}

static void sessions_of_several_bars_have_a_first_and_a_last(void **state) {
    (void)state;
    bt_bundle *b = futures();
    struct rig r = {.run = NULL};
    bt_run_config_init(&r.config);
    r.config.bundle = b;
    r.config.start = at(1, 11); /* begins within a session */
    rig_start(&r);
    for (int row = 1; row < 8; row++) {
        rig_step(&r);
        assert_int_equal(bt_run_is_session_start(r.run), row % 2 == 0);
        assert_int_equal(bt_run_is_session_end(r.run), row % 2 == 1);
    }
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_stand_for_whole_sessions),
        cmocka_unit_test(times_are_instants_and_an_end_is_exclusive),
        cmocka_unit_test(daily_spans_are_whole_days),
        cmocka_unit_test(a_span_without_bars_says_what_there_is),
        cmocka_unit_test(a_span_is_cut_after_some_of_its_bars),
        cmocka_unit_test(sessions_of_several_bars_have_a_first_and_a_last),
    };
    return cmocka_run_group_tests_name("sim spans", tests, NULL, tape_teardown);
}
