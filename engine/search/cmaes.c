/* CMA-ES over the numbers of a space, with restarts.
 *
 * A generation is `lambda` told trials in a row; each moves the distribution
 * (cma.c). Trials that were asked of an earlier distribution, because a batch
 * reached over the generation's end, count with their place in the present one.
 * Trials that do not count are the worst (bt_verdict has their order). Draws
 * outside the box are repeated, then clipped; steps have a margin. Choices,
 * which have no distances, are drawn by how often they were in the better half
 * so far.
 *
 * When a run has converged or stands still, the next one begins from a random
 * mean: under IPOP with twice the trials a generation, under BIPOP in turns
 * with that and with small ones, whichever has used fewer trials (Hansen 2009).
 */
#include "base/mem.h"
#include "search/cma.h"
#include "search/sampler.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { STILL = 10 };   /* generations, and 30 d / lambda */
#define CONVERGED 1e-9 /* of the box */
#define FLAT 1e-12     /* relative, over the best of STILL generations */
#define CONDITION_MOST 1e14

struct cmaes {
    struct sampler base;
    struct cmaes_options options;
    struct cma cma;
    int32_t dims, axis[SPACE_MAX]; /* axes that are numbers */
    double *raw; /* [pending][dims] draws before they were put on levels */
    size_t raw_cap;
    int64_t slipped, first;    /* first: row where the generation begins */
    double *gathered;          /* [lambda][dims] raw of the generation so far */
    double *chance[SPACE_MAX]; /* of a choice axis' choices */
    double *history;           /* best scores of generations, newest last */
    int32_t history_count;
    int32_t usual;            /* lambda of the first run */
    int32_t large;            /* doublings so far */
    int64_t spent[2], run_at; /* trials of large and small runs; row of begin */
    bool small, started;
};

/* ---- runs ------------------------------------------------------------------
 */

static int32_t history_size(const struct cmaes *s) {
    return STILL + (int32_t)ceil(30.0 * s->dims / s->cma.k.lambda);
}

static void begin_run(struct cmaes *s, int32_t lambda, const double *mean,
                      double sigma) {
    cma_start(&s->cma, lambda, mean, sigma);
    size_t room = (size_t)lambda * (size_t)s->dims;
    s->gathered = mem_realloc(s->gathered, room * sizeof *s->gathered);
    s->history =
        mem_realloc(s->history, (size_t)history_size(s) * sizeof *s->history);
    s->history_count = 0;
    s->run_at = s->base.trials.told;
}

static void begin_first(struct cmaes *s) {
    double mean[SPACE_MAX];
    for (int32_t j = 0; j < s->dims; j++)
        mean[j] = 0.5;
    s->started = true;
    begin_run(s, s->usual, mean, s->options.sigma);
}

static void restart(struct cmaes *s) {
    struct rng rng;
    double mean[SPACE_MAX], sigma = s->options.sigma;
    int64_t told = s->base.trials.told;
    s->spent[s->small] += told - s->run_at;
    s->small = s->options.restarts == RESTART_BIPOP && s->large > 0 &&
               s->spent[1] < s->spent[0];
    rng_key(&rng, s->base.base.seed, "search:cmaes:restart", (uint64_t)told);
    for (int32_t j = 0; j < s->dims; j++)
        mean[j] = rng_unit(&rng);
    double lambda = s->usual, unit = rng_unit(&rng);
    if (s->small) {
        lambda *= pow(pow(2, s->large) / 2, unit * unit);
        sigma *= pow(10, -2 * rng_unit(&rng));
    } else {
        s->large++;
        lambda = fmin(lambda * pow(2, s->large), 1e5);
    }
    begin_run(s, (int32_t)lambda, mean, sigma);
}

/* The best of each generation; true when they are all alike. */
static bool stands_still(struct cmaes *s, double best) {
    int32_t size = history_size(s);
    double low = best, high = best;
    if (s->history_count == size)
        memmove(s->history, s->history + 1,
                (size_t)--s->history_count * sizeof *s->history);
    s->history[s->history_count++] = best;
    for (int32_t i = 0; i < s->history_count; i++) {
        low = fmin(low, s->history[i]);
        high = fmax(high, s->history[i]);
    }
    return s->history_count == size &&
           high - low <= FLAT * fmax(fabs(high), 1e-300);
}

/* ---- a generation ----------------------------------------------------------
 */

/* Half of the chance as it was, half as in the better half; none below a
 * margin. */
static void learn_choices(struct cmaes *s, const int64_t *rows) {
    const struct cma_constants *k = &s->cma.k;
    for (int32_t j = 0; j < s->base.cube.dims; j++) {
        double *chance = s->chance[j];
        int32_t n = s->base.cube.axis[j].count;
        if (!chance)
            continue;
        double rate = 1.0 / (1 + n), least = 1.0 / (k->lambda * n), sum = 0;
        for (int32_t c = 0; c < n; c++)
            chance[c] *= 1 - rate;
        for (int32_t i = 0; i < k->mu; i++)
            chance[(int32_t)sampler_row(&s->base, rows[i])[j]] +=
                rate * k->weights[i];
        for (int32_t c = 0; c < n; c++) {
            chance[c] = fmax(chance[c], least);
            sum += chance[c];
        }
        for (int32_t c = 0; c < n; c++)
            chance[c] /= sum;
    }
}

static void keep_margins(struct cmaes *s) {
    double alpha = 1.0 / (s->dims * (double)s->cma.k.lambda);
    for (int32_t j = 0; j < s->dims; j++) {
        const struct axis *a = &s->base.cube.axis[s->axis[j]];
        if (a->kind != AXIS_STEPS) {
            s->cma.mean[j] = axis_snap(a, s->cma.mean[j]);
            continue;
        }
        double k = axis_level(a, s->cma.mean[j]);
        cma_margin(&s->cma, j, axis_edge(a, k), axis_edge(a, k + 1), alpha);
    }
}

static void end_generation(struct cmaes *s) {
    int32_t lambda = s->cma.k.lambda;
    size_t n = (size_t)s->dims;
    int64_t *rows = mem_alloc((size_t)lambda * sizeof *rows);
    double *x = mem_alloc((size_t)lambda * n * sizeof *x);
    for (int32_t i = 0; i < lambda; i++)
        rows[i] = s->first + i;
    sampler_sort(&s->base, rows, lambda);
    for (int32_t i = 0; i < lambda; i++)
        memcpy(x + (size_t)i * n,
               s->gathered + (size_t)(rows[i] - s->first) * n, n * sizeof *x);
    bool counts = sampler_counts(&s->base, rows[0]);
    double best = counts ? s->base.trials.score[rows[0]] : -INFINITY;
    if (sampler_ran(&s->base, rows[0])) {
        cma_update(&s->cma, x);
        learn_choices(s, rows);
        keep_margins(s);
    }
    free(rows);
    free(x);
    s->first = s->base.trials.told;
    if (s->options.restarts != RESTART_NEVER &&
        (stands_still(s, best) || cma_spread(&s->cma) < CONVERGED ||
         cma_condition(&s->cma) > CONDITION_MOST))
        restart(s);
}

/* ---- ask and tell ----------------------------------------------------------
 */

static bool is_inside(const double *x, int32_t n) {
    for (int32_t j = 0; j < n; j++) {
        if (!(x[j] >= 0 && x[j] <= 1))
            return false;
    }
    return true;
}

static double pick_choice(const double *chance, int32_t n, double unit) {
    int32_t c = 0;
    while (c < n - 1 && unit >= chance[c])
        unit -= chance[c++];
    return c;
}

static double *raw_of(struct cmaes *s, int64_t pending) {
    size_t n = (size_t)s->dims;
    if ((size_t)pending >= s->raw_cap) {
        s->raw_cap = 2 * (size_t)pending + 16;
        s->raw = mem_realloc(s->raw, s->raw_cap * n * sizeof *s->raw);
    }
    return s->raw + (size_t)pending * n;
}

static void cmaes_propose(struct sampler *base, struct rng *rng, int tries,
                          double *x) {
    struct cmaes *s = (struct cmaes *)base;
    (void)tries;
    if (!s->started)
        begin_first(s);
    double *raw = raw_of(s, base->trials.count - base->trials.told);
    cma_draw(&s->cma, rng, raw);
    for (int i = 0; i < 10 * s->dims && !is_inside(raw, s->dims); i++)
        cma_draw(&s->cma, rng, raw);
    for (int32_t j = 0; j < base->cube.dims; j++) {
        const struct axis *a = &base->cube.axis[j];
        if (a->kind == AXIS_CHOICE)
            x[j] = pick_choice(s->chance[j], a->count, rng_unit(rng));
    }
    for (int32_t j = 0; j < s->dims; j++) {
        raw[j] = fmin(fmax(raw[j], 0), 1);
        x[s->axis[j]] = axis_snap(&base->cube.axis[s->axis[j]], raw[j]);
    }
}

/* The draw of the row, or its own place when it was not drawn here. */
static void gather(struct cmaes *s, int64_t row, const double *raw) {
    double *to = s->gathered + (size_t)(row - s->first) * (size_t)s->dims;
    const double *x = sampler_row(&s->base, row);
    for (int32_t j = 0; j < s->dims; j++) {
        const struct axis *a = &s->base.cube.axis[s->axis[j]];
        double at = x[s->axis[j]];
        bool same = raw && a->kind == AXIS_STEPS && axis_snap(a, raw[j]) == at;
        to[j] = same ? raw[j] : at;
    }
}

static void cmaes_learn(struct sampler *base, int64_t row) {
    struct cmaes *s = (struct cmaes *)base;
    if (!s->started)
        begin_first(s);
    int64_t slipped = base->trials.count - base->base.asked + base->moved;
    bool own = slipped == s->slipped;
    s->slipped = slipped;
    gather(s, row, own ? s->raw : NULL);
    if (own) {
        size_t left = (size_t)(base->trials.count - base->trials.told);
        size_t n = (size_t)s->dims;
        memmove(s->raw, s->raw + n, left * n * sizeof *s->raw);
    }
    if (row - s->first + 1 == s->cma.k.lambda)
        end_generation(s);
}

static void cmaes_fini(struct sampler *base) {
    struct cmaes *s = (struct cmaes *)base;
    for (int32_t j = 0; j < base->cube.dims; j++)
        free(s->chance[j]);
    free(s->raw);
    free(s->gathered);
    free(s->history);
    cma_fini(&s->cma);
}

static const struct sampler_kind cmaes_kind = {
    .search = SAMPLER_KIND(true),
    .stream = "search:cmaes",
    .propose = cmaes_propose,
    .learn = cmaes_learn,
    .fini = cmaes_fini,
};

static void choose_axes(struct cmaes *s) {
    for (int32_t j = 0; j < s->base.cube.dims; j++) {
        const struct axis *a = &s->base.cube.axis[j];
        if (a->kind != AXIS_CHOICE) {
            s->axis[s->dims++] = j;
            continue;
        }
        s->chance[j] = mem_alloc((size_t)a->count * sizeof(double));
        for (int32_t c = 0; c < a->count; c++)
            s->chance[j][c] = 1.0 / a->count;
    }
}

struct search *cmaes_new(const bt_space *space, const struct cmaes_options *o) {
    struct cmaes *s = mem_zalloc(1, sizeof *s);
    sampler_init(&s->base, &cmaes_kind, space);
    s->options = *o;
    choose_axes(s);
    s->usual = o->population ? o->population
                             : 4 + (int32_t)floor(3 * log(fmax(s->dims, 1)));
    cma_init(&s->cma, s->dims, s->usual);
    return &s->base.base;
}
