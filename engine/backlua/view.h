/* Columns, views over them, what is knowable now. Conventions: backlua.h. */
#ifndef BACKLUA_VIEW_H
#define BACKLUA_VIEW_H

#include "backlua/bundle.h"

/* ---- columns and views --------------------------------------------------- */

enum { BT_HISTORY_MAX = 100000 };

/* Fields of a bar. Prices in the asset's currency, volume in units.
 * A bundle may have fields of its own (signals, funding, index membership):
 * BT_FIELDS, BT_FIELDS + 1, ... sorted by name; see bt_bundle_field. */
enum {
    BT_FIELD_OPEN = 0,
    BT_FIELD_HIGH = 1,
    BT_FIELD_LOW = 2,
    BT_FIELD_CLOSE = 3,
    BT_FIELD_VOLUME = 4,
    BT_FIELD_PRICE = 5, /* close carried forward over gaps */
    BT_FIELDS = 6
};

/* Field id of a name that every bundle has, -1 for another. */
int32_t bt_field_find(const char *name);

/* Prefix sums of a column as compiled code reads them (base/exact.h). */
typedef struct bt_sums {
    /* Head and tail of x[0] + .. + x[i-1] at 2 i and 2 i + 1, for i in -1 ..
     * rows; NaN where every window that begins there is NaN. NULL until they
     * are made, or when one of them is not exact. */
    const double *BT_CONST hidden_pairs;
    BT_CONST int32_t clean;   /* windows from here on have no other gap */
    BT_CONST int32_t certain; /* 1: no difference of two pairs rounds */
    BT_CONST int32_t awaited; /* 1: until they are made, soon */
} bt_sums;

/* One dense column: data[0 .. rows-1], and before it NaN (0 for volume) back to
 * the row that bt_portal_reach was asked for. Lives as long as the Lua state
 * that mapped it. */
typedef struct bt_series {
    const double *BT_CONST hidden_data; /* NULL until bt_portal_column */
    bt_sums *BT_CONST hidden_sums;      /* NULL for a column that has none */
    /* What views of it refer to: itself, or where it is one of several that
     * take turns (bt_portal_series), the one whose turn it is. */
    struct bt_series *BT_CONST hidden_home;
    BT_CONST int32_t rows;
    BT_CONST int32_t since; /* the first row as of which its numbers are these;
                               -1: they are the same for all */
    BT_CONST int32_t floor; /* the first row that can be read */
} bt_series;

/* A window of a column, oldest first. Read-only; lives as long as its column.
 * hidden_series is NULL for a view over other memory. */
typedef struct bt_view {
    const double *BT_CONST hidden_data;
    bt_series *BT_CONST hidden_series;
    BT_CONST int32_t n;
    BT_CONST int32_t hidden_from; /* row of the first element in its column */
} bt_view;

/* Reductions over x[0 .. n-1], n >= 0, of a window of series (or NULL). NaN
 * when the window holds a NaN; sum of nothing is 0, the rest of nothing NaN.
 * sum     the exact sum rounded once (Shewchuk 1997); mean = sum / n
 * std     sqrt(S / n / (n - ddof)), S = n sum(x^2) - sum(x)^2 exact, rounded
 *         once; NaN when n <= ddof
 * cost    sum, mean O(1) with a series, else O(n); the rest O(n) */
double bt_window_sum(const double *x, int32_t n, bt_series *series);
double bt_window_mean(const double *x, int32_t n, bt_series *series);
double bt_window_std(const double *x, int32_t n, bt_series *series,
                     int32_t ddof);
double bt_window_min(const double *x, int32_t n);
double bt_window_max(const double *x, int32_t n);
/* Copy what is not NaN, in order, to out[0 .. n-1]; returns how many. */
int32_t bt_window_valid(const double *x, int32_t n, double *out);

/* ---- the portal: what is knowable now ------------------------------------ */

/* Windows over one bundle as of a cursor. Borrowed from its run. */
typedef struct bt_portal {
    BT_CONST int32_t cursor; /* row of the bar that closed last */
    BT_CONST int32_t rows;   /* of the calendar */
    BT_CONST int32_t assets;
    BT_CONST int32_t fields; /* BT_FIELDS and those of the bundle's own */
    /* Smallest row that a window may begin at: 0 when history_start = "error",
     * else as far back as columns hold NaN (bt_portal_reach), at most
     * -BT_HISTORY_MAX; INT32_MAX before the first row. */
    BT_CONST int32_t floor;
    BT_CONST int32_t strict_start;     /* 1: history_start = "error" */
    double short_windows;              /* windows that reached before row 0 */
    bt_series *BT_CONST hidden_series; /* [assets * fields], in the run's
                                        * adjustment, as of the cursor */
    bt_series *BT_CONST hidden_time_series; /* bt_portal_times */
} bt_portal;

/* The bundle it shows, borrowed. */
const bt_bundle *bt_portal_bundle(const bt_portal *p);
/* Let windows begin `rows` rows before row 0, at most BT_HISTORY_MAX: lowers
 * the floor, unless history_start = "error". */
void bt_portal_reach(bt_portal *p, int32_t rows);
/* Map (or derive) a column in the run's adjustment. errors BT_E_RANGE sid or
 * field; BT_E_IO. */
bt_status bt_portal_column(bt_portal *p, int32_t sid, int32_t field);

/* What columns of prices and volume show of splits and dividends, always as of
 * the cursor: later events are not known yet.
 *   NONE    as quoted
 *   SPLITS  in today's units: prices before a split divided by its ratio,
 *           volume multiplied
 *   ALL     and prices before an ex-date times 1 - dividend / last close before
 *           it, so that returns are total returns (Zipline's way)
 * The last value of a window is the quoted one in each of them. A price carried
 * over an event (BT_FIELD_PRICE) is carried in the new units, ex dividend. */
enum { BT_ADJUST_NONE = 0, BT_ADJUST_SPLITS = 1, BT_ADJUST_ALL = 2 };
enum { BT_ADJUSTS = 3 };
/* BT_ADJUST_* of "none", "splits", "all"; -1 for another text. */
int32_t bt_adjust_find(const char *name);
/* The columns in an adjustment (-1: the run's), as of the cursor: for
 * [sid * BT_FIELDS + field]. They are there after bt_portal_adjusted.
 * errors NULL for an unknown adjustment */
bt_series *bt_portal_series(bt_portal *p, int32_t adjust);
/* As bt_portal_column. errors BT_E_RANGE adjust, too */
bt_status bt_portal_adjusted(bt_portal *p, int32_t adjust, int32_t sid,
                             int32_t field);
/* What a column showed as of a row, NULL when nobody asked for it then. */
bt_series *bt_series_at(bt_series *s, int32_t row);
/* Fill hidden_time_series: close times in unix seconds, NaN before row 0.
 * errors BT_E_IO */
bt_status bt_portal_times(bt_portal *p);
/* The same bundle in bars of a coarser frequency ("5m" .. "1mo"): a portal
 * whose cursor is the coarse bar that closed last, -1 while none has; it moves
 * with p's and lives as long. A bar is closed when its time is over, and as
 * soon as a row follows it.
 * errors BT_E_NAME no such frequency, or bars of the bundle do not make it */
bt_status bt_portal_level(bt_portal *p, const char *frequency, bt_portal **out);
/* Names for it, finest first; NULL past the end. */
const char *bt_frequency_name(int32_t i);
/* Row of a coarser portal's last bar as of a row of the bundle: the one that
 * closed last, or with growing the one that has begun and not closed, when
 * there is one; -1 for none. */
int32_t bt_portal_level_row(const bt_portal *p, int32_t row, int32_t growing);
/* 1 when an asset's columns in an adjustment (-1: the run's) are not as quoted
 * as of the cursor of the bundle's own portal; sid -1: may be so at any row for
 * any asset. */
int32_t bt_portal_is_adjusted(bt_portal *p, int32_t adjust, int32_t sid);
/* How many events have changed an asset's columns in an adjustment (-1: the
 * run's) by a row; -1 on failure. errors BT_E_NAME sid; BT_E_RANGE adjust;
 * BT_E_IO */
int32_t bt_portal_epoch(bt_portal *p, int32_t adjust, int32_t sid, int32_t row);
/* A copy of a column of the bundle as it is shown after so many events (0: as
 * quoted), out [rows], from row 0 to the one before the next event, whose row
 * comes back; -1 on failure. errors as above; BT_E_RANGE field, epoch */
int32_t bt_portal_copy(bt_portal *p, int32_t adjust, int32_t sid, int32_t field,
                       int32_t epoch, double *out);
/* The last n bars of a coarser portal as of a row of the bundle, at most its
 * cursor: a copy, out [n], for what has no column: the bar that is growing, and
 * bars adjusted as of that row (adjust: BT_ADJUST_*, -1 the run's).
 * field: BT_FIELD_*, or -1 for the times, a growing bar's being that of row.
 * errors BT_E_RANGE sid, field, row, n; BT_E_IO
 * cost O(rows of the bundle in the window) */
bt_status bt_portal_coarse(bt_portal *p, int32_t adjust, int32_t sid,
                           int32_t field, int32_t row, int32_t growing,
                           int32_t n, double *out);
/* Make what the portals of a bundle share (cache, carried prices): called
 * before forking, all workers have it. errors BT_E_IO */
bt_status bt_portal_warm(bt_bundle *b);
/* 1 when the asset has a bar at the cursor. */
int32_t bt_portal_has_bar(bt_portal *p, int32_t sid);
/* Row of the asset's last bar at or before the cursor, -1 when none. */
int32_t bt_portal_last_bar(bt_portal *p, int32_t sid);

#endif
