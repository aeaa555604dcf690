/* The good trials, of which TPE makes its density l.
 *
 * With one objective these are the best min(ceil(n/10), 25) of the n that were
 * told, by the order of bt_verdict: trials that count, then pruned ones, then
 * violated ones, never those without a number. They are kept in order as
 * verdicts come in.
 *
 * With several they are ceil(n/10), front by front; of the last front that has
 * room for some only, those that dominate most volume together. The volume's
 * corner lies a tenth beyond that front's worst in each objective. Rules are
 * those of Optuna's TPESampler, version 5.
 *
 * Cost: O(1) with one objective, else that of sorting the fronts.
 */
#include "search/tpe_split.h"

#include "base/front.h"
#include "base/mem.h"
#include "search/hypervolume.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void split_learn(struct split *b, const struct sampler *s, int64_t row) {
    if (s->base.objectives > 1 || !sampler_ran(s, row))
        return;
    int32_t at = b->count;
    while (at > 0 && sampler_compare(s, row, b->best[at - 1]) < 0)
        at--;
    if (at == SPLIT_BEST)
        return;
    if (b->count < SPLIT_BEST)
        b->count++;
    memmove(b->best + at + 1, b->best + at,
            (size_t)(b->count - 1 - at) * sizeof *b->best);
    b->best[at] = row;
}

/* ---- several objectives -------------------------------------------------- */

/* Rows that count, and their scores side by side. */
struct fronts {
    int64_t *rows, *others; /* others: ran and do not count */
    double *x;
    int32_t *rank;
    size_t n, other_count;
    int32_t m, ranks;
};

static void fronts_init(struct fronts *f, const struct sampler *s) {
    size_t told = (size_t)s->trials.told, m = (size_t)s->base.objectives;
    *f = (struct fronts){.m = (int32_t)m};
    f->rows = mem_alloc((told + 1) * sizeof *f->rows);
    f->others = mem_alloc((told + 1) * sizeof *f->others);
    f->rank = mem_alloc((told + 1) * sizeof *f->rank);
    f->x = mem_alloc((told * m + 1) * sizeof *f->x);
    for (size_t row = 0; row < told; row++) {
        if (!sampler_counts(s, (int64_t)row)) {
            if (sampler_ran(s, (int64_t)row))
                f->others[f->other_count++] = (int64_t)row;
            continue;
        }
        memcpy(f->x + f->n * m, s->trials.score + row * m, m * sizeof *f->x);
        f->rows[f->n++] = (int64_t)row;
    }
    f->ranks = front_sort(f->x, f->n, f->m, f->rank);
}

static void fronts_fini(struct fronts *f) {
    free(f->rows);
    free(f->others);
    free(f->x);
    free(f->rank);
}

/* Positions of a front in order; returns how many. */
static size_t members(const struct fronts *f, int32_t rank, size_t *out) {
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        if (f->rank[i] == rank)
            out[n++] = i;
    }
    return n;
}

/* The k of the front's n members that keep most volume, to the front. */
static void thin(const struct fronts *f, size_t *front, size_t n, size_t k) {
    size_t m = (size_t)f->m, *chosen = mem_alloc((k + 1) * sizeof *chosen);
    double *gain = mem_alloc((n * m + 1) * sizeof *gain);
    for (size_t j = 0; j < m; j++) {
        double worst = -INFINITY;
        for (size_t i = 0; i < n; i++)
            worst = fmax(worst, -f->x[front[i] * m + j]);
        double corner = fmax(1.1 * worst, 0.9 * worst);
        for (size_t i = 0; i < n; i++)
            gain[i * m + j] = corner + f->x[front[i] * m + j];
    }
    hypervolume_choose(gain, n, f->m, k, chosen);
    for (size_t i = 0; i < k; i++)
        chosen[i] = front[chosen[i]];
    memcpy(front, chosen, k * sizeof *front);
    free(gain);
    free(chosen);
}

static int64_t mark_several(const struct sampler *s, unsigned char *side) {
    struct fronts f;
    fronts_init(&f, s);
    size_t wanted = ((size_t)s->trials.told + 9) / 10, marked = 0;
    size_t *front = mem_alloc((f.n + 1) * sizeof *front);
    for (int32_t r = 0; r < f.ranks && marked < wanted; r++) {
        size_t n = members(&f, r, front);
        if (n > wanted - marked) {
            thin(&f, front, n, wanted - marked);
            n = wanted - marked;
        }
        for (size_t i = 0; i < n; i++)
            side[f.rows[front[i]]] = 1;
        marked += n;
    }
    sampler_sort(s, f.others, (int64_t)f.other_count);
    for (size_t i = 0; i < f.other_count && marked < wanted; i++, marked++)
        side[f.others[i]] = 1;
    free(front);
    fronts_fini(&f);
    return (int64_t)marked;
}

int64_t split_mark(const struct split *b, const struct sampler *s,
                   unsigned char *side) {
    memset(side, 0, (size_t)s->trials.count);
    if (s->base.objectives > 1)
        return mark_several(s, side);
    int64_t tenth = (s->trials.told + 9) / 10;
    int64_t n = b->count > tenth ? tenth : b->count;
    for (int64_t i = 0; i < n; i++)
        side[b->best[i]] = 1;
    return n;
}
