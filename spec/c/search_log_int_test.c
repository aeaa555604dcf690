/* Whole numbers whose logarithm is evenly spread: drawn so, and searched so. */
#include "search_support.h"

#include "search/cube.h"

#include <stdlib.h>

static bt_space *space_to(int64_t max) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int_log(s, "n", 1, max), BT_OK);
    return s;
}

/* 1 .. 1000 widened by a half: the middle of the logarithms is that of
 * sqrt(0.5 * 1000.5) = 22.37. */
static void draws_by_hand(void **state) {
    (void)state;
    bt_space *s = space_to(1000);
    struct value v;
    space_sample(s, 0, 0, 0, &v);
    assert_true(v.number == 1 && v.kind == VALUE_INT);
    space_sample(s, 0, 0.5, 0, &v);
    assert_true(v.number == 22);
    space_sample(s, 0, 1 - 0x1p-53, 0, &v);
    assert_true(v.number == 1000);
    assert_true(bt_space_cardinality(s) == 1000);
    assert_string_equal(bt_space_text(s), "n:int(1,1000,1,log-uniform)");
    bt_space_free(s);
}

/* Level k holds k + 1: its place is its logarithm, its edges half a step
 * off. */
static void an_axis_by_hand(void **state) {
    (void)state;
    bt_space *s = space_to(1000);
    struct cube c;
    cube_init(&c, s);
    const struct axis *a = &c.axis[0];
    double low = log(0.5), width = log(1000.5) - low;
    for (int k = 0; k < 1000; k++) {
        struct point p, back;
        double x;
        space_level(s, 0, k, &p.value[0]);
        p.count = 1;
        cube_encode(&c, &p, &x);
        assert_true(fabs(x - (log(k + 1) - low) / width) < 1e-15);
        assert_true(axis_level(a, x) == k && axis_snap(a, x) == x);
        assert_true(axis_edge(a, k) < x && x < axis_edge(a, k + 1));
        cube_decode(&c, &x, &back);
        assert_true(back.value[0].number == k + 1);
        double up = axis_beside(a, x, 1);
        assert_true(axis_level(a, up) == (k < 999 ? k + 1 : 999));
    }
    assert_true(axis_edge(a, 0) == 0 && axis_edge(a, 1000) == 1);
    assert_true(axis_beside(a, axis_place(a, 3), -7) == axis_place(a, 0));
    bt_space_free(s);
}

/* ln 9.5/0.5 of ln 1000.5/0.5 of the draws are below 10: 38.7 %; and 30.4 % are
 * 100 or more. Three deviations of 2,000 draws are 3.3 %. */
static void random_knows_the_prior(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int_log(s, "n", 1, 1000), 0);
    assert_int_equal(bt_space_float(s, "x", 0, 1, BT_PRIOR_UNIFORM, 2), 0);
    struct search_options o = options_of(BT_SEARCH_RANDOM, 5, 2000);
    struct search *search = begin(s, &o);
    struct point p;
    int few = 0, many = 0, n = 0;
    while (search_ask(search, &p)) {
        few += p.value[0].number < 10;
        many += p.value[0].number >= 100;
        n++;
    }
    assert_int_equal(n, 2000);
    assert_true(fabs(few / 2000.0 - 0.387) < 0.033);
    assert_true(fabs(many / 2000.0 - 0.304) < 0.033);
    search_free(search);
    bt_space_free(s);
}

static void random_ends_with_the_last_one(void **state) {
    (void)state;
    bt_space *s = space_to(40);
    struct search_options o = options_of(BT_SEARCH_RANDOM, 5, 0);
    struct search *search = begin(s, &o);
    struct point p;
    int seen[41] = {0}, n = 0;
    while (search_ask(search, &p)) {
        assert_int_equal(seen[(int)p.value[0].number]++, 0);
        n++;
    }
    assert_int_equal(n, 40);
    search_free(search);
    bt_space_free(s);
}

/* Smooth in the logarithm, 0 at 137. */
static double far_from_137(const struct point *p) {
    double apart = log(p->value[0].number / 137);
    return -apart * apart;
}

static void every_search_finds(void **state) {
    (void)state;
    static const int32_t kinds[] = {BT_SEARCH_TPE, BT_SEARCH_GP,
                                    BT_SEARCH_GENETIC, BT_SEARCH_CMAES};
    bt_space *s = space_to(100000);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct search_options o = patient_options(kinds[i], 3, 0);
        if (kinds[i] == BT_SEARCH_GENETIC)
            o.genetic.population = 10;
        struct search *search = begin(s, &o);
        double best;
        play(s, search, far_from_137, 80, 4, NULL, &best);
        assert_true(best > -0.01); /* within 10 % of it */
        search_free(search);
    }
    bt_space_free(s);
}

static void refuses(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int_log(s, "n", 0, 5), BT_E_RANGE);
    assert_non_null(
        strstr(bt_error_message(), "min_value of 1 or more, got 0"));
    assert_int_equal(bt_space_int_log(s, "n", 5, 4), BT_E_RANGE);
    bt_space_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_by_hand),
        cmocka_unit_test(an_axis_by_hand),
        cmocka_unit_test(random_knows_the_prior),
        cmocka_unit_test(random_ends_with_the_last_one),
        cmocka_unit_test(every_search_finds),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
