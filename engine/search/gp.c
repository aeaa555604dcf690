/* Bayesian optimisation with a Gaussian process.
 *
 * The first n_initial_points are a scrambled Sobol design. From then on a
 * process is fitted to the scores (gp_process) and the place with the
 * largest acquisition is asked (gp_acquire, gp_search).
 *
 * Scores are clipped below at five interquartile ranges under the median (bad
 * backtests lose wildly, and a stationary model would bend to them), then
 * centred and scaled. Backtests repeat exactly, so the noise stays at its floor
 * unless `noisy`. Trials without a number, pruned ones too, are left out of
 * this process, violated ones are in it. A second one learns where a trial
 * counts: +1 there, -1 where it came to nothing, and where constraints on the
 * result are violated, minus by how much, in medians of that, since near misses
 * show the border. It is one for all constraints: a verdict has their sum.
 * Its values jump at the border, which no smooth process does; one without
 * noise follows them there by a length of nothing, and then knows nothing of
 * any other place. So its noise is fitted.
 *
 * Trials that still run have a score that is made up, so that a batch spreads:
 * the worst so far (a constant liar), or the mean that the model expects there
 * (a kriging believer, which stays closer to the best).
 *
 * Parameters are fitted a little further at each ask (gp_process). Beyond MOST
 * trials the best and the newest halves stand for all; in the second process,
 * which knows no best, the newest do.
 *
 * As long as no trial counts and none tells by how much it is off, a process
 * knows no more than that places near those were wrong: the design goes on,
 * which finds a small region as soon and costs nothing. Points that a
 * constraint on parameters excluded had no result, so patience ignores them.
 *
 * A process that has seen little but the slopes of one hill believes in that
 * hill for ever. So when it expects less than NOTHING standard deviations from
 * the best place it knows of, a new run begins: a new stretch of the design,
 * and a process that does not see what came before it. What failed is never
 * forgotten, nor the best.
 */
#include "search/gp_acquire.h"

#include "base/mem.h"
#include "base/stat.h"
#include "search/gp_process.h"
#include "search/sampler.h"
#include "search/sobol.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 500, LEAVE_OUT = 16 };
#define NOTHING 1e-4
#define OFF_MOST 4.0 /* medians of a violation that are told apart */

struct gp {
    struct sampler base;
    struct gp_options options;
    struct sobol design;
    struct gp_process objective, feasible;
    int64_t asked_at;         /* trials told when a model was last asked */
    int64_t numbers;          /* trials that count */
    int64_t off, excluded;    /* violated by a number; never run */
    int64_t from;             /* first row of this run */
    int64_t best;             /* row of its best, -1 = none */
    int64_t rounds, round_at; /* after the first design; results at the last */
    double anchor;            /* score of the last step up, */
    int64_t anchor_round;     /* and when that was */
};

/* ---- which trials ----------------------------------------------------------
 */

static int older_first(const void *a, const void *b) {
    int64_t i = *(const int64_t *)a, k = *(const int64_t *)b;
    return (i > k) - (i < k);
}

/* Of rows [n] in order the best and the newest MOST / 2. */
static int64_t thin(const struct gp *g, int64_t *rows, int64_t n) {
    int64_t half = MOST / 2, older = n - half;
    sampler_sort(&g->base, rows, older);
    memmove(rows + half, rows + older, (size_t)half * sizeof *rows);
    qsort(rows, (size_t)half, sizeof *rows, older_first);
    return MOST;
}

static int64_t choose(const struct gp *g, bool numbers_only, int64_t *rows) {
    const struct trials *t = &g->base.trials;
    int64_t n = 0;
    for (int64_t row = numbers_only ? g->from : 0; row < t->told; row++) {
        if (!numbers_only || !isnan(t->score[row]))
            rows[n++] = row;
    }
    if (n <= MOST)
        return n;
    if (numbers_only)
        return thin(g, rows, n);
    memmove(rows, rows + (n - MOST), MOST * sizeof *rows);
    return MOST;
}

/* ---- scores ----------------------------------------------------------------
 */

/* Clips and standardises y [n]; returns the scale, to measure xi by. */
static double standardise(double *y, int64_t n) {
    double *sorted = mem_alloc((size_t)n * sizeof *sorted);
    memcpy(sorted, y, (size_t)n * sizeof *y);
    stat_sort(sorted, (size_t)n);
    double quartile = stat_quantile(sorted, (size_t)n, 0.25);
    double middle = stat_quantile(sorted, (size_t)n, 0.5);
    double iqr = stat_quantile(sorted, (size_t)n, 0.75) - quartile;
    free(sorted);
    double least = iqr > 0 ? middle - 5 * iqr : -INFINITY;
    double mean = 0, square = 0;
    for (int64_t i = 0; i < n; i++) {
        y[i] = fmax(y[i], least);
        mean += y[i] / (double)n;
    }
    for (int64_t i = 0; i < n; i++)
        square += (y[i] - mean) * (y[i] - mean) / (double)n;
    double scale = square > 0 ? sqrt(square) : 1;
    for (int64_t i = 0; i < n; i++)
        y[i] = (y[i] - mean) / scale;
    return scale;
}

/* ---- models ----------------------------------------------------------------
 */

/* Trials that run, with the score that is believed of them. */
static void believe(const struct gp *g, struct gp_model *m, bool worst) {
    const struct trials *t = &g->base.trials;
    double lie = INFINITY;
    size_t n = m->n;
    for (size_t i = 0; i < n; i++)
        lie = fmin(lie, m->y[i]);
    int64_t running = t->count - t->told;
    double *y = mem_alloc((size_t)(running + 1) * sizeof *y);
    for (int64_t i = 0; i < running; i++)
        y[i] =
            worst ? lie : gp_model_mean(m, sampler_row(&g->base, t->told + i));
    for (int64_t i = 0; i < running; i++)
        gp_model_append(m, sampler_row(&g->base, t->told + i), y[i]);
    free(y);
    if (m->n > n)
        gp_model_weigh(m);
}

/* ---- one ask ---------------------------------------------------------------
 */

/* Evaluations for the fit of one process, of n trials. */
static int32_t pays(const struct gp *g, bool scores, int64_t n) {
    const struct trials *t = &g->base.trials;
    bool both = g->best >= 0 && g->numbers < t->told;
    return gp_process_pays(n, both ? 2 : 1, scores == (t->count % 2 == 0));
}

static void model_scores(struct gp *g, bool news, struct gp_aim *aim) {
    const struct trials *t = &g->base.trials;
    int64_t *rows = mem_alloc((size_t)(t->told + 1) * sizeof *rows);
    int64_t n = choose(g, true, rows);
    double *y = mem_alloc((size_t)(n + 1) * sizeof *y);
    for (int64_t i = 0; i < n; i++)
        y[i] = t->score[rows[i]];
    double scale = standardise(y, n);
    gp_process_follow(&g->objective, &g->base, rows, n, y, news,
                      pays(g, true, n));
    struct gp_model *m = &g->objective.model;
    believe(g, m, g->options.believe == BELIEVE_WORST);
    aim->objective = m;
    aim->best = -INFINITY;
    for (int64_t i = 0; i < (int64_t)m->n; i++) {
        if (i >= n || sampler_counts(&g->base, rows[i]))
            aim->best = fmax(aim->best, m->y[i]);
    }
    aim->best += g->options.xi / scale;
    aim->incumbent = sampler_row(&g->base, g->best);
    free(rows);
    free(y);
}

/* Of how much violated trials are off, in the middle; NaN when none is. */
static double middle_violation(const struct gp *g, const int64_t *rows,
                               int64_t n) {
    double *off = mem_alloc((size_t)(n + 1) * sizeof *off);
    size_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = g->base.trials.violation[rows[i]];
        if (v > 0 && isfinite(v))
            off[count++] = v;
    }
    stat_sort(off, count);
    double middle = count > 0 ? stat_quantile(off, count, 0.5) : (double)NAN;
    free(off);
    return middle;
}

static void rate(const struct gp *g, const int64_t *rows, int64_t n,
                 double *y) {
    double unit = middle_violation(g, rows, n);
    for (int64_t i = 0; i < n; i++) {
        double v = g->base.trials.violation[rows[i]];
        if (sampler_counts(&g->base, rows[i]))
            y[i] = 1;
        else
            y[i] = v > 0 && isfinite(v) ? -fmin(v / unit, OFF_MOST) : -1;
    }
}

static void model_failures(struct gp *g, bool news, struct gp_aim *aim) {
    const struct trials *t = &g->base.trials;
    int64_t *rows = mem_alloc((size_t)(t->told + 1) * sizeof *rows);
    int64_t n = choose(g, false, rows);
    double *y = mem_alloc((size_t)(n + 1) * sizeof *y);
    rate(g, rows, n, y);
    gp_process_follow(&g->feasible, &g->base, rows, n, y, news,
                      pays(g, false, n));
    believe(g, &g->feasible.model, false);
    aim->feasible = &g->feasible.model;
    free(rows);
    free(y);
}

static void next_of_design(struct gp *g, double *x) {
    sobol_next(&g->design, x);
    for (int32_t j = 0; j < g->base.cube.dims; j++)
        x[j] = axis_draw(&g->base.cube.axis[j], x[j]);
}

/* The design leaves out what would fail, as far as that is known. */
static void propose_design(struct gp *g, double *x) {
    if (g->design.dims == 0) {
        struct rng key;
        rng_key(&key, g->base.base.seed, "search:gp:design", 0);
        sobol_init(&g->design, g->base.cube.dims, &key);
    }
    next_of_design(g, x);
    for (int i = 0; i < LEAVE_OUT && g->feasible.model.n > 0; i++) {
        if (gp_model_mean(&g->feasible.model, x) > 0)
            return;
        next_of_design(g, x);
    }
}

static void start_run(struct gp *g) {
    g->from = g->base.trials.count;
    g->best = -1;
    gp_process_forget(&g->objective);
}

/* What the place promises, in standard deviations of the scores. */
static double promise(const struct gp_aim *aim, const double *x) {
    struct gp_aim plain = *aim;
    plain.feasible = NULL;
    plain.acquisition = ACQUIRE_EI;
    if (!aim->objective)
        return INFINITY;
    double log_ei;
    gp_acquire(&plain, &x, 1, &log_ei, NULL);
    return exp(log_ei);
}

static void aim_at(struct gp *g, struct gp_aim *aim) {
    bool news = g->base.trials.told > g->asked_at;
    g->asked_at = g->base.trials.told;
    if (g->best >= 0)
        model_scores(g, news, aim);
    if (g->numbers < g->base.trials.told)
        model_failures(g, news, aim);
}

static int64_t results(const struct gp *g) {
    return g->base.trials.told - g->excluded;
}

static void count_round(struct gp *g) {
    if (g->rounds > 0 && g->round_at == results(g))
        return;
    g->round_at = results(g);
    g->rounds++;
}

static void propose_model(struct gp *g, struct rng *rng, double *x) {
    struct gp_aim aim = {.acquisition = g->options.acquisition,
                         .kappa = g->options.kappa};
    aim_at(g, &aim);
    struct gp_places places;
    gp_search(&aim, rng, &places);
    if (promise(&aim, places.x[0]) < NOTHING) {
        start_run(g);
        propose_design(g, x);
        return;
    }
    int32_t at = 0;
    while (at + 1 < places.count && !sampler_is_new(&g->base, places.x[at]))
        at++;
    memcpy(x, places.x[at], (size_t)g->base.cube.dims * sizeof *x);
}

static bool knows_nothing(const struct gp *g) {
    return g->numbers == 0 && g->off == 0;
}

static void propose(struct sampler *s, struct rng *rng, int tries, double *x) {
    struct gp *g = (struct gp *)s;
    if (s->trials.told >= g->options.startup)
        count_round(g);
    if (s->trials.told - g->from < g->options.startup || knows_nothing(g))
        propose_design(g, x);
    else if (tries == 0)
        propose_model(g, rng, x);
    else
        cube_draw(&s->cube, rng, x);
}

static void learn(struct sampler *s, int64_t row) {
    struct gp *g = (struct gp *)s;
    double score = s->trials.score[row], off = s->trials.violation[row];
    if (off > 0 && isfinite(off))
        g->off++;
    if (!sampler_counts(s, row))
        return;
    if (g->numbers++ == 0 || score > g->anchor + g->options.threshold) {
        g->anchor = score;
        g->anchor_round = g->rounds;
    }
    if (row >= g->from && (g->best < 0 || score > s->trials.score[g->best]))
        g->best = row;
}

/* Too many rounds without a step up. A round is what one model was asked: a
 * single trial, or a whole batch, whose trials know nothing of each other. */
static bool over(const struct sampler *s) {
    const struct gp *g = (const struct gp *)s;
    bool told = results(g) > g->round_at;
    return g->options.patience > 0 && told &&
           g->rounds - g->anchor_round >= g->options.patience;
}

static void exclude(struct search *base, const struct point *p) {
    struct gp *g = (struct gp *)base;
    bt_verdict none = {.score = {NAN}};
    g->excluded++;
    sampler_tell(base, p, &none);
}

static void fini(struct sampler *s) {
    struct gp *g = (struct gp *)s;
    gp_process_fini(&g->objective);
    gp_process_fini(&g->feasible);
}

static const struct sampler_kind gp_kind = {
    .search = SAMPLER_KIND(true),
    .search.excluded = exclude,
    .stream = "search:gp",
    .propose = propose,
    .learn = learn,
    .over = over,
    .fini = fini,
};

struct search *gp_new(const bt_space *space, const struct gp_options *o) {
    struct gp *g = mem_zalloc(1, sizeof *g);
    sampler_init(&g->base, &gp_kind, space);
    g->options = *o;
    g->best = -1;
    gp_process_init(&g->objective, &g->base.cube, o->noisy);
    gp_process_init(&g->feasible, &g->base.cube, true);
    return &g->base.base;
}
