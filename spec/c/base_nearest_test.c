/* Suggestions. */
#include "backlua.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const names[] = {"slow", "fast", "close",  "volume",
                                    "AAPL", "AMZN", "volumes"};

static const char *nearest(const char *name) {
    return bt_nearest(name, names, 7);
}

static void finds_the_slip_of_a_finger(void **state) {
    (void)state;
    assert_string_equal(nearest("fats"), "fast"); /* swapped */
    const char *const on[] = {"on"};
    assert_string_equal(bt_nearest("no", on, 1), "on"); /* one slip, not two */
    assert_string_equal(nearest("slo"), "slow");        /* missing */
    assert_string_equal(nearest("cloose"), "close");
    assert_string_equal(nearest("vilume"), "volume");
    assert_string_equal(nearest("aapl"), "AAPL"); /* case */
    assert_string_equal(nearest("volumess"), "volumes");
}

static void knows_when_to_be_silent(void **state) {
    (void)state;
    assert_null(nearest("open")); /* 3 from close, at most 4/3 + 1 = 2 */
    const char *const log[] = {"log"};
    assert_null(bt_nearest("foo", log, 1)); /* 2 of 3 */
    static const char *const letters[] = {"_", "b", "ab", "x"};
    assert_null(bt_nearest("a", letters, 4)); /* nothing is left of it */
    assert_string_equal(bt_nearest("X", letters, 4), "x");
    assert_null(nearest(""));
    assert_null(nearest("q"));
    assert_null(bt_nearest("fast", NULL, 0));
    char endless[5000];
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    assert_null(nearest(endless));
    const char *const one[] = {endless};
    assert_null(bt_nearest("aaaa", one, 1));
}

static void first_of_equals_wins(void **state) {
    (void)state;
    const char *const pair[] = {"cat", "car"};
    assert_string_equal(bt_nearest("cax", pair, 2), "cat");
}

static void a_short_form_stands_for_the_shortest_name(void **state) {
    (void)state;
    static const char *const longer[] = {"max_drawdown_bars", "max_drawdown",
                                         "schedule_function", "fixed-bps"};
    assert_string_equal(bt_nearest("drawdown", longer, 4), "max_drawdown");
    assert_string_equal(bt_nearest("Schedule", longer, 4), "schedule_function");
    assert_string_equal(bt_nearest("fixed", longer, 4), "fixed-bps");
    assert_null(bt_nearest("max", longer, 4));       /* too little is said */
    assert_null(bt_nearest("function_", longer, 4)); /* no word begins so */
    assert_null(bt_nearest("edule", longer, 4));
    /* A slip is nearer than what is left out. */
    const char *const both[] = {"close_position", "closed"};
    assert_string_equal(bt_nearest("close", both, 2), "closed");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_slip_of_a_finger),
        cmocka_unit_test(knows_when_to_be_silent),
        cmocka_unit_test(first_of_equals_wins),
        cmocka_unit_test(a_short_form_stands_for_the_shortest_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
