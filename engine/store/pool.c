/* The pool keeps bundles open between backtests: the next one finds catalogue,
 * mappings and derived columns in place.
 *
 * A bundle is pooled under its real path. At each acquire one stat of its
 * catalogue tells whether a new version was put in place; then the old one
 * leaves the pool and lives on with those who use it. Bundles in use are pinned
 * and never evicted, so a pool smaller than what is in use grows over its size.
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

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { PIN_MIN = 4, PIN_MAX = 64 };

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
    return pool && lru_peek(pool, bundle_path(b)) == b;
}

void pool_retain(bt_bundle *b) {
    if ((*bundle_uses(b))++ == 0 && is_pooled(b))
        lru_pin(pool, bundle_path(b));
}

void bt_bundle_release(bt_bundle *b) {
    if (b == NULL || --*bundle_uses(b) > 0)
        return;
    if (!is_pooled(b)) {
        bundle_close(b, false);
        return;
    }
    char *key = mem_strdup(bundle_path(b));
    lru_unpin(pool, key);
    if (!bt_config_get()->enable_bundle_pooling)
        lru_remove(pool, key);
    free(key);
}

/* Take an outdated entry out of the pool. */
static void retire(bt_bundle *b) {
    char *key = mem_strdup(bundle_path(b));
    if (*bundle_uses(b) > 0)
        lru_unpin(pool, key);
    lru_remove(pool, key);
    free(key);
}

/* The pooled bundle of a real path, when it is still the one on disk. */
static bt_bundle *find(const char *real) {
    bt_bundle *b = lru_peek(current_pool(), real);
    if (b && !bundle_is_current(b))
        retire(b);
    return lru_get(pool, real); /* counts */
}

static bt_status open_pooled(const char *path, bt_bundle **out) {
    char *real = fs_real(path);
    bt_bundle *b = real ? find(real) : NULL;
    free(real);
    if (b == NULL) {
        TRY(bundle_open(path, false, &b));
        /* The path may lead elsewhere by now. */
        if (lru_peek(pool, bundle_path(b)) == NULL)
            lru_put(pool, bundle_path(b), b, 0);
    }
    *out = b;
    return BT_OK;
}

/* Split "name@hex": a copy of the name, and where the pin starts, or NULL. */
static char *split_pin(const char *text, const char **pin) {
    const char *at = strrchr(text, '@');
    size_t n = at ? strlen(at + 1) : 0;
    *pin = NULL;
    if (n < PIN_MIN || n > PIN_MAX || strspn(at + 1, "0123456789abcdef") != n)
        return mem_strdup(text);
    *pin = at + 1;
    return mem_strndup(text, (size_t)(at - text));
}

static bt_status open_any(const char *name, bt_bundle **out) {
    char *path;
    TRY(bundle_locate(name, &path));
    bt_status s = bt_config_get()->enable_bundle_pooling
                      ? open_pooled(path, out)
                      : bundle_open(path, false, out);
    free(path);
    return s;
}

bt_status bt_bundle_acquire(const char *name, bt_bundle **out) {
    const char *pin;
    bt_bundle *b = NULL;
    char *plain = split_pin(name, &pin);
    bt_status s = open_any(plain, &b);
    free(plain);
    TRY(s);
    pool_retain(b);
    s = pin ? bundle_check_pin(b, pin) : BT_OK;
    if (s != BT_OK) {
        bt_bundle_release(b);
        return s;
    }
    *out = b;
    return BT_OK;
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
