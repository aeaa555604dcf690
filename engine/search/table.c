/* A hash table from 64-bit numbers to 64-bit numbers.
 *
 * Linear probing from splitmix64's finaliser of the key, doubled when half
 * full; nothing is ever removed, so a probe ends at the first vacant slot. O(1)
 * an operation, 32 to 64 bytes an entry.
 */
#include "search/table.h"

#include "base/mem.h"

#include <stdlib.h>

enum { TABLE_FROM = 64 };

void table_fini(struct table *t) {
    free(t->slots);
    *t = (struct table){0};
}

uint64_t table_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static struct table_slot *find_slot(const struct table *t, uint64_t key) {
    size_t mask = t->cap - 1;
    size_t at = (size_t)table_mix(key) & mask;
    while (t->slots[at].key != 0 && t->slots[at].key != key + 1)
        at = (at + 1) & mask;
    return &t->slots[at];
}

static void grow(struct table *t) {
    struct table old = *t;
    t->cap = old.cap ? 2 * old.cap : TABLE_FROM;
    t->slots = mem_zalloc(t->cap, sizeof *t->slots);
    for (size_t i = 0; i < old.cap; i++) {
        if (old.slots[i].key != 0)
            *find_slot(t, old.slots[i].key - 1) = old.slots[i];
    }
    free(old.slots);
}

void table_put(struct table *t, uint64_t key, uint64_t value) {
    if (2 * (t->count + 1) > t->cap)
        grow(t);
    struct table_slot *slot = find_slot(t, key);
    if (slot->key == 0)
        t->count++;
    *slot = (struct table_slot){key + 1, value};
}

bool table_get(const struct table *t, uint64_t key, uint64_t *value) {
    if (t->count == 0)
        return false;
    const struct table_slot *slot = find_slot(t, key);
    if (slot->key == 0)
        return false;
    *value = slot->value;
    return true;
}
