/* Grid and random search: every point once, the same stream for the same key.
 */
#include "search/search.h"

#include "base/map.h"
#include "base/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static bt_space *small(void) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int(s, "b", 1, 4, 1), BT_OK);
    assert_int_equal(bt_space_choice(s, "a"), BT_OK);
    assert_int_equal(bt_space_choice_string(s, "x"), BT_OK);
    assert_int_equal(bt_space_choice_string(s, "y"), BT_OK);
    assert_int_equal(bt_space_choice_string(s, "z"), BT_OK);
    return s;
}

static struct search *start(const bt_space *space, int32_t kind, uint64_t seed,
                            int64_t max) {
    struct search *s = NULL;
    struct search_options o;
    search_options_init(&o, kind);
    o.seed = seed;
    o.max_trials = max;
    assert_int_equal(search_new(space, &o, &s), BT_OK);
    return s;
}

/* All canonical texts of a search, one a line; *count of them. */
static void run(const bt_space *space, struct search *s, struct buf *out,
                int *count, struct map *seen) {
    struct point p;
    struct buf text;
    buf_init(&text);
    for (*count = 0; search_ask(s, &p); ++*count) {
        buf_clear(&text);
        point_canonical(space, &p, &text);
        if (seen && map_get(seen, text.data))
            fail_msg("handed out twice: %s", text.data);
        if (seen)
            map_put(seen, text.data, s);
        buf_str(out, text.data);
        buf_chr(out, '\n');
    }
    assert_false(search_ask(s, &p)); /* an end stays an end */
    buf_fini(&text);
    search_free(s);
}

static void grid_goes_through_the_product_in_order(void **state) {
    (void)state;
    bt_space *space = small();
    struct search *s = start(space, BT_SEARCH_GRID, 1, 0);
    struct buf out;
    int count;
    buf_init(&out);
    assert_true(search_total(s) == 12);
    assert_false(search_is_adaptive(s));
    run(space, s, &out, &count, NULL);
    assert_int_equal(count, 12);
    assert_string_equal(out.data, "a=\"x\";b=1\na=\"y\";b=1\na=\"z\";b=1\n"
                                  "a=\"x\";b=2\na=\"y\";b=2\na=\"z\";b=2\n"
                                  "a=\"x\";b=3\na=\"y\";b=3\na=\"z\";b=3\n"
                                  "a=\"x\";b=4\na=\"y\";b=4\na=\"z\";b=4\n");
    buf_fini(&out);
    bt_space_free(space);
}

static void a_huge_grid_starts_at_once(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    for (int i = 0; i < 20; i++) {
        char name[2] = {(char)('a' + i), 0};
        assert_int_equal(bt_space_int(space, name, 0, 999999, 1), BT_OK);
    }
    struct search *s = start(space, BT_SEARCH_GRID, 1, 3);
    struct point p;
    assert_true(search_total(s) == 3);
    for (int i = 0; i < 3; i++) {
        assert_true(search_ask(s, &p));
        assert_true(p.value[19].number == i && p.value[18].number == 0);
    }
    assert_false(search_ask(s, &p));
    search_free(s);
    bt_space_free(space);
}

static void random_is_a_permutation_of_a_finite_space(void **state) {
    (void)state;
    bt_space *space = small();
    struct buf first, again, other;
    int count;
    buf_init(&first);
    buf_init(&again);
    buf_init(&other);
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct map *seen = map_new();
        buf_clear(&first);
        run(space, start(space, BT_SEARCH_RANDOM, seed, 0), &first, &count,
            seen);
        assert_int_equal(count, 12);
        map_free(seen);
    }
    run(space, start(space, BT_SEARCH_RANDOM, 200, 0), &again, &count, NULL);
    assert_string_equal(first.data, again.data);
    run(space, start(space, BT_SEARCH_RANDOM, 201, 0), &other, &count, NULL);
    assert_string_not_equal(first.data, other.data);
    buf_fini(&first);
    buf_fini(&again);
    buf_fini(&other);
    bt_space_free(space);
}

/* Each of the 12 points is first equally often: 12,000 seeds give 1,000 +- 5
 * standard deviations (30.3 each). */
static void random_starts_anywhere(void **state) {
    (void)state;
    bt_space *space = small();
    int hits[4][3] = {{0}};
    for (uint64_t seed = 1; seed <= 12000; seed++) {
        struct search *s = start(space, BT_SEARCH_RANDOM, seed, 1);
        struct point p;
        assert_true(search_ask(s, &p));
        hits[(int)p.value[0].number - 1][p.value[1].choice]++;
        search_free(s);
    }
    for (int i = 0; i < 12; i++)
        assert_in_range(hits[i / 3][i % 3], 1000 - 152, 1000 + 152);
    bt_space_free(space);
}

static void random_never_repeats_a_continuous_point(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    assert_int_equal(bt_space_float(space, "x", 0, 1, BT_PRIOR_NORMAL, 2),
                     BT_OK);
    struct search *s = start(space, BT_SEARCH_RANDOM, 3, 2000);
    struct map *seen = map_new();
    struct buf out;
    int count;
    buf_init(&out);
    assert_true(search_total(s) == 2000);
    run(space, s, &out, &count, seen); /* 4.6 % of the draws are clipped */
    assert_int_equal(count, 2000);
    buf_fini(&out);
    map_free(seen);
    bt_space_free(space);
}

static void refuses_what_cannot_be_searched(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    struct search_options o = {.kind = BT_SEARCH_GRID};
    struct search *s = NULL;
    assert_int_equal(search_new(space, &o, &s), BT_E_USAGE);
    assert_int_equal(bt_space_int(space, "n", 1, 2, 1), BT_OK);
    o.kind = 99;
    assert_int_equal(search_new(space, &o, &s), BT_E_USAGE);
    o = (struct search_options){.max_trials = -1};
    assert_int_equal(search_new(space, &o, &s), BT_E_RANGE);
    assert_null(s);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_goes_through_the_product_in_order),
        cmocka_unit_test(a_huge_grid_starts_at_once),
        cmocka_unit_test(random_is_a_permutation_of_a_finite_space),
        cmocka_unit_test(random_starts_anywhere),
        cmocka_unit_test(random_never_repeats_a_continuous_point),
        cmocka_unit_test(refuses_what_cannot_be_searched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
