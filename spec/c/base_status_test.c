/* Failures: code and message, prefixes, errno, cuts. */
#include "base/status.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#undef fail /* ours */

static void fail_records_code_and_message(void **state) {
    (void)state;
    assert_int_equal(fail(BT_E_RANGE, "n must be 1..%d, got %d", 9, 12),
                     BT_E_RANGE);
    assert_string_equal(bt_error_message(), "n must be 1..9, got 12");
    assert_int_equal(bt_error_code(), BT_E_RANGE);
}

static void within_puts_a_prefix_before(void **state) {
    (void)state;
    fail(BT_E_DATA, "no such row");
    assert_int_equal(fail_within(BT_E_DATA, "file %s", "a.csv"), BT_E_DATA);
    assert_string_equal(bt_error_message(), "file a.csv: no such row");
    assert_int_equal(bt_error_code(), BT_E_DATA);
}

static void within_leaves_success_alone(void **state) {
    (void)state;
    fail(BT_E_DATA, "earlier");
    assert_int_equal(fail_within(BT_OK, "prefix"), BT_OK);
    assert_string_equal(bt_error_message(), "earlier");
}

static void errno_is_spelled_out(void **state) {
    (void)state;
    errno = ENOENT;
    assert_int_equal(fail_errno("cannot open %s", "x"), BT_E_IO);
    assert_string_equal(bt_error_message(),
                        "cannot open x: No such file or directory");
}

static void message_may_be_its_own_argument(void **state) {
    (void)state;
    fail(BT_E_IO, "disk full");
    fail(BT_E_STATE, "study stopped (%s)", bt_error_message());
    assert_string_equal(bt_error_message(), "study stopped (disk full)");
}

static void long_messages_are_cut_between_characters(void **state) {
    (void)state;
    char text[8192];
    for (size_t shift = 0; shift < 4; shift++) {
        memset(text, 'a', shift);
        for (size_t i = shift; i + 3 < sizeof text; i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 4); /* euro sign */
        fail(BT_E_USAGE, "%s", text);
        size_t n = strlen(bt_error_message());
        assert_in_range(n, 4090, 4095);
        assert_int_equal((n - shift) % 3, 0);
        fail_within(BT_E_USAGE, "p");
        assert_in_range(strlen(bt_error_message()), 4090, 4095);
        assert_memory_equal(bt_error_message(), "p: ", 3);
    }
}

static void every_code_has_a_name(void **state) {
    (void)state;
    assert_string_equal(bt_error_name(BT_OK), "ok");
    assert_string_equal(bt_error_name(BT_E_RANGE), "range");
    assert_string_equal(bt_error_name(BT_E_NAME), "name");
    assert_string_equal(bt_error_name(BT_E_USAGE), "usage");
    assert_string_equal(bt_error_name(BT_E_DATA), "data");
    assert_string_equal(bt_error_name(BT_E_IO), "io");
    assert_string_equal(bt_error_name(BT_E_BUSY), "busy");
    assert_string_equal(bt_error_name(BT_E_STATE), "state");
    assert_string_equal(bt_error_name(BT_E_REPRODUCE), "reproduce");
    assert_string_equal(bt_error_name(BT_E_INTERRUPT), "interrupt");
    assert_string_equal(bt_error_name(-1), "unknown");
    assert_string_equal(bt_error_name(10), "unknown");
}

static bt_status inner(int code) {
    TRY(code);
    return BT_E_STATE;
}

static void try_passes_failures_on(void **state) {
    (void)state;
    assert_int_equal(inner(BT_E_IO), BT_E_IO);
    assert_int_equal(inner(BT_OK), BT_E_STATE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail_records_code_and_message),
        cmocka_unit_test(within_puts_a_prefix_before),
        cmocka_unit_test(within_leaves_success_alone),
        cmocka_unit_test(errno_is_spelled_out),
        cmocka_unit_test(message_may_be_its_own_argument),
        cmocka_unit_test(long_messages_are_cut_between_characters),
        cmocka_unit_test(every_code_has_a_name),
        cmocka_unit_test(try_passes_failures_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
