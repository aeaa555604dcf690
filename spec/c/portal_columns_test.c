/* What a portal shows: columns, carried prices, times, the cursor's facts; and
 * the cache behind it, shared with forked processes. */
#include "bundle_fixture.h"

#include "base/recent.h"
#include "portal/cache.h"
#include "portal/portal.h"
#include "store/attic.h"
#include "store/bundle.h"
#include "store/column.h"
#include "store/pool.h"

#include <sys/wait.h>

static const double gap = (double)NAN;
static const double full[] = {10, 11, 12, 13, 14, 15};
static const double holes[] = {20, gap, gap, 23, 24};
static const double late[] = {31, 32, 33, 34};
static const struct fixture_asset three[] = {
    {"FULL", 0, 6, full}, {"HOLES", 0, 5, holes}, {"LATE", 2, 4, late}};

static bt_bundle *acquire(const char *name) {
    bt_bundle *b;
    if (bt_bundle_acquire(name, &b) != BT_OK)
        fail_msg("%s", bt_error_message());
    return b;
}

static struct portal *open_portal(bt_bundle *b) {
    struct portal *p;
    assert_int_equal(portal_new(b, &p), BT_OK);
    return p;
}

static const double *column(struct portal *p, int32_t sid, int32_t field) {
    bt_portal *public = portal_public(p);
    if (bt_portal_column(public, sid, field) != BT_OK)
        fail_msg("%s", bt_error_message());
    return public->hidden_series[sid * public->fields + field].hidden_data;
}

static int setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    fixture_make("three", three, 3, NULL);
    fixture_make("unseen", three, 3, NULL);
    return 0;
}

static void assert_row(const double *x, const double *want, int n) {
    for (int i = 0; i < n; i++)
        if (!(isnan(x[i]) && isnan(want[i])) && x[i] != want[i])
            fail_msg("[%d] is %g, not %g", i, x[i], want[i]);
}

static void test_price_is_carried(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b);
    const double carried[] = {20, 20, 20, 23, 24, 24};
    const double listed[] = {gap, gap, 31, 32, 33, 34};
    const double *price = column(p, 1, BT_FIELD_PRICE);
    assert_row(price, carried, 6);
    assert_true(isnan(price[-1]));
    bt_portal_reach(portal_public(p), BT_HISTORY_MAX);
    assert_true(isnan(price[-BT_HISTORY_MAX]));
    assert_row(column(p, 2, BT_FIELD_PRICE), listed, 6);
    assert_true(isnan(column(p, 1, BT_FIELD_CLOSE)[1]));
    /* nothing to carry: the same memory */
    assert_ptr_equal(column(p, 0, BT_FIELD_PRICE),
                     column(p, 0, BT_FIELD_CLOSE));
    assert_ptr_equal(column(p, 2, BT_FIELD_PRICE),
                     column(p, 2, BT_FIELD_CLOSE));
    assert_ptr_not_equal(price, column(p, 1, BT_FIELD_CLOSE));
    portal_free(p);
    bt_bundle_release(b);
}

/* The engine reads no windows, so nothing is mapped for it. */
static void test_what_the_engine_reads(void **state) {
    (void)state;
    bt_bundle *b = acquire("unseen");
    struct portal *p = open_portal(b);
    const bt_series *all = portal_public(p)->hidden_series;
    for (int32_t sid = 0; sid < 3; sid++)
        for (int32_t f = 0; f <= BT_FIELD_PRICE; f++) {
            const double *x;
            bool gaps = f == BT_FIELD_PRICE && sid == 1;
            const void **shown =
                (const void **)&all[sid * bundle_fields(b) + f].hidden_data;
            assert_int_equal(portal_data(p, sid, f, &x), BT_OK);
            assert_true((*shown != NULL) == gaps);
            assert_row(x, column(p, sid, f), 6);
        }
    const double *x;
    assert_int_equal(portal_data(p, 3, BT_FIELD_CLOSE, &x), BT_E_RANGE);
    assert_int_equal(portal_data(p, 0, bundle_fields(b), &x), BT_E_RANGE);
    portal_free(p);
    bt_bundle_release(b);
    attic_clear();
}

static void test_range(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b);
    bt_portal *public = portal_public(p);
    assert_int_equal(bt_portal_column(public, 3, 0), BT_E_RANGE);
    assert_message("0..2, got 3");
    assert_int_equal(bt_portal_column(public, -1, 0), BT_E_RANGE);
    assert_int_equal(bt_portal_column(public, 0, BT_FIELDS), BT_E_RANGE);
    assert_message("0..5, got 6");
    assert_int_equal(bt_field_find("price"), BT_FIELD_PRICE);
    assert_int_equal(bt_field_find("Price"), -1);
    portal_free(p);
    bt_bundle_release(b);
}

static void test_cursor(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b);
    bt_portal *public = portal_public(p);
    static const int holes_bar[] = {1, 0, 0, 1, 1, 0};
    static const int holes_last[] = {0, 0, 0, 3, 4, 4};
    static const int late_last[] = {-1, -1, 2, 3, 4, 5};
    assert_int_equal(public->cursor, -1);
    assert_int_equal(public->floor, INT32_MAX);
    assert_int_equal(bt_portal_has_bar(public, 0), 0);
    assert_int_equal(bt_portal_last_bar(public, 0), -1);
    for (int32_t row = 0; row < 6; row++) {
        portal_set_cursor(p, row);
        assert_int_equal(public->cursor, row);
        assert_int_equal(public->floor, -column_apron_rows());
        assert_int_equal(bt_portal_has_bar(public, 0), 1);
        assert_int_equal(bt_portal_has_bar(public, 1), holes_bar[row]);
        assert_int_equal(bt_portal_last_bar(public, 1), holes_last[row]);
        assert_int_equal(bt_portal_has_bar(public, 2), row >= 2);
        assert_int_equal(bt_portal_last_bar(public, 2), late_last[row]);
    }
    assert_int_equal(bt_portal_has_bar(public, 3), 0);
    portal_set_strict(p, 1);
    assert_int_equal(public->floor, 0);
    portal_set_cursor(p, 2);
    assert_int_equal(public->floor, 0);
    bt_portal_reach(public, BT_HISTORY_MAX);
    assert_int_equal(public->floor, 0);
    portal_set_strict(p, 0);
    assert_int_equal(public->floor, -BT_HISTORY_MAX);
    portal_free(p);
    bt_bundle_release(b);
}

static void test_times(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b);
    bt_portal *public = portal_public(p);
    assert_int_equal(bt_portal_times(public), BT_OK);
    const double *t = public->hidden_time_series->hidden_data;
    assert_true(t[0] == 10000 * 86400.0 + 43200);
    assert_true(t[5] == 10005 * 86400.0 + 43200);
    assert_true(isnan(t[-1]));
    portal_free(p);
    bt_bundle_release(b);
}

/* Portals of one bundle show the same memory; with caching off each has its
 * own. */
static void test_sharing(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b), *q = open_portal(b);
    assert_ptr_equal(portal_public(p)->hidden_series,
                     portal_public(q)->hidden_series);
    bt_config off = *bt_config_get(), on = off;
    off.enable_caching = 0;
    assert_int_equal(bt_config_set(&off), BT_OK);
    struct portal *r = open_portal(b);
    assert_ptr_not_equal(portal_public(p)->hidden_series,
                         portal_public(r)->hidden_series);
    assert_ptr_not_equal(column(p, 1, BT_FIELD_PRICE),
                         column(r, 1, BT_FIELD_PRICE));
    assert_int_equal(bt_config_set(&on), BT_OK);
    portal_free(p);
    portal_free(q);
    portal_free(r);
    bt_bundle_release(b);
}

/* What a script kept stays readable after portal and bundle are gone. */
static void test_kept_views(void **state) {
    (void)state;
    char *path = fixture_path("three", NULL);
    bt_bundle *b;
    bt_config config = *bt_config_get(), on = config;
    config.enable_bundle_pooling = 0;
    config.enable_caching = 0;
    assert_int_equal(bt_config_set(&config), BT_OK);
    assert_int_equal(bt_bundle_acquire(path, &b), BT_OK);
    struct portal *p = open_portal(b);
    const double *price = column(p, 1, BT_FIELD_PRICE);
    const double *close = column(p, 0, BT_FIELD_CLOSE);
    bt_series *series =
        &portal_public(p)->hidden_series[1 * BT_FIELDS + BT_FIELD_PRICE];
    double before = 0;
    for (int i = 0; i < 3; i++) /* by then through prefix sums */
        before = bt_window_sum(price, 6, series);
    portal_free(p);
    bt_bundle_release(b);
    for (int i = 0; i < 20; i++) { /* others come and go */
        assert_int_equal(bt_bundle_acquire(path, &b), BT_OK);
        p = open_portal(b);
        column(p, 1, BT_FIELD_PRICE);
        portal_free(p);
        bt_bundle_release(b);
    }
    assert_true(price[5] == 24 && close[5] == 15);
    for (int i = 0; i < 3; i++)
        assert_true(bt_window_sum(price, 6, series) == before && before == 131);
    assert_int_equal(bt_config_set(&on), BT_OK);
    attic_clear();
    free(path);
}

/* ---- the cache ------------------------------------------------------------*/

static bt_cache_stats stats(void) {
    bt_cache_stats s;
    bt_cache_get_stats(&s);
    return s;
}

static void test_keys_tell_everything_apart(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct cache_key keys[8];
    double a[] = {1, 2}, c[] = {1, 3};
    cache_key_make(&keys[0], CACHE_INDICATORS, b, 0, 3, "sma", a, 2);
    cache_key_make(&keys[1], CACHE_INDICATORS, b, 1, 3, "sma", a, 2);
    cache_key_make(&keys[2], CACHE_INDICATORS, b, 0, 2, "sma", a, 2);
    cache_key_make(&keys[3], CACHE_INDICATORS, b, 0, 3, "ema", a, 2);
    cache_key_make(&keys[4], CACHE_INDICATORS, b, 0, 3, "sma", c, 2);
    cache_key_make(&keys[5], CACHE_INDICATORS, b, 0, 3, "sma", a, 1);
    cache_key_make(&keys[6], CACHE_INDICATORS, b, 0, 3, "sma", NULL, 0);
    cache_key_make(&keys[7], CACHE_INDICATORS, b, 0, 3, "sma", a, 2);
    for (int i = 0; i < 7; i++)
        for (int k = i + 1; k < 7; k++)
            assert_memory_not_equal(keys[i].bytes, keys[k].bytes,
                                    sizeof keys[i].bytes);
    assert_memory_equal(&keys[0], &keys[7], sizeof keys[0]);
    bt_bundle_release(b);
}

static void test_forked_processes_share(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct cache_key key;
    bt_cache_clear();
    assert_int_equal(bt_portal_warm(b), BT_OK);
    cache_key_make(&key, CACHE_INDICATORS, b, 0, 3, "forked", NULL, 0);
    assert_null(cache_get(&key));
    pid_t child = fork();
    if (child == 0) {
        double *room = cache_claim(&key, sizeof *room);
        if (room == NULL)
            _exit(1);
        *room = 42;
        cache_ready(&key);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    recent_ended(child);
    const double *there = cache_get(&key);
    assert_non_null(there);
    assert_true(*there == 42);
    assert_true(stats().hits == 1 && stats().misses == 1);
    assert_true(stats().entries == 1 && stats().bytes >= 8);
    /* What is looked at stays a while, under a key that nobody asks for any
     * more. */
    bt_cache_clear();
    assert_true(*there == 42);
    assert_true(stats().hits == 0 && stats().entries == 1);
    cache_enter();
    cache_leave(); /* looked away */
    bt_cache_clear();
    assert_true(stats().entries == 0 && stats().bytes == 0);
    cache_key_make(&key, CACHE_INDICATORS, b, 0, 3, "forked", NULL, 0);
    assert_null(cache_get(&key));
    bt_bundle_release(b);
}

static void test_full_and_off(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    bt_config config = *bt_config_get(), on = config;
    struct cache_key key;
    cache_key_make(&key, CACHE_INDICATORS, b, 0, 3, "large", NULL, 0);
    assert_null(cache_claim(&key, (size_t)3 << 30));
    config.enable_caching = 0;
    assert_int_equal(bt_config_set(&config), BT_OK);
    assert_null(cache_get(&key));
    assert_null(cache_claim(&key, 8));
    assert_true(stats().budget_bytes == 0);
    assert_int_equal(bt_config_set(&on), BT_OK);
    assert_true(stats().budget_bytes == 0x1p31);
    bt_bundle_release(b);
}

/* One asset with a long column. */
static bt_bundle *acquire_sums(void) {
    static double closes[400];
    for (int i = 0; i < 400; i++)
        closes[i] = 50 + i % 13;
    struct fixture_asset one[] = {{"ONE", 0, 400, closes}};
    fixture_make("sums", one, 1, NULL);
    return acquire("sums");
}

/* Prefix sums are made once for all portals and processes. */
static void test_sums_are_cached(void **state) {
    (void)state;
    bt_bundle *b = acquire_sums();
    struct portal *p = open_portal(b);
    bt_cache_clear();
    const double *x = column(p, 0, BT_FIELD_CLOSE);
    bt_series *s = &portal_public(p)->hidden_series[BT_FIELD_CLOSE];
    bt_window_sum(x, 100, s);
    assert_true(stats().misses == 1 && stats().entries == 0);
    for (int i = 0; i < 4; i++) /* as much work as a pass over the column */
        bt_window_sum(x, 100, s);
    assert_true(stats().entries == 1);
    double sum = bt_window_sum(x, 400, s);
    bt_cache_clear(); /* a portal is alive */
    assert_true(bt_window_sum(x, 400, s) == sum);
    portal_free(p);
    bt_bundle_release(b);
}

/* Made by one while others still did without. */
static void test_sums_are_made_once(void **state) {
    (void)state;
    bt_bundle *b = acquire_sums();
    struct portal *p = open_portal(b);
    bt_cache_clear();
    const double *x = column(p, 0, BT_FIELD_CLOSE);
    bt_series *s = &portal_public(p)->hidden_series[BT_FIELD_CLOSE];
    double sum = bt_window_sum(x, 100, s);
    pid_t child = fork();
    if (child == 0) {
        bt_window_sum(x, 400, s);
        _exit(stats().entries == 1 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_null(s->hidden_sums->hidden_pairs);
    assert_true(bt_window_sum(x, 100, s) == sum);
    assert_non_null(s->hidden_sums->hidden_pairs);
    assert_true(stats().entries == 1 && stats().hits == 1);
    portal_free(p);
    bt_bundle_release(b);
}

static void test_kept_by_the_portal(void **state) {
    (void)state;
    bt_bundle *b = acquire("three");
    struct portal *p = open_portal(b);
    struct cache_key one, two;
    double *mine = mem_alloc(sizeof *mine);
    cache_key_make(&one, CACHE_INDICATORS, b, 0, 3, "kept", NULL, 0);
    cache_key_make(&two, CACHE_INDICATORS, b, 1, 3, "kept", NULL, 0);
    portal_keep(p, &one, mine, sizeof *mine);
    assert_ptr_equal(portal_kept(p, &one), mine);
    assert_null(portal_kept(p, &two));
    portal_free(p);
    bt_bundle_release(b);
    attic_clear();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_price_is_carried),
        cmocka_unit_test(test_what_the_engine_reads),
        cmocka_unit_test(test_range),
        cmocka_unit_test(test_cursor),
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_sharing),
        cmocka_unit_test(test_kept_views),
        cmocka_unit_test(test_keys_tell_everything_apart),
        cmocka_unit_test(test_sums_are_cached),
        cmocka_unit_test(test_sums_are_made_once),
        cmocka_unit_test(test_forked_processes_share),
        cmocka_unit_test(test_full_and_off),
        cmocka_unit_test(test_kept_by_the_portal),
    };
    return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
