/* Which points were handed out.
 *
 * A space without continuous parameters and with at most 2^53 points is a list,
 * and a point's key is its position there: exact, so that "all of them" is a
 * count, and an unused one is found by walking on from a random position (as
 * many steps as there are used ones at worst). Otherwise the key is a 64-bit
 * hash of the packed point.
 *
 * O(parameters) an operation, 32 to 64 bytes a point.
 */
#include "search/seen.h"

#define EXACT_COUNT 9007199254740992.0 /* 2^53 */

void seen_init(struct seen *s, const bt_space *space) {
    double n = bt_space_cardinality(space);
    *s = (struct seen){.space = space};
    s->points = space_is_finite(space) && n <= EXACT_COUNT ? n : -1;
    buf_init(&s->packed);
}

void seen_fini(struct seen *s) {
    table_fini(&s->table);
    buf_fini(&s->packed);
}

/* FNV-1a over the packed bytes, mixed; UINT64_MAX is no key. */
static uint64_t hash(struct seen *s, const struct point *p) {
    buf_clear(&s->packed);
    point_pack(s->space, p, &s->packed);
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < s->packed.len; i++)
        h = (h ^ (unsigned char)s->packed.data[i]) * UINT64_C(0x100000001b3);
    return table_mix(h) >> 1;
}

uint64_t seen_key(struct seen *s, const struct point *p) {
    return s->points >= 0 ? space_rank(s->space, p) : hash(s, p);
}

bool seen_has(const struct seen *s, uint64_t key) {
    uint64_t ignored;
    return table_get(&s->table, key, &ignored);
}

void seen_add(struct seen *s, uint64_t key) {
    table_put(&s->table, key, 0);
}

bool seen_all(const struct seen *s) {
    return s->points >= 0 && (double)s->table.count >= s->points;
}

void seen_other(struct seen *s, struct rng *rng, struct point *out) {
    int64_t last = (int64_t)s->points - 1;
    int64_t at = rng_range(rng, 0, last);
    while (seen_has(s, (uint64_t)at))
        at = at == last ? 0 : at + 1;
    space_point(s->space, (uint64_t)at, out);
}
