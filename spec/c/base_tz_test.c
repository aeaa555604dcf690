/* Time zones: published changes, gaps, overlaps, rules for later years, a twin
 * (zone rules of date.c), and files that are none. */
#include "base/date.h"
#include "base/tz.h"
#include "base/tz_rule.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define HOUR (3600 * SECOND)

static const tz *zone(const char *name) {
    const tz *z = NULL;
    assert_int_equal(tz_find(name, &z), BT_OK);
    return z;
}

static bt_time at(const char *text) {
    bt_time t = 0;
    bool has_time;
    assert_true(date_parse(text, strlen(text), &t, &has_time));
    return t;
}

static void shows(const char *name, const char *utc, const char *local) {
    const tz *z = zone(name);
    assert_int_equal(tz_local(z, at(utc)), at(local));
    struct tz_instant i = tz_utc(z, at(local));
    assert_int_equal(i.kind, TZ_UNIQUE);
    assert_int_equal(i.first, at(utc));
    assert_int_equal(i.second, at(utc));
}

/* Each from the law or the announcement that made it: US 2007 rules; EU
 * directive 2000/84; India and Japan have none; Nepal +5:45; Samoa skipped 30
 * December 2011; Moscow left summer time for +4 in 2011, for +3 in 2014. */
static void knows_the_world(void **state) {
    (void)state;
    shows("America/New_York", "2024-07-01 13:30", "2024-07-01 09:30");
    shows("America/New_York", "2024-12-02 14:30", "2024-12-02 09:30");
    shows("Europe/Berlin", "2024-03-31 00:59:59", "2024-03-31 01:59:59");
    shows("Europe/Berlin", "2024-03-31 01:00", "2024-03-31 03:00");
    shows("Europe/London", "2024-10-27 02:00", "2024-10-27 02:00");
    shows("Asia/Kolkata", "2024-01-01 03:45", "2024-01-01 09:15");
    shows("Asia/Tokyo", "2024-06-01 00:00", "2024-06-01 09:00");
    shows("Asia/Kathmandu", "2024-06-01 00:00", "2024-06-01 05:45");
    shows("Pacific/Apia", "2011-12-30 09:59:59", "2011-12-29 23:59:59");
    shows("Pacific/Apia", "2011-12-30 10:00", "2011-12-31 00:00");
    shows("Europe/Moscow", "2012-01-01 00:00", "2012-01-01 04:00");
    shows("Europe/Moscow", "2015-01-01 00:00", "2015-01-01 03:00");
    shows("Australia/Sydney", "2024-01-15 00:00", "2024-01-15 11:00");
    shows("Australia/Sydney", "2024-06-15 00:00", "2024-06-15 10:00");
}

/* Second Sunday of March 2:00, first Sunday of November 2:00: 2080-03-10 and
 * 2080-11-03 are those Sundays (1 March 2080 and 1 November are Fridays). */
static void follows_the_rule_after_the_list(void **state) {
    (void)state;
    shows("America/New_York", "2080-03-10 06:59:59", "2080-03-10 01:59:59");
    shows("America/New_York", "2080-03-10 07:00", "2080-03-10 03:00");
    shows("America/New_York", "2080-11-03 07:00", "2080-11-03 02:00");
    shows("Asia/Tokyo", "2080-06-01 00:00", "2080-06-01 09:00");
}

static void names_gaps(void **state) {
    (void)state;
    char text[TZ_TEXT];
    const tz *z = zone("America/New_York");
    struct tz_instant i = tz_utc(z, at("2012-03-11 02:30"));
    assert_int_equal(i.kind, TZ_GAP);
    assert_int_equal(i.first, at("2012-03-11 07:00"));
    assert_int_equal(i.second, i.first);
    tz_explain(z, at("2012-03-11 02:30"), text);
    assert_string_equal(text, "2012-03-11 02:30:00 does not exist in "
                              "America/New_York: the clocks went from 02:00:00 "
                              "to 03:00:00");
    assert_int_equal(tz_utc(z, at("2012-03-11 01:59:59.999999")).kind,
                     TZ_UNIQUE);
    assert_int_equal(tz_utc(z, at("2012-03-11 02:00")).kind, TZ_GAP);
    assert_int_equal(tz_utc(z, at("2012-03-11 02:59:59.999999")).kind, TZ_GAP);
    assert_int_equal(tz_utc(z, at("2012-03-11 03:00")).first,
                     at("2012-03-11 07:00"));
    /* a whole day is missing */
    assert_int_equal(tz_utc(zone("Pacific/Apia"), at("2011-12-30 12:00")).kind,
                     TZ_GAP);
}

static void names_overlaps(void **state) {
    (void)state;
    char text[TZ_TEXT];
    const tz *z = zone("America/New_York");
    struct tz_instant i = tz_utc(z, at("2012-11-04 01:30"));
    assert_int_equal(i.kind, TZ_TWICE);
    assert_int_equal(i.first, at("2012-11-04 05:30"));
    assert_int_equal(i.second, at("2012-11-04 06:30"));
    tz_explain(z, at("2012-11-04 01:30"), text);
    assert_string_equal(text,
                        "2012-11-04 01:30:00 is twice in America/New_York:"
                        " at 05:30:00 and at 06:30:00 UTC");
    assert_int_equal(tz_utc(z, at("2012-11-04 00:59:59.999999")).kind,
                     TZ_UNIQUE);
    assert_int_equal(tz_utc(z, at("2012-11-04 01:00")).kind, TZ_TWICE);
    assert_int_equal(tz_utc(z, at("2012-11-04 02:00")).first,
                     at("2012-11-04 07:00"));
    tz_explain(z, at("2012-07-04 09:30"), text);
    assert_string_equal(text, "2012-07-04 09:30:00 in America/New_York is "
                              "2012-07-04 13:30:00 UTC");
}

/* Every half hour of 80 years, in both directions, against the rules that
 * date.c has of its own. */
static void agrees_with_the_rules_of_new_york(void **state) {
    (void)state;
    const tz *z = zone("America/New_York");
    int gaps = 0, twice = 0;
    for (bt_time t = at("1970-01-01"); t < at("2050-01-01"); t += HOUR / 2) {
        assert_int_equal(tz_offset(z, t), date_new_york_offset(t));
        struct tz_instant i = tz_utc(z, tz_local(z, t));
        assert_true(i.first == t || i.second == t);
        assert_int_not_equal(i.kind, TZ_GAP);
        twice += i.kind == TZ_TWICE;
        gaps += tz_utc(z, t).kind == TZ_GAP;
    }
    assert_int_equal(gaps, 80 * 2);  /* 2:00 and 2:30 of each spring */
    assert_int_equal(twice, 80 * 4); /* 1:00 and 1:30 of each autumn, twice */
}

/* 1986 to 2006: first Sunday of April; last Sunday of October. */
static void finds_the_next_change(void **state) {
    (void)state;
    const tz *z = zone("America/New_York");
    bt_time t = tz_next_change(z, at("1999-01-01"));
    assert_int_equal(t, at("1999-04-04 07:00"));
    t = tz_next_change(z, t);
    assert_int_equal(t, at("1999-10-31 06:00"));
    assert_int_equal(tz_next_change(z, at("2100-01-01")),
                     at("2100-03-14 07:00"));
    assert_true(tz_next_change(zone("Asia/Tokyo"), t) == INT64_MAX);
}

static void understands_fixed_offsets(void **state) {
    (void)state;
    static const struct {
        const char *name;
        int32_t seconds;
    } good[] = {{"UTC", 0},        {"GMT", 0},          {"Z", 0},
                {"UTC+2", 7200},   {"UTC-5", -18000},   {"+02:00", 7200},
                {"-0530", -19800}, {"+05:45", 20700},   {"-11", -39600},
                {"UTC+14", 50400}, {"GMT-3:30", -12600}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_int_equal(tz_offset(zone(good[i].name), 0), good[i].seconds);
    static const char *const bad[] = {"",       "+",       "+2:60", "UTC+16",
                                      "UTC+2x", "+123:00", "+02:0", "UTCC"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const tz *z = NULL;
        assert_int_equal(tz_find(bad[i], &z), BT_E_NAME);
        assert_null(z);
    }
}

static void hints_at_the_nearest_name(void **state) {
    (void)state;
    const tz *z = NULL;
    assert_int_equal(tz_find("America/NewYork", &z), BT_E_NAME);
    assert_non_null(strstr(bt_error_message(),
                           "unknown time zone 'America/NewYork'; did you mean "
                           "'America/New_York'?"));
    assert_int_equal(tz_find("xyzzy", &z), BT_E_NAME);
    assert_non_null(strstr(bt_error_message(), "such as America/New_York"));
    static const char *const escapes[] = {"../../etc/passwd", "/etc/passwd",
                                          "America/../UTC", "America",
                                          "zone.tab"};
    for (size_t i = 0; i < sizeof escapes / sizeof *escapes; i++)
        assert_int_equal(tz_find(escapes[i], &z), BT_E_NAME);
    assert_int_equal(tz_find("zone1970.tab", &z), BT_E_NAME);
    assert_int_equal(tz_find("tzdata.zi", &z), BT_E_NAME);
    if (access("/usr/share/zoneinfo/leapseconds", R_OK) == 0) {
        assert_int_equal(tz_find("leapseconds", &z), BT_E_NAME);
        assert_non_null(strstr(bt_error_message(),
                               "unknown time zone 'leapseconds'; it must be"));
    }
    assert_null(z);
}

/* ---- rules ----------------------------------------------------------------*/

static bool parses(const char *text) {
    struct tz_rule r;
    return tz_rule_parse(text, strlen(text), &r);
}

static void reads_rules(void **state) {
    (void)state;
    assert_true(parses("EST5"));
    assert_true(parses("EST5EDT,M3.2.0,M11.1.0"));
    assert_true(parses("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"));
    assert_true(parses("IST-1GMT0,M10.5.0,M3.5.0/1"));
    assert_true(parses("XXX3EDT4,0/0,J365/23"));
    assert_false(parses(""));
    assert_false(parses("ES5"));
    assert_false(parses("EST"));
    assert_false(parses("EST25"));
    assert_false(parses("EST5EDT"));
    assert_false(parses("EST5EDT,M3.2.0"));
    assert_false(parses("EST5EDT,M13.2.0,M11.1.0"));
    assert_false(parses("EST5EDT,M3.6.0,M11.1.0"));
    assert_false(parses("EST5EDT,M3.2.7,M11.1.0"));
    assert_false(parses("EST5EDT,J0,J10"));
    assert_false(parses("EST5EDT,M3.2.0,M11.1.0x"));
    assert_false(parses("<+02-2"));
}

static int32_t rule_offset(const char *text, const char *utc) {
    struct tz_rule r;
    assert_true(tz_rule_parse(text, strlen(text), &r));
    return tz_rule_span(&r, at(utc) / SECOND).offset;
}

static void applies_rules(void **state) {
    (void)state;
    /* J60 is 1 March in every year, 59 is 1 March in a common one and 29
     * February in a leap year; both at 2:00 */
    const char *j = "AAA0BBB,J60,J300", *d = "AAA0BBB,59,300";
    assert_int_equal(rule_offset(j, "2023-03-01 01:59"), 0);
    assert_int_equal(rule_offset(j, "2023-03-01 02:00"), 3600);
    assert_int_equal(rule_offset(j, "2024-03-01 01:59"), 0);
    assert_int_equal(rule_offset(j, "2024-03-01 02:00"), 3600);
    assert_int_equal(rule_offset(d, "2023-03-01 02:00"), 3600);
    assert_int_equal(rule_offset(d, "2024-02-29 02:00"), 3600);
    assert_int_equal(rule_offset(d, "2024-02-29 01:59"), 0);
    /* south of the equator summer spans the new year */
    const char *s = "AEST-10AEDT,M10.1.0,M4.1.0/3";
    assert_int_equal(rule_offset(s, "2024-12-31 23:00"), 39600);
    assert_int_equal(rule_offset(s, "2025-01-01 01:00"), 39600);
    assert_int_equal(rule_offset(s, "2025-07-01 00:00"), 36000);
    /* summer time all year, RFC 8536 section 3.3.1 */
    const char *all = "XXX3EDT4,0/0,J365/23";
    assert_int_equal(rule_offset(all, "2024-01-01 00:00"), -14400);
    assert_int_equal(rule_offset(all, "2024-12-31 23:59:59"), -14400);
    assert_int_equal(rule_offset(all, "2025-01-01 03:00"), -14400);
    assert_int_equal(rule_offset(all, "2025-01-01 04:00"), -14400);
}

/* ---- files ----------------------------------------------------------------*/

/* One type (UTC+1) and one change to it in 2000, version 2, no rule. */
static size_t sample(uint8_t out[256], int64_t when, uint8_t version) {
    static const uint8_t counts[24] = {[15] = 1, [19] = 2, [23] = 4};
    uint8_t *p = out;
    memset(out, 0, 256);
    for (int block = 0; block < (version ? 2 : 1); block++) {
        memcpy(p, "TZif", 4);
        p[4] = version;
        memcpy(p + 20, counts, 24);
        p += 44;
        for (int shift = block ? 56 : 24; shift >= 0; shift -= 8)
            *p++ = (uint8_t)(when >> shift);
        *p++ = 1;
        p += 6; /* the first type: UTC */
        p[2] = 0x0e;
        p[3] = 0x10; /* 3600 */
        p += 6;
        memcpy(p, "AAA", 4);
        p += 4;
    }
    if (version) {
        *p++ = '\n';
        *p++ = '\n';
    }
    return (size_t)(p - out);
}

static void reads_a_file(void **state) {
    (void)state;
    uint8_t bytes[256];
    for (uint8_t version = 0; version < 4; version += 2) {
        tz *z = NULL;
        size_t n = sample(bytes, 946684800, version ? '0' + version : 0);
        assert_int_equal(tz_parse("a", bytes, n, &z), BT_OK);
        assert_int_equal(tz_offset(z, at("1999-12-31 23:59:59")), 0);
        assert_int_equal(tz_offset(z, at("2000-01-01")), 3600);
        assert_int_equal(tz_offset(z, at("2300-01-01")), 3600);
        assert_int_equal(tz_offset(z, at("1900-01-01")), 0);
        assert_int_equal(tz_utc(z, at("2000-01-01 00:30")).kind, TZ_GAP);
        free(z);
    }
}

static void refuses_what_is_no_file(void **state) {
    (void)state;
    uint8_t bytes[256];
    tz *z = NULL;
    size_t n = sample(bytes, 946684800, '2');
    for (size_t cut = 0; cut < n; cut++)
        assert_int_equal(tz_parse("a", bytes, cut, &z), BT_E_DATA);
    static const struct {
        size_t at;
        uint8_t value;
        bt_status status;
    } broken[] = {
        {0, 'X', BT_E_DATA},     /* magic */
        {32, 0x7f, BT_E_DATA},   /* changes in the first block */
        {65 + 32, 1, BT_E_DATA}, /* changes in the second */
        {65 + 39, 0, BT_E_DATA}, /* no type */
        {65 + 31, 1, BT_E_DATA}, /* leap seconds, but the file is too short */
        {65 + 52, 9, BT_E_DATA}, /* change to type 9 */
        {65 + 53, 0x40, BT_E_DATA}, /* offset of years */
    };
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        sample(bytes, 946684800, '2');
        bytes[broken[i].at] = broken[i].value;
        assert_int_equal(tz_parse("a", bytes, n, &z), broken[i].status);
    }
    assert_null(z);
    const tz *right = NULL;
    bt_status status = tz_find("right/UTC", &right);
    assert_int_equal(status, BT_E_NAME);
    assert_null(right);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_world),
        cmocka_unit_test(follows_the_rule_after_the_list),
        cmocka_unit_test(names_gaps),
        cmocka_unit_test(names_overlaps),
        cmocka_unit_test(agrees_with_the_rules_of_new_york),
        cmocka_unit_test(finds_the_next_change),
        cmocka_unit_test(understands_fixed_offsets),
        cmocka_unit_test(hints_at_the_nearest_name),
        cmocka_unit_test(reads_rules),
        cmocka_unit_test(applies_rules),
        cmocka_unit_test(reads_a_file),
        cmocka_unit_test(refuses_what_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
