/* Triangular factors, eigenvectors and the climber, against hand-made cases
 * and against what defines them. */
#include "search/lbfgs.h"
#include "search/linalg.h"

#include "draw.h"
#include "search_support.h"

#include <stdlib.h>

static void near(double got, double want, double tolerance) {
    if (!(fabs(got - want) <= tolerance))
        fail_msg("%.17g is not %.17g", got, want);
}

static double unit(void) {
    return (double)(draw() >> 11) * 0x1p-53;
}

/* | 4 2 2 |   | 2     | | 2 1 1 |
 * | 2 5 3 | = | 1 2   | |   2 1 |
 * | 2 3 6 |   | 1 1 2 | |     2 | */
static void factors_by_hand(void **state) {
    (void)state;
    double a[3][4] = {{4}, {2, 5}, {2, 3, 6}}, wide[3 * CHOL_WIDE];
    assert_true(chol_factor(&a[0][0], 3, 4, wide));
    static const double want[3][3] = {{2}, {1, 2}, {1, 1, 2}};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k <= i; k++)
            near(a[i][k], want[i][k], 1e-15);
    }
    double b[3] = {8, 16, 22}; /* = A (0, 2, 8/3) ... solved below */
    chol_forward(&a[0][0], 3, 4, b);
    near(b[0], 4, 1e-15); /* 8/2, (16-4)/2, (22-4-6)/2 */
    near(b[1], 6, 1e-15);
    near(b[2], 6, 1e-15);
    chol_backward(&a[0][0], 3, 4, b);
    near(b[2], 3, 1e-15); /* 6/2, (6-3)/2, (4-3/2-3)/2 */
    near(b[1], 1.5, 1e-15);
    near(b[0], -0.25, 1e-15);
}

static void refuses_what_is_not_definite(void **state) {
    (void)state;
    double a[2][4] = {{1}, {2, 3}}, wide[2 * CHOL_WIDE]; /* 3 < 2 * 2 */
    assert_false(chol_factor(&a[0][0], 2, 4, wide));
    double l[2][4] = {{1}}, k = 1;
    assert_false(chol_append(&l[0][0], 1, 4, &k, 1)); /* the same row again */
    assert_true(chol_append(&l[0][0], 1, 4, &k, 1.25));
    near(l[1][1], 0.5, 1e-15);
}

enum { N = 61, LD = 64 };

static void random_definite(double *a) {
    static double b[N][N];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++)
            b[i][k] = unit() - 0.5;
    }
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            a[i * LD + k] = i == k ? 0.1 : 0;
            for (int j = 0; j < N; j++)
                a[i * LD + k] += b[i][j] * b[k][j];
        }
    }
}

/* L L' = A; rows appended one by one give the same L; A A^-1 = 1. */
static void any_size_agrees_with_its_definition(void **state) {
    (void)state;
    static double a[N * LD], l[N * LD], rows[N * LD], inverse[N * LD];
    static double wide[N * CHOL_WIDE];
    random_definite(a);
    memcpy(l, a, sizeof l);
    assert_true(chol_factor(l, N, LD, wide));
    for (int i = 0; i < N; i++) {
        assert_true(
            chol_append(rows, (size_t)i, LD, a + i * LD, a[i * LD + i]));
        for (int k = 0; k <= i; k++) {
            double sum = 0;
            for (int j = 0; j <= k; j++)
                sum += l[i * LD + j] * l[k * LD + j];
            near(sum, a[i * LD + k], 1e-13);
            near(rows[i * LD + k], l[i * LD + k], 1e-11);
        }
    }
    chol_inverse(l, N, LD, wide, inverse);
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < N; k++) {
            double sum = 0;
            for (int j = 0; j < N; j++)
                sum += a[i * LD + j] *
                       (j >= k ? inverse[j * LD + k] : inverse[k * LD + j]);
            near(sum, i == k, 1e-9);
        }
    }
}

/* Eight right-hand sides at once are the same as one by one, to rounding. */
static void wide_solves_agree_with_single_ones(void **state) {
    (void)state;
    static double l[N * LD], wide[N * CHOL_WIDE], one[CHOL_WIDE][N];
    random_definite(l);
    assert_true(chol_factor(l, N, LD, wide));
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < CHOL_WIDE; k++)
            wide[i * CHOL_WIDE + k] = one[k][i] = unit();
    }
    for (int back = 0; back < 2; back++) {
        (back ? chol_backward_wide : chol_forward_wide)(l, N, LD, wide);
        for (int k = 0; k < CHOL_WIDE; k++) {
            (back ? chol_backward : chol_forward)(l, N, LD, one[k]);
            for (int i = 0; i < N; i++)
                near(wide[i * CHOL_WIDE + k], one[k][i],
                     1e-10 * (1 + fabs(one[k][i])));
        }
    }
}

/* Four at once are the bits of eight, with rows left over and without. */
static void narrow_solves_are_wide_ones(void **state) {
    (void)state;
    static double l[N * LD], wide[N * CHOL_WIDE], narrow[N * CHOL_NARROW];
    random_definite(l);
    assert_true(chol_factor(l, N, LD, wide));
    for (int n = 1; n <= N; n++) {
        for (int i = 0; i < n * CHOL_WIDE; i++)
            wide[i] = unit();
        for (int i = 0; i < n * CHOL_NARROW; i++)
            narrow[i] = wide[i / CHOL_NARROW * CHOL_WIDE + i % CHOL_NARROW];
        for (int back = 0; back < 2; back++) {
            (back ? chol_backward_wide : chol_forward_wide)(l, (size_t)n, LD,
                                                            wide);
            (back ? chol_backward_narrow : chol_forward_narrow)(l, (size_t)n,
                                                                LD, narrow);
            for (int i = 0; i < n * CHOL_NARROW; i++)
                assert_true(
                    narrow[i] ==
                    wide[i / CHOL_NARROW * CHOL_WIDE + i % CHOL_NARROW]);
        }
    }
}

/* What stands in the other columns changes no bit of a solution. */
static void wide_solves_keep_to_themselves(void **state) {
    (void)state;
    static double l[N * LD], all[N * CHOL_WIDE], alone[N * CHOL_WIDE];
    random_definite(l);
    assert_true(chol_factor(l, N, LD, all));
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < CHOL_WIDE; k++)
            all[i * CHOL_WIDE + k] = alone[i * CHOL_WIDE + k] = unit();
        for (int k = 0; k < CHOL_WIDE; k++)
            alone[i * CHOL_WIDE + k] *= k == 5 ? 1 : 1e3;
    }
    for (int back = 0; back < 2; back++) {
        (back ? chol_backward_wide : chol_forward_wide)(l, N, LD, all);
        (back ? chol_backward_wide : chol_forward_wide)(l, N, LD, alone);
        for (int i = 0; i < N; i++)
            assert_true(all[i * CHOL_WIDE + 5] == alone[i * CHOL_WIDE + 5]);
    }
}

/* The order of additions is part of the promise: eight partial sums, then the
 * rest. Whatever registers the machine has, the bits are these. */
static void a_dot_product_has_one_order(void **state) {
    (void)state;
    double a[29], b[29], part[8] = {0}, rest = 0;
    for (int i = 0; i < 29; i++) {
        a[i] = unit() * (draw_below(2) ? 1e8 : 1);
        b[i] = unit() - 0.5;
    }
    for (int i = 0; i < 24; i++)
        part[i % 8] += a[i] * b[i];
    for (int i = 24; i < 29; i++)
        rest += a[i] * b[i];
    double s0 = part[0] + part[4], s1 = part[1] + part[5];
    double s2 = part[2] + part[6], s3 = part[3] + part[7];
    assert_true(vec_dot(a, b, 29) == ((s0 + s1) + (s2 + s3)) + rest);
}

/* | 2 1 |: 1 and 3, along (1, -1) and (1, 1). */
static void eigenvectors_by_hand(void **state) {
    (void)state;
    double a[4] = {2, 1, 1, 2}, values[2], v[4];
    sym_eigen(a, 2, values, v);
    int small = values[0] < values[1] ? 0 : 1;
    near(values[small], 1, 1e-15);
    near(values[1 - small], 3, 1e-15);
    near(v[small] * v[2 + small], -0.5, 1e-15);
    near(v[1 - small] * v[3 - small], 0.5, 1e-15);
}

static void eigenvectors_diagonalise(void **state) {
    (void)state;
    static double a[N * N], kept[N * N], values[N], v[N * N], wide[N * LD];
    random_definite(wide);
    for (int i = 0; i < N; i++)
        memcpy(a + i * N, wide + i * LD, N * sizeof *a);
    memcpy(kept, a, sizeof a);
    sym_eigen(a, N, values, v);
    for (int c = 0; c < N; c++) {
        double length = 0;
        for (int i = 0; i < N; i++) {
            double sum = 0;
            for (int k = 0; k < N; k++)
                sum += kept[i * N + k] * v[k * N + c];
            near(sum, values[c] * v[i * N + c], 1e-11);
            length += v[i * N + c] * v[i * N + c];
        }
        near(length, 1, 1e-12);
    }
}

/* ---- the climber -----------------------------------------------------------
 */

static double rosenbrock(const double *x, double *g) {
    double a = x[1] - x[0] * x[0], b = 1 - x[0];
    g[0] = -400 * a * x[0] - 2 * b;
    g[1] = 200 * a;
    return 100 * a * a + b * b;
}

/* Descends from x to the end; x becomes the least. Returns the evaluations. */
static int descend(const struct lbfgs *p,
                   double (*f)(const double *x, double *g), double *x,
                   double *least) {
    struct lbfgs_descent d;
    double g[LBFGS_MAX];
    int calls = 0;
    for (lbfgs_start(&d, p, x); !d.over && d.directions <= 200; calls++) {
        double value = f(d.next, g);
        lbfgs_tell(&d, p, value, g);
    }
    memcpy(x, d.x, (size_t)p->n * sizeof *x);
    *least = d.f;
    return calls;
}

static void finds_the_valley(void **state) {
    (void)state;
    static const double low[2] = {-5, -5}, high[2] = {5, 5};
    struct lbfgs p = {.n = 2, .low = low, .high = high, .tolerance = 1e-8};
    double x[2] = {-1.2, 1}, least;
    descend(&p, rosenbrock, x, &least);
    assert_true(least < 1e-12);
    near(x[0], 1, 1e-5);
    near(x[1], 1, 1e-5);
}

/* With x_0 <= 1/2 the least of Rosenbrock's function is at (1/2, 1/4): there
 * (1 - 1/2)^2 = 1/4. */
static void stops_at_a_wall(void **state) {
    (void)state;
    static const double low[2] = {-5, -5}, high[2] = {0.5, 5};
    struct lbfgs p = {.n = 2, .low = low, .high = high, .tolerance = 1e-8};
    double x[2] = {-1.2, 1}, least;
    descend(&p, rosenbrock, x, &least);
    near(least, 0.25, 1e-9);
    assert_true(x[0] == 0.5);
    near(x[1], 0.25, 1e-5);
}

/* sum (i+1) (x_i - i)^2 over 0 .. 3: beyond the box the nearest corner. */
static double bowl(const double *x, double *g) {
    double sum = 0;
    for (int i = 0; i < 10; i++) {
        g[i] = 2 * (i + 1) * (x[i] - i);
        sum += (i + 1) * (x[i] - i) * (x[i] - i);
    }
    return sum;
}

static void a_box_clips_a_bowl(void **state) {
    (void)state;
    double low[10], high[10], x[10], least;
    for (int i = 0; i < 10; i++) {
        low[i] = 0.5;
        high[i] = 5.5;
        x[i] = 3;
    }
    struct lbfgs p = {.n = 10, .low = low, .high = high, .tolerance = 1e-9};
    assert_in_range(descend(&p, bowl, x, &least), 5, 80);
    for (int i = 0; i < 10; i++)
        near(x[i], i < 0.5 ? 0.5 : i > 5.5 ? 5.5 : i, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(factors_by_hand),
        cmocka_unit_test(refuses_what_is_not_definite),
        cmocka_unit_test(any_size_agrees_with_its_definition),
        cmocka_unit_test(wide_solves_agree_with_single_ones),
        cmocka_unit_test(narrow_solves_are_wide_ones),
        cmocka_unit_test(wide_solves_keep_to_themselves),
        cmocka_unit_test(a_dot_product_has_one_order),
        cmocka_unit_test(eigenvectors_by_hand),
        cmocka_unit_test(eigenvectors_diagonalise),
        cmocka_unit_test(finds_the_valley),
        cmocka_unit_test(stops_at_a_wall),
        cmocka_unit_test(a_box_clips_a_bowl),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
