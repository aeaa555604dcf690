/* The Gaussian process as a model: kernel, factor, density and guesses, against
 * what defines them. */
#include "search/gp_process.h"

#include "gp_support.h"

static double matern(double s) {
    double r = sqrt(5 * s);
    return (double)((1 + r + 5 * s / 3) * expl(-r));
}

/* Against long doubles over the whole range; the slope against the formula. */
static void the_kernel_is_exact(void **state) {
    (void)state;
    enum { COUNT = 12 };
    double s[COUNT], k[COUNT], slope[COUNT];
    for (double at = 0; at < 90000; at = at * 1.03 + 1e-9) {
        for (int i = 0; i < COUNT; i++)
            s[i] = at * (1 + 0.001 * i);
        gp_kernel(s, COUNT, 2.5, k, slope);
        for (int i = 0; i < COUNT; i++) {
            double want = 2.5 * matern(s[i]), r = sqrt(5 * s[i]);
            double by = -2.5 * 5 / 6 * (1 + r) * exp(-r);
            near(k[i], want, 2e-15 * want + 1e-144);
            near(slope[i], by, 2e-15 * fabs(by) + 1e-144);
        }
    }
}

static void guess(struct gp_model *m, const double *x, bool slopes,
                  struct gp_guess *out) {
    gp_model_guess(m, &x, 1, slopes, out);
}

/* Two points at distance 1/2 on one axis, t = 4, scale 1: s = 1, so that
 * k = (1 + sqrt 5 + 5/3) e^-sqrt 5 = 0.5240 = c. Scores 1 and 0; at the middle
 * both are at s = 1/4 with k = m. Then mean = m/(1 + c), variance
 * 1 - 2 m^2/(1 + c), noise neglected at 1e-6. */
static void two_points_by_hand(void **state) {
    (void)state;
    bt_space *space = real_space(1);
    struct cube cube;
    struct gp_model m;
    struct gp_guess g;
    cube_init(&cube, space);
    gp_model_init(&m, &cube);
    gp_model_start(&m, 2);
    gp_model_add(&m, &(double){0.25}, 1);
    gp_model_add(&m, &(double){0.75}, 0);
    m.params.t[0] = 4;
    gp_model_factor(&m);
    double c = matern(1), half = matern(0.25), x = 0.5;
    guess(&m, &x, true, &g);
    near(g.mean[0], half / (1 + c), 2e-6);
    near(g.deviation[0], sqrt(1 - 2 * half * half / (1 + c)), 2e-5);
    near(gp_model_mean(&m, &x), g.mean[0], 1e-15);
    near(g.deviation_slope[0][0], 0, 1e-9); /* symmetry */
    x = 0.25;
    guess(&m, &x, false, &g);
    near(g.mean[0], 1, 2e-6);
    assert_true(g.deviation[0] < 2e-3);
    gp_model_fini(&m);
    bt_space_free(space);
}

static void check_posterior(struct gp_model *m, int32_t dims, bool noisy) {
    double theta[SPACE_MAX + 2], gradient[SPACE_MAX + 2],
        ignored[SPACE_MAX + 2];
    int32_t n = dims + (noisy ? 2 : 1);
    for (int32_t i = 0; i < n; i++)
        theta[i] = 0.3 * i - 0.7;
    theta[dims + 1] = -3;
    gp_posterior(m, theta, noisy, gradient);
    for (int32_t i = 0; i < n; i++) {
        double kept = theta[i], h = 1e-4;
        theta[i] = kept + h;
        double up = gp_posterior(m, theta, noisy, ignored);
        theta[i] = kept - h;
        double down = gp_posterior(m, theta, noisy, ignored);
        theta[i] = kept;
        near(gradient[i], (up - down) / (2 * h),
             1e-5 * (1 + fabs(gradient[i])));
    }
}

/* The posterior's gradient against central differences, few and many axes, with
 * the noise fitted and not. */
static void the_posterior_has_its_gradient(void **state) {
    (void)state;
    bt_space *space = mixed_space(), *wide = real_space(12);
    struct cube cube;
    struct gp_model m;
    cube_init(&cube, space);
    scatter(&m, &cube, 21, 5);
    check_posterior(&m, 6, true);
    gp_model_fini(&m);
    cube_init(&cube, wide);
    scatter(&m, &cube, 30, 6);
    check_posterior(&m, 12, true);
    gp_model_fini(&m);
    bt_space_free(space);
    bt_space_free(wide);
}

/* With one point the log density is -y^2/(2 v) - log(v)/2 + priors, v = scale +
 * noise; at all ones and y = 2, the floor as noise, two axes:
 * -2/v - log(v)/2 - 2 (0.1 + 0.1) + 0 - 1. */
static void the_posterior_of_one_point_by_hand(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct cube cube;
    struct gp_model m;
    double theta[4] = {0}, gradient[4], v = 1 + GP_NOISE_FLOOR;
    cube_init(&cube, space);
    gp_model_init(&m, &cube);
    gp_model_start(&m, 1);
    gp_model_add(&m, (double[]){0.5, 0.5}, 2);
    near(gp_posterior(&m, theta, false, gradient),
         -2 / v - 0.5 * log(v) - 0.4 - 1, 1e-12);
    near(gradient[0], 0, 1e-12); /* 0.1/t = 0.1 t at t = 1 */
    gp_model_fini(&m);
    bt_space_free(space);
}

/* An axis that the scores do not depend on gets the longer length. */
static void fitting_tells_the_axes_apart(void **state) {
    (void)state;
    bt_space *space = real_space(2);
    struct cube cube;
    struct gp_model m;
    struct rng rng;
    double x[2];
    rng_seed(&rng, 8);
    cube_init(&cube, space);
    gp_model_init(&m, &cube);
    gp_model_start(&m, 40);
    for (int i = 0; i < 40; i++) {
        cube_draw(&cube, &rng, x);
        gp_model_add(&m, x, sin(7 * x[0]));
    }
    struct gp_ascent up;
    gp_ascent_start(&up, &m, false);
    for (int i = 0; i < 200 && !up.down.over; i++)
        gp_ascent_go(&up, &m);
    gp_ascent_top(&up, &m);
    assert_true(m.params.t[0] > 20 * m.params.t[1]);
    double theta[4], gradient[4];
    for (int j = 0; j < 2; j++)
        theta[j] = log(m.params.t[j]);
    theta[2] = log(m.params.scale);
    gp_posterior(&m, theta, false, gradient);
    for (int j = 0; j < 3; j++)
        near(gradient[j], 0, 0.1);
    gp_model_fini(&m);
    bt_space_free(space);
}

static double density_of(struct gp_process *p) {
    struct gp_ascent still;
    p->model.params = p->fitted;
    gp_ascent_start(&still, &p->model, false);
    gp_ascent_go(&still, &p->model);
    return -still.down.f;
}

static double top_of(struct gp_model *m) {
    struct gp_ascent up;
    gp_params_reset(&m->params, m->cube);
    gp_ascent_start(&up, m, false);
    for (int i = 0; i < 500 && !up.down.over; i++)
        gp_ascent_go(&up, m);
    assert_true(up.down.over);
    return -up.down.f;
}

/* Trials that come one by one, up to 80: what was climbed on the way is as high
 * as a whole climb of now from all ones. Up to 150, where a climb takes several
 * asks, it is not far behind. */
static void a_process_keeps_up(void **state) {
    (void)state;
    enum { TRIALS = 150, DIMS = 6 };
    bt_space *space = mixed_space();
    static double x[TRIALS][DIMS], y[TRIALS];
    int64_t rows[TRIALS];
    struct sampler s = {.trials = {.x = &x[0][0]}};
    struct gp_process p;
    struct rng rng;
    cube_init(&s.cube, space);
    rng_seed(&rng, 31);
    gp_process_init(&p, &s.cube, false);
    for (int64_t i = 0; i < TRIALS; i++) {
        cube_draw(&s.cube, &rng, x[i]);
        y[i] = wave(x[i]);
        rows[i] = i;
        s.trials.count = s.trials.told = i + 1;
        if (i >= 9)
            gp_process_follow(&p, &s, rows, i + 1, y, true,
                              gp_process_pays(i + 1, 1, true));
        if (i == 79 || i == TRIALS - 1)
            assert_true(density_of(&p) >
                        top_of(&p.model) - (i == 79 ? 0.01 : 1));
    }
    gp_process_fini(&p);
    bt_space_free(space);
}

/* A place is guessed the same, to the bit, whatever it is asked with; means of
 * one place alone differ by rounding, a glance has the same mean. */
static void guesses_do_not_depend_on_company(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model m;
    static struct gp_guess all, few, one, glance;
    double places[CHOL_WIDE][SPACE_MAX];
    const double *x[CHOL_WIDE];
    struct rng rng;
    rng_seed(&rng, 14);
    cube_init(&cube, space);
    scatter(&m, &cube, 30, 15);
    gp_model_factor(&m);
    for (int c = 0; c < CHOL_WIDE; c++) {
        cube_draw(&cube, &rng, places[c]);
        x[c] = places[c];
    }
    gp_model_guess(&m, x, CHOL_WIDE, true, &all);
    gp_model_guess(&m, x, CHOL_NARROW, true, &few);
    gp_model_glance(&m, x, CHOL_WIDE, &glance);
    for (int c = 0; c < CHOL_WIDE; c++) {
        guess(&m, x[c], true, &one);
        assert_true(all.mean[c] == one.mean[0]);
        assert_true(all.deviation[c] == one.deviation[0]);
        assert_true(c >= CHOL_NARROW || few.mean[c] == one.mean[0]);
        assert_true(c >= CHOL_NARROW || few.deviation[c] == one.deviation[0]);
        assert_true(glance.mean[c] == one.mean[0]);
        assert_true(glance.deviation[c] >= one.deviation[0]);
        for (int j = 0; j < 3; j++) {
            assert_true(all.mean_slope[j][c] == one.mean_slope[j][0]);
            assert_true(all.deviation_slope[j][c] == one.deviation_slope[j][0]);
        }
        near(gp_model_mean(&m, x[c]), one.mean[0], 1e-12);
    }
    gp_model_fini(&m);
    bt_space_free(space);
}

/* Points appended to the factor predict as a factor made anew. */
static void appended_points_count_alike(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model whole, grown;
    static struct gp_guess a, b;
    double x[6] = {0.3, 0.6, 0.5, 3.5 / 25, 2, 1}, at[6];
    cube_init(&cube, space);
    scatter(&whole, &cube, 30, 9);
    scatter(&grown, &cube, 22, 9);
    gp_model_factor(&whole);
    gp_model_factor(&grown);
    for (size_t i = 22; i < 30; i++) {
        for (size_t j = 0; j < 6; j++)
            at[j] = whole.x[j * whole.cap + i];
        assert_true(gp_model_append(&grown, at, whole.y[i]));
    }
    gp_model_weigh(&grown);
    guess(&whole, x, true, &a);
    guess(&grown, x, true, &b);
    near(a.mean[0], b.mean[0], 1e-9);
    near(a.deviation[0], b.deviation[0], 1e-9);
    for (int j = 0; j < 3; j++)
        near(a.mean_slope[j][0], b.mean_slope[j][0], 1e-7);
    gp_model_fini(&whole);
    gp_model_fini(&grown);
    bt_space_free(space);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_kernel_is_exact),
        cmocka_unit_test(two_points_by_hand),
        cmocka_unit_test(the_posterior_has_its_gradient),
        cmocka_unit_test(the_posterior_of_one_point_by_hand),
        cmocka_unit_test(fitting_tells_the_axes_apart),
        cmocka_unit_test(a_process_keeps_up),
        cmocka_unit_test(guesses_do_not_depend_on_company),
        cmocka_unit_test(appended_points_count_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
