/* Sobol's sequence, scrambled, and the search that follows it.
 *
 * A coordinate of point n is the exclusive or of the direction numbers at the
 * set bits of n's Gray code, so a step costs one exclusive or a dimension
 * (Antonov, Saleev 1979). Each dimension is scrambled by a random unit lower
 * triangular matrix over its bits and a random shift (Matousek 1998): the first
 * 2^k points stay a net, and none of them lies on an edge by design. The first
 * point is kept; dropping it would break the net (Owen 2020).
 *
 * 32 bits a coordinate; 8 kB of directions in 64 dimensions.
 */
#include "search/sobol.h"

#include "base/mem.h"
#include "search/sampler.h"

static int degree_of(uint32_t polynomial) {
    return 31 - __builtin_clz(polynomial);
}

/* m_k = 2 a_1 m_(k-1) ^ 4 a_2 m_(k-2) ^ ... ^ 2^s m_(k-s) ^ m_(k-s), kept as
 * the fraction m_k / 2^k. */
static void directions(int32_t dim, uint32_t v[SOBOL_BITS]) {
    if (dim == 0) {
        for (int k = 0; k < SOBOL_BITS; k++)
            v[k] = UINT32_C(1) << (31 - k);
        return;
    }
    const struct sobol_row *row = &sobol_rows[dim - 1];
    int s = degree_of(row->polynomial);
    for (int k = 0; k < s; k++)
        v[k] = (uint32_t)row->m[k] << (31 - k);
    for (int k = s; k < SOBOL_BITS; k++) {
        v[k] = v[k - s] ^ (v[k - s] >> s);
        for (int i = 1; i < s; i++) {
            if (row->polynomial >> (s - i) & 1)
                v[k] ^= v[k - i];
        }
    }
}

/* Each bit becomes itself plus a random choice of the bits above it. */
static void scramble(uint32_t v[SOBOL_BITS], struct rng *rng) {
    uint32_t rows[32];
    for (int bit = 0; bit < 32; bit++) {
        uint32_t above = bit == 31 ? 0 : UINT32_MAX << (bit + 1);
        rows[bit] = ((uint32_t)(rng_u64(rng) >> 32) & above) | UINT32_C(1)
                                                                   << bit;
    }
    for (int k = 0; k < SOBOL_BITS; k++) {
        uint32_t mixed = 0;
        for (int bit = 0; bit < 32; bit++)
            mixed |= (uint32_t)__builtin_parity(v[k] & rows[bit]) << bit;
        v[k] = mixed;
    }
}

void sobol_init(struct sobol *s, int32_t dims, struct rng *rng) {
    s->dims = dims;
    s->index = 0;
    for (int32_t i = 0; i < dims; i++) {
        directions(i, s->direction[i]);
        s->at[i] = 0;
        if (rng) {
            scramble(s->direction[i], rng);
            s->at[i] = (uint32_t)(rng_u64(rng) >> 32);
        }
    }
}

void sobol_next(struct sobol *s, double *unit) {
    int bit = __builtin_ctzll(~(uint64_t)s->index);
    s->index++;
    for (int32_t i = 0; i < s->dims; i++) {
        unit[i] = (double)s->at[i] * 0x1p-32;
        if (bit < SOBOL_BITS)
            s->at[i] ^= s->direction[i][bit];
    }
}

/* ---- the search ------------------------------------------------------------
 */

struct sobol_search {
    struct sampler base;
    struct sobol sequence;
};

static void sobol_propose(struct sampler *s, struct rng *rng, int tries,
                          double *x) {
    (void)rng;
    (void)tries;
    struct sobol_search *search = (struct sobol_search *)s;
    if (s->base.asked == 0 && tries == 0) {
        struct rng key;
        rng_key(&key, s->base.seed, "search:sobol", 0);
        sobol_init(&search->sequence, s->cube.dims, &key);
    }
    sobol_next(&search->sequence, x);
    for (int32_t i = 0; i < s->cube.dims; i++)
        x[i] = axis_draw(&s->cube.axis[i], x[i]);
}

static const struct sampler_kind sobol_kind = {
    .search = SAMPLER_KIND(false),
    .stream = "search:sobol",
    .propose = sobol_propose,
};

struct search *sobol_new(const bt_space *space) {
    struct sobol_search *s = mem_zalloc(1, sizeof *s);
    sampler_init(&s->base, &sobol_kind, space);
    return &s->base.base;
}
