/* Random streams that are the same bits on every machine.
 *
 * xoshiro256++ (Blackman, Vigna 2019, public domain) over a 256-bit state.
 * rng_seed fills the state by splitmix64, as its authors advise. rng_key takes
 * it from the SHA-256 of (seed, text, index): the streams of a study's trials
 * are then as good as independent, however alike their parameters look. An
 * all-zero state, the one fixed point, would need a digest of zeros.
 *
 * rng_normal turns one 52-bit draw into a normal deviate by inverting the
 * distribution function with stat_normal_inverse, which needs + - * / and sqrt
 * alone.
 */
#include "base/rng.h"

#include "base/digest.h"
#include "base/stat.h"

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

double rng_normal(struct rng *r) {
    /* Odd multiples of 2^-53: symmetric, never 0 or 1. */
    return stat_normal_inverse((double)((rng_u64(r) >> 12) * 2 + 1) * 0x1p-53);
}
