/* The length of a bar from the distances of bars, and the times it gives. */
#include "base/date.h"
#include "base/rng.h"
#include "store/bars.h"
#include "store/spacing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE INT64_C(60000000)
#define HOUR (60 * MINUTE)

static struct spacing spacing;
static struct marks marks;

static void begin(void) {
    spacing_reset(&spacing);
    memset(&marks, 0, sizeof marks);
}

static void at(bt_time t) {
    spacing_add(&spacing, &marks, t);
}

static void at_day(int y, int m, int d) {
    at(date_from_civil(y, m, d) * DATE_DAY_US);
}

static void decides(const char *expected) {
    struct frequency f;
    double share;
    char text[FREQUENCY_TEXT] = "";
    if (spacing_decide(&spacing, &f, &share) == SPACING_CLEAR)
        frequency_format(f, text);
    assert_string_equal(text, expected);
}

/* Sessions of n bars each, on weekdays, some bars missing. */
static void sessions(bt_time length, int n, double missing) {
    struct rng rng;
    rng_seed(&rng, 3);
    begin();
    for (int32_t day = 10000; day < 10100; day++)
        for (int i = 0; date_weekday(day) < 5 && i < n; i++)
            if (rng_unit(&rng) >= missing)
                at(day * DATE_DAY_US + 9 * HOUR + i * length);
}

static void test_within_a_day(void **state) {
    (void)state;
    sessions(MINUTE, 390, 0);
    decides("1m");
    sessions(MINUTE, 390, 0.5);
    decides("1m");
    sessions(5 * MINUTE, 78, 0.1);
    decides("5m");
    sessions(HOUR, 7, 0);
    decides("1h");
    sessions(4 * HOUR, 3, 0);
    decides("4h");
    sessions(MINUTE / 6, 500, 0);
    decides("10s");
}

/* New York: half an hour, then whole hours; clock changes in between. */
static void test_first_bar_shorter(void **state) {
    (void)state;
    begin();
    for (int32_t day = 19000; day < 19200; day++) {
        if (date_weekday(day) >= 5)
            continue;
        at(day * DATE_DAY_US + 9 * HOUR + 30 * MINUTE);
        for (int h = 10; h < 16; h++)
            at(day * DATE_DAY_US + h * HOUR);
    }
    decides("1h");
}

static void test_days(void **state) {
    (void)state;
    struct rng rng;
    begin();
    for (int32_t day = 10000; day < 10300; day++)
        if (date_weekday(day) < 5)
            at(day * DATE_DAY_US);
    decides("1d");
    rng_seed(&rng, 4);
    begin(); /* two days of three are missing */
    for (int32_t day = 10000; day < 11000; day++)
        if (rng_unit(&rng) < 0.34)
            at(day * DATE_DAY_US);
    decides("1d");
    begin(); /* midnight in New York as UTC: 4 or 5 o'clock */
    for (int32_t day = 19000; day < 19300; day++) {
        bt_time t = day * DATE_DAY_US + 5 * HOUR;
        if (date_weekday(day) < 5)
            at(t + (date_new_york_offset(t) == -5 * 3600 ? 0 : -HOUR));
    }
    decides("1d");
}

static void every(int days, int count) {
    begin();
    for (int i = 0; i < count; i++)
        at((10000 + i * days) * DATE_DAY_US);
}

static void test_several_days(void **state) {
    (void)state;
    every(2, 50);
    decides("2d");
    every(7, 50);
    decides("1w");
    every(14, 50);
    decides("2w");
    every(28, 50);
    decides("4w");
}

static void months(int step, int dom, int count) {
    begin();
    for (int i = 0; i < count; i++) {
        int index = i * step;
        at_day(1990 + index / 12, 1 + index % 12, dom);
    }
}

static void test_months(void **state) {
    (void)state;
    months(1, 1, 60);
    decides("1mo");
    months(1, 28, 60);
    decides("1mo");
    months(3, 31 - 3, 40);
    decides("3mo");
    months(6, 15, 40);
    decides("6mo");
    months(12, 2, 30);
    decides("12mo");
}

static void test_unclear(void **state) {
    (void)state;
    struct frequency f;
    double share;
    struct rng rng;
    begin();
    assert_int_equal(spacing_decide(&spacing, &f, &share), SPACING_FEW);
    at(0);
    assert_int_equal(spacing_decide(&spacing, &f, &share), SPACING_FEW);
    at(0); /* the same time again is no distance */
    assert_int_equal(spacing_decide(&spacing, &f, &share), SPACING_FEW);
    rng_seed(&rng, 9);
    begin(); /* ticks */
    bt_time t = 0;
    for (int i = 0; i < 5000; i++)
        at(t += rng_range(&rng, 1, 100000000));
    assert_int_equal(spacing_decide(&spacing, &f, &share), SPACING_UNCLEAR);
}

static void ends(struct frequency f, int32_t expected) {
    assert_int_equal(spacing_end(&marks, f), expected);
}

static void test_ends(void **state) {
    (void)state;
    struct frequency week = {FREQUENCY_WEEK, 1}, month = {FREQUENCY_MONTH, 1};
    begin(); /* 2020-01-03 is a Friday */
    for (int i = 0; i < 20; i++)
        at((date_from_civil(2020, 1, 3) + 7 * i) * DATE_DAY_US);
    ends(week, BT_STAMP_CLOSE);
    begin();
    for (int i = 0; i < 20; i++)
        at((date_from_civil(2020, 1, 6) + 7 * i) * DATE_DAY_US);
    ends(week, BT_STAMP_OPEN);
    begin(); /* Sundays may be either */
    for (int i = 0; i < 20; i++)
        at((date_from_civil(2020, 1, 5) + 7 * i) * DATE_DAY_US);
    ends(week, BT_STAMP_AUTO);
    months(1, 1, 24);
    ends(month, BT_STAMP_OPEN);
    months(1, 28, 24);
    ends(month, BT_STAMP_CLOSE);
    months(1, 15, 24);
    ends(month, BT_STAMP_AUTO);
}

static void bar_is(const char *frequency, int32_t stamp, bool weekends,
                   const char *row, const char *opens, const char *closes) {
    struct bar_rule rule = {.stamp = stamp, .weekends = weekends};
    struct row r = {0};
    struct claim c;
    bool has_time;
    char text[DATE_TEXT];
    assert_int_equal(frequency_parse(frequency, &rule.frequency), BT_OK);
    assert_true(date_parse(row, strlen(row), &r.stamp, &has_time));
    bar_times(&rule, &r, &c);
    date_format_time(c.open, text);
    assert_string_equal(text, opens);
    date_format_time(c.close, text);
    assert_string_equal(text, closes);
}

/* 2020-02-14 is a Friday; January has 31 days, February 2020 has 29. */
static void test_times(void **state) {
    (void)state;
    enum { O = BT_STAMP_OPEN, C = BT_STAMP_CLOSE };
    bar_is("5m", O, false, "2020-02-14 09:30", "2020-02-14T09:30:00Z",
           "2020-02-14T09:35:00Z");
    bar_is("5m", C, false, "2020-02-14 09:30", "2020-02-14T09:25:00Z",
           "2020-02-14T09:30:00Z");
    bar_is("1d", O, false, "2020-02-14", "2020-02-14T00:00:00Z",
           "2020-02-14T23:59:59Z");
    bar_is("1d", C, false, "2020-02-14", "2020-02-14T00:00:00Z",
           "2020-02-14T23:59:59Z");
    /* two days from Friday end on Monday, where weekends do not trade */
    bar_is("2d", O, false, "2020-02-14", "2020-02-14T00:00:00Z",
           "2020-02-17T23:59:59Z");
    bar_is("2d", O, true, "2020-02-14", "2020-02-14T00:00:00Z",
           "2020-02-15T23:59:59Z");
    bar_is("2d", C, false, "2020-02-14", "2020-02-13T00:00:00Z",
           "2020-02-14T23:59:59Z");
    bar_is("1w", C, false, "2020-02-13", "2020-02-10T00:00:00Z",
           "2020-02-14T23:59:59Z");
    bar_is("1w", C, true, "2020-02-13", "2020-02-10T00:00:00Z",
           "2020-02-16T23:59:59Z");
    bar_is("1w", O, false, "2020-02-10", "2020-02-10T00:00:00Z",
           "2020-02-16T23:59:59Z");
    bar_is("2w", C, false, "2020-02-14", "2020-02-03T00:00:00Z",
           "2020-02-14T23:59:59Z");
    bar_is("2w", O, false, "2020-02-03", "2020-02-03T00:00:00Z",
           "2020-02-16T23:59:59Z");
    bar_is("1mo", C, false, "2020-02-28", "2020-02-01T00:00:00Z",
           "2020-02-29T23:59:59Z");
    bar_is("1mo", O, false, "2020-02-03", "2020-02-01T00:00:00Z",
           "2020-02-29T23:59:59Z");
    bar_is("3mo", C, false, "2020-03-31", "2020-01-01T00:00:00Z",
           "2020-03-31T23:59:59Z");
    bar_is("3mo", O, false, "2019-11-01", "2019-11-01T00:00:00Z",
           "2020-01-31T23:59:59Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_within_a_day),
        cmocka_unit_test(test_first_bar_shorter),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_several_days),
        cmocka_unit_test(test_months),
        cmocka_unit_test(test_unclear),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
