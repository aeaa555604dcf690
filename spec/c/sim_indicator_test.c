/* Indicators over the columns of a portal: gaps, cache, agreement with windows.
 */
#include "sim_tape.h"

#include "base/rng.h"

#include <stdbool.h>

enum { DAYS = 120 };

static struct tape_bar full[DAYS], gappy[DAYS];
static int gappy_count;

static int setup(void **state) {
    (void)state;
    struct rng rng;
    double price = 100;
    rng_seed(&rng, 11);
    for (int day = 0; day < DAYS; day++) {
        double close = price * (1 + 0.02 * rng_normal(&rng));
        close = nearbyint(close * 100) / 100;
        full[day] = (struct tape_bar){day,
                                      price,
                                      fmax(price, close) + 0.5,
                                      fmin(price, close) - 0.25,
                                      close,
                                      (double)rng_range(&rng, 1, 1000)};
        if (day >= 7 && rng_unit(&rng) < 0.7)
            gappy[gappy_count++] = full[day];
        price = close;
    }
    return 0;
}

static struct rig open_run(void) {
    const struct tape_asset assets[] = {{"FULL", full, DAYS},
                                        {"GAPPY", gappy, gappy_count}};
    struct rig r = rig_new(assets, 2);
    rig_start(&r);
    return r;
}

static const double *series(struct rig *r, const char *name, int32_t sid,
                            int32_t field, double length) {
    static bt_handle handle; /* no event changes what it shows */
    bt_handle *const handles[] = {&handle};
    const bt_indicator_request q = {.name = name,
                                    .sid = sid,
                                    .field = field,
                                    .adjust = -1,
                                    .params = &length,
                                    .param_count = 1};
    tape_ok(bt_portal_indicator(bt_run_portal(r->run), &q, handles));
    return handle.hidden_data;
}

static bt_series *column(struct rig *r, int32_t sid, int32_t field) {
    bt_portal *p = bt_run_portal(r->run);
    tape_ok(bt_portal_column(p, sid, field));
    return &p->hidden_series[sid * BT_FIELDS + field];
}

/* The handle, the view and the frame are one number. */
static void averages_have_the_bits_of_windows(void **state) {
    (void)state;
    struct rig r = open_run();
    for (int32_t n = 1; n <= 60; n += 7) {
        const double *sma = series(&r, "sma", 0, BT_FIELD_CLOSE, n);
        const double *sum = series(&r, "sum", 0, BT_FIELD_CLOSE, n);
        const double *dev = series(&r, "stddev", 0, BT_FIELD_CLOSE, n);
        const double *low = series(&r, "min", 0, BT_FIELD_CLOSE, n);
        bt_series *close = column(&r, 0, BT_FIELD_CLOSE);
        for (int32_t row = n - 1; row < DAYS; row++) {
            const double *x = close->hidden_data + row - n + 1;
            assert_number(sma[row], bt_window_mean(x, n, close), 0);
            assert_number(sma[row], bt_window_mean(x, n, NULL), 0);
            assert_number(sum[row], bt_window_sum(x, n, close), 0);
            assert_number(dev[row], bt_window_std(x, n, close, 0), 0);
            assert_number(low[row], bt_window_min(x, n), 0);
        }
        assert_number(sma[0], n == 1 ? full[0].close : NAN, 0);
    }
    rig_free(&r);
}

/* On the calendar where the bars are, NaN elsewhere, gaps skipped. */
static void series_run_over_the_assets_own_bars(void **state) {
    (void)state;
    struct rig r = open_run();
    static const int32_t FIELDS[] = {BT_FIELD_CLOSE, BT_FIELD_VOLUME,
                                     BT_FIELD_PRICE};
    for (int f = 0; f < 3; f++) {
        const double length = 5;
        double dense[DAYS], want[DAYS];
        for (int i = 0; i < gappy_count; i++)
            dense[i] =
                FIELDS[f] == BT_FIELD_VOLUME ? gappy[i].volume : gappy[i].close;
        const double *in[BT_INPUTS] = {[BT_INPUT_X] = dense};
        tape_ok(bt_indicator_compute("ema", in, gappy_count, &length, 1, want));
        const double *got = series(&r, "ema", 1, FIELDS[f], length);
        for (int day = 0, i = 0; day < DAYS; day++) {
            bool has_bar = i < gappy_count && gappy[i].day == day;
            assert_number(got[day], has_bar ? want[i++] : NAN, 0);
        }
    }
    rig_free(&r);
}

static void true_range_reads_high_low_and_close(void **state) {
    (void)state;
    struct rig r = open_run();
    const double *atr = series(&r, "atr", 0, BT_FIELD_VOLUME, 1);
    for (int day = 1; day < DAYS; day++) {
        double before = full[day - 1].close; /* the open as well */
        double up = fmax(full[day].high, before);
        double down = fmin(full[day].low, before);
        assert_number(atr[day], up - down, 1e-12);
    }
    rig_free(&r);
}

/* A second request finds the first, with the cache and without. */
static void a_series_is_made_once(void **state) {
    (void)state;
    bt_config config = *bt_config_get();
    for (int caching = 1; caching >= 0; caching--) {
        config.enable_caching = caching;
        tape_ok(bt_config_set(&config));
        struct rig r = open_run();
        const double *one = series(&r, "sma", 0, BT_FIELD_CLOSE, 20);
        const double *two = series(&r, "sma", 0, BT_FIELD_CLOSE, 20);
        const double *other = series(&r, "sma", 0, BT_FIELD_CLOSE, 21);
        assert_ptr_equal(one, two);
        assert_ptr_not_equal(one, other);
        rig_free(&r);
    }
    config.enable_caching = 1;
    tape_ok(bt_config_set(&config));
}

static void caching_changes_no_bit(void **state) {
    (void)state;
    bt_config config = *bt_config_get();
    double kept[DAYS];
    struct rig r = open_run();
    memcpy(kept, series(&r, "rsi", 1, BT_FIELD_CLOSE, 9), sizeof kept);
    rig_free(&r);
    config.enable_caching = 0;
    tape_ok(bt_config_set(&config));
    r = open_run();
    assert_memory_equal(kept, series(&r, "rsi", 1, BT_FIELD_CLOSE, 9),
                        sizeof kept);
    rig_free(&r);
    config.enable_caching = 1;
    tape_ok(bt_config_set(&config));
}

static void misuse_is_refused(void **state) {
    (void)state;
    struct rig r = open_run();
    bt_portal *p = bt_run_portal(r.run);
    const double n = 0;
    bt_handle handle = {0}, *handles[] = {&handle};
    const bt_indicator_request bad[] = {
        {"sma", 0, 3, 0, 0, -1, 1, &n},   {"smaa", 0, 3, 0, 0, -1, 0, NULL},
        {"sma", 2, 3, 0, 0, -1, 0, NULL}, {"sma", 0, 6, 0, 0, -1, 0, NULL},
        {"sma", 0, 3, 0, 0, 3, 0, NULL},
    };
    const bt_status want[] = {BT_E_RANGE, BT_E_NAME, BT_E_NAME, BT_E_RANGE,
                              BT_E_RANGE};
    for (int i = 0; i < 5; i++)
        assert_int_equal(bt_portal_indicator(p, &bad[i], handles), want[i]);
    assert_null(handle.hidden_data);
    rig_free(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(averages_have_the_bits_of_windows),
        cmocka_unit_test(series_run_over_the_assets_own_bars),
        cmocka_unit_test(true_range_reads_high_low_and_close),
        cmocka_unit_test(a_series_is_made_once),
        cmocka_unit_test(caching_changes_no_bit),
        cmocka_unit_test(misuse_is_refused),
    };
    return cmocka_run_group_tests_name("sim indicators over columns", tests,
                                       setup, tape_teardown);
}
