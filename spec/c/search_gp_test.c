/* The search by Gaussian process. */
#include "search_support.h"

static struct search_options gp_options(uint64_t seed, int64_t n) {
    struct search_options o = options_of(BT_SEARCH_GP, seed, n);
    o.gp.patience = 0;
    o.gp.xi = 0;
    return o;
}

static double parabola(const struct point *p) {
    double sum = 0;
    for (int32_t i = 0; i < p->count; i++)
        sum -= pow(p->value[i].number - 0.3 - 0.1 * i, 2);
    return sum;
}

/* A parabola in three dimensions is known after 30 trials: every acquisition
 * finds its top to 1e-3 (random search is at 0.02 by then). */
static void finds_the_top_of_a_parabola(void **state) {
    (void)state;
    bt_space *space = real_space(3);
    for (int32_t kind = ACQUIRE_EI; kind <= ACQUIRE_LCB; kind++) {
        struct search_options o = gp_options(3, 30);
        o.gp.acquisition = kind;
        o.gp.xi = 1e-3;
        struct search *s = begin(space, &o);
        double best;
        play(space, s, parabola, 30, 1, NULL, &best);
        assert_true(best > -1e-3);
        search_free(s);
    }
    bt_space_free(space);
}

/* Ten results without a step up beyond the threshold, the design not
 * counted. */
static void stops_when_nothing_gets_better(void **state) {
    (void)state;
    bt_space *space = real_space(3);
    struct search_options o = options_of(BT_SEARCH_GP, 3, 500);
    struct search *s = begin(space, &o);
    double best;
    int n = play(space, s, parabola, 500, 1, NULL, &best);
    assert_in_range(n, 20, 60);
    search_free(s);
    bt_space_free(space);
}

static bool fails(const struct point *p) {
    return p->value[0].number + p->value[1].number > 1;
}

static double walled_parabola(const struct point *p) {
    return fails(p) ? NAN : parabola(p);
}

/* Half of the square fails and the search cannot know: after 20 trials it asks
 * there at most one time in four. */
static void learns_where_it_fails(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct search_options o = gp_options(5, 60);
    struct search *s = begin(space, &o);
    struct point p;
    int failed = 0;
    for (int i = 0; i < 60; i++) {
        assert_true(search_ask(s, &p));
        failed += i >= 20 && fails(&p);
        search_tell(s, &p, walled_parabola(&p));
    }
    assert_in_range(failed, 0, 10);
    search_free(s);
    bt_space_free(space);
}

/* A batch asked of one model is spread out: widely by the liar, and still no
 * two alike by the believer, who has found the top by then. */
static void a_batch_keeps_its_distance(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    for (int32_t believe = BELIEVE_WORST; believe <= BELIEVE_MEAN; believe++) {
        struct search_options o = gp_options(6, 60);
        struct point batch[8];
        double best;
        o.gp.believe = believe;
        struct search *s = begin(space, &o);
        play(space, s, parabola, 12, 1, NULL, &best);
        for (int i = 0; i < 8; i++)
            assert_true(search_ask(s, &batch[i]));
        for (int i = 0; i < 8; i++) {
            for (int k = 0; k < i; k++)
                assert_true(
                    hypot(batch[i].value[0].number - batch[k].value[0].number,
                          batch[i].value[1].number - batch[k].value[1].number) >
                    (believe == BELIEVE_WORST ? 0.05 : 1e-4));
        }
        search_free(s);
    }
    bt_space_free(space);
}

/* Wild losses do not hide the hill. */
static double cliff(const struct point *p) {
    return p->value[0].number < 0.1 ? -1e12 : parabola(p);
}

static void wild_losses_do_no_harm(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct search_options o = gp_options(7, 40);
    struct search *s = begin(space, &o);
    double best;
    play(space, s, cliff, 40, 1, NULL, &best);
    assert_true(best > -1e-3);
    search_free(s);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_top_of_a_parabola),
        cmocka_unit_test(stops_when_nothing_gets_better),
        cmocka_unit_test(learns_where_it_fails),
        cmocka_unit_test(a_batch_keeps_its_distance),
        cmocka_unit_test(wild_losses_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
