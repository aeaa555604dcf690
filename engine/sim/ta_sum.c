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
 * Cost: about 15 additions a bar whatever the window; the chain through s is
 * two of them long.
 */
#include "sim/ta.h"

#include "base/exact.h"
#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

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

static void sums_by_pair(const double *x, int32_t n, int32_t w, double *out) {
    struct pair p = {0.0, 0.0};
    for (int32_t i = 0; i < w; i++)
        add(&p, x[i]);
    out[w - 1] = p.s + p.lo;
    for (int32_t i = w; i < n; i++) {
        add(&p, x[i]);
        add(&p, -x[i - w]);
        out[i] = p.s + p.lo;
    }
}

static void sums_by_prefix(const double *x, int32_t n, int32_t w, double *out) {
    struct prefix prefix;
    void *storage = mem_alloc(prefix_bytes(n));
    prefix_build(&prefix, x, n, storage);
    for (int32_t i = w - 1; i < n; i++)
        out[i] = prefix_sum(&prefix, i + 1 - w, i + 1);
    free(storage);
}

void ta_window_sums(const double *x, int32_t n, int32_t w, double *out) {
    if (pair_is_exact(x, n, w))
        sums_by_pair(x, n, w, out);
    else
        sums_by_prefix(x, n, w, out);
}
