/* CRC-32C against the vectors of RFC 3720, B.4, and in parts. */
#include "base/crc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void agrees_with_the_rfc(void **state) {
    (void)state;
    unsigned char bytes[32];
    memset(bytes, 0, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, 32);
    assert_int_equal(crc32c(0, bytes, 32), 0x62a8ab43);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46dd794e);
    for (unsigned char i = 0; i < 32; i++)
        bytes[i] = (unsigned char)(31 - i);
    assert_int_equal(crc32c(0, bytes, 32), 0x113fdb5c);
    assert_int_equal(crc32c(0, "123456789", 9), 0xe3069283);
    assert_int_equal(crc32c(0, "", 0), 0);
}

static void parts_give_the_whole(void **state) {
    (void)state;
    const char *text = "the quick brown fox jumps over the lazy dog";
    size_t n = strlen(text);
    for (size_t i = 0; i <= n; i++)
        assert_int_equal(crc32c(crc32c(0, text, i), text + i, n - i),
                         crc32c(0, text, n));
}

/* Any length from any address, and whatever came before. */
static void the_instruction_and_the_tables_agree(void **state) {
    (void)state;
    unsigned char bytes[80];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * i * 37 + 11);
    for (size_t from = 0; from < 8; from++) {
        for (size_t n = 0; from + n <= sizeof bytes; n++) {
            uint32_t before = (uint32_t)(from * 0x9e3779b9 + n);
            assert_int_equal(crc32c(before, bytes + from, n),
                             crc32c_plain(before, bytes + from, n));
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_rfc),
        cmocka_unit_test(parts_give_the_whole),
        cmocka_unit_test(the_instruction_and_the_tables_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
