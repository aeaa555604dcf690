/* The Gaussian process: kernel, factor, slopes and acquisition against what
 * defines them, then the search. */
#include "search/gp_acquire.h"
#include "search/gp_process.h"
#include "search_support.h"

#include <stdlib.h>

static void near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g is not %.17g", got, want);
}

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

static double acquire(const struct gp_aim *aim, const double *x,
                      double *slope) {
    double worth, slopes[1][SPACE_MAX];
    gp_acquire(aim, &x, 1, &worth, slope ? slopes : NULL);
    if (slope)
        memcpy(slope, slopes[0], 6 * sizeof *slope);
    return worth;
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

static double wave(const double *x) {
    return sin(5 * x[0]) + x[1] * x[1] - x[0] * x[2];
}

/* n scattered points over the mixed cube, scores by wave(). */
static void scatter(struct gp_model *m, const struct cube *cube, int n,
                    uint64_t seed) {
    struct rng rng;
    double x[SPACE_MAX];
    rng_seed(&rng, seed);
    gp_model_init(m, cube);
    gp_model_start(m, (size_t)n + 8);
    for (int i = 0; i < n; i++) {
        cube_draw(cube, &rng, x);
        gp_model_add(m, x, wave(x));
    }
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
    static struct gp_guess all, one, glance;
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
    gp_model_glance(&m, x, CHOL_WIDE, &glance);
    for (int c = 0; c < CHOL_WIDE; c++) {
        guess(&m, x[c], true, &one);
        assert_true(all.mean[c] == one.mean[0]);
        assert_true(all.deviation[c] == one.deviation[0]);
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

/* ---- acquisition -----------------------------------------------------------
 */

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

/* Ten climbs at once end on tops, and each where it ends alone. */
static void climbs_end_on_top(void **state) {
    (void)state;
    bt_space *space = mixed_space();
    struct cube cube;
    struct gp_model m;
    struct rng rng;
    rng_seed(&rng, 21);
    cube_init(&cube, space);
    scatter(&m, &cube, 40, 13);
    gp_model_factor(&m);
    struct gp_aim aim = {&m, NULL, ACQUIRE_EI, 1, 0, NULL};
    struct gp_places all = {.count = GP_PLACES}, one = {.count = 1};
    double from[GP_PLACES];
    for (int i = 0; i < GP_PLACES; i++) {
        cube_draw(&cube, &rng, all.x[i]);
        from[i] = acquire(&aim, all.x[i], NULL);
    }
    struct gp_places start = all;
    gp_climb(&aim, &all);
    for (int i = 0; i < GP_PLACES; i++) {
        assert_true(all.worth[i] >= from[i]);
        near(acquire(&aim, all.x[i], NULL), all.worth[i],
             1e-12 * fabs(all.worth[i]));
        is_on_top(&aim, &cube, all.x[i], all.worth[i]);
        memcpy(one.x[0], start.x[i], sizeof one.x[0]);
        gp_climb(&aim, &one);
        assert_true(one.worth[0] == all.worth[i]);
        assert_memory_equal(one.x[0], all.x[i], 6 * sizeof(double));
    }
    gp_model_fini(&m);
    bt_space_free(space);
}

/* ---- the search ------------------------------------------------------------
 */

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
        cmocka_unit_test(the_kernel_is_exact),
        cmocka_unit_test(two_points_by_hand),
        cmocka_unit_test(slopes_are_derivatives),
        cmocka_unit_test(the_posterior_has_its_gradient),
        cmocka_unit_test(the_posterior_of_one_point_by_hand),
        cmocka_unit_test(fitting_tells_the_axes_apart),
        cmocka_unit_test(a_process_keeps_up),
        cmocka_unit_test(guesses_do_not_depend_on_company),
        cmocka_unit_test(appended_points_count_alike),
        cmocka_unit_test(improvement_is_right_in_both_tails),
        cmocka_unit_test(pieces_meet),
        cmocka_unit_test(the_bound_bounds),
        cmocka_unit_test(climbs_end_on_top),
        cmocka_unit_test(finds_the_top_of_a_parabola),
        cmocka_unit_test(stops_when_nothing_gets_better),
        cmocka_unit_test(learns_where_it_fails),
        cmocka_unit_test(a_batch_keeps_its_distance),
        cmocka_unit_test(wild_losses_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
