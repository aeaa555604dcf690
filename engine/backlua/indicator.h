/* Indicators: kernels over whole columns. Conventions: backlua.h. */
#ifndef BACKLUA_INDICATOR_H
#define BACKLUA_INDICATOR_H

#include "backlua/view.h"

/* ---- indicators ---------------------------------------------------------- */

/* What an indicator reads. X: the series of a chosen field, or an array; OTHER:
 * a second one; SESSION: the number of each bar's session, ascending. */
enum {
    BT_INPUT_X = 0,
    BT_INPUT_OTHER = 1,
    BT_INPUT_OPEN = 2,
    BT_INPUT_HIGH = 3,
    BT_INPUT_LOW = 4,
    BT_INPUT_CLOSE = 5,
    BT_INPUT_VOLUME = 6,
    BT_INPUT_SESSION = 7,
    BT_INPUTS = 8
};

typedef struct bt_indicator_param {
    const char *name;
    double fallback, min, max;               /* fallback: the default */
    double sweep_min, sweep_max, sweep_step; /* a sensible search range */
    int32_t is_int;
} bt_indicator_param;

typedef struct bt_indicator_info {
    const char *name, *title, *formula, *source;
    int32_t inputs; /* bit 1 << BT_INPUT_* for each that it reads */
    int32_t output_count, param_count;
    const char *const *outputs; /* [output_count] names */
    const bt_indicator_param *params;
} bt_indicator_info;

/* The i-th indicator, NULL past the end. By name: NULL for an unknown one, and
 * bt_error_message says which is nearest. Both borrowed, constant. */
const bt_indicator_info *bt_indicator_at(int32_t i);
const bt_indicator_info *bt_indicator_find(const char *name);
/* How many bars stay NaN. params [count] in the order of the info's, the rest
 * defaults. -1 and bt_error_message for an unknown name or a parameter outside
 * its limits. */
int32_t bt_indicator_lookback(const char *name, const double *params,
                              int32_t param_count);

/* A handle: an indicator series read at the cursor. Index -1 is the current
 * bar, -2 the one before. */
typedef struct bt_handle {
    const double *BT_CONST hidden_data; /* from its floor to the cursor */
    const bt_portal *BT_CONST hidden_portal;
    void *BT_CONST hidden_owner;   /* NULL: it has all rows */
    BT_CONST int32_t hidden_floor; /* rows before it: bt_handle_reach first */
} bt_handle;

/* Which indicator of what. */
typedef struct bt_indicator_request {
    const char *name;
    int32_t sid, field;         /* of X, where the indicator reads it */
    int32_t other, other_field; /* asset and field of OTHER, likewise: bars
                                 * that one of the two lacks are gaps */
    int32_t adjust; /* BT_ADJUST_* of prices and volume; -1: the run's, now */
    int32_t param_count;
    const double *params; /* [param_count] as above */
} bt_indicator_request;

/* Point handles [outputs] at the series of an indicator over the asset's own
 * bars: causal, NaN on a gap and while warming up, of columns as data:history
 * shows them at the cursor. When a split or a dividend changes those, the
 * handles are pointed at another series, so they have to stay where they are
 * until the run is closed. Cached per bundle, asset, field, name, parameters,
 * adjustment and instant in memory shared by all workers.
 * errors BT_E_NAME name, asset; BT_E_RANGE a parameter (names it and its
 * limits), a field, adjust; BT_E_IO
 * cost a pass of the kernel; another for each event that the cursor passes */
bt_status bt_portal_indicator(bt_portal *p, const bt_indicator_request *q,
                              bt_handle *const *handles);
/* Rows of a handle before its floor are to be read: have it show them all, now
 * and later. errors BT_E_IO
 * cost a pass of the kernel, once; then one for each event */
bt_status bt_handle_reach(bt_handle *h);
/* The same kernel over plain arrays. series [BT_INPUTS]: arrays of n values by
 * BT_INPUT_*, NULL where the indicator does not read it; SESSION may always be
 * NULL. A NaN in one of them is a gap. out [outputs][n].
 * errors as above; BT_E_USAGE a missing series */
bt_status bt_indicator_compute(const char *name, const double *const *series,
                               int32_t n, const double *params,
                               int32_t param_count, double *out);

#endif
