/* The columns of a bundle as portals show them; see shelf.c. */
#ifndef BT_PORTAL_SHELF_H
#define BT_PORTAL_SHELF_H

#include "portal/resample.h"
#include "store/column.h"

#include <stdbool.h>

struct adjust;
struct lens;
struct shelf;
struct sums;

/* The shelf of a bundle, shared by its portals; made at the first call, lives
 * as long as its mappings. */
struct shelf *shelf_of(bt_bundle *b);
/* One of its own: nothing is shared with another portal. */
struct shelf *shelf_new(bt_bundle *b);
void shelf_retire(struct shelf *s); /* one of its own: to the attic */

bt_series *shelf_series(struct shelf *s); /* [assets * bundle_fields] */
/* Map or derive a column. errors BT_E_RANGE sid, field; BT_E_IO */
bt_status shelf_column(struct shelf *s, int32_t sid, int32_t field);
/* Values of rows 0 .. rows-1 for the engine, which needs no apron: nothing is
 * mapped for a column that is stored. errors as shelf_column */
bt_status shelf_values(struct shelf *s, int32_t sid, int32_t field,
                       const double **out);
/* Close times in unix seconds as a column. BT_E_IO */
bt_status shelf_times(struct shelf *s);
bt_series *shelf_time_series(struct shelf *s);

struct adjust *shelf_adjust(struct shelf *s);
struct lens **shelf_lenses(struct shelf *s); /* where their list begins */
int32_t shelf_assets(const struct shelf *s);
int32_t shelf_fields(const struct shelf *s);

bt_bundle *shelf_bundle(const struct shelf *s); /* NULL in the attic */
struct sums **shelf_more(struct shelf *s); /* where the list of those of derived
                                              columns begins */

/* The shelf of a coarser frequency of the same bundle, made at the first call;
 * lives as long as s. errors as level_open */
bt_status shelf_level(struct shelf *s, const char *frequency,
                      struct shelf **out);
/* How its rows are made of those of the bundle; NULL for a bundle's own. */
const struct groups *shelf_groups(const struct shelf *s);
/* "" for a bundle's own, "@1h" for a coarser frequency: part of the keys under
 * which derived columns are cached. */
const char *shelf_tag(const struct shelf *s);

/* The cache was cleared: look nothing up in it any more (all shelves). */
void shelf_forget_cache(void);

#endif
