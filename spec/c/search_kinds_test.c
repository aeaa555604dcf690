/* What holds for every kind of search beyond grid and random. */
#include "search_support.h"

#include "base/map.h"

static const int32_t kinds[] = {BT_SEARCH_SOBOL, BT_SEARCH_LATIN, BT_SEARCH_TPE,
                                BT_SEARCH_GP};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static void is_inside(const struct point *p) {
    assert_int_equal(p->count, 6);
    const struct value *v = p->value;
    assert_true(v[0].number >= -3 && v[0].number <= 5);
    assert_true(v[1].number >= 1e-4 && v[1].number <= 10);
    assert_true(v[2].number >= 0 && v[2].number <= 1);
    assert_true(v[3].number >= -20 && v[3].number <= 100);
    assert_true(fmod(v[3].number + 20, 5) == 0);
    assert_in_range(v[4].choice, 0, 2);
    assert_in_range(v[5].choice, 0, 1);
    assert_int_equal(v[0].kind, VALUE_FLOAT);
    assert_int_equal(v[3].kind, VALUE_INT);
    assert_int_equal(v[5].kind, VALUE_BOOL);
}

static double checked_hill(const struct point *p) {
    is_inside(p);
    return hill(p);
}

/* The best is on the edges of all ranges: what is clipped would show there. */
static double corner(const struct point *p) {
    is_inside(p);
    return p->value[0].number - log(p->value[1].number) + p->value[2].number -
           p->value[3].number / 10;
}

/* Half of the space fails. */
static double broken_half(const struct point *p) {
    is_inside(p);
    return p->value[3].number > 30 ? NAN : hill(p);
}

static double always_fails(const struct point *p) {
    is_inside(p);
    return NAN;
}

static double always_seven(const struct point *p) {
    is_inside(p);
    return 7;
}

static void stays_inside_whatever_it_is_told(void **state) {
    (void)state;
    static const game games[] = {checked_hill, corner, broken_half,
                                 always_fails, always_seven};
    bt_space *space = mixed_space();
    for (int k = 0; k < KINDS; k++) {
        for (int g = 0; g < 5; g++) {
            struct search_options o = patient_options(kinds[k], 3, 80);
            struct search *s = begin(space, &o);
            double best;
            int n = play(space, s, games[g], 80, 1 + 6 * (g % 2), NULL, &best);
            assert_int_equal(n, 80);
            search_free(s);
        }
    }
    bt_space_free(space);
}

static void the_same_key_is_the_same_search(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct buf first, again, other;
    buf_init(&first);
    buf_init(&again);
    buf_init(&other);
    for (int k = 0; k < KINDS; k++) {
        double best;
        struct buf *out[] = {&first, &again, &other};
        for (int run = 0; run < 3; run++) {
            struct search_options o =
                patient_options(kinds[k], run == 2 ? 12 : 11, 70);
            struct search *s = begin(space, &o);
            buf_clear(out[run]);
            play(space, s, hill, 70, 5, out[run], &best);
            search_free(s);
        }
        assert_string_equal(first.data, again.data);
        assert_string_not_equal(first.data, other.data);
    }
    buf_fini(&first);
    buf_fini(&again);
    buf_fini(&other);
    bt_space_free(space);
}

/* 12 points: all are met, none twice, and then it is over. */
static void a_finite_space_is_met_once_and_ends(void **state) {
    (void)state;
    bt_space *space = small_space();
    for (int k = 0; k < KINDS; k++) {
        struct search_options o = patient_options(kinds[k], 4, 50);
        struct search *s = begin(space, &o);
        struct buf text;
        struct map *seen = map_new();
        struct point p;
        int n = 0;
        buf_init(&text);
        for (; search_ask(s, &p); n++) {
            buf_clear(&text);
            point_canonical(space, &p, &text);
            assert_null(map_get(seen, text.data));
            map_put(seen, text.data, s);
            search_tell(s, &p, hill(&p));
        }
        assert_int_equal(n, 12);
        assert_false(search_ask(s, &p));
        map_free(seen);
        buf_fini(&text);
        search_free(s);
    }
    bt_space_free(space);
}

static void options_have_names_and_limits(void **state) {
    (void)state;
    bt_search_options *o = NULL;
    assert_int_equal(bt_search_options_new("tep", 10, 1, &o), BT_E_NAME);
    assert_non_null(strstr(bt_error_message(), "did you mean 'tpe'?"));
    assert_int_equal(bt_search_options_new("gp", -1, 1, &o), BT_E_RANGE);
    assert_int_equal(bt_search_options_new("gp", 1, 0.5, &o), BT_E_RANGE);
    assert_null(o);
    assert_int_equal(bt_search_options_new("GP", 10, 1, &o), BT_OK);
    assert_int_equal(o->kind, BT_SEARCH_GP);
    assert_int_equal(bt_search_options_number(o, "kapa", 1), BT_E_NAME);
    assert_non_null(strstr(bt_error_message(), "did you mean 'kappa'?"));
    assert_int_equal(bt_search_options_number(o, "kappa", -1), BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "0..1000000, got -1"));
    assert_int_equal(bt_search_options_number(o, "kappa", NAN), BT_E_RANGE);
    assert_int_equal(bt_search_options_number(o, "n_initial_points", 2.5),
                     BT_E_RANGE);
    assert_int_equal(bt_search_options_number(o, "acq_func", 1), BT_E_USAGE);
    assert_int_equal(bt_search_options_word(o, "kappa", "EI"), BT_E_USAGE);
    assert_int_equal(bt_search_options_word(o, "acq_func", "LBC"), BT_E_NAME);
    assert_non_null(strstr(bt_error_message(), "did you mean 'LCB'?"));
    assert_int_equal(bt_search_options_word(o, "acq_func", "lcb"), BT_OK);
    assert_int_equal(bt_search_options_number(o, "kappa", 2.5), BT_OK);
    struct buf text;
    buf_init(&text);
    search_options_describe(o, &text);
    assert_string_equal(text.data,
                        "gp(acq_func=LCB,kappa=2.5,xi=0.01,n_initial_points=10,"
                        "convergence_threshold=0.0001,convergence_patience=10,"
                        "noisy=0,batch_strategy=constant_liar)");
    buf_fini(&text);
    bt_search_options_free(o);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_inside_whatever_it_is_told),
        cmocka_unit_test(the_same_key_is_the_same_search),
        cmocka_unit_test(a_finite_space_is_met_once_and_ends),
        cmocka_unit_test(options_have_names_and_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
