/* Dates: against libc's calendar, its zone database where there is one, and the
 * transitions that the law names. */
#include "base/date.h"

#include "base/status.h"
#include "draw.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define US INT64_C(1000000)

static void every_day_of_10000_years(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30,
                                  31, 31, 30, 31, 30, 31};
    int32_t days = -719162; /* 0001-01-01, from the Julian day number 1721426 */
    int weekday = 0;        /* a Monday */
    for (int y = 1; y <= 9999; y++)
        for (int m = 1; m <= 12; m++) {
            bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
            int length = lengths[m - 1] + (m == 2 && leap);
            for (int d = 1; d <= length; d++) {
                int yy, mm, dd;
                date_to_civil(days, &yy, &mm, &dd);
                if (date_from_civil(y, m, d) != days || yy != y || mm != m ||
                    dd != d || date_weekday(days) != weekday)
                    fail_msg("%04d-%02d-%02d is not day %d", y, m, d, days);
                days++;
                weekday = (weekday + 1) % 7;
            }
            assert_true(date_is_valid(y, m, length));
            assert_false(date_is_valid(y, m, length + 1));
        }
}

static void agrees_with_libc(void **state) {
    (void)state;
    for (int i = 0; i < 20000; i++) {
        int64_t seconds = draw_below(INT64_C(200000000000)) -
                          INT64_C(60000000000); /* years 68 to 6400 */
        time_t t = (time_t)seconds;
        struct tm tm;
        char want[64], got[DATE_TEXT];
        gmtime_r(&t, &tm);
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
        date_format_time(seconds * US, got);
        const char *zeros = "0000"; /* strftime does not pad years */
        size_t pad = 20 - strlen(want);
        assert_memory_equal(got, zeros, pad);
        assert_string_equal(got + pad, want);
        bt_time back;
        bool timed;
        assert_true(date_parse(got, strlen(got), &back, &timed));
        assert_true(timed);
        assert_int_equal(back, seconds * US);
    }
}

static void instants_round_down_to_days(void **state) {
    (void)state;
    assert_int_equal(date_of(0), 0);
    assert_int_equal(date_of(-1), -1);
    assert_int_equal(date_of(DATE_DAY_US - 1), 0);
    assert_int_equal(date_of(-DATE_DAY_US), -1);
    char out[DATE_TEXT];
    date_format_time(-1, out);
    assert_string_equal(out, "1969-12-31T23:59:59.999999Z");
    date_format_time(500000, out);
    assert_string_equal(out, "1970-01-01T00:00:00.5Z");
    date_format_time(INT64_MAX, out); /* must fit */
    assert_string_equal(out, "294247-01-10T04:00:54.775807Z");
    date_format_time(INT64_MIN, out);
    assert_in_range(strlen(out), 20, 31);
}

static void expect_time(const char *text, const char *want) {
    bt_time t;
    bool timed;
    char got[DATE_TEXT];
    if (!date_parse(text, strlen(text), &t, &timed))
        fail_msg("'%s' was refused", text);
    assert_int_equal(timed, strlen(text) > 10);
    date_format_time(t, got);
    assert_string_equal(got, want);
}

static void reads_the_forms(void **state) {
    (void)state;
    expect_time("2004-08-19", "2004-08-19T00:00:00Z");
    expect_time("2004-08-19 13:30", "2004-08-19T13:30:00Z");
    expect_time("2004-08-19T13:30:01", "2004-08-19T13:30:01Z");
    expect_time("2004-08-19t13:30:01z", "2004-08-19T13:30:01Z");
    expect_time("2004-08-19 13:30:00.125Z", "2004-08-19T13:30:00.125Z");
    expect_time("2004-08-19 13:30:00.123456789", "2004-08-19T13:30:00.123456Z");
    expect_time("2004-08-19 09:30-04:00", "2004-08-19T13:30:00Z");
    expect_time("2004-08-19 09:30:00-0400", "2004-08-19T13:30:00Z");
    expect_time("2004-08-19 00:30+05:45", "2004-08-18T18:45:00Z");
    expect_time("2004-12-31 23:00-14", "2005-01-01T13:00:00Z");
    expect_time("2000-02-29", "2000-02-29T00:00:00Z");
    expect_time("0001-01-01", "0001-01-01T00:00:00Z");
    expect_time("9999-12-31 23:59:59", "9999-12-31T23:59:59Z");
}

static void refuses_the_rest(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        " ",
        "2004",
        "2004-8-19",
        "2004-08-1",
        "04-08-19",
        "2004/08/19",
        "20040819",
        "2004-13-01",
        "2004-00-10",
        "2004-02-30",
        "1900-02-29",
        "2004-08-00",
        "0000-01-01",
        "-004-08-19",
        "2004-08-19 ",
        "2004-08-19T",
        "2004-08-19  13:30",
        "2004-08-19 1:30",
        "2004-08-19 13",
        "2004-08-19 13:3",
        "2004-08-19 24:00",
        "2004-08-19 23:60",
        "2004-08-19 23:59:60",
        "2004-08-19 13:30:",
        "2004-08-19 13:30:00.",
        "2004-08-19 13:30:00.1234567890",
        "2004-08-19 13:30.5",
        "2004-08-19 13:30+",
        "2004-08-19 13:30+5",
        "2004-08-19 13:30+05:",
        "2004-08-19 13:30+15:00",
        "2004-08-19 13:30+05:60",
        "2004-08-19 13:30Zx",
        "2004-08-19x",
        "2004-08-19-04:00",
        "nan",
        "\xEF\xBC\x92"
        "004-08-19",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        bt_time t = 77;
        bool timed = true;
        if (date_parse(bad[i], strlen(bad[i]), &t, &timed))
            fail_msg("'%s' was accepted", bad[i]);
        assert_int_equal(t, 77);
    }
    bt_time t;
    bool timed;
    assert_true(date_parse("2004-08-19,1.5", 10, &t, &timed)); /* n counts */
    assert_false(date_parse("2004-08-19", 9, &t, &timed));
}

/* Offset just before and at a transition, in hours. */
static void expect_change(const char *utc, int before, int after) {
    bt_time t;
    bool timed;
    assert_true(date_parse(utc, strlen(utc), &t, &timed));
    if (date_new_york_offset(t - 1) != before * 3600 ||
        date_new_york_offset(t) != after * 3600)
        fail_msg("no change from %d to %d at %s", before, after, utc);
}

static void new_york_changes_when_the_law_says(void **state) {
    (void)state;
    expect_change("1967-04-30 07:00", -5, -4);
    expect_change("1967-10-29 06:00", -4, -5);
    expect_change("1974-01-06 07:00", -5, -4);
    expect_change("1974-10-27 06:00", -4, -5);
    expect_change("1975-02-23 07:00", -5, -4);
    expect_change("1975-10-26 06:00", -4, -5);
    expect_change("1976-04-25 07:00", -5, -4);
    expect_change("1986-04-27 07:00", -5, -4);
    expect_change("1987-04-05 07:00", -5, -4);
    expect_change("1987-10-25 06:00", -4, -5);
    expect_change("2006-04-02 07:00", -5, -4);
    expect_change("2006-10-29 06:00", -4, -5);
    expect_change("2007-03-11 07:00", -5, -4);
    expect_change("2007-11-04 06:00", -4, -5);
    expect_change("2024-03-10 07:00", -5, -4);
    expect_change("2024-11-03 06:00", -4, -5);
}

static void new_york_agrees_with_the_zone_database(void **state) {
    (void)state;
    if (access("/usr/share/zoneinfo/America/New_York", R_OK) != 0)
        skip();
    const char *kept = getenv("TZ");
    char *old = kept ? strdup(kept) : NULL;
    setenv("TZ", "America/New_York", 1);
    tzset();
    static const int64_t moments[] = {21599, 21600, 25199, 25200};
    for (int32_t day = date_from_civil(1955, 1, 1);
         day < date_from_civil(2100, 1, 1); day++)
        for (size_t i = 0; i < 4; i++) {
            time_t t = (time_t)(day * INT64_C(86400) + moments[i]);
            struct tm tm;
            localtime_r(&t, &tm);
            if (date_new_york_offset(t * US) != tm.tm_gmtoff)
                fail_msg("day %d + %ld s: %ld", day, (long)moments[i],
                         tm.tm_gmtoff);
        }
    if (old)
        setenv("TZ", old, 1);
    else
        unsetenv("TZ");
    tzset();
    free(old);
}

static void lua_side(void **state) {
    (void)state;
    bt_time t = 5;
    int32_t timed = 9;
    char out[32];
    assert_int_equal(bt_date_parse("2004-08-19", &t, &timed), BT_OK);
    assert_int_equal(timed, 0);
    assert_int_equal(t, INT64_C(1092873600) * US);
    assert_int_equal(bt_date_parse("19.8.2004\n", &t, &timed), BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "\"19.8.2004\\x0a\""));
    assert_non_null(strstr(bt_error_message(), "2004-08-19 13:30"));
    assert_int_equal(t, INT64_C(1092873600) * US); /* kept */
    bt_date_format(1092922200.0, out);
    assert_string_equal(out, "2004-08-19");
    bt_date_format(-0.5, out);
    assert_string_equal(out, "1969-12-31");
    bt_time_format(1092922200.000001, out);
    assert_string_equal(out, "2004-08-19T13:30:00.000001Z");
    static const double none[] = {NAN, INFINITY, -INFINITY, 1e300, -1e300};
    for (size_t i = 0; i < 5; i++) {
        bt_time_format(none[i], out);
        assert_string_equal(out, "(no time)");
        bt_date_format(none[i], out);
        assert_string_equal(out, "(no date)");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_10000_years),
        cmocka_unit_test(agrees_with_libc),
        cmocka_unit_test(instants_round_down_to_days),
        cmocka_unit_test(reads_the_forms),
        cmocka_unit_test(refuses_the_rest),
        cmocka_unit_test(new_york_changes_when_the_law_says),
        cmocka_unit_test(new_york_agrees_with_the_zone_database),
        cmocka_unit_test(lua_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
