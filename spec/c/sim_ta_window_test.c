/* Kernels that say they look over a window and no further: over the end of the
 * series they give what they give over the whole, to the bit. */
#include "sim/ta.h"

#include "base/rng.h"

#include "sim_number.h"

#include <string.h>

enum { DAYS = 400, CELLS = DAYS * TA_OUTPUTS_MAX, CASES = 12 };

struct market {
    double series[BT_INPUTS][DAYS];
};

/* Prices with gaps now and then; kind 1: of sizes far apart, so that sums are
 * not exact in doubles; kind 2: many are equal. */
static void trade(struct market *m, uint64_t seed, int kind) {
    struct rng rng;
    double price = 100;
    rng_seed(&rng, seed);
    for (int32_t i = 0; i < DAYS; i++) {
        double close = price * exp(0.02 * rng_normal(&rng));
        if (kind == 1 && i % 50 == 0)
            close *= i % 100 ? 1e-9 : 1e9;
        if (kind == 2)
            close = 100 + (double)rng_range(&rng, 0, 2);
        bool gap = rng_unit(&rng) < 0.05;
        double v[BT_INPUTS] = {[BT_INPUT_X] = close,
                               [BT_INPUT_OTHER] = close * rng_unit(&rng) + 1,
                               [BT_INPUT_OPEN] = price,
                               [BT_INPUT_HIGH] = fmax(price, close) * 1.01,
                               [BT_INPUT_LOW] = fmin(price, close) * 0.99,
                               [BT_INPUT_CLOSE] = close,
                               [BT_INPUT_VOLUME] =
                                   (double)rng_range(&rng, 0, 900)};
        for (int32_t s = 0; s < BT_INPUTS; s++)
            m->series[s][i] = gap ? NAN : v[s];
        price = close;
    }
}

static void run_from(const struct ta_kernel *k, const struct market *m,
                     int32_t from, const double *params, double *out) {
    struct ta_input in = {.n = DAYS - from};
    for (int32_t s = 0; s < BT_INPUT_SESSION; s++)
        if (ta_reads(k, s))
            in.series[s] = m->series[s] + from;
    in.mask = m->series[BT_INPUT_CLOSE] + from;
    ta_run(k, &in, params, out);
}

/* Bars before a row that hold `bars` bars. */
static int32_t back(const struct market *m, int32_t row, int32_t bars) {
    while (row > 0 && bars > 0)
        bars -= !isnan(m->series[BT_INPUT_CLOSE][--row]);
    return row;
}

/* The first cell that differs, or -1. */
static int32_t differs(const struct ta_kernel *k, const double *params,
                       uint64_t seed) {
    static double whole[CELLS], end[CELLS];
    struct market m;
    trade(&m, seed, (int)(seed % 3));
    int32_t first = 150 + (int32_t)(seed * 37 % 200);
    int32_t from = back(&m, first, k->lookback(params));
    run_from(k, &m, 0, params, whole);
    run_from(k, &m, from, params, end);
    for (int32_t o = 0; o < k->info.output_count; o++)
        for (int32_t i = first; i < DAYS; i++) {
            const double *a = &whole[o * DAYS + i];
            const double *b = &end[o * (DAYS - from) + i - from];
            if (memcmp(a, b, sizeof *a) != 0 && !(isnan(*a) && isnan(*b)))
                return i;
        }
    return -1;
}

static void choose(const struct ta_kernel *k, uint64_t seed, double *params) {
    for (int32_t i = 0; i < k->info.param_count; i++) {
        const bt_indicator_param *p = &k->info.params[i];
        bool is_length = p->max == BT_HISTORY_MAX;
        size_t n = strlen(p->name);
        bool is_type = n >= 6 && strcmp(p->name + n - 6, "matype") == 0;
        static const double types[] = {TA_SMA, TA_WMA, TA_TRIMA};
        params[i] = is_length ? fmax(p->min, (double)(2 + seed * 7 % 40 + i))
                    : is_type ? types[seed % 3]
                              : p->fallback;
    }
}

static void windows_know_nothing_older(void **state) {
    (void)state;
    const struct ta_kernel *k;
    int32_t count = 0;
    for (int32_t i = 0; (k = ta_at(i)); i++) {
        double params[TA_PARAMS_MAX] = {0};
        for (uint64_t seed = 1; seed <= CASES; seed++) {
            choose(k, seed, params);
            if (ta_is_window(k, params) && differs(k, params, seed) >= 0)
                fail_msg("%s depends on older bars", k->info.name);
        }
        count += ta_is_window(k, params);
    }
    assert_int_equal(count, 46);
}

static void averages_with_a_memory_are_none(void **state) {
    (void)state;
    double params[TA_PARAMS_MAX] = {20, TA_SMA};
    assert_true(ta_is_window(ta_find("ma"), params));
    params[1] = TA_EMA;
    assert_false(ta_is_window(ta_find("ma"), params));
    assert_false(ta_is_window(ta_find("ema"), params));
    assert_false(ta_is_window(ta_find("vwap"), params));
    assert_true(differs(ta_find("ema"), params, 1) >= 0); /* the test tells */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(windows_know_nothing_older),
        cmocka_unit_test(averages_with_a_memory_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
