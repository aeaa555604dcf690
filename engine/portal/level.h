/* What a coarser frequency of a bundle has of its own; see level.c. */
#ifndef BT_PORTAL_LEVEL_H
#define BT_PORTAL_LEVEL_H

#include "portal/resample.h"
#include "store/column.h"

enum { LEVEL_TAG = 8 };

struct level {
    struct groups groups;
    char frequency[LEVEL_TAG];
    void *own; /* the block of groups where it is not the cache's */
};

/* errors as resample_check, groups_make */
bt_status level_open(const bt_bundle *b, const char *frequency,
                     struct level *out);
void level_close(struct level *l);
/* The groups stay when the cache is cleared. */
void level_detach(struct level *l);
size_t level_bytes(const struct level *l); /* private memory */

/* Column of a field made of the bundle's own column x. BT_E_IO */
bt_status level_column(const struct level *l, const bt_bundle *b, int32_t sid,
                       int32_t field, const double *x, struct column *out);

#endif
