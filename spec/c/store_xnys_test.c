/* New York sessions against the exchange's published closings. */
#include "base/date.h"
#include "store/xnys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static int count(int32_t from, int32_t to) {
    int n = 0;
    for (int32_t day = from; day <= to; day++)
        n += xnys_is_session(day);
    return n;
}

static bool is_early(int32_t day) {
    bt_time open, close;
    xnys_times(day, &open, &close);
    return close - open < 390 * INT64_C(60000000);
}

static int count_early(int32_t from, int32_t to) {
    int n = 0;
    for (int32_t day = from; day <= to; day++)
        n += xnys_is_session(day) && is_early(day);
    return n;
}

/* Sessions of each year, and how many of them end early. 1990 to 2022: counted
 * in the list of sessions of exchange_calendars (tests/resources/xnys.csv, made
 * from the exchange's own history of closings), with which every day and every
 * closing minute agreed; 2023 to 2028: NYSE Group's yearly announcements of
 * holidays and early closings, and 9 January 2025; 2029 and 2030: all ten
 * holidays fall on one of 261 weekdays, and 4 July is a Wednesday, then a
 * Thursday. */
static void test_every_year(void **state) {
    (void)state;
    static const int known[][2] = {
        {253, 1}, {253, 1}, {254, 2}, {253, 1}, {252, 1}, {252, 2}, /* 1990 */
        {254, 3}, {253, 4}, {252, 2}, {252, 2}, {252, 2}, {248, 3}, /* 1996 */
        {252, 3}, {252, 4}, {252, 1}, {252, 1}, {251, 2}, {251, 3}, /* 2002 */
        {253, 3}, {252, 2}, {252, 1}, {252, 1}, {250, 3}, {252, 3}, /* 2008 */
        {252, 3}, {252, 2}, {252, 1}, {251, 2}, {251, 3}, {252, 3}, /* 2014 */
        {253, 2}, {252, 1}, {251, 1}, {250, 2}, {252, 3}, {250, 3}, /* 2020 */
        {251, 2}, {251, 1}, {251, 2}, {251, 3}, {251, 3}};          /* 2026 */
    assert_int_equal(sizeof known / sizeof *known, 2030 - 1990 + 1);
    for (int year = 1990; year <= 2030; year++) {
        int32_t first = date_from_civil(year, 1, 1);
        int32_t last = date_from_civil(year, 12, 31);
        assert_int_equal(count(first, last), known[year - 1990][0]);
        assert_int_equal(count_early(first, last), known[year - 1990][1]);
    }
}

/* LEAN's market hours list 293 holidays and 65 early closes of 1998 to 2028.
 * Two of those holidays are Saturdays (1 January 2011 and 2022), one of those
 * early closes is a Sunday (24 December 2017), and three early closes are not
 * in it: 27 November and 24 December 1998, 31 December 1999. */
static void test_against_lean(void **state) {
    (void)state;
    int32_t first = date_from_civil(1998, 1, 1);
    int32_t last = date_from_civil(2028, 12, 31);
    int closed = 0;
    for (int32_t day = first; day <= last; day++)
        closed += date_weekday(day) < 5 && !xnys_is_session(day);
    assert_int_equal(closed, 293 - 2);
    assert_int_equal(count_early(first, last), 65 - 1 + 3);
    assert_true(is_early(date_from_civil(1998, 11, 27)));
    assert_true(is_early(date_from_civil(1998, 12, 24)));
    assert_true(is_early(date_from_civil(1999, 12, 31)));
}

/* The span of the guide's workload. */
static void test_guide_span(void **state) {
    (void)state;
    assert_int_equal(
        count(date_from_civil(2000, 1, 3), date_from_civil(2024, 12, 31)),
        6289);
}

/* Days that shares traded on, counted in vendors' files: ORCL, YHOO and NVDA by
 * Yahoo, GOOG likewise, SPY as LEAN has it. */
static void test_days_traded(void **state) {
    (void)state;
    static const int known[][7] = {{1995, 1, 3, 2014, 12, 31, 5036},
                                   {1996, 4, 12, 2014, 12, 31, 4713},
                                   {1999, 1, 22, 2014, 12, 31, 4012},
                                   {2004, 8, 19, 2013, 3, 1, 2148},
                                   {1998, 1, 2, 2021, 3, 31, 5849}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const int *k = known[i];
        assert_int_equal(count(date_from_civil(k[0], k[1], k[2]),
                               date_from_civil(k[3], k[4], k[5])),
                         k[6]);
    }
}

static void test_closed(void **state) {
    (void)state;
    static const int closed[][3] = {
        {1994, 4, 27},  {1998, 1, 19}, {1998, 4, 10}, {1998, 7, 3},
        {1999, 12, 24}, {2001, 9, 11}, {2001, 9, 14}, {2004, 6, 11},
        {2006, 1, 2},   {2007, 1, 2},  {2010, 7, 5},  {2011, 12, 26},
        {2012, 10, 30}, {2018, 12, 5}, {2020, 7, 3},  {2021, 12, 24},
        {2022, 6, 20},  {2024, 6, 19}, {2024, 3, 29}, {2025, 1, 9},
        {2026, 6, 19},  {2026, 7, 3},  {2027, 6, 18}, {2030, 11, 28}};
    for (size_t i = 0; i < sizeof closed / sizeof *closed; i++)
        assert_false(xnys_is_session(
            date_from_civil(closed[i][0], closed[i][1], closed[i][2])));
}

static void test_open(void **state) {
    (void)state;
    static const int open[][3] = {
        {1997, 1, 20}, /* M. L. King before 1998 */
        {1998, 1, 2},   {1999, 12, 31}, {2001, 9, 17}, /* after the attacks */
        {2010, 12, 31},                /* New Year's Day 2011 is a Saturday */
        {2021, 12, 31}, {2021, 6, 18}, /* Juneteenth before 2022 */
        {2008, 12, 26}};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        assert_true(xnys_is_session(
            date_from_civil(open[i][0], open[i][1], open[i][2])));
}

static void assert_times(int y, int m, int d, const char *opens,
                         const char *closes) {
    bt_time o, c;
    char text[DATE_TEXT];
    xnys_times(date_from_civil(y, m, d), &o, &c);
    date_format_time(o, text);
    assert_string_equal(text, opens);
    date_format_time(c, text);
    assert_string_equal(text, closes);
}

static void test_times(void **state) {
    (void)state;
    /* the Fridays and Mondays around both clock changes of 2024 */
    assert_times(2024, 3, 8, "2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z");
    assert_times(2024, 3, 11, "2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z");
    assert_times(2024, 11, 1, "2024-11-01T13:30:00Z", "2024-11-01T20:00:00Z");
    assert_times(2024, 11, 4, "2024-11-04T14:30:00Z", "2024-11-04T21:00:00Z");
    /* until 2006 summer time began in April */
    assert_times(2006, 3, 20, "2006-03-20T14:30:00Z", "2006-03-20T21:00:00Z");
}

static void test_early_closes(void **state) {
    (void)state;
    assert_times(1992, 11, 27, "1992-11-27T14:30:00Z", "1992-11-27T19:00:00Z");
    assert_times(2002, 7, 5, "2002-07-05T13:30:00Z", "2002-07-05T17:00:00Z");
    assert_times(2003, 12, 26, "2003-12-26T14:30:00Z", "2003-12-26T18:00:00Z");
    assert_times(2013, 7, 3, "2013-07-03T13:30:00Z", "2013-07-03T17:00:00Z");
    assert_times(2013, 7, 5, "2013-07-05T13:30:00Z", "2013-07-05T20:00:00Z");
    assert_times(2019, 7, 3, "2019-07-03T13:30:00Z", "2019-07-03T17:00:00Z");
    assert_times(2023, 7, 3, "2023-07-03T13:30:00Z", "2023-07-03T17:00:00Z");
    assert_times(2023, 11, 24, "2023-11-24T14:30:00Z", "2023-11-24T18:00:00Z");
    assert_times(2024, 12, 24, "2024-12-24T14:30:00Z", "2024-12-24T18:00:00Z");
    assert_times(2008, 12, 26, "2008-12-26T14:30:00Z", "2008-12-26T21:00:00Z");
    assert_times(1991, 11, 29, "1991-11-29T14:30:00Z", "1991-11-29T21:00:00Z");
}

static void test_next(void **state) {
    (void)state;
    assert_int_equal(xnys_next(date_from_civil(2001, 9, 11)),
                     date_from_civil(2001, 9, 17));
    assert_int_equal(xnys_next(date_from_civil(2024, 3, 11)),
                     date_from_civil(2024, 3, 11));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_year), cmocka_unit_test(test_against_lean),
        cmocka_unit_test(test_guide_span), cmocka_unit_test(test_days_traded),
        cmocka_unit_test(test_closed),     cmocka_unit_test(test_open),
        cmocka_unit_test(test_times),      cmocka_unit_test(test_early_closes),
        cmocka_unit_test(test_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
