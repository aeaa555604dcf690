/* Resampled columns, made once for all processes.
 *
 * The groups of a frequency and each column that is made with them lie in the
 * region that workers share (cache.h), under keys that hold the bundle's
 * content, the asset, the field and the frequency. A column fills whole pages
 * there, so that it can be shown a second time behind an apron
 * (store/column.h): windows over it are pointers, like those over a file. Where
 * the region has no room the memory is private.
 *
 * Cost of a column: a pass over the bundle's own, once; else four system calls.
 */
#include "portal/level.h"

#include "base/mem.h"
#include "base/status.h"
#include "portal/cache.h"
#include "store/bundle.h"
#include "store/schema.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUPS_KERNEL "groups 1"
#define COLUMN_KERNEL "resampled 1"

static void level_key(struct cache_key *key, const struct level *l,
                      const bt_bundle *b, int32_t sid, int32_t field,
                      const char *kernel) {
    char name[64];
    snprintf(name, sizeof name, "%s@%s", kernel, l->frequency);
    cache_key_make(key, CACHE_RESAMPLED, b, sid, field, name, NULL, 0);
}

/* ---- groups ---------------------------------------------------------------*/

bt_status level_open(const bt_bundle *b, const char *frequency,
                     struct level *out) {
    struct level l = {.own = NULL};
    struct cache_key key;
    size_t bytes = groups_bytes(bundle_rows(b));
    TRY(resample_check(b, frequency));
    snprintf(l.frequency, sizeof l.frequency, "%s", frequency);
    level_key(&key, &l, b, -1, -1, GROUPS_KERNEL);
    const void *known = cache_get(&key);
    if (known == NULL) {
        void *made = mem_alloc(bytes);
        bt_status status = groups_make(b, frequency, made);
        if (status != BT_OK) {
            free(made);
            return status;
        }
        void *room = cache_claim(&key, bytes);
        known = room ? memcpy(room, made, bytes) : made;
        if (room) {
            cache_ready(&key);
            free(made);
        } else {
            l.own = made;
        }
    }
    groups_attach(&l.groups, known);
    *out = l;
    return BT_OK;
}

void level_close(struct level *l) {
    free(l->own);
    l->own = NULL;
}

size_t level_bytes(const struct level *l) {
    return l->own ? groups_bytes(l->groups.rows) : 0;
}

void level_detach(struct level *l) {
    if (l->own)
        return;
    size_t bytes = groups_bytes(l->groups.rows);
    l->own = mem_alloc(bytes);
    memcpy(l->own, groups_block(&l->groups), bytes);
    groups_attach(&l->groups, l->own);
}

/* ---- columns --------------------------------------------------------------*/

static uintptr_t page(void) {
    return (uintptr_t)sysconf(_SC_PAGESIZE);
}

static size_t whole_pages(size_t bytes) {
    return (bytes + page() - 1) / page() * page();
}

/* The first page that begins in the room. */
static void *first_page(const void *room) {
    return (void *)(((uintptr_t)room + page() - 1) / page() * page());
}

static enum column_apron apron_of(int32_t field) {
    return field == BT_FIELD_VOLUME ? COLUMN_ZERO : COLUMN_NAN;
}

static bt_status show(const struct level *l, const void *room, int32_t field,
                      struct column *out) {
    struct column_file pages = {
        first_page(room),
        whole_pages((size_t)l->groups.count * sizeof(double))};
    TRY(column_map(&pages, 0, l->groups.count, apron_of(field), out));
    column_seal(out);
    return BT_OK;
}

static bt_status make_private(const struct level *l, int32_t field,
                              const double *x, struct column *out) {
    double *fill;
    TRY(column_make(l->groups.count, apron_of(field), out, &fill));
    resample_column(&l->groups, field, x, fill);
    column_seal(out);
    return BT_OK;
}

bt_status level_column(const struct level *l, const bt_bundle *b, int32_t sid,
                       int32_t field, const double *x, struct column *out) {
    struct cache_key key;
    size_t bytes = (size_t)l->groups.count * sizeof(double);
    level_key(&key, l, b, sid, field, COLUMN_KERNEL);
    const void *known = cache_get(&key);
    if (known)
        return show(l, known, field, out);
    void *room = cache_claim(&key, whole_pages(bytes) + page());
    if (room == NULL)
        return make_private(l, field, x, out);
    resample_column(&l->groups, field, x, first_page(room));
    cache_ready(&key);
    return show(l, room, field, out);
}
