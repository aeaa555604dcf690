/* Probability of backtest overfitting: combinatorially symmetric
 * cross-validation.
 *
 * The rows are cut into S blocks. Each choice of S/2 blocks is in-sample once
 * and its complement out-of-sample; we see where the in-sample winner ranks
 * outside. Only count, sum and sum of squares per block and trial are kept.
 * Halves are visited depth first, so that those which begin alike share their
 * sums: a half costs about three additions a trial and two Sharpe ratios,
 * O(T N + C(S, S/2) N) in all.
 *
 * Rules (they decide ties, so they are part of the definition): the first rows
 * are dropped when T is no multiple of S; the winner is the first among equals;
 * ranks are averaged on ties; w = rank / (N + 1), never 1, so logits are
 * finite.
 */
#include "base/mem.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 20, INSIDE = 0, OUTSIDE = 1 };

/* Sums over the blocks of both sides so far. */
struct sides {
    double *sum[2], *square[2]; /* [trials] each: inside, outside */
};

struct cscv {
    int32_t trials, blocks, length;     /* rows per block */
    double *sum, *square;               /* [blocks * trials] */
    struct sides level[BLOCKS_MAX + 1]; /* after so many blocks */
    double *room;                       /* of the levels */
    double *in, *out;                   /* [trials] Sharpe ratios of one half */
};

static void lay_out_levels(struct cscv *c) {
    size_t n = (size_t)c->trials;
    c->room = mem_zalloc(((size_t)c->blocks + 1) * 4 * n, sizeof(double));
    for (int32_t b = 0; b <= c->blocks; b++) {
        double *at = c->room + (size_t)b * 4 * n;
        c->level[b] = (struct sides){{at, at + n}, {at + 2 * n, at + 3 * n}};
    }
}

static void cscv_init(struct cscv *c, const double *returns, int32_t periods,
                      int32_t trials, int32_t blocks) {
    size_t cells = (size_t)blocks * (size_t)trials;
    c->trials = trials;
    c->blocks = blocks;
    c->length = periods / blocks;
    c->sum = mem_zalloc(cells, sizeof(double));
    c->square = mem_zalloc(cells, sizeof(double));
    c->in = mem_zalloc((size_t)trials, sizeof(double));
    c->out = mem_zalloc((size_t)trials, sizeof(double));
    lay_out_levels(c);
    int32_t dropped = periods % blocks;
    for (int32_t k = 0; k < trials; k++) {
        const double *x = returns + (int64_t)k * periods + dropped;
        for (int32_t i = 0; i < c->length * blocks; i++) {
            int64_t cell = (int64_t)(i / c->length) * trials + k;
            c->sum[cell] += x[i];
            c->square[cell] += x[i] * x[i];
        }
    }
}

static void cscv_fini(struct cscv *c) {
    free(c->sum);
    free(c->square);
    free(c->room);
    free(c->in);
    free(c->out);
}

/* Level `block` plus the block on one side gives the next level. */
static void take_block(struct cscv *c, int32_t block, int side) {
    const struct sides *from = &c->level[block];
    struct sides *to = &c->level[block + 1];
    size_t bytes = (size_t)c->trials * sizeof(double);
    const double *sum = c->sum + (int64_t)block * c->trials;
    const double *square = c->square + (int64_t)block * c->trials;
    memcpy(to->sum[!side], from->sum[!side], bytes);
    memcpy(to->square[!side], from->square[!side], bytes);
    for (int32_t k = 0; k < c->trials; k++) {
        to->sum[side][k] = from->sum[side][k] + sum[k];
        to->square[side][k] = from->square[side][k] + square[k];
    }
}

/* Sharpe ratios of one side of a complete half. */
static void side_sharpes(const struct cscv *c, int side, double *out) {
    const struct sides *all = &c->level[c->blocks];
    double n = (double)c->length * (c->blocks / 2);
    for (int32_t k = 0; k < c->trials; k++) {
        double sum = all->sum[side][k], square = all->square[side][k];
        double mean = sum / n;
        double variance = (square - sum * mean) / (n - 1);
        /* The difference of two nearly equal sums: below this it is rounding.
         */
        out[k] = variance > 1e-14 * square ? mean / sqrt(variance) : 0;
    }
}

/* Rank of out[pick], 1 = worst, averaged over ties. */
static double average_rank(const struct cscv *c, int32_t pick) {
    double below = 0, equal = 0;
    for (int32_t k = 0; k < c->trials; k++) {
        below += c->out[k] < c->out[pick];
        equal += c->out[k] == c->out[pick];
    }
    return below + (equal + 1) / 2;
}

static int32_t first_best(const double *x, int32_t n) {
    int32_t best = 0;
    for (int32_t k = 1; k < n; k++)
        if (x[k] > x[best])
            best = k;
    return best;
}

/* Running sums of the regression of out-of-sample on in-sample picks. */
struct line {
    double n, x, y, xx, xy, yy;
};

static void line_add(struct line *l, double x, double y) {
    l->n += 1;
    l->x += x;
    l->y += y;
    l->xx += x * x;
    l->xy += x * y;
    l->yy += y * y;
}

static void line_fit(const struct line *l, bt_pbo *out) {
    double sxx = l->xx - l->x * l->x / l->n;
    double sxy = l->xy - l->x * l->y / l->n;
    double syy = l->yy - l->y * l->y / l->n;
    out->slope = sxx > 0 ? sxy / sxx : NAN;
    out->intercept = (l->y - out->slope * l->x) / l->n;
    out->r2 = sxx > 0 && syy > 0 ? sxy * sxy / (sxx * syy) : NAN;
}

/* What the halves came to. */
struct tally {
    struct line line;
    double losses, overfit;
    int32_t halves;
    double *logits; /* or NULL */
};

static void count_half(struct cscv *c, struct tally *t) {
    side_sharpes(c, INSIDE, c->in);
    side_sharpes(c, OUTSIDE, c->out);
    int32_t pick = first_best(c->in, c->trials);
    line_add(&t->line, c->in[pick], c->out[pick]);
    t->losses += c->out[pick] < 0;
    double w = average_rank(c, pick) / (c->trials + 1);
    double logit = log(w / (1 - w));
    t->overfit += logit <= 0;
    if (t->logits != NULL)
        t->logits[t->halves] = logit;
    t->halves++;
}

/* All halves that begin with the sides of `block` blocks, `inside` of them
 * inside. Inside first: the lists of inside blocks come in lexicographic order.
 */
static void visit(struct cscv *c, int32_t block, int32_t inside,
                  struct tally *t) {
    if (block == c->blocks) {
        count_half(c, t);
        return;
    }
    if (inside < c->blocks / 2) {
        take_block(c, block, INSIDE);
        visit(c, block + 1, inside + 1, t);
    }
    if (block - inside < c->blocks / 2) {
        take_block(c, block, OUTSIDE);
        visit(c, block + 1, inside, t);
    }
}

static bt_status check(int32_t periods, int32_t trials, int32_t blocks) {
    if (trials < 2)
        return fail(BT_E_RANGE, "pbo: needs at least 2 trials, got %d", trials);
    if (blocks < 2 || blocks > BLOCKS_MAX || blocks % 2 != 0)
        return fail(BT_E_RANGE, "pbo: blocks must be even, 2..%d, got %d",
                    BLOCKS_MAX, blocks);
    if (periods / blocks < 2)
        return fail(BT_E_RANGE,
                    "pbo: %d periods are too few for %d blocks; each block "
                    "needs 2, so pass at most %d blocks",
                    periods, blocks, periods / 4 * 2);
    return BT_OK;
}

bt_status bt_odds_pbo(const double *returns, int32_t periods, int32_t trials,
                      int32_t blocks, double *logits, bt_pbo *out) {
    TRY(check(periods, trials, blocks));
    struct cscv c;
    double *room = logits;
    struct tally t = {.logits = room};
    cscv_init(&c, returns, periods, trials, blocks);
    visit(&c, 0, 0, &t);
    cscv_fini(&c);
    out->halves = t.halves;
    out->pbo = t.overfit / t.halves;
    out->loss = t.losses / t.halves;
    line_fit(&t.line, out);
    return BT_OK;
}
