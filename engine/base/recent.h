/* Entries shared by all processes forked from this one, of which the least
 * recently used gives way; see recent.c. */
#ifndef BT_BASE_RECENT_H
#define BT_BASE_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { RECENT_MAX = 16384 };

struct recent;

struct recent_stats {
    int64_t entries, bytes; /* now */
    int64_t evictions;
};

/* max_entries: 1..RECENT_MAX; largest: bytes of an entry at most (less where
 * there is no address space for so many). NULL: no address space. */
struct recent *recent_new(size_t max_entries, size_t largest);
void recent_free(struct recent *r);
/* Data of key, or NULL. Stays as it is until this process calls
 * recent_release. */
const void *recent_get(struct recent *r, const uint8_t key[32]);
/* Room for the data of key, to be filled (then recent_ready): others leave
 * until there are at most max_entries of them, of `total` bytes together. NULL
 * when key is known, or when too many are looked at. */
void *recent_claim(struct recent *r, const uint8_t key[32], size_t bytes,
                   size_t total);
void recent_ready(struct recent *r, const uint8_t key[32]);
/* This process looks at no entry any more. */
void recent_release(struct recent *r);
/* Evict until there are at most so many bytes; false: the rest is looked at. */
bool recent_shrink(struct recent *r, size_t bytes);
struct recent_stats recent_stats(const struct recent *r);

/* A process forked from this one has ended, whatever it was doing: of all
 * lists, what it looked at may go, and what it was filling is gone. */
void recent_ended(pid_t pid);

#endif
