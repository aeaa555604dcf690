/* Parameters that depend on others, steps, orders, fixed values: counts and
 * texts by hand; every search keeps to them. */
#include "search_support.h"

#include "base/map.h"

/* mode a: n of 1..3, and k of 1..2 where n is 2 or 3: 1 + 2 + 2 points.
 * mode b: x of 0, 0.5, 1: 3 points. */
static bt_space *tree(void) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_choice(s, "mode"), 0);
    assert_int_equal(bt_space_choice_string(s, "a"), 0);
    assert_int_equal(bt_space_choice_string(s, "b"), 0);
    assert_int_equal(bt_space_int(s, "n", 1, 3, 1), 0);
    assert_int_equal(bt_space_active_if(s, "mode"), 0);
    assert_int_equal(bt_space_active_string(s, "a"), 0);
    assert_int_equal(bt_space_float_steps(s, "x", 0, 1, 0.5), 0);
    assert_int_equal(bt_space_active_if(s, "mode"), 0);
    assert_int_equal(bt_space_active_string(s, "b"), 0);
    assert_int_equal(bt_space_int(s, "k", 1, 2, 1), 0);
    assert_int_equal(bt_space_active_if(s, "n"), 0);
    assert_int_equal(bt_space_active_number(s, 2), 0);
    assert_int_equal(bt_space_active_number(s, 3), 0);
    return s;
}

static const char *const all[] = {"mode=\"a\";n=1",     "k=1;mode=\"a\";n=2",
                                  "k=2;mode=\"a\";n=2", "k=1;mode=\"a\";n=3",
                                  "k=2;mode=\"a\";n=3", "mode=\"b\";x=0",
                                  "mode=\"b\";x=0.5",   "mode=\"b\";x=1"};
enum { ALL = 8 };

static void a_grid_by_hand(void **state) {
    (void)state;
    bt_space *space = tree();
    struct search_options o = options_of(BT_SEARCH_GRID, 0, 0);
    struct search *s = begin(space, &o);
    struct buf text;
    struct point p;
    buf_init(&text);
    assert_true(bt_space_cardinality(space) == ALL);
    for (int i = 0; i < ALL; i++) {
        assert_true(search_ask(s, &p));
        buf_clear(&text);
        point_canonical(space, &p, &text);
        assert_string_equal(text.data, all[i]);
    }
    assert_false(search_ask(s, &p));
    assert_string_equal(bt_space_text(space),
                        "mode:choice(\"a\",\"b\");n:int(1,3,1)?mode=\"a\";"
                        "x:steps(0,1,2)?mode=\"b\";k:int(1,2,1)?n=2|3");
    buf_fini(&text);
    search_free(s);
    bt_space_free(space);
}

/* Numbers 0..7 and points are the same thing, and points survive packing. */
static void points_have_numbers(void **state) {
    (void)state;
    bt_space *space = tree();
    struct buf packed;
    buf_init(&packed);
    for (uint64_t k = 0; k < ALL; k++) {
        struct point p, back;
        space_point(space, k, &p);
        assert_true(space_rank(space, &p) == k);
        buf_clear(&packed);
        point_pack(space, &p, &packed);
        assert_true(point_unpack(space, packed.data, packed.len, &back));
        assert_true(space_rank(space, &back) == k);
        for (int i = 0; i < 4; i++)
            assert_int_equal(back.value[i].kind, p.value[i].kind);
    }
    buf_fini(&packed);
    bt_space_free(space);
}

static const int32_t kinds[] = {
    BT_SEARCH_RANDOM, BT_SEARCH_SOBOL,   BT_SEARCH_LATIN, BT_SEARCH_TPE,
    BT_SEARCH_GP,     BT_SEARCH_GENETIC, BT_SEARCH_CMAES};

/* Each of the 8 points once, whoever searches. */
static void every_search_meets_each_once(void **state) {
    (void)state;
    bt_space *space = tree();
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct search_options o = patient_options(kinds[k], 5, 30);
        struct search *s = begin(space, &o);
        struct map *seen = map_new();
        struct buf text;
        struct point p;
        int n = 0;
        buf_init(&text);
        for (; search_ask(s, &p); n++) {
            buf_clear(&text);
            point_canonical(space, &p, &text);
            assert_null(map_get(seen, text.data));
            map_put(seen, text.data, s);
            search_tell(s, &p, (double)n);
        }
        assert_int_equal(n, ALL);
        for (int i = 0; i < ALL; i++)
            assert_non_null(map_get(seen, all[i]));
        buf_fini(&text);
        map_free(seen);
        search_free(s);
    }
    bt_space_free(space);
}

/* Only under "deep" is there an x to find; the top is there. */
static double branches(const struct point *p) {
    bool deep = p->value[0].choice == 1;
    assert_int_equal(p->value[1].kind == VALUE_NONE, !deep);
    return deep ? 1 - pow(p->value[1].number - 0.62, 2) : 0.8;
}

static void the_clever_find_what_is_below(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    assert_int_equal(bt_space_choice(space, "mode"), 0);
    assert_int_equal(bt_space_choice_string(space, "flat"), 0);
    assert_int_equal(bt_space_choice_string(space, "deep"), 0);
    assert_int_equal(bt_space_float(space, "x", 0, 10, 0, 5), 0);
    assert_int_equal(bt_space_active_if(space, "mode"), 0);
    assert_int_equal(bt_space_active_string(space, "deep"), 0);
    assert_true(bt_space_cardinality(space) == 6);
    for (size_t k = 3; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct search_options o = patient_options(kinds[k], 3, 100);
        struct search *s;
        double best;
        if (kinds[k] == BT_SEARCH_GENETIC)
            o.genetic.population = 20;
        s = begin(space, &o);
        play(space, s, branches, 100, 4, NULL, &best);
        assert_true(best > 0.998);
        search_free(s);
    }
    bt_space_free(space);
}

static void expect(bt_status got, bt_status want, const char *part) {
    assert_int_equal(got, want);
    if (!strstr(bt_error_message(), part))
        fail_msg("'%s' does not hold '%s'", bt_error_message(), part);
}

static void conditions_say_what_is_wrong(void **state) {
    (void)state;
    bt_space *s = tree();
    assert_int_equal(bt_space_float(s, "y", 0, 1, 0, 3), 0);
    expect(bt_space_active_number(s, 1), BT_E_STATE, "before it");
    expect(bt_space_active_if(s, "moed"), BT_E_NAME, "did you mean 'mode'?");
    expect(bt_space_active_if(s, "y"), BT_E_NAME, "not among");
    assert_int_equal(bt_space_active_if(s, "mode"), 0);
    expect(bt_space_active_string(s, "c"), BT_E_RANGE, "'mode' being c");
    expect(bt_space_active_number(s, 1), BT_E_RANGE, "never is");
    expect(bt_space_active_if(s, "n"), BT_E_USAGE, "'mode' already");
    assert_int_equal(bt_space_int(s, "z", 0, 1, 1), 0);
    expect(bt_space_active_if(s, "y"), BT_E_USAGE, "continuous");
    bt_space_free(s);
}

static void steps_and_fixed_values(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    struct value v;
    expect(bt_space_float_steps(s, "x", 0, 1, 0.3), BT_E_RANGE, "0.9 or 1.2");
    expect(bt_space_float_steps(s, "x", 0, 1, 0), BT_E_RANGE, "got 0");
    expect(bt_space_float_steps(s, "x", 0, 1, 2), BT_E_RANGE, "got 2");
    assert_int_equal(bt_space_float_steps(s, "x", 0, 1, 0.1), 0);
    expect(bt_space_fixed(s), BT_E_STATE, "one choice");
    expect(bt_space_ordered(s), BT_E_STATE, "before");
    space_level(s, 0, 3, &v);
    assert_true(v.number == 0.3); /* and not 3 * 0.1 */
    assert_int_equal(bt_space_choice(s, "size"), 0);
    assert_int_equal(bt_space_choice_number(s, 7), 0);
    expect(bt_space_check(s), BT_E_USAGE, "FixedParameter");
    assert_int_equal(bt_space_fixed(s), 0);
    assert_int_equal(bt_space_check(s), 0);
    assert_true(bt_space_cardinality(s) == 11);
    assert_string_equal(bt_space_text(s), "x:steps(0,1,10);size:fixed(7)");
    bt_space_free(s);
}

/* CMA-ES wants numbers; choices in order will do. */
static void an_order_makes_numbers(void **state) {
    (void)state;
    bt_space *s = bt_space_new();
    struct search_options o = options_of(BT_SEARCH_CMAES, 1, 5);
    struct point p;
    assert_int_equal(bt_space_choice(s, "size"), 0);
    for (int i = 0; i < 5; i++)
        assert_int_equal(bt_space_choice_number(s, 10 << i), 0);
    assert_int_equal(bt_space_ordered(s), 0);
    struct search *search = begin(s, &o);
    for (int i = 0; i < 5; i++) {
        assert_true(search_ask(search, &p));
        assert_true(p.value[0].number == 10 << p.value[0].choice);
        search_tell(search, &p, 0);
    }
    assert_false(search_ask(search, &p));
    search_free(search);
    bt_space_free(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_grid_by_hand),
        cmocka_unit_test(points_have_numbers),
        cmocka_unit_test(every_search_meets_each_once),
        cmocka_unit_test(the_clever_find_what_is_below),
        cmocka_unit_test(conditions_say_what_is_wrong),
        cmocka_unit_test(steps_and_fixed_values),
        cmocka_unit_test(an_order_makes_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
