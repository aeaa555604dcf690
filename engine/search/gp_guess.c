/* What a Gaussian process says of a place.
 *
 * A prediction solves one triangle, n^2/2, its slopes a second one:
 *     mean = k . alpha,  variance = scale - |v|^2 with L v = k,
 *     d variance / dx = -2 (dk/dx) . w with L' w = v.
 *
 * A triangle of a few hundred points is larger than the first cache, so one
 * place waits for memory; CHOL_WIDE of them share what is loaded and take a
 * quarter of the time each. Where no more than CHOL_NARROW are asked about, as
 * when most climbs are over, rows are half as long. Places lie across the
 * lanes, point after point, so that no sum has to be gathered from lanes. A
 * place's numbers do not depend on the others that it is asked with, nor on how
 * many they are.
 *
 * `groups` of lanes, one or two, make a row; it is known when compiled.
 */
#include "search/gp_model.h"

#include "base/lanes.h"
#include "search/linalg.h"

#include <math.h>
#include <string.h>

enum { AXES = 4 }; /* that one pass takes together */
#define INLINE static inline __attribute__((always_inline))
#define EACH(i, count)                                                         \
    _Pragma("GCC unroll 4") for (size_t i = 0; i < (size_t)(count); i++)

/* What one point has for all places. */
struct row {
    lanes at[2];
};

INLINE struct row row_at(const double *p, size_t groups) {
    struct row r = {{{0}, {0}}};
    EACH(g, groups) r.at[g] = lanes_at(p + g * LANES);
    return r;
}

INLINE void row_put(double *p, struct row r, size_t groups) {
    EACH(g, groups) lanes_put(p + g * LANES, r.at[g]);
}

/* ---- passes over the points ------------------------------------------------
 */

/* s += t (at - x)^2, summed over axes that follow one another; x [axes][],
 * CHOL_WIDE each, s [n] rows. */
INLINE void add_squares_of(const double *at, size_t cap, size_t n,
                           const double *x, const double *t, size_t axes,
                           double *s, size_t groups) {
    struct row place[AXES] = {{{{0}, {0}}}};
    EACH(j, axes) place[j] = row_at(x + j * CHOL_WIDE, groups);
    for (size_t i = 0; i < n; i++, s += groups * LANES) {
        struct row sum = row_at(s, groups);
        EACH(j, axes) {
            EACH(g, groups) {
                lanes apart = at[j * cap + i] - place[j].at[g];
                sum.at[g] += t[j] * apart * apart;
            }
        }
        row_put(s, sum, groups);
    }
}

INLINE void add_choices_of(const double *at, size_t n, const double *x,
                           double t, double *s, size_t groups) {
    const size_t wide = groups * LANES;
    for (size_t i = 0; i < n * wide; i++)
        s[i] += at[i / wide] == x[i % wide] ? 0 : t;
}

/* s [n] rows of places x [dims][CHOL_WIDE]. */
INLINE void distances(const struct gp_model *m, const double *x, double *s,
                      size_t groups) {
    const double *t = m->params.t;
    memset(s, 0, m->n * groups * LANES * sizeof *s);
    for (int32_t j = 0, next; j < m->cube->dims; j = next, x += CHOL_WIDE) {
        const double *at = m->x + (size_t)j * m->cap;
        next = gp_model_is_square(m, j, AXES) ? j + AXES : j + 1;
        if (next == j + AXES) {
            add_squares_of(at, m->cap, m->n, x, t + j, AXES, s, groups);
            x += (AXES - 1) * CHOL_WIDE;
        } else if (gp_model_is_square(m, j, 1)) {
            add_squares_of(at, m->cap, m->n, x, t + j, 1, s, groups);
        } else {
            add_choices_of(at, m->n, x, t[j], s, groups);
        }
    }
}

/* sum over i of by_i k_i. */
INLINE void weighted(const double *k, const double *by, size_t n, double *out,
                     size_t groups) {
    struct row sum = {{{0}, {0}}};
    for (size_t i = 0; i < n; i++, k += groups * LANES)
        EACH(g, groups) sum.at[g] += by[i] * lanes_at(k + g * LANES);
    row_put(out, sum, groups);
}

INLINE void squared(const double *v, size_t n, double *out, size_t groups) {
    struct row sum = {{{0}, {0}}};
    for (size_t i = 0; i < n; i++, v += groups * LANES) {
        EACH(g, groups) {
            lanes at = lanes_at(v + g * LANES);
            sum.at[g] += at * at;
        }
    }
    row_put(out, sum, groups);
}

INLINE void largest(const double *v, size_t n, double *out, size_t groups) {
    struct row most = {{{0}, {0}}};
    for (size_t i = 0; i < n; i++, v += groups * LANES) {
        EACH(g, groups) {
            lanes at = lanes_at(v + g * LANES);
            most.at[g] = lanes_choose(at > most.at[g], at, most.at[g]);
        }
    }
    row_put(out, most, groups);
}

/* dk/ds times alpha into a, times the solution w into dk/ds itself. */
INLINE void weigh_slopes(const double *alpha, const double *w, size_t n,
                         double *slope, double *a, size_t groups) {
    const size_t wide = groups * LANES;
    for (size_t i = 0; i < n * wide; i += LANES) {
        lanes by = lanes_at(slope + i);
        lanes_put(a + i, by * alpha[i / wide]);
        lanes_put(slope + i, by * lanes_at(w + i));
    }
}

/* sum_i a_i (x - at_i) and sum_i b_i (x - at_i). */
INLINE void along(const double *at, size_t n, const double *x, const double *a,
                  const double *b, double *mean, double *variance,
                  size_t groups) {
    struct row place = row_at(x, groups);
    struct row one = {{{0}, {0}}}, other = {{{0}, {0}}};
    for (size_t i = 0; i < n; i++, a += groups * LANES, b += groups * LANES) {
        EACH(g, groups) {
            lanes apart = place.at[g] - at[i];
            one.at[g] += apart * lanes_at(a + g * LANES);
            other.at[g] += apart * lanes_at(b + g * LANES);
        }
    }
    row_put(mean, one, groups);
    row_put(variance, other, groups);
}

/* ---- a guess ---------------------------------------------------------------
 */

/* Kernels of the places into m->wide.k, and dk/ds; their means. */
INLINE void kernels_of(const struct gp_model *m, const double *const *x,
                       size_t count, bool slopes, struct gp_guess *out,
                       size_t groups) {
    const size_t wide = groups * LANES;
    for (int32_t j = 0; j < m->cube->dims; j++)
        for (size_t c = 0; c < wide; c++)
            out->x[j][c] = x[c < count ? c : 0][j];
    distances(m, out->x[0], m->wide.k, groups);
    gp_kernel(m->wide.k, m->n * wide, m->params.scale, m->wide.k,
              slopes ? m->wide.slope : NULL);
    weighted(m->wide.k, m->alpha, m->n, out->mean, groups);
}

static void deviations(const struct gp_model *m, size_t count,
                       struct gp_guess *out) {
    for (size_t c = 0; c < count; c++)
        out->deviation[c] =
            sqrt(fmax(m->params.scale - out->deviation[c], 0) + 1e-12);
}

/* d s_i / d x_j = 2 t_j (x_j - X_ij), weighted by dk/ds and by two vectors. */
INLINE void slopes_of(const struct gp_model *m, struct gp_guess *out,
                      size_t groups) {
    const struct gp_wide *w = &m->wide;
    weigh_slopes(m->alpha, w->solved, m->n, w->slope, w->k, groups);
    for (int32_t j = 0; j < m->cube->dims; j++) {
        double *mean = out->mean_slope[j], *deviation = out->deviation_slope[j];
        memset(mean, 0, sizeof out->mean_slope[j]);
        memset(deviation, 0, sizeof out->deviation_slope[j]);
        if (m->cube->axis[j].kind == AXIS_CHOICE)
            continue;
        along(m->x + (size_t)j * m->cap, m->n, out->x[j], w->k, w->slope, mean,
              deviation, groups);
        for (size_t c = 0; c < groups * LANES; c++) {
            mean[c] *= 2 * m->params.t[j];
            deviation[c] *= -2 * m->params.t[j] / out->deviation[c];
        }
    }
}

INLINE void solve(const struct gp_model *m, double *b, bool back,
                  size_t groups) {
    if (groups == 2)
        (back ? chol_backward_wide : chol_forward_wide)(m->chol, m->n, m->cap,
                                                        b);
    else
        (back ? chol_backward_narrow : chol_forward_narrow)(m->chol, m->n,
                                                            m->cap, b);
}

INLINE void guess(const struct gp_model *m, const double *const *x,
                  size_t count, bool slopes, struct gp_guess *out,
                  size_t groups) {
    const struct gp_wide *w = &m->wide;
    const size_t wide = groups * LANES;
    kernels_of(m, x, count, slopes, out, groups);
    memcpy(w->solved, w->k, m->n * wide * sizeof *w->k);
    solve(m, w->solved, false, groups);
    squared(w->solved, m->n, out->deviation, groups);
    deviations(m, wide, out);
    if (!slopes)
        return;
    solve(m, w->solved, true, groups);
    slopes_of(m, out, groups);
}

LANES_CLONES static void guess_wide(const struct gp_model *m,
                                    const double *const *x, size_t count,
                                    bool slopes, struct gp_guess *out) {
    guess(m, x, count, slopes, out, 2);
}

LANES_CLONES static void guess_narrow(const struct gp_model *m,
                                      const double *const *x, size_t count,
                                      bool slopes, struct gp_guess *out) {
    guess(m, x, count, slopes, out, 1);
}

void gp_model_guess(const struct gp_model *m, const double *const *x,
                    size_t count, bool slopes, struct gp_guess *out) {
    if (count > CHOL_NARROW)
        guess_wide(m, x, count, slopes, out);
    else
        guess_narrow(m, x, count, slopes, out);
}

LANES_CLONES void gp_model_glance(const struct gp_model *m,
                                  const double *const *x, size_t count,
                                  struct gp_guess *out) {
    double most[CHOL_WIDE];
    kernels_of(m, x, count, false, out, 2);
    largest(m->wide.k, m->n, most, 2);
    for (size_t c = 0; c < CHOL_WIDE; c++)
        out->deviation[c] =
            most[c] * most[c] / (m->params.scale + m->params.noise);
    deviations(m, CHOL_WIDE, out);
}
