/* The points that were handed out, so that none is handed out twice. */
#ifndef BT_SEARCH_SEEN_H
#define BT_SEARCH_SEEN_H

#include "base/rng.h"
#include "search/space.h"
#include "search/table.h"

struct seen {
    const bt_space *space; /* borrowed */
    double points;         /* of a finite space, -1 otherwise */
    struct table table;
    struct buf packed;
};

void seen_init(struct seen *s, const bt_space *space);
void seen_fini(struct seen *s);
/* The point as a number: exact in a finite space, else a hash. */
uint64_t seen_key(struct seen *s, const struct point *p);
bool seen_has(const struct seen *s, uint64_t key);
void seen_add(struct seen *s, uint64_t key);
/* All of a finite space was handed out. */
bool seen_all(const struct seen *s);
/* Some point of a finite space that was not handed out; not seen_all. */
void seen_other(struct seen *s, struct rng *rng, struct point *out);

#endif
