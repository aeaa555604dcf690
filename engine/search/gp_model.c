/* A Gaussian process: data, factor of the covariance, predictions.
 *
 * Points are stored by axis, so that the distances from one place to all points
 * are passes over contiguous numbers. The factor is kept row by row in a square
 * with room to grow: a new trial appends a row, n^2/2, where factoring anew
 * takes n^3/6. A pending trial of a batch is appended like any other, with a
 * score that is believed (gp.c), and the square is cut back afterwards by
 * setting n.
 */
#include "search/gp_model.h"

#include "base/lanes.h"
#include "base/mem.h"
#include "search/linalg.h"

#include <math.h>
#include <stdint.h>
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
    free(m->wide.room);
    free(m->room);
}

static double *renew(double *old, size_t count) {
    free(old);
    return mem_zalloc(count, sizeof *old);
}

/* A row is a line of the cache. */
static void reserve_wide(struct gp_wide *w, size_t cap) {
    const size_t line = CHOL_WIDE * sizeof(double);
    w->room = renew(w->room, (3 * cap + 1) * CHOL_WIDE);
    w->k = w->room + (line - (uintptr_t)w->room % line) / sizeof(double);
    w->slope = w->k + cap * CHOL_WIDE;
    w->solved = w->slope + cap * CHOL_WIDE;
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
    reserve_wide(&m->wide, cap);
    free(m->room);
    m->room = NULL;
}

double *gp_model_room(struct gp_model *m) {
    if (!m->room)
        m->room = mem_alloc(2 * m->cap * m->cap * sizeof *m->room);
    return m->room;
}

void gp_params_reset(struct gp_params *p, const struct cube *cube) {
    for (int32_t j = 0; j < cube->dims; j++)
        p->t[j] = 1;
    p->scale = 1;
    p->noise = GP_NOISE_FLOOR;
}

void gp_model_start(struct gp_model *m, size_t n) {
    reserve(m, n);
    m->n = 0;
    gp_params_reset(&m->params, m->cube);
}

void gp_model_add(struct gp_model *m, const double *x, double y) {
    for (int32_t j = 0; j < m->cube->dims; j++)
        m->x[(size_t)j * m->cap + m->n] = x[j];
    m->y[m->n++] = y;
}

/* ---- distances -------------------------------------------------------------
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

/* Of four axes that follow one another, the sums the same. */
LANES_CLONES static void add_squares(const double *at, size_t cap, size_t n,
                                     const double *x, const double *t,
                                     double *s) {
    for (size_t i = 0; i < n; i += LANES) {
        lanes sum = lanes_at(s + i);
#pragma GCC unroll 4
        for (size_t j = 0; j < 4; j++) {
            lanes apart = lanes_at(at + j * cap + i) - x[j];
            sum += t[j] * apart * apart;
        }
        lanes_put(s + i, sum);
    }
}

bool gp_model_is_square(const struct gp_model *m, int32_t j, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (j + i == m->cube->dims || m->cube->axis[j + i].kind == AXIS_CHOICE)
            return false;
    }
    return true;
}

void gp_model_distances(const struct gp_model *m, const double *x, size_t n,
                        double *s) {
    const double *t = m->params.t;
    memset(s, 0, (n + LANES - 1) / LANES * LANES * sizeof *s);
    for (int32_t j = 0, next; j < m->cube->dims; j = next) {
        const double *at = m->x + (size_t)j * m->cap;
        next = gp_model_is_square(m, j, 4) ? j + 4 : j + 1;
        if (next == j + 4)
            add_squares(at, m->cap, n, x + j, t + j, s);
        else if (gp_model_is_square(m, j, 1))
            add_square(at, n, x[j], t[j], s);
        else
            add_choice(at, n, x[j], t[j], s);
    }
}

/* ---- the factor ------------------------------------------------------------
 */

static void fill_covariances(struct gp_model *m) {
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
    fill_covariances(m);
    while (!chol_factor(m->chol, m->n, m->cap, m->wide.k)) {
        m->params.noise *= 10;
        fill_covariances(m);
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

double gp_model_mean(const struct gp_model *m, const double *x) {
    gp_model_distances(m, x, m->n, m->k);
    gp_kernel(m->k, m->n, m->params.scale, m->k, NULL);
    return vec_dot(m->k, m->alpha, m->n);
}
