/* Hypervolume, exactly, and the subset that keeps most of it.
 *
 * What a point adds to a set is its own box less what the set covers of it: the
 * volume of the set cut down to the box. So a volume is a sum over the points,
 * each with those behind it (While, Bradstreet, Barone 2012, IEEE Trans. Evol.
 * Comp. 16(1), WFG). Two objectives are a staircase, sorted and summed.
 *
 * The subset is taken greedily, which is at least 63 % of the best subset's
 * volume (Nemhauser, Wolsey, Fisher 1978); a gain never grows as the subset
 * does, so an old one is a bound and few are reckoned anew.
 *
 * Cost: O(n log n) for m = 2, else O(m n^(m - 1)) at worst; few points survive
 * being cut down.
 */
#include "search/hypervolume.h"

#include "base/front.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double box(const double *x, int32_t m) {
    double volume = 1;
    for (int32_t i = 0; i < m; i++)
        volume *= x[i];
    return volume;
}

static int widest_first(const void *a, const void *b) {
    const double *p = a, *q = b;
    if (p[0] != q[0])
        return p[0] > q[0] ? -1 : 1;
    return (p[1] < q[1]) - (p[1] > q[1]);
}

static double staircase(const double *x, size_t n) {
    double *sorted = mem_alloc((n + 1) * 2 * sizeof *sorted), sum = 0, top = 0;
    memcpy(sorted, x, n * 2 * sizeof *x);
    qsort(sorted, n, 2 * sizeof *sorted, widest_first);
    for (size_t i = 0; i < n; i++) {
        if (sorted[2 * i + 1] <= top)
            continue;
        sum += sorted[2 * i] * (sorted[2 * i + 1] - top);
        top = sorted[2 * i + 1];
    }
    free(sorted);
    return sum;
}

/* x [n][m] cut down to the box of p, without what is dominated then. */
static size_t cut(const double *p, const double *x, size_t n, int32_t m,
                  double *out) {
    size_t width = (size_t)m, kept = 0;
    for (size_t i = 0; i < n; i++) {
        double *c = out + kept * width;
        bool covered = false;
        for (size_t j = 0; j < width; j++)
            c[j] = fmin(p[j], x[i * width + j]);
        for (size_t k = 0; k < kept && !covered; k++)
            covered = memcmp(out + k * width, c, width * sizeof *c) == 0 ||
                      front_dominates(out + k * width, c, m);
        kept += !covered;
    }
    return kept;
}

/* What p adds to x [n][m]. */
static double gain(const double *p, const double *x, size_t n, int32_t m) {
    double *inside = mem_alloc((n + 1) * (size_t)m * sizeof *inside);
    size_t kept = cut(p, x, n, m, inside);
    double covered = hypervolume(inside, kept, m);
    free(inside);
    return box(p, m) - covered;
}

double hypervolume(const double *x, size_t n, int32_t m) {
    double sum = 0;
    if (m == 2)
        return staircase(x, n);
    for (size_t i = 0; i < n; i++) {
        const double *p = x + i * (size_t)m;
        sum += gain(p, p + m, n - i - 1, m);
    }
    return sum;
}

/* ---- the subset ------------------------------------------------------------
 */

/* The first of the largest. */
static size_t first_largest(const double *bound, size_t n) {
    size_t at = 0;
    for (size_t i = 1; i < n; i++)
        at = bound[i] > bound[at] ? i : at;
    return at;
}

void hypervolume_choose(const double *x, size_t n, int32_t m, size_t k,
                        size_t *out) {
    size_t width = (size_t)m;
    double *bound = mem_alloc((n + 1) * sizeof *bound);
    double *chosen = mem_alloc((k + 1) * width * sizeof *chosen);
    for (size_t i = 0; i < n; i++)
        bound[i] = box(x + i * width, m);
    for (size_t taken = 0; taken < k; taken++) {
        size_t at = first_largest(bound, n), before = n;
        while (at != before) { /* until the largest is a fresh one */
            bound[at] = gain(x + at * width, chosen, taken, m);
            before = at;
            at = first_largest(bound, n);
        }
        memcpy(chosen + taken * width, x + at * width, width * sizeof *x);
        out[taken] = at;
        bound[at] = -INFINITY;
    }
    free(chosen);
    free(bound);
}
