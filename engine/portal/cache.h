/* Derived columns (prefix sums, indicators) under content keys; see cache.c.
 *
 * The guide's DataCache: one byte budget (cache_size_gb) over one shared arena
 * that all forked workers fill and read. With caching off, or when the arena is
 * full, a column is computed privately and belongs to whoever asked. */
#ifndef BT_PORTAL_CACHE_H
#define BT_PORTAL_CACHE_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>

/* What a column is; statistics are kept of each. */
enum cache_layer {
    CACHE_INDICATORS,
    CACHE_SUMS,
    CACHE_ADJUSTED,
    CACHE_RESAMPLED,
    CACHE_LAYERS
};

struct cache_key {
    uint8_t bytes[32];
    int32_t layer;
    int32_t tier; /* 1 or 2: see cache.c; 0: of an overlay, not kept */
};

/* Make the shared region, unless it is there or caching is off: before the
 * first fork, so that all workers have it. The functions below do it too. */
void cache_open(void);
/* Key of a derived column: SHA-256 over bundle content, sid, field, kernel name
 * with its version and frequency, and parameters, among them adjustment and
 * instant where they matter. */
void cache_key_make(struct cache_key *key, enum cache_layer layer,
                    const bt_bundle *b, int32_t sid, int32_t field,
                    const char *kernel, const double *params, int32_t count);
/* The lengths that an indicator looks over: whether one is permanent decides
 * its tier. */
void cache_key_windows(struct cache_key *key, const double *windows,
                       int32_t count);
/* It belongs to tier 1, as adjusted columns do. */
void cache_key_permanent(struct cache_key *key);
/* READY bytes or NULL. Valid until the last portal of this process is freed;
 * counts a hit or a miss. */
const void *cache_get(const struct cache_key *key);
/* Room to fill (then cache_ready), or NULL: compute privately. */
void *cache_claim(const struct cache_key *key, size_t bytes);
void cache_ready(const struct cache_key *key);

/* Portals, which may hold pointers into the cache. */
void cache_enter(void);
void cache_leave(void);
/* Shelves, which may hold pointers into its tier 1. */
void cache_hold(void);
void cache_unhold(void);

#endif
