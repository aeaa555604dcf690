/* Buffers: always terminated, bytes as written, quoting. */
#include "base/buf.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void starts_empty_and_terminated(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    assert_string_equal(b.data, "");
    buf_clear(&b);
    char *text = buf_take(&b);
    assert_string_equal(text, "");
    free(text);
    buf_fini(&b);
}

static void grows_over_many_appends(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    for (int i = 0; i < 5000; i++)
        buf_printf(&b, "%04d", i);
    assert_int_equal(b.len, 20000);
    assert_int_equal(b.data[b.len], 0);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(
            strtol((char[]){b.data[4 * i], b.data[4 * i + 1], b.data[4 * i + 2],
                            b.data[4 * i + 3], 0},
                   NULL, 10),
            i);
    buf_clear(&b);
    buf_str(&b, "ab");
    buf_chr(&b, 'c');
    buf_add(&b, NULL, 0);
    assert_string_equal(b.data, "abc");
    buf_fini(&b);
    assert_int_equal(b.len, 0);
}

static void take_hands_over_the_text(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    buf_str(&b, "mine");
    char *text = buf_take(&b);
    assert_string_equal(text, "mine");
    assert_int_equal(b.len, 0);
    buf_str(&b, "next");
    assert_string_equal(text, "mine");
    free(text);
    buf_fini(&b);
}

static void numbers_are_little_endian(void **state) {
    (void)state;
    struct buf b;
    buf_init(&b);
    buf_i32(&b, -2);
    buf_i64(&b, INT64_C(0x0102030405060708));
    buf_f64(&b, -0.0);
    buf_f64(&b, 1.5); /* 0x3FF8 */
    static const unsigned char want[] = {
        0xFE, 0xFF, 0xFF, 0xFF, 8, 7,    6, 5, 4, 3, 2, 1, 0,    0,
        0,    0,    0,    0,    0, 0x80, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F};
    assert_int_equal(b.len, sizeof want);
    assert_memory_equal(b.data, want, sizeof want);
    buf_fini(&b);
}

static void expect_quote(const char *s, size_t n, const char *want) {
    struct buf b;
    buf_init(&b);
    buf_quote(&b, s, n, 8);
    assert_string_equal(b.data, want);
    buf_fini(&b);
}

static void quotes_what_a_terminal_should_not_see(void **state) {
    (void)state;
    expect_quote("4,0", 3, "\"4,0\"");
    expect_quote("", 0, "\"\"");
    expect_quote("a\"b\\", 4, "\"a\\\"b\\\\\"");
    expect_quote("\x1B[2J\n", 5, "\"\\x1b[2J\\x0a\"");
    expect_quote("\0x", 2, "\"\\x00x\"");
    expect_quote("\xC3\xA9\xE2\x82\xAC", 5, "\"\xC3\xA9\xE2\x82\xAC\"");
    expect_quote("\xF0\x9F\x98\x80", 4, "\"\xF0\x9F\x98\x80\"");
    /* alone, overlong, surrogate, beyond U+10FFFF, C1 control, torn */
    expect_quote("\x80", 1, "\"\\x80\"");
    expect_quote("\xC0\xAF", 2, "\"\\xc0\\xaf\"");
    expect_quote("\xE0\x80\xAF", 3, "\"\\xe0\\x80\\xaf\"");
    expect_quote("\xED\xA0\x80", 3, "\"\\xed\\xa0\\x80\"");
    expect_quote("\xF4\x90\x80\x80", 4, "\"\\xf4\\x90\\x80\\x80\"");
    expect_quote("\xC2\x9B", 2, "\"\\xc2\\x9b\"");
    expect_quote("\xE2\x82", 2, "\"\\xe2\\x82\"");
    expect_quote("123456789", 9, "\"12345678\"... (9 bytes)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_empty_and_terminated),
        cmocka_unit_test(grows_over_many_appends),
        cmocka_unit_test(take_hands_over_the_text),
        cmocka_unit_test(numbers_are_little_endian),
        cmocka_unit_test(quotes_what_a_terminal_should_not_see),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
