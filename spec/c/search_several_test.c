/* Several objectives and constraints: volumes, NSGA-II, TPE, and how all
 * searches treat trials that do not count. */
#include "search/hypervolume.h"
#include "search_support.h"

#include "base/rng.h"

/* ---- volumes ------------------------------------------------------------- */

/* By hand: three boxes of 3, 4 and 3 that overlap to a staircase of 6; a cube
 * of 1 beside a beam of 2 that share half of the cube. */
static void volumes_are_those_of_arithmetic(void **state) {
    (void)state;
    double flat[] = {1, 3, 2, 2, 3, 1};
    double solid[] = {1, 1, 1, 2, 0.5, 2};
    assert_true(hypervolume(flat, 3, 2) == 6);
    assert_true(hypervolume(flat, 0, 2) == 0);
    assert_true(hypervolume(solid, 2, 3) == 2.5);
    assert_true(hypervolume(solid + 3, 1, 3) == 2);
}

/* A lattice of cells counts what the boxes cover. */
static void volumes_are_those_of_counting(void **state) {
    (void)state;
    struct rng r;
    rng_seed(&r, 5);
    for (int round = 0; round < 50; round++) {
        int m = (int)rng_range(&r, 2, 4), n = (int)rng_range(&r, 1, 6);
        double x[24];
        int cells = 0, all = m == 2 ? 25 : m == 3 ? 125 : 625;
        for (int i = 0; i < n * m; i++)
            x[i] = (double)rng_range(&r, 0, 5);
        for (int c = 0; c < all; c++) {
            bool covered = false;
            for (int i = 0; i < n; i++) {
                bool inside = true;
                for (int j = 0, rest = c; j < m; j++, rest /= 5)
                    inside = inside && rest % 5 < x[i * m + j];
                covered = covered || inside;
            }
            cells += covered;
        }
        assert_true(hypervolume(x, (size_t)n, m) == cells);
    }
}

/* 2.5 2.5 is the largest box; 5 1 adds 2.5 to it, 1 3 adds 0.5. */
static void the_subset_takes_what_adds_most(void **state) {
    (void)state;
    double x[] = {1, 3, 2.5, 2.5, 5, 1};
    size_t out[3];
    hypervolume_choose(x, 3, 2, 3, out);
    assert_int_equal(out[0], 1);
    assert_int_equal(out[1], 2);
    assert_int_equal(out[2], 0);
}

/* ---- two objectives ------------------------------------------------------ */

/* Both fall with the distance from the line a..b at height 0: the front is
 * 0 <= x <= 1 with the others at 0, a curve from (0, -1) to (-1, 0). */
static void two_hills(const struct point *p, bt_verdict *v) {
    double off = 0;
    for (int32_t i = 1; i < p->count; i++)
        off += pow(p->value[i].number - 0.4, 2);
    double x = p->value[0].number;
    *v = (bt_verdict){.score = {-x * x - off, -(x - 1) * (x - 1) - off}};
}

/* Volume of what was found over the corner (-2, -2). The best: 2 for f below
 * -1, and the integral of (2 - (1 - x)^2) 2x dx over 0..1, which is 11/6. */
static double found(int32_t kind, uint64_t seed, int trials, int batch) {
    bt_space *space = real_space(4);
    struct search_options o = options_of(kind, seed, trials);
    o.objectives = 2;
    struct search *s = begin(space, &o);
    struct point asked[16];
    double gain[2 * 400];
    int n = 0;
    for (int done = 0; done < trials; done += batch) {
        for (int i = 0; i < batch; i++)
            assert_true(search_ask(s, &asked[i]));
        for (int i = 0; i < batch; i++, n++) {
            bt_verdict v;
            two_hills(&asked[i], &v);
            search_judge(s, &asked[i], &v);
            gain[2 * n] = fmax(v.score[0] + 2, 0);
            gain[2 * n + 1] = fmax(v.score[1] + 2, 0);
        }
    }
    search_free(s);
    bt_space_free(space);
    return hypervolume(gain, (size_t)n, 2);
}

static void fronts_are_found(void **state) {
    (void)state;
    for (int batch = 1; batch <= 16; batch += 15) {
        double random = 0, tpe = 0, nsga = 0;
        for (uint64_t seed = 1; seed <= 3; seed++) {
            random += found(BT_SEARCH_RANDOM, seed, 320, batch) / 3;
            tpe += found(BT_SEARCH_TPE, seed, 320, batch) / 3;
            nsga += found(BT_SEARCH_NSGA2, seed, 320, batch) / 3;
        }
        assert_true(tpe > 3.8 && tpe < 23.0 / 6);
        assert_true(nsga > 3.7);
        assert_true(random < nsga && nsga < tpe);
    }
}

/* ---- constraints --------------------------------------------------------- */

/* The hill's top lies where the constraint x <= 0.3 is violated. */
static void walled(const struct point *p, bt_verdict *v) {
    double score = 0;
    for (int32_t i = 0; i < p->count; i++)
        score -= pow(p->value[i].number - 0.7, 2);
    *v = (bt_verdict){.score = {score},
                      .violation = fmax(p->value[0].number - 0.3, 0)};
}

static void small_populations(struct search_options *o) {
    if (o->kind == BT_SEARCH_GENETIC)
        o->genetic.population = 20;
    if (o->kind == BT_SEARCH_NSGA2)
        o->nsga.population = 20;
}

static void constraints_are_kept_to(void **state) {
    (void)state;
    static const int32_t kinds[] = {BT_SEARCH_TPE, BT_SEARCH_GP,
                                    BT_SEARCH_GENETIC, BT_SEARCH_CMAES,
                                    BT_SEARCH_NSGA2};
    for (int k = 0; k < 5; k++) {
        bt_space *space = real_space(2);
        struct search_options o = patient_options(kinds[k], 4, 160);
        small_populations(&o);
        struct search *s = begin(space, &o);
        struct point p;
        double best = -INFINITY;
        int kept = 0;
        for (int n = 0; n < 160 && search_ask(s, &p); n++) {
            bt_verdict v;
            walled(&p, &v);
            search_judge(s, &p, &v);
            if (v.violation == 0 && v.score[0] > best)
                best = v.score[0];
            kept += n >= 80 && v.violation == 0;
        }
        /* At the wall: -(0.4)^2. The process goes along it, a hair to either
         * side, and is judged by how near it comes. */
        bool near = kinds[k] == BT_SEARCH_GP && best > -0.165;
        if (!(best > -0.2 && (kept > 10 || near)))
            fail_msg("kind %d: best %g, %d of 80 kept", kinds[k], best, kept);
        search_free(s);
        bt_space_free(space);
    }
}

/* Where everything violates, less violation is better. */
static void less_violation_is_better(void **state) {
    (void)state;
    static const int32_t kinds[] = {BT_SEARCH_TPE, BT_SEARCH_GP,
                                    BT_SEARCH_GENETIC, BT_SEARCH_CMAES,
                                    BT_SEARCH_NSGA2};
    for (int k = 0; k < 5; k++) {
        bt_space *space = real_space(3);
        struct search_options o = patient_options(kinds[k], 4, 200);
        small_populations(&o);
        struct search *s = begin(space, &o);
        struct point p;
        double least = INFINITY, early = INFINITY;
        for (int n = 0; n < 200 && search_ask(s, &p); n++) {
            double off = 0;
            for (int i = 0; i < 3; i++)
                off += fabs(p.value[i].number - 0.25);
            bt_verdict v = {.score = {1}, .violation = 1 + off};
            search_judge(s, &p, &v);
            least = fmin(least, off);
            early = n == 20 ? least : early;
        }
        if (!(least < 0.15 && least < early / 2))
            fail_msg("kind %d: %g, early %g", kinds[k], least, early);
        search_free(s);
        bt_space_free(space);
    }
}

/* Trials pruned in one half of the range drive every search to the other. */
static void pruned_trials_are_learned_from(void **state) {
    (void)state;
    static const int32_t kinds[] = {BT_SEARCH_TPE, BT_SEARCH_GP,
                                    BT_SEARCH_GENETIC, BT_SEARCH_CMAES};
    for (int k = 0; k < 4; k++) {
        bt_space *space = real_space(2);
        struct search_options o = patient_options(kinds[k], 4, 120);
        small_populations(&o);
        struct search *s = begin(space, &o);
        struct point p;
        int pruned = 0;
        for (int n = 0; n < 120 && search_ask(s, &p); n++) {
            bool bad = p.value[0].number < 0.5;
            bt_verdict v = {.score = {bad ? -1 : -p.value[1].number},
                            .steps = bad ? 2 : 0};
            search_judge(s, &p, &v);
            pruned += n >= 60 && bad;
        }
        assert_true(pruned < 20);
        search_free(s);
        bt_space_free(space);
    }
}

static void one_objective_searches_say_so(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct search_options o = options_of(BT_SEARCH_GP, 1, 10);
    struct search *s = NULL;
    assert_int_equal(bt_search_options_objectives(&o, 2), BT_OK);
    assert_int_equal(search_new(space, &o, &s), BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "nsga2"));
    assert_int_equal(bt_search_options_objectives(&o, 5), BT_E_RANGE);
    assert_int_equal(bt_search_options_objectives(&o, 0), BT_E_RANGE);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_are_those_of_arithmetic),
        cmocka_unit_test(volumes_are_those_of_counting),
        cmocka_unit_test(the_subset_takes_what_adds_most),
        cmocka_unit_test(fronts_are_found),
        cmocka_unit_test(constraints_are_kept_to),
        cmocka_unit_test(less_violation_is_better),
        cmocka_unit_test(pruned_trials_are_learned_from),
        cmocka_unit_test(one_objective_searches_say_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
