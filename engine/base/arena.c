/* Derived columns shared by all processes forked from this one.
 *
 * One anonymous shared mapping: counters, a table of slots, and room that is
 * handed out by moving one offset. Reserved, not filled (MAP_NORESERVE): a 2 GB
 * budget costs address space until columns fill it.
 *
 * No locks, so no process can die holding one. A slot's tag is one atomic word,
 * 62 bits of the key and a state:
 *     0  --compare and swap-->  BUSY  --release store-->  READY
 * The swap claims slot and key at once: two processes after the same key meet
 * in the same slot, and the loser computes privately instead of waiting. The
 * key's other bits, place and size are written between, seen by whoever
 * acquired READY. Probing is linear; slots never become empty again, so a key
 * is found before the first empty slot or not at all. A process that dies while
 * BUSY leaves one slot that nobody will ever read; so does a claim that finds
 * the room gone. After PROBES slots a key counts as absent and unplaceable.
 *
 * get, claim, ready: O(1). Counters are relaxed: they are statistics.
 */
#include "base/arena.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum {
    PROBES = 64,
    ALIGN = 64,
    BYTES_PER_SLOT = 4096, /* a column of a year of days is not much less */
    SLOTS_MIN = 64
};
enum { STATE_BUSY = 1, STATE_READY = 2, STATE_MASK = 3 };

struct slot {
    _Atomic uint64_t tag;
    uint64_t offset, bytes;
    uint8_t key[32];
    uint64_t unused;
};

/* Lives in the mapping. */
struct shared {
    _Alignas(ALIGN) _Atomic uint64_t used; /* bytes of room handed out */
    _Alignas(ALIGN) _Atomic int64_t hits;
    _Atomic int64_t misses, entries;
};

struct arena {
    struct shared *shared;
    struct slot *slots; /* [mask + 1] */
    unsigned char *room;
    size_t mask, budget, mapped;
};

_Static_assert(sizeof(struct slot) == ALIGN, "a slot is a cache line");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2,
               "shared words need lock-free atomics");

static size_t slot_count(size_t budget) {
    size_t n = SLOTS_MIN;
    while (n < budget / BYTES_PER_SLOT)
        n *= 2;
    return n;
}

struct arena *arena_new(size_t budget) {
    if (budget == 0 || budget > SIZE_MAX / 4)
        return NULL;
    budget = (budget + ALIGN - 1) / ALIGN * ALIGN;
    size_t slots = slot_count(budget);
    size_t mapped =
        sizeof(struct shared) + slots * sizeof(struct slot) + budget;
    void *base = mmap(NULL, mapped, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    struct arena *a = mem_alloc(sizeof *a);
    a->shared = base;
    a->slots = (struct slot *)(a->shared + 1);
    a->room = (unsigned char *)(a->slots + slots);
    a->mask = slots - 1;
    a->budget = budget;
    a->mapped = mapped;
    return a;
}

void arena_free(struct arena *a) {
    if (!a)
        return;
    munmap(a->shared, a->mapped);
    free(a);
}

/* The tag of key in this state; never 0. */
static uint64_t tag_of(const uint8_t key[32], uint64_t state) {
    uint64_t head;
    memcpy(&head, key, sizeof head);
    return (head & ~(uint64_t)STATE_MASK) | state;
}

static struct slot *probe(struct arena *a, const uint8_t key[32], size_t i) {
    uint64_t start;
    memcpy(&start, key + 8, sizeof start);
    return &a->slots[(start + i) & a->mask];
}

const void *arena_get(struct arena *a, const uint8_t key[32], size_t *bytes) {
    uint64_t ready = tag_of(key, STATE_READY);
    for (size_t i = 0; i < PROBES; i++) {
        const struct slot *s = probe(a, key, i);
        uint64_t tag = atomic_load_explicit(&s->tag, memory_order_acquire);
        if (tag == 0)
            break;
        if (tag == ready && memcmp(s->key, key, sizeof s->key) == 0) {
            atomic_fetch_add_explicit(&a->shared->hits, 1,
                                      memory_order_relaxed);
            *bytes = s->bytes;
            return a->room + s->offset;
        }
    }
    atomic_fetch_add_explicit(&a->shared->misses, 1, memory_order_relaxed);
    return NULL;
}

/* Claim a slot for key; NULL when key has one already or there is none near. */
static struct slot *claim_slot(struct arena *a, const uint8_t key[32]) {
    uint64_t busy = tag_of(key, STATE_BUSY);
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *s = probe(a, key, i);
        uint64_t tag = 0;
        if (atomic_compare_exchange_strong(&s->tag, &tag, busy))
            return s;
        if ((tag | STATE_MASK) == (busy | STATE_MASK))
            return NULL;
    }
    return NULL;
}

/* Move the offset by bytes; false when that passes the budget. */
static bool take_room(struct arena *a, uint64_t bytes, uint64_t *offset) {
    uint64_t used = atomic_load(&a->shared->used);
    do {
        if (bytes > a->budget - used)
            return false;
    } while (
        !atomic_compare_exchange_weak(&a->shared->used, &used, used + bytes));
    *offset = used;
    return true;
}

void *arena_claim(struct arena *a, const uint8_t key[32], size_t bytes) {
    if (bytes > a->budget)
        return NULL;
    uint64_t rounded = ((uint64_t)bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (rounded > a->budget - atomic_load(&a->shared->used))
        return NULL; /* before a slot is spent */
    struct slot *s = claim_slot(a, key);
    if (!s || !take_room(a, rounded, &s->offset))
        return NULL;
    s->bytes = bytes;
    memcpy(s->key, key, sizeof s->key);
    return a->room + s->offset;
}

void arena_ready(struct arena *a, const uint8_t key[32]) {
    uint64_t busy = tag_of(key, STATE_BUSY);
    for (size_t i = 0; i < PROBES; i++) {
        struct slot *s = probe(a, key, i);
        if (atomic_load_explicit(&s->tag, memory_order_relaxed) != busy)
            continue;
        atomic_store_explicit(&s->tag, tag_of(key, STATE_READY),
                              memory_order_release);
        atomic_fetch_add_explicit(&a->shared->entries, 1, memory_order_relaxed);
        return;
    }
}

void arena_clear(struct arena *a) {
    /* Hands the pages back; what is read next is zero. */
    if (madvise(a->shared, a->mapped, MADV_REMOVE) == 0)
        return;
    memset(a->slots, 0, (a->mask + 1) * sizeof *a->slots);
    memset(a->shared, 0, sizeof *a->shared);
}

struct arena_stats arena_stats(const struct arena *a) {
    const struct shared *s = a->shared;
    return (struct arena_stats){
        atomic_load_explicit(&s->hits, memory_order_relaxed),
        atomic_load_explicit(&s->misses, memory_order_relaxed),
        atomic_load_explicit(&s->entries, memory_order_relaxed),
        (int64_t)atomic_load_explicit(&s->used, memory_order_relaxed),
        (int64_t)a->budget};
}
