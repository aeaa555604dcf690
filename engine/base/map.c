/* Text keys to pointers, in insertion order.
 *
 * Entries stand in one array in the order they came; a table of positions into
 * it, twice as large or more, is probed linearly (the layout of Python's dict).
 * A removed entry leaves a hole in the array (key NULL) and DELETED in the
 * table; both go away when the array is full and everything is laid out anew.
 * So removing while walking is allowed, adding while walking is not.
 *
 * The hash is FNV-1a: keys are symbols, paths and parameter names of the user's
 * own, not an attacker's. O(1) per operation, amortised.
 * Invariant: live == entries with a key <= used <= cap == table size / 2.
 */
#include "base/map.h"

#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MAP_FROM = 8 };

#define VACANT UINT32_MAX
#define DELETED (UINT32_MAX - 1)

struct entry {
    char *key; /* NULL: removed */
    void *value;
    uint64_t hash;
};

struct map {
    struct entry *entries; /* [cap], used of them written, live with a key */
    uint32_t *table;       /* [2 * cap] positions in entries */
    size_t cap, used, live;
};

static uint64_t hash_text(const char *s) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
    return h ^ (h >> 32);
}

struct map *map_new(void) {
    return mem_zalloc(1, sizeof(struct map));
}

void map_free(struct map *m) {
    if (!m)
        return;
    for (size_t i = 0; i < m->used; i++)
        free(m->entries[i].key);
    free(m->entries);
    free(m->table);
    free(m);
}

/* Table slot that holds key, or NULL. */
static uint32_t *find(const struct map *m, const char *key, uint64_t hash) {
    if (m->cap == 0)
        return NULL;
    size_t mask = 2 * m->cap - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        uint32_t at = m->table[i];
        if (at == VACANT)
            return NULL;
        if (at == DELETED)
            continue;
        const struct entry *e = &m->entries[at];
        if (e->hash == hash && strcmp(e->key, key) == 0)
            return &m->table[i];
    }
}

static void place(struct map *m, uint64_t hash, size_t at) {
    size_t mask = 2 * m->cap - 1, i = hash & mask;
    while (m->table[i] != VACANT)
        i = (i + 1) & mask;
    m->table[i] = (uint32_t)at;
}

/* Close the holes; grow unless that alone freed half of the array. */
static void lay_out(struct map *m) {
    if (m->cap == 0)
        m->cap = MAP_FROM;
    else if (m->live > m->cap / 2)
        m->cap *= 2;
    struct entry *entries = mem_alloc(m->cap * sizeof *entries);
    free(m->table);
    m->table = mem_alloc(2 * m->cap * sizeof *m->table);
    memset(m->table, 0xFF, 2 * m->cap * sizeof *m->table);
    size_t n = 0;
    for (size_t i = 0; i < m->used; i++)
        if (m->entries[i].key) {
            entries[n] = m->entries[i];
            place(m, entries[n].hash, n);
            n++;
        }
    free(m->entries);
    m->entries = entries;
    m->used = n;
}

void *map_get(const struct map *m, const char *key) {
    const uint32_t *slot = find(m, key, hash_text(key));
    return slot ? m->entries[*slot].value : NULL;
}

void map_put(struct map *m, const char *key, void *value) {
    uint64_t hash = hash_text(key);
    const uint32_t *slot = find(m, key, hash);
    if (slot) {
        m->entries[*slot].value = value;
        return;
    }
    if (m->used == m->cap)
        lay_out(m);
    m->entries[m->used] = (struct entry){mem_strdup(key), value, hash};
    place(m, hash, m->used);
    m->used++;
    m->live++;
}

void *map_del(struct map *m, const char *key) {
    uint32_t *slot = find(m, key, hash_text(key));
    if (!slot)
        return NULL;
    struct entry *e = &m->entries[*slot];
    void *value = e->value;
    free(e->key);
    e->key = NULL;
    *slot = DELETED;
    m->live--;
    return value;
}

size_t map_count(const struct map *m) {
    return m->live;
}

bool map_next(const struct map *m, size_t *it, const char **key, void **value) {
    while (*it < m->used) {
        const struct entry *e = &m->entries[(*it)++];
        if (!e->key)
            continue;
        if (key)
            *key = e->key;
        if (value)
            *value = e->value;
        return true;
    }
    return false;
}
