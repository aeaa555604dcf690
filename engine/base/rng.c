/* Random streams that are the same bits on every machine.
 *
 * xoshiro256++ (Blackman, Vigna 2019, public domain) over a 256-bit state.
 * rng_seed fills the state by splitmix64, as its authors advise. rng_key takes
 * it from the SHA-256 of (seed, text, index): the streams of a study's trials
 * are then as good as independent, however alike their parameters look. An
 * all-zero state, the one fixed point, would need a digest of zeros.
 *
 * rng_normal turns one 52-bit draw into a normal deviate by inverting the
 * distribution function: Wichura's AS 241 (1988), relative error about 1e-16.
 * Its tails need a logarithm. libm's may differ between machines, so log_of()
 * is written out here: x = m * 2^e with m in [sqrt(1/2), sqrt(2)), and
 * log m = 2 atanh((m - 1) / (m + 1)) as a power series of 11 terms, the first
 * neglected one below 1e-18. Only + - * / and sqrt, which IEEE 754 rounds
 * correctly, and no contraction: the result has one value.
 */
#include "base/rng.h"

#include "base/digest.h"

#include <math.h>
#include <string.h>

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void rng_seed(struct rng *r, uint64_t seed) {
    for (int i = 0; i < 4; i++)
        r->s[i] = splitmix(&seed);
}

void rng_key(struct rng *r, uint64_t seed, const char *text, uint64_t index) {
    uint8_t raw[DIGEST_BYTES];
    struct digest *d = digest_new();
    digest_i64(d, (int64_t)seed);
    digest_str(d, text);
    digest_i64(d, (int64_t)index);
    digest_end(d, raw);
    digest_free(d);
    for (int i = 0; i < 4; i++) {
        r->s[i] = 0;
        for (int k = 7; k >= 0; k--) /* little-endian */
            r->s[i] = r->s[i] << 8 | raw[8 * i + k];
    }
}

static inline uint64_t rotate_left(uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
}

uint64_t rng_u64(struct rng *r) {
    uint64_t *s = r->s;
    uint64_t result = rotate_left(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

double rng_unit(struct rng *r) {
    return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

/* Uniform by rejection: draws in the last, incomplete block of the 2^64
 * possible ones are thrown away. */
int64_t rng_range(struct rng *r, int64_t lo, int64_t hi) {
    if (lo >= hi)
        return lo;
    uint64_t span = (uint64_t)hi - (uint64_t)lo + 1; /* 0: all of them */
    uint64_t draw = rng_u64(r);
    if (span) {
        uint64_t reject = (0 - span) % span; /* 2^64 mod span */
        while (draw < reject)
            draw = rng_u64(r);
        draw %= span;
    }
    return (int64_t)((uint64_t)lo + draw);
}

/* Natural logarithm of a normal x > 0. */
static double log_of(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> 52) - 1023;
    bits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1023) << 52;
    double m;
    memcpy(&m, &bits, sizeof m);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double t = (m - 1) / (m + 1), tt = t * t, series = 0;
    for (int k = 21; k >= 1; k -= 2)
        series = series * tt + 1.0 / k;
    return exponent * 0.6931471805599453 + 2 * t * series;
}

static double polynomial(const double c[8], double x) {
    double v = c[7];
    for (int i = 6; i >= 0; i--)
        v = v * x + c[i];
    return v;
}

/* AS 241, PPND16: numerators and denominators of its three rational pieces. */
static const double centre_num[8] = {
    3.3871328727963666080,   1.3314166789178437745e2, 1.9715909503065514427e3,
    1.3731693765509461125e4, 4.5921953931549871457e4, 6.7265770927008700853e4,
    3.3430575583588128105e4, 2.5090809287301226727e3};
static const double centre_den[8] = {1.0,
                                     4.2313330701600911252e1,
                                     6.8718700749205790830e2,
                                     5.3941960214247511077e3,
                                     2.1213794301586595867e4,
                                     3.9307895800092710610e4,
                                     2.8729085735721942674e4,
                                     5.2264952788528545610e3};
static const double tail_num[8] = {
    1.42343711074968357734,    4.63033784615654529590,
    5.76949722146069140550,    3.64784832476320460504,
    1.27045825245236838258,    2.41780725177450611770e-1,
    2.27238449892691845833e-2, 7.74545014278341407640e-4};
static const double tail_den[8] = {1.0,
                                   2.05319162663775882187,
                                   1.67638483018380384940,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
static const double far_num[8] = {
    6.65790464350110377720,    5.46378491116411436990,
    1.78482653991729133580,    2.96560571828504891230e-1,
    2.65321895265761230930e-2, 1.24266094738807843860e-3,
    2.71155556874348757815e-5, 2.01033439929228813265e-7};
static const double far_den[8] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};

double rng_normal(struct rng *r) {
    /* Odd multiples of 2^-53: symmetric, never 0 or 1, q exact. */
    double p = (double)((rng_u64(r) >> 12) * 2 + 1) * 0x1p-53;
    double q = p - 0.5;
    if (fabs(q) <= 0.425) {
        double x = 0.180625 - q * q;
        return q * polynomial(centre_num, x) / polynomial(centre_den, x);
    }
    double x = sqrt(-log_of(q < 0 ? p : 1 - p));
    double z =
        x <= 5 ? polynomial(tail_num, x - 1.6) / polynomial(tail_den, x - 1.6)
               : polynomial(far_num, x - 5) / polynomial(far_den, x - 5);
    return q < 0 ? -z : z;
}
