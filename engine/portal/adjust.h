/* Columns adjusted for splits and dividends, one per epoch; see adjust.c. */
#ifndef BT_PORTAL_ADJUST_H
#define BT_PORTAL_ADJUST_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>

struct adjust;
struct shelf;

/* What one row changes for all rows before it. */
struct adjust_event {
    int32_t row;
    double price, volume; /* factors */
};

struct adjust_events {
    struct adjust_event *list; /* [count], rows ascend */
    int32_t count;
};

/* Belongs to the shelf, which outlives it. */
struct adjust *adjust_new(struct shelf *s, bt_bundle *b);
void adjust_free(struct adjust *a);
size_t adjust_bytes(const struct adjust *a); /* private memory */
/* The bundle closes: what is made stays, nothing new is. */
void adjust_retire(struct adjust *a);

/* Is there an asset with events at all? */
bool adjust_has_events(struct adjust *a, int32_t mode);
/* Events of an asset; none for BT_ADJUST_NONE. BT_E_IO */
bt_status adjust_events(struct adjust *a, int32_t mode, int32_t sid,
                        const struct adjust_events **out);
/* How many of them have happened by a row: the epoch that it is in. */
int32_t adjust_epoch(const struct adjust_events *e, int32_t row);
/* The column as of an epoch. errors BT_E_IO; BT_E_STATE the bundle is closed */
bt_status adjust_column(struct adjust *a, int32_t mode, int32_t sid,
                        int32_t field, int32_t epoch, bt_series **out);
/* The same when it is there already, else NULL. */
bt_series *adjust_known(struct adjust *a, int32_t mode, int32_t sid,
                        int32_t field, int32_t epoch);
/* The series that shows its column as of a row; s is the home of one. */
bt_series *adjust_series_at(bt_series *home, int32_t row);
/* Rows first .. end-1 of a raw column as of an epoch, into out[first ..]. */
void adjust_fill(const struct adjust_events *e, int32_t epoch, int32_t field,
                 const double *raw, int32_t first, int32_t end, double *out);

#endif
