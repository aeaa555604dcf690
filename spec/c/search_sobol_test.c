/* Sobol's sequence and the Latin hypercube: published points, strata, nets. */
#include "search/sobol.h"

#include "search_support.h"

#include <stdlib.h>

/* The first ten points in three dimensions, as Joe and Kuo print them for their
 * program sobol.cc. */
static void begins_as_published(void **state) {
    (void)state;
    static const double published[10][3] = {
        {0, 0, 0},
        {0.5, 0.5, 0.5},
        {0.75, 0.25, 0.25},
        {0.25, 0.75, 0.75},
        {0.375, 0.375, 0.625},
        {0.875, 0.875, 0.125},
        {0.625, 0.125, 0.875},
        {0.125, 0.625, 0.375},
        {0.1875, 0.3125, 0.9375},
        {0.6875, 0.8125, 0.4375},
    };
    struct sobol s;
    double x[3];
    sobol_init(&s, 3, NULL);
    for (int n = 0; n < 10; n++) {
        sobol_next(&s, x);
        for (int i = 0; i < 3; i++)
            assert_true(x[i] == published[n][i]);
    }
}

/* Of 1024 points each of the 1024 equal intervals of each of the 64 dimensions
 * holds one; so for the first 512, 256, ... */
static void every_dimension_is_even(bool scrambled) {
    struct rng rng;
    rng_seed(&rng, 5);
    struct sobol *s = malloc(sizeof *s);
    double x[SPACE_MAX];
    for (int n = 4; n <= 1024; n *= 2) {
        unsigned char hit[SPACE_MAX][1024] = {{0}};
        sobol_init(s, SPACE_MAX, scrambled ? &rng : NULL);
        for (int k = 0; k < n; k++) {
            sobol_next(s, x);
            for (int i = 0; i < SPACE_MAX; i++)
                assert_int_equal(hit[i][(int)(x[i] * n)]++, 0);
        }
    }
    free(s);
}

static void plain_dimensions_are_even(void **state) {
    (void)state;
    every_dimension_is_even(false);
}

static void scrambled_dimensions_are_even(void **state) {
    (void)state;
    every_dimension_is_even(true);
}

/* The first two dimensions are a (0, m, 2)-net: each box of 2^-a by 2^-(8-a)
 * holds one of 256 points. Scrambling must not break that. */
static void a_scrambled_pair_is_still_a_net(void **state) {
    (void)state;
    struct rng rng;
    rng_seed(&rng, 77);
    struct sobol *s = malloc(sizeof *s);
    double x[2];
    for (int a = 0; a <= 8; a++) {
        int wide = 1 << a, high = 1 << (8 - a);
        unsigned char hit[256] = {0};
        sobol_init(s, 2, &rng);
        for (int k = 0; k < 256; k++) {
            sobol_next(s, x);
            int box = (int)(x[0] * wide) * high + (int)(x[1] * high);
            assert_int_equal(hit[box]++, 0);
        }
    }
    free(s);
}

static void seeds_scramble_differently(void **state) {
    (void)state;
    bt_space *space = real_space(5);
    struct search_options o = options_of(BT_SEARCH_SOBOL, 1, 0);
    struct search *one = begin(space, &o);
    o.seed = 2;
    struct search *two = begin(space, &o);
    struct point p, q;
    int same = 0;
    for (int k = 0; k < 100; k++) {
        assert_true(search_ask(one, &p) && search_ask(two, &q));
        for (int i = 0; i < 5; i++)
            same += p.value[i].number == q.value[i].number;
    }
    assert_in_range(same, 0, 2);
    search_free(one);
    search_free(two);
    bt_space_free(space);
}

/* 37 trials: each 37th of each range is met once, in another order in each
 * dimension. */
static void a_hypercube_meets_each_stratum_once(void **state) {
    (void)state;
    bt_space *space = real_space(8);
    struct search_options o = options_of(BT_SEARCH_LATIN, 9, 37);
    struct search *s = begin(space, &o);
    int hit[8][37] = {{0}}, same = 0;
    struct point p;
    for (int k = 0; k < 37; k++) {
        assert_true(search_ask(s, &p));
        for (int i = 0; i < 8; i++)
            assert_int_equal(hit[i][(int)(p.value[i].number * 37)]++, 0);
        same += (int)(p.value[0].number * 37) == (int)(p.value[1].number * 37);
    }
    assert_false(search_ask(s, &p));
    assert_in_range(same, 0, 6); /* 37 cells of chance 1/37 each */
    search_free(s);
    bt_space_free(space);
}

static void a_hypercube_needs_to_know_how_many(void **state) {
    (void)state;
    bt_space *space = real_space(1);
    struct search_options o = options_of(BT_SEARCH_LATIN, 9, 0);
    struct search *s = NULL;
    assert_int_equal(search_new(space, &o, &s), BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "how many"));
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_as_published),
        cmocka_unit_test(plain_dimensions_are_even),
        cmocka_unit_test(scrambled_dimensions_are_even),
        cmocka_unit_test(a_scrambled_pair_is_still_a_net),
        cmocka_unit_test(seeds_scramble_differently),
        cmocka_unit_test(a_hypercube_meets_each_stratum_once),
        cmocka_unit_test(a_hypercube_needs_to_know_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
