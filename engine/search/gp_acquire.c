/* Acquisition functions in logarithms.
 *
 * Where the model is sure that nothing is to be had, expected improvement is
 * zero in doubles over most of the box, and its slope too; its logarithm is
 * neither (Ament et al. 2023, arXiv 2310.20708). With z = (mean - best)/sigma
 *
 *     log EI = log sigma + log h(z),  h = phi(z) + z Phi(z)
 *            = log sigma + log phi(z) + log(1 + z R(z))   for z < 0,
 *
 * R = Phi/phi = sqrt(pi/2) erfcx(-z/sqrt 2), Mills' ratio, and 1 + z R = 1/z^2
 * where it would cancel. log P(feasible) = log Phi(mean/sigma) of a process
 * that is above 0 where trials count is added; it is never positive, so what
 * bounds the rest bounds the sum.
 */
#include "search/gp_acquire.h"

#include "base/stat.h"
#include "search/linalg.h"

#include <math.h>
#include <string.h>

#define LOG_ROOT_2PI 0.91893853320467274178

/* exp(x^2) erfc(x), x >= 0: the product where it is safe, Lentz's evaluation
 * of the continued fraction beyond. */
static double erfcx(double x) {
    if (x < 2.5)
        return exp(x * x) * erfc(x);
    double tail = x;
    for (int k = 8 + (int)(240 / (x * x)); k >= 1; k--)
        tail = x + 0.5 * k / tail;
    return 1 / (tail * 1.7724538509055160273);
}

/* Phi(z)/phi(z), z <= 0. */
static double mills(double z) {
    return 1.2533141373155002512 * erfcx(-z * M_SQRT1_2);
}

double gp_log_improvement(double z, double *slope) {
    if (z > -1) {
        double cdf = stat_normal_cdf(z);
        double h = exp(-0.5 * z * z - LOG_ROOT_2PI) + z * cdf;
        *slope = cdf / h;
        return log(h);
    }
    double ratio = mills(z), left = 1 + z * ratio;
    if (z < -1e4)
        left = 1 / (z * z);
    *slope = ratio / left;
    return -0.5 * z * z - LOG_ROOT_2PI + log(left);
}

double gp_log_probability(double z, double *slope) {
    if (z > -1) {
        double cdf = stat_normal_cdf(z);
        *slope = exp(-0.5 * z * z - LOG_ROOT_2PI) / cdf;
        return log(cdf);
    }
    double ratio = mills(z);
    *slope = 1 / ratio;
    return -0.5 * z * z - LOG_ROOT_2PI + log(ratio);
}

/* Worth from mean and deviation, with its two partial derivatives. */
static double worth(const struct gp_aim *aim, double mean, double deviation,
                    double *by_mean, double *by_deviation) {
    if (aim->acquisition == ACQUIRE_LCB) {
        *by_mean = 1;
        *by_deviation = aim->kappa;
        return mean + aim->kappa * deviation;
    }
    double z = (mean - aim->best) / deviation, slope;
    bool ei = aim->acquisition == ACQUIRE_EI;
    double log_h =
        ei ? gp_log_improvement(z, &slope) : gp_log_probability(z, &slope);
    *by_mean = slope / deviation;
    *by_deviation = ((ei ? 1 : 0) - slope * z) / deviation;
    return log_h + (ei ? log(deviation) : 0);
}

static void add_slopes(const struct gp_guess *g, int32_t dims, size_t c,
                       double by_mean, double by_deviation, double *slope) {
    for (int32_t j = 0; j < dims; j++)
        slope[j] += by_mean * g->mean_slope[j][c] +
                    by_deviation * g->deviation_slope[j][c];
}

static void add_worth(const struct gp_aim *aim, const double *const *x,
                      size_t count, double *out, double (*slope)[SPACE_MAX]) {
    struct gp_guess g;
    double by_mean, by_deviation;
    gp_model_guess(aim->objective, x, count, slope != NULL, &g);
    for (size_t c = 0; c < count; c++) {
        out[c] +=
            worth(aim, g.mean[c], g.deviation[c], &by_mean, &by_deviation);
        if (slope)
            add_slopes(&g, aim->objective->cube->dims, c, by_mean, by_deviation,
                       slope[c]);
    }
}

static void add_feasible(const struct gp_aim *aim, const double *const *x,
                         size_t count, double *out,
                         double (*slope)[SPACE_MAX]) {
    struct gp_guess g;
    double by_z;
    gp_model_guess(aim->feasible, x, count, slope != NULL, &g);
    for (size_t c = 0; c < count; c++) {
        double z = g.mean[c] / g.deviation[c];
        out[c] += gp_log_probability(z, &by_z);
        by_z /= g.deviation[c];
        if (slope)
            add_slopes(&g, aim->feasible->cube->dims, c, by_z, -by_z * z,
                       slope[c]);
    }
}

void gp_acquire(const struct gp_aim *aim, const double *const *x, size_t count,
                double *out, double (*slope)[SPACE_MAX]) {
    memset(out, 0, count * sizeof *out);
    if (slope)
        memset(slope, 0, count * sizeof *slope);
    if (aim->objective)
        add_worth(aim, x, count, out, slope);
    if (aim->feasible)
        add_feasible(aim, x, count, out, slope);
}

void gp_acquire_bound(const struct gp_aim *aim, const double *const *x,
                      size_t count, double *out) {
    struct gp_guess g;
    double by_mean, by_deviation;
    if (!aim->objective) {
        gp_acquire(aim, x, count, out, NULL);
        return;
    }
    gp_model_glance(aim->objective, x, count, &g);
    for (size_t c = 0; c < count; c++)
        out[c] = worth(aim, g.mean[c], g.deviation[c], &by_mean, &by_deviation);
}
