/* Parzen estimates as Optuna's TPE makes them (arXiv 2304.11127; search rules
 * of version 5).
 *
 * A density is a mixture over the observations of a set, plus one broad kernel,
 * the prior. A kernel is a product over the axes: a normal truncated to the
 * range for REAL, its integral over a step for STEPS, and for CHOICE the
 * observed choice with a share 1/(m+1) spread over all. One kernel index serves
 * all axes, which is what keeps their correlation.
 *
 * What costs is the normal distribution function. Both uses of it are
 * remembered: the share of a kernel inside the range per slot and axis, renewed
 * when centre or bandwidth changed, and the masses of a step axis per
 * bandwidth, by distance in steps, since neighbouring levels repeat the same
 * few bandwidths. Above SMOOTH levels the density in the middle of a step
 * stands for its integral: bandwidths are at least a hundredth of the range, so
 * the difference is below (100/SMOOTH)^2/24 = 4e-4 of it.
 *
 * parzen_log is one multiply-add per kernel and axis and one exponential per
 * kernel that matters.
 */
#include "search/parzen.h"

#include "base/lanes.h"
#include "base/mem.h"
#include "base/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SMOOTH = 1024, YOUNG = 25, TABLES_MAX = 512 };
#define NEGLIGIBLE (-40.0) /* e^-40 of the largest term is lost in rounding */

/* Masses of a slot that was never set: it has no weight. */
static const double unset[SMOOTH];

struct bins {
    size_t count, cap;
    struct bin_table {
        double sigma;
        double *log_mass; /* [levels], by distance in levels */
    } * table;
};

double parzen_age_weight(int64_t i, int64_t m) {
    int64_t old = m - YOUNG;
    if (i >= old)
        return 1;
    double first = 1 / (double)m;
    return old == 1 ? first
                    : first + (1 - first) * (double)i / (double)(old - 1);
}

/* ---- storage ---------------------------------------------------------------
 */

void parzen_init(struct parzen *p, const struct cube *cube) {
    *p = (struct parzen){.cube = cube};
    p->bins = mem_zalloc((size_t)cube->dims, sizeof *p->bins);
}

static void bins_clear(struct bins *b) {
    for (size_t i = 0; i < b->count; i++)
        free(b->table[i].log_mass);
    b->count = 0;
}

void parzen_fini(struct parzen *p) {
    for (int32_t j = 0; p->bins && j < p->cube->dims; j++) {
        bins_clear(&p->bins[j]);
        free(p->bins[j].table);
    }
    free(p->bins);
    free(p->mu);
    free(p->sigma);
    free(p->inverse);
    free(p->norm);
    free(p->log_weight);
    free(p->base);
    free(p->sum);
    free(p->mass);
    free(p->level);
}

/* [dims][old] to [dims][cap] of eight bytes, the rest filled with bytes that no
 * value has. */
static void *widen(void *data, size_t dims, size_t old, size_t cap) {
    char *wide = mem_alloc(dims * cap * sizeof(double));
    memset(wide, 0xff, dims * cap * sizeof(double)); /* NaN */
    for (size_t j = 0; j < dims && old > 0; j++)
        memcpy(wide + j * cap * sizeof(double),
               (char *)data + j * old * sizeof(double), old * sizeof(double));
    free(data);
    return wide;
}

static void reserve(struct parzen *p, size_t n) {
    if (n <= p->cap)
        return;
    size_t old = p->cap, cap = old ? old : 64, dims = (size_t)p->cube->dims;
    while (cap < n)
        cap *= 2;
    p->mu = widen(p->mu, dims, old, cap);
    p->sigma = widen(p->sigma, dims, old, cap);
    p->inverse = widen(p->inverse, dims, old, cap);
    p->norm = widen(p->norm, dims, old, cap);
    p->mass = widen(p->mass, dims, old, cap);
    p->level = widen(p->level, dims, old, cap);
    for (size_t j = 0; j < dims; j++) {
        for (size_t k = old; k < cap; k++) {
            p->mass[j * cap + k] = unset;
            p->level[j * cap + k] = 0;
        }
    }
    p->log_weight = widen(p->log_weight, 1, old, cap);
    p->base = widen(p->base, 1, old, cap);
    p->sum = widen(p->sum, 1, old, cap);
    p->cap = cap;
}

void parzen_start(struct parzen *p, int64_t n) {
    reserve(p, (size_t)n + 1);
    p->slots = n;
}

/* ---- kernels ---------------------------------------------------------------
 */

/* Probability that a standard normal lies in a .. b, good in both tails. */
static double between(double a, double b) {
    if (a > 0) {
        double t = a;
        a = -b;
        b = -t;
    }
    return stat_normal_cdf(b) - stat_normal_cdf(a);
}

static bool is_binned(const struct axis *a) {
    return a->kind == AXIS_STEPS && !a->log && a->levels < SMOOTH;
}

static const double *make_masses(struct bins *b, double levels, double sigma) {
    if (b->count == TABLES_MAX)
        return NULL;
    b->table = mem_grow(b->table, b->count, &b->cap, sizeof *b->table);
    struct bin_table *t = &b->table[b->count++];
    t->sigma = sigma;
    t->log_mass = mem_alloc((size_t)levels * sizeof *t->log_mass);
    double step = 1 / (levels * sigma);
    for (int k = 0; k < (int)levels; k++)
        t->log_mass[k] = log(between((k - 0.5) * step, (k + 0.5) * step));
    return t->log_mass;
}

static const double *find_masses(const struct bins *b, double sigma) {
    for (size_t i = b->count; i-- > 0;) {
        if (b->table[i].sigma == sigma)
            return b->table[i].log_mass;
    }
    return NULL;
}

/* All slots ask again after the tables were thrown away. */
static const double *renew_masses(struct parzen *p, int32_t axis,
                                  double sigma) {
    struct bins *b = &p->bins[axis];
    double levels = p->cube->axis[axis].levels;
    bins_clear(b);
    for (int64_t k = 0; k <= p->slots; k++) {
        size_t at = (size_t)axis * p->cap + (size_t)k;
        const double *mass = find_masses(b, p->sigma[at]);
        if (isnan(p->sigma[at]))
            continue;
        p->mass[at] = mass ? mass : make_masses(b, levels, p->sigma[at]);
    }
    const double *mass = find_masses(b, sigma);
    return mass ? mass : make_masses(b, levels, sigma);
}

static const double *masses(struct parzen *p, int32_t axis, double sigma) {
    struct bins *b = &p->bins[axis];
    const double *mass = find_masses(b, sigma);
    if (!mass)
        mass = make_masses(b, p->cube->axis[axis].levels, sigma);
    return mass ? mass : renew_masses(p, axis, sigma);
}

void parzen_set(struct parzen *p, int64_t slot, int32_t axis, double mu,
                double sigma) {
    const struct axis *a = &p->cube->axis[axis];
    size_t at = (size_t)axis * p->cap + (size_t)slot;
    if (a->kind == AXIS_CHOICE) {
        p->mu[at] = mu;
        return;
    }
    if (p->mu[at] == mu && p->sigma[at] == sigma)
        return;
    bool same_width = p->sigma[at] == sigma;
    p->mu[at] = mu;
    p->sigma[at] = sigma;
    p->inverse[at] = 1 / sigma;
    p->norm[at] = -log(between(-mu / sigma, (1 - mu) / sigma));
    if (!is_binned(a))
        p->norm[at] -= log(sigma);
    else if (!same_width)
        p->mass[at] = masses(p, axis, sigma);
    p->level[at] = (int64_t)(mu * a->levels);
}

/* The broad kernel: the range's middle and width, or the normal prior's. */
static void set_prior(struct parzen *p) {
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        if (a->kind != AXIS_CHOICE)
            parzen_set(p, p->slots, j, 0.5, a->normal ? 0.25 : 1);
    }
}

/* Choices: log probabilities of the centre and of another one. */
static double choice_log(const struct parzen *p, const struct axis *a,
                         bool same) {
    double share = 1 / (double)(p->members + 1);
    return log(((same ? 1 : 0) + share) / (1 + share * (double)a->count));
}

void parzen_weigh(struct parzen *p, const double *weight) {
    double total = 1;
    p->members = 0;
    for (int64_t k = 0; k < p->slots; k++) {
        total += weight[k];
        p->members += weight[k] > 0;
    }
    set_prior(p);
    for (int64_t k = 0; k <= p->slots; k++) {
        double w = k == p->slots ? 1 : weight[k];
        p->log_weight[k] = w > 0 ? log(w / total) : -INFINITY;
        p->base[k] = p->log_weight[k];
    }
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        const double *norm = p->norm + (size_t)j * p->cap;
        for (int64_t k = 0; a->kind != AXIS_CHOICE && k <= p->slots; k++)
            p->base[k] += p->log_weight[k] > -INFINITY ? norm[k] : 0;
        if (a->kind == AXIS_CHOICE)
            p->base[p->slots] -= log((double)a->count);
    }
}

/* ---- draws -----------------------------------------------------------------
 */

static double draw_normal(double mu, double sigma, double unit) {
    double low = stat_normal_cdf(-mu / sigma);
    double high = stat_normal_cdf((1 - mu) / sigma);
    double at = low + unit * (high - low);
    at = fmin(fmax(at, 0x1p-60), 1 - 0x1p-53);
    return mu + sigma * stat_normal_inverse(at);
}

static double draw_choice(const struct parzen *p, const struct axis *a,
                          double mu, bool prior, struct rng *rng) {
    double share = 1 / (double)(p->members + 1);
    double spread = share * (double)a->count;
    if (prior || rng_unit(rng) * (1 + spread) >= 1)
        return (double)rng_range(rng, 0, a->count - 1);
    return mu;
}

void parzen_draw(const struct parzen *p, struct rng *rng, double *x) {
    double left = rng_unit(rng);
    int64_t slot = 0;
    for (; slot < p->slots; slot++) {
        if (p->log_weight[slot] > -INFINITY)
            left -= exp(p->log_weight[slot]);
        if (left < 0)
            break;
    }
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        size_t at = (size_t)j * p->cap + (size_t)slot;
        if (a->kind == AXIS_CHOICE)
            x[j] = draw_choice(p, a, p->mu[at], slot == p->slots, rng);
        else
            x[j] = draw_normal(p->mu[at], p->sigma[at], rng_unit(rng));
        x[j] = axis_snap(a, x[j]);
    }
}

/* ---- density ---------------------------------------------------------------
 */

/* n: whole lanes, of which the arrays have room. */
LANES_CLONES
static void subtract_squares(const double *restrict mu,
                             const double *restrict inverse, int64_t n,
                             double x, double *restrict sum) {
    for (int64_t k = 0; k < n; k += LANES) {
        lanes z = (x - lanes_at(mu + k)) * lanes_at(inverse + k);
        lanes_put(sum + k, lanes_at(sum + k) - 0.5 * z * z);
    }
}

static void add_normal(const struct parzen *p, int32_t axis, double x) {
    size_t at = (size_t)axis * p->cap;
    subtract_squares(p->mu + at, p->inverse + at, p->slots + 1, x, p->sum);
}

/* The prior's centre is no level when their number is even. */
static double prior_mass(const struct parzen *p, int32_t axis, double x) {
    size_t at = (size_t)axis * p->cap + (size_t)p->slots;
    double half = 0.5 / p->cube->axis[axis].levels;
    double sigma = p->sigma[at], apart = x - p->mu[at];
    return log(between((apart - half) / sigma, (apart + half) / sigma));
}

static void add_bins(const struct parzen *p, int32_t axis, double x) {
    size_t at = (size_t)axis * p->cap;
    const double *const *mass = p->mass + at;
    const int64_t *level = p->level + at;
    int64_t here = (int64_t)(x * p->cube->axis[axis].levels);
    double *sum = p->sum;
    for (int64_t k = 0; k < p->slots; k++)
        sum[k] += mass[k][llabs(here - level[k])];
    sum[p->slots] += prior_mass(p, axis, x);
}

static void add_choice(const struct parzen *p, int32_t axis, double x) {
    const struct axis *a = &p->cube->axis[axis];
    const double *mu = p->mu + (size_t)axis * p->cap;
    double same = choice_log(p, a, true), other = choice_log(p, a, false);
    for (int64_t k = 0; k < p->slots; k++)
        p->sum[k] += mu[k] == x ? same : other;
}

LANES_CLONES
static double largest(const double *restrict x, int64_t n) {
    double most[LANES] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
    int64_t k = 0;
    for (; k + LANES <= n; k += LANES) {
        for (int i = 0; i < LANES; i++)
            most[i] = x[k + i] > most[i] ? x[k + i] : most[i];
    }
    for (; k < n; k++)
        most[0] = x[k] > most[0] ? x[k] : most[0];
    for (int i = 1; i < LANES; i++)
        most[0] = most[i] > most[0] ? most[i] : most[0];
    return most[0];
}

double parzen_log(struct parzen *p, const double *x) {
    memcpy(p->sum, p->base, (size_t)(p->slots + 1) * sizeof *p->sum);
    for (int32_t j = 0; j < p->cube->dims; j++) {
        const struct axis *a = &p->cube->axis[j];
        if (a->kind == AXIS_CHOICE)
            add_choice(p, j, x[j]);
        else if (is_binned(a))
            add_bins(p, j, x[j]);
        else
            add_normal(p, j, x[j]);
    }
    double most = largest(p->sum, p->slots + 1), total = 0;
    for (int64_t k = 0; k <= p->slots; k++) {
        if (p->sum[k] > most + NEGLIGIBLE)
            total += exp(p->sum[k] - most);
    }
    return most + log(total);
}
