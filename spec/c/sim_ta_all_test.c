/* What holds for every indicator there is: causal, NaN for exactly its
 * lookback, gaps skipped, described. Each runs with several sets of parameters
 * over random bars.
 */
#include "sim/ta.h"

#include "base/rng.h"

#include "sim_number.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS = 160, CELLS = DAYS * TA_OUTPUTS_MAX };

struct market {
    double series[BT_INPUTS][DAYS];
};

static void trade(struct market *m, uint64_t seed) {
    struct rng rng;
    double price = 100, second = 40;
    rng_seed(&rng, seed);
    for (int32_t i = 0; i < DAYS; i++) {
        double close = price * (1 + 0.02 * rng_normal(&rng));
        close = nearbyint(close * 100) / 100;
        second = fabs(second + 0.3 * (close - price) + rng_normal(&rng)) + 1;
        m->series[BT_INPUT_X][i] = close;
        m->series[BT_INPUT_OTHER][i] = nearbyint(second * 100) / 100;
        m->series[BT_INPUT_OPEN][i] = price;
        m->series[BT_INPUT_HIGH][i] = fmax(price, close) + rng_unit(&rng);
        m->series[BT_INPUT_LOW][i] = fmin(price, close) - rng_unit(&rng);
        m->series[BT_INPUT_CLOSE][i] = close;
        m->series[BT_INPUT_VOLUME][i] = (double)rng_range(&rng, 1, 1000);
        m->series[BT_INPUT_SESSION][i] = (double)(i / 7);
        price = close;
    }
}

static void point_at(const struct market *m, const double **series) {
    for (int32_t i = 0; i < BT_INPUTS; i++)
        series[i] = i == BT_INPUT_SESSION ? NULL : m->series[i];
}

/* Lengths near `length` where the limits allow it, else defaults. */
static int32_t choose(const bt_indicator_info *info, int32_t length,
                      double *params) {
    for (int32_t i = 0; i < info->param_count; i++) {
        const bt_indicator_param *p = &info->params[i];
        bool is_length = p->max == BT_HISTORY_MAX;
        params[i] = is_length ? fmax(p->min, length + i) : p->fallback;
    }
    return info->param_count;
}

static void compute(const bt_indicator_info *info, const double *const *series,
                    int32_t n, int32_t length, double *out) {
    double params[TA_PARAMS_MAX];
    int32_t count = choose(info, length, params);
    if (bt_indicator_compute(info->name, series, n, params, count, out) !=
        BT_OK)
        fail_msg("%s", bt_error_message());
}

#define FOR_EACH(info)                                                         \
    for (int32_t k_ = 0; ((info) = bt_indicator_at(k_)); k_++)

static void assert_cell(const bt_indicator_info *info, int32_t output,
                        int32_t row, double actual, double expected) {
    if (actual != expected && !(isnan(actual) && isnan(expected)))
        fail_msg("%s.%s at %d is %.17g, expected %.17g", info->name,
                 info->outputs[output], row, actual, expected);
}

/* Take the end of the series away, or put others in its place: nothing before
 * it may change. */
static void nothing_depends_on_what_comes_later(void **state) {
    (void)state;
    struct market m, other;
    const double *series[BT_INPUTS], *changed[BT_INPUTS];
    double whole[CELLS], part[CELLS];
    const bt_indicator_info *info;
    trade(&m, 2);
    point_at(&m, series);
    point_at(&other, changed);
    FOR_EACH(info) {
        compute(info, series, DAYS, 6, whole);
        for (int32_t n = 1; n < DAYS; n += 7) {
            compute(info, series, n, 6, part);
            for (int32_t o = 0; o < info->output_count; o++)
                for (int32_t i = 0; i < n; i++)
                    assert_cell(info, o, i, part[o * n + i],
                                whole[o * DAYS + i]);
        }
        trade(&other, 3);
        for (int32_t i = 0; i < BT_INPUTS; i++)
            memcpy(other.series[i], m.series[i], 80 * sizeof(double));
        compute(info, changed, DAYS, 6, part);
        for (int32_t o = 0; o < info->output_count; o++)
            for (int32_t i = 0; i < 80; i++)
                assert_cell(info, o, i, part[o * DAYS + i],
                            whole[o * DAYS + i]);
    }
}

static void the_lookback_says_how_many_are_nan(void **state) {
    (void)state;
    struct market m;
    const double *series[BT_INPUTS];
    double out[CELLS], params[TA_PARAMS_MAX];
    const bt_indicator_info *info;
    trade(&m, 5);
    point_at(&m, series);
    FOR_EACH(info) {
        for (int32_t length = 1; length < 20; length += 3) {
            int32_t count = choose(info, length, params);
            int32_t warm = bt_indicator_lookback(info->name, params, count);
            assert_true(warm >= 0 && warm < DAYS);
            compute(info, series, DAYS, length, out);
            for (int32_t o = 0; o < info->output_count; o++)
                for (int32_t i = 0; i < DAYS; i++)
                    if (isnan(out[o * DAYS + i]) != (i < warm))
                        fail_msg("%s.%s at %d, lookback %d", info->name,
                                 info->outputs[o], i, warm);
        }
    }
}

/* Shorter than the lookback, exactly as long, one more. */
static void short_series_stay_nan(void **state) {
    (void)state;
    struct market m;
    const double *series[BT_INPUTS];
    double out[CELLS], params[TA_PARAMS_MAX];
    const bt_indicator_info *info;
    trade(&m, 6);
    point_at(&m, series);
    FOR_EACH(info) {
        int32_t count = choose(info, 4, params);
        int32_t warm = bt_indicator_lookback(info->name, params, count);
        for (int32_t n = 1; n <= warm + 1; n++) {
            compute(info, series, n, 4, out);
            for (int32_t o = 0; o < info->output_count; o++)
                for (int32_t i = 0; i < n; i++)
                    assert_int_equal(isnan(out[o * n + i]), i < warm);
        }
    }
}

/* The values are those of the dense series, in whichever series the gap is. */
static void gaps_are_skipped(void **state) {
    (void)state;
    struct market m, gappy;
    const double *series[BT_INPUTS], *holes[BT_INPUTS];
    double dense[CELLS], out[CELLS];
    const bt_indicator_info *info;
    trade(&m, 7);
    point_at(&m, series);
    point_at(&gappy, holes);
    int32_t n = 0;
    bool is_gap[DAYS];
    for (int32_t i = 0; i < DAYS; i++) {
        is_gap[i] = i < 3 || i % 5 == 0 || i > 150;
        for (int32_t s = 0; s < BT_INPUTS; s++)
            gappy.series[s][i] = is_gap[i] ? NAN : m.series[s][n];
        n += !is_gap[i];
    }
    /* volume is 0, not NaN, where a bundle has no bar */
    for (int32_t i = 0; i < DAYS; i++)
        if (is_gap[i])
            gappy.series[BT_INPUT_VOLUME][i] = i % 2 ? NAN : 0;
    FOR_EACH(info) {
        if (info->inputs == (1 << BT_INPUT_VOLUME))
            continue;
        compute(info, series, n, 5, dense);
        compute(info, holes, DAYS, 5, out);
        for (int32_t o = 0; o < info->output_count; o++)
            for (int32_t i = 0, at = 0; i < DAYS; i++)
                assert_cell(info, o, i, out[o * DAYS + i],
                            is_gap[i] ? NAN : dense[o * n + at++]);
    }
}

/* ---- scale --------------------------------------------------------------- */

/* Powers by which a result grows when all prices are scaled by 2^k: the same
 * digits, for 2^k is exact. */
static void prices_can_be_scaled(void **state) {
    (void)state;
    static const struct {
        const char *names;
        int power;
    } KINDS[] = {
        {" sma ema wma dema tema trima kama t3 hma ma midpoint mom macd apo "
         "stddev min max sum linearreg linearreg_slope linearreg_intercept tsf "
         "bbands keltner donchian sar ichimoku trange atr plus_dm minus_dm "
         "avgprice medprice typprice wclprice midprice heikin_ashi pivots "
         "pivots_fibonacci vwma vwap ",
         1},
        {" roc rocp rocr rocr100 rsi cmo ppo trix bop ultosc stoch stochf "
         "stochrsi willr cci aroon aroonosc plus_di minus_di dx adx adxr natr "
         "obv ad adosc mfi correl beta crossover crossunder ",
         0},
        {" var ", 2},
    };
    struct market m, up;
    const double *series[BT_INPUTS], *scaled[BT_INPUTS];
    double a[CELLS], b[CELLS];
    const bt_indicator_info *info;
    trade(&m, 8);
    up = m;
    for (int32_t s = 0; s <= BT_INPUT_CLOSE; s++)
        for (int32_t i = 0; i < DAYS; i++)
            up.series[s][i] *= 0x1p10;
    point_at(&m, series);
    point_at(&up, scaled);
    FOR_EACH(info) {
        char name[64];
        int power = -1;
        snprintf(name, sizeof name, " %s ", info->name);
        for (int k = 0; k < 3; k++)
            power = strstr(KINDS[k].names, name) ? KINDS[k].power : power;
        if (strcmp(info->name, "supertrend") == 0 ||
            strcmp(info->name, "linearreg_angle") == 0)
            continue; /* one output of each kind; an arc */
        if (power < 0)
            fail_msg("%s: how does it scale?", info->name);
        compute(info, series, DAYS, 6, a);
        compute(info, scaled, DAYS, 6, b);
        for (int32_t o = 0; o < info->output_count; o++)
            for (int32_t i = 0; i < DAYS; i++)
                assert_cell(info, o, i, b[o * DAYS + i],
                            ldexp(a[o * DAYS + i], 10 * power));
    }
}

/* ---- description --------------------------------------------------------- */

static void every_indicator_describes_itself(void **state) {
    (void)state;
    const bt_indicator_info *info;
    FOR_EACH(info) {
        assert_ptr_equal(bt_indicator_find(info->name), info);
        assert_true(strlen(info->title) > 0 && strlen(info->formula) > 0);
        assert_true(strlen(info->source) > 0);
        assert_true(info->inputs > 0 && info->inputs < 1 << BT_INPUTS);
        assert_in_range(info->output_count, 1, TA_OUTPUTS_MAX);
        assert_in_range(info->param_count, 0, TA_PARAMS_MAX);
        for (int32_t i = 0; i < info->param_count; i++) {
            const bt_indicator_param *p = &info->params[i];
            assert_true(p->min <= p->fallback && p->fallback <= p->max);
            assert_true(p->min <= p->sweep_min && p->sweep_max <= p->max);
            assert_true(p->sweep_min < p->sweep_max && p->sweep_step > 0);
            assert_true(!p->is_int || p->fallback == floor(p->fallback));
        }
        assert_true(bt_indicator_lookback(info->name, NULL, 0) >= 0);
    }
    for (int32_t i = 0; ta_at(i); i++)
        for (int32_t j = 0; j < i; j++)
            assert_string_not_equal(ta_at(i)->key, ta_at(j)->key);
    assert_int_equal(bt_indicator_lookback("sma", NULL, 0), 29);
    assert_int_equal(bt_indicator_lookback("macd", NULL, 0), 33);
    assert_int_equal(bt_indicator_lookback("adx", NULL, 0), 27);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_depends_on_what_comes_later),
        cmocka_unit_test(the_lookback_says_how_many_are_nan),
        cmocka_unit_test(short_series_stay_nan),
        cmocka_unit_test(gaps_are_skipped),
        cmocka_unit_test(prices_can_be_scaled),
        cmocka_unit_test(every_indicator_describes_itself),
    };
    return cmocka_run_group_tests_name("all indicators", tests, NULL, NULL);
}
