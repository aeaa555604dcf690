/* Numbers to numbers: open addressing, at most half full, never shrinks. */
#ifndef BT_SEARCH_TABLE_H
#define BT_SEARCH_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table_slot {
    uint64_t key; /* plus one, 0 = vacant: UINT64_MAX is no key */
    uint64_t value;
};

/* All zero is the empty table. */
struct table {
    struct table_slot *slots;
    size_t cap, count;
};

void table_fini(struct table *t);
void table_put(struct table *t, uint64_t key, uint64_t value);
bool table_get(const struct table *t, uint64_t key, uint64_t *value);
uint64_t table_mix(uint64_t x); /* splitmix64's finaliser */

#endif
