/* A Gaussian process: data, factor of the covariance, predictions.
 *
 * Points are stored by axis, so that the distances from one place to all points
 * are passes over contiguous numbers. The factor is kept row by row in a square
 * with room to grow: a new trial appends a row, n^2/2, where factoring anew
 * takes n^3/6. A pending trial of a batch is appended like any other, with a
 * score that is believed (gp.c), and the square is cut back afterwards by
 * setting n.
 *
 * A prediction solves one triangle, n^2/2, its slopes a second one:
 *     mean = k . alpha,  variance = scale - |v|^2 with L v = k,
 *     d variance / dx = -2 (dk/dx) . w with L' w = v.
 */
#include "search/gp_model.h"

#include "base/mem.h"
#include "search/lanes.h"
#include "search/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void gp_model_init(struct gp_model *m, const struct cube *cube) {
    *m = (struct gp_model){.cube = cube};
}

void gp_model_fini(struct gp_model *m) {
    free(m->x);
    free(m->y);
    free(m->chol);
    free(m->alpha);
    free(m->k);
    free(m->slope);
    free(m->solved);
}

static double *renew(double *old, size_t count) {
    free(old);
    return mem_zalloc(count, sizeof *old);
}

static void reserve(struct gp_model *m, size_t n) {
    if (n <= m->cap)
        return;
    size_t cap = (n + n / 4 + 32) / LANES * LANES;
    m->cap = cap;
    m->x = renew(m->x, cap * (size_t)m->cube->dims);
    m->y = renew(m->y, cap);
    m->chol = renew(m->chol, cap * cap);
    m->alpha = renew(m->alpha, cap);
    m->k = renew(m->k, cap);
    m->slope = renew(m->slope, cap);
    m->solved = renew(m->solved, cap);
}

void gp_model_start(struct gp_model *m, size_t n) {
    reserve(m, n);
    m->n = 0;
    for (int32_t j = 0; j < m->cube->dims; j++)
        m->params.t[j] = 1;
    m->params.scale = 1;
    m->params.noise = GP_NOISE_FLOOR;
}

void gp_model_add(struct gp_model *m, const double *x, double y) {
    for (int32_t j = 0; j < m->cube->dims; j++)
        m->x[(size_t)j * m->cap + m->n] = x[j];
    m->y[m->n++] = y;
}

/* ---- the factor ------------------------------------------------------------
 */

static void covariances(struct gp_model *m) {
    double x[SPACE_MAX];
    for (size_t i = 0; i < m->n; i++) {
        double *row = m->chol + i * m->cap;
        for (int32_t j = 0; j < m->cube->dims; j++)
            x[j] = m->x[(size_t)j * m->cap + i];
        gp_model_distances(m, x, i, m->k);
        gp_kernel(m->k, i, m->params.scale, m->k, NULL);
        memcpy(row, m->k, i * sizeof *row);
        row[i] = m->params.scale + m->params.noise;
    }
}

void gp_model_factor(struct gp_model *m) {
    covariances(m);
    while (!chol_factor(m->chol, m->n, m->cap)) {
        m->params.noise *= 10;
        covariances(m);
    }
    gp_model_weigh(m);
}

bool gp_model_append(struct gp_model *m, const double *x, double y) {
    gp_model_distances(m, x, m->n, m->k);
    gp_kernel(m->k, m->n, m->params.scale, m->k, NULL);
    if (!chol_append(m->chol, m->n, m->cap, m->k,
                     m->params.scale + m->params.noise))
        return false;
    gp_model_add(m, x, y);
    return true;
}

void gp_model_weigh(struct gp_model *m) {
    memcpy(m->alpha, m->y, m->n * sizeof *m->alpha);
    chol_forward(m->chol, m->n, m->cap, m->alpha);
    chol_backward(m->chol, m->n, m->cap, m->alpha);
}

/* ---- predictions -----------------------------------------------------------
 */

static void add_choice(const double *at, size_t n, double x, double t,
                       double *s) {
    for (size_t i = 0; i < n; i++)
        s[i] += at[i] == x ? 0 : t;
}

LANES_CLONES static void add_square(const double *at, size_t n, double x,
                                    double t, double *s) {
    for (size_t i = 0; i < n; i += LANES) {
        lanes apart = lanes_at(at + i) - x;
        lanes_put(s + i, lanes_at(s + i) + t * apart * apart);
    }
}

void gp_model_distances(const struct gp_model *m, const double *x, size_t n,
                        double *s) {
    memset(s, 0, (n + LANES - 1) / LANES * LANES * sizeof *s);
    for (int32_t j = 0; j < m->cube->dims; j++) {
        const double *at = m->x + (size_t)j * m->cap;
        if (m->cube->axis[j].kind == AXIS_CHOICE)
            add_choice(at, n, x[j], m->params.t[j], s);
        else
            add_square(at, n, x[j], m->params.t[j], s);
    }
}

double gp_model_mean(const struct gp_model *m, const double *x) {
    gp_model_distances(m, x, m->n, m->k);
    gp_kernel(m->k, m->n, m->params.scale, m->k, NULL);
    return vec_dot(m->k, m->alpha, m->n);
}

/* d s_i / d x_j = 2 t_j (x_j - X_ij), weighted by dk/ds and by two vectors. */
static void slopes_of(const struct gp_model *m, const double *x,
                      struct gp_guess *out) {
    for (int32_t j = 0; j < m->cube->dims; j++) {
        const double *at = m->x + (size_t)j * m->cap;
        double mean = 0, variance = 0;
        if (m->cube->axis[j].kind != AXIS_CHOICE) {
            for (size_t i = 0; i < m->n; i++) {
                double d = m->slope[i] * (x[j] - at[i]);
                mean += d * m->alpha[i];
                variance += d * m->solved[i];
            }
        }
        out->mean_slope[j] = 2 * m->params.t[j] * mean;
        out->deviation_slope[j] =
            -2 * m->params.t[j] * variance / out->deviation;
    }
}

void gp_model_guess(const struct gp_model *m, const double *x, bool slopes,
                    struct gp_guess *out) {
    gp_model_distances(m, x, m->n, m->k);
    gp_kernel(m->k, m->n, m->params.scale, m->k, slopes ? m->slope : NULL);
    out->mean = vec_dot(m->k, m->alpha, m->n);
    memcpy(m->solved, m->k, m->n * sizeof *m->solved);
    chol_forward(m->chol, m->n, m->cap, m->solved);
    double variance = m->params.scale - vec_dot(m->solved, m->solved, m->n);
    out->deviation = sqrt(fmax(variance, 0) + 1e-12);
    if (!slopes)
        return;
    chol_backward(m->chol, m->n, m->cap, m->solved);
    slopes_of(m, x, out);
}
