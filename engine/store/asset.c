/* Asset lists are read once per content: the cache is keyed by the SHA-256 of
 * the whole bundle, so a new version can never be served an old list. At most
 * lru_maxsize lists stay, least recently used first to go; a list that an open
 * bundle still uses outlives its eviction.
 *
 * Hits and misses are counted in a page that forked workers share, so that the
 * parent can show the sum of all.
 */
#include "store/asset.h"

#include "base/digest.h"
#include "base/lru.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* ---- one list -------------------------------------------------------------*/

struct asset_list *asset_list_new(int32_t count) {
    struct asset_list *l = mem_zalloc(1, sizeof *l);
    l->count = count;
    l->assets = mem_zalloc((size_t)count, sizeof *l->assets);
    l->by_symbol = map_new();
    l->uses = 1;
    return l;
}

/* The map holds the assets themselves: their place is their sid. */
bt_status asset_list_index(struct asset_list *l) {
    for (int32_t i = 0; i < l->count; i++) {
        struct asset *a = &l->assets[i];
        if (map_get(l->by_symbol, a->symbol))
            return fail(BT_E_DATA, "symbol '%s' stands for two assets",
                        a->symbol);
        map_put(l->by_symbol, a->symbol, a);
    }
    return BT_OK;
}

int32_t asset_list_find(const struct asset_list *l, const char *symbol) {
    const struct asset *a = map_get(l->by_symbol, symbol);
    return a ? (int32_t)(a - l->assets) : -1;
}

void asset_list_retain(struct asset_list *l) {
    l->uses++;
}

void asset_list_release(struct asset_list *l) {
    if (l == NULL || --l->uses > 0)
        return;
    for (int32_t i = 0; i < l->count; i++) {
        free(l->assets[i].symbol);
        fact_list_fini(&l->assets[i].facts);
    }
    free(l->assets);
    map_free(l->by_symbol);
    free(l);
}

static size_t list_bytes(const struct asset_list *l) {
    size_t bytes = sizeof *l;
    for (int32_t i = 0; i < l->count; i++)
        bytes += sizeof *l->assets + strlen(l->assets[i].symbol) + 1 +
                 fact_list_bytes(&l->assets[i].facts);
    return bytes;
}

/* ---- the cache ------------------------------------------------------------*/

struct counters {
    int64_t hits, misses;
};

static struct lru *cache;

static struct counters *counters(void) {
    static struct counters own, *shared;
    if (shared)
        return shared;
    void *p = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    shared = p == MAP_FAILED ? &own : p;
    return shared;
}

static void count(struct counters *n, bool hit) {
    __atomic_fetch_add(hit ? &n->hits : &n->misses, 1, __ATOMIC_RELAXED);
}

static void drop(void *value, void *ctx) {
    (void)ctx;
    asset_list_release(value);
}

/* The cache within today's settings; NULL when they turn it off. */
static struct lru *current_cache(void) {
    const bt_config *c = bt_config_get();
    if (!c->enable_caching)
        return NULL;
    size_t max = (size_t)c->lru_maxsize;
    if (cache == NULL)
        cache = lru_new(max, 0, drop, NULL);
    lru_set_limits(cache, max, 0);
    return cache;
}

struct asset_list *asset_cache_get(const uint8_t content[32]) {
    struct counters *n = counters();
    struct lru *c = current_cache();
    char key[DIGEST_TEXT];
    if (c == NULL)
        return NULL;
    digest_hex(content, key);
    struct asset_list *l = lru_get(c, key);
    count(n, l != NULL);
    if (l)
        asset_list_retain(l);
    return l;
}

void asset_cache_put(const uint8_t content[32], struct asset_list *l) {
    struct lru *c = current_cache();
    char key[DIGEST_TEXT];
    if (c == NULL)
        return;
    digest_hex(content, key);
    asset_list_retain(l);
    lru_put(c, key, l, list_bytes(l));
}

void asset_cache_clear(void) {
    struct counters *n = counters();
    if (cache)
        lru_clear(cache);
    __atomic_store_n(&n->hits, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&n->misses, 0, __ATOMIC_RELAXED);
}

void bt_asset_cache_get_stats(bt_cache_stats *out) {
    const struct counters *n = counters();
    struct lru_stats s = {0};
    if (cache)
        s = lru_stats(cache);
    *out = (bt_cache_stats){
        .hits = (double)__atomic_load_n(&n->hits, __ATOMIC_RELAXED),
        .misses = (double)__atomic_load_n(&n->misses, __ATOMIC_RELAXED),
        .entries = (double)s.entries,
        .bytes = (double)s.bytes,
        .evictions = (double)s.evictions,
        .max_entries = (double)bt_config_get()->lru_maxsize};
}
