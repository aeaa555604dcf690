/* Numbers as text: against strtod and printf, and ties worked out by hand. */
#include "base/num.h"

#include "draw.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static uint64_t bits_of(double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static double draw_double(void) {
    for (;;) {
        uint64_t bits = draw();
        double v;
        memcpy(&v, &bits, sizeof v);
        if (isfinite(v))
            return v;
    }
}

static void expect_parse(const char *text) {
    double got;
    double want = strtod(text, NULL);
    if (!num_parse(text, strlen(text), &got))
        fail_msg("'%s' was refused", text);
    if (bits_of(got) != bits_of(want))
        fail_msg("'%s' gave %.17g, not %.17g", text, got, want);
}

static void parses_as_strtod_does(void **state) {
    (void)state;
    for (int i = 0; i < 200000; i++) {
        char text[64], *at = text;
        if (draw_below(4) == 0)
            *at++ = "+-"[draw_below(2)];
        int digits = 1 + (int)draw_below(22),
            point = (int)draw_below(digits + 1);
        for (int k = 0; k < digits; k++) {
            if (k == point)
                *at++ = '.';
            *at++ = (char)('0' + draw_below(10));
        }
        *at = '\0';
        if (draw_below(3) == 0)
            sprintf(at, "%c%d", "eE"[draw_below(2)],
                    (int)(draw_below(2) ? draw_below(50) - 25
                                        : draw_below(640) - 340));
        if (isfinite(strtod(text, NULL)))
            expect_parse(text);
    }
}

static void parses_prices_as_strtod_does(void **state) {
    (void)state;
    for (int i = 0; i < 100000; i++) {
        char text[64];
        double price = (double)draw_below(100000000) / 1e4;
        snprintf(text, sizeof text, "%.*f", (int)draw_below(16), price * 1.1);
        expect_parse(text);
    }
}

/* Doubles above 2^53 are even: n + 1/2 steps of 2 lie on odd integers. */
static void ties_go_to_even(void **state) {
    (void)state;
    static const struct {
        const char *text;
        double want;
    } cases[] = {
        {"9007199254740993", 9007199254740992.0},
        {"9007199254740993.0", 9007199254740992.0},
        {"9007199254740993.1", 9007199254740994.0},
        {"9007199254740992.9", 9007199254740992.0},
        {"9007199254740995.0", 9007199254740996.0},
        {"4503599627370496.5", 4503599627370496.0},
        {"4503599627370497.5", 4503599627370498.0},
        {"4503599627370496.501", 4503599627370497.0},
        {"9007199254740993.000000000000000000000001", 9007199254740994.0},
        /* above a tie by 3 / (2^35 * 10^19): w * 2^35 = 3 (mod 5^19) */
        {"0.6343647986162431196", 5713850141330145 * 0x1p-53},
        /* halfway between the largest double and 2^1024 */
        {"1.7976931348623157e308", DBL_MAX},
        {"1.7976931348623158e308", DBL_MAX},
        /* below half of the smallest subnormal */
        {"2e-324", 0.0},
        {"5e-324", 0x1p-1074},
        {"1e-400", 0.0},
        {"-0", -0.0},
        {"-0.000e10", -0.0},
        {"0e999999999999", 0.0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        double got;
        assert_true(num_parse(cases[i].text, strlen(cases[i].text), &got));
        if (bits_of(got) != bits_of(cases[i].want))
            fail_msg("'%s' gave %.17g", cases[i].text, got);
    }
}

static void accepts_only_decimals(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",      " ",      ".",    "-",        "+",   "e5",    "1e",
        "1e+",   "1 ",     " 1",   "1.2.3",    "--1", "+-1",   "0x10",
        "nan",   "inf",    "-inf", "Infinity", "1,5", "1_000", "1e5.0",
        "1e999", "-1e999", "1f",   "1.e",      "1\n", "½"};
    static const char *const good[] = {"5.", ".5", "+.5e-3", "00012", "1E05"};
    double v = 7;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (num_parse(bad[i], strlen(bad[i]), &v))
            fail_msg("'%s' was accepted", bad[i]);
        assert_true(v == 7);
    }
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        expect_parse(good[i]);
    assert_false(num_parse("1\0", 2, &v));
    assert_true(num_parse("12345", 2, &v)); /* n counts */
    assert_true(v == 12);
}

static void reads_very_long_numbers(void **state) {
    (void)state;
    enum { N = 100000 };
    char *text = malloc(N + 16);
    double v;
    memset(text, '0', N);
    text[N - 1] = '7';
    assert_true(num_parse(text, N, &v) && v == 7);
    text[0] = '.';
    assert_true(num_parse(text, N, &v) && v == 0);
    memset(text, '9', N);
    assert_false(num_parse(text, N, &v));
    memcpy(text + N, "e-99999", 8);
    assert_true(num_parse(text, N + 7, &v) && v == 10);
    free(text);
}

static void integers(void **state) {
    (void)state;
    int64_t v = 7;
    assert_true(num_parse_int("9223372036854775807", 19, &v));
    assert_int_equal(v, INT64_MAX);
    assert_true(num_parse_int("-9223372036854775808", 20, &v));
    assert_int_equal(v, INT64_MIN);
    assert_true(num_parse_int("+0012", 5, &v) && v == 12);
    static const char *const bad[] = {"9223372036854775808",
                                      "-9223372036854775809",
                                      "99999999999999999999",
                                      "",
                                      "-",
                                      "+",
                                      "1.0",
                                      "1e3",
                                      " 1",
                                      "1 ",
                                      "0x10",
                                      "4,0",
                                      "nan"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (num_parse_int(bad[i], strlen(bad[i]), &v))
            fail_msg("'%s' was accepted", bad[i]);
    assert_int_equal(v, 12);
}

static void switches(void **state) {
    (void)state;
    static const char *const on[] = {"true", "TRUE", "1", "yes", "On"};
    static const char *const off[] = {"false", "False", "0", "NO", "off"};
    static const char *const bad[] = {"", " ", "2", "-1", "y", "true ", "nan"};
    bool v;
    for (size_t i = 0; i < 5; i++) {
        assert_true(num_parse_bool(on[i], &v) && v);
        assert_true(num_parse_bool(off[i], &v) && !v);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(num_parse_bool(bad[i], &v));
}

/* Significant digits of a text. */
static int digits_of(const char *text) {
    char digits[64];
    int n = 0;
    for (; *text && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (n > 0 || *text != '0'))
            digits[n++] = *text;
    while (n > 0 && digits[n - 1] == '0')
        n--;
    return n;
}

static void expect_shortest(double v) {
    char text[NUM_TEXT], other[64];
    int n = num_format(v, text);
    assert_int_equal(n, strlen(text));
    assert_true(n < NUM_TEXT);
    if (bits_of(strtod(text, NULL)) != bits_of(v))
        fail_msg("'%s' is not %.17g", text, v);
    int shorter = digits_of(text) - 1;
    if (shorter < 1)
        return;
    /* the two texts around v with one digit less both miss it */
    snprintf(other, sizeof other, "%.*e", shorter - 1, v);
    if (strtod(other, NULL) == v)
        fail_msg("'%s' could be '%s'", text, other);
    for (int direction = -1; direction <= 1; direction += 2) {
        long double unit = powl(10, floorl(log10l(fabsl(v))) - shorter + 1);
        snprintf(other, sizeof other, "%.*Le", shorter - 1,
                 (long double)strtod(other, NULL) + direction * unit);
        if (strtod(other, NULL) == v)
            fail_msg("'%s' could be '%s'", text, other);
    }
}

static void formats_shortest(void **state) {
    (void)state;
    for (int i = 0; i < 30000; i++) {
        expect_shortest(draw_double());
        expect_shortest((double)draw_below(10000000) / 1000);
        expect_shortest((double)draw() * 0x1p-40);
    }
    for (int e = -1074; e < 1024; e++) /* where rounding is lopsided */
        expect_shortest(ldexp(1, e));
    for (uint64_t k = 1; k < 3000; k++) {
        double v;
        memcpy(&v, &k, sizeof v); /* subnormals */
        expect_shortest(v);
    }
}

static void expect_text(double v, const char *want) {
    char text[BT_NUMBER_TEXT];
    assert_int_equal(bt_number_format(v, text), strlen(want));
    assert_string_equal(text, want);
}

static void formats_as_people_write(void **state) {
    (void)state;
    expect_text(0.1, "0.1");
    expect_text(100000, "100000");
    expect_text(-123456789012, "-123456789012");
    expect_text(0x1p53 - 1, "9007199254740991");
    expect_text(1e15, "1000000000000000");
    expect_text(1e300, "1e+300");
    expect_text(0x1p-1074, "5e-324");
    expect_text(DBL_MAX, "1.7976931348623157e+308");
    expect_text(0.0, "0");
    expect_text(-0.0, "-0");
    expect_text(INFINITY, "inf");
    expect_text(-INFINITY, "-inf");
    expect_text(NAN, "nan");
    expect_text(-NAN, "nan");
    /* 5684341886080802e-29 reads back, the nearer ...801e-29 does not */
    expect_text(0x1p-44, "5.684341886080802e-14");
    expect_text(-0x1p-44, "-5.684341886080802e-14");
}

static void expect_fixed(double v, int decimals, const char *want) {
    char text[64];
    assert_int_equal(bt_number_fixed(v, decimals, text), strlen(want));
    assert_string_equal(text, want);
}

static void fixed_decimals(void **state) {
    (void)state;
    expect_fixed(18.625, 2, "18.62"); /* a tie, exact in binary: to even */
    expect_fixed(18.635, 2, "18.64"); /* 18.635000000000001563... */
    expect_fixed(1.005, 2, "1.00");   /* 1.00499999999999989... */
    expect_fixed(-0.001, 2, "-0.00");
    expect_fixed(2.5, 0, "2");
    expect_fixed(1, -5, "1");
    expect_fixed(1, 100, "1.000000000");
    expect_fixed(1e300, 2, "1e+300");
    expect_fixed(NAN, 2, "nan");
    expect_fixed(-INFINITY, 2, "-inf");
    char text[64];
    assert_in_range(bt_number_fixed(-nextafter(1e50, 0), 9, text), 60, 63);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_as_strtod_does),
        cmocka_unit_test(parses_prices_as_strtod_does),
        cmocka_unit_test(ties_go_to_even),
        cmocka_unit_test(accepts_only_decimals),
        cmocka_unit_test(reads_very_long_numbers),
        cmocka_unit_test(integers),
        cmocka_unit_test(switches),
        cmocka_unit_test(formats_shortest),
        cmocka_unit_test(formats_as_people_write),
        cmocka_unit_test(fixed_decimals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
