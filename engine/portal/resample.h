/* Bars of a coarser frequency as groups of a bundle's rows; see resample.c. */
#ifndef BT_PORTAL_RESAMPLE_H
#define BT_PORTAL_RESAMPLE_H

#include "backlua.h"

#include <stddef.h>

/* One block of memory, so that it can be shared as it is. */
struct groups {
    int32_t rows;          /* of the bundle */
    int32_t count;         /* coarse bars; the last may never have closed */
    const bt_time *close;  /* [count] when each closes */
    const int32_t *first;  /* [count + 1] row that each begins with */
    const int32_t *closed; /* [rows] coarse bars that are closed at a row */
};

/* BT_E_NAME when bars of the bundle cannot be made into bars of frequency. */
bt_status resample_check(const bt_bundle *b, const char *frequency);

/* Size of the block for a bundle of so many rows, at most. */
size_t groups_bytes(int32_t rows);
/* Groups of the bundle's rows for a frequency that has been checked, into a
 * block. errors as schedule_parse */
bt_status groups_make(const bt_bundle *b, const char *frequency, void *block);
/* Look at a block, and the block that is looked at. */
void groups_attach(struct groups *g, const void *block);
const void *groups_block(const struct groups *g);

/* Column of a field: out [count] from x [rows]. */
void resample_column(const struct groups *g, int32_t field, const double *x,
                     double *out);
/* One value from x[0 .. n-1], as above: NaN (volume: 0) when all are NaN. */
double resample_value(int32_t field, const double *x, int32_t n);

#endif
