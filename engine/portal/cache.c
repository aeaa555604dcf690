/* What the workers of an optimisation compute once for all of them.
 *
 * Keys are digests of everything that the column depends on, so an entry is
 * never wrong, only unused; nothing has to be invalidated when a bundle or a
 * setting changes.
 *
 * The guide's history cache has two tiers, and so has this one, under one
 * budget. Tier 1 is an arena: what every window and trial shares, which is
 * resampled and adjusted columns, indicators over adjusted ones, prefix sums,
 * and indicators over the windows of permanent_windows (20, 50, 200). It is
 * never evicted. Tier 2 holds indicators of other lengths, of which a search
 * may ask for any number: the tier2_maxsize (256) that were used last, in what
 * memory tier 1 leaves. Plain windows are pointers into mapped columns and need
 * neither. On SMA-400 (8 assets, 20 + 20 lengths: 320 series, 14 MB) 95 % of
 * the requests find their series in grid order; in random order 82 %, or 95 %
 * with tier2_maxsize = 304.
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
#include "base/recent.h"
#include "portal/shelf.h"
#include "store/asset.h"
#include "store/bundle.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { TIERS = 2 };

#define ADD(place, by) __atomic_fetch_add(&(place), by, __ATOMIC_RELAXED)

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
    struct arena *arena;   /* tier 1 */
    struct recent *recent; /* tier 2; NULL: no address space */
    struct shared *shared;
    size_t budget, recent_max;
    pid_t owner;
    pid_t self; /* whose portals are counted: a fork's are its parent's */
    int64_t portals;
    int64_t held; /* shelves alive in this process that look at tier 1 */
    struct counters since[CACHE_LAYERS][TIERS]; /* when the generation began */
    int64_t since_evictions;
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
    recent_free(region.recent);
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
    region.recent_max = (size_t)bt_config_get()->tier2_maxsize;
    region.recent = recent_new(region.recent_max, budget);
    region.owner = getpid();
    memset(region.since, 0, sizeof region.since);
    region.since_evictions = 0;
}

static bool is_looked_at(void) {
    return region.held > 0 || region.portals > 0;
}

/* The arena under today's settings, or NULL. */
static struct arena *current(void) {
    size_t budget = wanted_budget();
    if (budget == 0)
        return NULL;
    bool other = region.budget != budget ||
                 region.recent_max != (size_t)bt_config_get()->tier2_maxsize;
    if (region.arena && other && !is_looked_at() && region.owner == getpid())
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

void cache_enter(void) {
    if (region.self != getpid())
        region.portals = 0;
    region.self = getpid();
    region.portals++;
}

void cache_leave(void) {
    if (region.self != getpid() || --region.portals > 0)
        return;
    if (region.recent)
        recent_release(region.recent);
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
    key->tier = bundle_is_overlay(b) ? 0 : layer == CACHE_INDICATORS ? 2 : 1;
}

static bool is_permanent(double window) {
    const bt_config *c = bt_config_get();
    for (int32_t i = 0; i < c->permanent_count; i++)
        if (c->permanent_windows[i] == window)
            return true;
    return false;
}

void cache_key_windows(struct cache_key *key, const double *windows,
                       int32_t count) {
    for (int32_t i = 0; i < count; i++)
        if (key->tier == 2 && is_permanent(windows[i]))
            key->tier = 1;
}

void cache_key_permanent(struct cache_key *key) {
    key->tier = key->tier > 0 ? 1 : 0;
}

static struct counters *counters_of(const struct cache_key *key) {
    return &region.shared->counters[key->layer][key->tier - 1];
}

static const void *find(const struct cache_key *key) {
    size_t bytes;
    if (key->tier == 1)
        return arena_get(region.arena, key->bytes, &bytes);
    return region.recent ? recent_get(region.recent, key->bytes) : NULL;
}

const void *cache_get(const struct cache_key *key) {
    struct arena *a = key->tier > 0 ? current() : NULL;
    const void *found = a ? find(key) : NULL;
    if (found)
        ADD(counters_of(key)->hits, 1);
    else if (a)
        ADD(counters_of(key)->misses, 1);
    return found;
}

/* Tier 2 gives way to tier 1. */
static void *claim_permanent(const struct cache_key *key, size_t bytes) {
    size_t used = (size_t)arena_stats(region.arena).bytes + bytes;
    if (used > region.budget)
        return NULL;
    if (region.recent && !recent_shrink(region.recent, region.budget - used))
        return NULL;
    void *room = arena_claim(region.arena, key->bytes, bytes);
    if (room) {
        ADD(counters_of(key)->entries, 1);
        ADD(counters_of(key)->bytes, (int64_t)bytes);
    }
    return room;
}

void *cache_claim(const struct cache_key *key, size_t bytes) {
    struct arena *a = key->tier > 0 ? current() : NULL;
    if (a == NULL)
        return NULL;
    if (key->tier == 1)
        return claim_permanent(key, bytes);
    size_t used = (size_t)arena_stats(a).bytes;
    if (region.recent == NULL || used >= region.budget)
        return NULL;
    return recent_claim(region.recent, key->bytes, bytes, region.budget - used);
}

void cache_ready(const struct cache_key *key) {
    if (key->tier == 1)
        arena_ready(region.arena, key->bytes);
    else
        recent_ready(region.recent, key->bytes);
}

static void count_anew(void) {
    memcpy(region.since, region.shared->counters, sizeof region.since);
    if (region.recent)
        region.since_evictions = recent_stats(region.recent).evictions;
}

void bt_cache_clear(void) {
    asset_cache_clear();
    if (region.arena == NULL)
        return;
    shelf_forget_cache();
    if (region.recent)
        recent_shrink(region.recent, 0); /* what is looked at stays a while */
    if (!is_looked_at() && is_alone())
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

static void add_counters(bt_cache_stats *sum, int32_t layer, int32_t tier) {
    const struct counters *n = &region.shared->counters[layer][tier];
    const struct counters *since = &region.since[layer][tier];
    sum->hits += (double)(n->hits - since->hits);
    sum->misses += (double)(n->misses - since->misses);
    sum->entries += (double)(n->entries - since->entries);
    sum->bytes += (double)(n->bytes - since->bytes);
}

/* What tier 2 holds now. */
static void add_recent(bt_cache_stats *sum) {
    struct recent_stats s = recent_stats(region.recent);
    sum->entries += (double)s.entries;
    sum->bytes += (double)s.bytes;
    sum->evictions += (double)(s.evictions - region.since_evictions);
    sum->max_entries = (double)region.recent_max;
}

void bt_cache_get_part(int32_t layer, int32_t tier, bt_cache_stats *out) {
    bt_cache_stats sum = {0};
    bool on = current() != NULL;
    for (int32_t l = 0; on && l < CACHE_LAYERS; l++)
        for (int32_t t = 0; t < TIERS; t++)
            if ((layer < 0 || layer == l) && (tier == 0 || tier == t + 1))
                add_counters(&sum, l, t);
    if (on && region.recent && tier != 1 &&
        (layer < 0 || layer == CACHE_INDICATORS))
        add_recent(&sum);
    sum.budget_bytes = on ? (double)region.budget : 0;
    *out = sum;
}

void bt_cache_get_stats(bt_cache_stats *out) {
    bt_cache_get_part(-1, 0, out);
}
