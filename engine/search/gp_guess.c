/* What a Gaussian process says of a place.
 *
 * A prediction solves one triangle, n^2/2, its slopes a second one:
 *     mean = k . alpha,  variance = scale - |v|^2 with L v = k,
 *     d variance / dx = -2 (dk/dx) . w with L' w = v.
 *
 * A triangle of a few hundred points is larger than the first cache, so one
 * place waits for memory; CHOL_WIDE of them share what is loaded and take a
 * quarter of the time each. Places lie across the lanes, point after point, so
 * that no sum has to be gathered from lanes. A place's numbers do not depend on
 * the others that it is asked with.
 */
#include "search/gp_model.h"

#include "base/lanes.h"
#include "search/linalg.h"

#include <math.h>
#include <string.h>

struct pair {
    lanes low, high;
};
#define INLINE static inline __attribute__((always_inline))

INLINE struct pair pair_at(const double *p) {
    return (struct pair){lanes_at(p), lanes_at(p + LANES)};
}

INLINE void pair_put(double *p, struct pair v) {
    lanes_put(p, v.low);
    lanes_put(p + LANES, v.high);
}

/* sum += t (at - x)^2 */
INLINE void add_apart(struct pair *sum, double at, struct pair x, double t) {
    lanes low = at - x.low, high = at - x.high;
    sum->low += t * low * low;
    sum->high += t * high * high;
}

/* Four axes that follow one another; x [4][CHOL_WIDE], s [n][CHOL_WIDE]. */
LANES_CLONES static void wide_squares(const double *at, size_t cap, size_t n,
                                      const double *x, const double *t,
                                      double *s) {
    struct pair x0 = pair_at(x), x1 = pair_at(x + CHOL_WIDE);
    struct pair x2 = pair_at(x + 2 * CHOL_WIDE),
                x3 = pair_at(x + 3 * CHOL_WIDE);
    for (size_t i = 0; i < n; i++, s += CHOL_WIDE) {
        struct pair sum = pair_at(s);
        add_apart(&sum, at[i], x0, t[0]);
        add_apart(&sum, at[cap + i], x1, t[1]);
        add_apart(&sum, at[2 * cap + i], x2, t[2]);
        add_apart(&sum, at[3 * cap + i], x3, t[3]);
        pair_put(s, sum);
    }
}

LANES_CLONES static void wide_square(const double *at, size_t n,
                                     const double *x, double t, double *s) {
    struct pair place = pair_at(x);
    for (size_t i = 0; i < n; i++, s += CHOL_WIDE) {
        struct pair sum = pair_at(s);
        add_apart(&sum, at[i], place, t);
        pair_put(s, sum);
    }
}

static void wide_choice(const double *at, size_t n, const double *x, double t,
                        double *s) {
    for (size_t i = 0; i < n * CHOL_WIDE; i++)
        s[i] += at[i / CHOL_WIDE] == x[i % CHOL_WIDE] ? 0 : t;
}

/* s [n][CHOL_WIDE] of places x [dims][CHOL_WIDE]. */
static void wide_distances(const struct gp_model *m, const double *x,
                           double *s) {
    const double *t = m->params.t;
    memset(s, 0, m->n * CHOL_WIDE * sizeof *s);
    for (int32_t j = 0, next; j < m->cube->dims; j = next, x += CHOL_WIDE) {
        const double *at = m->x + (size_t)j * m->cap;
        next = gp_model_is_square(m, j, 4) ? j + 4 : j + 1;
        if (next == j + 4) {
            wide_squares(at, m->cap, m->n, x, t + j, s);
            x += 3 * CHOL_WIDE;
        } else if (gp_model_is_square(m, j, 1)) {
            wide_square(at, m->n, x, t[j], s);
        } else {
            wide_choice(at, m->n, x, t[j], s);
        }
    }
}

/* sum over i of a_i b_i, a [n] or [n][CHOL_WIDE]. */
LANES_CLONES static void wide_weighted(const double *k, const double *by,
                                       size_t n, double *out) {
    struct pair sum = {{0}, {0}};
    for (size_t i = 0; i < n; i++, k += CHOL_WIDE) {
        sum.low += by[i] * lanes_at(k);
        sum.high += by[i] * lanes_at(k + LANES);
    }
    pair_put(out, sum);
}

LANES_CLONES static void wide_squared(const double *v, size_t n, double *out) {
    struct pair sum = {{0}, {0}};
    for (size_t i = 0; i < n; i++, v += CHOL_WIDE) {
        sum.low += lanes_at(v) * lanes_at(v);
        sum.high += lanes_at(v + LANES) * lanes_at(v + LANES);
    }
    pair_put(out, sum);
}

LANES_CLONES static void wide_largest(const double *v, size_t n, double *out) {
    struct pair most = {{0}, {0}};
    for (size_t i = 0; i < n; i++, v += CHOL_WIDE) {
        struct pair at = pair_at(v);
        most.low = lanes_choose(at.low > most.low, at.low, most.low);
        most.high = lanes_choose(at.high > most.high, at.high, most.high);
    }
    pair_put(out, most);
}

/* Kernels of the first `count` places into m->wide.k, and dk/ds; their means.
 */
static void wide_kernels(const struct gp_model *m, const double *const *x,
                         size_t count, bool slopes, struct gp_guess *out) {
    for (int32_t j = 0; j < m->cube->dims; j++)
        for (size_t c = 0; c < CHOL_WIDE; c++)
            out->x[j][c] = x[c < count ? c : 0][j];
    wide_distances(m, out->x[0], m->wide.k);
    gp_kernel(m->wide.k, m->n * CHOL_WIDE, m->params.scale, m->wide.k,
              slopes ? m->wide.slope : NULL);
    wide_weighted(m->wide.k, m->alpha, m->n, out->mean);
}

static void deviations(const struct gp_model *m, struct gp_guess *out) {
    for (size_t c = 0; c < CHOL_WIDE; c++)
        out->deviation[c] =
            sqrt(fmax(m->params.scale - out->deviation[c], 0) + 1e-12);
}

/* dk/ds times alpha into a, times the solution w into dk/ds itself. */
LANES_CLONES static void weigh_slopes(const double *alpha, const double *w,
                                      size_t n, double *slope, double *a) {
    for (size_t i = 0; i < n * CHOL_WIDE; i += LANES) {
        lanes by = lanes_at(slope + i);
        lanes_put(a + i, by * alpha[i / CHOL_WIDE]);
        lanes_put(slope + i, by * lanes_at(w + i));
    }
}

/* sum_i a_i (x - at_i) and sum_i b_i (x - at_i). */
LANES_CLONES static void along(const double *at, size_t n, const double *x,
                               const double *a, const double *b, double *mean,
                               double *variance) {
    struct pair place = pair_at(x), one = {{0}, {0}}, other = {{0}, {0}};
    for (size_t i = 0; i < n; i++, a += CHOL_WIDE, b += CHOL_WIDE) {
        lanes low = place.low - at[i], high = place.high - at[i];
        one.low += low * lanes_at(a);
        one.high += high * lanes_at(a + LANES);
        other.low += low * lanes_at(b);
        other.high += high * lanes_at(b + LANES);
    }
    pair_put(mean, one);
    pair_put(variance, other);
}

/* d s_i / d x_j = 2 t_j (x_j - X_ij), weighted by dk/ds and by two vectors. */
static void slopes_of(const struct gp_model *m, struct gp_guess *out) {
    const struct gp_wide *w = &m->wide;
    weigh_slopes(m->alpha, w->solved, m->n, w->slope, w->k);
    for (int32_t j = 0; j < m->cube->dims; j++) {
        double *mean = out->mean_slope[j], *deviation = out->deviation_slope[j];
        memset(mean, 0, sizeof out->mean_slope[j]);
        memset(deviation, 0, sizeof out->deviation_slope[j]);
        if (m->cube->axis[j].kind == AXIS_CHOICE)
            continue;
        along(m->x + (size_t)j * m->cap, m->n, out->x[j], w->k, w->slope, mean,
              deviation);
        for (size_t c = 0; c < CHOL_WIDE; c++) {
            mean[c] *= 2 * m->params.t[j];
            deviation[c] *= -2 * m->params.t[j] / out->deviation[c];
        }
    }
}

void gp_model_guess(const struct gp_model *m, const double *const *x,
                    size_t count, bool slopes, struct gp_guess *out) {
    const struct gp_wide *w = &m->wide;
    wide_kernels(m, x, count, slopes, out);
    memcpy(w->solved, w->k, m->n * CHOL_WIDE * sizeof *w->k);
    chol_forward_wide(m->chol, m->n, m->cap, w->solved);
    wide_squared(w->solved, m->n, out->deviation);
    deviations(m, out);
    if (!slopes)
        return;
    chol_backward_wide(m->chol, m->n, m->cap, w->solved);
    slopes_of(m, out);
}

void gp_model_glance(const struct gp_model *m, const double *const *x,
                     size_t count, struct gp_guess *out) {
    double most[CHOL_WIDE];
    wide_kernels(m, x, count, false, out);
    wide_largest(m->wide.k, m->n, most);
    for (size_t c = 0; c < CHOL_WIDE; c++)
        out->deviation[c] =
            most[c] * most[c] / (m->params.scale + m->params.noise);
    deviations(m, out);
}
