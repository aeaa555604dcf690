/* Random streams: splitmix64 or SHA-256 makes a state, xoshiro256++ draws.
 * Blackman, Vigna 2019, public domain. The same bits on every machine. */
#ifndef BT_BASE_RNG_H
#define BT_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
/* A stream of its own for (seed, text, index): the key of a trial is its study
 * seed, canonical parameters and repeat index. */
void rng_key(struct rng *r, uint64_t seed, const char *text, uint64_t index);
uint64_t rng_u64(struct rng *r);
double rng_unit(struct rng *r);                           /* [0, 1), 53 bits */
int64_t rng_range(struct rng *r, int64_t lo, int64_t hi); /* both included */
/* Standard normal from one draw: the inverse distribution function by Wichura's
 * AS 241, the tails' logarithm written out in + - * /; of libm only sqrt. */
double rng_normal(struct rng *r);

#endif
