/* The pool keeps bundles open between backtests: the next one finds catalogue,
 * mappings and derived columns in place.
 *
 * A bundle is pooled under its real path, an earlier version of it under path
 * and hash. At each acquire one stat of its catalogue tells whether a new
 * version was put in place; then the old one leaves the pool and lives on with
 * those who use it. A run holds its bundle, so no bar and no trial asks. One
 * that is removed leaves at once.
 *
 * Bundles in use are pinned and never evicted, so a pool smaller than what is
 * in use grows over its size. An ended run uses its bundle until its result is
 * freed, which reads times, symbols and prices from there.
 *
 * With pooling off each acquire opens anew, and the last release closes.
 *
 * Invariant: uses > 0, or the bundle is in the pool. uses counts acquires and
 * retains, not the pool itself; the pool pins an entry while uses > 0.
 */
#include "store/pool.h"

#include "base/fs.h"
#include "base/lru.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/bundle.h"
#include "store/ref.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct lru *pool;

/* Left the pool; those who still use it close it. */
static void drop(void *value, void *ctx) {
    (void)ctx;
    if (*bundle_uses(value) == 0)
        bundle_close(value, false);
}

/* The pool with today's size. */
static struct lru *current_pool(void) {
    size_t max = (size_t)bt_config_get()->max_bundle_pool_size;
    if (pool == NULL)
        pool = lru_new(max, 0, drop, NULL);
    lru_set_limits(pool, max, 0);
    return pool;
}

static bool is_pooled(const bt_bundle *b) {
    return pool && lru_peek(pool, bundle_key(b)) == b;
}

void pool_retain(bt_bundle *b) {
    if ((*bundle_uses(b))++ == 0 && is_pooled(b))
        lru_pin(pool, bundle_key(b));
}

void bt_bundle_release(bt_bundle *b) {
    if (b == NULL || --*bundle_uses(b) > 0)
        return;
    if (!is_pooled(b)) {
        bundle_close(b, false);
        return;
    }
    char *key = mem_strdup(bundle_key(b));
    lru_unpin(pool, key);
    if (!bt_config_get()->enable_bundle_pooling)
        lru_remove(pool, key);
    free(key);
}

/* Take an outdated entry out of the pool. */
static void retire(bt_bundle *b) {
    char *key = mem_strdup(bundle_key(b));
    if (*bundle_uses(b) > 0)
        lru_unpin(pool, key);
    lru_remove(pool, key);
    free(key);
}

/* The pooled bundle of a key, when it is still the one on disk. */
static bt_bundle *find(const char *key) {
    bt_bundle *b = lru_peek(current_pool(), key);
    if (b && !bundle_is_current(b))
        retire(b);
    return lru_get(pool, key); /* counts */
}

/* As bundle_key; NULL when the folder is gone. The caller frees. */
static char *key_of(const struct ref *ref) {
    char *real = fs_real(ref->path);
    if (real == NULL || !ref->pinned || ref->version.current)
        return real;
    char *key = mem_printf("%s@%s", real, ref->version.sha);
    free(real);
    return key;
}

static bt_status open_pooled(const struct ref *ref, bt_bundle **out) {
    char *key = key_of(ref);
    bt_bundle *b = key ? find(key) : NULL;
    free(key);
    if (b == NULL) {
        TRY(ref_open(ref, false, &b));
        /* The path may lead elsewhere by now. */
        if (lru_peek(pool, bundle_key(b)) == NULL)
            lru_put(pool, bundle_key(b), b, 0);
    } else if (!ref_is(ref, b)) {
        return ref_missed(ref);
    }
    *out = b;
    return BT_OK;
}

bt_status bt_bundle_acquire(const char *name, bt_bundle **out) {
    struct ref ref;
    bt_bundle *b = NULL;
    TRY(ref_resolve(name, &ref));
    bt_status s = bt_config_get()->enable_bundle_pooling
                      ? open_pooled(&ref, &b)
                      : ref_open(&ref, false, &b);
    ref_fini(&ref);
    TRY(s);
    pool_retain(b);
    *out = b;
    return BT_OK;
}

static bt_bundle *pooled_of(const char *path) {
    void *it = NULL, *value;
    const char *key;
    while (pool && lru_next(pool, &it, &key, &value))
        if (strcmp(bundle_path(value), path) == 0)
            return value;
    return NULL;
}

void pool_forget(const char *path) {
    for (bt_bundle *b; (b = pooled_of(path)) != NULL;)
        retire(b);
}

void pool_clear(void) {
    if (pool)
        lru_clear(pool);
}

void bt_pool_get_stats(bt_pool_stats *out) {
    struct lru_stats s = {0};
    if (pool)
        s = lru_stats(pool);
    *out = (bt_pool_stats){
        .hits = (double)s.hits,
        .misses = (double)s.misses,
        .evictions = (double)s.evictions,
        .open = (double)s.entries,
        .max_open = (double)bt_config_get()->max_bundle_pool_size,
    };
}

const char *bt_pool_path(int32_t i) {
    void *it = NULL, *value;
    const char *key;
    while (pool && lru_next(pool, &it, &key, &value))
        if (i-- == 0)
            return key;
    return NULL;
}
