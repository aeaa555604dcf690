/* Schedules: hours by hand, overnight sessions, both clock changes, files that
 * make sense and files that do not. */
#include "bundle_fixture.h"

#include "base/date.h"
#include "store/schedule.h"
#include "store/xnys.h"

static bt_time at(const char *text) {
    bt_time t = 0;
    bool has_time;
    assert_true(date_parse(text, strlen(text), &t, &has_time));
    return t;
}

static int32_t day_of(const char *text) {
    return date_of(at(text));
}

static struct schedule *parse(const char *text) {
    struct schedule *s = NULL;
    if (schedule_parse(text, false, &s) != BT_OK)
        fail_msg("%s", bt_error_message());
    return s;
}

#define FILE_OF(lines) "backlua calendar 1\n" lines

static void hours(const struct schedule *s, const char *day, const char *open,
                  const char *close) {
    struct session_times t = schedule_times(s, day_of(day));
    assert_true(schedule_is_session(s, day_of(day)));
    if (t.open != at(open) || t.close != at(close))
        fail_msg("%s is not from %s to %s", day, open, close);
}

/* Globex: the session of a Monday opens on Sunday at 17:00 Chicago time. 2024:
 * summer time from 10 March to 3 November, both Sundays, each before 17:00. */
static void test_overnight(void **state) {
    (void)state;
    struct schedule *s = parse(FILE_OF("zone America/Chicago\n"
                                       "Mon-Fri 17:00-16:00 # Globex\n"
                                       "2024-12-24 17:00-12:15\n"
                                       "2024-12-25 closed\n"));
    hours(s, "2024-03-08", "2024-03-07 23:00", "2024-03-08 22:00");
    hours(s, "2024-03-11", "2024-03-10 22:00", "2024-03-11 21:00");
    hours(s, "2024-11-01", "2024-10-31 22:00", "2024-11-01 21:00");
    hours(s, "2024-11-04", "2024-11-03 23:00", "2024-11-04 22:00");
    hours(s, "2024-12-24", "2024-12-23 23:00", "2024-12-24 18:15");
    assert_false(schedule_is_session(s, day_of("2024-12-25")));
    assert_false(schedule_is_session(s, day_of("2024-12-22")));
    /* Sunday evening is Monday's; the pause belongs to what follows it */
    assert_int_equal(schedule_session_of(s, at("2024-03-10 22:30")),
                     day_of("2024-03-11"));
    assert_int_equal(schedule_session_of(s, at("2024-03-08 21:59")),
                     day_of("2024-03-08"));
    assert_int_equal(schedule_session_of(s, at("2024-03-08 22:00")),
                     day_of("2024-03-11"));
    assert_int_equal(schedule_session_of(s, at("2024-12-24 20:00")),
                     day_of("2024-12-26"));
    assert_int_equal(
        schedule_last(s, day_of("2024-12-23"), day_of("2024-12-25")),
        day_of("2024-12-24"));
    schedule_free(s);
}

/* Midnight to midnight of Berlin: 23 hours on 31 March 2024, 25 on 27
 * October. */
static void test_days(void **state) {
    (void)state;
    struct schedule *s = parse("24/7 Europe/Berlin");
    hours(s, "2024-03-31", "2024-03-30 23:00", "2024-03-31 21:59:59");
    hours(s, "2024-10-27", "2024-10-26 22:00", "2024-10-27 22:59:59");
    schedule_free(s);
    s = parse("weekdays");
    hours(s, "2024-03-29", "2024-03-29", "2024-03-29 23:59:59");
    assert_true(schedule_times(s, 0).end == FIXTURE_DAY);
    assert_false(schedule_is_session(s, day_of("2024-03-30")));
    assert_int_equal(
        schedule_last(s, day_of("2024-03-30"), day_of("2024-03-31")),
        SCHEDULE_NONE);
    schedule_free(s);
    assert_int_equal(schedule_parse("union", true, &s), BT_OK);
    assert_true(schedule_is_session(s, day_of("2024-03-30")));
    schedule_free(s);
}

static void test_new_york(void **state) {
    (void)state;
    struct schedule *s = parse("XNYS");
    hours(s, "2024-03-08", "2024-03-08 14:30", "2024-03-08 21:00");
    hours(s, "2024-03-11", "2024-03-11 13:30", "2024-03-11 20:00");
    hours(s, "2024-11-29", "2024-11-29 14:30", "2024-11-29 18:00");
    assert_int_equal(schedule_session_of(s, at("2024-11-29 18:30")),
                     day_of("2024-12-02"));
    schedule_free(s);
}

/* A table of sessions is a calendar: nothing else is one. */
static void test_table(void **state) {
    (void)state;
    struct schedule *s = parse(FILE_OF("date,open,close\n2024-01-03,09:00,17:30"
                                       "\r\n2024-01-02,09:00,12:00\n\n"));
    hours(s, "2024-01-02", "2024-01-02 09:00", "2024-01-02 12:00");
    hours(s, "2024-01-03", "2024-01-03 09:00", "2024-01-03 17:30");
    assert_false(schedule_is_session(s, day_of("2024-01-04")));
    assert_int_equal(schedule_session_of(s, at("2024-01-04")), SCHEDULE_NONE);
    schedule_free(s);
}

static void test_refused(void **state) {
    (void)state;
    static const char *const bad[][2] = {
        {FILE_OF(""), "it names no session"},
        {FILE_OF("Mon-Fri 9:30-16:61\n"), "line 1, '9:30-16:61'"},
        {FILE_OF("Mon-Fri 9:30-24:01\n"), "line 1"},
        {FILE_OF("Mon-Fri\n"), "hours are missing"},
        {FILE_OF("Mon-Fri 10:00-11:00\nMonday 1:00-2:00\n"),
         "line 2, 'Monday'"},
        {FILE_OF("2024-02-30 closed\n"), "line 1, '2024-02-30'"},
        {FILE_OF("2024-01-02\n2024-01-02 closed\n"),
         "2024-01-02 is given twice"},
        {FILE_OF("zone America/NewYork\nMon-Fri 9:30-16:00\n"),
         "line 1: unknown time zone"},
        {"XNYX", "did you mean 'XNYS'?"},
        {"XNYS Europe/Berlin", "no calendar"},
        {"weekdays Nowhere/At", "unknown time zone"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct schedule *s = NULL;
        assert_int_not_equal(schedule_parse(bad[i][0], false, &s), BT_OK);
        assert_null(s);
        assert_message(bad[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overnight), cmocka_unit_test(test_days),
        cmocka_unit_test(test_new_york),  cmocka_unit_test(test_table),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
