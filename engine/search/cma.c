/* Covariance matrix adaptation.
 *
 * Draws are mean + sigma B D z, with C = B D^2 B'. An update moves the mean to
 * the weighted mean of the better half, learns C from the path of the mean
 * (rank one) and from the better and worse halves (rank mu, negative weights
 * scaled so that C stays positive definite), and sigma from the length of a
 * second path, which would be chi on the average if nothing were selected.
 * Constants: Hansen, arXiv 1604.00772.
 *
 * Margin (Hamano et al. 2022, arXiv 2205.13482): on a coordinate of steps a
 * distribution narrower than a step would never leave it. Mean and width along
 * such a coordinate are set so that each side keeps the probability alpha / 2.
 *
 * O(n^2) a draw, O(n^3) an update.
 */
#include "search/cma.h"

#include "base/mem.h"
#include "base/stat.h"
#include "search/linalg.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- constants -------------------------------------------------------------
 */

static double effective(const double *w, int32_t n) {
    double sum = 0, square = 0;
    for (int32_t i = 0; i < n; i++) {
        sum += w[i];
        square += w[i] * w[i];
    }
    return square > 0 ? sum * sum / square : 0;
}

static void scale_weights(struct cma_constants *k, double dims,
                          double mu_eff_minus) {
    double positive = 0, negative = 0;
    double alpha =
        fmin(1 + k->c1 / k->c_mu, 1 + 2 * mu_eff_minus / (k->mu_eff + 2));
    alpha = fmin(alpha, (1 - k->c1 - k->c_mu) / (dims * k->c_mu));
    for (int32_t i = 0; i < k->lambda; i++) {
        positive += fmax(k->weights[i], 0);
        negative += fmax(-k->weights[i], 0);
    }
    for (int32_t i = 0; i < k->lambda; i++) {
        double *w = &k->weights[i];
        *w *= *w >= 0 ? 1 / positive : negative > 0 ? alpha / negative : 0;
    }
}

static void set_constants(struct cma_constants *k, int32_t n, int32_t lambda) {
    double dims = n;
    k->lambda = lambda;
    k->mu = lambda / 2;
    k->weights = mem_realloc(k->weights, (size_t)lambda * sizeof *k->weights);
    for (int32_t i = 0; i < lambda; i++)
        k->weights[i] = log((lambda + 1) / 2.0) - log(i + 1.0);
    k->mu_eff = effective(k->weights, k->mu);
    double e = k->mu_eff;
    k->c1 = 2 / ((dims + 1.3) * (dims + 1.3) + e);
    k->c_mu =
        fmin(1 - k->c1, 2 * (e - 2 + 1 / e) / ((dims + 2) * (dims + 2) + e));
    k->c_sigma = (e + 2) / (dims + e + 5);
    k->damping = 1 + 2 * fmax(0, sqrt((e - 1) / (dims + 1)) - 1) + k->c_sigma;
    k->c_c = (4 + e / dims) / (dims + 4 + 2 * e / dims);
    k->chi = sqrt(dims) * (1 - 1 / (4 * dims) + 1 / (21 * dims * dims));
    scale_weights(k, dims, effective(k->weights + k->mu, lambda - k->mu));
}

/* ---- life ------------------------------------------------------------------
 */

void cma_init(struct cma *m, int32_t n, int32_t lambda) {
    size_t square = (size_t)n * (size_t)n;
    *m = (struct cma){.n = n};
    m->c = mem_zalloc(square, sizeof *m->c);
    m->vectors = mem_zalloc(square, sizeof *m->vectors);
    m->scratch = mem_zalloc(square, sizeof *m->scratch);
    set_constants(&m->k, n, lambda);
}

void cma_fini(struct cma *m) {
    free(m->c);
    free(m->vectors);
    free(m->scratch);
    free(m->k.weights);
}

static void decompose(struct cma *m) {
    size_t n = (size_t)m->n;
    memcpy(m->scratch, m->c, n * n * sizeof *m->c);
    sym_eigen(m->scratch, n, m->root, m->vectors);
    for (size_t i = 0; i < n; i++)
        m->root[i] = sqrt(fmax(m->root[i], 1e-300));
}

void cma_start(struct cma *m, int32_t lambda, const double *mean,
               double sigma) {
    size_t n = (size_t)m->n;
    set_constants(&m->k, m->n, lambda);
    m->sigma = m->start_sigma = sigma;
    m->generation = 0;
    memset(m->c, 0, n * n * sizeof *m->c);
    for (size_t i = 0; i < n; i++) {
        m->c[i * n + i] = 1;
        m->mean[i] = mean[i];
        m->path_c[i] = m->path_sigma[i] = 0;
        m->widen[i] = 1;
    }
    decompose(m);
}

void cma_draw(const struct cma *m, struct rng *rng, double *x) {
    size_t n = (size_t)m->n;
    double z[SPACE_MAX];
    for (size_t i = 0; i < n; i++)
        z[i] = m->root[i] * rng_normal(rng);
    for (size_t i = 0; i < n; i++)
        x[i] = m->mean[i] +
               m->sigma * m->widen[i] * vec_dot(m->vectors + i * n, z, n);
}

double cma_spread(const struct cma *m) {
    double most = 0;
    for (int32_t i = 0; i < m->n; i++)
        most = fmax(most, m->root[i]);
    return m->sigma * most;
}

double cma_condition(const struct cma *m) {
    double most = 0, least = INFINITY;
    for (int32_t i = 0; i < m->n; i++) {
        most = fmax(most, m->root[i]);
        least = fmin(least, m->root[i]);
    }
    return most * most / (least * least);
}

/* ---- one generation --------------------------------------------------------
 */

/* to = C^-1/2 y */
static void whiten(const struct cma *m, const double *y, double *to) {
    size_t n = (size_t)m->n;
    memset(to, 0, n * sizeof *to);
    for (size_t k = 0; k < n; k++) {
        double along = 0;
        for (size_t i = 0; i < n; i++)
            along += m->vectors[i * n + k] * y[i];
        along /= m->root[k];
        for (size_t i = 0; i < n; i++)
            to[i] += along * m->vectors[i * n + k];
    }
}

/* Moves the mean; the step in units of sigma. */
static void move(struct cma *m, const double *x, double *step) {
    for (int32_t j = 0; j < m->n; j++) {
        double sum = 0;
        for (int32_t i = 0; i < m->k.mu; i++)
            sum += m->k.weights[i] * (x[i * m->n + j] - m->mean[j]);
        m->mean[j] += sum;
        step[j] = sum / (m->sigma * m->widen[j]);
    }
}

static bool follow_paths(struct cma *m, const double *step) {
    const struct cma_constants *k = &m->k;
    double white[SPACE_MAX], length = 0;
    double keep = 1 - k->c_sigma,
           add = sqrt(k->c_sigma * (2 - k->c_sigma) * k->mu_eff);
    whiten(m, step, white);
    for (int32_t j = 0; j < m->n; j++) {
        m->path_sigma[j] = keep * m->path_sigma[j] + add * white[j];
        length += m->path_sigma[j] * m->path_sigma[j];
    }
    length = sqrt(length);
    double settled = sqrt(1 - pow(keep, 2 * ((double)m->generation + 1)));
    bool moves = length / settled < (1.4 + 2 / (m->n + 1.0)) * k->chi;
    add = sqrt(k->c_c * (2 - k->c_c) * k->mu_eff);
    for (int32_t j = 0; j < m->n; j++)
        m->path_c[j] =
            (1 - k->c_c) * m->path_c[j] + (moves ? add * step[j] : 0);
    double growth = k->c_sigma / k->damping * (length / k->chi - 1);
    m->sigma *= exp(fmin(growth, 1));
    return moves;
}

static void add_outer(struct cma *m, double by, const double *y) {
    size_t n = (size_t)m->n;
    for (size_t i = 0; i < n; i++)
        vec_add(m->c + i * n, by * y[i], y, n);
}

/* Offsets y of the trials from the old mean, in units of the old sigma. */
static void learn(struct cma *m, const double *y, bool moves) {
    const struct cma_constants *k = &m->k;
    size_t n = (size_t)m->n;
    double sum = 0, white[SPACE_MAX];
    for (int32_t i = 0; i < k->lambda; i++)
        sum += k->weights[i];
    double stalled = moves ? 0 : k->c1 * k->c_c * (2 - k->c_c);
    double keep = 1 + stalled - k->c1 - k->c_mu * sum;
    for (size_t i = 0; i < n * n; i++)
        m->c[i] *= keep;
    add_outer(m, k->c1, m->path_c);
    for (int32_t i = 0; i < k->lambda; i++) {
        double w = k->weights[i];
        if (w < 0) {
            whiten(m, y + (size_t)i * n, white);
            w *= (double)n / fmax(vec_dot(white, white, n), 1e-300);
        }
        add_outer(m, k->c_mu * w, y + (size_t)i * n);
    }
}

void cma_update(struct cma *m, const double *x) {
    size_t n = (size_t)m->n, all = (size_t)m->k.lambda * n;
    double *y = mem_alloc(all * sizeof *y), step[SPACE_MAX] = {0};
    for (size_t i = 0; i < all; i++)
        y[i] = (x[i] - m->mean[i % n]) / (m->sigma * m->widen[i % n]);
    move(m, x, step);
    bool moves = follow_paths(m, step);
    learn(m, y, moves);
    decompose(m);
    m->generation++;
    free(y);
}

/* ---- margin ----------------------------------------------------------------
 */

/* Beyond the outermost threshold: the mean comes so near that alpha crosses. */
static void hold_near(struct cma *m, int32_t j, double threshold,
                      double deviation, double alpha) {
    double most = deviation * stat_normal_quantile(1 - alpha);
    double off = m->mean[j] - threshold;
    if (fabs(off) > most)
        m->mean[j] = threshold + (off < 0 ? -most : most);
}

/* Between two thresholds: both sides keep alpha / 2. */
static void hold_between(struct cma *m, int32_t j, double low, double high,
                         double alpha) {
    double narrow = m->sigma * sqrt(m->c[j * m->n + j]);
    double deviation = narrow * m->widen[j], half = alpha / 2;
    double below = fmax(half, stat_normal_cdf((low - m->mean[j]) / deviation));
    double above = fmax(half, stat_normal_cdf((m->mean[j] - high) / deviation));
    double inside = fmax(half, 1 - below - above);
    double rest =
        (1 - below - above - inside) / (below + above + inside - 3 * half);
    below += rest * (below - half);
    above += rest * (above - half);
    if (below >= 0.5 || above >= 0.5)
        return;
    double left = -stat_normal_quantile(below),
           right = -stat_normal_quantile(above);
    m->mean[j] = (low * right + high * left) / (left + right);
    m->widen[j] = (high - low) / (left + right) / narrow;
}

void cma_margin(struct cma *m, int32_t j, double low, double high,
                double alpha) {
    double deviation = m->sigma * m->widen[j] * sqrt(m->c[j * m->n + j]);
    if (low <= 0 && high >= 1)
        return;
    if (low <= 0)
        hold_near(m, j, high, deviation, alpha);
    else if (high >= 1)
        hold_near(m, j, low, deviation, alpha);
    else
        hold_between(m, j, low, high, alpha);
}
