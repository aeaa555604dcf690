/* Double-double and exact sums: the one definition of a sum (see exact.c). */
#ifndef BT_BASE_EXACT_H
#define BT_BASE_EXACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dd {
    double hi, lo; /* value = hi + lo, |lo| <= ulp(hi)/2 */
};

struct dd dd_add(struct dd a, struct dd b);
struct dd dd_add_d(struct dd a, double b);
struct dd dd_sub(struct dd a, struct dd b);

/* The exact sum of x[0..n-1] rounded once (ties to even), safe from overflow on
 * the way; zero is +0. NaN if any is NaN. O(n) always: error-free additions
 * (Knuth; Shewchuk 1997), else a superaccumulator (Neal 2015). */
double exact_sum(const double *x, int64_t n);

/* Prefix sums of a column for O(1) window sums with the same bits.
 *
 * sum[i] holds x[0] + .. + x[i-1] (NaN counted as 0), but is NaN itself for i
 * in -1 .. lead-1, where every window begins with a NaN; gap[i] is 1 + the
 * index of the last NaN before i, 0 when there is none, and left out of a
 * column that has no NaN after a number. bound is 0 when no step rounded, which
 * is so for prices of any ordinary series; otherwise prefix_sum checks the
 * bound against the rounding boundary and falls back to exact_sum. certain says
 * that no difference of two pairs can round, either (exact.c). The storage
 * carries n and bound, so it can be attached to elsewhere. */
struct prefix {
    const double *x;
    int64_t n;
    const struct dd *sum; /* [n + 1] */
    const int64_t *gap;   /* [n + 1]; NULL: lead says all */
    int64_t lead;         /* x begins with so many NaN */
    int64_t clean;        /* no NaN from here on */
    double bound;         /* absolute error of any sum[i]; 0: all exact */
    bool certain;
};

/* Storage that prefix_build wants for x[0..n-1]. O(n) */
size_t prefix_bytes(const double *x, int64_t n);
/* Build into it, 16-byte aligned. */
void prefix_build(struct prefix *p, const double *x, int64_t n, void *storage);
/* Point at storage that prefix_build filled, here or elsewhere, for the same x.
 */
void prefix_attach(struct prefix *p, const double *x, int64_t n,
                   const void *storage);
double prefix_sum_checked(const struct prefix *p, int64_t from, int64_t to);

/* Exact sum of x[from..to-1] rounded once; NaN if the window holds a NaN or
 * reaches before 0. 0 <= to <= n.
 *
 * The rule, written out where it is called: both sums exact, neither more than
 * twice the other, so that their heads subtract without error (Sterbenz), and
 * the tails' difference without error, too (checked). Anything else is for
 * prefix_sum_checked. */
static inline double prefix_sum(const struct prefix *p, int64_t from,
                                int64_t to) {
    if (from >= p->clean && from < to && p->bound == 0) {
        struct dd a = p->sum[to], b = p->sum[from];
        double s = a.hi - b.hi, t = a.lo - b.lo;
        double b_part = t - a.lo, a_part = t - b_part;
        double error = (a.lo - a_part) - (b.lo + b_part);
        if (b.hi <= 2 * a.hi && a.hi <= 2 * b.hi && error == 0)
            return s + t;
    }
    return prefix_sum_checked(p, from, to);
}

#endif
