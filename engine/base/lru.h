/* A recency list with a byte budget and an entry limit; see lru.c. */
#ifndef BT_BASE_LRU_H
#define BT_BASE_LRU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lru;
struct lru_stats {
    int64_t hits, misses, evictions;
    int64_t entries, bytes; /* now */
};

/* max_entries, max_bytes: limits, 0 = none. drop(value, ctx) is called for a
 * value that leaves by eviction, replacement, clear or free. */
struct lru *lru_new(size_t max_entries, size_t max_bytes,
                    void (*drop)(void *value, void *ctx), void *ctx);
void lru_free(struct lru *l);
void lru_set_limits(struct lru *l, size_t max_entries, size_t max_bytes);
void *lru_get(struct lru *l, const char *key);  /* counts hit or miss; newest */
void *lru_peek(struct lru *l, const char *key); /* neither counts nor moves */
void lru_put(struct lru *l, const char *key, void *value, size_t bytes);
void lru_pin(struct lru *l, const char *key); /* not evicted while pinned */
void lru_unpin(struct lru *l, const char *key);
bool lru_remove(struct lru *l, const char *key); /* false: absent or pinned */
void lru_clear(struct lru *l);                   /* all that is not pinned */
struct lru_stats lru_stats(const struct lru *l);
/* Walk newest first; *it starts NULL. */
bool lru_next(const struct lru *l, void **it, const char **key, void **value);
bool lru_check(const struct lru *l); /* invariant, for tests */

#endif
