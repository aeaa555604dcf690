/* Squares and products around the mean, exact and rounded once.
 *
 * A variance has one value here: with S = n sum(x^2) - sum(x)^2, exact and
 * rounded once, it is S / n / n. So a window that moves along and one that is
 * summed by itself agree to the bit, and so do all orders of summation.
 *
 * On a grid. All values of a series are multiples of the last bit that is set
 * in any of them. In units of it they are whole numbers, of 53 bits and as many
 * more as the largest value is beyond the smallest; prices have 55 to 65. Up to
 * 108 of them, sums of up to 2^17 fit into 128 bits, and sums of products, that
 * many times over, into 256. So a window is three whole numbers, to which each
 * bar adds one value and from which it takes another, without an error ever.
 *
 * Off it. A product is exact as two doubles (Dekker 1971), a sum as a few
 * (exact_sum again and again of what is left), so S is the exact sum of a list
 * of doubles. Values so large or small that such a product would leave the
 * range of doubles (2^-480 .. 2^480) are summed plainly, around the mean.
 *
 * Cost: about 15 multiplications of 64 bits a bar on the grid.
 */
#include "base/spread.h"

#include "base/exact.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

enum {
    GRID_BITS = 108,
    GRID_WINDOW = 1 << 17,
    GRID_RANGE = 400,
    PARTS_MAX = 48
};

/* ---- the grid ------------------------------------------------------------ */

/* Values are whole multiples of 2^last, below 2^(last + bits). */
struct grid {
    int32_t last, bits;
    bool fits;   /* there are not too many bits */
    bool narrow; /* few enough for 64 bits */
};

static uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

static int32_t exponent_of(uint64_t b) {
    return (int32_t)(b >> 52 & 0x7ff);
}

static uint64_t digits_of(uint64_t b) {
    return (b & 0xfffffffffffffu) | (uint64_t)1 << 52;
}

static struct grid grid_of(const double *x, int32_t n) {
    int32_t last = INT32_MAX, top = INT32_MIN;
    for (int32_t i = 0; i < n; i++) {
        uint64_t b = bits_of(x[i]);
        int32_t e = exponent_of(b) - 1075;
        if (x[i] == 0.0)
            continue;
        if (e + 53 > GRID_RANGE || e + 53 < -GRID_RANGE)
            return (struct grid){.fits = false}; /* NaN, too */
        int32_t low = e + __builtin_ctzll(digits_of(b));
        last = low < last ? low : last;
        top = e + 53 > top ? e + 53 : top;
    }
    if (top == INT32_MIN)
        return (struct grid){0, 0, true, true};
    return (struct grid){last, top - last, top - last <= GRID_BITS,
                         top - last <= 62};
}

static inline i128 whole(double x, const struct grid *g) {
    uint64_t b = bits_of(x);
    int32_t up = exponent_of(b) - 1075 - g->last;
    if (x == 0.0)
        return 0;
    u128 digits = digits_of(b);
    i128 v = (i128)(up >= 0 ? digits << up : digits >> -up);
    return x < 0.0 ? -v : v;
}

/* The same of a narrow grid. */
static inline int64_t whole_narrow(double x, const struct grid *g) {
    uint64_t b = bits_of(x);
    int32_t up = exponent_of(b) - 1075 - g->last;
    if (x == 0.0)
        return 0;
    uint64_t digits = digits_of(b);
    int64_t v = (int64_t)(up >= 0 ? digits << up : digits >> -up);
    return x < 0.0 ? -v : v;
}

/* ---- whole numbers of 256 bits ------------------------------------------- */

/* Two's complement, least limb first. */
struct wide {
    uint64_t limb[4];
};

static inline void wide_add(struct wide *a, const struct wide *b) {
    u128 carry = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        carry += (u128)a->limb[i] + b->limb[i];
        a->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static inline struct wide negated(struct wide a) {
    u128 carry = 1;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        carry += (uint64_t)~a.limb[i];
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

static inline struct wide from_i128(i128 v) {
    uint64_t sign = v < 0 ? UINT64_MAX : 0;
    return (struct wide){{(uint64_t)v, (uint64_t)((u128)v >> 64), sign, sign}};
}

static inline struct wide times(i128 a, i128 b) {
    u128 x = a < 0 ? -(u128)a : (u128)a, y = b < 0 ? -(u128)b : (u128)b;
    u128 ll = (u128)(uint64_t)x * (uint64_t)y;
    u128 lh = (u128)(uint64_t)x * (uint64_t)(y >> 64);
    u128 hl = (u128)(uint64_t)(x >> 64) * (uint64_t)y;
    u128 hh = (u128)(uint64_t)(x >> 64) * (uint64_t)(y >> 64);
    u128 middle = (ll >> 64) + (uint64_t)lh + (uint64_t)hl;
    u128 high = hh + (lh >> 64) + (hl >> 64) + (middle >> 64);
    struct wide p = {{(uint64_t)ll, (uint64_t)middle, (uint64_t)high,
                      (uint64_t)(high >> 64)}};
    return (a < 0) != (b < 0) ? negated(p) : p;
}

static inline struct wide times_count(struct wide a, uint32_t n) {
    u128 carry = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        carry += (u128)a.limb[i] * n;
        a.limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
    return a;
}

static double power(int32_t e) {
    double x;
    uint64_t b = (uint64_t)(e + 1023) << 52;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* a times 2^e, rounded once: the 64 highest bits, the last of them set when
 * anything is left behind. */
static double rounded(struct wide a, int32_t e) {
    bool negative = a.limb[3] >> 63;
    if (negative)
        a = negated(a);
    int top = 3;
    while (top > 0 && a.limb[top] == 0)
        top--;
    uint64_t head = a.limb[top];
    if (head == 0)
        return 0.0;
    int gap = __builtin_clzll(head), below = top;
    if (gap > 0 && top > 0)
        head = head << gap | a.limb[top - 1] >> (64 - gap);
    else
        head <<= gap;
    uint64_t rest = top > 0 ? a.limb[--below] << gap : 0;
    while (below > 0)
        rest |= a.limb[--below];
    head |= rest != 0;
    double value = (double)head * power(e + 64 * top - gap);
    return negative ? -value : value;
}

/* ---- windows on the grid ------------------------------------------------- */

struct window {
    const double *x, *y;
    struct grid gx, gy;
    i128 sum_x, sum_y;
    struct wide products;
};

static inline void put_narrow(struct window *s, int32_t i, bool away) {
    int64_t kx = whole_narrow(s->x[i], &s->gx);
    int64_t ky = s->x == s->y ? kx : whole_narrow(s->y[i], &s->gy);
    struct wide p = from_i128((i128)(away ? -kx : kx) * ky);
    s->sum_x += away ? -kx : kx;
    s->sum_y += away ? -ky : ky;
    wide_add(&s->products, &p);
}

/* Add the values at an index, or take them away. */
static inline void put(struct window *s, int32_t i, bool away) {
    if (s->gx.narrow && s->gy.narrow) {
        put_narrow(s, i, away);
        return;
    }
    i128 kx = whole(s->x[i], &s->gx);
    i128 ky = s->x == s->y ? kx : whole(s->y[i], &s->gy);
    struct wide p = times(away ? -kx : kx, ky);
    s->sum_x += away ? -kx : kx;
    s->sum_y += away ? -ky : ky;
    wide_add(&s->products, &p);
}

static double value_of(const struct window *s, int32_t w) {
    struct wide total = times_count(s->products, (uint32_t)w);
    struct wide means = times(-s->sum_x, s->sum_y);
    wide_add(&total, &means);
    return rounded(total, s->gx.last + s->gy.last);
}

static bool grid_window(struct window *s, const double *x, const double *y,
                        int32_t n, int32_t w) {
    *s = (struct window){.x = x, .y = y};
    if (w > GRID_WINDOW)
        return false;
    s->gx = grid_of(x, n);
    s->gy = x == y ? s->gx : grid_of(y, n);
    return s->gx.fits && s->gy.fits;
}

/* ---- off the grid -------------------------------------------------------- */

/* x = high + low, each of 26 bits (Veltkamp). */
static void halve(double x, double *high, double *low) {
    double c = x * 134217729.0;
    *high = c - (c - x);
    *low = x - *high;
}

/* a b = out[0] + out[1] exactly (Dekker). */
static void product(double a, double b, double *out) {
    double ah, al, bh, bl;
    halve(a, &ah, &al);
    halve(b, &bh, &bl);
    out[0] = a * b;
    out[1] = ((ah * bh - out[0]) + ah * bl + al * bh) + al * bl;
}

/* The exact sum of x as doubles that add up to it; returns how many. list has
 * room for n + PARTS_MAX. */
static int32_t parts_of(const double *x, int32_t n, double *list,
                        double *parts) {
    int32_t count = 0;
    memcpy(list, x, (size_t)n * sizeof *list);
    while (count < PARTS_MAX) {
        double left = exact_sum(list, n + count);
        if (left == 0.0)
            break;
        parts[count] = left;
        list[n + count++] = -left;
    }
    return count;
}

static bool in_range(const double *x, int32_t n) {
    for (int32_t i = 0; i < n; i++)
        if (!(fabs(x[i]) < 0x1p480) || (x[i] != 0.0 && fabs(x[i]) < 0x1p-480))
            return false;
    return true;
}

static double plainly(const double *x, const double *y, int32_t n) {
    double mx = exact_sum(x, n) / n, my = exact_sum(y, n) / n, sum = 0.0;
    for (int32_t i = 0; i < n; i++)
        sum += (x[i] - mx) * (y[i] - my);
    return sum * n;
}

static double surely(const double *x, const double *y, int32_t n) {
    double px[PARTS_MAX], py[PARTS_MAX], two[2];
    size_t room = 4 * (size_t)n + (size_t)2 * PARTS_MAX * PARTS_MAX;
    double *terms = mem_alloc(room * sizeof *terms);
    int32_t cx = parts_of(x, n, terms, px), cy = parts_of(y, n, terms, py);
    int64_t count = 0;
    for (int32_t i = 0; i < n; i++) {
        product(x[i], y[i], two);
        product(two[0], n, terms + count);
        product(two[1], n, terms + count + 2);
        count += 4;
    }
    for (int32_t i = 0; i < cx; i++)
        for (int32_t j = 0; j < cy; j++, count += 2)
            product(-px[i], py[j], terms + count);
    double sum = exact_sum(terms, count);
    free(terms);
    return sum;
}

/* ---- both ---------------------------------------------------------------- */

double spread_of(const double *x, const double *y, int32_t n) {
    struct window s;
    if (grid_window(&s, x, y, n, n)) {
        for (int32_t i = 0; i < n; i++)
            put(&s, i, false);
        return value_of(&s, n);
    }
    if (!in_range(x, n) || !in_range(y, n))
        return plainly(x, y, n);
    return surely(x, y, n);
}

void spread_windows(const double *x, const double *y, int32_t n, int32_t w,
                    double *out) {
    struct window s;
    bool grid = grid_window(&s, x, y, n, w);
    for (int32_t i = 0; i < n; i++) {
        if (grid && i >= w)
            put(&s, i - w, true);
        if (grid)
            put(&s, i, false);
        int32_t first = i - w + 1;
        if (first >= 0)
            out[i] =
                grid ? value_of(&s, w) : spread_of(x + first, y + first, w);
    }
}
