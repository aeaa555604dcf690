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

typedef int64_t words __attribute__((vector_size(32)));

#define LEAST (-345.0) /* e^-345 = 1e-150 stands for all below: see above */
#define SHIFT                                                                  \
    6755399441055744.0 /* 1.5 * 2^52: adding it rounds to an integer */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33

/* Lanes of a where the mask is set, else b. */
#define lanes_choose(mask, a, b)                                               \
    ((lanes)(((words)(a) & (mask)) | ((words)(b) & ~(mask))))

/* e^x in place, x <= 0. */
static inline __attribute__((always_inline)) void exp_lanes(lanes *x) {
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
    lanes at = lanes_choose(*x > least, *x, least);
    lanes shifted = at * M_LOG2E + SHIFT;
    lanes k = shifted - SHIFT;
    lanes r = (at - k * LN2_HIGH) - k * LN2_LOW;
    lanes e = r * c[0] + c[1];
#pragma GCC unroll 16
    for (size_t i = 2; i < sizeof c / sizeof c[0]; i++)
        e = e * r + c[i];
    *x = (lanes)((words)e + ((words)shifted << 52));
}

LANES_CLONES void gp_kernel(const double *s, size_t n, double scale, double *k,
                            double *slope) {
    for (size_t i = 0; i < n; i += LANES) {
        lanes at = 5 * lanes_at(s + i);
        lanes r = {sqrt(at[0]), sqrt(at[1]), sqrt(at[2]), sqrt(at[3])};
        lanes e = -r;
        exp_lanes(&e);
        e *= scale;
        lanes_put(k + i, e * (1 + r + r * r * (1.0 / 3)));
        if (slope)
            lanes_put(slope + i, e * (1 + r) * (-5.0 / 6));
    }
}
