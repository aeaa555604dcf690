/* What the workers of an optimisation compute once for all of them.
 *
 * Keys are digests of everything that the column depends on, so an entry is
 * never wrong, only unused; nothing has to be invalidated when a bundle or a
 * setting changes.
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
#include <sys/mman.h>
#include <unistd.h>

/* Seen by all processes. */
struct shared {
    int64_t generation;
    int32_t has_guests; /* another process than the owner used the region */
};

static struct {
    struct arena *arena;
    struct shared *shared;
    size_t budget;
    pid_t owner;
    int64_t held;             /* portals alive in this process */
    struct arena_stats since; /* counters when the generation began */
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
    region.since = (struct arena_stats){0};
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

void cache_key_make(struct cache_key *key, const bt_bundle *b, int32_t sid,
                    int32_t field, const char *kernel, const double *params,
                    int32_t count) {
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
    key->layer = CACHE_INDICATORS;
}

const void *cache_get(const struct cache_key *key) {
    size_t bytes;
    struct arena *a = current();
    return a ? arena_get(a, key->bytes, &bytes) : NULL;
}

void *cache_claim(const struct cache_key *key, size_t bytes) {
    struct arena *a = current();
    return a ? arena_claim(a, key->bytes, bytes) : NULL;
}

void cache_ready(const struct cache_key *key) {
    arena_ready(region.arena, key->bytes);
}

void bt_cache_clear(void) {
    asset_cache_clear();
    if (region.arena == NULL)
        return;
    shelf_forget_cache();
    if (region.held == 0 && is_alone()) {
        arena_clear(region.arena);
        region.since = (struct arena_stats){0};
        return;
    }
    __atomic_fetch_add(&region.shared->generation, 1, __ATOMIC_RELAXED);
    region.since = arena_stats(region.arena);
}

void bt_cache_get_stats(bt_cache_stats *out) {
    struct arena *a = current();
    struct arena_stats s = {0};
    if (a)
        s = arena_stats(a);
    *out = (bt_cache_stats){
        .hits = (double)(s.hits - region.since.hits),
        .misses = (double)(s.misses - region.since.misses),
        .entries = (double)(s.entries - region.since.entries),
        .bytes = (double)(s.bytes - region.since.bytes),
        .budget_bytes = (double)s.budget,
    };
    if (a == NULL)
        *out = (bt_cache_stats){0};
}
