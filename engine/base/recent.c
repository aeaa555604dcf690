/* The last used entries, shared by processes that may die at any instruction.
 *
 * One anonymous shared mapping, reserved but not filled: tables, then a stall
 * for each entry, of the largest size there may be. Memory follows use: pages
 * of a stall are taken when it is filled and handed back (MADV_REMOVE) when the
 * next entry needs fewer. So nothing is ever moved, and nothing is fragmented.
 *
 * No locks, and nobody waits. An entry's tag is one atomic word: a state, the
 * guest (process) that changes it, and 54 bits of the key.
 *
 *     EMPTY --> BUSY --> READY --> LEAVING --> BUSY --> READY or EMPTY
 *
 * Looking: a guest sets its pin, a bit of its own for each entry, and then
 * reads the tag again. Leaving: the tag is swapped, and then all pins are read;
 * if there is one, the entry is READY again, its data untouched. All of these
 * are sequentially consistent, so one of the two sees the other. A pin that
 * finds the tag changed is taken back, and counts as a miss.
 *
 * Pins of a process that has died are cleared by its parent (recent_ended): an
 * entry that it was filling is empty, one that it made leave is ready again,
 * since only BUSY ones are written to. Two processes that claim one key at once
 * both get an entry; the one that is used less leaves in time.
 *
 * Look-ups scan the tags, 8 bytes an entry: 60 ns for 256. Claiming also scans
 * when each was last used, and what all hold.
 */
#include "base/recent.h"

#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { GUESTS = 256, PAGE = 4096, WORD = 64 };
enum {
    EMPTY = 0,
    BUSY = 1,
    READY = 2,
    LEAVING = 3,
    STATES = 3,
    GUEST_SHIFT = 2
};
#define KEY_BITS (~UINT64_C(0x3ff))
#define LARGEST ((size_t)128 << 20)

struct entry {
    uint8_t key[32];
    _Atomic int64_t used; /* the clock when it was found last */
    _Atomic size_t held;  /* bytes of memory */
};

struct shared {
    _Atomic int64_t clock, evictions;
    _Atomic pid_t guests[GUESTS]; /* 0: free */
    _Atomic int guest_end;        /* those from here on never were */
};

struct recent {
    struct recent *next; /* all of this process */
    struct shared *shared;
    _Atomic uint64_t *tags; /* [max] */
    _Atomic uint64_t *pins; /* [GUESTS][words] */
    struct entry *entries;  /* [max] */
    unsigned char *stalls;  /* [max][stall] */
    size_t max, words, stall, mapped;
    pid_t pid; /* whose guest this is */
    int guest; /* -1: there are too many */
};

static struct recent *all;

static size_t round_up(size_t n) {
    return (n + PAGE - 1) / PAGE * PAGE;
}

static size_t table_bytes(const struct recent *r) {
    return round_up(sizeof *r->shared + r->max * sizeof *r->tags +
                    GUESTS * r->words * sizeof *r->pins +
                    r->max * sizeof *r->entries);
}

/* As large stalls as there is address space for. */
static void *map(struct recent *r) {
    for (; r->stall >= PAGE; r->stall = round_up(r->stall / 4 + 1)) {
        r->mapped = table_bytes(r) + r->max * r->stall;
        void *p = mmap(NULL, r->mapped, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED)
            return p;
        if (r->stall == PAGE)
            break;
    }
    return NULL;
}

struct recent *recent_new(size_t max_entries, size_t largest) {
    struct recent *r = mem_zalloc(1, sizeof *r);
    r->max = max_entries;
    r->words = (max_entries + WORD - 1) / WORD;
    r->stall = round_up(largest < LARGEST ? largest : LARGEST);
    void *base = map(r);
    if (base == NULL) {
        free(r);
        return NULL;
    }
    r->shared = base;
    r->tags = (_Atomic uint64_t *)(r->shared + 1);
    r->pins = r->tags + r->max;
    r->entries = (struct entry *)(r->pins + GUESTS * r->words);
    r->stalls = (unsigned char *)base + table_bytes(r);
    r->next = all;
    all = r;
    return r;
}

void recent_free(struct recent *r) {
    if (r == NULL)
        return;
    struct recent **at = &all;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    munmap(r->shared, r->mapped);
    free(r);
}

/* ---- guests and their pins ------------------------------------------------*/

static _Atomic uint64_t *pins_of(const struct recent *r, int guest) {
    return r->pins + (size_t)guest * r->words;
}

static void clear_pins(const struct recent *r, int guest) {
    for (size_t w = 0; w < r->words; w++)
        atomic_store(&pins_of(r, guest)[w], 0);
}

/* This process's place, -1 when all are taken. */
static int guest_of(struct recent *r) {
    pid_t pid = getpid();
    if (r->pid == pid)
        return r->guest;
    r->pid = pid;
    r->guest = -1;
    for (int g = 0; g < GUESTS && r->guest < 0; g++) {
        pid_t nobody = 0;
        if (atomic_compare_exchange_strong(&r->shared->guests[g], &nobody, pid))
            r->guest = g;
    }
    int end = atomic_load(&r->shared->guest_end);
    while (end <= r->guest && !atomic_compare_exchange_weak(
                                  &r->shared->guest_end, &end, r->guest + 1))
        ;
    return r->guest;
}

static uint64_t tag_of(const uint8_t key[32], int guest, int state) {
    uint64_t head;
    memcpy(&head, key, sizeof head);
    return (head & KEY_BITS) | (uint64_t)guest << GUEST_SHIFT | (uint64_t)state;
}

static bool is_of(const struct recent *r, size_t i, const uint8_t key[32]) {
    return memcmp(r->entries[i].key, key, sizeof r->entries[i].key) == 0;
}

/* Look at entry i, if it is key's. */
static bool pin(struct recent *r, int guest, size_t i, const uint8_t key[32]) {
    _Atomic uint64_t *word = &pins_of(r, guest)[i / WORD];
    uint64_t bit = UINT64_C(1) << i % WORD;
    bool had = atomic_fetch_or(word, bit) & bit;
    if (atomic_load(&r->tags[i]) == tag_of(key, 0, READY) && is_of(r, i, key))
        return true;
    if (!had)
        atomic_fetch_and(word, ~bit);
    return false;
}

static uint64_t pinned_word(const struct recent *r, size_t w) {
    uint64_t any = 0;
    int end = atomic_load(&r->shared->guest_end);
    for (int g = 0; g < end; g++)
        any |= atomic_load(&pins_of(r, g)[w]);
    return any;
}

static bool is_pinned(const struct recent *r, size_t i) {
    return pinned_word(r, i / WORD) >> i % WORD & 1;
}

void recent_release(struct recent *r) {
    if (r->pid == getpid() && r->guest >= 0)
        clear_pins(r, r->guest);
}

/* ---- leaving ------------------------------------------------------------ */

/* The entry used least recently of those that nobody looks at; max: none. */
static size_t stalest(const struct recent *r) {
    size_t best = r->max;
    int64_t when = INT64_MAX;
    for (size_t w = 0; w < r->words; w++) {
        uint64_t pinned = pinned_word(r, w);
        size_t end = (w + 1) * WORD < r->max ? (w + 1) * WORD : r->max;
        for (size_t i = w * WORD; i < end; i++) {
            int64_t used = atomic_load(&r->entries[i].used);
            if ((atomic_load(&r->tags[i]) & STATES) == READY &&
                !(pinned >> i % WORD & 1) && used < when) {
                when = used;
                best = i;
            }
        }
    }
    return best;
}

/* Have one leave, and BUSY; max: all are looked at. */
static size_t evict(struct recent *r, int guest) {
    for (size_t attempt = 0; attempt < r->max; attempt++) {
        size_t i = stalest(r);
        if (i == r->max)
            break;
        uint64_t ready = atomic_load(&r->tags[i]);
        uint64_t mine = (ready & KEY_BITS) | (uint64_t)guest << GUEST_SHIFT;
        if ((ready & STATES) != READY ||
            !atomic_compare_exchange_strong(&r->tags[i], &ready,
                                            mine | LEAVING))
            continue;
        if (!is_pinned(r, i)) {
            atomic_store(&r->tags[i], mine | BUSY);
            atomic_fetch_add(&r->shared->evictions, 1);
            return i;
        }
        atomic_store(&r->tags[i], ready);
    }
    return r->max;
}

/* Hold so many bytes of memory. Those that may be held are counted at any
 * instant. */
static void resize(struct recent *r, size_t i, size_t bytes) {
    struct entry *e = &r->entries[i];
    unsigned char *stall = r->stalls + i * r->stall;
    size_t held = atomic_load(&e->held);
    if (bytes < held && madvise(stall + bytes, held - bytes, MADV_REMOVE) != 0)
        return; /* then it is held */
    atomic_store(&e->held, bytes);
}

static size_t held_by_all(const struct recent *r) {
    size_t sum = 0;
    for (size_t i = 0; i < r->max; i++)
        sum += atomic_load_explicit(&r->entries[i].held, memory_order_relaxed);
    return sum;
}

static void empty(struct recent *r, size_t i) {
    resize(r, i, 0);
    atomic_store(&r->tags[i], EMPTY);
}

bool recent_shrink(struct recent *r, size_t bytes) {
    int guest = guest_of(r);
    while (held_by_all(r) > bytes) {
        size_t i = guest < 0 ? r->max : evict(r, guest);
        if (i == r->max)
            return false;
        empty(r, i);
    }
    return true;
}

/* ---- entries ------------------------------------------------------------ */

const void *recent_get(struct recent *r, const uint8_t key[32]) {
    uint64_t ready = tag_of(key, 0, READY);
    int guest = guest_of(r);
    for (size_t i = 0; guest >= 0 && i < r->max; i++) {
        if (atomic_load_explicit(&r->tags[i], memory_order_relaxed) != ready ||
            !pin(r, guest, i, key))
            continue;
        atomic_store(&r->entries[i].used,
                     atomic_fetch_add(&r->shared->clock, 1) + 1);
        return r->stalls + i * r->stall;
    }
    return NULL;
}

/* Somebody has it or is at it. */
static bool is_known(const struct recent *r, const uint8_t key[32]) {
    uint64_t head = tag_of(key, 0, 0);
    for (size_t i = 0; i < r->max; i++) {
        uint64_t tag = atomic_load(&r->tags[i]);
        if ((tag & STATES) != EMPTY && (tag & KEY_BITS) == head)
            return true;
    }
    return false;
}

/* An entry that is BUSY for key: an empty one, else one that leaves. */
static size_t take_stall(struct recent *r, int guest, const uint8_t key[32]) {
    uint64_t busy = tag_of(key, guest, BUSY);
    for (size_t i = 0; i < r->max; i++) {
        uint64_t none = EMPTY;
        if (atomic_compare_exchange_strong(&r->tags[i], &none, busy))
            return i;
    }
    size_t i = evict(r, guest);
    if (i < r->max)
        atomic_store(&r->tags[i], busy);
    return i;
}

void *recent_claim(struct recent *r, const uint8_t key[32], size_t bytes,
                   size_t total) {
    size_t held = round_up(bytes);
    int guest = guest_of(r);
    if (guest < 0 || held > r->stall || held > total || is_known(r, key) ||
        !recent_shrink(r, total - held))
        return NULL;
    size_t i = take_stall(r, guest, key);
    if (i == r->max)
        return NULL;
    memcpy(r->entries[i].key, key, sizeof r->entries[i].key);
    resize(r, i, held);
    return r->stalls + i * r->stall;
}

void recent_ready(struct recent *r, const uint8_t key[32]) {
    int guest = guest_of(r);
    uint64_t busy = tag_of(key, guest, BUSY);
    for (size_t i = 0; i < r->max; i++) {
        if (atomic_load(&r->tags[i]) != busy || !is_of(r, i, key))
            continue;
        atomic_fetch_or(&pins_of(r, guest)[i / WORD], UINT64_C(1) << i % WORD);
        atomic_store(&r->entries[i].used,
                     atomic_fetch_add(&r->shared->clock, 1) + 1);
        atomic_store(&r->tags[i], tag_of(key, 0, READY));
        return;
    }
}

struct recent_stats recent_stats(const struct recent *r) {
    struct recent_stats s = {.bytes = (int64_t)held_by_all(r),
                             .evictions = atomic_load(&r->shared->evictions)};
    for (size_t i = 0; i < r->max; i++)
        s.entries += (atomic_load(&r->tags[i]) & STATES) == READY;
    return s;
}

/* ---- the dead ----------------------------------------------------------- */

static void forget(struct recent *r, int guest) {
    for (size_t i = 0; i < r->max; i++) {
        uint64_t tag = atomic_load(&r->tags[i]);
        if ((int)(tag >> GUEST_SHIFT & (GUESTS - 1)) != guest)
            continue;
        if ((tag & STATES) == BUSY)
            empty(r, i);
        else if ((tag & STATES) == LEAVING)
            atomic_store(&r->tags[i], (tag & KEY_BITS) | READY);
    }
    clear_pins(r, guest);
    atomic_store(&r->shared->guests[guest], 0);
}

void recent_ended(pid_t pid) {
    for (struct recent *r = all; r; r = r->next)
        for (int g = 0; g < GUESTS; g++)
            if (atomic_load(&r->shared->guests[g]) == pid)
                forget(r, g);
}
