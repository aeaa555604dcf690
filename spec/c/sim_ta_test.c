/* Indicators over arrays, on series short enough to work out by hand from the
 * definitions that TA-Lib publishes (ta-lib.org, function index).
 */
#include "sim/ta.h"

#include "base/exact.h"
#include "base/rng.h"

#include "sim_number.h"

#include <stdlib.h>
#include <string.h>

enum { MAX = 512 };

struct series {
    double x[MAX];
    int32_t n;
};

static struct series compute2(const char *name, const double *x, int32_t n,
                              const double *params, int32_t count) {
    struct series out = {.n = n};
    const double *in[BT_INPUTS] = {[BT_INPUT_X] = x};
    if (bt_indicator_compute(name, in, n, params, count, out.x) != BT_OK)
        fail_msg("%s: %s", name, bt_error_message());
    return out;
}

static struct series compute(const char *name, const double *x, int32_t n,
                             double length) {
    return compute2(name, x, n, &length, 1);
}

static void expect(const struct series *s, const double *want,
                   double tolerance) {
    for (int32_t i = 0; i < s->n; i++)
        assert_number(s->x[i], want[i], tolerance);
}

#define EXPECT(s, tolerance, ...)                                              \
    do {                                                                       \
        struct series s_ = (s);                                                \
        const double want_[] = {__VA_ARGS__};                                  \
        assert_int_equal(s_.n, sizeof want_ / sizeof *want_);                  \
        expect(&s_, want_, tolerance);                                         \
    } while (0)

static const double X[] = {2, 4, 3, 7, 5, 6};
enum { N = 6 };

/* ---- windows ------------------------------------------------------------- */

static void simple_averages_and_sums(void **state) {
    (void)state;
    EXPECT(compute("sma", X, N, 3), 0, NAN, NAN, 3, 14 / 3.0, 5, 6);
    EXPECT(compute("sum", X, N, 2), 0, NAN, 6, 7, 10, 12, 11);
    EXPECT(compute("sma", X, N, 1), 0, 2, 4, 3, 7, 5, 6);
    EXPECT(compute("sma", X, N, 7), 0, NAN, NAN, NAN, NAN, NAN, NAN);
    EXPECT(compute("sma", X, N, 6), 0, NAN, NAN, NAN, NAN, NAN, 4.5);
}

/* (1 * 2 + 2 * 4 + 3 * 3) / 6 and so on */
static void weighted_averages_weigh_the_newest_most(void **state) {
    (void)state;
    EXPECT(compute("wma", X, N, 3), 1e-15, NAN, NAN, 19 / 6.0, 31 / 6.0,
           32 / 6.0, 35 / 6.0);
}

static void extremes_of_a_window(void **state) {
    (void)state;
    EXPECT(compute("max", X, N, 3), 0, NAN, NAN, 4, 7, 7, 7);
    EXPECT(compute("min", X, N, 3), 0, NAN, NAN, 2, 3, 3, 5);
    EXPECT(compute("max", X, N, 1), 0, 2, 4, 3, 7, 5, 6);
    const double ties[] = {1, 1, 0, 1, 0};
    EXPECT(compute("max", ties, 5, 2), 0, NAN, 1, 1, 1, 1);
    EXPECT(compute("min", ties, 5, 2), 0, NAN, 1, 0, 0, 0);
}

/* 2, 4, 3: mean 3, squares 1 + 1 + 0 over 3; 4, 3, 7: mean 14/3, squares
 * 4/9 + 25/9 + 49/9 over 3 = 26/9; 3, 7, 5: 8/3; 7, 5, 6: 2/3 */
static void deviation_is_that_of_the_population(void **state) {
    (void)state;
    EXPECT(compute("stddev", X, N, 3), 1e-15, NAN, NAN, sqrt(2 / 3.0),
           sqrt(26 / 9.0), sqrt(8 / 3.0), sqrt(2 / 3.0));
    const double twice[] = {3, 2};
    EXPECT(compute2("stddev", X, N, twice, 2), 1e-15, NAN, NAN,
           2 * sqrt(2 / 3.0), 2 * sqrt(26 / 9.0), 2 * sqrt(8 / 3.0),
           2 * sqrt(2 / 3.0));
}

static void changes_over_bars(void **state) {
    (void)state;
    EXPECT(compute("mom", X, N, 2), 0, NAN, NAN, 1, 3, 2, -1);
    EXPECT(compute("roc", X, N, 2), 1e-13, NAN, NAN, 50, 75, 200 / 3.0,
           -100 / 7.0);
    const double from_zero[] = {0, 5, 10};
    EXPECT(compute("roc", from_zero, 3, 1), 0, NAN, 0, 100);
}

/* ---- smoothed ------------------------------------------------------------ */

/* The mean of 2, 4, 3 is 3; then half way to 7, 5, 6. */
static void exponential_averages_start_from_a_simple_one(void **state) {
    (void)state;
    EXPECT(compute("ema", X, N, 3), 0, NAN, NAN, 3, 5, 5, 5.5);
    EXPECT(compute("ema", X, N, 1), 0, 2, 4, 3, 7, 5, 6);
}

/* Changes +2 -1 +4 -2 +1. n = 2: gains (2 + 0)/2 = 1, losses 0.5; then Wilder:
 * (1 + 4)/2 = 2.5, 0.25; 1.25, 1.125; 1.125, 0.5625. */
static void relative_strength(void **state) {
    (void)state;
    EXPECT(compute("rsi", X, N, 2), 1e-13, NAN, NAN, 100 / 1.5,
           100 * 2.5 / 2.75, 100 * 1.25 / 2.375, 100 * 1.125 / 1.6875);
    const double flat[] = {5, 5, 5, 5}, up[] = {1, 2, 3, 4};
    EXPECT(compute("rsi", flat, 4, 2), 0, NAN, NAN, 0, 0);
    EXPECT(compute("rsi", up, 4, 2), 0, NAN, NAN, 100, 100);
}

/* Ranges from the second bar on: max(2, |11 - 9|, |9 - 9|) = 2; the gap up to
 * 14..13 from 10: 4; down to 12..10 from 13: 3; 11..10 from 11: 1. n = 2: mean
 * 3, then (3 + 3)/2 = 3, (3 + 1)/2 = 2. */
static void average_true_range(void **state) {
    (void)state;
    const double high[] = {10, 11, 14, 12, 11}, low[] = {8, 9, 13, 10, 10},
                 close[] = {9, 10, 13, 11, 10};
    const double length = 2;
    double out[5];
    const double *in[BT_INPUTS] = {
        [BT_INPUT_HIGH] = high, [BT_INPUT_LOW] = low, [BT_INPUT_CLOSE] = close};
    assert_int_equal(bt_indicator_compute("atr", in, 5, &length, 1, out),
                     BT_OK);
    const double want[] = {NAN, NAN, 3, 3, 2};
    for (int i = 0; i < 5; i++)
        assert_number(out[i], want[i], 1e-15);
    in[BT_INPUT_LOW] = NULL;
    assert_int_equal(bt_indicator_compute("atr", in, 5, &length, 1, out),
                     BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "atr: it needs low"));
}

/* ---- sums ---------------------------------------------------------------- */

static double *wobbly(uint64_t seed, int32_t n, double scale) {
    double *x = malloc((size_t)n * sizeof *x);
    struct rng rng;
    rng_seed(&rng, seed);
    double v = 100;
    for (int32_t i = 0; i < n; i++) {
        v *= 1 + 0.02 * rng_normal(&rng);
        x[i] = nearbyint(v * 100) / 100 * scale;
    }
    return x;
}

/* Sums of windows are the exact sum rounded once: also where values differ so
 * much that the fast way must give up. */
static void sums_of_windows_are_exact(void **state) {
    (void)state;
    double *x = wobbly(1, MAX, 1), out[MAX];
    for (int round = 0; round < 2; round++) {
        for (int32_t w = 1; w <= 300; w += 13) {
            ta_window_sums(x, MAX, w, out);
            for (int32_t i = w - 1; i < MAX; i++)
                assert_number(out[i], exact_sum(x + i - w + 1, w), 0);
        }
        for (int32_t n = 20; n < 32; n++) { /* hardly more than a window */
            ta_mean(x, n, 20, out);
            for (int32_t i = 19; i < n; i++)
                assert_number(out[i], exact_sum(x + i - 19, 20) / 20, 0);
        }
        for (int32_t i = 0; i < MAX; i += 7) /* for the second round */
            x[i] *= i % 2 ? 1e18 : -1e-18;
    }
    free(x);
}

/* With evenly sloped weights as well; and where the halves of the terms differ
 * so much that windows are summed one by one. The terms of the naive sum are
 * exact: the values have few digits. */
static void sloped_sums_are_exact(void **state) {
    (void)state;
    double x[MAX], out[MAX], terms[MAX];
    struct rng rng;
    rng_seed(&rng, 8);
    for (int32_t i = 0; i < MAX; i++)
        x[i] = (double)rng_range(&rng, -1000000, 1000000) / 64;
    for (int round = 0; round < 2; round++) {
        for (int32_t w = 1; w <= 300; w += 23) {
            double first = 1.0 - w;
            ta_sloped_sums(x, MAX, w, first, out);
            for (int32_t i = w - 1; i < MAX; i++) {
                for (int32_t j = 0; j < w; j++)
                    terms[j] = (first + 2.0 * j) * x[i - w + 1 + j];
                assert_number(out[i], exact_sum(terms, w), 0);
            }
        }
        for (int32_t i = 0; i < MAX; i += 7) /* for the second round */
            x[i] *= 0x1p100;
    }
}

static void only_gaps_give_only_nan(void **state) {
    (void)state;
    const double none[] = {NAN, NAN, NAN};
    EXPECT(compute("sma", none, 3, 2), 0, NAN, NAN, NAN);
    EXPECT(compute("rsi", none, 3, 2), 0, NAN, NAN, NAN);
    double out = 7, length = 2;
    const double *in[BT_INPUTS] = {[BT_INPUT_X] = &out};
    assert_int_equal(bt_indicator_compute("sma", in, 0, &length, 1, &out),
                     BT_OK);
    assert_number(out, 7, 0);
}

/* ---- misuse -------------------------------------------------------------- */

static void misuse_names_what_is_wrong(void **state) {
    (void)state;
    double out[N];
    const double *in[BT_INPUTS] = {[BT_INPUT_X] = X}, *none[BT_INPUTS] = {0};
    const double half[] = {2.5}, zero[] = {0}, two[] = {3, 4};
    assert_int_equal(bt_indicator_compute("smma", in, N, two, 1, out),
                     BT_E_NAME);
    assert_non_null(strstr(bt_error_message(), "'sma'"));
    assert_int_equal(bt_indicator_compute("sma", in, N, half, 1, out),
                     BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "2.5"));
    assert_int_equal(bt_indicator_compute("sma", in, N, zero, 1, out),
                     BT_E_RANGE);
    assert_int_equal(bt_indicator_compute("sma", in, N, two, 2, out),
                     BT_E_RANGE);
    assert_int_equal(bt_indicator_compute("sma", none, N, two, 1, out),
                     BT_E_USAGE);
    const double mama[] = {9, 7};
    assert_int_equal(bt_indicator_compute("ma", in, N, mama, 2, out),
                     BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "7 (MAMA) is not there"));
    assert_int_equal(bt_indicator_lookback("nope", NULL, 0), -1);
    assert_null(bt_indicator_find("nope"));
    assert_null(bt_indicator_at(-1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(simple_averages_and_sums),
        cmocka_unit_test(weighted_averages_weigh_the_newest_most),
        cmocka_unit_test(extremes_of_a_window),
        cmocka_unit_test(deviation_is_that_of_the_population),
        cmocka_unit_test(changes_over_bars),
        cmocka_unit_test(exponential_averages_start_from_a_simple_one),
        cmocka_unit_test(relative_strength),
        cmocka_unit_test(average_true_range),
        cmocka_unit_test(sums_of_windows_are_exact),
        cmocka_unit_test(sloped_sums_are_exact),
        cmocka_unit_test(only_gaps_give_only_nan),
        cmocka_unit_test(misuse_names_what_is_wrong),
    };
    return cmocka_run_group_tests_name("sim indicators", tests, NULL, NULL);
}
