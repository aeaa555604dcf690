/* A byte-budgeted recency list.
 *
 * Entries hang on one doubly linked list, newest at the head, and are found
 * through a map. Bytes are the caller's figure, so one budget can cover memory
 * that lives elsewhere (a mapped bundle counts its pages).
 *
 * Limits are enforced by lru_put, lru_unpin and lru_set_limits, oldest first.
 * An entry with pins is skipped: pins win over the budget, and the overshoot
 * shows in lru_stats(). So does the entry just put: it stays even if it alone
 * exceeds the budget, since its caller is about to use it.
 *
 * Every operation is O(1) except eviction, which walks past pinned entries.
 * drop is called when the entry has left the list; it must not change the list.
 * Invariant (lru_check): used == sum of entry sizes, each entry on the list
 * once and in the map.
 */
#include "base/lru.h"

#include "base/map.h"
#include "base/mem.h"

#include <assert.h>
#include <stdlib.h>

struct entry {
    struct entry *newer, *older;
    char *key;
    void *value;
    size_t bytes, pins;
};

struct lru {
    struct entry *newest, *oldest;
    struct map *map; /* key -> struct entry */
    size_t max_entries, max_bytes, used;
    void (*drop)(void *value, void *ctx);
    void *ctx;
    int64_t hits, misses, evictions;
};

static void unlink_entry(struct lru *l, struct entry *e) {
    *(e->newer ? &e->newer->older : &l->newest) = e->older;
    *(e->older ? &e->older->newer : &l->oldest) = e->newer;
    e->newer = e->older = NULL;
}

static void link_newest(struct lru *l, struct entry *e) {
    e->older = l->newest;
    *(l->newest ? &l->newest->newer : &l->oldest) = e;
    l->newest = e;
}

static void discard(struct lru *l, struct entry *e) {
    unlink_entry(l, e);
    map_del(l->map, e->key);
    l->used -= e->bytes;
    if (l->drop)
        l->drop(e->value, l->ctx);
    free(e->key);
    free(e);
}

static bool over_limits(const struct lru *l) {
    return (l->max_entries && map_count(l->map) > l->max_entries) ||
           (l->max_bytes && l->used > l->max_bytes);
}

/* Back under the limits, keeping `spare` (or NULL) and what is pinned. */
static void evict(struct lru *l, const struct entry *spare) {
    struct entry *e = l->oldest;
    while (e && over_limits(l)) {
        struct entry *next = e->newer;
        if (e != spare && e->pins == 0) {
            l->evictions++;
            discard(l, e);
        }
        e = next;
    }
}

struct lru *lru_new(size_t max_entries, size_t max_bytes,
                    void (*drop)(void *value, void *ctx), void *ctx) {
    struct lru *l = mem_zalloc(1, sizeof *l);
    l->map = map_new();
    l->max_entries = max_entries;
    l->max_bytes = max_bytes;
    l->drop = drop;
    l->ctx = ctx;
    return l;
}

void lru_free(struct lru *l) {
    if (!l)
        return;
    struct entry *e = l->oldest;
    while (e) {
        struct entry *next = e->newer;
        discard(l, e);
        e = next;
    }
    map_free(l->map);
    free(l);
}

void lru_set_limits(struct lru *l, size_t max_entries, size_t max_bytes) {
    l->max_entries = max_entries;
    l->max_bytes = max_bytes;
    evict(l, NULL);
}

void *lru_get(struct lru *l, const char *key) {
    struct entry *e = map_get(l->map, key);
    if (!e) {
        l->misses++;
        return NULL;
    }
    l->hits++;
    unlink_entry(l, e);
    link_newest(l, e);
    return e->value;
}

void *lru_peek(struct lru *l, const char *key) {
    const struct entry *e = map_get(l->map, key);
    return e ? e->value : NULL;
}

void lru_put(struct lru *l, const char *key, void *value, size_t bytes) {
    struct entry *old = map_get(l->map, key);
    if (old) {
        assert(old->pins == 0 && "a pinned value cannot be replaced");
        discard(l, old);
    }
    struct entry *e = mem_zalloc(1, sizeof *e);
    e->key = mem_strdup(key);
    e->value = value;
    e->bytes = bytes;
    l->used += bytes;
    map_put(l->map, key, e);
    link_newest(l, e);
    evict(l, e);
}

void lru_pin(struct lru *l, const char *key) {
    struct entry *e = map_get(l->map, key);
    if (e)
        e->pins++;
}

void lru_unpin(struct lru *l, const char *key) {
    struct entry *e = map_get(l->map, key);
    if (!e || e->pins == 0)
        return;
    e->pins--;
    evict(l, NULL);
}

bool lru_remove(struct lru *l, const char *key) {
    struct entry *e = map_get(l->map, key);
    if (!e || e->pins)
        return false;
    discard(l, e);
    return true;
}

void lru_clear(struct lru *l) {
    struct entry *e = l->oldest;
    while (e) {
        struct entry *next = e->newer;
        if (e->pins == 0)
            discard(l, e);
        e = next;
    }
}

struct lru_stats lru_stats(const struct lru *l) {
    return (struct lru_stats){l->hits, l->misses, l->evictions,
                              (int64_t)map_count(l->map), (int64_t)l->used};
}

bool lru_next(const struct lru *l, void **it, const char **key, void **value) {
    const struct entry *last = *it;
    struct entry *e = last ? last->older : l->newest;
    if (!e)
        return false;
    *it = e;
    if (key)
        *key = e->key;
    if (value)
        *value = e->value;
    return true;
}

bool lru_check(const struct lru *l) {
    size_t used = 0, count = 0, limit = map_count(l->map);
    const struct entry *newer = NULL;
    for (const struct entry *e = l->newest; e; newer = e, e = e->older) {
        if (e->newer != newer || map_get(l->map, e->key) != e)
            return false;
        if (++count > limit)
            return false;
        used += e->bytes;
    }
    return newer == l->oldest && count == limit && used == l->used;
}
