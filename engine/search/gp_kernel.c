/* Matern 5/2, and the exponential it needs.
 *
 * A GP of n points evaluates it n times for each place it is asked about, and
 * asks about thousands of places, so the exponential is written out over four
 * lanes: x = k ln 2 + r with |r| <= ln 2 / 2, Taylor's series of degree 13 for
 * e^r (remainder 4e-18), and k added to the exponent bits. The ln 2 is split so
 * that k times its upper part is exact. Nothing of libm: the same bits on every
 * machine. Relative error below 4e-16 (checked against expl in the tests).
 *
 * What is nothing is 1e-150, whose square is still a normal number: a fit that
 * tries short lengths would otherwise multiply subnormal ones, at a hundred
 * cycles each.
 */
#include "base/lanes.h"
#include "search/gp_model.h"

#include <math.h>
#include <stdint.h>

#define LEAST (-345.0) /* e^-345 = 1e-150 stands for all below: see above */
#define SHIFT                                                                  \
    6755399441055744.0 /* 1.5 * 2^52: adding it rounds to an integer */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33

/* e^x in place, x <= 0, of one group of lanes or two. */
static inline __attribute__((always_inline)) void exp_lanes(lanes *x,
                                                            int groups) {
    static const double c[] = {1.0 / 6227020800,
                               1.0 / 479001600,
                               1.0 / 39916800,
                               1.0 / 3628800,
                               1.0 / 362880,
                               1.0 / 40320,
                               1.0 / 5040,
                               1.0 / 720,
                               1.0 / 120,
                               1.0 / 24,
                               1.0 / 6,
                               0.5,
                               1.0,
                               1.0};
    const lanes least = {LEAST, LEAST, LEAST, LEAST};
    lanes shifted[2], r[2], p[2];
#pragma GCC unroll 2
    for (int g = 0; g < groups; g++) {
        lanes at = lanes_choose(x[g] > least, x[g], least);
        shifted[g] = at * M_LOG2E + SHIFT;
        lanes k = shifted[g] - SHIFT;
        r[g] = (at - k * LN2_HIGH) - k * LN2_LOW;
        p[g] = r[g] * c[0] + c[1];
    }
#pragma GCC unroll 16
    for (size_t i = 2; i < sizeof c / sizeof c[0]; i++) {
#pragma GCC unroll 2
        for (int g = 0; g < groups; g++)
            p[g] = p[g] * r[g] + c[i];
    }
#pragma GCC unroll 2
    for (int g = 0; g < groups; g++)
        x[g] = (lanes)((lanes_words)p[g] + ((lanes_words)shifted[g] << 52));
}

/* LANES or twice as many at s: one sequence of steps waits for itself, two fill
 * each other's gaps. */
static inline __attribute__((always_inline)) void
kernels(const double *s, int groups, double scale, double *k, double *slope) {
    lanes r[2], e[2];
#pragma GCC unroll 2
    for (int g = 0; g < groups; g++) {
        lanes at = 5 * lanes_at(s + g * LANES);
        r[g] = (lanes){sqrt(at[0]), sqrt(at[1]), sqrt(at[2]), sqrt(at[3])};
        e[g] = -r[g];
    }
    exp_lanes(e, groups);
#pragma GCC unroll 2
    for (int g = 0; g < groups; g++) {
        e[g] *= scale;
        lanes_put(k + g * LANES, e[g] * (1 + r[g] + r[g] * r[g] * (1.0 / 3)));
        if (slope)
            lanes_put(slope + g * LANES, e[g] * (1 + r[g]) * (-5.0 / 6));
    }
}

LANES_CLONES void gp_kernel(const double *s, size_t n, double scale, double *k,
                            double *slope) {
    size_t i = 0;
    for (; i + LANES < n; i += 2 * LANES)
        kernels(s + i, 2, scale, k + i, slope ? slope + i : NULL);
    if (i < n)
        kernels(s + i, 1, scale, k + i, slope ? slope + i : NULL);
}
