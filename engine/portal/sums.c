/* Prefix sums (16 bytes a row, base/exact.h) make a mean O(1), but cost a pass
 * over the column. So windows of a long column are summed directly until that
 * has been as much work as the pass, unless another process has put the sums
 * into the cache. For a short one the second request makes them: soon enough
 * for the compiler to see their use. The result has the same bits either way.
 *
 * They lie in the cache, once for all processes. Where it has no room they are
 * private, at most OWN_MAX bytes of a process: a worker may take little more
 * than twice that in all. Of columns beyond, windows are summed directly.
 */
#include "portal/sums.h"

#include "base/mem.h"
#include "portal/cache.h"
#include "portal/shelf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AT_ONCE = 262144, OWN_MAX = 256 << 20 };

#define SUMS_KERNEL "prefix sums 1"

static size_t own_held; /* bytes of all in this process */

static int32_t length_of(const struct sums *s) {
    return s->end - s->first;
}

/* A short column has them at its second request. */
static void await(struct sums *s) {
    bool comes = shelf_bundle(s->shelf) && length_of(s) <= AT_ONCE;
    s->public.awaited = comes;
}

void sums_begin(struct sums *s, struct shelf *shelf, int32_t index,
                int32_t rows) {
    *s = (struct sums){.shelf = shelf, .index = index, .end = rows};
    await(s);
}

void sums_init(struct sums *s, struct shelf *shelf, int32_t index,
               const double *data, int32_t first, int32_t end,
               const double *params, int32_t count) {
    struct sums **more = shelf_more(shelf);
    *s = (struct sums){.shelf = shelf,
                       .index = index,
                       .data = data,
                       .first = first,
                       .end = end,
                       .param_count = count,
                       .next = *more};
    memcpy(s->params, params, (size_t)count * sizeof *params);
    await(s);
    *more = s;
}

/* Let Lua read them, where a difference of two is always exact. */
static void publish(struct sums *s) {
    const struct prefix *p = &s->prefix;
    bool is_volume = s->index % shelf_fields(s->shelf) == BT_FIELD_VOLUME;
    s->ready = true;
    s->public.awaited = 0;
    if (p->bound != 0)
        return;
    s->public.hidden_pairs = &p->sum->hi - 2 * (ptrdiff_t)s->first;
    s->public.certain = p->certain;
    s->public.clean = p->lead < p->clean ? s->first + (int32_t)p->clean
                      : is_volume        ? s->first /* its apron adds nothing */
                                         : -BT_HISTORY_MAX;
}

void sums_forget(struct sums *s) {
    s->ready = s->looked_up = s->refused = false;
    s->requests = 0;
    s->work = 0;
    s->public.hidden_pairs = NULL;
    await(s);
}

void sums_drop(struct sums *s) {
    free(s->own);
    own_held -= s->own_bytes;
    s->own = NULL;
    s->own_bytes = 0;
}

static void sums_key(const struct sums *s, struct cache_key *key) {
    char kernel[32];
    int32_t fields = shelf_fields(s->shelf);
    snprintf(kernel, sizeof kernel, "%s%s", SUMS_KERNEL, shelf_tag(s->shelf));
    cache_key_make(key, CACHE_SUMS, shelf_bundle(s->shelf), s->index / fields,
                   s->index % fields, kernel, s->params, s->param_count);
}

static bool look_up(struct sums *s) {
    struct cache_key key;
    s->looked_up = true;
    sums_key(s, &key);
    const void *storage = cache_get(&key);
    if (storage == NULL)
        return false;
    prefix_attach(&s->prefix, s->data + s->first, length_of(s), storage);
    publish(s);
    return true;
}

/* Room of our own; NULL where that would be too much. */
static void *own_room(struct sums *s, size_t bytes) {
    if (own_held + bytes > OWN_MAX) {
        s->refused = true;
        s->public.awaited = 0;
        return NULL;
    }
    own_held += bytes;
    s->own_bytes = bytes;
    return s->own = mem_alloc(bytes);
}

/* No room in the cache: maybe another process took it for these sums. */
static bool build(struct sums *s) {
    struct cache_key key;
    const double *x = s->data + s->first;
    size_t bytes = prefix_bytes(x, length_of(s));
    sums_key(s, &key);
    void *storage = cache_claim(&key, bytes);
    bool cached = storage != NULL;
    if (!cached && look_up(s))
        return true;
    if (!cached && (storage = own_room(s, bytes)) == NULL)
        return false;
    prefix_build(&s->prefix, x, length_of(s), storage);
    if (cached)
        cache_ready(&key);
    publish(s);
    return true;
}

const struct prefix *sums_make(struct sums *s, int32_t n) {
    if (shelf_bundle(s->shelf) == NULL || s->refused) /* in the attic */
        return NULL;
    if (!s->looked_up && look_up(s))
        return &s->prefix;
    s->work += n;
    s->requests++;
    if (s->work < length_of(s) && (s->requests < 2 || length_of(s) > AT_ONCE))
        return NULL;
    return build(s) ? &s->prefix : NULL;
}
