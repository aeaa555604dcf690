/* SHA-256 against FIPS 180-4 examples; what is hashed of values. */
#include "base/digest.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static const char abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
static const char nothing[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void public_vectors(void **state) {
    (void)state;
    char out[DIGEST_TEXT];
    bt_sha256("abc", 3, out);
    assert_string_equal(out, abc);
    bt_sha256("", 0, out);
    assert_string_equal(out, nothing);
    bt_sha256("x", -1, out);
    assert_string_equal(out, nothing);
    struct digest *d = digest_new();
    uint8_t raw[DIGEST_BYTES];
    char block[1000];
    memset(block, 'a', sizeof block);
    for (int i = 0; i < 1000; i++)
        digest_add(d, block, sizeof block);
    digest_end(d, raw);
    digest_hex(raw, out);
    assert_string_equal(out, million_a);
    digest_reset(d);
    digest_add(d, "a", 1);
    digest_add(d, "bc", 2);
    digest_end(d, raw);
    digest_hex(raw, out);
    assert_string_equal(out, abc);
    digest_free(d);
}

static void expect_bytes(void (*add)(struct digest *), const void *bytes,
                         size_t n) {
    uint8_t got[DIGEST_BYTES], want[DIGEST_BYTES];
    struct digest *d = digest_new();
    add(d);
    digest_end(d, got);
    digest_free(d);
    digest_bytes(bytes, n, want);
    assert_memory_equal(got, want, DIGEST_BYTES);
}

static void add_int(struct digest *d) {
    digest_i64(d, -2);
}
static void add_double(struct digest *d) {
    digest_f64(d, -1.5); /* 0xBFF8 */
}
static void add_negative_zero(struct digest *d) {
    digest_f64(d, -0.0);
}
static void add_nan(struct digest *d) {
    digest_f64(d, NAN);
}
static void add_other_nan(struct digest *d) {
    uint64_t bits = UINT64_C(0xFFF0000000000123);
    double v;
    memcpy(&v, &bits, sizeof v);
    digest_f64(d, v);
}
static void add_text(struct digest *d) {
    digest_str(d, "ab");
}

static void values_have_one_layout(void **state) {
    (void)state;
    expect_bytes(add_int, "\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8);
    expect_bytes(add_double, "\0\0\0\0\0\0\xF8\xBF", 8);
    expect_bytes(add_negative_zero, "\0\0\0\0\0\0\0\x80", 8);
    expect_bytes(add_nan, "\0\0\0\0\0\0\xF8\x7F", 8);
    expect_bytes(add_other_nan, "\0\0\0\0\0\0\xF8\x7F", 8);
    expect_bytes(add_text, "\2\0\0\0\0\0\0\0ab", 10);
}

static void whole_files(void **state) {
    (void)state;
    char path[] = "/tmp/backlua-digest-XXXXXX", out[DIGEST_TEXT];
    uint8_t raw[DIGEST_BYTES], kept[DIGEST_BYTES];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    char *text = malloc(1000000);
    memset(text, 'a', 1000000);
    assert_int_equal(write(fd, text, 1000000), 1000000);
    free(text);
    close(fd);
    assert_int_equal(digest_file(path, raw), BT_OK);
    digest_hex(raw, out);
    assert_string_equal(out, million_a);
    unlink(path);
    memcpy(kept, raw, sizeof raw);
    assert_int_equal(digest_file(path, raw), BT_E_IO);
    assert_non_null(strstr(bt_error_message(), path));
    assert_int_equal(digest_file("/tmp", raw), BT_E_IO); /* a folder */
    assert_memory_equal(raw, kept, sizeof raw);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(public_vectors),
        cmocka_unit_test(values_have_one_layout),
        cmocka_unit_test(whole_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
