/* What a place is worth, by formulas and differences, and the climbs to where
 * it is worth most. */
#include "gp_support.h"

static double acquire(const struct gp_aim *aim, const double *x,
                      double *slope) {
    double worth, slopes[1][SPACE_MAX];
    gp_acquire(aim, &x, 1, &worth, slope ? slopes : NULL);
    if (slope)
        memcpy(slope, slopes[0], 6 * sizeof *slope);
    return worth;
}

/* Each slope against a central difference. */
static void slopes_are_derivatives(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model m, failures;
    cube_init(&cube, space);
    scatter(&m, &cube, 30, 3);
    scatter(&failures, &cube, 30, 4);
    for (size_t i = 0; i < failures.n; i++)
        failures.y[i] = failures.y[i] > 0.4 ? 1 : -1;
    for (int32_t j = 0; j < cube.dims; j++)
        m.params.t[j] = failures.params.t[j] = 0.5 + j;
    gp_model_factor(&m);
    gp_model_factor(&failures);
    for (int32_t kind = ACQUIRE_EI; kind <= ACQUIRE_LCB; kind++) {
        for (double best = -1; best < 60; best = 2 * best + 3) {
            struct gp_aim aim = {&m, &failures, kind, best, 1.7, NULL};
            double x[6] = {0.31, 0.62, 0.43, 3.5 / 25, 1, 0}, slope[6];
            double at = acquire(&aim, x, slope);
            near(acquire(&aim, x, NULL), at, 0);
            for (int j = 0; j < 3; j++) {
                double kept = x[j], h = 1e-5;
                x[j] = kept + h;
                double up = acquire(&aim, x, NULL);
                x[j] = kept - h;
                double down = acquire(&aim, x, NULL);
                x[j] = kept;
                near(slope[j], (up - down) / (2 * h),
                     1e-5 * (1 + fabs(slope[j])));
            }
        }
    }
    gp_model_fini(&m);
    gp_model_fini(&failures);
    bt_space_free(space);
}

/* h(0) = phi(0), h(z) -> z; tails by the asymptotic series
 * h(z) = phi(z)/z^2 (1 - 3/z^2 + 15/z^4 - ...), Phi(z) = phi(z)/|z| (1 - 1/z^2
 * + 3/z^4 - ...); slopes by differences. */
static void improvement_is_right_in_both_tails(void **state) {
    (void)state;
    double slope, a, b, log_2pi = log(2 * M_PI);
    near(gp_log_improvement(0, &slope), -0.5 * log_2pi, 1e-15);
    near(slope, 0.5 * sqrt(2 * M_PI), 1e-14);
    near(gp_log_improvement(30, &slope), log(30), 1e-14);
    near(gp_log_probability(0, &slope), log(0.5), 1e-15);
    static const double far[] = {-200, -3000, -9999, -10001, -1e6};
    for (int i = 0; i < 5; i++) {
        double z = far[i], z2 = z * z;
        double series = -0.5 * z2 - 0.5 * log_2pi - log(z2) +
                        log1p(-3 / z2 + 15 / (z2 * z2));
        near(gp_log_improvement(z, &slope), series, 1e-7);
        series = -0.5 * z2 - 0.5 * log_2pi - log(-z) +
                 log1p(-1 / z2 + 3 / (z2 * z2));
        near(gp_log_probability(z, &slope), series, 1e-9 * z2);
    }
    for (double z = -40; z < 8; z += 0.37) {
        double by = gp_log_improvement(z + 1e-5, &a);
        by -= gp_log_improvement(z - 1e-5, &a);
        gp_log_improvement(z, &slope);
        near(slope, by / 2e-5, 1e-6 * (1 + fabs(slope)));
        by = gp_log_probability(z + 1e-5, &b);
        by -= gp_log_probability(z - 1e-5, &b);
        gp_log_probability(z, &slope);
        near(slope, by / 2e-5, 1e-6 * (1 + fabs(slope)));
    }
}

/* Where the pieces of the formulas meet there is no step. */
static void pieces_meet(void **state) {
    (void)state;
    static const double seams[] = {-1, -2.5 * M_SQRT2, -1e4};
    double slope, other;
    for (int i = 0; i < 3; i++) {
        double z = seams[i], h = 1e-12 * fabs(z);
        near(gp_log_improvement(z - h, &slope),
             gp_log_improvement(z + h, &other), 1e-7 + 2 * h * fabs(z));
        near(slope / other, 1, 1e-6);
        near(gp_log_probability(z - h, &slope),
             gp_log_probability(z + h, &other), 1e-7 + 2 * h * fabs(z));
        near(slope / other, 1, 1e-6);
    }
}

static void the_bound_bounds(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model m;
    struct rng rng;
    double x[SPACE_MAX];
    rng_seed(&rng, 12);
    cube_init(&cube, space);
    scatter(&m, &cube, 40, 11);
    gp_model_factor(&m);
    for (int i = 0; i < 300; i++) {
        cube_draw(&cube, &rng, x);
        struct gp_aim aim = {&m,  NULL, i % 2 ? ACQUIRE_EI : ACQUIRE_LCB,
                             1.2, 2,    NULL};
        const double *place = x;
        double bound;
        gp_acquire_bound(&aim, &place, 1, &bound);
        assert_true(bound >= acquire(&aim, x, NULL) - 1e-9);
    }
    gp_model_fini(&m);
    bt_space_free(space);
}

/* No level or choice next to x is worth more. */
static void is_on_top(const struct gp_aim *aim, const struct cube *cube,
                      double *x, double top) {
    for (int32_t j = 0; j < cube->dims; j++) {
        const struct axis *a = &cube->axis[j];
        double kept = x[j];
        if (a->kind == AXIS_REAL)
            continue;
        double step = a->kind == AXIS_CHOICE ? 1 : 1 / a->levels;
        for (double way = -step; way <= step; way += 2 * step) {
            x[j] = axis_snap(a, kept + way);
            assert_true(acquire(aim, x, NULL) <= top + 1e-9);
        }
        x[j] = kept;
    }
}

/* Ten places at random, climbed from together, and each from alone. */
static void climb_both_ways(const struct gp_aim *aim, const struct cube *cube,
                            struct gp_places *all, struct gp_places *alone) {
    struct rng rng;
    rng_seed(&rng, 21);
    all->count = alone->count = GP_PLACES;
    for (int i = 0; i < GP_PLACES; i++)
        cube_draw(cube, &rng, all->x[i]);
    for (int i = 0; i < GP_PLACES; i++) {
        struct gp_places one = {.count = 1};
        memcpy(one.x[0], all->x[i], sizeof one.x[0]);
        double from = acquire(aim, one.x[0], NULL);
        gp_climb(aim, &one);
        assert_true(one.worth[0] >= from);
        memcpy(alone->x[i], one.x[0], sizeof one.x[0]);
        alone->worth[i] = one.worth[0];
    }
    gp_climb(aim, all);
}

static int best_of(const struct gp_places *p) {
    int best = 0;
    for (int i = 0; i < p->count; i++)
        best = p->worth[i] > p->worth[best] ? i : best;
    return best;
}

/* Ten climbs at once end on tops of the levels, and the best of them where it
 * ends alone. */
static void climbs_end_on_top(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model m;
    struct gp_places all, alone;
    cube_init(&cube, space);
    scatter(&m, &cube, 40, 13);
    gp_model_factor(&m);
    struct gp_aim aim = {&m, NULL, ACQUIRE_EI, 1, 0, NULL};
    climb_both_ways(&aim, &cube, &all, &alone);
    for (int i = 0; i < GP_PLACES; i++) {
        near(acquire(&aim, all.x[i], NULL), all.worth[i],
             1e-12 * fabs(all.worth[i]));
        is_on_top(&aim, &cube, all.x[i], all.worth[i]);
    }
    int best = best_of(&all);
    assert_true(alone.worth[best] == all.worth[best]);
    assert_memory_equal(alone.x[best], all.x[best], 6 * sizeof(double));
    gp_model_fini(&m);
    bt_space_free(space);
}

/* Over a dozen real axes of all lengths some climbs are given up on their way,
 * which is the one that they take alone; the best is not. */
static void climbs_far_behind_are_given_up(void **state) {
    (void)state;
    bt_space *space = real_space(12);
    struct cube cube;
    struct gp_model m;
    struct gp_places all, alone;
    int given_up = 0;
    cube_init(&cube, space);
    scatter(&m, &cube, 200, 17);
    for (int j = 0; j < 12; j++)
        m.params.t[j] = 0.02 * pow(2, j);
    gp_model_factor(&m);
    struct gp_aim aim = {&m, NULL, ACQUIRE_EI, 2.2, 0, NULL};
    climb_both_ways(&aim, &cube, &all, &alone);
    int best = best_of(&all);
    for (int i = 0; i < GP_PLACES; i++) {
        assert_true(all.worth[i] <= alone.worth[i]);
        given_up += all.worth[i] < alone.worth[i];
    }
    assert_in_range(given_up, 1, GP_PLACES - 1);
    assert_true(all.worth[best] == alone.worth[best]);
    assert_int_equal(best, best_of(&alone));
    gp_model_fini(&m);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slopes_are_derivatives),
        cmocka_unit_test(improvement_is_right_in_both_tails),
        cmocka_unit_test(pieces_meet),
        cmocka_unit_test(the_bound_bounds),
        cmocka_unit_test(climbs_end_on_top),
        cmocka_unit_test(climbs_far_behind_are_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
