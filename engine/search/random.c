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
 * again, up to max_retries times. So it is with an int under the log-uniform
 * prior, whose points are not alike; where all of a finite space is drawn that
 * way but few points, one of those is taken as it comes.
 *
 * Cost: O(parameters) an ask, 16 to 64 bytes a point handed out.
 */
#include "search/kind.h"

#include "base/mem.h"
#include "base/rng.h"
#include "search/seen.h"

#include <stdlib.h>

struct random {
    struct search base;
    int32_t retries;
    bool listed;        /* a finite space, all its points as likely */
    struct table moved; /* of such: where the list was shuffled */
    struct seen seen;   /* of another one: what was handed out */
};

static uint64_t entry(const struct random *r, uint64_t i) {
    uint64_t value;
    return table_get(&r->moved, i, &value) ? value : i;
}

static bool ask_finite(struct random *r, struct rng *rng, struct point *out) {
    int64_t at = r->base.asked;
    if ((double)at >= r->seen.points)
        return false;
    int64_t from = rng_range(rng, at, (int64_t)r->seen.points - 1);
    uint64_t chosen = entry(r, (uint64_t)from);
    table_put(&r->moved, (uint64_t)from, entry(r, (uint64_t)at));
    space_point(r->base.space, chosen, out);
    return true;
}

static void draw(const bt_space *s, struct rng *rng, struct point *out) {
    out->count = space_count(s);
    for (int32_t i = 0; i < out->count; i++) {
        double normal = space_wants_normal(s, i) ? rng_normal(rng) : 0;
        double unit = space_wants_normal(s, i) ? 0 : rng_unit(rng);
        space_sample(s, i, unit, normal, &out->value[i]);
    }
    point_settle(s, out);
}

static bool ask_open(struct random *r, struct rng *rng, struct point *out) {
    uint64_t key = 0;
    if (seen_all(&r->seen))
        return false;
    for (int tries = 0; tries <= r->retries; tries++) {
        draw(r->base.space, rng, out);
        key = seen_key(&r->seen, out);
        if (!seen_has(&r->seen, key))
            break;
    }
    if (r->seen.points >= 0 && seen_has(&r->seen, key)) {
        seen_other(&r->seen, rng, out);
        key = seen_key(&r->seen, out);
    }
    seen_add(&r->seen, key);
    return true;
}

static bool random_ask(struct search *s, struct point *out) {
    struct random *r = (struct random *)s;
    struct rng rng;
    rng_key(&rng, s->seed, "search:random", (uint64_t)s->asked + 1);
    return r->listed ? ask_finite(r, &rng, out) : ask_open(r, &rng, out);
}

static double random_total(const struct search *s) {
    return ((const struct random *)s)->seen.points;
}

static void random_free(struct search *s) {
    struct random *r = (struct random *)s;
    seen_fini(&r->seen);
    table_fini(&r->moved);
    free(r);
}

static const struct search_kind random_kind = {
    .adaptive = false,
    .ask = random_ask,
    .total = random_total,
    .free = random_free,
};

struct search *random_new(const bt_space *space,
                          const struct random_options *o) {
    struct random *r = mem_zalloc(1, sizeof *r);
    r->base.kind = &random_kind;
    r->retries = o->retries;
    seen_init(&r->seen, space);
    r->listed = r->seen.points >= 0 && space_is_even(space);
    return &r->base;
}
