/* The genetic algorithm: generations, what selection looks at, ends. */
#include "search_support.h"

static struct search_options small(uint64_t seed, int32_t selection) {
    struct search_options o = options_of(BT_SEARCH_GENETIC, seed, 0);
    o.genetic.population = 20;
    o.genetic.elite = 4;
    o.genetic.generations = 10;
    o.genetic.selection = selection;
    return o;
}

static int run(const bt_space *space, const struct search_options *o, game g,
               int batch, struct buf *out, double *best) {
    struct search *s = begin(space, o);
    int n = play(space, s, g, 10000, batch, out, best);
    search_free(s);
    return n;
}

/* 20 in the first generation, 16 new ones in each of nine others. */
static void generations_carry_their_elite(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    for (int32_t kind = SELECT_TOURNAMENT; kind <= SELECT_RANK; kind++) {
        struct search_options o = small(3, kind);
        double best;
        struct search *s = begin(space, &o);
        assert_true(search_total(s) == 20 + 9 * 16);
        search_free(s);
        assert_int_equal(run(space, &o, hill, 7, NULL, &best), 20 + 9 * 16);
        assert_true(best > -0.4); /* 164 random points: -0.76, the median */
    }
    bt_space_free(space);
}

static double squeezed_hill(const struct point *p) {
    return atan(hill(p)) - 1000;
}

static double doubled_hill(const struct point *p) {
    return 4 * hill(p);
}

/* Tournament and rank see the order of the scores alone, roulette their
 * proportions above the worst; 4 is a power of two, so those keep their
 * bits. */
static void selection_sees_what_it_should(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct buf plain, other;
    double best;
    buf_init(&plain);
    buf_init(&other);
    for (int32_t kind = SELECT_TOURNAMENT; kind <= SELECT_RANK; kind++) {
        struct search_options o = small(5, kind);
        buf_clear(&plain);
        buf_clear(&other);
        run(space, &o, hill, 6, &plain, &best);
        run(space, &o, kind == SELECT_ROULETTE ? doubled_hill : squeezed_hill,
            6, &other, &best);
        assert_string_equal(plain.data, other.data);
        if (kind == SELECT_ROULETTE) {
            buf_clear(&other);
            run(space, &o, squeezed_hill, 6, &other, &best);
            assert_string_not_equal(plain.data, other.data);
        }
    }
    buf_fini(&plain);
    buf_fini(&other);
    bt_space_free(space);
}

static double always_one(const struct point *p) {
    (void)p;
    return 1;
}

/* Nothing is ever better than the first point: 20 + 2 * 16 trials, and one more
 * batch of one shows that generation 2 is over. */
static void patience_ends_it(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct search_options o = small(7, SELECT_RANK);
    double best;
    o.genetic.patience = 2;
    assert_int_equal(run(space, &o, always_one, 1, NULL, &best), 20 + 2 * 16);
    bt_space_free(space);
}

static void a_target_ends_it(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct search_options o = small(8, SELECT_TOURNAMENT);
    struct search *s = begin(space, &o);
    struct point p;
    o.genetic.target = -0.5;
    search_free(s);
    s = begin(space, &o);
    double best = -INFINITY;
    while (search_ask(s, &p)) {
        assert_true(best < -0.5);
        double score = hill(&p);
        best = fmax(best, score);
        search_tell(s, &p, score);
    }
    assert_true(best >= -0.5);
    search_free(s);
    bt_space_free(space);
}

/* Without mutation and crossover a child is its parent, who was there before:
 * so it is mutated in one gene, and differs from some earlier point in just
 * that. */
static void a_copy_is_mutated_once(void **state) {
    (void)state;
    bt_space *space = real_space(4);
    struct search_options o = small(9, SELECT_TOURNAMENT);
    struct search *s;
    struct point p[60];
    o.genetic.crossover = o.genetic.mutation = o.genetic.diversity = 0;
    s = begin(space, &o);
    for (int n = 0; n < 60; n++) {
        bool found = n < 20;
        assert_true(search_ask(s, &p[n]));
        for (int k = 0; k < n && !found; k++) {
            int same = 0;
            for (int i = 0; i < 4; i++)
                same += p[k].value[i].number == p[n].value[i].number;
            found = same == 3;
        }
        assert_true(found);
        search_tell(s, &p[n], hill(&p[n]));
    }
    search_free(s);
    bt_space_free(space);
}

static void an_elite_of_all_is_refused(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct search_options o = small(1, SELECT_RANK);
    struct search *s = NULL;
    o.genetic.elite = 20;
    assert_int_equal(search_new(space, &o, &s), BT_E_RANGE);
    assert_non_null(strstr(bt_error_message(), "below population_size 20"));
    assert_null(s);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generations_carry_their_elite),
        cmocka_unit_test(selection_sees_what_it_should),
        cmocka_unit_test(patience_ends_it),
        cmocka_unit_test(a_target_ends_it),
        cmocka_unit_test(a_copy_is_mutated_once),
        cmocka_unit_test(an_elite_of_all_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
