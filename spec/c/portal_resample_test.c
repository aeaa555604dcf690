/* Coarser frequencies: groups and values by hand, what is visible when, the
 * growing bar, sharing through the cache. */
#include "bundle_fixture.h"

#include "portal/cache.h"
#include "portal/level.h"
#include "portal/portal.h"
#include "portal/shelf.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <sys/wait.h>

#define MINUTE INT64_C(60000000)
static const double gap = (double)NAN;
enum { MONDAY = 19723 }; /* 2024-01-01 */

/* Bar that opens at a minute of a day and lasts `minutes`. */
static struct bar bar_at(int32_t day, int minute, int minutes, double close) {
    bt_time open = day * FIXTURE_DAY + minute * MINUTE;
    return (struct bar){.open_time = open,
                        .close_time = open + minutes * MINUTE,
                        .session = day,
                        .open = close - 0.5,
                        .high = close + 1,
                        .low = close - 1,
                        .close = close,
                        .volume = 100 * close};
}

static void add(struct builder *b, const char *symbol, const struct bar *bars,
                int64_t n) {
    assert_int_equal(builder_asset(b, symbol, bars, n), BT_OK);
}

static void finish(struct builder *b) {
    char hex[65];
    assert_int_equal(builder_commit(b, "{}", 0, hex), BT_OK);
}

/* Minutes 0 1 2 3 4 | 5 7 | 11 of Monday, 0 of Tuesday; B lacks some. */
static void make_minutes(void) {
    static const int minutes[] = {0, 1, 2, 3, 4, 5, 7, 11};
    struct bar a[9], few[3];
    struct builder *b;
    for (int i = 0; i < 8; i++)
        a[i] = bar_at(MONDAY, minutes[i], 1, 10 + i);
    a[8] = bar_at(MONDAY + 1, 0, 1, 30);
    few[0] = a[1];
    few[1] = a[3];
    few[2] = a[8];
    assert_int_equal(builder_open(fixture_folder, "minutes", "1m", &b), BT_OK);
    add(b, "A", a, 9);
    add(b, "B", few, 3);
    finish(b);
}

/* Daily bars, 23:59:59 as ingest makes them: weekdays from Monday on but for
 * the first Friday; days: how many weekdays. */
static void make_days(const char *name, int days) {
    struct bar bars[64];
    struct builder *b;
    int n = 0;
    for (int day = 0; n < days; day++) {
        if (day % 7 > 4 || day == 4)
            continue;
        bars[n] = bar_at(MONDAY + day, 0, 1, 10 + n);
        bars[n++].close_time = (MONDAY + day + 1) * FIXTURE_DAY - 1000000;
    }
    assert_int_equal(builder_open(fixture_folder, name, "1d", &b), BT_OK);
    add(b, "A", bars, n);
    finish(b);
}

static int setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    make_minutes();
    make_days("days", 30);
    return 0;
}

static struct portal *open_portal(const char *name) {
    bt_bundle *b;
    struct portal *p;
    if (bt_bundle_acquire(name, &b) != BT_OK)
        fail_msg("%s", bt_error_message());
    assert_int_equal(portal_new(b, &p), BT_OK);
    bt_bundle_release(b);
    return p;
}

static bt_portal *level(struct portal *p, const char *frequency) {
    bt_portal *l;
    if (bt_portal_level(portal_public(p), frequency, &l) != BT_OK)
        fail_msg("%s", bt_error_message());
    return l;
}

static const double *column(bt_portal *l, int32_t sid, int32_t field) {
    if (bt_portal_column(l, sid, field) != BT_OK)
        fail_msg("%s", bt_error_message());
    return l->hidden_series[sid * l->fields + field].hidden_data;
}

static void assert_row(const double *x, const double *want, int n) {
    for (int i = 0; i < n; i++)
        if (!(isnan(x[i]) && isnan(want[i])) && x[i] != want[i])
            fail_msg("[%d] is %g, not %g", i, x[i], want[i]);
}

static void assert_cursors(struct portal *p, bt_portal *l, const int *want,
                           int rows) {
    for (int row = 0; row < rows; row++) {
        portal_set_cursor(p, row);
        if (l->cursor != want[row] - 1)
            fail_msg("row %d: %d bars, not %d", row, l->cursor + 1, want[row]);
    }
}

static void test_values(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    bt_portal *l = level(p, "5m");
    static const double open[] = {9.5, 14.5, 16.5, 29.5};
    static const double high[] = {15, 17, 18, 31};
    static const double low[] = {9, 14, 16, 29};
    static const double close[] = {14, 16, 17, 30};
    static const double volume[] = {6000, 3100, 1700, 3000};
    static const double b_open[] = {10.5, gap, gap, 29.5};
    static const double b_high[] = {14, gap, gap, 31};
    static const double b_low[] = {10, gap, gap, 29};
    static const double b_close[] = {13, gap, gap, 30};
    static const double b_volume[] = {2400, 0, 0, 3000};
    static const double b_price[] = {13, 13, 13, 30};
    const double *const want[2][BT_FIELDS] = {
        {open, high, low, close, volume, close},
        {b_open, b_high, b_low, b_close, b_volume, b_price}};
    assert_int_equal(l->rows, 4);
    for (int sid = 0; sid < 2; sid++)
        for (int field = 0; field < BT_FIELDS; field++)
            assert_row(column(l, sid, field), want[sid][field], 4);
    portal_free(p);
}

/* The bar of minutes 0-5 closes with the one that closes at 5; that of 5-10 at
 * the next row, since none closes at 10; that of 10-15 with the next day. */
static void test_visible_when_closed(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    static const int five[] = {0, 0, 0, 0, 1, 1, 1, 2, 3};
    static const int three[] = {0, 0, 1, 1, 1, 2, 2, 4, 4};
    static const int day[] = {0, 0, 0, 0, 0, 0, 0, 0, 1};
    assert_cursors(p, level(p, "5m"), five, 9);
    assert_cursors(p, level(p, "3m"), three, 9);
    assert_cursors(p, level(p, "1d"), day, 9);
    assert_cursors(p, level(p, "1h"), day, 9);
    /* a level that is opened late stands where the others do */
    assert_int_equal(level(p, "15m")->cursor, 0);
    portal_set_cursor(p, -1);
    assert_int_equal(level(p, "5m")->cursor, -1);
    assert_int_equal(level(p, "5m")->floor, INT32_MAX);
    portal_free(p);
}

/* Weeks: Mon-Thu (Friday lacks, so Monday's row closes it), Mon-Fri, ...;
 * January has 22 weekdays but for the Friday: its last row is 31 January, a
 * Wednesday. */
static void test_weeks_and_months(void **state) {
    (void)state;
    struct portal *p = open_portal("days");
    static const int weeks[] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3};
    bt_portal *w = level(p, "1w"), *m = level(p, "1mo");
    assert_cursors(p, w, weeks, 14);
    portal_set_cursor(p, 20);
    assert_int_equal(m->cursor, -1);
    portal_set_cursor(p, 21);
    assert_int_equal(m->cursor, 0);
    static const double closes[] = {13, 18, 23};
    assert_row(column(w, 0, BT_FIELD_CLOSE), closes, 3);
    assert_true(column(m, 0, BT_FIELD_CLOSE)[0] == 31);
    assert_true(column(m, 0, BT_FIELD_OPEN)[0] == 9.5);
    portal_free(p);
}

/* 2018-12-31 (a Monday) belongs to the ISO week of 2 January 2019. */
static void test_weeks_across_years(void **state) {
    (void)state;
    enum { EVE = 17896 };
    struct builder *b;
    struct bar bars[4];
    static const int days[] = {EVE, EVE + 2, EVE + 4, EVE + 7};
    for (int i = 0; i < 4; i++) {
        bars[i] = bar_at(days[i], 0, 1, 10 + i);
        bars[i].close_time = (days[i] + 1) * FIXTURE_DAY - 1000000;
    }
    assert_int_equal(builder_open(fixture_folder, "eve", "1d", &b), BT_OK);
    add(b, "A", bars, 4);
    finish(b);
    struct portal *p = open_portal("eve");
    bt_portal *w = level(p, "1w");
    static const int want[] = {0, 0, 1, 1};
    assert_cursors(p, w, want, 4);
    assert_true(column(w, 0, BT_FIELD_CLOSE)[0] == 12);
    portal_free(p);
}

static void test_windows_reach_before_the_first(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    bt_portal *l = level(p, "5m");
    portal_set_cursor(p, 0);
    assert_true(l->floor < 0);
    bt_portal_reach(l, 5000);
    assert_int_equal(l->cursor, -1);
    assert_true(isnan(column(l, 0, BT_FIELD_CLOSE)[-5000]));
    assert_true(column(l, 0, BT_FIELD_VOLUME)[-5000] == 0);
    portal_set_strict(p, 1);
    assert_int_equal(l->floor, 0);
    portal_free(p);
}

static void assert_growing(bt_portal *l, int32_t sid, int32_t field,
                           int32_t row, double before, double last) {
    double out[2] = {-1, -1};
    const double want[2] = {before, last};
    if (bt_portal_coarse(l, -1, sid, field, row, 1, 2, out) != BT_OK)
        fail_msg("%s", bt_error_message());
    assert_row(out, want, 2);
}

static void test_growing(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    bt_portal *l = level(p, "5m");
    portal_set_cursor(p, 8);
    assert_growing(l, 0, BT_FIELD_CLOSE, 0, gap, 10);
    assert_growing(l, 0, BT_FIELD_HIGH, 3, gap, 14);
    assert_growing(l, 0, BT_FIELD_CLOSE, 4, gap, 14); /* closed: no growing */
    assert_growing(l, 0, BT_FIELD_OPEN, 6, 9.5, 14.5);
    assert_growing(l, 0, BT_FIELD_VOLUME, 6, 6000, 3100);
    assert_growing(l, 0, BT_FIELD_LOW, 7, 14, 16);
    assert_growing(l, 1, BT_FIELD_OPEN, 0, gap, gap);
    assert_growing(l, 1, BT_FIELD_VOLUME, 0, 0, 0);
    assert_growing(l, 1, BT_FIELD_CLOSE, 5, 13, gap);
    assert_growing(l, 1, BT_FIELD_PRICE, 5, 13, 13);
    double base = MONDAY * 86400.0;
    assert_growing(l, 0, -1, 6, base + 300, base + 480);
    double out[2];
    portal_set_cursor(p, 3);
    assert_int_equal(bt_portal_coarse(l, -1, 0, BT_FIELD_CLOSE, 4, 1, 2, out),
                     BT_E_RANGE);
    assert_int_equal(bt_portal_coarse(l, -1, 9, BT_FIELD_CLOSE, 2, 1, 2, out),
                     BT_E_RANGE);
    assert_int_equal(bt_portal_coarse(portal_public(p), -1, 0, 0, 2, 1, 2, out),
                     BT_E_RANGE);
    portal_free(p);
}

static void test_refused(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes"), *d = open_portal("days");
    bt_portal *l = NULL;
    assert_int_equal(bt_portal_level(portal_public(p), "6m", &l), BT_E_NAME);
    assert_message("no frequency '6m'; did you mean");
    assert_int_equal(bt_portal_level(portal_public(p), "1m", &l), BT_E_NAME);
    assert_int_equal(bt_portal_level(portal_public(d), "1h", &l), BT_E_NAME);
    assert_message("frequency '1h' cannot be made from the bars of bundle "
                   "'days', which are '1d'");
    assert_int_equal(bt_portal_level(portal_public(d), "1d", &l), BT_E_NAME);
    assert_null(l);
    portal_free(p);
    portal_free(d);
}

static double misses(void) {
    bt_cache_stats s;
    bt_cache_get_stats(&s);
    return s.misses;
}

/* A child finds what the parent made, and the parent what the child made. */
static void test_shared_by_workers(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    bt_portal *l = level(p, "15m");
    column(l, 0, BT_FIELD_CLOSE);
    pid_t child = fork();
    if (child == 0) {
        struct portal *q = open_portal("minutes");
        double before = misses();
        bt_portal *k = level(q, "15m");
        bool same = column(k, 0, BT_FIELD_CLOSE)[0] == 17;
        same = same && misses() == before;
        column(k, 1, BT_FIELD_OPEN);
        _exit(same && misses() == before + 1 ? 0 : 1);
    }
    int status = 1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    double before = misses();
    assert_true(column(l, 1, BT_FIELD_OPEN)[0] == 10.5);
    assert_true(misses() == before);
    portal_free(p);
}

/* What is looked at stays when the cache is emptied and filled anew. */
static void test_views_outlive_the_cache(void **state) {
    (void)state;
    struct portal *p = open_portal("minutes");
    const double *x = column(level(p, "5m"), 0, BT_FIELD_CLOSE);
    static const double want[] = {14, 16, 17, 30};
    assert_row(x, want, 4);
    portal_free(p);
    bt_cache_clear();
    struct portal *d = open_portal("days");
    column(level(d, "1w"), 0, BT_FIELD_VOLUME);
    column(level(d, "1w"), 0, BT_FIELD_HIGH);
    assert_row(x, want, 4);
    assert_true(isnan(x[-1]));
    portal_free(d);
    p = open_portal("minutes");
    portal_set_cursor(p, 8);
    assert_int_equal(level(p, "5m")->cursor, 2);
    assert_ptr_equal(column(level(p, "5m"), 0, BT_FIELD_CLOSE), x);
    portal_free(p);
}

static void test_without_caching(void **state) {
    (void)state;
    bt_config off = *bt_config_get(), was = off;
    off.enable_caching = 0;
    assert_int_equal(bt_config_set(&off), BT_OK);
    struct portal *p = open_portal("minutes");
    static const double want[] = {14, 16, 17, 30};
    assert_row(column(level(p, "5m"), 0, BT_FIELD_CLOSE), want, 4);
    portal_free(p);
    assert_int_equal(bt_config_set(&was), BT_OK);
}

/* 0.1 + 0.2 + 0.3 rounds twice; the exact sum, rounded once, is 0.6 (the sum
 * from left to right is 0.6000000000000001). */
static void test_volumes_are_exact(void **state) {
    (void)state;
    static const double x[] = {0.1, 0.2, 0.3}, y[] = {1, 2, 3};
    assert_true(resample_value(BT_FIELD_VOLUME, x, 3) == 0.6);
    assert_true(x[0] + x[1] + x[2] != 0.6);
    assert_true(resample_value(BT_FIELD_VOLUME, y, 3) == 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_visible_when_closed),
        cmocka_unit_test(test_weeks_and_months),
        cmocka_unit_test(test_weeks_across_years),
        cmocka_unit_test(test_windows_reach_before_the_first),
        cmocka_unit_test(test_growing),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_shared_by_workers),
        cmocka_unit_test(test_views_outlive_the_cache),
        cmocka_unit_test(test_without_caching),
        cmocka_unit_test(test_volumes_are_exact),
    };
    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
