/* Lengths, scale and noise of a Gaussian process: the maximum of their
 * posterior density.
 *
 * log density = -1/2 y' K^-1 y - 1/2 log det K + log priors, over the
 * logarithms of t_j = 1/length_j^2, of scale and of noise above its floor. The
 * gradient needs K^-1 whole: with W = alpha alpha' - K^-1 each derivative is
 * 1/2 sum_ij W_ij dK_ij. A factor, an inverse and a pass over the pairs: n^3/2
 * multiply-adds in all.
 *
 * Priors are Optuna's: -(0.1/t + 0.1 t) for each axis, Gamma(2, rate 1) for the
 * scale, Gamma(1.1, rate 30) for the noise. Beyond ten axes lengths have
 * BoTorch's LogNormal(sqrt 2 + ln(d)/2, sqrt 3) instead, which keeps them from
 * collapsing when there are more axes than the data can tell apart.
 */
#include "search/gp_model.h"

#include "base/lanes.h"
#include "search/linalg.h"

#include <math.h>
#include <string.h>

enum { MANY_AXES = 10 };
#define GRADIENT_END 1e-2

struct fit {
    struct gp_model *m;
    bool noisy;
    double *inverse; /* [cap][cap] */
    double *slope;   /* [cap][cap] dk/ds of the pairs */
    double low[LBFGS_MAX], high[LBFGS_MAX];
    struct lbfgs problem;
};

static void set_params(struct gp_model *m, const double *theta, bool noisy) {
    int32_t d = m->cube->dims;
    for (int32_t j = 0; j < d; j++)
        m->params.t[j] = exp(theta[j]);
    m->params.scale = exp(theta[d]);
    m->params.noise = GP_NOISE_FLOOR + (noisy ? exp(theta[d + 1]) : 0);
}

/* ---- priors ----------------------------------------------------------------
 */

static double length_prior(double t, int32_t dims, double *slope) {
    if (dims <= MANY_AXES) {
        *slope = 0.1 / t - 0.1 * t;
        return -(0.1 / t + 0.1 * t);
    }
    double log_length = -0.5 * log(t);
    double off = log_length - (M_SQRT2 + 0.5 * log((double)dims));
    *slope = 0.5 * (1 + off / 3); /* by log t = -2 log length */
    return -log_length - off * off / 6;
}

static double priors(const struct gp_model *m, bool noisy, double *gradient) {
    int32_t d = m->cube->dims;
    double sum = 0, slope;
    for (int32_t j = 0; j < d; j++) {
        sum += length_prior(m->params.t[j], d, &slope);
        gradient[j] += slope;
    }
    sum += log(m->params.scale) - m->params.scale;
    gradient[d] += 1 - m->params.scale;
    if (!noisy)
        return sum;
    double noise = m->params.noise;
    gradient[d + 1] +=
        (0.1 / noise - 30) * (noise - GP_NOISE_FLOOR); /* by the log */
    return sum + 0.1 * log(noise) - 30 * noise;
}

/* ---- likelihood ------------------------------------------------------------
 */

/* The covariance into m->chol, dk/ds of all pairs into f->slope. */
static void covariances(struct fit *f) {
    struct gp_model *m = f->m;
    double x[SPACE_MAX];
    for (size_t i = 0; i < m->n; i++) {
        for (int32_t j = 0; j < m->cube->dims; j++)
            x[j] = m->x[(size_t)j * m->cap + i];
        gp_model_distances(m, x, i, m->k);
        gp_kernel(m->k, i, m->params.scale, m->k, f->slope + i * m->cap);
        memcpy(m->chol + i * m->cap, m->k, i * sizeof *m->k);
        m->chol[i * m->cap + i] = m->params.scale + m->params.noise;
    }
}

/* sum over k < n of w_k (at_i - at_k)^2; w is zero from n to the next lane. */
LANES_CLONES static double along_axis(const double *w, size_t n,
                                      const double *at, double x) {
    lanes sum = {0};
    for (size_t k = 0; k < n; k += LANES) {
        lanes apart = x - lanes_at(at + k);
        sum += lanes_at(w + k) * apart * apart;
    }
    return lanes_sum(sum);
}

static double along_choices(const double *w, size_t n, const double *at,
                            double x) {
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += x == at[k] ? 0 : w[k];
    return sum;
}

/* Row i of the inverse becomes W_ik dk/ds_ik, k < i. */
LANES_CLONES static void weigh_pairs(const double *alpha, double a, size_t i,
                                     const double *slope, double *w) {
    size_t k = 0;
    for (; k + LANES <= i; k += LANES)
        lanes_put(w + k, (a * lanes_at(alpha + k) - lanes_at(w + k)) *
                             lanes_at(slope + k));
    for (; k < i; k++)
        w[k] = (a * alpha[k] - w[k]) * slope[k];
    for (; k == i || k % LANES; k++)
        w[k] = 0;
}

/* Adds what the pairs of row i have to say of each axis. */
static void add_pairs(const struct gp_model *m, size_t i, const double *w,
                      double *sum) {
    for (int32_t j = 0; j < m->cube->dims; j++) {
        const double *at = m->x + (size_t)j * m->cap;
        sum[j] += m->cube->axis[j].kind == AXIS_CHOICE
                      ? along_choices(w, i, at, at[i])
                      : along_axis(w, i, at, at[i]);
    }
}

static void likelihood_gradient(struct fit *f, double *gradient) {
    struct gp_model *m = f->m;
    int32_t d = m->cube->dims;
    double axes[SPACE_MAX] = {0}, trace = 0;
    chol_inverse(m->chol, m->n, m->cap, m->wide.k, f->inverse);
    for (size_t i = 0; i < m->n; i++) {
        double *w = f->inverse + i * m->cap;
        trace += m->alpha[i] * m->alpha[i] - w[i];
        weigh_pairs(m->alpha, m->alpha[i], i, f->slope + i * m->cap, w);
        add_pairs(m, i, w, axes);
    }
    for (int32_t j = 0; j < d; j++)
        gradient[j] += m->params.t[j] * axes[j];
    /* 1/2 sum W_ij K_ij = 1/2 (alpha' K alpha - n), less the noise's part. */
    double noise = m->params.noise, fit = vec_dot(m->alpha, m->y, m->n);
    gradient[d] += 0.5 * (fit - (double)m->n - noise * trace);
    if (f->noisy)
        gradient[d + 1] += 0.5 * trace * (noise - GP_NOISE_FLOOR);
}

static double posterior(struct fit *f, const double *theta, double *gradient) {
    struct gp_model *m = f->m;
    set_params(m, theta, f->noisy);
    memset(gradient, 0, (size_t)(m->cube->dims + 2) * sizeof *gradient);
    covariances(f);
    if (!chol_factor(m->chol, m->n, m->cap, m->wide.k))
        return -INFINITY;
    gp_model_weigh(m);
    double sum = -0.5 * vec_dot(m->y, m->alpha, m->n);
    for (size_t i = 0; i < m->n; i++)
        sum -= log(m->chol[i * m->cap + i]);
    likelihood_gradient(f, gradient);
    return sum + priors(m, f->noisy, gradient);
}

/* ---- the climb -------------------------------------------------------------
 */

static void fit_init(struct fit *f, struct gp_model *m, bool noisy) {
    int32_t d = m->cube->dims;
    size_t square = m->cap * m->cap;
    double *room = gp_model_room(m);
    f->m = m;
    f->noisy = noisy;
    f->inverse = room;
    f->slope = room + square;
    for (int32_t j = 0; j < d + 2; j++) {
        f->low[j] = j > d ? -20 : -14;
        f->high[j] = 14;
    }
    f->problem = (struct lbfgs){.n = d + (noisy ? 2 : 1),
                                .low = f->low,
                                .high = f->high,
                                .tolerance = GRADIENT_END};
}

double gp_posterior(struct gp_model *m, const double *theta, bool noisy,
                    double *gradient) {
    struct fit f;
    fit_init(&f, m, noisy);
    return posterior(&f, theta, gradient);
}

void gp_ascent_start(struct gp_ascent *a, struct gp_model *m, bool noisy) {
    int32_t d = m->cube->dims;
    double theta[LBFGS_MAX];
    struct fit f;
    for (int32_t j = 0; j < d; j++)
        theta[j] = log(m->params.t[j]);
    theta[d] = log(m->params.scale);
    theta[d + 1] = log(
        fmax(m->params.noise - 0.99 * GP_NOISE_FLOOR, 0.01 * GP_NOISE_FLOOR));
    a->noisy = noisy;
    fit_init(&f, m, noisy);
    lbfgs_start(&a->down, &f.problem, theta);
}

void gp_ascent_go(struct gp_ascent *a, struct gp_model *m) {
    double gradient[LBFGS_MAX];
    struct fit f;
    fit_init(&f, m, a->noisy);
    double value = posterior(&f, a->down.next, gradient);
    for (int32_t j = 0; j < f.problem.n; j++)
        gradient[j] = -gradient[j];
    lbfgs_tell(&a->down, &f.problem, -value, gradient);
}

double gp_ascent_top(const struct gp_ascent *a, struct gp_model *m) {
    set_params(m, a->down.x, a->noisy);
    return -a->down.f;
}
