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
 * Cost: TREES * (params * n log n * depth + params * leaves^2), n at most
 * SAMPLE; seeded.
 */
#include "base/mem.h"
#include "base/rng.h"
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
    struct tree *tree; /* the one that grows */
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

struct sorted {
    double at, score;
};

static int by_place(const void *a, const void *b) {
    const struct sorted *x = a, *y = b;
    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->score > y->score) - (x->score < y->score);
}

/* The best cut along one parameter: largest fall of the squared error. */
static void try_param(const struct forest *f, const int32_t *in, int32_t n,
                      int32_t param, struct sorted *room, struct cut *best) {
    double all = 0, left = 0;
    for (int32_t i = 0; i < n; i++) {
        room[i].at = f->at[(int64_t)in[i] * f->params + param];
        room[i].score = f->score[in[i]];
        all += room[i].score;
    }
    qsort(room, (size_t)n, sizeof *room, by_place);
    for (int32_t i = 1; i < n; i++) {
        left += room[i - 1].score;
        double right = all - left;
        double gain = left * left / i + right * right / (n - i) - all * all / n;
        if (room[i].at > room[i - 1].at && i >= LEAF && n - i >= LEAF &&
            gain > best->gain)
            *best =
                (struct cut){param, (room[i].at + room[i - 1].at) / 2, gain};
    }
}

static struct cut find_cut(const struct forest *f, const int32_t *in,
                           int32_t n) {
    struct cut best = {-1, 0, 1e-12};
    struct sorted *room = mem_alloc((size_t)n * sizeof *room);
    for (int32_t p = 0; p < f->params; p++)
        try_param(f, in, n, p, room, &best);
    free(room);
    return best;
}

static void add_leaf(struct forest *f, const int32_t *in, int32_t n,
                     const double *low, const double *high) {
    struct tree *t = f->tree;
    size_t d = (size_t)f->params;
    if (t->leaves == t->cap) {
        t->cap = t->cap ? 2 * t->cap : 64;
        t->low = mem_realloc(t->low, (size_t)t->cap * d * sizeof(double));
        t->high = mem_realloc(t->high, (size_t)t->cap * d * sizeof(double));
        t->value = mem_realloc(t->value, (size_t)t->cap * sizeof(double));
    }
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += f->score[in[i]];
    memcpy(t->low + (size_t)t->leaves * d, low, d * sizeof *low);
    memcpy(t->high + (size_t)t->leaves * d, high, d * sizeof *high);
    t->value[t->leaves++] = sum / n;
}

/* Those below the cut first; returns how many. */
static int32_t part(const struct forest *f, int32_t *in, int32_t n,
                    const struct cut *cut) {
    int32_t below = 0;
    for (int32_t i = 0; i < n; i++) {
        int32_t trial = in[i];
        if (f->at[(int64_t)trial * f->params + cut->param] < cut->at) {
            in[i] = in[below];
            in[below++] = trial;
        }
    }
    return below;
}

/* low and high are the box, changed and put back. */
static void grow(struct forest *f, int32_t *in, int32_t n, int32_t depth,
                 double *low, double *high) {
    struct cut cut = {-1, 0, 0};
    if (n >= 2 * LEAF && depth < DEPTH_MAX)
        cut = find_cut(f, in, n);
    if (cut.param < 0) {
        add_leaf(f, in, n, low, high);
        return;
    }
    int32_t below = part(f, in, n, &cut), p = cut.param;
    double was = high[p];
    high[p] = cut.at;
    grow(f, in, below, depth + 1, low, high);
    high[p] = was;
    was = low[p];
    low[p] = cut.at;
    grow(f, in + below, n - below, depth + 1, low, high);
    low[p] = was;
}

static void grow_tree(struct forest *f, uint64_t seed, int32_t number) {
    struct rng rng;
    size_t d = (size_t)f->params;
    int32_t *in = mem_alloc((size_t)f->n * sizeof *in);
    double *low = mem_zalloc(d, sizeof *low),
           *high = mem_alloc(d * sizeof *high);
    for (size_t i = 0; i < d; i++)
        high[i] = 1;
    rng_key(&rng, seed, "importance", (uint64_t)number);
    for (int32_t i = 0; i < f->n; i++)
        in[i] = (int32_t)rng_range(&rng, 0, f->n - 1);
    f->tree->leaves = 0;
    grow(f, in, f->n, 0, low, high);
    free(low);
    free(high);
    free(in);
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

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of the mean over all other parameters, along p. */
static double own_variance(const struct forest *f, int32_t p, double mean) {
    const struct tree *t = f->tree;
    double *edge = mem_alloc(((size_t)t->leaves + 1) * sizeof *edge);
    double variance = 0;
    for (int32_t i = 0; i < t->leaves; i++)
        edge[i] = t->low[(int64_t)i * f->params + p];
    edge[t->leaves] = 1;
    qsort(edge, (size_t)t->leaves + 1, sizeof *edge, compare);
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

/* ---- the whole ----------------------------------------------------------- */

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

static void place_trials(struct forest *f, const double *kept,
                         const int32_t *is_choice) {
    struct ranks r;
    ranks_init(&r, kept, f->n, f->params);
    for (int32_t p = 0; p < f->params; p++) {
        if (is_choice[p])
            order_choices(f, &r, p);
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
        all = total_variance(f, &mean);
        if (!(all > 0))
            continue;
        used++;
        for (int32_t p = 0; p < f->params; p++)
            out[p] += own_variance(f, p, mean) / all;
    }
    for (int32_t p = 0; p < f->params; p++)
        out[p] = used > 0 ? out[p] / used : 0;
}

bt_status bt_odds_importance(const double *x, const int32_t *is_choice,
                             const double *score, int32_t trials,
                             int32_t params, uint64_t seed, double *out) {
    if (trials < 1 || params < 1)
        return fail(BT_E_RANGE, "importance: no trials or no parameters");
    struct tree tree = {0};
    struct forest f = {.params = params, .tree = &tree};
    size_t cells = (size_t)trials * (size_t)params;
    double *kept = mem_alloc(cells * sizeof *kept);
    f.at = mem_alloc(cells * sizeof *f.at);
    f.score = mem_alloc((size_t)trials * sizeof *f.score);
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
    return BT_OK;
}
