/* Settings: defaults, environment, and nonsense of every kind. */
#include "backlua.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {
    "ENABLE_CACHING",   "ENABLE_BUNDLE_POOLING", "CACHE_SIZE_GB",
    "LRU_MAXSIZE",      "MAX_BUNDLE_POOL_SIZE",  "TIER2_MAXSIZE",
    "PERMANENT_WINDOWS"};
enum { NAMES = 7, SWITCHES = 2, DOUBLE = 2 };

static const char *variable(const char *prefix, int i) {
    static char text[64];
    snprintf(text, sizeof text, "%s%s", prefix, names[i]);
    return text;
}

static int clear(void **state) {
    (void)state;
    for (int i = 0; i < NAMES; i++) {
        unsetenv(variable("BACKLUA_", i));
        unsetenv(variable("RUSTYBT_", i));
    }
    return bt_config_load();
}

/* With the rest as it is by default. */
#define CONFIG(caching, pooling, gb, lru, pool)                                \
    { caching, pooling, gb, lru, pool, 3, {20, 50, 200}, 256 }

static void expect(int caching, int pooling, double gb, int lru, int pool) {
    const bt_config *c = bt_config_get();
    assert_int_equal(c->enable_caching, caching);
    assert_int_equal(c->enable_bundle_pooling, pooling);
    assert_true(c->cache_size_gb == gb);
    assert_int_equal(c->lru_maxsize, lru);
    assert_int_equal(c->max_bundle_pool_size, pool);
}

static void defaults_are_the_guides(void **state) {
    (void)state;
    expect(1, 1, 2.0, 128, 100);
}

static void environment_wins(void **state) {
    (void)state;
    setenv("BACKLUA_CACHE_SIZE_GB", "4.5", 1);
    setenv("RUSTYBT_CACHE_SIZE_GB", "nonsense that does not count", 1);
    setenv("RUSTYBT_ENABLE_CACHING", "Off", 1);
    setenv("BACKLUA_LRU_MAXSIZE", "256", 1);
    setenv("RUSTYBT_MAX_BUNDLE_POOL_SIZE", "+7", 1);
    assert_int_equal(bt_config_load(), BT_OK);
    expect(0, 1, 4.5, 256, 7);
    bt_config own = {1, 0, 1, 1, 1, .tier2_maxsize = 1};
    assert_int_equal(bt_config_set(&own), BT_OK);
    expect(0, 0, 4.5, 256, 7); /* all but pooling are set outside */
}

static void limits_are_included(void **state) {
    (void)state;
    setenv("BACKLUA_CACHE_SIZE_GB", "1024", 1);
    setenv("BACKLUA_LRU_MAXSIZE", "1000000", 1);
    setenv("BACKLUA_MAX_BUNDLE_POOL_SIZE", "1", 1);
    assert_int_equal(bt_config_load(), BT_OK);
    expect(1, 1, 1024, 1000000, 1);
    setenv("BACKLUA_CACHE_SIZE_GB", "1024.0000001", 1);
    assert_int_equal(bt_config_load(), BT_E_USAGE);
    setenv("BACKLUA_CACHE_SIZE_GB", "1e-9", 1);
    setenv("BACKLUA_LRU_MAXSIZE", "1000001", 1);
    assert_int_equal(bt_config_load(), BT_E_USAGE);
    expect(1, 1, 1024, 1000000, 1); /* nothing changed, not even the good one */
}

static void expect_windows(int32_t count, const int32_t *windows) {
    const bt_config *c = bt_config_get();
    assert_int_equal(c->permanent_count, count);
    for (int32_t i = 0; i < count; i++)
        assert_int_equal(c->permanent_windows[i], windows[i]);
}

static void windows_are_a_list(void **state) {
    (void)state;
    expect_windows(3, (int32_t[]){20, 50, 200});
    assert_int_equal(bt_config_get()->tier2_maxsize, 256);
    setenv("RUSTYBT_PERMANENT_WINDOWS", "5,100000", 1);
    setenv("BACKLUA_TIER2_MAXSIZE", "16384", 1);
    assert_int_equal(bt_config_load(), BT_OK);
    expect_windows(2, (int32_t[]){5, 100000});
    assert_int_equal(bt_config_get()->tier2_maxsize, 16384);
    setenv("BACKLUA_PERMANENT_WINDOWS", "none", 1);
    assert_int_equal(bt_config_load(), BT_OK);
    expect_windows(0, NULL);
    static const char *const bad[] = {
        "0,5",   "5,",
        ",5",    "5,,6",
        "5 6",   "5;6",
        "None",  "100001",
        "20,-1", "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        setenv("BACKLUA_PERMANENT_WINDOWS", bad[i], 1);
        if (bt_config_load() != BT_E_USAGE ||
            !strstr(bt_error_message(), "BACKLUA_PERMANENT_WINDOWS"))
            fail_msg("'%s': %s", bad[i], bt_error_message());
        expect_windows(0, NULL);
    }
}

/* value is refused for variable i, with the whole story. */
static void expect_refusal(const char *prefix, int i, const char *value,
                           const char *shown) {
    static const char *const expected[] = {
        "true, false, yes, no, on, off, 1 or 0",
        "true, false, yes, no, on, off, 1 or 0",
        "a number above 0, at most 1024",
        "a whole number, 1..1000000",
        "a whole number, 1..1000000",
        "a whole number, 1..16384",
        "up to 16 whole numbers, 1..100000, with commas between, or none"};
    const char *message = bt_error_message();
    setenv(variable(prefix, i), value, 1);
    if (bt_config_load() != BT_E_USAGE)
        fail_msg("%s = '%.80s' was accepted", variable(prefix, i), value);
    if (!strstr(message, variable(prefix, i)) ||
        !strstr(message, expected[i]) || !strstr(message, shown) ||
        strlen(message) > 500)
        fail_msg("poor message: %s", message);
    unsetenv(variable(prefix, i));
    expect(1, 1, 2.0, 128, 100);
}

static void nonsense_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *value, *shown;
    } bad[] = {
        {"", "got \"\""},
        {" ", "got \" \""},
        {"-1", "\"-1\""},
        {"1e308", "\"1e308\""},
        {"nan", "\"nan\""},
        {"inf", "\"inf\""},
        {"99999999999999999999", "\"99999999999999999999\""},
        {"4,0", "\"4,0\""},
        {"0x10", "\"0x10\""},
        {"2\n", "\"2\\x0a\""},
        {"\xFF\xFE", "\"\\xff\\xfe\""},
        {"true story", "\"true story\""},
    };
    for (int i = 0; i < NAMES; i++)
        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
            expect_refusal("BACKLUA_", i, bad[k].value, bad[k].shown);
            expect_refusal("RUSTYBT_", i, bad[k].value, bad[k].shown);
        }
    for (int i = SWITCHES; i < NAMES; i++)
        expect_refusal("BACKLUA_", i, "0", "\"0\"");
    for (int i = DOUBLE + 1; i < NAMES; i++)
        expect_refusal("BACKLUA_", i, "2.0", "\"2.0\"");
}

static void very_long_values_are_shown_in_short(void **state) {
    (void)state;
    enum { LENGTH = 100000 };
    char *value = malloc(LENGTH + 1);
    memset(value, '9', LENGTH);
    value[LENGTH] = '\0';
    for (int i = 0; i < NAMES; i++)
        expect_refusal("BACKLUA_", i, value, "99999\"... (100000 bytes)");
    free(value);
}

static void set_checks_the_same_ranges(void **state) {
    (void)state;
    static const struct {
        bt_config config;
        const char *part;
    } bad[] = {
        {CONFIG(2, 1, 2, 128, 100), "enable_caching"},
        {CONFIG(1, -1, 2, 128, 100), "enable_bundle_pooling"},
        {CONFIG(1, 1, 0, 128, 100), "got 0"},
        {CONFIG(1, 1, -2, 128, 100), "cache_size_gb"},
        {CONFIG(1, 1, NAN, 128, 100), "got nan"},
        {CONFIG(1, 1, INFINITY, 128, 100), "at most 1024, got inf"},
        {CONFIG(1, 1, 2, 0, 100),
         "lru_maxsize must be a whole number, 1..1000000"},
        {CONFIG(1, 1, 2, 128, 1000001), "max_bundle_pool_size"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(bt_config_set(&bad[i].config), BT_E_USAGE);
        if (!strstr(bt_error_message(), bad[i].part))
            fail_msg("poor message: %s", bt_error_message());
        expect(1, 1, 2.0, 128, 100);
    }
    bt_config windows = CONFIG(1, 1, 2, 128, 100);
    windows.permanent_windows[2] = BT_HISTORY_MAX + 1;
    assert_int_equal(bt_config_set(&windows), BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "permanent_windows must be"));
    windows.permanent_count = BT_PERMANENT_MAX + 1;
    assert_int_equal(bt_config_set(&windows), BT_E_USAGE);
    bt_config good = CONFIG(0, 0, 0.25, 1, 1000000);
    assert_int_equal(bt_config_set(&good), BT_OK);
    expect(0, 0, 0.25, 1, 1000000);
    setenv("BACKLUA_LRU_MAXSIZE", "x", 1); /* seen here as well */
    assert_int_equal(bt_config_set(&good), BT_E_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults_are_the_guides, clear),
        cmocka_unit_test_setup(environment_wins, clear),
        cmocka_unit_test_setup(limits_are_included, clear),
        cmocka_unit_test_setup(windows_are_a_list, clear),
        cmocka_unit_test_setup(nonsense_is_refused, clear),
        cmocka_unit_test_setup(very_long_values_are_shown_in_short, clear),
        cmocka_unit_test_setup(set_checks_the_same_ranges, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
