/* Read-only windows over a bundle, nothing later than the cursor.
 *
 * bt_portal (backlua.h) is the part Lua reads; struct portal holds it first and
 * adds what C needs. Moving the cursor is the run's business alone.
 */
#ifndef BT_PORTAL_PORTAL_H
#define BT_PORTAL_PORTAL_H

#include "backlua.h"
#include "portal/cache.h"

struct portal;

/* One more use of the bundle; the cursor stands before the first row. */
bt_status portal_new(bt_bundle *bundle, struct portal **out);
void portal_free(struct portal *p);
bt_portal *portal_public(struct portal *p);
void portal_set_cursor(struct portal *p, int32_t row);
void portal_set_strict(struct portal *p, int32_t on);
/* What the public columns show from now on: BT_ADJUST_*, at first NONE.
 * errors BT_E_RANGE; BT_E_IO */
bt_status portal_set_adjust(struct portal *p, int32_t adjust);
/* Whole column of a field as quoted, mapped or derived now. */
bt_status portal_data(struct portal *p, int32_t sid, int32_t field,
                      const double **out);
bt_bundle *portal_bundle(struct portal *p);
/* The session that a row belongs to, or begins with. */
int32_t portal_session(const struct portal *p, int32_t row);
/* Part of the keys of what is derived from its columns; "" or "@1h". */
const char *portal_tag(const struct portal *p);
/* Windows that reached before row 0, of all frequencies. */
double portal_short_windows(const struct portal *p);

/* Derived columns for which the shared cache has no room belong to the portal,
 * under the same key, and are freed with it. kept: NULL when absent; keep takes
 * memory (from malloc). */
const void *portal_kept(const struct portal *p, const struct cache_key *key);
void portal_keep(struct portal *p, const struct cache_key *key, void *memory,
                 size_t bytes);

#endif
