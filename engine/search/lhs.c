/* Latin hypercube: each parameter's range in as many strata as there are
 * trials, each stratum met once.
 *
 * The stratum of trial n in dimension d is a random permutation of 0 .. N-1 at
 * n. It is not stored: a Feistel network of four rounds on the bits of N - 1,
 * keyed by (seed, d), permutes the next power of four, and what falls outside
 * 0 .. N-1 goes round again (Black, Rogaway 2002). Under four rounds a step on
 * average, nothing in memory, any N. The place within a stratum is uniform.
 * McKay, Beckman, Conover 1979.
 *
 * In a finite space strata coincide; a point that was there is replaced by a
 * draw from the prior.
 */
#include "base/mem.h"
#include "search/sampler.h"

enum { ROUNDS = 4 };

struct lhs {
    struct sampler base;
    uint64_t key[SPACE_MAX];
};

static uint64_t feistel(uint64_t v, int half, uint64_t key) {
    uint64_t mask = (UINT64_C(1) << half) - 1;
    uint64_t left = v >> half, right = v & mask;
    for (uint64_t round = 0; round < ROUNDS; round++) {
        uint64_t mixed = table_mix(table_mix(key + round) ^ right) & mask;
        uint64_t next = left ^ mixed;
        left = right;
        right = next;
    }
    return left << half | right;
}

static uint64_t permuted(uint64_t i, uint64_t n, uint64_t key) {
    int half = 1;
    while (half < 31 && UINT64_C(1) << 2 * half < n)
        half++;
    do
        i = feistel(i, half, key);
    while (i >= n);
    return i;
}

static void lhs_propose(struct sampler *s, struct rng *rng, int tries,
                        double *x) {
    struct lhs *lhs = (struct lhs *)s;
    if (tries > 0) {
        cube_draw(&s->cube, rng, x);
        return;
    }
    uint64_t n = (uint64_t)s->base.limit, at = (uint64_t)s->base.asked;
    for (int32_t i = 0; i < s->cube.dims; i++) {
        struct rng key;
        if (at == 0) {
            rng_key(&key, s->base.seed, "search:lhs:strata", (uint64_t)i);
            lhs->key[i] = rng_u64(&key);
        }
        uint64_t stratum = permuted(at, n, lhs->key[i]);
        double unit = ((double)stratum + rng_unit(rng)) / (double)n;
        x[i] = axis_draw(&s->cube.axis[i], unit);
    }
}

static const struct sampler_kind lhs_kind = {
    .search = SAMPLER_KIND(false),
    .stream = "search:lhs",
    .propose = lhs_propose,
};

struct search *lhs_new(const bt_space *space) {
    struct lhs *lhs = mem_zalloc(1, sizeof *lhs);
    sampler_init(&lhs->base, &lhs_kind, space);
    return &lhs->base.base;
}
