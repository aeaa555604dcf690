/* Bundles of bars: open, look, compare, clean. Conventions: backlua.h. */
#ifndef BACKLUA_BUNDLE_H
#define BACKLUA_BUNDLE_H

#include "backlua/base.h"

/* ---- bundles ------------------------------------------------------------- */

typedef struct bt_bundle bt_bundle;

/* Open a bundle by name (looked up in the bundles folder) or path, verified,
 * and count the use. name@digits, the first 4 to 64 hex digits of its sha256,
 * opens a version that the bundle keeps. Pooled unless pooling is off.
 * errors BT_E_DATA missing (with the nearest name, or the versions there are)
 *        or damaged; BT_E_USAGE digits that are none or fit several versions;
 *        BT_E_IO unreadable. */
bt_status bt_bundle_acquire(const char *name, bt_bundle **out);
/* One use less; the pool may keep it open. NULL ok */
void bt_bundle_release(bt_bundle *b);

typedef struct bt_bundle_info {
    int32_t assets, rows;
    double bars; /* rows that hold a bar, summed over assets */
    bt_time first_close, last_close;     /* of the calendar */
    const char *name, *path, *frequency; /* "1d", "1m", ... */
    const char *sha256;                  /* hex, of the whole content */
    const char *provenance;  /* JSON object text written by ingest */
    double periods_per_year; /* sessions: 252, or 365 if weekends trade */
    double skipped_rows;     /* rejected at ingest under --skip-bad */
    const char *calendar;    /* "union", "XNYS", ...; of a user's file "backlua
                                calendar 1", a newline and its text */
} bt_bundle_info;

/* Facts of an open bundle; the texts live as long as it is held. */
void bt_bundle_get_info(const bt_bundle *b, bt_bundle_info *out);
/* Borrowed symbol of an asset, NULL for an unknown id. */
const char *bt_bundle_symbol(const bt_bundle *b, int32_t sid);
/* Asset id of a symbol (exact), -1 when unknown. */
int32_t bt_bundle_find(const bt_bundle *b, const char *symbol);
/* Whether an asset bears a symbol at all times, on the day asked about, or at
 * another time only. */
enum { BT_SYMBOL_ALWAYS = 0, BT_SYMBOL_THEN = 1, BT_SYMBOL_ONCE = 2 };
/* The asset that bore a symbol on a day (since 1970-01-01); else the one whose
 * last symbol it is, else the last that ever bore it; -1 when none did. *how is
 * set in any case. */
int32_t bt_bundle_find_at(const bt_bundle *b, const char *symbol, int32_t day,
                          int32_t *how);
/* Rows of the first and last bar of an asset. */
void bt_bundle_asset_rows(const bt_bundle *b, int32_t sid, int32_t *first,
                          int32_t *last);
/* What is known of an asset beside its bars (assets.csv). */
typedef struct bt_asset_facts {
    double tick_size;  /* smallest step of a price; 0: not given */
    double lot_size;   /* smallest unit to trade; 0: not given */
    double multiplier; /* currency per point and unit; 1 where not given */
    double first_date; /* listed on: unix seconds of midnight UTC; NaN: not
                          given */
    double last_date;  /* the last day of trading; NaN: not given */
    const char *exchange, *name; /* "" where not given; lives with the bundle */
} bt_asset_facts;
/* Facts of an asset; untouched for an unknown id. */
void bt_bundle_get_facts(const bt_bundle *b, int32_t sid, bt_asset_facts *out);
/* Fields of each asset: BT_FIELDS and those of the bundle's own. */
int32_t bt_bundle_fields(const bt_bundle *b);
/* Name of a field by id, NULL for an unknown id. Borrowed. */
const char *bt_bundle_field(const bt_bundle *b, int32_t field);
/* Field id of a name, of all bundles or this one's own; -1 when unknown. */
int32_t bt_bundle_find_field(const bt_bundle *b, const char *name);
/* Session of a row as unix seconds of its midnight UTC, for printing its date;
 * NaN for a row that is none. */
double bt_bundle_session(const bt_bundle *b, int32_t row);

/* What happened to an asset apart from its trading. Those of one instant hold
 * in the order of these kinds. */
enum {
    BT_ACTION_SYMBOL = 0,    /* a new symbol; text: the one it had until then */
    BT_ACTION_SPLIT = 1,     /* value: new units for an old one, 2 for 2:1 */
    BT_ACTION_DIVIDEND = 2,  /* value: cash per unit, as units are after a split
                             * of that day; text: currency or "" */
    BT_ACTION_MERGER = 3,    /* a unit becomes value units of other, and cash */
    BT_ACTION_DELISTING = 4, /* value: cash per unit, 0: the last price */
    BT_ACTION_KINDS
};
enum { BT_NO_DAY = -0x7fffffff - 1 }; /* a day that is not known */
typedef struct bt_action {
    int32_t sid, kind;
    int32_t other;        /* asset that a merger leads to, -1 for none */
    int32_t day;          /* ex-date: first session that trades without it */
    int32_t pay_day;      /* of a dividend, or BT_NO_DAY: paid on the ex-date */
    int32_t declared_day; /* when it was announced, or BT_NO_DAY */
    int32_t row;          /* first row that it holds in; rows: after the last */
    bt_time effective;    /* open of its first session */
    double value, cash;
    const char *text;
} bt_action;
/* "symbol", "split", "dividend", "merger", "delisting"; NULL past the end. */
const char *bt_action_name(int32_t kind);
/* All actions of a bundle, by asset, then time, then kind. Borrowed. Returns
 * how many. Days are counted from 1970-01-01. */
int32_t bt_bundle_actions(const bt_bundle *b, const bt_action **out);

/* Hash every file of a bundle, whatever the stamps say, and check order,
 * finiteness and OHLC. errors BT_E_DATA names the file and what differs. */
bt_status bt_bundle_verify(const char *name);
/* Remove a bundle with all its versions, for good; runs that have it open go
 * on. errors BT_E_DATA no such bundle; BT_E_USAGE its folder holds other files;
 * BT_E_BUSY an ingest writes it; BT_E_IO */
bt_status bt_bundle_remove(const char *name);

/* A version that a bundle keeps. */
typedef struct bt_bundle_version {
    char sha256[65]; /* of its content */
    int32_t current; /* 1: the one that the name opens */
    double made;     /* unix seconds */
} bt_bundle_version;
/* All versions of a bundle, oldest first. Borrowed until the next call. -1 on
 * failure: BT_E_DATA no such bundle, BT_E_IO. */
int32_t bt_bundle_versions(const char *name, const bt_bundle_version **out);

typedef struct bt_bundle_cleaning {
    int32_t versions; /* removed */
    int32_t files;    /* removed, catalogues and columns */
    double bytes;     /* given back */
} bt_bundle_cleaning;
/* Remove versions and the column files that no other version needs; the current
 * version always stays. keep_last: how many to keep, the current one included,
 * 0: any number; before: only those made before this instant, INT64_MAX: all.
 * Runs that have a version open go on.
 * errors BT_E_RANGE keep_last < 0; BT_E_DATA no such bundle, or a version that
 *        stays is damaged; BT_E_IO */
bt_status bt_bundle_clean(const char *name, int32_t keep_last, bt_time before,
                          bt_bundle_cleaning *out);
/* Sorted names in the bundles folder. Borrowed until the next call. */
int32_t bt_bundle_list(const char *const **names);
/* Folder that bundles are made in. Borrowed. */
const char *bt_bundles_folder(void);

typedef struct bt_bundle_difference {
    int32_t same; /* 1: the same content hash */
    double assets_added, assets_removed;
    double fields_added, fields_removed; /* own ones */
    double rows_added, rows_removed;     /* of the calendar */
    double bars_added, bars_removed;     /* of assets that both have */
    double cells, cells_changed;         /* compared: where both have a bar */
    double facts_changed;                /* assets with other facts */
    double actions_added, actions_removed;
    const char *examples; /* the first ones, a line each; until the next call */
} bt_bundle_difference;
/* What b has that a has not, and the other way round; versions (name@digits)
 * too. errors as bt_bundle_acquire */
bt_status bt_bundle_diff(const char *a, const char *b,
                         bt_bundle_difference *out);

/* Numbers by time of publication, to become fields of a bundle. */
typedef struct bt_join_options {
    const char *bundle; /* name or path */
    const char *path;   /* CSV: a time, a symbol or none, columns of numbers */
    const char *lag;    /* "2h", "1d": known so much later; NULL: at once */
    const char *zone;   /* of times without an offset; NULL: refuse them */
} bt_join_options;
typedef struct bt_join_report {
    double rows;   /* read */
    double cells;  /* of the bundle that have a value now */
    double former; /* values under a symbol that its asset bears no more */
    double unknown_symbols; /* left out */
    char unknown[400];      /* the first of them */
    char fields[400];       /* that came, ", " between */
    char left_out[400];     /* columns that are no numbers */
    char sha256[65];        /* of the new version */
} bt_join_report;
/* Join a side file as of its time of publication plus lag: a row shows the last
 * number published when it closed. A mere date is known when its day (UTC) is
 * over. A row's symbol is that of its day, as in bt_bundle_find_at. Makes a new
 * version; a field of the same name is replaced.
 * errors BT_E_DATA a cell or two that contradict one another (file, line), no
 *        symbol in common, no column of numbers; BT_E_USAGE lag, a
 *        time of no zone; BT_E_NAME zone; as bt_bundle_acquire */
bt_status bt_bundle_join(const bt_join_options *options, bt_join_report *out);

enum {
    BT_LATER_CUT = 0,   /* no bars; the calendar goes on for 40 days */
    BT_LATER_EMPTY = 1, /* no bars, the calendar as it is */
    BT_LATER_OTHER = 2  /* bars at other prices, the same at each call */
};
/* Write a copy of b, of the same name, into a folder, in which all after a row
 * is as `later` says. An asset that is listed later keeps its first bar.
 * errors BT_E_RANGE row (0..rows-1), later; as an ingest */
bt_status bt_bundle_cut(bt_bundle *b, int32_t row, int32_t later,
                        const char *folder);

/* Noise over the prices of a bundle, all assets at once: each bar's open, high,
 * low and close times 1 + std * e, e of mean 0 and variance 1, with the
 * correlation of the assets' returns; volume as it was. */
typedef struct bt_noise bt_noise;
enum {
    BT_NOISE_GAUSSIAN = 0, /* e are normal */
    BT_NOISE_BOOTSTRAP = 1 /* e are returns of whole rows, standardised */
};
/* std: of a bar's factor, above 0 and at most 0.5; std * e is held within 0.9.
 * Holds a use of b.
 * errors BT_E_RANGE model, std, fewer than 3 rows; BT_E_IO */
bt_status bt_noise_new(bt_bundle *b, int32_t model, double std, uint64_t seed,
                       bt_noise **out);
void bt_noise_free(bt_noise *n);
/* The bundle of one simulation, the same for the same seed and number; it holds
 * the one below. bt_bundle_release ends it. */
bt_bundle *bt_noise_bundle(const bt_noise *n, int32_t simulation);

#endif
