/* Random search without repeats.
 *
 * Each ask draws from a stream of its own, keyed by (seed, "search:random", ask
 * number), so the n-th point does not depend on how the earlier ones came about
 * beyond "not one of them".
 *
 * A space without continuous parameters is a finite list of N points, and the
 * search walks a random permutation of it: Fisher and Yates' shuffle, done one
 * step at an ask, on an array that exists only where it differs from the
 * identity (a hash table of moved entries). So there is never a repeat, never a
 * retry, and the search ends when the list does. Durstenfeld 1964.
 *
 * With a continuous parameter (or more than 2^53 points) a draw that was handed
 * out before (only likely at the clipped ends of a normal prior) is drawn
 * again, up to RETRIES times. The table then holds 64-bit hashes of the points.
 *
 * Cost: O(parameters) an ask, 16 to 64 bytes a point handed out.
 */
#include "search/kind.h"

#include "base/mem.h"
#include "base/rng.h"

#include <stdlib.h>

enum { RETRIES = 100, TABLE_FROM = 64 };
#define EXACT_COUNT 9007199254740992.0 /* 2^53 */

/* ---- numbers to numbers, open addressing, at most half full ----------------
 */

struct slot {
    uint64_t key; /* plus one, 0 = vacant */
    uint64_t value;
};

struct table {
    struct slot *slots;
    size_t cap, count;
};

static uint64_t mix(uint64_t x) { /* splitmix64's finaliser */
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static struct slot *table_slot(const struct table *t, uint64_t key) {
    size_t mask = t->cap - 1;
    size_t at = (size_t)mix(key) & mask;
    while (t->slots[at].key != 0 && t->slots[at].key != key + 1)
        at = (at + 1) & mask;
    return &t->slots[at];
}

static void table_grow(struct table *t) {
    struct table old = *t;
    t->cap = old.cap ? 2 * old.cap : TABLE_FROM;
    t->slots = mem_zalloc(t->cap, sizeof *t->slots);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i].key != 0)
            *table_slot(t, old.slots[i].key - 1) = old.slots[i];
    }
    free(old.slots);
}

static void table_put(struct table *t, uint64_t key, uint64_t value) {
    if (2 * (t->count + 1) > t->cap)
        table_grow(t);
    struct slot *slot = table_slot(t, key);
    if (slot->key == 0)
        t->count++;
    *slot = (struct slot){key + 1, value};
}

static bool table_get(const struct table *t, uint64_t key, uint64_t *value) {
    if (t->count == 0)
        return false;
    const struct slot *slot = table_slot(t, key);
    if (slot->key == 0)
        return false;
    *value = slot->value;
    return true;
}

/* ---- the search ------------------------------------------------------------
 */

struct random {
    struct search base;
    struct table table; /* finite: moved entries; else: hashes handed out */
    double points;      /* N of a finite space, -1 otherwise */
    struct buf packed;
};

static uint64_t entry(const struct random *r, uint64_t i) {
    uint64_t value;
    return table_get(&r->table, i, &value) ? value : i;
}

/* The point with number k of the grid: its digits, last parameter fastest. */
static void decode(const bt_space *s, uint64_t k, struct point *out) {
    out->count = space_count(s);
    for (int32_t i = out->count - 1; i >= 0; i--) {
        uint64_t levels = (uint64_t)space_levels(s, i);
        space_level(s, i, (int64_t)(k % levels), &out->value[i]);
        k /= levels;
    }
}

static bool ask_finite(struct random *r, struct rng *rng, struct point *out) {
    int64_t at = r->base.asked;
    if ((double)at >= r->points)
        return false;
    int64_t from = rng_range(rng, at, (int64_t)r->points - 1);
    uint64_t chosen = entry(r, (uint64_t)from);
    table_put(&r->table, (uint64_t)from, entry(r, (uint64_t)at));
    decode(r->base.space, chosen, out);
    return true;
}

static void draw(const bt_space *s, struct rng *rng, struct point *out) {
    out->count = space_count(s);
    for (int32_t i = 0; i < out->count; i++) {
        double normal = space_wants_normal(s, i) ? rng_normal(rng) : 0;
        double unit = space_wants_normal(s, i) ? 0 : rng_unit(rng);
        space_sample(s, i, unit, normal, &out->value[i]);
    }
}

/* FNV-1a over the packed bytes, mixed; minus one stays free for "vacant". */
static uint64_t hash(struct random *r, const struct point *p) {
    buf_clear(&r->packed);
    point_pack(r->base.space, p, &r->packed);
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < r->packed.len; i++)
        h = (h ^ (unsigned char)r->packed.data[i]) * UINT64_C(0x100000001b3);
    return mix(h) >> 1;
}

static bool ask_open(struct random *r, struct rng *rng, struct point *out) {
    uint64_t key = 0, ignored;
    for (int tries = 0; tries <= RETRIES; tries++) {
        draw(r->base.space, rng, out);
        key = hash(r, out);
        if (!table_get(&r->table, key, &ignored))
            break;
    }
    table_put(&r->table, key, 0);
    return true;
}

static bool ask(struct search *s, struct point *out) {
    struct random *r = (struct random *)s;
    struct rng rng;
    rng_key(&rng, s->seed, "search:random", (uint64_t)s->asked + 1);
    return r->points >= 0 ? ask_finite(r, &rng, out) : ask_open(r, &rng, out);
}

static void tell(struct search *s, const struct point *p, double score) {
    (void)s;
    (void)p;
    (void)score;
}

static double total(const struct search *s) {
    return ((const struct random *)s)->points;
}

static void random_free(struct search *s) {
    struct random *r = (struct random *)s;
    buf_fini(&r->packed);
    free(r->table.slots);
    free(r);
}

static const struct search_kind random_kind = {
    .adaptive = false,
    .ask = ask,
    .tell = tell,
    .total = total,
    .free = random_free,
};

struct search *random_new(const bt_space *space) {
    struct random *r = mem_zalloc(1, sizeof *r);
    double n = bt_space_cardinality(space);
    r->base.kind = &random_kind;
    r->points = space_is_finite(space) && n <= EXACT_COUNT ? n : -1;
    buf_init(&r->packed);
    return &r->base;
}
