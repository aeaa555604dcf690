/* Probability of backtest overfitting: combinatorially symmetric
 * cross-validation.
 *
 * The rows are cut into S blocks. Each choice of S/2 blocks is in-sample once
 * and its complement out-of-sample; we see where the in-sample winner ranks
 * outside. Only sum and sum of squares per block and trial are kept. A half and
 * its complement change places once each, so both are judged from one pair of
 * Sharpe ratios: those halves that hold the first block are visited, depth
 * first, so that halves which begin alike share their sums. A pair costs about
 * two additions a trial and two Sharpe ratios: O(T N + C(S, S/2) N) in all.
 *
 * Rules (they decide ties, so they are part of the definition): the first rows
 * are dropped when T is no multiple of S; the winner is the first among equals;
 * ranks are averaged on ties; w = rank / (N + 1), never 1, so logits are
 * finite.
 */
#include "base/lanes.h"
#include "base/mem.h"
#include "base/status.h"
#include "optimize/odds.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCKS_MAX = 20 };

/* Sums of each trial over some blocks, [stride]; borrowed. */
struct sums {
    const double *sum, *square;
};

/* One side of a half while it is put together. */
struct side {
    struct sums upto[BLOCKS_MAX + 1]; /* after so many blocks */
    double *room;                     /* [blocks + 1][2 * stride] */
    double *sharpe; /* [stride] of the complete side, squared with sign */
};

struct cscv {
    int32_t trials, stride; /* whole lanes: beyond the trials all is NaN */
    int32_t blocks, length; /* rows per block */
    double *sum, *square;   /* [blocks * stride] */
    double *rest;           /* [blocks][2 * stride]: from a block to the last */
    struct side side[2];    /* inside and outside, or the other way round */
};

/* ---- sums of blocks ------------------------------------------------------ */

/* Sum and sum of squares of x[0..n-1], lane by lane. */
LANES_CLONES
static void sum_block(const double *x, int32_t n, double *sum, double *square) {
    lanes s = {0}, q = {0};
    int32_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        lanes v = lanes_at(x + i);
        s += v;
        q += v * v;
    }
    *sum = lanes_sum(s);
    *square = lanes_sum(q);
    for (; i < n; i++) {
        *sum += x[i];
        *square += x[i] * x[i];
    }
}

LANES_CLONES
static void add(const double *restrict a, const double *restrict b, int32_t n,
                double *restrict out) {
    for (int32_t k = 0; k < n; k += LANES)
        lanes_put(out + k, lanes_at(a + k) + lanes_at(b + k));
}

void cscv_row(const double *x, int32_t periods, int32_t blocks, double *out) {
    int32_t length = periods / blocks;
    x += periods % blocks;
    for (int32_t b = 0; b < blocks; b++, x += length)
        sum_block(x, length, &out[b], &out[blocks + b]);
}

/* rows: of cscv_row. */
static void turn(struct cscv *c, const double *rows) {
    for (int32_t b = 0; b < c->blocks; b++) {
        double *sum = c->sum + (int64_t)b * c->stride;
        double *square = c->square + (int64_t)b * c->stride;
        for (int32_t k = 0; k < c->stride; k++) {
            const double *row = rows + (int64_t)k * 2 * c->blocks;
            sum[k] = k < c->trials ? row[b] : NAN;
            square[k] = k < c->trials ? row[c->blocks + b] : NAN;
        }
    }
}

/* Sums of block b alone, and from block b to the last. */
static struct sums block_of(const struct cscv *c, int32_t b) {
    int64_t at = (int64_t)b * c->stride;
    return (struct sums){c->sum + at, c->square + at};
}

static struct sums rest_of(const struct cscv *c, int32_t b) {
    const double *at = c->rest + (int64_t)b * 2 * c->stride;
    return (struct sums){at, at + c->stride};
}

/* to [2 * stride]: the sums of a and b. */
static struct sums join(const struct cscv *c, struct sums a, struct sums b,
                        double *to) {
    add(a.sum, b.sum, c->stride, to);
    add(a.square, b.square, c->stride, to + c->stride);
    return (struct sums){to, to + c->stride};
}

static void sum_rests(struct cscv *c) {
    int32_t last = c->blocks - 1;
    size_t bytes = (size_t)c->stride * sizeof(double);
    double *at = c->rest + (int64_t)last * 2 * c->stride;
    memcpy(at, block_of(c, last).sum, bytes);
    memcpy(at + c->stride, block_of(c, last).square, bytes);
    for (int32_t b = last - 1; b >= 0; b--)
        join(c, block_of(c, b), rest_of(c, b + 1),
             c->rest + (int64_t)b * 2 * c->stride);
}

static void cscv_init(struct cscv *c, const double *rows, int32_t periods,
                      int32_t trials, int32_t blocks) {
    int32_t stride = (trials + LANES - 1) / LANES * LANES;
    size_t cells = (size_t)blocks * (size_t)stride;
    *c = (struct cscv){.trials = trials, .stride = stride, .blocks = blocks};
    c->length = periods / blocks;
    c->sum = mem_zalloc(cells, sizeof(double));
    c->square = mem_zalloc(cells, sizeof(double));
    c->rest = mem_zalloc(cells, 2 * sizeof(double));
    for (int i = 0; i < 2; i++) {
        struct side *s = &c->side[i];
        s->room = mem_zalloc(cells + (size_t)stride, 2 * sizeof(double));
        s->sharpe = mem_zalloc((size_t)stride, sizeof(double));
        s->upto[0] = (struct sums){s->room, s->room + stride}; /* nothing yet */
    }
    turn(c, rows);
    sum_rests(c);
}

static void cscv_fini(struct cscv *c) {
    free(c->sum);
    free(c->square);
    free(c->rest);
    for (int i = 0; i < 2; i++) {
        free(c->side[i].room);
        free(c->side[i].sharpe);
    }
}

/* ---- a half -------------------------------------------------------------- */

/* Squares of the Sharpe ratios over n rows, with their sign: they rank alike,
 * and take no root. The variance is the difference of two nearly equal sums:
 * below a share of the squares it is rounding, and the Sharpe ratio 0. */
LANES_CLONES
static void square_sharpes(const double *restrict sum,
                           const double *restrict square, int32_t trials,
                           double n, double *restrict out) {
    double a_row = 1 / n, a_degree = 1 / (n - 1);
    for (int32_t k = 0; k < trials; k += LANES) {
        for (int i = 0; i < LANES; i++) {
            double mean = sum[k + i] * a_row;
            double squares = square[k + i] - sum[k + i] * mean;
            double variance = squares * a_degree;
            bool varies = variance > 1e-14 * square[k + i];
            out[k + i] = mean * fabs(mean) / (varies ? variance : INFINITY);
        }
    }
}

static double sharpe_of(double square) {
    return copysign(sqrt(fabs(square)), square);
}

static int32_t first_best(const double *x, int32_t n) {
    int32_t best = 0;
    for (int32_t k = 1; k < n; k++)
        if (x[k] > x[best])
            best = k;
    return best;
}

/* Rank of x[pick], 1 = worst, averaged over ties. n: whole lanes, NaN where
 * there is no trial. */
LANES_CLONES
static double average_rank(const double *x, int32_t n, int32_t pick) {
    double mark = x[pick];
    lanes_mask below = {0}, equal = {0};
    for (int32_t k = 0; k < n; k += LANES) {
        below += lanes_at(x + k) < mark;
        equal += lanes_at(x + k) == mark;
    }
    return -((double)lanes_sum(below) + ((double)lanes_sum(equal) - 1) / 2);
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

/* What the halves came to. A pair is a half and its complement; in
 * lexicographic order pair i is the i-th half from the start and from the end.
 */
struct tally {
    struct line line;
    double losses, overfit;
    int32_t halves, pairs; /* all of them, those seen */
    double *logits;        /* or NULL */
};

/* Choose by x, see in y; squared with sign. */
static void judge(const struct cscv *c, const double *x, const double *y,
                  int32_t half, struct tally *t) {
    int32_t pick = first_best(x, c->trials);
    line_add(&t->line, sharpe_of(x[pick]), sharpe_of(y[pick]));
    t->losses += y[pick] < 0;
    double w = average_rank(y, c->stride, pick) / (c->trials + 1);
    double logit = log(w / (1 - w));
    t->overfit += logit <= 0;
    if (t->logits != NULL)
        t->logits[half] = logit;
}

static void judge_pair(struct cscv *c, struct tally *t) {
    double n = (double)c->length * (c->blocks / 2);
    for (int i = 0; i < 2; i++) {
        struct sums all = c->side[i].upto[c->blocks];
        square_sharpes(all.sum, all.square, c->stride, n, c->side[i].sharpe);
    }
    const double *x = c->side[0].sharpe, *y = c->side[1].sharpe;
    judge(c, x, y, t->pairs, t);
    judge(c, y, x, t->halves - 1 - t->pairs, t);
    t->pairs++;
}

/* The blocks from `block` to `next` - 1, whose sums are `more`, join one side;
 * the other stays as it is. */
static void take(struct cscv *c, int32_t block, int32_t next, int side,
                 struct sums more) {
    struct side *s = &c->side[side], *other = &c->side[!side];
    double *to = s->room + (int64_t)next * 2 * c->stride;
    s->upto[next] = join(c, s->upto[block], more, to);
    other->upto[next] = other->upto[block];
}

/* All pairs that begin with the sides of `block` blocks, `inside` of them on
 * side 0. That side first: its lists of blocks come in lexicographic order. */
static void visit(struct cscv *c, int32_t block, int32_t inside,
                  struct tally *t) {
    int32_t half = c->blocks / 2, outside = block - inside;
    if (inside == half || outside == half) {
        take(c, block, c->blocks, inside == half, rest_of(c, block));
        judge_pair(c, t);
        return;
    }
    for (int side = 0; side < 2; side++) {
        take(c, block, block + 1, side, block_of(c, block));
        visit(c, block + 1, inside + !side, t);
    }
}

double odds_halves(int32_t blocks) {
    double halves = 1;
    for (int32_t i = 1; i <= blocks / 2; i++)
        halves = halves * (blocks - i + 1) / i;
    return halves;
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

void cscv_judge(const double *rows, int32_t periods, int32_t trials,
                int32_t blocks, double *logits, bt_pbo *out) {
    struct cscv c;
    struct tally t = {.halves = (int32_t)odds_halves(blocks)};
    t.logits = logits;
    cscv_init(&c, rows, periods, trials, blocks);
    take(&c, 0, 1, 0, block_of(&c, 0));
    visit(&c, 1, 1, &t);
    cscv_fini(&c);
    out->halves = t.halves;
    out->pbo = t.overfit / t.halves;
    out->loss = t.losses / t.halves;
    line_fit(&t.line, out);
}

bt_status bt_odds_pbo(const double *returns, int32_t periods, int32_t trials,
                      int32_t blocks, double *logits, bt_pbo *out) {
    TRY(check(periods, trials, blocks));
    int64_t width = 2 * (int64_t)blocks;
    double *rows = mem_alloc((size_t)(trials * width) * sizeof *rows);
    for (int32_t k = 0; k < trials; k++)
        cscv_row(returns + (int64_t)k * periods, periods, blocks,
                 rows + k * width);
    cscv_judge(rows, periods, trials, blocks, logits, out);
    free(rows);
    return BT_OK;
}
