/* Asking and telling by hand: any order out, the order asked in. */
#include "search_support.h"

static void expect(bt_status got, bt_status want, const char *part) {
    assert_int_equal(got, want);
    if (!strstr(bt_error_message(), part))
        fail_msg("'%s' does not hold '%s'", bt_error_message(), part);
}

static void points_are_checked(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    bt_point *p = bt_point_new(space);
    expect(bt_point_number(p, "xx", 1), BT_E_NAME, "did you mean 'x'?");
    expect(bt_point_number(p, "x", 6), BT_E_RANGE, "-3..5, got 6");
    expect(bt_point_number(p, "x", NAN), BT_E_RANGE, "got nan");
    expect(bt_point_number(p, "n", 7), BT_E_RANGE, "the nearest is 5");
    expect(bt_point_string(p, "n", "7"), BT_E_RANGE, "must be a number");
    expect(bt_point_string(p, "mode", "slo"), BT_E_RANGE, "no choice slo");
    expect(bt_point_bool(p, "mode", 1), BT_E_RANGE, "no choice true");
    assert_int_equal(bt_point_number(p, "x", 2), 0);
    assert_int_equal(bt_point_number(p, "rate", 0.5), 0);
    assert_int_equal(bt_point_number(p, "tilt", 1), 0);
    assert_int_equal(bt_point_number(p, "n", 10), 0);
    assert_int_equal(bt_point_number(p, "mode", 3), 0);
    expect(bt_point_check(p), BT_E_USAGE, "'on' is missing");
    assert_int_equal(bt_point_bool(p, "on", 0), 0);
    assert_int_equal(bt_point_check(p), 0);
    assert_string_equal(bt_point_text(p),
                        "mode=3;n=10;on=false;rate=0.5;tilt=1;x=2");
    bt_point_free(p);
    bt_space_free(space);
}

static const int32_t kinds[] = {BT_SEARCH_TPE, BT_SEARCH_GP, BT_SEARCH_GENETIC,
                                BT_SEARCH_CMAES};

/* All points of a run as text: batches of six, told forwards or backwards. A
 * point's score is the sum of the bytes of its text. */
static void run(const bt_space *space, int32_t kind, bool backwards,
                struct buf *out) {
    struct search_options o = patient_options(kind, 3, 42);
    bt_asker *a = NULL;
    bt_point *p[6];
    assert_int_equal(bt_asker_new(space, &o, &a), 0);
    for (int i = 0; i < 6; i++)
        p[i] = bt_point_new(space);
    for (int batch = 0; batch < 7; batch++) {
        for (int i = 0; i < 6; i++) {
            assert_int_equal(bt_asker_ask(a, p[i]), 1);
            buf_str(out, bt_point_text(p[i]));
            buf_chr(out, '\n');
        }
        assert_int_equal(bt_asker_is_over(a), 0);
        for (int i = 0; i < 6; i++) {
            bt_point *told = p[backwards ? 5 - i : i];
            double score = 0;
            for (const char *c = bt_point_text(told); *c; c++)
                score += *c;
            assert_int_equal(
                bt_asker_tell(a, told, &(bt_verdict){.score = {score}}), 0);
        }
    }
    assert_int_equal(bt_asker_is_over(a), 1);
    assert_int_equal(bt_asker_ask(a, p[0]), 0);
    for (int i = 0; i < 6; i++)
        bt_point_free(p[i]);
    bt_asker_free(a);
}

static void the_order_of_tells_does_not_matter(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        struct buf forwards, backwards;
        buf_init(&forwards);
        buf_init(&backwards);
        run(space, kinds[k], false, &forwards);
        run(space, kinds[k], true, &backwards);
        assert_string_equal(forwards.data, backwards.data);
        buf_fini(&forwards);
        buf_fini(&backwards);
    }
    bt_space_free(space);
}

/* A grid of twelve is over when all twelve have a score, not before. */
static void over_means_told(void **state) {
    (void)state;
    bt_space *space = small_space();
    struct search_options o = options_of(BT_SEARCH_GRID, 0, 0);
    bt_asker *a = NULL;
    bt_point *p = bt_point_new(space), *last = bt_point_new(space);
    assert_int_equal(bt_asker_new(space, &o, &a), 0);
    for (int i = 0; i < 11; i++) {
        assert_int_equal(bt_asker_ask(a, p), 1);
        assert_int_equal(bt_asker_tell(a, p, &(bt_verdict){.score = {1}}), 0);
        assert_int_equal(bt_asker_is_over(a), 0);
    }
    assert_int_equal(bt_asker_ask(a, last), 1);
    assert_int_equal(bt_asker_ask(a, p), 0);
    assert_int_equal(bt_asker_is_over(a), 0);
    assert_int_equal(bt_asker_tell(a, last, &(bt_verdict){.score = {NAN}}), 0);
    assert_int_equal(bt_asker_is_over(a), 1);
    bt_point_free(p);
    bt_point_free(last);
    bt_asker_free(a);
    bt_space_free(space);
}

/* What is known is not asked again, and the model begins from it: told all
 * points but two of twelve, a search asks for those two. */
static void what_is_known_is_not_asked(void **state) {
    (void)state;
    bt_space *space = small_space();
    bt_point *p = bt_point_new(space);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        bt_search_options *o = NULL;
        struct search *s = NULL;
        struct point q;
        static const char *const names[] = {"tpe", "gp", "genetic", "cmaes"};
        static const char *const modes[] = {"a", "b", "c"};
        assert_int_equal(bt_search_options_new(names[k], 0, 1, &o), 0);
        const char *before = bt_search_options_text(o);
        assert_null(strstr(before, "known"));
        for (int i = 0; i < 10; i++) {
            bt_point_clear(p);
            assert_int_equal(bt_point_number(p, "n", 10 + 10 * (i / 3)), 0);
            assert_int_equal(bt_point_string(p, "mode", modes[i % 3]), 0);
            assert_int_equal(
                bt_search_options_known(o, p, &(bt_verdict){.score = {i}}), 0);
        }
        assert_non_null(strstr(bt_search_options_text(o), ";known=10:"));
        assert_int_equal(search_new(space, o, &s), 0);
        for (int i = 0; i < 2; i++) {
            assert_true(search_ask(s, &q));
            assert_true(q.value[0].number == 40 && q.value[1].choice > 0);
            search_tell(s, &q, 1);
        }
        assert_false(search_ask(s, &q));
        search_free(s);
        bt_search_options_free(o);
    }
    bt_point_free(p);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(points_are_checked),
        cmocka_unit_test(the_order_of_tells_does_not_matter),
        cmocka_unit_test(over_means_told),
        cmocka_unit_test(what_is_known_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
