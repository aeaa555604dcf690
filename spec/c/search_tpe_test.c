/* TPE: the rules one by one against hand-made cases, then the search. */
#include "search/parzen.h"
#include "search_support.h"

#define ROOT_2PI 2.5066282746310002

static void near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g is not %.17g", got, want);
}

/* Up to 25 count alike; of 30 the five oldest rise linearly from 1/30 to 1; of
 * 26 the only old one has 1/26. */
static void the_old_count_less(void **state) {
    (void)state;
    for (int i = 0; i < 25; i++)
        assert_true(parzen_age_weight(i, 25) == 1);
    near(parzen_age_weight(0, 30), 1.0 / 30, 1e-15);
    near(parzen_age_weight(1, 30), 1.0 / 30 + 29.0 / 120, 1e-15);
    near(parzen_age_weight(2, 30), 31.0 / 60, 1e-15);
    near(parzen_age_weight(4, 30), 1, 1e-15);
    near(parzen_age_weight(5, 30), 1, 0);
    near(parzen_age_weight(29, 30), 1, 0);
    near(parzen_age_weight(0, 26), 1.0 / 26, 1e-15);
}

/* Observations 0.1, 0.15, 0.5, 0.9 of a unit range: the ends look at their one
 * neighbour, the others at the farther one. Four of them: at least 1/6. */
static void bandwidths_follow_the_neighbours(void **state) {
    (void)state;
    near(parzen_spread(0, 0.1, 0.15, true, false), 0.05, 1e-15);
    near(parzen_spread(0.1, 0.15, 0.5, false, false), 0.35, 1e-15);
    near(parzen_spread(0.15, 0.5, 0.9, false, false), 0.4, 1e-15);
    near(parzen_spread(0.5, 0.9, 1, false, true), 0.4, 1e-15);
    near(parzen_spread(0, 0.3, 1, true, true), 0.7, 1e-15);
    near(parzen_clip(0.05, 4), 1.0 / 6, 1e-15);
    near(parzen_clip(0.35, 4), 0.35, 0);
    near(parzen_clip(0.001, 98), 0.01, 1e-15);
    near(parzen_clip(0.001, 5000), 0.01, 1e-15);
    near(parzen_clip(3, 1), 1, 0);
}

static double upper(double z) { /* P(N > z) */
    return 0.5 * erfc(z / sqrt(2));
}

static double normal_density(double x, double mu, double sigma) {
    double z = (x - mu) / sigma;
    double inside = upper((0 - mu) / sigma) - upper((1 - mu) / sigma);
    return exp(-0.5 * z * z) / (ROOT_2PI * sigma * inside);
}

/* One observation at 1/4: bandwidth 3/4, half of the weight; the prior has the
 * other half. */
static void one_observation_by_hand(void **state) {
    (void)state;
    bt_space *space = real_space(1);
    struct cube cube;
    struct parzen p;
    double weight = 1;
    cube_init(&cube, space);
    parzen_init(&p, &cube);
    parzen_start(&p, 1);
    parzen_set(&p, 0, 0, 0.25, parzen_clip(0.75, 1));
    parzen_weigh(&p, &weight);
    for (double x = 0; x <= 1; x += 0.125) {
        double want = 0.5 * normal_density(x, 0.25, 0.75) +
                      0.5 * normal_density(x, 0.5, 1);
        near(exp(parzen_log(&p, &x)) / ROOT_2PI, want, 1e-13);
    }
    parzen_fini(&p);
    bt_space_free(space);
}

/* Choice 1 of 3 seen twice, choice 0 once, m = 3: a kernel gives its choice
 * (1 + 1/4)/(1 + 3/4) = 5/7 and each other 1/7; the prior a third each. */
static void choices_by_hand(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    struct cube cube;
    struct parzen p;
    double weight[3] = {1, 1, 1}, x;
    bt_space_choice(space, "mode");
    bt_space_choice_string(space, "a");
    bt_space_choice_string(space, "b");
    bt_space_choice_string(space, "c");
    cube_init(&cube, space);
    parzen_init(&p, &cube);
    parzen_start(&p, 3);
    parzen_set(&p, 0, 0, 1, 0);
    parzen_set(&p, 1, 0, 0, 0);
    parzen_set(&p, 2, 0, 1, 0);
    parzen_weigh(&p, weight);
    static const double want[3] = {(1 + 5 + 1) / 28.0 + 1 / 12.0,
                                   (5 + 1 + 5) / 28.0 + 1 / 12.0,
                                   (1 + 1 + 1) / 28.0 + 1 / 12.0};
    for (int k = 0; k < 3; k++) {
        x = k;
        near(exp(parzen_log(&p, &x)), want[k], 1e-14);
    }
    parzen_fini(&p);
    bt_space_free(space);
}

/* n: 10, 15 .. 40, 7 levels. Level k's kernel gives level i the mass of its
 * normal over the step, over the mass of all steps. */
static void steps_by_hand(void **state) {
    (void)state;
    bt_space *space = bt_space_new();
    struct cube cube;
    struct parzen p;
    double weight[2] = {1, 1}, total = 0;
    bt_space_int(space, "n", 10, 40, 5);
    cube_init(&cube, space);
    parzen_init(&p, &cube);
    parzen_start(&p, 2);
    double mu[2] = {1.5 / 7, 4.5 / 7}, sigma = 3.0 / 7;
    parzen_set(&p, 0, 0, mu[0], sigma);
    parzen_set(&p, 1, 0, mu[1], sigma);
    parzen_weigh(&p, weight);
    for (int i = 0; i < 7; i++) {
        double x = (i + 0.5) / 7, want = 0;
        double middle[3] = {mu[0], mu[1], 0.5}, wide[3] = {sigma, sigma, 1};
        for (int k = 0; k < 3; k++) {
            double a = (x - 0.5 / 7 - middle[k]) / wide[k];
            double b = (x + 0.5 / 7 - middle[k]) / wide[k];
            want += (upper(a) - upper(b)) / 3 /
                    (upper(-middle[k] / wide[k]) -
                     upper((1 - middle[k]) / wide[k]));
        }
        near(exp(parzen_log(&p, &x)), want, 1e-13);
        total += want;
    }
    near(total, 1, 1e-13);
    parzen_fini(&p);
    bt_space_free(space);
}

/* Draws follow the density: a chi-square over 20 bins, 40,000 draws; 19 degrees
 * of freedom exceed 50 once in 8,000 times. */
static void draws_follow_the_density(void **state) {
    (void)state;
    bt_space *space = real_space(1);
    struct cube cube;
    struct parzen p;
    struct rng rng;
    double weight[2] = {1, 0.5}, x, share[20] = {0}, chi = 0;
    int hit[20] = {0};
    cube_init(&cube, space);
    parzen_init(&p, &cube);
    parzen_start(&p, 2);
    parzen_set(&p, 0, 0, 0.1, 0.25);
    parzen_set(&p, 1, 0, 0.8, 0.5);
    parzen_weigh(&p, weight);
    for (int i = 0; i < 20000; i++) {
        x = (i + 0.5) / 20000;
        share[i / 1000] += exp(parzen_log(&p, &x)) / ROOT_2PI / 20000;
    }
    rng_seed(&rng, 3);
    for (int i = 0; i < 40000; i++) {
        parzen_draw(&p, &rng, &x);
        assert_true(x >= 0 && x <= 1);
        hit[x < 1 ? (int)(x * 20) : 19]++;
    }
    for (int i = 0; i < 20; i++) {
        double want = 40000 * share[i];
        chi += (hit[i] - want) * (hit[i] - want) / want;
    }
    assert_true(chi < 50);
    parzen_fini(&p);
    bt_space_free(space);
}

/* ---- the search ------------------------------------------------------------
 */

static double stretched_hill(const struct point *p) {
    return exp(3 * hill(p)) - 7;
}

static double hill_with_a_hole(const struct point *p) {
    return p->value[3].number < 0 ? NAN : hill(p);
}

static double hill_with_a_pit(const struct point *p) {
    return p->value[3].number < 0 ? -1e9 : hill(p);
}

static void play_text(game g, struct buf *out) {
    bt_space *space = mixed_space();
    struct search_options o = options_of(BT_SEARCH_TPE, 5, 60);
    struct search *s = begin(space, &o);
    double best;
    play(space, s, g, 60, 4, out, &best);
    search_free(s);
    bt_space_free(space);
}

static void same_text(game g, game h) {
    struct buf one, two;
    buf_init(&one);
    buf_init(&two);
    play_text(g, &one);
    play_text(h, &two);
    assert_string_equal(one.data, two.data);
    buf_fini(&one);
    buf_fini(&two);
}

static void only_the_order_of_scores_counts(void **state) {
    (void)state;
    same_text(hill, stretched_hill);
}

static void no_number_is_the_worst_score(void **state) {
    (void)state;
    same_text(hill_with_a_hole, hill_with_a_pit);
}

/* 100 trials on the mixed hill against as many at random, summed over ten
 * seeds: the model must be worth something. */
static void beats_random(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    double sum[2] = {0}, best;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        for (int k = 0; k < 2; k++) {
            struct search_options o =
                options_of(k ? BT_SEARCH_TPE : BT_SEARCH_RANDOM, seed, 100);
            struct search *s = begin(space, &o);
            play(space, s, hill, 100, 1, NULL, &best);
            sum[k] += best;
            search_free(s);
        }
    }
    assert_true(sum[1] > 0.75 * sum[0]); /* both negative */
    bt_space_free(space);
}

/* A batch asked at once is spread out: no two of its points fall together
 * where one model's favourite would. */
static void a_batch_keeps_its_distance(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct search_options o = options_of(BT_SEARCH_TPE, 6, 60);
    struct search *s = begin(space, &o);
    struct point batch[10];
    double best;
    play(space, s, hill, 40, 1, NULL, &best);
    for (int i = 0; i < 10; i++)
        assert_true(search_ask(s, &batch[i]));
    double apart = 0;
    for (int i = 0; i < 10; i++) {
        for (int k = 0; k < i; k++)
            apart += hypot(batch[i].value[0].number - batch[k].value[0].number,
                           batch[i].value[1].number - batch[k].value[1].number);
    }
    assert_true(apart / 45 > 0.05);
    for (int i = 0; i < 10; i++)
        search_tell(s, &batch[i], hill(&batch[i]));
    search_free(s);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_old_count_less),
        cmocka_unit_test(bandwidths_follow_the_neighbours),
        cmocka_unit_test(one_observation_by_hand),
        cmocka_unit_test(choices_by_hand),
        cmocka_unit_test(steps_by_hand),
        cmocka_unit_test(draws_follow_the_density),
        cmocka_unit_test(only_the_order_of_scores_counts),
        cmocka_unit_test(no_number_is_the_worst_score),
        cmocka_unit_test(beats_random),
        cmocka_unit_test(a_batch_keeps_its_distance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
