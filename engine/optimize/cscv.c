/* Probability of backtest overfitting: combinatorially symmetric
 * cross-validation.
 *
 * The rows are cut into S blocks. Each choice of S/2 blocks is in-sample once
 * and its complement out-of-sample; we see where the in-sample winner ranks
 * outside. Only count, sum and sum of squares per block and trial are kept, so
 * one half costs S/2 additions a trial: O(T N + C(S, S/2) S N) in all.
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

enum { BLOCKS_MAX = 20 };

struct cscv {
    int32_t trials, blocks, length; /* rows per block */
    double *sum, *square;           /* [blocks * trials] */
    double *in, *out;               /* [trials] Sharpe ratios of one half */
};

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
    free(c->in);
    free(c->out);
}

/* Sharpe ratio of trial k over the blocks whose bit in mask is set. */
static double half_sharpe(const struct cscv *c, uint32_t mask, int32_t k) {
    double sum = 0, square = 0;
    for (int32_t b = 0; b < c->blocks; b++) {
        if (mask >> b & 1) {
            sum += c->sum[(int64_t)b * c->trials + k];
            square += c->square[(int64_t)b * c->trials + k];
        }
    }
    double n = (double)c->length * (c->blocks / 2);
    double mean = sum / n;
    double variance = (square - sum * mean) / (n - 1);
    /* The difference of two nearly equal sums: below this it is rounding. */
    return variance > 1e-14 * square ? mean / sqrt(variance) : 0;
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

/* Evaluate one half; returns its logit. */
static double half_logit(struct cscv *c, uint32_t mask, struct line *line,
                         double *losses) {
    uint32_t rest = ~mask & ((UINT32_C(1) << c->blocks) - 1);
    for (int32_t k = 0; k < c->trials; k++) {
        c->in[k] = half_sharpe(c, mask, k);
        c->out[k] = half_sharpe(c, rest, k);
    }
    int32_t pick = first_best(c->in, c->trials);
    line_add(line, c->in[pick], c->out[pick]);
    *losses += c->out[pick] < 0;
    double w = average_rank(c, pick) / (c->trials + 1);
    return log(w / (1 - w));
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

/* Next choice of as many blocks in lexicographic order of block lists, read as
 * bits with block 0 first; 0 after the last. */
static uint32_t next_choice(uint32_t mask, int32_t blocks) {
    int32_t chosen = __builtin_popcount(mask), trailing = 0;
    while (trailing < blocks && mask >> (blocks - 1 - trailing) & 1)
        trailing++;
    if (trailing == chosen)
        return 0;
    int32_t last = blocks - 1 - trailing;
    while (last > 0 && !(mask >> last & 1))
        last--;
    mask &= (UINT32_C(1) << last) - 1;
    for (int32_t i = 1; i <= trailing + 1; i++)
        mask |= UINT32_C(1) << (last + i);
    return mask;
}

bt_status bt_odds_pbo(const double *returns, int32_t periods, int32_t trials,
                      int32_t blocks, double *logits, bt_pbo *out) {
    TRY(check(periods, trials, blocks));
    struct cscv c;
    cscv_init(&c, returns, periods, trials, blocks);
    struct line line = {0};
    double losses = 0, overfit = 0;
    int32_t halves = 0;
    uint32_t mask = (UINT32_C(1) << (blocks / 2)) - 1;
    for (; mask != 0; mask = next_choice(mask, blocks)) {
        double logit = half_logit(&c, mask, &line, &losses);
        overfit += logit <= 0;
        if (logits != NULL)
            logits[halves] = logit;
        halves++;
    }
    cscv_fini(&c);
    out->halves = halves;
    out->pbo = overfit / halves;
    out->loss = losses / halves;
    line_fit(&line, out);
    return BT_OK;
}
