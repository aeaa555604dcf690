/* Parameter spaces: what is refused and why, levels, samples, canonical text.
 */
#include "search/space.h"

#include "base/status.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(bt_status got, bt_status want, const char *part) {
    assert_int_equal(got, want);
    if (!strstr(bt_error_message(), part))
        fail_msg("'%s' does not hold '%s'", bt_error_message(), part);
}

static void names_value_and_remedy(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    expect(bt_space_int(s, "n", 10, 100, 7), BT_E_RANGE, "94 or 101");
    expect(bt_space_int(s, "n", 10, 9, 1), BT_E_RANGE, "9 is below min_value");
    expect(bt_space_int(s, "n", 1, 9, 0), BT_E_RANGE, "got 0");
    expect(bt_space_int(s, "n", 0, INT64_MAX, 1), BT_E_RANGE, "2^53");
    expect(bt_space_int(s, "2n", 1, 9, 1), BT_E_USAGE, "'2n'");
    expect(bt_space_int(s, "", 1, 9, 1), BT_E_USAGE, "Lua name");
    expect(bt_space_int(s, "a b", 1, 9, 1), BT_E_USAGE, "'a b'");
    expect(bt_space_float(s, "x", 1, 1, 0, 10), BT_E_RANGE, "above min_value");
    expect(bt_space_float(s, "x", 1, NAN, 0, 10), BT_E_RANGE, "finite");
    expect(bt_space_float(s, "x", -1e308, 1e308, 0, 10), BT_E_RANGE, "finite");
    expect(bt_space_float(s, "x", 0, 1, BT_PRIOR_LOG_UNIFORM, 10), BT_E_RANGE,
           "min_value > 0, got 0");
    expect(bt_space_float(s, "x", 0, 1, 7, 10), BT_E_USAGE, "prior 7");
    expect(bt_space_float(s, "x", 0, 1, 0, 1), BT_E_RANGE, "got 1");
    assert_int_equal(space_count(s), 0); /* nothing refused was kept */
    expect(bt_space_check(s), BT_E_USAGE, "at least one");
    assert_int_equal(bt_space_int(s, "n", 1, 9, 1), BT_OK);
    expect(bt_space_float(s, "n", 0, 1, 0, 2), BT_E_USAGE, "'n' is in");
    bt_space_free(s);
}

static void refuses_bad_choices(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    expect(bt_space_choice_bool(s, 1), BT_E_STATE, "before");
    assert_int_equal(bt_space_choice(s, "mode"), BT_OK);
    assert_int_equal(bt_space_choice_string(s, "1"), BT_OK);
    expect(bt_space_check(s), BT_E_USAGE, "at least 2 choices, got 1");
    expect(bt_space_choice_number(s, 1), BT_E_USAGE, "'1' is there twice");
    expect(bt_space_choice_number(s, NAN), BT_E_RANGE, "finite");
    assert_int_equal(bt_space_choice_bool(s, 1), BT_OK);
    expect(bt_space_choice_string(s, "true"), BT_E_USAGE, "'true'");
    assert_int_equal(bt_space_check(s), BT_OK);
    bt_space_free(s);
}

static void limits_the_number_of_parameters(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    char name[8] = "p00";
    for (int i = 0; i < SPACE_MAX; i++) {
        name[1] = (char)('0' + i / 10);
        name[2] = (char)('0' + i % 10);
        assert_int_equal(bt_space_int(s, name, 0, 1, 1), BT_OK);
    }
    expect(bt_space_int(s, "more", 0, 1, 1), BT_E_RANGE, "number 65");
    assert_true(bt_space_cardinality(s) == 18446744073709551616.0);
    bt_space_free(s);
}

static double level(const bt_space *s, int32_t i, int64_t k) {
    struct value v;
    space_level(s, i, k, &v);
    return v.number;
}

static void levels_have_exact_ends(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int(s, "n", -5, 10, 5), BT_OK);
    assert_int_equal(bt_space_float(s, "x", 0.1, 0.7, 0, 4), BT_OK);
    assert_int_equal(bt_space_float(s, "y", 0.001, 10, BT_PRIOR_LOG_UNIFORM, 5),
                     BT_OK);
    assert_int_equal(space_levels(s, 0), 4);
    assert_true(level(s, 0, 3) == 10);
    assert_true(level(s, 1, 0) == 0.1 && level(s, 1, 3) == 0.7);
    assert_true(level(s, 1, 1) == 0.3 && level(s, 1, 2) == 0.5);
    assert_true(level(s, 2, 0) == 0.001 && level(s, 2, 4) == 10);
    assert_true(level(s, 2, 1) == 0.01 && level(s, 2, 2) == 0.1 &&
                level(s, 2, 3) == 1); /* log-spaced: a constant ratio */
    assert_true(bt_space_cardinality(s) == 4 * 4 * 5);
    bt_space_free(s);
}

static double sample(const bt_space *s, int32_t i, double unit, double normal) {
    struct value v;
    space_sample(s, i, unit, normal, &v);
    return v.number;
}

static void samples_follow_the_prior(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    double below_one = nextafter(1, 0);
    assert_int_equal(bt_space_int(s, "n", 10, 30, 10), BT_OK);
    assert_int_equal(bt_space_float(s, "x", 2, 6, 0, 2), BT_OK);
    assert_int_equal(bt_space_float(s, "y", 1, 100, BT_PRIOR_LOG_UNIFORM, 2),
                     BT_OK);
    assert_int_equal(bt_space_float(s, "z", 2, 6, BT_PRIOR_NORMAL, 2), BT_OK);
    assert_true(sample(s, 0, 0, 0) == 10 && sample(s, 0, 0.34, 0) == 20);
    assert_true(sample(s, 0, below_one, 0) == 30);
    assert_true(sample(s, 1, 0.25, 9) == 3 && sample(s, 1, below_one, 0) <= 6);
    assert_true(fabs(sample(s, 2, 0.5, 0) - 10) < 1e-14);
    assert_true(space_wants_normal(s, 3) && !space_wants_normal(s, 2));
    /* mean at the midpoint, deviation a quarter of the range, clipped */
    assert_true(sample(s, 3, 0, 0) == 4 && sample(s, 3, 0, 1) == 5);
    assert_true(sample(s, 3, 0, 2.5) == 6 && sample(s, 3, 0, -9) == 2);
    bt_space_free(s);
}

static bt_space *mixed(void) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int(s, "slow", 50, 60, 10), BT_OK);
    assert_int_equal(bt_space_choice(s, "mode"), BT_OK);
    assert_int_equal(bt_space_choice_string(s, "a\"b\\c\n\x01"), BT_OK);
    assert_int_equal(bt_space_choice_bool(s, 0), BT_OK);
    assert_int_equal(bt_space_choice_number(s, 0.1), BT_OK);
    assert_int_equal(bt_space_float(s, "fast", 0.5, 2e-7 + 1, 0, 3), BT_OK);
    return s;
}

static struct point at(const bt_space *s, int64_t a, int64_t b, int64_t c) {
    struct point p = {.count = 3};
    space_level(s, 0, a, &p.value[0]);
    space_level(s, 1, b, &p.value[1]);
    space_level(s, 2, c, &p.value[2]);
    return p;
}

static void canonical_text_is_sorted_and_escaped(void **state) {
    (void)state;
    bt_space *s = mixed();
    struct buf text;
    buf_init(&text);
    struct point p = at(s, 1, 0, 0);
    point_canonical(s, &p, &text);
    assert_string_equal(text.data,
                        "fast=0.5;mode=\"a\\\"b\\\\c\\n\\x01\";slow=60");
    buf_clear(&text);
    p = at(s, 0, 1, 2);
    point_canonical(s, &p, &text);
    assert_string_equal(text.data, "fast=1.0000002;mode=false;slow=50");
    buf_clear(&text);
    space_describe(s, &text);
    assert_string_equal(text.data,
                        "slow:int(50,60,10);"
                        "mode:choice(\"a\\\"b\\\\c\\n\\x01\",false,0.1);"
                        "fast:float(0.5,1.0000002,uniform,3)");
    buf_fini(&text);
    bt_space_free(s);
}

static void packed_points_come_back(void **state) {
    (void)state;
    bt_space *s = mixed();
    struct buf bytes, before, after;
    buf_init(&bytes);
    buf_init(&before);
    buf_init(&after);
    for (int64_t k = 0; k < 3; k++) {
        struct point p = at(s, k % 2, k, k), back;
        buf_clear(&bytes);
        point_pack(s, &p, &bytes);
        assert_int_equal(bytes.len, 24);
        assert_true(point_unpack(s, bytes.data, bytes.len, &back));
        point_canonical(s, &p, &before);
        point_canonical(s, &back, &after);
        assert_int_equal(back.value[0].kind, VALUE_INT);
    }
    assert_string_equal(before.data, after.data);
    struct point back;
    assert_false(point_unpack(s, bytes.data, 23, &back));
    double bad[] = {3, -1, 0.5, INFINITY}; /* not a choice's position */
    for (int i = 0; i < 4; i++) {
        memcpy(bytes.data + 8, &bad[i], 8);
        assert_false(point_unpack(s, bytes.data, 24, &back));
    }
    buf_fini(&bytes);
    buf_fini(&before);
    buf_fini(&after);
    bt_space_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_value_and_remedy),
        cmocka_unit_test(refuses_bad_choices),
        cmocka_unit_test(limits_the_number_of_parameters),
        cmocka_unit_test(levels_have_exact_ends),
        cmocka_unit_test(samples_follow_the_prior),
        cmocka_unit_test(canonical_text_is_sorted_and_escaped),
        cmocka_unit_test(packed_points_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
