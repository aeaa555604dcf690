/* Dates and times as files write them, against instants worked out by hand. */
#include "base/date.h"
#include "store/stamp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct stamp_rules rules(enum stamp_form form) {
    return (struct stamp_rules){
        .form = form, .order = BT_DATES_MDY, .unit = BT_EPOCH_S, .zone = -1};
}

static void is(enum stamp_form form, const char *text, const char *instant) {
    struct stamp_rules r = rules(form);
    struct stamp s;
    char out[DATE_TEXT];
    assert_null(stamp_parse(&r, text, strlen(text), &s));
    date_format_time(s.time, out);
    assert_string_equal(out, instant);
}

static void is_not(enum stamp_form form, const char *text, const char *why) {
    struct stamp_rules r = rules(form);
    struct stamp s;
    const char *said = stamp_parse(&r, text, strlen(text), &s);
    assert_non_null(said);
    assert_string_equal(said, why);
}

static void test_iso(void **state) {
    (void)state;
    is(STAMP_ISO, "2012-01-31", "2012-01-31T00:00:00Z");
    is(STAMP_ISO, "2012/1/3", "2012-01-03T00:00:00Z");
    is(STAMP_ISO, "2012.12.31", "2012-12-31T00:00:00Z");
    is(STAMP_ISO, "1900-01-01", "1900-01-01T00:00:00Z");
    is(STAMP_ISO, "2200-12-31", "2200-12-31T00:00:00Z");
    is(STAMP_ISO, "2012-02-29 09:30", "2012-02-29T09:30:00Z");
    is(STAMP_ISO, "2012-02-29T9:30:05", "2012-02-29T09:30:05Z");
    is(STAMP_ISO, "2012-02-29T09:30:05.25Z", "2012-02-29T09:30:05.25Z");
    is(STAMP_ISO, "2012-02-29 23:59:59.123456789", /* cut below 1 us */
       "2012-02-29T23:59:59.123456Z");
    is(STAMP_ISO, "2012-02-29 00:30:00+01:00", "2012-02-28T23:30:00Z");
    is(STAMP_ISO, "2012-02-29 00:30:00 -0530", "2012-02-29T06:00:00Z");
    is(STAMP_ISO, "2012-02-29 00:30:00 UTC", "2012-02-29T00:30:00Z");
    is(STAMP_ISO, "2012-02-29 00:30:00 GMT", "2012-02-29T00:30:00Z");
    is(STAMP_ISO, "2012-02-29 00:30:00 GMT+0100", "2012-02-28T23:30:00Z");
    is(STAMP_ISO, "2012-02-29 00:30:00 UTC-5", "2012-02-29T05:30:00Z");
    is(STAMP_ISO, "2012-02-29 00:30+09", "2012-02-28T15:30:00Z");
    is(STAMP_ISO, "2012-02-29  9:30:05", "2012-02-29T09:30:05Z");
    is(STAMP_ISO, "2012-02-29 12:00:00 AM", "2012-02-29T00:00:00Z");
    is(STAMP_ISO, "2012-02-29 12:30 pm", "2012-02-29T12:30:00Z");
    is(STAMP_ISO, "2012-02-29 1:30:05PM", "2012-02-29T13:30:05Z");
    is_not(STAMP_ISO, "2012-02-29 13:00 PM", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 0:00 AM", "no such time of day");
    is_not(STAMP_ISO, "2011-02-29", "no such day");
    is_not(STAMP_ISO, "2012-00-10", "no such day");
    is_not(STAMP_ISO, "2012-04-31", "no such day");
    is_not(STAMP_ISO, "1899-12-31", "outside the years 1900 to 2200");
    is_not(STAMP_ISO, "2012-02/29", "not a date like 2012-01-31");
    is_not(STAMP_ISO, "12-02-29", "not a date like 2012-01-31");
    is_not(STAMP_ISO, "", "empty");
    is_not(STAMP_ISO, "2012-02-29 24:00", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 12:60", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 12:30:60", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 12", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 12:30:00.", "no such time of day");
    is_not(STAMP_ISO, "2012-02-29 12:30 EST",
           "text follows the time (if it is a time zone, take it out and say "
           "--tz, such as --tz America/New_York)");
    is_not(STAMP_ISO, "2012-02-29 12:30 noon", "text follows the time");
    is_not(STAMP_ISO, "2012-02-29 12:30+25:00", "text follows the time");
    is_not(STAMP_ISO, "2012-02-29, 12:30", "text follows the date");
}

static void test_other_forms(void **state) {
    (void)state;
    is(STAMP_COMPACT, "20120229", "2012-02-29T00:00:00Z");
    is(STAMP_COMPACT, "20120229 09:30", "2012-02-29T09:30:00Z");
    is_not(STAMP_COMPACT, "2012022", "not a date like 20120131");
    is_not(STAMP_COMPACT, "20120230", "no such day");
    is(STAMP_COMPACT, "20120229 093005", "2012-02-29T09:30:05Z");
    is(STAMP_COMPACT, "20120229  09:30:05", "2012-02-29T09:30:05Z");
    is_not(STAMP_COMPACT, "20120229 243005", "no such time of day");
    is_not(STAMP_COMPACT, "20120229 09300", "no such time of day");
    is(STAMP_WORDS, "Feb 29, 2012", "2012-02-29T00:00:00Z");
    is(STAMP_WORDS, "29-FEB-2012 16:00", "2012-02-29T16:00:00Z");
    is(STAMP_WORDS, "9 February 2012", "2012-02-09T00:00:00Z");
    is_not(STAMP_WORDS, "Fev 29, 2012", "not a date like Jan 31, 2012");
    is_not(STAMP_WORDS, "Feb 30, 2012", "no such day");
    is_not(STAMP_WORDS, "Feb 29, 12", "not a date like Jan 31, 2012");
    is(STAMP_MILLIS, "0", "1970-01-01T00:00:00Z");
    is(STAMP_MILLIS, "34200000", "1970-01-01T09:30:00Z");
    is_not(STAMP_MILLIS, "86400000", "not a count of ms since midnight");
    is(STAMP_SLASH, "2/29/2012", "2012-02-29T00:00:00Z");
    is(STAMP_SLASH, "02-29-2012 16:00", "2012-02-29T16:00:00Z");
    is_not(STAMP_SLASH, "29/2/2012", "no such day");
    is_not(STAMP_SLASH, "2/29/12", "not a date like 1/31/2012");
    struct stamp_rules r = rules(STAMP_SLASH);
    struct stamp s;
    r.order = BT_DATES_DMY;
    assert_null(stamp_parse(&r, "29.2.2012", 9, &s));
    assert_true(s.time == date_from_civil(2012, 2, 29) * DATE_DAY_US);
}

/* 2001-09-09T01:46:40Z is second 10^9, a well-known instant. */
static void test_counts(void **state) {
    (void)state;
    is(STAMP_EPOCH, "1000000000", "2001-09-09T01:46:40Z");
    is(STAMP_EPOCH, "1000000000.5", "2001-09-09T01:46:40.5Z");
    is(STAMP_EPOCH, "-1", "1969-12-31T23:59:59Z");
    is(STAMP_EPOCH, "0", "1970-01-01T00:00:00Z");
    is_not(STAMP_EPOCH, "9999999999", "outside the years 1900 to 2200");
    is_not(STAMP_EPOCH, "99999999999999999999",
           "not a count of time since 1970");
    is_not(STAMP_EPOCH, "1e9", "not a count of time since 1970");
    static const struct {
        int32_t unit;
        const char *text;
    } same[] = {{BT_EPOCH_MS, "1000000000000"},
                {BT_EPOCH_US, "1000000000000000"},
                {BT_EPOCH_NS, "1000000000000000000"}};
    for (int i = 0; i < 3; i++) {
        struct stamp_rules r = rules(STAMP_EPOCH);
        struct stamp s;
        r.unit = same[i].unit;
        size_t n = strlen(same[i].text);
        assert_null(stamp_parse(&r, same[i].text, n, &s));
        assert_true(s.time == INT64_C(1000000000000000));
        assert_int_equal(stamp_unit_of(same[i].text, n), same[i].unit);
    }
    assert_int_equal(stamp_unit_of("1000000000", 10), BT_EPOCH_S);
    assert_int_equal(stamp_unit_of("99999999999", 11), BT_EPOCH_S);
    assert_int_equal(stamp_unit_of("100000000000", 12), BT_EPOCH_MS);
    assert_int_equal(stamp_unit_of("99999999999999999999999", 23), BT_EPOCH_NS);
    /* days as spreadsheets count them, from 30 December 1899 on */
    assert_int_equal(stamp_unit_of("19999", 5), BT_EPOCH_S);
    assert_int_equal(stamp_unit_of("20000", 5), BT_EPOCH_AUTO);
    assert_int_equal(stamp_unit_of("44928.5", 7), BT_EPOCH_AUTO);
    assert_int_equal(stamp_unit_of("-44928", 6), BT_EPOCH_S);
    assert_int_equal(stamp_unit_of("80000", 5), BT_EPOCH_S);
}

static void test_offsets_must_agree(void **state) {
    (void)state;
    struct stamp_rules r = rules(STAMP_ISO);
    struct stamp s;
    r.zone = 0;
    assert_non_null(stamp_parse(&r, "2012-01-31 10:00Z", 17, &s));
    assert_null(stamp_parse(&r, "2012-01-31 10:00", 16, &s));
    r.zone = 1;
    assert_null(stamp_parse(&r, "2012-01-31 10:00Z", 17, &s));
    assert_non_null(stamp_parse(&r, "2012-01-31 10:00", 16, &s));
}

static void test_form_of(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum stamp_form form;
    } known[] = {
        {"Apr 09, 2020", STAMP_WORDS}, {"9-apr-2020", STAMP_WORDS},
        {"2012-01-31", STAMP_ISO},     {"2012/1/3 10:00", STAMP_ISO},
        {"20120131", STAMP_COMPACT},   {"20120131 09:30", STAMP_COMPACT},
        {"20121331", STAMP_EPOCH},     {"1325548800", STAMP_EPOCH},
        {"1325548800.0", STAMP_EPOCH}, {"1/31/2012", STAMP_SLASH},
        {"31.12.2012", STAMP_SLASH},   {"2012-13-45", STAMP_ISO},
        {"Jan 31, 2012", STAMP_WORDS}, {"", STAMP_UNKNOWN},
        {"2012", STAMP_EPOCH},         {"1.5", STAMP_EPOCH},
        {"10:30", STAMP_UNKNOWN},      {"-", STAMP_UNKNOWN}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_int_equal(stamp_form_of(known[i].text, strlen(known[i].text)),
                         known[i].form);
}

static void clock_is(const char *text, bt_time seconds) {
    bt_time t;
    assert_null(stamp_parse_clock(text, strlen(text), &t));
    assert_true(t == seconds * 1000000);
}

static void test_clock(void **state) {
    (void)state;
    clock_is("09:30", 34200);
    clock_is("9:30:01", 34201);
    clock_is("0930", 34200);
    clock_is("930", 34200);
    clock_is("093001", 34201);
    clock_is("0", 0);
    clock_is("000000", 0);
    clock_is("235959", 86399);
    static const char *const bad[] = {"",   "24:00", "9h30",    "2400", "0960",
                                      "12", "9:3x",  "1234567", "-930"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bt_time t;
        assert_non_null(stamp_parse_clock(bad[i], strlen(bad[i]), &t));
    }
}

/* The quick form agrees with the careful one on every day of three centuries,
 * and refuses what is no day. */
static void test_iso_day(void **state) {
    (void)state;
    for (int y = 1899; y <= 2201; y++)
        for (int m = 0; m <= 13; m++)
            for (int d = 0; d <= 32; d++) {
                char text[40];
                snprintf(text, sizeof text, "%04d-%02d-%02d", y, m, d);
                bool valid = y >= 1900 && y <= 2200 && date_is_valid(y, m, d);
                bt_time expected =
                    valid ? date_from_civil(y, m, d) * DATE_DAY_US : STAMP_NONE;
                assert_true(stamp_iso_day(text) == expected);
            }
    assert_true(stamp_iso_day("2012/01/31") == STAMP_NONE);
    assert_true(stamp_iso_day("2012-01-3,") == STAMP_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_iso),
        cmocka_unit_test(test_other_forms),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_offsets_must_agree),
        cmocka_unit_test(test_form_of),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_iso_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
