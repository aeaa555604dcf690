/* Pruning: which trials are not worth running to the end.
 *
 * A backtest's span is cut into blocks of time. After each a trial has a score,
 * and it stops when that falls behind what other trials had there. Whom it is
 * held against are the trials before its batch (in a walk-forward those of its
 * window's train): they are known when the batch begins, whatever the workers
 * do, so what is pruned is a function of the study like all else, and the
 * limits travel with the job: a worker stops by itself, nobody waits for
 * anybody.
 *
 * percentile   after a block, below the best `percentile` of the complete
 *              trials' scores there
 * halving      after blocks least, least * factor, ...: not among the best one
 *              in `factor` of all that came so far (successive halving in its
 *              asynchronous form, Li et al. 2020, arXiv 1810.05934)
 * hyperband    halving in brackets that begin later and later; a trial's number
 *              draws its bracket, each as likely as the budget of the others
 *              says (Li et al. 2018, JMLR 18(185))
 * wilcoxon     block by block against the best trial: likely the worse one, and
 *              not better on average
 *
 * Limits cost O(trials blocks) once a batch, 8 bytes a block in each job.
 */
#include "optimize/prune.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/stat.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int32_t prune_find(const char *name) {
    static const char *const names[] = {
        [PRUNE_NEVER] = "never",       [PRUNE_PERCENTILE] = "percentile",
        [PRUNE_HALVING] = "halving",   [PRUNE_HYPERBAND] = "hyperband",
        [PRUNE_WILCOXON] = "wilcoxon", [PRUNE_AFTER] = "after",
    };
    for (int32_t i = 0; i <= PRUNE_AFTER; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return -1;
}

/* ---- scores of the trials before ------------------------------------------
 */

static bool is_complete(const bt_trial *t) {
    return t->state == BT_TRIAL_DONE || t->state == BT_TRIAL_VIOLATED;
}

/* Brackets 0 .. of Hyperband; bracket s begins at least * factor^s. */
static int32_t brackets_of(const struct prune_options *o) {
    double most = log((double)o->blocks / o->least) / log(o->factor);
    return o->kind == PRUNE_HYPERBAND ? (int32_t)floor(most + 1e-9) + 1 : 1;
}

/* A bracket has as many trials as its budget pays: (n + 1) / (n - s + 1) times
 * factor^(n - s) of the n + 1 brackets, in proportion. */
static int32_t bracket_of(const struct prune_options *o, int32_t number) {
    int32_t n = brackets_of(o) - 1;
    double share[BT_STEPS_MAX], sum = 0;
    struct rng r;
    if (n == 0)
        return 0;
    for (int32_t s = 0; s <= n; s++) {
        share[s] = ceil((n + 1.0) / (n - s + 1) * pow(o->factor, n - s));
        sum += share[s];
    }
    rng_key(&r, (uint64_t)number, "prune:bracket", 0);
    double at = rng_unit(&r) * sum;
    int32_t s = 0;
    while (s < n && at >= share[s])
        at -= share[s++];
    return s;
}

/* The next trial of the scope at or behind *position; false: there is none. */
static bool next_in(const struct prune_scope *s, int32_t *position,
                    bt_trial *t) {
    for (int32_t i = *position; i < bt_study_count(s->study); i++) {
        if (bt_study_trial(s->study, i, t) != BT_OK || t->number >= s->first)
            return false;
        if (s->groups[t->number] == s->groups[s->number]) {
            *position = i + 1;
            return true;
        }
    }
    return false;
}

/* Scores after block `block`, ascending in out; returns how many. bracket -1:
 * of complete trials in any. */
static size_t scores_at(const struct prune_options *o,
                        const struct prune_scope *s, int32_t block,
                        int32_t bracket, double sign, double *out) {
    size_t n = 0;
    bt_trial t;
    for (int32_t at = 0; next_in(s, &at, &t);) {
        if (t.step_count < block || t.duplicate_of || isnan(t.steps[block - 1]))
            continue;
        if (bracket < 0 ? is_complete(&t) : bracket_of(o, t.number) == bracket)
            out[n++] = sign * t.steps[block - 1];
    }
    stat_sort(out, n);
    return n;
}

static int32_t count_complete(const struct prune_scope *s) {
    int32_t n = 0;
    bt_trial t;
    for (int32_t at = 0; next_in(s, &at, &t);)
        n += is_complete(&t) && t.duplicate_of == 0;
    return n;
}

/* ---- limits ----------------------------------------------------------------
 */

static void limit_percentile(const struct prune_options *o,
                             const struct prune_scope *s, double *scores,
                             struct prune_limits *l) {
    for (int32_t b = o->least; b < o->blocks; b++) {
        size_t n = scores_at(o, s, b, -1, l->sign, scores);
        if (n > 0)
            l->limit[b - 1] = stat_quantile(scores, n, 1 - o->percentile / 100);
    }
}

/* A trial is one more among those that came so far. */
static void limit_rungs(const struct prune_options *o,
                        const struct prune_scope *s, double *scores,
                        struct prune_limits *l) {
    int32_t bracket = bracket_of(o, s->number);
    for (int32_t k = bracket;; k++) {
        double rung = o->least * pow(o->factor, k);
        if (rung >= o->blocks)
            return;
        int32_t b = (int32_t)rung;
        size_t n = scores_at(o, s, b, bracket, l->sign, scores);
        size_t go_on = (size_t)((double)(n + 1) / o->factor);
        go_on = go_on > 0 ? go_on : 1;
        if (go_on <= n)
            l->limit[b - 1] = scores[n - go_on];
    }
}

/* The blocks of the best complete trial, the first of equals. */
static void limit_rival(const struct prune_scope *s, struct prune_limits *l) {
    double best = -INFINITY;
    bt_trial t;
    for (int32_t at = 0; next_in(s, &at, &t);) {
        if (t.state != BT_TRIAL_DONE || t.step_count != l->blocks ||
            !(l->sign * t.score > best))
            continue;
        best = l->sign * t.score;
        l->rivals = l->blocks;
        for (int32_t b = 0; b < l->blocks; b++)
            l->limit[b] = l->sign * t.steps[b];
    }
}

void prune_limits(const struct prune_options *o, const struct prune_scope *s,
                  double sign, struct prune_limits *out) {
    *out = (struct prune_limits){.kind = o->kind,
                                 .blocks = o->blocks,
                                 .least = o->least,
                                 .apart = o->apart,
                                 .sign = sign,
                                 .p = o->p};
    for (int32_t b = 0; b < BT_STEPS_MAX; b++)
        out->limit[b] = NAN;
    if (o->kind == PRUNE_AFTER) {
        out->limit[o->least - 1] = INFINITY;
        return;
    }
    if (count_complete(s) < o->startup)
        return;
    double *scores = mem_alloc((size_t)s->first * sizeof *scores);
    if (o->kind == PRUNE_PERCENTILE)
        limit_percentile(o, s, scores, out);
    else if (o->kind == PRUNE_WILCOXON)
        limit_rival(s, out);
    else
        limit_rungs(o, s, scores, out);
    free(scores);
}

/* ---- in the worker ---------------------------------------------------------
 */

struct pair {
    double apart; /* mine less theirs */
};

static int by_size(const void *a, const void *b) {
    double x = fabs(((const struct pair *)a)->apart);
    double y = fabs(((const struct pair *)b)->apart);
    return (x > y) - (x < y);
}

/* Twice the mid-rank of each, so that it is whole; ties share one. */
static void rank_pairs(const struct pair *p, int32_t n, int32_t *twice) {
    for (int32_t from = 0, to = 0; from < n; from = to) {
        while (to < n && fabs(p[to].apart) == fabs(p[from].apart))
            to++;
        for (int32_t i = from; i < to; i++)
            twice[i] = from + 1 + to;
    }
}

/* Every pair that is not zero is better or worse with one half each; ways[s] is
 * the probability that the better ones' doubled ranks add up to s. */
double prune_wilcoxon(const double *mine, const double *theirs, int32_t n) {
    struct pair p[BT_STEPS_MAX] = {{.apart = 0}};
    int32_t twice[BT_STEPS_MAX], sum = 0, better = 0, count = 0;
    for (int32_t i = 0; i < n; i++) {
        if (!isnan(mine[i]) && !isnan(theirs[i]))
            p[count++].apart = mine[i] - theirs[i];
    }
    qsort(p, (size_t)count, sizeof *p, by_size);
    rank_pairs(p, count, twice);
    double ways[BT_STEPS_MAX * (BT_STEPS_MAX + 1) + 1] = {1}, total = 0;
    for (int32_t i = 0; i < count; i++) {
        if (p[i].apart == 0)
            continue; /* half of its rank on both sides */
        for (int32_t s = sum; s >= 0; s--) {
            ways[s] /= 2;
            ways[s + twice[i]] += ways[s];
        }
        sum += twice[i];
        better += p[i].apart > 0 ? twice[i] : 0;
    }
    for (int32_t s = 0; s <= better; s++)
        total += ways[s];
    return total;
}

static double mean_of(const double *x, int32_t n) {
    double sum = 0;
    for (int32_t i = 0; i < n; i++)
        sum += x[i];
    return sum / n;
}

static bool loses(const struct prune_limits *l, const double *steps,
                  int32_t n) {
    double mine[BT_STEPS_MAX];
    if (l->rivals < n || n < l->least)
        return false;
    for (int32_t i = 0; i < n; i++)
        mine[i] = l->sign * steps[i];
    return mean_of(mine, n) < mean_of(l->limit, n) &&
           prune_wilcoxon(mine, l->limit, n) < l->p;
}

bool prune_stops(const struct prune_limits *l, const double *steps, int32_t n) {
    if (n < 1 || n >= l->blocks)
        return false; /* it is done */
    if (l->kind == PRUNE_WILCOXON)
        return loses(l, steps, n);
    return l->sign * steps[n - 1] < l->limit[n - 1];
}

/* ---- as bytes --------------------------------------------------------------
 */

void prune_pack(const struct prune_limits *l, struct buf *out) {
    buf_add(out, l, offsetof(struct prune_limits, limit));
    buf_add(out, l->limit, (size_t)l->blocks * sizeof *l->limit);
}

size_t prune_unpack(const char *bytes, size_t n, struct prune_limits *out) {
    size_t head = offsetof(struct prune_limits, limit);
    if (n < head)
        return 0;
    memcpy(out, bytes, head);
    if (out->blocks < 0 || out->blocks > BT_STEPS_MAX)
        return 0;
    size_t tail = (size_t)out->blocks * sizeof *out->limit;
    if (n < head + tail)
        return 0;
    memcpy(out->limit, bytes + head, tail);
    return head + tail;
}
