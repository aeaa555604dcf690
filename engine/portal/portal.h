/* Read-only windows over a bundle, nothing later than the cursor.
 *
 * bt_portal (backlua.h) is the part Lua reads; struct portal holds it first and
 * adds what C needs. Moving the cursor is the run's business alone.
 */
#ifndef BT_PORTAL_PORTAL_H
#define BT_PORTAL_PORTAL_H

#include "backlua.h"
#include "portal/cache.h"

struct adjust;
struct groups;
struct portal;

/* Somebody who is told when the cursor comes to rows as of which something else
 * is to be shown. Made with malloc, first member of what it is. */
struct follower {
    struct follower *next;
    /* Show what holds as of a row of the bundle; it holds for *from .. *until -
     * 1. errors end the run */
    bt_status (*turn)(struct follower *f, int32_t row, int32_t *from,
                      int32_t *until);
    void (*fini)(struct follower *f);
};

/* One more use of the bundle; the cursor stands before the first row. */
bt_status portal_new(bt_bundle *bundle, struct portal **out);
void portal_free(struct portal *p);
bt_portal *portal_public(struct portal *p);
/* errors those of followers; without any it does not fail */
bt_status portal_set_cursor(struct portal *p, int32_t row);
void portal_set_strict(struct portal *p, int32_t on);
/* What the public columns show from now on: BT_ADJUST_*, at first NONE.
 * errors BT_E_RANGE; BT_E_IO */
bt_status portal_set_adjust(struct portal *p, int32_t adjust);
/* Whole column of a field as quoted, without an apron: derived now, or where
 * the bundle has it. */
bt_status portal_data(struct portal *p, int32_t sid, int32_t field,
                      const double **out);
bt_bundle *portal_bundle(struct portal *p);
/* The session that a row belongs to, or begins with. */
int32_t portal_session(const struct portal *p, int32_t row);
/* Part of the keys of what is derived from its columns; "" or "@1h". */
const char *portal_tag(const struct portal *p);
/* The bundle's own portal: of a coarser one that which it hangs on. */
struct portal *portal_base(struct portal *p);
/* How the rows of a coarser one are made; NULL for the bundle's own. */
const struct groups *portal_groups(const struct portal *p);
struct adjust *portal_adjustments(struct portal *p);
/* BT_ADJUST_*: as given, or the run's for -1. errors BT_E_RANGE */
bt_status portal_mode(struct portal *p, int32_t adjust, int32_t *out);
/* Takes f, which turns at once and whenever it has to, until p is freed. errors
 * of its first turn, which leaves f to the caller */
bt_status portal_follow(struct portal *p, struct follower *f);
/* Windows that reached before row 0, of all frequencies. */
double portal_short_windows(const struct portal *p);

/* Derived columns for which the shared cache has no room belong to the portal,
 * under the same key, and are freed with it. kept: NULL when absent; keep takes
 * memory (from malloc). */
const void *portal_kept(const struct portal *p, const struct cache_key *key);
void portal_keep(struct portal *p, const struct cache_key *key, void *memory,
                 size_t bytes);

#endif
