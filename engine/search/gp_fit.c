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

#include "base/mem.h"
#include "search/lbfgs.h"
#include "search/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY_AXES = 10 };
#define GRADIENT_END 1e-2

struct fit {
    struct gp_model *m;
    bool noisy;
    double *inverse, *scratch; /* [cap][cap] */
    double *slope;             /* [cap][cap] dk/ds of the pairs */
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

/* sum over pairs i > k of W_ik dk/ds_ik (x_ij - x_kj)^2. */
static double along_axis(const struct fit *f, int32_t j) {
    const struct gp_model *m = f->m;
    const double *at = m->x + (size_t)j * m->cap;
    bool choice = m->cube->axis[j].kind == AXIS_CHOICE;
    double sum = 0;
    for (size_t i = 1; i < m->n; i++) {
        const double *w = f->inverse + i * m->cap;
        double row = 0;
        if (choice) {
            for (size_t k = 0; k < i; k++)
                row += at[i] == at[k] ? 0 : w[k];
        } else {
            for (size_t k = 0; k < i; k++)
                row += w[k] * (at[i] - at[k]) * (at[i] - at[k]);
        }
        sum += row;
    }
    return sum;
}

/* Turns the inverse into W times dk/ds; the trace parts of the gradient:
 * y' K^-1 y - n and sum_i W_ii. */
static double weigh_pairs(struct fit *f, double *trace) {
    struct gp_model *m = f->m;
    double fit = 0;
    *trace = 0;
    for (size_t i = 0; i < m->n; i++) {
        double *w = f->inverse + i * m->cap;
        const double *slope = f->slope + i * m->cap;
        double a = m->alpha[i];
        *trace += a * a - w[i];
        fit += a * m->y[i];
        for (size_t k = 0; k < i; k++)
            w[k] = (a * m->alpha[k] - w[k]) * slope[k];
    }
    return fit;
}

static void likelihood_gradient(struct fit *f, double *gradient) {
    struct gp_model *m = f->m;
    int32_t d = m->cube->dims;
    double trace;
    chol_inverse(m->chol, m->n, m->cap, f->scratch, f->inverse);
    double fit = weigh_pairs(f, &trace);
    for (int32_t j = 0; j < d; j++)
        gradient[j] += m->params.t[j] * along_axis(f, j);
    /* 1/2 sum W_ij K_ij = 1/2 (alpha' K alpha - n), less the noise's part. */
    double noise = m->params.noise;
    gradient[d] += 0.5 * (fit - (double)m->n - noise * trace);
    if (f->noisy)
        gradient[d + 1] += 0.5 * trace * (noise - GP_NOISE_FLOOR);
}

static double posterior(struct fit *f, const double *theta, double *gradient) {
    struct gp_model *m = f->m;
    set_params(m, theta, f->noisy);
    memset(gradient, 0, (size_t)(m->cube->dims + 2) * sizeof *gradient);
    covariances(f);
    if (!chol_factor(m->chol, m->n, m->cap))
        return -INFINITY;
    gp_model_weigh(m);
    double sum = -0.5 * vec_dot(m->y, m->alpha, m->n);
    for (size_t i = 0; i < m->n; i++)
        sum -= log(m->chol[i * m->cap + i]);
    likelihood_gradient(f, gradient);
    return sum + priors(m, f->noisy, gradient);
}

static double *square(const struct gp_model *m) {
    return mem_alloc(m->cap * m->cap * sizeof(double));
}

static void fit_init(struct fit *f, struct gp_model *m, bool noisy) {
    *f = (struct fit){.m = m, .noisy = noisy};
    f->inverse = square(m);
    f->scratch = square(m);
    f->slope = square(m);
}

static void fit_fini(struct fit *f) {
    free(f->inverse);
    free(f->scratch);
    free(f->slope);
}

double gp_posterior(struct gp_model *m, const double *theta, bool noisy,
                    double *gradient) {
    struct fit f;
    fit_init(&f, m, noisy);
    double value = posterior(&f, theta, gradient);
    fit_fini(&f);
    return value;
}

/* ---- the climb -------------------------------------------------------------
 */

static double downhill(void *ctx, const double *theta, double *gradient) {
    struct fit *f = ctx;
    double value = posterior(f, theta, gradient);
    for (int32_t j = 0; j < f->m->cube->dims + 2; j++)
        gradient[j] = -gradient[j];
    return -value;
}

double gp_fit(struct gp_model *m, bool noisy, int32_t iterations) {
    int32_t d = m->cube->dims;
    double low[LBFGS_MAX], high[LBFGS_MAX], theta[LBFGS_MAX];
    for (int32_t j = 0; j < d; j++)
        theta[j] = log(m->params.t[j]);
    theta[d] = log(m->params.scale);
    theta[d + 1] = log(
        fmax(m->params.noise - 0.99 * GP_NOISE_FLOOR, 0.01 * GP_NOISE_FLOOR));
    for (int32_t j = 0; j < d + 2; j++) {
        low[j] = -14;
        high[j] = 14;
    }
    low[d + 1] = -20;
    struct fit f;
    fit_init(&f, m, noisy);
    struct lbfgs climb = {.n = d + (noisy ? 2 : 1),
                          .f = downhill,
                          .ctx = &f,
                          .low = low,
                          .high = high,
                          .tolerance = GRADIENT_END,
                          .iterations = iterations};
    double value = -lbfgs_minimize(&climb, theta);
    fit_fini(&f);
    set_params(m, theta, noisy);
    gp_model_factor(m);
    return value;
}
