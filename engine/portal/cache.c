/* What the workers of an optimisation compute once for all of them.
 *
 * Keys are digests of everything that the column depends on, so an entry is
 * never wrong, only unused; nothing has to be invalidated when a bundle or a
 * setting changes.
 *
 * The guide's history cache has two tiers, and so has this one, under one
 * budget. Tier 1 holds what every window and trial shares: resampled and
 * adjusted columns, prefix sums, and indicators over the windows that the guide
 * names (20, 50, 200). Tier 2 holds indicators of other lengths, of which a
 * search may ask for any number; it leaves an eighth of the budget to tier 1.
 * Plain windows are pointers into mapped columns and need neither. Nothing is
 * evicted: an entry is wanted again by the next trial, and in what order trials
 * come is not known here. On SMA-400 (8 assets, 20 + 20 lengths: 320 series, 15
 * MB) 95.1 % of the requests find their series, whatever the order of trials; a
 * list of the 256 last used would find 95.0 % in grid order and 76.3 % in
 * random order.
 *
 * Clearing. A worker, or a running backtest, may look at an entry at any time,
 * so bytes are given back only when this process is the only one that ever used
 * the region and no portal is alive. Otherwise clearing starts a new
 * generation: the generation is part of every key, nothing old is found any
 * more, and the statistics start again from here.
 */
#include "portal/cache.h"

#include "base/arena.h"
#include "base/digest.h"
#include "base/log.h"
#include "portal/shelf.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const double NAMED[] = {20, 50, 200};
enum { NAMED_COUNT = sizeof NAMED / sizeof *NAMED, TIERS = 2 };

struct counters {
    int64_t hits, misses, entries, bytes;
};

/* Seen by all processes. */
struct shared {
    int64_t generation;
    int32_t has_guests; /* another process than the owner used the region */
    struct counters counters[CACHE_LAYERS][TIERS];
};

static struct {
    struct arena *arena;
    struct shared *shared;
    size_t budget;
    pid_t owner;
    int64_t held; /* portals alive in this process */
    struct counters since[CACHE_LAYERS][TIERS]; /* when the generation began */
} region;

static size_t wanted_budget(void) {
    const bt_config *c = bt_config_get();
    return c->enable_caching ? (size_t)(c->cache_size_gb * 0x1p30) : 0;
}

static bool is_alone(void) {
    return region.owner == getpid() && !region.shared->has_guests;
}

static void close_region(void) {
    shelf_forget_cache();
    arena_free(region.arena);
    munmap(region.shared, sizeof *region.shared);
    region.arena = NULL;
}

static void open_region(size_t budget) {
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct arena *a = s == MAP_FAILED ? NULL : arena_new(budget);
    if (a == NULL) {
        static bool warned;
        if (!warned)
            log_warn("no address space for a cache of %.1f GB; set "
                     "BACKLUA_CACHE_SIZE_GB to a smaller size",
                     (double)budget / 0x1p30);
        warned = true;
        if (s != MAP_FAILED)
            munmap(s, sizeof *s);
        return;
    }
    region.arena = a;
    region.shared = s;
    region.budget = budget;
    region.owner = getpid();
    memset(region.since, 0, sizeof region.since);
}

/* The arena under today's settings, or NULL. */
static struct arena *current(void) {
    size_t budget = wanted_budget();
    if (budget == 0)
        return NULL;
    if (region.arena && region.budget != budget && region.held == 0 &&
        region.owner == getpid())
        close_region(); /* workers keep theirs */
    if (region.arena == NULL)
        open_region(budget);
    if (region.arena && region.owner != getpid())
        region.shared->has_guests = 1;
    return region.arena;
}

void cache_open(void) {
    current();
}

void cache_hold(void) {
    region.held++;
}

void cache_unhold(void) {
    region.held--;
}

static int32_t tier_of(enum cache_layer layer, const double *params,
                       int32_t count) {
    if (layer != CACHE_INDICATORS)
        return 1;
    for (int32_t i = 0; i < count; i++)
        for (int k = 0; k < NAMED_COUNT; k++)
            if (params[i] == NAMED[k])
                return 1;
    return 2;
}

void cache_key_make(struct cache_key *key, enum cache_layer layer,
                    const bt_bundle *b, int32_t sid, int32_t field,
                    const char *kernel, const double *params, int32_t count) {
    static struct digest *d;
    if (d == NULL)
        d = digest_new();
    digest_reset(d);
    digest_add(d, bundle_sha(b), DIGEST_BYTES);
    digest_i64(d, region.arena ? region.shared->generation : 0);
    digest_i64(d, sid);
    digest_i64(d, field);
    digest_str(d, kernel);
    digest_i64(d, count);
    for (int32_t i = 0; i < count; i++)
        digest_f64(d, params[i]);
    digest_end(d, key->bytes);
    key->layer = (int32_t)layer;
    key->tier = bundle_is_overlay(b) ? 0 : tier_of(layer, params, count);
}

static struct counters *counters_of(const struct cache_key *key) {
    return &region.shared->counters[key->layer][key->tier - 1];
}

#define ADD(place, by) __atomic_fetch_add(&(place), by, __ATOMIC_RELAXED)

const void *cache_get(const struct cache_key *key) {
    size_t bytes;
    struct arena *a = key->tier > 0 ? current() : NULL;
    const void *found = a ? arena_get(a, key->bytes, &bytes) : NULL;
    if (found)
        ADD(counters_of(key)->hits, 1);
    else if (a)
        ADD(counters_of(key)->misses, 1);
    return found;
}

void *cache_claim(const struct cache_key *key, size_t bytes) {
    struct arena *a = key->tier > 0 ? current() : NULL;
    if (a == NULL)
        return NULL;
    struct arena_stats s = arena_stats(a);
    if (key->tier > 1 && s.bytes + (int64_t)bytes > s.budget / 8 * 7)
        return NULL;
    void *room = arena_claim(a, key->bytes, bytes);
    if (room) {
        ADD(counters_of(key)->entries, 1);
        ADD(counters_of(key)->bytes, (int64_t)bytes);
    }
    return room;
}

void cache_ready(const struct cache_key *key) {
    arena_ready(region.arena, key->bytes);
}

static void count_anew(void) {
    memcpy(region.since, region.shared->counters, sizeof region.since);
}

void bt_cache_clear(void) {
    asset_cache_clear();
    if (region.arena == NULL)
        return;
    shelf_forget_cache();
    if (region.held == 0 && is_alone())
        arena_clear(region.arena);
    else
        ADD(region.shared->generation, 1);
    count_anew();
}

static const char *const layer_names[CACHE_LAYERS] = {"indicators", "sums",
                                                      "adjusted", "resampled"};

const char *bt_cache_layer(int32_t i) {
    return i >= 0 && i < CACHE_LAYERS ? layer_names[i] : NULL;
}

void bt_cache_get_part(int32_t layer, int32_t tier, bt_cache_stats *out) {
    bt_cache_stats sum = {0};
    struct arena *a = current();
    for (int32_t l = 0; a && l < CACHE_LAYERS; l++)
        for (int32_t t = 0; t < TIERS; t++) {
            const struct counters *n = &region.shared->counters[l][t];
            const struct counters *since = &region.since[l][t];
            if ((layer >= 0 && layer != l) || (tier > 0 && tier != t + 1))
                continue;
            sum.hits += (double)(n->hits - since->hits);
            sum.misses += (double)(n->misses - since->misses);
            sum.entries += (double)(n->entries - since->entries);
            sum.bytes += (double)(n->bytes - since->bytes);
        }
    sum.budget_bytes = a ? (double)arena_stats(a).budget : 0;
    *out = sum;
}

void bt_cache_get_stats(bt_cache_stats *out) {
    bt_cache_get_part(-1, 0, out);
}
