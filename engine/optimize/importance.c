/* Which parameters matter: functional analysis of variance over a forest.
 *
 * Regression trees on resampled trials cut the space into boxes of one score
 * each. Of such a tree the mean over all other parameters is exact, box by box,
 * so the variance that one parameter explains alone is, too. What the single
 * ones leave is due to them together.
 *
 * Coordinates are ranks scaled to 0..1 (ranks.h), so every value that was tried
 * weighs the same and the unit of a parameter is of no matter; choices are
 * ordered by their mean score, since only their order can be cut.
 *
 * A forest grown on noise finds reasons for it, too: three idle parameters
 * would share half of the variance of a hundred trials. So each trial is
 * guessed by the trees whose sample left it out (Breiman 2001, out-of-bag), and
 * where that is no better than the mean of all, parameters explain nothing.
 *
 * The trials are sorted once along each parameter; a tree's sample keeps those
 * orders, and so do the parts of a cut. A whole grid needs no forest
 * (importance_grid.c). Cost: TREES * params * (n * depth +
 * leaves^2), n at most SAMPLE; seeded.
 */
#include "optimize/importance.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/stat.h"
#include "base/status.h"
#include "optimize/odds.h"
#include "optimize/ranks.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TREES = 32, SAMPLE = 1000, LEAF = 2, DEPTH_MAX = 40 };

struct forest {
    int32_t n, params; /* trials in reach */
    double *at;        /* [n * params] 0..1 */
    double *score;     /* [n] */
    int32_t *sorted;   /* [params * n] trials along each parameter */
    int32_t *sample;   /* the same of the growing tree; a node is a range */
    int32_t *room;     /* [n] */
    int32_t *times;    /* [n] that a trial is in the sample */
    struct tree *tree; /* the one that grows */
    double *guess;     /* [n] sums over trees that do not know the trial */
    int32_t *guesses;  /* [n] how many those are */
};

/* Boxes side by side that fill the cube. */
struct tree {
    double *low, *high; /* [cap * params] */
    double *value;      /* [cap] */
    int32_t leaves, cap;
};

/* ---- growing ------------------------------------------------------------- */

struct cut {
    int32_t param;
    double at, gain;
};

/* Trials of the tree's sample, from .. to - 1 in each parameter's order. */
struct node {
    int32_t from, to;
};

static double place(const struct forest *f, int32_t trial, int32_t param) {
    return f->at[(int64_t)trial * f->params + param];
}

static double sum_scores(const struct forest *f, struct node node) {
    double sum = 0;
    for (int32_t i = node.from; i < node.to; i++)
        sum += f->score[f->sample[i]];
    return sum;
}

/* The best cut along one parameter: largest fall of the squared error. */
static void try_param(const struct forest *f, struct node node, int32_t param,
                      double all, struct cut *best) {
    const int32_t *in = f->sample + (int64_t)param * f->n + node.from;
    int32_t n = node.to - node.from;
    double left = 0, before = place(f, in[0], param);
    for (int32_t i = 1; i < n; i++) {
        double at = place(f, in[i], param);
        left += f->score[in[i - 1]];
        if (at > before && i >= LEAF && n - i >= LEAF) {
            double right = all - left;
            double gain =
                left * left / i + right * right / (n - i) - all * all / n;
            if (gain > best->gain)
                *best = (struct cut){param, (at + before) / 2, gain};
        }
        before = at;
    }
}

static struct cut find_cut(const struct forest *f, struct node node) {
    struct cut best = {-1, 0, 1e-12};
    double all = sum_scores(f, node);
    for (int32_t p = 0; p < f->params; p++)
        try_param(f, node, p, all, &best);
    return best;
}

static void add_leaf(struct forest *f, struct node node, const double *low,
                     const double *high) {
    struct tree *t = f->tree;
    size_t d = (size_t)f->params;
    if (t->leaves == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->low = mem_realloc(t->low, (size_t)t->cap * d * sizeof(double));
        t->high = mem_realloc(t->high, (size_t)t->cap * d * sizeof(double));
        t->value = mem_realloc(t->value, (size_t)t->cap * sizeof(double));
    }
    memcpy(t->low + (size_t)t->leaves * d, low, d * sizeof *low);
    memcpy(t->high + (size_t)t->leaves * d, high, d * sizeof *high);
    t->value[t->leaves++] = sum_scores(f, node) / (node.to - node.from);
}

/* Those below the cut first, in each order; returns where the others begin. */
static int32_t part(struct forest *f, struct node node, const struct cut *cut) {
    int32_t below = node.from;
    for (int32_t p = 0; p < f->params; p++) {
        int32_t *in = f->sample + (int64_t)p * f->n, others = 0;
        below = node.from;
        for (int32_t i = node.from; i < node.to; i++) {
            int32_t trial = in[i];
            if (place(f, trial, cut->param) < cut->at)
                in[below++] = trial;
            else
                f->room[others++] = trial;
        }
        memcpy(in + below, f->room, (size_t)others * sizeof *in);
    }
    return below;
}

/* low and high are the box, changed and put back. */
static void grow(struct forest *f, struct node node, int32_t depth, double *low,
                 double *high) {
    struct cut cut = {-1, 0, 0};
    if (node.to - node.from >= 2 * LEAF && depth < DEPTH_MAX)
        cut = find_cut(f, node);
    if (cut.param < 0) {
        add_leaf(f, node, low, high);
        return;
    }
    int32_t middle = part(f, node, &cut), p = cut.param;
    double was = high[p];
    high[p] = cut.at;
    grow(f, (struct node){node.from, middle}, depth + 1, low, high);
    high[p] = was;
    was = low[p];
    low[p] = cut.at;
    grow(f, (struct node){middle, node.to}, depth + 1, low, high);
    low[p] = was;
}

/* As many trials as there are, with replacement, along each parameter. */
static void draw_sample(struct forest *f, uint64_t seed, int32_t number) {
    struct rng rng;
    int32_t *times = f->times;
    memset(times, 0, (size_t)f->n * sizeof *times);
    rng_key(&rng, seed, "importance", (uint64_t)number);
    for (int32_t i = 0; i < f->n; i++)
        times[rng_range(&rng, 0, f->n - 1)]++;
    int32_t *out = f->sample;
    for (int64_t i = 0; i < (int64_t)f->params * f->n; i++) {
        for (int32_t k = 0; k < times[f->sorted[i]]; k++)
            *out++ = f->sorted[i];
    }
}

static void grow_tree(struct forest *f, uint64_t seed, int32_t number) {
    size_t d = (size_t)f->params;
    double *low = mem_zalloc(d, sizeof *low),
           *high = mem_alloc(d * sizeof *high);
    for (size_t i = 0; i < d; i++)
        high[i] = 1;
    draw_sample(f, seed, number);
    f->tree->leaves = 0;
    grow(f, (struct node){0, f->n}, 0, low, high);
    free(low);
    free(high);
}

/* ---- variance ------------------------------------------------------------ */

static double volume(const struct forest *f, int32_t leaf, int32_t without) {
    double v = 1;
    int64_t at = (int64_t)leaf * f->params;
    for (int32_t p = 0; p < f->params; p++) {
        if (p != without)
            v *= f->tree->high[at + p] - f->tree->low[at + p];
    }
    return v;
}

static double total_variance(const struct forest *f, double *mean) {
    const struct tree *t = f->tree;
    double sum = 0, variance = 0;
    for (int32_t i = 0; i < t->leaves; i++)
        sum += volume(f, i, -1) * t->value[i];
    for (int32_t i = 0; i < t->leaves; i++)
        variance +=
            volume(f, i, -1) * (t->value[i] - sum) * (t->value[i] - sum);
    *mean = sum;
    return variance;
}

/* Of the mean over all other parameters, along p. */
static double own_variance(const struct forest *f, int32_t p, double mean) {
    const struct tree *t = f->tree;
    double *edge = mem_alloc(((size_t)t->leaves + 1) * sizeof *edge);
    double variance = 0;
    for (int32_t i = 0; i < t->leaves; i++)
        edge[i] = t->low[(int64_t)i * f->params + p];
    edge[t->leaves] = 1;
    stat_sort(edge, (size_t)t->leaves + 1);
    for (int32_t e = 0; e < t->leaves; e++) {
        double width = edge[e + 1] - edge[e], level = 0;
        if (!(width > 0))
            continue;
        for (int32_t i = 0; i < t->leaves; i++) {
            int64_t at = (int64_t)i * f->params + p;
            if (t->low[at] <= edge[e] && t->high[at] > edge[e])
                level += volume(f, i, p) * t->value[i];
        }
        variance += width * (level - mean) * (level - mean);
    }
    free(edge);
    return variance;
}

/* ---- trials that were left out ------------------------------------------- */

static bool is_inside(const struct forest *f, int32_t leaf, int32_t trial) {
    const double *low = f->tree->low + (int64_t)leaf * f->params;
    const double *high = f->tree->high + (int64_t)leaf * f->params;
    for (int32_t p = 0; p < f->params; p++) {
        double at = place(f, trial, p);
        if (at < low[p] || at >= high[p])
            return false;
    }
    return true;
}

static void guess_trials(struct forest *f) {
    for (int32_t t = 0; t < f->n; t++) {
        int32_t leaf = 0;
        if (f->times[t] > 0)
            continue;
        while (!is_inside(f, leaf, t))
            leaf++;
        f->guess[t] += f->tree->value[leaf];
        f->guesses[t]++;
    }
}

/* The guesses are nearer to the scores than the mean is. */
static bool explains(const struct forest *f) {
    double mean = 0, missed = 0, varies = 0;
    for (int32_t t = 0; t < f->n; t++)
        mean += f->score[t] / f->n;
    for (int32_t t = 0; t < f->n; t++) {
        if (f->guesses[t] == 0)
            continue;
        double guess = f->guess[t] / f->guesses[t];
        missed += (f->score[t] - guess) * (f->score[t] - guess);
        varies += (f->score[t] - mean) * (f->score[t] - mean);
    }
    return missed < varies;
}

/* ---- the whole ----------------------------------------------------------- */

struct sorted {
    double at, score;
};

static int by_place(const void *a, const void *b) {
    const struct sorted *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->score > y->score) - (x->score < y->score);
}

/* Choices by their mean score, so that a cut parts good from bad. */
static void order_choices(struct forest *f, struct ranks *r, int32_t p) {
    int32_t levels = r->levels[p];
    struct sorted *mean = mem_zalloc((size_t)levels, sizeof *mean);
    double *count = mem_zalloc((size_t)levels, sizeof *count);
    int32_t *place = mem_zalloc((size_t)levels, sizeof *place);
    for (int32_t t = 0; t < f->n; t++) {
        int32_t level = ranks_level(r, t, p);
        mean[level].at += f->score[t];
        count[level] += 1;
    }
    for (int32_t i = 0; i < levels; i++)
        mean[i] = (struct sorted){mean[i].at / count[i], i};
    qsort(mean, (size_t)levels, sizeof *mean, by_place);
    for (int32_t i = 0; i < levels; i++)
        place[(int32_t)mean[i].score] = i;
    for (int32_t t = 0; t < f->n; t++) {
        int32_t *level = &r->level[(int64_t)t * r->params + p];
        *level = place[*level];
    }
    free(mean);
    free(count);
    free(place);
}

/* At most SAMPLE of the trials with a score, by a keyed draw. */
static void take_trials(struct forest *f, const double *x, const double *score,
                        int32_t trials, uint64_t seed, double *kept) {
    struct rng rng;
    int32_t left = 0, room = SAMPLE;
    for (int32_t t = 0; t < trials; t++)
        left += !isnan(score[t]);
    rng_key(&rng, seed, "importance trials", 0);
    for (int32_t t = 0; t < trials; t++) {
        if (isnan(score[t]))
            continue;
        if (rng_unit(&rng) * left-- < room) {
            room--;
            memcpy(kept + (int64_t)f->n * f->params, x + (int64_t)t * f->params,
                   (size_t)f->params * sizeof *x);
            f->score[f->n++] = score[t];
        }
    }
}

/* Trials by level, those of a level by number. */
static void sort_trials(struct forest *f, const struct ranks *r, int32_t p) {
    int32_t *start = mem_zalloc((size_t)r->levels[p] + 1, sizeof *start);
    for (int32_t t = 0; t < f->n; t++)
        start[ranks_level(r, t, p) + 1]++;
    for (int32_t i = 0; i < r->levels[p]; i++)
        start[i + 1] += start[i];
    for (int32_t t = 0; t < f->n; t++)
        f->sorted[(int64_t)p * f->n + start[ranks_level(r, t, p)]++] = t;
    free(start);
}

static void place_trials(struct forest *f, const double *kept,
                         const int32_t *is_choice) {
    struct ranks r;
    ranks_init(&r, kept, f->n, f->params);
    for (int32_t p = 0; p < f->params; p++) {
        if (is_choice[p])
            order_choices(f, &r, p);
        sort_trials(f, &r, p);
        for (int32_t t = 0; t < f->n; t++)
            f->at[(int64_t)t * f->params + p] =
                (ranks_level(&r, t, p) + 0.5) / r.levels[p];
    }
    ranks_fini(&r);
}

static void measure(struct forest *f, uint64_t seed, double *out) {
    int32_t used = 0;
    for (int32_t number = 0; number < TREES; number++) {
        double mean, all;
        grow_tree(f, seed, number);
        guess_trials(f);
        all = total_variance(f, &mean);
        if (!(all > 0))
            continue;
        used++;
        for (int32_t p = 0; p < f->params; p++)
            out[p] += own_variance(f, p, mean) / all;
    }
    bool any = used > 0 && explains(f);
    for (int32_t p = 0; p < f->params; p++)
        out[p] = any ? out[p] / used : 0;
}

static bool all_finite(const double *score, int32_t trials) {
    for (int32_t t = 0; t < trials; t++) {
        if (!isfinite(score[t]))
            return false;
    }
    return true;
}

bt_status bt_odds_importance(const double *x, const int32_t *is_choice,
                             const double *score, int32_t trials,
                             int32_t params, uint64_t seed, double *out) {
    if (trials < 1 || params < 1)
        return fail(BT_E_RANGE, "importance: no trials or no parameters");
    if (all_finite(score, trials) &&
        importance_of_grid(x, score, trials, params, out))
        return BT_OK;
    struct tree tree = {0};
    struct forest f = {.params = params, .tree = &tree};
    size_t cells = (size_t)trials * (size_t)params;
    double *kept = mem_alloc(cells * sizeof *kept);
    f.at = mem_alloc(cells * sizeof *f.at);
    f.score = mem_alloc((size_t)trials * sizeof *f.score);
    f.sorted = mem_alloc(cells * sizeof *f.sorted);
    f.sample = mem_alloc(cells * sizeof *f.sample);
    f.room = mem_alloc((size_t)trials * sizeof *f.room);
    f.times = mem_alloc((size_t)trials * sizeof *f.times);
    f.guess = mem_zalloc((size_t)trials, sizeof *f.guess);
    f.guesses = mem_zalloc((size_t)trials, sizeof *f.guesses);
    memset(out, 0, (size_t)params * sizeof *out);
    take_trials(&f, x, score, trials, seed, kept);
    if (f.n > 0) {
        place_trials(&f, kept, is_choice);
        measure(&f, seed, out);
    }
    free(tree.low);
    free(tree.high);
    free(tree.value);
    free(kept);
    free(f.at);
    free(f.score);
    free(f.sorted);
    free(f.sample);
    free(f.room);
    free(f.times);
    free(f.guess);
    free(f.guesses);
    return BT_OK;
}
