/* Prefix sums of the columns that portals show; see sums.c. */
#ifndef BT_PORTAL_SUMS_H
#define BT_PORTAL_SUMS_H

#include "backlua.h"
#include "base/exact.h"

#include <stdbool.h>
#include <stddef.h>

struct shelf;

/* What bt_series.hidden_sums points at; Lua sees the first member. */
struct sums {
    bt_sums public;
    struct prefix prefix; /* valid when ready */
    bool ready, looked_up, refused;
    int32_t requests; /* before they were made */
    int64_t work;     /* elements summed in those */
    void *own;        /* storage when it is not the cache's */
    size_t own_bytes;
    struct shelf *shelf;
    int32_t index;      /* of the column */
    const double *data; /* [end], only first .. end - 1 are summed */
    int32_t first, end;
    double params[4]; /* what tells it from the shelf's own column */
    int32_t param_count;
    struct sums *next; /* of those that are not the shelf's */
};

/* Sums of a shelf's own column, of all rows; data are set when it is mapped. */
void sums_begin(struct sums *s, struct shelf *shelf, int32_t index,
                int32_t rows);
/* Sums of rows first .. end-1 of a column that is derived from the shelf's with
 * this index; params [count]: all that it depends on besides. They stay known
 * to the shelf: s lives as long. */
void sums_init(struct sums *s, struct shelf *shelf, int32_t index,
               const double *data, int32_t first, int32_t end,
               const double *params, int32_t count);
/* As if they had never been made. Their own storage stays. */
void sums_forget(struct sums *s);
void sums_drop(struct sums *s); /* free their own storage */

const struct prefix *sums_make(struct sums *s, int32_t n);

/* n more elements of a column are to be summed: its prefix sums when they are
 * there or now worth making, else NULL. */
static inline const struct prefix *sums_for(struct sums *s, int32_t n) {
    return s->ready ? &s->prefix : sums_make(s, n);
}

#endif
