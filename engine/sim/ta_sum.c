/* Sums of all windows of a series, each the exact sum rounded once.
 *
 * A window's sum is carried as a pair (s, lo): when a value enters and another
 * leaves, two_sum gives the rounding errors of both steps exactly and lo takes
 * them up, so s + lo is the exact sum as long as adding to lo does not round.
 * That is known beforehand. All values are multiples of u, the last bit of the
 * smallest, u >= min|x| 2^-53; hence so are s and lo, and lo is exact while it
 * stays below 2^53 u. 2 n steps err by at most 2^-53 of a sum (w + 1) max|x|:
 *
 *     2 n (w + 1) max|x| 2^-53 <= min|x|
 *
 * is enough, and true of any ordinary prices. Otherwise the prefix sums of
 * base/exact.h give the same bits more slowly.
 *
 * Sums with evenly sloped weights move along in the same way. When the window
 * goes on by a bar each weight falls by 2, which takes away twice the plain
 * sum:
 *
 *     C' = C - 2 S + (2 - first) leaving + last entering
 *
 * A weight times a value is exact in two halves of 26 bits. The pairs are
 * renormalised at each bar, so that lo never holds more than the errors of one
 * step, and with the last bit u of all values it is enough that
 *
 *     32 w (w + 1) max|x| <= 2^106 u
 *
 * Otherwise each window is summed by itself.
 *
 * Cost: about 15 additions a bar for plain sums, 70 for sloped ones, whatever
 * the window; the chains through s are two and eight of them long. Plain sums
 * go over four stretches of the series at a time, each of which begins with a
 * window of its own: a sum that is exact does not tell how it was made.
 */
#include "sim/ta.h"

#include "base/exact.h"
#include "base/lanes.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct pair {
    double s, lo;
};

static inline void add(struct pair *p, double x) {
    double s = p->s + x;
    double part = s - p->s;
    p->lo += (p->s - (s - part)) + (x - part);
    p->s = s;
}

static bool pair_is_exact(const double *x, int32_t n, int32_t w) {
    double most = 0.0, least = INFINITY;
    for (int32_t i = 0; i < n; i++) {
        double v = fabs(x[i]);
        most = v > most ? v : most;
        least = v < least && v > 0.0 ? v : least;
    }
    if (least < 0x1p-900 || !(most < 0x1p900))
        return false;
    return most == 0.0 || 2.0 * n * (w + 1.0) * (most / least) <= 0x1p52;
}

static void sums_by_pair(const double *x, int32_t n, int32_t w, double by,
                         double *out) {
    struct pair p = {0.0, 0.0};
    for (int32_t i = 0; i < w; i++)
        add(&p, x[i]);
    out[w - 1] = (p.s + p.lo) / by;
    for (int32_t i = w; i < n; i++) {
        add(&p, x[i]);
        add(&p, -x[i - w]);
        out[i] = (p.s + p.lo) / by;
    }
}

struct pairs {
    lanes s, lo;
};

static inline void add_lanes(struct pairs *p, lanes x) {
    lanes s = p->s + x;
    lanes part = s - p->s;
    p->lo += (p->s - (s - part)) + (x - part);
    p->s = s;
}

/* Of four stretches of `step` windows, side by side. */
LANES_CLONES
static void sums_by_lanes(const double *x, int32_t step, int32_t w, double by,
                          double *out) {
    const double *a = x, *b = a + step, *c = b + step, *d = c + step;
    double *to[LANES] = {out, out + step, out + 2 * step, out + 3 * step};
    struct pairs p = {{0}, {0}};
    for (int32_t i = 0; i < w + step - 1; i++) {
        add_lanes(&p, (lanes){a[i], b[i], c[i], d[i]});
        if (i >= w)
            add_lanes(&p, -(lanes){a[i - w], b[i - w], c[i - w], d[i - w]});
        if (i < w - 1)
            continue;
        lanes sum = (p.s + p.lo) / by;
        for (int k = 0; k < LANES; k++)
            to[k][i] = sum[k];
    }
}

static void sums_by_prefix(const double *x, int32_t n, int32_t w, double by,
                           double *out) {
    struct prefix prefix;
    void *storage = mem_alloc(prefix_bytes(x, n));
    prefix_build(&prefix, x, n, storage);
    for (int32_t i = w - 1; i < n; i++)
        out[i] = prefix_sum(&prefix, i + 1 - w, i + 1) / by;
    free(storage);
}

static void window_sums(const double *x, int32_t n, int32_t w, double by,
                        double *out) {
    int32_t step = (n - w + 1) / LANES, done = step * LANES;
    if (!pair_is_exact(x, n, w)) {
        sums_by_prefix(x, n, w, by, out);
        return;
    }
    if (step > 0)
        sums_by_lanes(x, step, w, by, out);
    if (done < n - w + 1)
        sums_by_pair(x + done, n - done, w, by, out + done);
}

void ta_window_sums(const double *x, int32_t n, int32_t w, double *out) {
    window_sums(x, n, w, 1.0, out);
}

void ta_mean(const double *x, int32_t n, int32_t w, double *out) {
    window_sums(x, n, w, w, out);
}

/* ---- sloped -------------------------------------------------------------- */

/* The last bit of x != 0 that is set, as a double. */
static double last_bit(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int32_t exponent = (int32_t)(bits >> 52 & 0x7ff);
    uint64_t digits = (bits & 0xfffffffffffffu) | (uint64_t)1 << 52;
    return ldexp(1.0, exponent - 1075 + __builtin_ctzll(digits));
}

static bool slope_is_exact(const double *x, int32_t n, int32_t w) {
    double most = 0.0, last = INFINITY;
    for (int32_t i = 0; i < n; i++) {
        double v = fabs(x[i]);
        if (v == 0.0)
            continue;
        if (!(v >= 0x1p-800 && v < 0x1p800))
            return false;
        most = v > most ? v : most;
        last = fmin(last, last_bit(v));
    }
    return most == 0.0 || 32.0 * w * (w + 1.0) * (most / last) <= 0x1p106;
}

/* x = high + low, each of 26 bits (Veltkamp). */
static inline void halve(double x, double *high, double *low) {
    double c = x * 134217729.0;
    *high = c - (c - x);
    *low = x - *high;
}

static inline void add_times(struct pair *p, double x, double weight) {
    double high, low;
    halve(x, &high, &low);
    add(p, weight * high);
    add(p, weight * low);
}

/* s becomes the exact sum, rounded. */
static inline void settle(struct pair *p) {
    double lo = p->lo;
    p->lo = 0.0;
    add(p, lo);
}

static void slopes_by_pair(const double *x, int32_t n, int32_t w, double first,
                           double *out) {
    struct pair sum = {0.0, 0.0}, sloped = {0.0, 0.0};
    double last = first + 2.0 * (w - 1.0);
    for (int32_t i = 0; i < n; i++) {
        double leaving = i < w ? 0.0 : x[i - w];
        double weight = i < w ? first + 2.0 * i : last;
        if (i >= w) {
            add(&sloped, -2.0 * sum.s);
            add(&sloped, -2.0 * sum.lo);
            add_times(&sloped, leaving, 2.0 - first);
            add(&sum, -leaving);
        }
        add_times(&sloped, x[i], weight);
        add(&sum, x[i]);
        settle(&sloped);
        settle(&sum);
        if (i >= w - 1)
            out[i] = sloped.s;
    }
}

static void slopes_by_window(const double *x, int32_t n, int32_t w,
                             double first, double *out) {
    double *terms = ta_room(2, w);
    for (int32_t i = w - 1; i < n; i++) {
        for (int32_t j = 0; j < w; j++) {
            double high, low;
            halve(x[i - w + 1 + j], &high, &low);
            terms[2 * j] = (first + 2.0 * j) * high;
            terms[2 * j + 1] = (first + 2.0 * j) * low;
        }
        out[i] = exact_sum(terms, 2 * (int64_t)w);
    }
    free(terms);
}

void ta_sloped_sums(const double *x, int32_t n, int32_t w, double first,
                    double *out) {
    if (slope_is_exact(x, n, w))
        slopes_by_pair(x, n, w, first, out);
    else
        slopes_by_window(x, n, w, first, out);
}
