/* Derived columns shared by all processes forked from this one; see arena.c.
 *
 * One anonymous MAP_SHARED region: a fixed table of slots and a bump allocator.
 * A slot goes EMPTY -> BUSY (compare-and-swap by the process that computes it)
 * -> READY (release store). Nobody ever waits: whoever meets a BUSY slot
 * computes privately. A process that dies while BUSY costs one slot. Nothing is
 * evicted; a full arena answers NULL and the caller computes privately. */
#ifndef BT_BASE_ARENA_H
#define BT_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena;

struct arena_stats {
    int64_t hits, misses, entries, bytes, budget;
};

/* budget in bytes (address space; memory is used as it fills). NULL when 0. */
struct arena *arena_new(size_t budget);
void arena_free(struct arena *a);
/* READY data of key, or NULL. Counts a hit or a miss. key: 32-byte digest. */
const void *arena_get(struct arena *a, const uint8_t key[32], size_t *bytes);
/* Claim the slot of key with room for bytes (64-byte aligned); NULL when it is
 * taken or there is no room. The caller fills the room, then arena_ready. */
void *arena_claim(struct arena *a, const uint8_t key[32], size_t bytes);
void arena_ready(struct arena *a, const uint8_t key[32]);
void arena_clear(struct arena *a); /* only while no other process uses it */
struct arena_stats arena_stats(const struct arena *a);

#endif
