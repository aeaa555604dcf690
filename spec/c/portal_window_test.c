/* Window kernels against oracles of their own: exact sums by __float128 over
 * integers, deviations by __float128, extremes by hand. */
#include "bundle_fixture.h"
#include "draw.h"

#include "portal/portal.h"
#include "store/bundle.h"
#include "store/pool.h"

#include <float.h>

enum { ROWS = 1500 };

/* Prices in cents, so that a sum is an exact integer number of cents before it
 * is rounded. */
static double closes[ROWS];
static int64_t cents[ROWS]; /* 0: no bar */

static struct portal *portal;
static bt_bundle *bundle;

static int setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    for (int i = 0; i < ROWS; i++) {
        cents[i] = 500 + (int64_t)draw_below(40000);
        if (i >= 700 && i < 1400 && draw_below(20) == 0)
            cents[i] = 0;
        closes[i] = cents[i] ? (double)cents[i] / 100 : (double)NAN;
    }
    double whole[ROWS];
    for (int i = 0; i < ROWS; i++)
        whole[i] = 100 + i % 7; /* every session exists */
    struct fixture_asset assets[] = {{"GAPPY", 0, ROWS, closes},
                                     {"WHOLE", 0, ROWS, whole}};
    fixture_make("window", assets, 2, NULL);
    if (bt_bundle_acquire("window", &bundle) != BT_OK ||
        portal_new(bundle, &portal) != BT_OK)
        return -1;
    portal_set_cursor(portal, ROWS - 1);
    return 0;
}

static int teardown(void **state) {
    portal_free(portal);
    bt_bundle_release(bundle);
    return fixture_teardown(state);
}

static bt_series *series_of(int32_t sid, int32_t field) {
    assert_int_equal(bt_portal_column(portal_public(portal), sid, field),
                     BT_OK);
    return &portal_public(portal)->hidden_series[sid * BT_FIELDS + field];
}

/* The correctly rounded sum of the doubles themselves: at most 1,500 of them
 * between 2^2 and 2^9 fit 113 bits. */
static double exact(const double *x, int32_t n) {
    __float128 s = 0;
    for (int32_t i = 0; i < n; i++)
        s += x[i];
    return (double)s;
}

static void assert_same(double a, double b) {
    if (!(isnan(a) && isnan(b)) && memcmp(&a, &b, sizeof a) != 0)
        fail_msg("%a is not %a", a, b);
}

/* All ways to a sum: without a series, before prefix sums exist, with them. */
static void test_sum_and_mean(void **state) {
    (void)state;
    bt_series *s = series_of(0, BT_FIELD_CLOSE);
    const double *x = s->hidden_data;
    for (int k = 0; k < 20000; k++) {
        int32_t from = (int32_t)draw_below(ROWS);
        int32_t n = 1 + (int32_t)draw_below((uint64_t)(ROWS - from));
        double want = exact(x + from, n);
        assert_same(bt_window_sum(x + from, n, s), want);
        assert_same(bt_window_mean(x + from, n, s), want / n);
        if (k % 50 == 0) {
            assert_same(bt_window_sum(x + from, n, NULL), want);
            assert_same(bt_window_mean(x + from, n, NULL), want / n);
        }
    }
}

/* Close to the true value; base_spread_test.c has the bits. */
static void test_std(void **state) {
    (void)state;
    bt_series *s = series_of(0, BT_FIELD_CLOSE);
    for (int k = 0; k < 2000; k++) {
        int32_t n = 2 + (int32_t)draw_below(300);
        int32_t from = (int32_t)draw_below(700 - 302);
        const double *x = s->hidden_data + from;
        __float128 mean = 0, squares = 0;
        for (int32_t i = 0; i < n; i++)
            mean += x[i];
        mean /= n;
        for (int32_t i = 0; i < n; i++)
            squares += (x[i] - mean) * (x[i] - mean);
        for (int32_t ddof = 0; ddof < 2; ddof++) {
            double want = sqrt((double)(squares / (n - ddof)));
            double got = bt_window_std(x, n, s, ddof);
            if (fabs(got - want) > 1e-13 * want)
                fail_msg("%.17g is not %.17g", got, want);
            assert_same(got, bt_window_std(x, n, NULL, ddof));
        }
    }
    double pair[] = {1, 3};
    assert_same(bt_window_std(pair, 2, NULL, 0), 1);
    assert_same(bt_window_std(pair, 2, NULL, 1), sqrt(2));
    assert_true(isnan(bt_window_std(pair, 2, NULL, 2)));
    assert_true(isnan(bt_window_std(pair, 1, NULL, 1)));
    assert_same(bt_window_std(pair, 1, NULL, 0), 0);
}

static void test_extremes(void **state) {
    (void)state;
    double x[] = {3, -2, 7, 7, -2}, gap[] = {1, (double)NAN, 3};
    assert_same(bt_window_min(x, 5), -2);
    assert_same(bt_window_max(x, 5), 7);
    assert_same(bt_window_min(x, 1), 3);
    const double zeros[] = {-1, 0.0, -0.0, -2, -3, -0.0};
    assert_false(signbit(bt_window_max(zeros, 6)));
    assert_true(signbit(bt_window_max(zeros + 2, 4)));
    assert_true(isnan(bt_window_max((double[]){9, 8, 7, 6, NAN, 5}, 6)));
    for (int i = 0; i < 3; i++) {
        double y[] = {1, 2, 3};
        y[i] = (double)NAN;
        assert_true(isnan(bt_window_min(y, 3)));
        assert_true(isnan(bt_window_max(y, 3)));
    }
    assert_true(isnan(bt_window_min(x, 0)));
    assert_true(isnan(bt_window_max(x, 0)));
    assert_true(isnan(bt_window_max(gap, 3)));
}

static void test_empty(void **state) {
    (void)state;
    double x = 1;
    assert_same(bt_window_sum(&x, 0, NULL), 0);
    assert_true(isnan(bt_window_mean(&x, 0, NULL)));
    assert_true(isnan(bt_window_std(&x, 0, NULL, 0)));
}

/* A NaN anywhere in the window: NaN; the window after it is a number again. */
static void test_gaps(void **state) {
    (void)state;
    bt_series *s = series_of(0, BT_FIELD_CLOSE);
    for (int32_t end = 21; end < ROWS; end++) {
        const double *x = s->hidden_data + end - 20;
        bool gap = false;
        for (int32_t i = 0; i < 20; i++)
            gap = gap || cents[end - 20 + i] == 0;
        assert_int_equal(isnan(bt_window_sum(x, 20, s)) != 0, gap);
        assert_int_equal(isnan(bt_window_mean(x, 20, s)) != 0, gap);
        assert_int_equal(isnan(bt_window_std(x, 20, s, 1)) != 0, gap);
        assert_int_equal(isnan(bt_window_min(x, 20)) != 0, gap);
        assert_int_equal(isnan(bt_window_max(x, 20)) != 0, gap);
    }
}

/* Before row 0 prices are NaN and volume is 0. */
static void test_apron(void **state) {
    (void)state;
    bt_series *close = series_of(1, BT_FIELD_CLOSE);
    bt_series *volume = series_of(1, BT_FIELD_VOLUME);
    for (int round = 0; round < 2; round++) { /* then with prefix sums */
        assert_true(isnan(bt_window_sum(close->hidden_data - 1, 5, close)));
        assert_same(bt_window_sum(volume->hidden_data - 3, 5, volume),
                    10000 + 10100);
        assert_same(bt_window_mean(volume->hidden_data - 3, 5, volume), 4020);
        assert_same(bt_window_sum(volume->hidden_data - 3, 3, volume), 0);
        assert_same(
            bt_window_sum(volume->hidden_data - BT_HISTORY_MAX, 7, volume), 0);
        for (int i = 0; i < 3; i++) {
            bt_window_sum(close->hidden_data, ROWS, close);
            bt_window_sum(volume->hidden_data, ROWS, volume);
        }
    }
}

static void test_valid(void **state) {
    (void)state;
    double nan = (double)NAN, x[] = {nan, 1, nan, nan, 2, 3, nan}, out[7];
    assert_int_equal(bt_window_valid(x, 7, out), 3);
    assert_true(out[0] == 1 && out[1] == 2 && out[2] == 3);
    assert_int_equal(bt_window_valid(x, 1, out), 0);
    assert_int_equal(bt_window_valid(x, 0, out), 0);
}

/* ---- private prefix sums --------------------------------------------------*/

/* A portal whose ten columns were summed often enough for prefix sums. */
static struct portal *summed_portal(void) {
    struct portal *p;
    assert_int_equal(portal_new(bundle, &p), BT_OK);
    for (int32_t i = 0; i < 2 * BT_FIELDS; i++) {
        bt_portal *public = portal_public(p);
        if (i % BT_FIELDS == BT_FIELD_PRICE)
            continue;
        assert_int_equal(bt_portal_column(public, i / BT_FIELDS, i % BT_FIELDS),
                         BT_OK);
        bt_series *s = &public->hidden_series[i];
        for (int k = 0; k < 2; k++)
            bt_window_sum(s->hidden_data, 20, s);
    }
    return p;
}

static bool has_sums(struct portal *p) {
    bt_series *s =
        &portal_public(p)->hidden_series[BT_FIELDS + BT_FIELD_VOLUME];
    assert_same(bt_window_sum(s->hidden_data, 4, s),
                10000 + 10100 + 10200 + 10300);
    return s->hidden_sums->hidden_pairs != NULL;
}

/* Without a cache each portal has its own, until they take 256 MiB. */
static void test_own_sums_are_bounded(void **state) {
    (void)state;
    enum { PORTALS = (256 << 20) / (10 * 16 * ROWS) + 1 };
    static struct portal *many[PORTALS];
    bt_config original = *bt_config_get(), off = original;
    off.enable_caching = 0;
    assert_int_equal(bt_config_set(&off), BT_OK);
    for (int i = 0; i < PORTALS; i++)
        many[i] = summed_portal();
    assert_true(has_sums(many[0]) && has_sums(many[PORTALS / 2]));
    assert_false(has_sums(many[PORTALS - 1]));
    for (int i = 0; i < PORTALS; i++)
        portal_free(many[i]);
    many[0] = summed_portal();
    assert_true(has_sums(many[0]));
    portal_free(many[0]);
    assert_int_equal(bt_config_set(&original), BT_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_sums_are_bounded),
        cmocka_unit_test(test_apron),
        cmocka_unit_test(test_sum_and_mean),
        cmocka_unit_test(test_std),
        cmocka_unit_test(test_extremes),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_valid),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
