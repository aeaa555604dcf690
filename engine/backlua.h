/* backlua: everything that Lua may call.
 *
 * This header is the manual of the C side and the one source of every FFI
 * declaration: the build preprocesses it into text that travels in the binary,
 * and lua/backlua/ffi.lua declares from it.
 *
 * Conventions. Fallible functions return bt_status and write their results
 * through trailing out arguments, which keep their value on failure; the
 * message is bt_error_message(). `const T *` results are borrowed. new/free own
 * memory, open/close hold something of the system, acquire/release count. Times
 * are microseconds since 1970-01-01T00:00:00Z. Rows are 0-based positions in
 * the calendar of a bundle; asset ids (sid) are 0-based positions in its asset
 * list. Fields named hidden_* get a random name in every process, so that a
 * script can hold a view and not its pointer.
 */
#ifndef BACKLUA_H
#define BACKLUA_H

#include <stdint.h>

/* Fields that C updates and Lua may only read. */
#ifdef BT_CDEF
#define BT_CONST const
#else
#define BT_CONST
#endif

/* ---- status ------------------------------------------------------------- */

typedef int32_t bt_status;
typedef int64_t bt_time;

enum {
    BT_OK = 0,
    BT_E_RANGE = 1, /* a number outside its limits */
    BT_E_NAME = 2,  /* unknown symbol, field, frequency, metric, parameter */
    BT_E_USAGE = 3, /* arguments or configuration that make no sense */
    BT_E_DATA = 4,  /* data missing or invalid */
    BT_E_IO = 5,    /* the system refused: file, disk, process */
    BT_E_BUSY = 6,  /* held by another process */
    BT_E_STATE = 7, /* called at the wrong moment */
    BT_E_REPRODUCE = 8, /* an input changed: result not reproducible */
    BT_E_INTERRUPT = 9  /* stopped by a signal */
};

/* The message of the last failure; "" before the first. Borrowed until the next
 * failure. */
const char *bt_error_message(void);
/* Its code, for functions that report errors by something else than a
 * status. */
bt_status bt_error_code(void);
/* "range", "name", "usage", "data", "io", "busy", "state", ... of a code. */
const char *bt_error_name(bt_status code);
/* Version text of the engine, e.g. "0.1.0". */
const char *bt_version(void);
/* Versions of what it is linked with: "SQLite 3.40.1, OpenSSL 3.0.19, ...". */
const char *bt_build_info(void);

/* ---- numbers and dates as text ------------------------------------------ */

enum { BT_NUMBER_TEXT = 32 };

/* Shortest text that reads back to the same double. out: [BT_NUMBER_TEXT].
 * Returns the length. */
int32_t bt_number_format(double v, char *out);
/* Fixed decimals (0..9), correctly rounded. out: [64]. Returns the length. */
int32_t bt_number_fixed(double v, int32_t decimals, char *out);
/* "2004-08-19" -> its first instant; "2004-08-19 13:30[:00]" or with 'T', Z or
 * offset -> that instant. has_time: 1 for the second form.
 * errors BT_E_USAGE with the text and the forms that are understood. */
bt_status bt_date_parse(const char *text, bt_time *out, int32_t *has_time);
/* "2004-08-19" of an instant (UTC). out: [32]. */
void bt_date_format(double unix_seconds, char *out);
/* "2004-08-19T13:30:00Z" of an instant. out: [32]. */
void bt_time_format(double unix_seconds, char *out);
/* A time zone of the tz database ("America/New_York"), "UTC", or a fixed offset
 * ("+02:00", "UTC-5"). Never freed.
 * errors BT_E_NAME unknown, with the nearest; BT_E_DATA no database, damaged */
typedef struct bt_zone bt_zone;
bt_status bt_zone_find(const char *name, const bt_zone **out);
/* Seconds east of Greenwich at an instant. */
int32_t bt_zone_offset(const bt_zone *z, double unix_seconds);
/* A local time is one instant, none (the clocks jumped over it) or two. */
enum { BT_ZONE_UNIQUE = 0, BT_ZONE_GAP = 1, BT_ZONE_TWICE = 2 };
/* Instants of a local time (seconds as if it were UTC), as unix seconds. out:
 * [2], equal unless TWICE; at a gap its end. Returns BT_ZONE_*. */
int32_t bt_zone_utc(const bt_zone *z, double local_seconds, double *out);
/* Hex SHA-256 of bytes. out: [65]. */
void bt_sha256(const char *bytes, int64_t n, char *out);
/* The name in names[0..n-1] nearest to name (edit distance, at most a third of
 * its length + 1), or NULL. */
const char *bt_nearest(const char *name, const char *const *names, int32_t n);

/* ---- terminal and files, for the command line ---------------------------- */

/* 1 when the descriptor is a terminal; its width in columns and its height in
 * lines, 0 when unknown. */
int32_t bt_is_terminal(int32_t fd);
int32_t bt_terminal_columns(int32_t fd);
int32_t bt_terminal_rows(int32_t fd);
/* Seconds of the monotonic clock: for durations only. */
double bt_clock_seconds(void);
/* 0 quiet, 1 normal, 2 verbose: what the engine itself writes to stderr. */
void bt_set_log_level(int32_t level);

enum {
    BT_PATH_NONE = 0,
    BT_PATH_FILE = 1,
    BT_PATH_FOLDER = 2,
    BT_PATH_OTHER = 3
};
int32_t bt_path_kind(const char *path); /* BT_PATH_*; links are followed */
/* The path with links and dots resolved. out: [4096].
 * errors BT_E_IO: absent, too long. */
bt_status bt_path_real(const char *path, char *out);
/* Sorted names in a folder, without dot files; 0 when it cannot be read.
 * Borrowed until the next call. */
int32_t bt_folder_list(const char *path, const char *const **names);
/* Folder of ours by name ("runs", "studies", ...), made on first use.
 * errors BT_E_IO: no home folder, or it cannot be made. out: [4096]. */
bt_status bt_home_folder(const char *name, char *out);
/* Folder of what a person's sessions leave behind (the prompt's history), made
 * on first use. errors BT_E_IO: no home folder. out: [4096]. */
bt_status bt_state_folder(char *out);
/* Make a folder for a while, readable by its owner only. out: [4096].
 * errors BT_E_IO */
bt_status bt_scratch_folder(char *out);
/* Make a folder and those above it, 0700. errors BT_E_IO */
bt_status bt_folder_make(const char *path);
/* Remove a folder with all below it; an absent one is fine. errors BT_E_IO */
bt_status bt_folder_remove(const char *path);
/* Folder of what can be made again, by name, under $XDG_CACHE_HOME. out:
 * [4096]. errors BT_E_IO */
bt_status bt_cache_folder(const char *name, char *out);
enum { BT_WRITE_CACHED = 0, BT_WRITE_DURABLE = 1 };
/* Write a file whole or not at all: aside, then renamed over the old one, which
 * keeps its mode; a new one gets 0600. DURABLE also syncs file and folder. What
 * is neither file nor absent (a pipe, a device) is written in place.
 * errors BT_E_IO with path and reason. */
bt_status bt_file_write(const char *path, const char *bytes, int64_t n,
                        int32_t durable);
/* The same with a zip archive that holds them as one entry.
 * errors BT_E_IO; BT_E_RANGE more than 2 GiB */
bt_status bt_zip_write(const char *path, const char *name, const char *bytes,
                       int64_t n);

/* ---- process settings ---------------------------------------------------- */

/* The guide's OptimizationConfig, one per process. */
typedef struct bt_config {
    int32_t enable_caching;        /* 0 or 1; default 1 */
    int32_t enable_bundle_pooling; /* 0 or 1; default 1 */
    double cache_size_gb;          /* > 0, <= 1024; default 2.0 */
    int32_t lru_maxsize;           /* asset lists, 1..1000000; default 128 */
    int32_t max_bundle_pool_size;  /* bundles, 1..1000000; default 100 */
} bt_config;

/* What holds where nothing else is said: the defaults, until they are replaced
 * (checked like the environment). errors BT_E_USAGE names key, value, range */
const bt_config *bt_config_base(void);
bt_status bt_config_set_base(const bt_config *config);
/* Settings in force: the base, then BACKLUA_* (RUSTYBT_* where unset) of the
 * environment. errors BT_E_USAGE names variable, value and range. */
bt_status bt_config_load(void);
/* Borrowed, current values. */
const bt_config *bt_config_get(void);
/* Replace them (checked like the environment). Environment variables that are
 * set win over it. Takes effect at the next run.
 * errors BT_E_RANGE names the key, the value and its limits. */
bt_status bt_config_set(const bt_config *config);
/* A flag of the command line: from now on BACKLUA_<name> is text in this
 * process and its workers, whatever the environment said; then bt_config_load,
 * whose errors it has. */
bt_status bt_config_flag(const char *name, const char *text);

/* Hit and miss counts, summed over all workers forked from this process. */
typedef struct bt_cache_stats {
    double hits, misses, entries, bytes, budget_bytes;
} bt_cache_stats;
typedef struct bt_pool_stats {
    double hits, misses, evictions, open, max_open;
} bt_pool_stats;

/* The data cache (columns, prefix sums, indicator series; in bytes of its
 * budget), the asset-list cache (entries), and emptying both. */
void bt_cache_get_stats(bt_cache_stats *out);
/* The same of one of its layers (-1: all) and tiers (1, 2; 0: both). */
void bt_cache_get_part(int32_t layer, int32_t tier, bt_cache_stats *out);
/* "indicators", "sums", "adjusted", "resampled"; NULL past the end. */
const char *bt_cache_layer(int32_t i);
void bt_asset_cache_get_stats(bt_cache_stats *out);
void bt_cache_clear(void);
/* The bundle pool of this process. */
void bt_pool_get_stats(bt_pool_stats *out);
/* Path of the i-th open bundle, most recently used first; NULL past the end. */
const char *bt_pool_path(int32_t i);

/* ---- bundles ------------------------------------------------------------- */

typedef struct bt_bundle bt_bundle;

/* Open a bundle by name (looked up in the bundles folder) or path, verified,
 * and count the use. name@digits, the first 4 to 64 hex digits of its sha256,
 * opens a version that the bundle keeps. Pooled unless pooling is off.
 * errors BT_E_DATA missing (with the nearest name, or the versions there are)
 *        or damaged; BT_E_USAGE digits that are none or fit several versions;
 *        BT_E_IO unreadable. */
bt_status bt_bundle_acquire(const char *name, bt_bundle **out);
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
} bt_join_options;
typedef struct bt_join_report {
    double rows;            /* read */
    double cells;           /* of the bundle that have a value now */
    double unknown_symbols; /* left out */
    char unknown[400];      /* the first of them */
    char fields[400];       /* that came, ", " between */
    char left_out[400];     /* columns that are no numbers */
    char sha256[65];        /* of the new version */
} bt_join_report;
/* Join a side file as of its time of publication plus lag: a row shows the last
 * number published when it closed. A mere date is known when its day (UTC) is
 * over. Makes a new version; a field of the same name is replaced.
 * errors BT_E_DATA a cell or two that contradict one another (file, line), no
 *        symbol in common, no column of numbers; BT_E_USAGE lag; as
 *        bt_bundle_acquire */
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

/* ---- ingest -------------------------------------------------------------- */

/* A seeded synthetic market as a bundle: the same bytes on every machine.
 * preset "mag7": AAPL AMZN GOOGL META MSFT NFLX NVDA TSLA on New York sessions
 * 2000-01-03 .. 2024-12-31, 40,987 daily bars with ragged listing dates. */
typedef struct bt_synthetic_config {
    const char *bundle; /* name */
    const char *folder; /* NULL: bt_bundles_folder() */
    const char *preset; /* "mag7" */
    uint64_t seed;
    int32_t full;    /* 1: every symbol from the first session on */
    int32_t minutes; /* 0: daily; n: n one-minute bars for each symbol */
    int32_t assets;  /* 0: all 8; n: the first n by symbol */
    int32_t actions; /* 1: with splits and dividends, prices as quoted */
} bt_synthetic_config;

/* Make it, replacing a bundle of that name. sha [65]: hex of the content.
 * errors BT_E_NAME preset; BT_E_RANGE minutes (1..2,400,000), assets (1..8);
 *        BT_E_USAGE the bundle's name; BT_E_IO */
bt_status bt_synthetic(const bt_synthetic_config *config, char *sha);

/* How to understand files where they do not say it themselves. */
enum { BT_DATES_AUTO = 0, BT_DATES_MDY = 1, BT_DATES_DMY = 2 };
enum {
    BT_EPOCH_AUTO = 0,
    BT_EPOCH_S = 1,
    BT_EPOCH_MS = 2,
    BT_EPOCH_US = 3,
    BT_EPOCH_NS = 4
};
/* Which end of a bar its time marks. */
enum { BT_STAMP_AUTO = 0, BT_STAMP_OPEN = 1, BT_STAMP_CLOSE = 2 };

/* What prices in files are adjusted for already. */
enum {
    BT_ADJUSTED_UNKNOWN = 0,
    BT_ADJUSTED_NONE = 1,
    BT_ADJUSTED_SPLITS = 2,
    BT_ADJUSTED_ALL = 3 /* splits and dividends */
};

typedef struct bt_ingest_options {
    const char *bundle;    /* name */
    const char *folder;    /* NULL: the bundles folder */
    const char *symbol;    /* of every row; NULL: from a column or file names */
    const char *frequency; /* "1d", "5m", ...; NULL: from the spacing of bars */
    const char *format;    /* of every file, a name; NULL: detected */
    const char *map;       /* "close=5,volume=-1"; NULL: as headers say */
    const char *columns;   /* names where there is no header; NULL */
    const char *zone;      /* of times without offset; NULL: of the format */
    const char *calendar;  /* a name or a file; NULL: union (--calendar) */
    const char *assets;    /* file of facts; NULL: assets.csv beside the data */
    int32_t dates;         /* BT_DATES_*: is 1/2/2012 in January or February */
    int32_t epoch;         /* BT_EPOCH_*: unit of counts since 1970 */
    int32_t stamp;         /* BT_STAMP_* */
    int32_t adjusted;      /* BT_ADJUSTED_*; UNKNOWN: as the format is known */
    double scale;          /* prices are multiplied by it; 0: of the format */
    int32_t skip_bad;      /* 1: leave bad rows out and store the rest */
    int32_t dry_run;       /* 1: read and check everything, store nothing */
    int32_t append;        /* 1: to the bars of the bundle, which must agree */
    int32_t keep_listed;   /* 1: assets whose bars end before the others' are
                              not taken as delisted */
    double memory_mb;      /* for rows in memory, 0: 256 */
} bt_ingest_options;

/* What has happened so far; everything is final when bt_ingest_step is DONE. */
typedef struct bt_ingest_report {
    int32_t stage; /* 0 reading, 1 checking, 2 storing, 3 done */
    int32_t files, files_done, symbols;
    double bytes, bytes_done; /* on disk */
    double rows;   /* in the files = stored + duplicates + rejected + empty; a
                    row of several symbols side by side counts for each */
    double stored; /* bars */
    double duplicates; /* exact repetitions, dropped */
    double rejected;   /* bad rows */
    double empty;      /* rows of dates without prices, as Yahoo writes them */
    double tolerated;  /* beyond high or low by at most 1e-6, kept as it is */
    double unsorted;   /* rows earlier than the row before, sorted */
    double calendar;   /* rows of the bundle's calendar */
    bt_time first, last;   /* close times */
    const char *frequency; /* "1d", ... */
    char sha256[65];       /* of the bundle, "" in a dry run */
} bt_ingest_report;

/* CSV files into a bundle. Nothing is guessed silently: every decision is a
 * note, every bad row is counted, and 20 of them are kept as text. */
typedef struct bt_ingest bt_ingest;

/* Begin; the options are copied.
 * errors BT_E_USAGE options that contradict one another or a bad bundle name */
bt_status bt_ingest_open(const bt_ingest_options *options, bt_ingest **out);
/* A file of bars, a zip archive of them, a folder of either (.csv, .txt, .tsv,
 * each also with .gz, and .zip), a pipe, or "-" for standard input. Files of
 * splits and dividends are known by their header.
 * errors BT_E_IO path; BT_E_DATA a folder without such a file; BT_E_USAGE
 * folders of several frequencies side by side */
bt_status bt_ingest_add(bt_ingest *g, const char *path);
enum { BT_INGEST_DONE = 0, BT_INGEST_MORE = 1, BT_INGEST_FAILED = 2 };
/* Do a part of the work, some milliseconds. FAILED: see bt_ingest_status and
 * bt_error_message; nothing was stored. */
int32_t bt_ingest_step(bt_ingest *g);
/* Why it failed.
 * errors BT_E_DATA bad rows or unreadable content, BT_E_USAGE a choice
 * is needed (the message names the flag), BT_E_IO, BT_E_INTERRUPT. */
bt_status bt_ingest_status(const bt_ingest *g);
const bt_ingest_report *bt_ingest_get_report(const bt_ingest *g);
/* i-th decision, one line; NULL past the end. Borrowed. */
const char *bt_ingest_note(const bt_ingest *g, int32_t i);
/* i-th bad row by file and line, at most 20; NULL past the end. Borrowed:
 * "a.csv:7: column 5 'Close', value 'abc': not a number". */
const char *bt_ingest_bad_row(const bt_ingest *g, int32_t i);
/* Frees g, NULL ok; what is not finished leaves nothing behind. */
void bt_ingest_close(bt_ingest *g);

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
    BT_CONST int32_t clean; /* windows from here on have no other gap */
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
    const double *BT_CONST hidden_data; /* from row 0 to the cursor at least */
    const bt_portal *BT_CONST hidden_portal;
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
/* The same kernel over plain arrays. series [BT_INPUTS]: arrays of n values by
 * BT_INPUT_*, NULL where the indicator does not read it; SESSION may always be
 * NULL. A NaN in one of them is a gap. out [outputs][n].
 * errors as above; BT_E_USAGE a missing series */
bt_status bt_indicator_compute(const char *name, const double *const *series,
                               int32_t n, const double *params,
                               int32_t param_count, double *out);

/* ---- runs ---------------------------------------------------------------- */

enum { BT_FILL_NEXT_OPEN = 0, BT_FILL_NEXT_CLOSE = 1, BT_FILL_SAME_CLOSE = 2 };
enum { BT_INSUFFICIENT_REDUCE = 0, BT_INSUFFICIENT_REJECT = 1 };

/* Commission: kind and its numbers; see lua/backlua/commission.lua.
 * PER_SHARE: rate per unit; PER_TRADE: rate per order; PER_DOLLAR: rate of the
 * traded value; MAKER_TAKER: rate of the value where the order rested at its
 * limit, taker elsewhere; TIERED: tier_rate[i] of the part of a month's traded
 * value from tier_from[i] on; CUSTOM: a Lua function, bt_run_set_ask. */
enum {
    BT_COMMISSION_NONE = 0,
    BT_COMMISSION_PER_SHARE = 1,
    BT_COMMISSION_PER_TRADE = 2,
    BT_COMMISSION_PER_DOLLAR = 3,
    BT_COMMISSION_MAKER_TAKER = 4,
    BT_COMMISSION_TIERED = 5,
    BT_COMMISSION_CUSTOM = 6
};
enum { BT_TIERS_MAX = 8 };
typedef struct bt_commission {
    int32_t kind;
    double rate;    /* currency per unit, per order, or fraction of value */
    double minimum; /* currency per order, over its partial fills */
    double taker;   /* fraction of value */
    int32_t tiers;  /* 1..BT_TIERS_MAX */
    double tier_from[BT_TIERS_MAX]; /* currency, from 0 upwards */
    double tier_rate[BT_TIERS_MAX]; /* fraction of value */
} bt_commission;

/* Slippage. FIXED_BPS: price * (1 +- bps / 10000); FIXED_SPREAD: price +-
 * spread / 2; VOLUME_SHARE: price * (1 +- impact * share^2); VOLATILITY: price
 * * (1 +- impact * volatility * sqrt(units / mean volume)); CUSTOM: a Lua
 * function. volume_limit: the largest share of a bar's volume that one asset's
 * orders may take, 0 = no limit. Formulas and sources: sim/slip.c. */
enum {
    BT_SLIPPAGE_NONE = 0,
    BT_SLIPPAGE_FIXED_BPS = 1,
    BT_SLIPPAGE_FIXED_SPREAD = 2,
    BT_SLIPPAGE_VOLUME_SHARE = 3,
    BT_SLIPPAGE_VOLATILITY = 4,
    BT_SLIPPAGE_CUSTOM = 5
};
typedef struct bt_slippage {
    int32_t kind;
    double bps;
    double volume_limit;
    double spread; /* currency per unit */
    double impact; /* of volume share or volatility */
} bt_slippage;

/* Rules of an account that borrows; rates are annual, charged by the days
 * between sessions, actual/365. */
typedef struct bt_margin {
    double maintenance; /* equity / gross exposure below which positions are
                         * liquidated; 0: never */
    double cash_rate;   /* earned by cash, short proceeds apart */
    double debit_rate;  /* paid on cash below zero */
    double borrow_rate; /* paid on the value of short positions */
} bt_margin;

/* Which way a bar went where it does not say so: sim/touch.c. */
enum {
    BT_INTRABAR_PESSIMISTIC = 0,
    BT_INTRABAR_OPTIMISTIC = 1,
    BT_INTRABAR_OHLC = 2
};

typedef struct bt_run_config {
    bt_bundle *bundle;       /* the run counts a use of its own */
    bt_time start, end;      /* first instant, last instant + 1; see bt_span */
    double capital;          /* > 0; default 100000 */
    int32_t fill;            /* BT_FILL_* */
    int32_t on_insufficient; /* BT_INSUFFICIENT_* */
    double lot;              /* smallest unit; 1 = whole; > 0 */
    double leverage;         /* buying power / equity; INFINITY = unlimited */
    int32_t long_only;       /* 1: no short positions */
    int32_t strict_start;    /* history_start = "error" */
    int32_t adjust;          /* BT_ADJUST_*, of history; ALL */
    int32_t keep_delisted;   /* 1: positions stay, at their last price */
    int32_t close_at_end;    /* 1: what is held is sold at the last close */
    double periods_per_year; /* 0 = from the bundle */
    double risk_free;        /* annual, default 0 */
    uint64_t seed;
    const char *params; /* canonical parameters: key of the random stream */
    int64_t repeat;     /* repeat index, 0 */
    int64_t *beat;      /* counts bars for a watching parent, or NULL */
    bt_commission commission;
    bt_slippage slippage;
    bt_margin margin;
    int32_t intrabar; /* BT_INTRABAR_* */
} bt_run_config;

/* Defaults of section 6 of the design: capital 100,000, next open, whole lots,
 * 0.001 per share, 5 basis points, at most 10 % of a bar's volume. */
void bt_run_config_init(bt_run_config *config);
/* Turn -s / -e texts (NULL = open) into the half-open span [start, end): a date
 * stands for its whole session, a time as end is exclusive.
 * errors BT_E_USAGE a text, or start not before end; BT_E_DATA no bar inside
 * (says what there is). */
bt_status bt_span(const bt_bundle *b, const char *start, const char *end,
                  bt_time *out_start, bt_time *out_end);
/* Bars whose close lies in [start, end). */
int32_t bt_span_bars(const bt_bundle *b, bt_time start, bt_time end);
/* An end after `bars` of those bars, at most `end`. bars >= 1 */
bt_time bt_span_cut(const bt_bundle *b, bt_time start, bt_time end,
                    int32_t bars);

/* What a strategy may read at any bar, current at each return to Lua. */
typedef struct bt_account {
    BT_CONST double cash, positions_value, portfolio_value, starting_cash;
    BT_CONST double gross, net; /* exposure: sum |amount * price|, signed sum */
    BT_CONST double commission, slippage; /* paid so far */
    BT_CONST double deposits;             /* capital added later, net */
    BT_CONST double carry; /* other flows: interest, fees, dividends, net */
    BT_CONST double
        accrued;          /* dividends due, not paid yet; part of the equity */
    BT_CONST bt_time now; /* close of the current bar */
    BT_CONST bt_time start; /* open of the first bar */
    BT_CONST int32_t row;
    BT_CONST int32_t open_orders;
    BT_CONST int32_t margin_calls;
    BT_CONST double fund_units; /* after a capital change: portfolio_value by
                                 * it is the growth; 0 before */
} bt_account;

/* All 0 while nothing is held. */
typedef struct bt_position {
    BT_CONST double amount;     /* units, signed */
    BT_CONST double cost_basis; /* per unit held, entry costs included */
    BT_CONST double last_price; /* last traded price */
} bt_position;

typedef struct bt_run bt_run;

/* Start a backtest: acquires the bundle, checks every setting, stands before
 * the first bar. errors BT_E_RANGE a setting (names it and its limits);
 * BT_E_DATA no bar in the span. The portal, account and positions are borrowed
 * from the run. */
bt_status bt_run_open(const bt_run_config *config, bt_run **out);
void bt_run_close(bt_run *run);
bt_portal *bt_run_portal(bt_run *run);
const bt_account *bt_run_account(bt_run *run);
const bt_position *bt_run_positions(bt_run *run); /* [assets] */

enum {
    BT_STEP_DONE = 0,
    BT_STEP_MORE = 1,
    BT_STEP_FAILED = 2,
    BT_STEP_PAUSED = 3 /* after the bar of bt_run_pause_after; step on */
};
/* Finish the current bar, go to the next one, work its orders, mark it.
 * MORE: handle_data is due; DONE: no bar left, call bt_run_finish;
 * FAILED: interrupted or a money identity broke, see bt_error_message. */
int32_t bt_run_step(bt_run *run);
/* Bars from the run's first to its last. */
int32_t bt_run_bars(const bt_run *run);
/* Have bt_run_step answer PAUSED after bar `bar`, 1 .. bt_run_bars: its books
 * are closed, the next step enters the next bar. The last bar: never. */
void bt_run_pause_after(bt_run *run, int32_t bar);
/* Metrics of the bars `from` (0 = the first) to the newest of a paused run or
 * one that is done, as a result over those bars alone would have them; what is
 * counted over a whole run only (exposure_time, turnover, costs) is NaN unless
 * from = 0. out [BT_METRICS]. errors BT_E_RANGE from
 * cost O(bars) */
bt_status bt_run_metrics(const bt_run *run, int32_t from, double *out);
/* 1 when the current bar is the first / last of its session. */
int32_t bt_run_is_session_start(bt_run *run);
int32_t bt_run_is_session_end(bt_run *run);
/* 1: before_trading_start runs. The cursor stands on the bar before, the time
 * is the open of the current one, orders and records are refused; 0: back
 * again. */
void bt_run_look_back(bt_run *run, int32_t on);
/* Close of the asset's last bar so far in unix seconds, NaN when it has
 * none. */
double bt_run_last_traded(bt_run *run, int32_t sid);
/* What a position is worth at the last mark, signed; 0 when flat. */
double bt_run_position_value(bt_run *run, int32_t sid);

/* The current session in its week (Monday to Sunday) and month; sim/facts.c. */
typedef struct bt_session {
    int32_t day;                   /* days since 1970-01-01 of its name */
    int32_t week_index, week_left; /* sessions before and after it in them */
    int32_t month_index, month_left;
    int32_t half_day;   /* 1: under 80 % of the longest of the last hundred */
    double open, close; /* unix seconds: first open, last close */
} bt_session;
void bt_run_session(bt_run *run, bt_session *out);
/* Uniform [0,1) and standard normal of the run's own stream. */
double bt_run_random(bt_run *run);
double bt_run_random_normal(bt_run *run);

/* What a cost function of the strategy is asked. */
enum { BT_ASK_PRICE = 0, BT_ASK_FEE = 1 };
typedef struct bt_query {
    int32_t order_id, sid;
    int32_t maker; /* 1: it rested at its limit */
    double amount; /* units about to trade, signed */
    double price;  /* without slippage; for a fee: of the fill */
    double open, high, low, close, volume; /* of the bar */
    double limit, stop;                    /* of the order, NaN for none */
    double taken;  /* what the asset's orders took of the bar before */
    double filled; /* units of the order filled before, signed */
    double paid;   /* commission of the order so far */
} bt_query;
/* Writes a number; BT_OK, or an error with its message set. */
typedef bt_status (*bt_ask)(void *ctx, int32_t what, const bt_query *query,
                            double *out);
/* Who answers for BT_COMMISSION_CUSTOM and BT_SLIPPAGE_CUSTOM while the run is
 * stepped; NULL: nobody, and a fill that asks fails the step. Not under an FFI
 * call: see host/step_lua.c. */
void bt_run_set_ask(bt_run *run, bt_ask ask, void *ctx);

/* Settings a strategy makes in initialize.
 * errors BT_E_RANGE names setting, value and limits; BT_E_STATE after the first
 * step. */
bt_status bt_run_set_commission(bt_run *run, const bt_commission *c);
bt_status bt_run_set_slippage(bt_run *run, const bt_slippage *s);
bt_status bt_run_set_leverage(bt_run *run, double leverage);
bt_status bt_run_set_lot(bt_run *run, double lot);
bt_status bt_run_set_fill(bt_run *run, int32_t fill);
bt_status bt_run_set_intrabar(bt_run *run, int32_t intrabar);
bt_status bt_run_set_on_insufficient(bt_run *run, int32_t policy);
bt_status bt_run_set_long_only(bt_run *run, int32_t on);
bt_status bt_run_set_strict_start(bt_run *run, int32_t on);
bt_status bt_run_set_margin(bt_run *run, const bt_margin *m);
/* One asset's borrow rate, annual. errors as above; BT_E_NAME sid */
bt_status bt_run_set_borrow_rate(bt_run *run, int32_t sid, double rate);
/* How an asset trades in this run: smallest unit, multiplier of a contract,
 * step of limit and stop prices; NaN leaves one as it is.
 * errors as above; BT_E_NAME sid */
bt_status bt_run_set_terms(bt_run *run, int32_t sid, double lot,
                           double multiplier, double tick);
/* Limits a strategy sets on itself. units, value (currency): of an order or a
 * position, INFINITY for none; ORDER_COUNT: units a session; LEVERAGE: value.
 * sid -1: every asset. fails: 1, an order beyond it is refused with an error;
 * 0, it is rejected with BT_REASON_CONTROL. errors as above; BT_E_NAME sid */
enum {
    BT_CONTROL_ORDER_SIZE = 0,
    BT_CONTROL_POSITION_SIZE = 1,
    BT_CONTROL_ORDER_COUNT = 2,
    BT_CONTROL_DO_NOT_ORDER = 3,
    BT_CONTROL_LONG_ONLY = 4,
    BT_CONTROL_LEVERAGE = 5
};
bt_status bt_run_add_control(bt_run *run, int32_t kind, int32_t sid,
                             double units, double value, int32_t fails);
/* 1: an order without a time in force is good for the day only.
 * errors BT_E_STATE after the first step */
bt_status bt_run_set_day_orders(bt_run *run, int32_t on);
enum { BT_CAPITAL_DELTA = 0, BT_CAPITAL_TARGET = 1 };
/* Money that comes in (> 0) or goes out before the orders of the first session
 * not before a day (text, "2020-03-01"), or what equity shall then be.
 * errors as above; BT_E_USAGE the day; a change that cash or equity cannot bear
 * fails the run when it is due (BT_E_STATE) */
bt_status bt_run_add_capital_change(bt_run *run, const char *day, int32_t kind,
                                    double value);
bt_status bt_run_set_adjust(bt_run *run, int32_t adjust);
bt_status bt_run_set_keep_delisted(bt_run *run, int32_t on);
bt_status bt_run_set_close_at_end(bt_run *run, int32_t on);
/* The asset that the result is compared with (-1: none); see bt_result.
 * errors as above; BT_E_NAME sid; BT_E_IO */
bt_status bt_run_set_benchmark(bt_run *run, int32_t sid);

/* What the number of an order call means. */
enum {
    BT_ORDER_AMOUNT = 0,        /* units */
    BT_ORDER_VALUE = 1,         /* currency */
    BT_ORDER_PERCENT = 2,       /* fraction of portfolio value */
    BT_ORDER_TARGET = 3,        /* units to hold */
    BT_ORDER_TARGET_VALUE = 4,  /* currency to hold */
    BT_ORDER_TARGET_PERCENT = 5 /* fraction to hold */
};
/* Flags of an order. */
enum {
    BT_ORDER_SIZE_AT_FILL = 1, /* size at the fill price */
    BT_ORDER_AT_CLOSE = 2,     /* trade at the close of the next session end */
    BT_ORDER_REDUCE_ONLY = 4,  /* never opens or turns a position */
    BT_ORDER_DISTANCE = 8,  /* child: limit and stop are currency away from */
    BT_ORDER_FRACTION = 16, /* ... or a fraction of the entry's price */
    BT_ORDER_CHILD = 32,    /* set by bt_order_attach */
    BT_ORDER_DETAILS = 64,  /* set when it has any option but limit, stop */
    BT_ORDER_FORCED = 4096, /* given by the account, not asked */
    BT_ORDER_CLOSING = 8192 /* ... at the end, because of close_at_end */
};
/* Time in force. UNSAID: of an order, the day where bt_run_set_day_orders says
 * so, else GTC; of a change, what it was. */
enum { BT_TIF_UNSAID = -1, BT_TIF_GTC = 0, BT_TIF_DAY = 1, BT_TIF_GTD = 2 };

enum {
    BT_STATUS_OPEN = 0,
    BT_STATUS_FILLED = 1,
    BT_STATUS_CANCELLED = 2,
    BT_STATUS_REJECTED = 3,
    BT_STATUS_PARTIAL = 4 /* traded less than asked: reduced, cut, cancelled */
};

/* Why an order ended as it did. bt_reason_name gives the stable text. */
enum {
    BT_REASON_NONE = 0,
    BT_REASON_FILLED,
    BT_REASON_REDUCED_CASH, /* reduced to what the buying power pays */
    BT_REASON_NO_CASH,      /* nothing affordable, or policy reject */
    BT_REASON_BELOW_LOT,    /* truncates to zero units */
    BT_REASON_AT_TARGET,    /* sized at fill, nothing to do */
    BT_REASON_NO_PRICE,     /* no traded price yet to size with */
    BT_REASON_NO_BAR,       /* the asset never had another bar */
    BT_REASON_NO_VOLUME,    /* the bars' volume never allowed a fill */
    BT_REASON_VOLUME_LIMIT, /* partly filled when the run ended */
    BT_REASON_LONG_ONLY,
    BT_REASON_CANCELLED,   /* by the strategy */
    BT_REASON_END_OF_RUN,  /* the last bar's orders */
    BT_REASON_MARGIN_CALL, /* equity fell below the maintenance margin */
    BT_REASON_EXPIRED,     /* its day, or its date, is over */
    BT_REASON_NOT_REACHED, /* no bar came to its limit or stop */
    BT_REASON_LINKED,      /* another order of its group or bracket traded */
    BT_REASON_NO_ENTRY,    /* the entry of its bracket ended without a fill */
    BT_REASON_NO_POSITION, /* it may only reduce, and nothing is left */
    BT_REASON_CONTROL,     /* beyond a limit the strategy has set itself */
    BT_REASON_SPLIT,       /* a split made it less than one lot */
    BT_REASON_MERGED,      /* the asset became another one */
    BT_REASON_DELISTED,    /* the asset is no longer traded */
    BT_REASON_CLOSED,      /* close_at_end: the account's own, filled */
    BT_REASONS
};
const char *bt_reason_name(int32_t reason);
/* One sentence for people: what it means and what to do. */
const char *bt_reason_text(int32_t reason);

typedef struct bt_order {
    int32_t id; /* 1, 2, ... in submission order */
    int32_t sid;
    int32_t kind, flags; /* BT_ORDER_* */
    int32_t status, reason;
    int32_t created_row;
    double request;       /* the number given by the strategy */
    double amount;        /* units, signed; 0 until sized */
    double filled;        /* units, signed */
    double limit, stop;   /* NaN when absent */
    double average_price; /* of the fills, NaN when none */
    double commission, slippage;
    bt_time created, ended;      /* ended 0 while open */
    double trail, trail_percent; /* distance of a trailing stop: currency,
                                    fraction; NaN when none; stop: the level */
    double limit_offset; /* limit beyond the stop when it is met, or NaN */
    bt_time until;       /* end of a GTD order, else 0 */
    int32_t tif;         /* BT_TIF_* */
    int32_t parent;      /* id of the entry of its bracket, 0: none */
    int32_t oco;         /* id of the first order of its group, 0: none */
} bt_order;

/* What an order may ask for beside its amount. */
typedef struct bt_order_options {
    double limit, stop;          /* prices, NaN for none */
    double trail, trail_percent; /* trailing stop: currency, fraction; or NaN */
    double limit_offset; /* trailing stop-limit, currency >= 0; or NaN */
    bt_time until;       /* first instant it is no longer good, for GTD */
    int32_t flags;       /* BT_ORDER_* */
    int32_t tif;         /* BT_TIF_* */
    int32_t oco;         /* id of an order to share a group with, or 0 */
} bt_order_options;
/* No price, no flags, good till cancelled. */
void bt_order_options_init(bt_order_options *options);

/* Submit. Returns the order id (> 0), 0 when there is nothing to do (an amount
 * of 0, a target that is met), or -BT_E_* (RANGE: a number not finite or beyond
 * its limit, unknown flags; STATE: outside handle_data; NAME: unknown sid or
 * order; USAGE: options that exclude one another). An order that cannot be
 * sized is booked and rejected with its reason. Targets count what open market
 * orders of the asset will still trade; those with a price count what waits for
 * a price as well. Orders that only reduce, and groups, are not counted.
 * source Zipline's order_* family; truncation toward zero to whole lots. */
int32_t bt_order_submit(bt_run *run, int32_t sid, int32_t kind, double amount,
                        double limit, double stop, int32_t flags);
/* The same with every option. An order of a group ends when another one of it
 * trades. */
int32_t bt_order_place(bt_run *run, int32_t sid, int32_t kind, double amount,
                       const bt_order_options *options);
/* Attach an exit to an order given on this bar: it closes what the order
 * fills, from the bar after its first fill on, may only reduce, and shares the
 * exits' group: a fill of one takes as much off the others. Returns the exit's
 * id or -BT_E_* (STATE: the order ended or is not of this bar; USAGE: neither
 * limit nor stop; RANGE: a price). source Interactive Brokers' bracket
 * orders */
int32_t bt_order_attach(bt_run *run, int32_t id,
                        const bt_order_options *options);
/* Change an open order from the next bar on: amount (signed units in all, NaN
 * keeps it) and every price that is not NaN in options; tif when it is >= 0.
 * errors BT_E_RANGE unknown id, a number; BT_E_STATE it has ended; BT_E_USAGE a
 * price that the order does not have. */
bt_status bt_order_modify(bt_run *run, int32_t id, double amount,
                          const bt_order_options *options);
/* The first instant after a date's session, or a time itself: the end of a GTD
 * order. errors BT_E_USAGE neither a date nor a time. */
bt_status bt_run_until(bt_run *run, const char *text, bt_time *out);
/* Take an open order back; one that has ended stays as it is.
 * errors BT_E_RANGE unknown id */
bt_status bt_order_cancel(bt_run *run, int32_t id);
/* Borrowed until the next call on the run; NULL for an unknown id. */
const bt_order *bt_order_get(bt_run *run, int32_t id);
/* Ids of open orders of an asset (sid -1: all), oldest first, at most max. */
int32_t bt_orders_open(bt_run *run, int32_t sid, int32_t *ids, int32_t max);

/* Record a number under a name at the current bar; the last one of a bar
 * counts.
 * errors BT_E_RANGE more than 1000 names; BT_E_STATE not on a bar. */
bt_status bt_run_record(bt_run *run, const char *name, double value);

/* ---- results ------------------------------------------------------------- */

/* Where on its bar a fill happened. */
enum { BT_PHASE_OPEN = 0, BT_PHASE_PATH = 1, BT_PHASE_CLOSE = 2 };

typedef struct bt_fill {
    int32_t order_id, sid;
    int32_t bar, phase; /* index of the equity point; BT_PHASE_* */
    bt_time time;
    double amount, price;        /* signed units; price includes slippage */
    double commission, slippage; /* currency, slippage >= 0 */
} bt_fill;

/* Why money moved without a fill. */
enum {
    BT_FLOW_DEPOSIT = 0,  /* a capital change */
    BT_FLOW_INTEREST = 1, /* on cash */
    BT_FLOW_BORROW = 2,   /* fee for a short position */
    BT_FLOW_DIVIDEND = 3,
    BT_FLOW_IN_LIEU = 4,   /* cash for a fraction of a unit */
    BT_FLOW_MERGER = 5,    /* cash for units that a merger took */
    BT_FLOW_DELISTING = 6, /* likewise a delisting */
    BT_FLOWS
};
/* "deposit", "interest", "borrow", "dividend", "in_lieu"; NULL past the end. */
const char *bt_flow_name(int32_t kind);
typedef struct bt_flow {
    bt_time time;
    int32_t sid, kind; /* sid -1: of no asset */
    double amount;     /* currency; > 0 comes in */
} bt_flow;

/* What a corporate action did to a position. A split scales units and entry
 * prices; what is no whole lot is paid in cash. A dividend belongs to who holds
 * at the close before the ex-date, short positions owe it; from then on it is
 * part of the equity, and it is paid at the open of the pay date. A merger or a
 * delisting ends the position. Money that moves is a flow, too. */
typedef struct bt_event {
    bt_time time;         /* open of the first bar that it holds in */
    bt_time due;          /* when its cash is paid; 0: after the bundle's end */
    int32_t sid, kind;    /* BT_ACTION_* */
    int32_t other;        /* asset of a merger, -1 for none */
    double before, after; /* units held */
    double received;      /* units of other */
    double value; /* ratio of a split or merger, cash of a dividend, per unit */
    double price; /* per unit that was paid for, NaN when none was */
    double cash;  /* comes in (> 0) or goes out */
} bt_event;

/* A round trip, FIFO: one lot of an entry matched with one exit. */
typedef struct bt_trade {
    int32_t sid, bars; /* rows of the calendar from entry to exit */
    bt_time entry_time, exit_time;
    double amount; /* signed: > 0 long */
    double entry_price, exit_price;
    double commission;               /* both sides, pro rata by units */
    double pnl;                      /* net of commission */
    double multiplier;               /* value of a unit / its price */
    int32_t entry_order, exit_order; /* ids; 0: no order (a merger, the end) */
    int32_t entry_bar, exit_bar;     /* indices of the equity points */
    int32_t entry_phase, exit_phase; /* BT_PHASE_* */
} bt_trade;

typedef struct bt_record {
    bt_time time;
    int32_t name; /* index for bt_result_record_name */
    double value;
} bt_record;

/* Metrics, in result order. Definitions with source: sim/metrics.c. */
enum {
    BT_METRIC_TOTAL_RETURN = 0,
    BT_METRIC_CAGR,
    BT_METRIC_VOLATILITY,
    BT_METRIC_SHARPE_RATIO,
    BT_METRIC_SORTINO_RATIO,
    BT_METRIC_CALMAR_RATIO,
    BT_METRIC_MAX_DRAWDOWN,
    BT_METRIC_MAX_DRAWDOWN_BARS,
    BT_METRIC_WIN_RATE,
    BT_METRIC_PROFIT_FACTOR,
    BT_METRIC_EXPECTANCY,
    BT_METRIC_TRADES,
    BT_METRIC_EXPOSURE_TIME,
    BT_METRIC_EXPOSURE_GROSS,
    BT_METRIC_TURNOVER,
    BT_METRIC_TOTAL_COMMISSION,
    BT_METRIC_TOTAL_SLIPPAGE,
    BT_METRICS
};
/* Key of a metric, NULL past the end. */
const char *bt_metric_name(int32_t metric);
/* What it is, in a line: formula and source. NULL past the end. */
const char *bt_metric_text(int32_t metric);
/* Metric of a key ("sharpe", "sortino", "calmar" accepted), -1 if unknown. */
int32_t bt_metric_find(const char *name);

/* ---- statistics of returns and round trips ------------------------------- */

/* Whose definition, where libraries differ; see sim/measure.c. */
enum {
    BT_CONVENTION_OWN = 0,
    BT_CONVENTION_EMPYRICAL = 1,
    BT_CONVENTION_QUANTSTATS = 2,
    BT_CONVENTION_BACKTESTING = 3
};

/* What a statistic looks at. */
typedef struct bt_sample {
    const double *x;     /* [n] simple returns a period, or pnl of round trips;
                          * oldest first */
    const double *other; /* [n] the benchmark's returns of the same periods, or
                          * the trades' returns; NULL for none */
    int32_t n, convention;
    double periods_per_year; /* > 0 */
    double risk_free;        /* annual */
    double required; /* annual return that counts as a gain; NaN: risk_free */
    double tail;     /* 0..1, share of the worst; 0.05 */
    double years;    /* elapsed; 0: n / periods_per_year */
} bt_sample;

enum { BT_OF_RETURNS = 0, BT_OF_BENCHMARK = 1, BT_OF_TRADES = 2 };
/* i-th statistic: its key, formula with source, what it is of (BT_OF_*); NULL
 * or -1 past the end. Its number by key, -1 if unknown. */
const char *bt_measure_name(int32_t measure);
const char *bt_measure_text(int32_t measure);
int32_t bt_measure_of(int32_t measure);
int32_t bt_measure_find(const char *name);
/* Its value; NaN when undefined, when n is 0, when a number is NaN, or without
 * the benchmark that it needs. cost O(n), O(n log n) with quantiles
 * source of each: bt_measure_text */
double bt_measure(int32_t measure, const bt_sample *s);
/* Its value over each window of that many, ending at each entry: out [n], NaN
 * for the first window - 1. cost O(n * window) */
void bt_measure_rolling(int32_t measure, const bt_sample *s, int32_t window,
                        double *out);

/* From a peak to the first value that is not below it. */
typedef struct bt_drawdown {
    double depth;               /* lowest / peak - 1, < 0 */
    int32_t start, trough, end; /* indices; start -1: the starting value; end
                                 * -1: not recovered */
} bt_drawdown;
/* All drawdowns of a curve, oldest first, the first max of them to out; returns
 * how many there are. value [n]; start: what came before, > 0 */
int32_t bt_drawdowns(double start, const double *value, int32_t n,
                     bt_drawdown *out, int32_t max);
/* value / highest so far - 1: out [n], may be value itself. */
void bt_underwater(double start, const double *value, int32_t n, double *out);

/* A finished run. Arrays are borrowed from it. */
typedef struct bt_result {
    int32_t bars, orders, fills, trades, flows, events, records, record_names;
    int32_t opens;             /* lots still held at the end */
    int32_t first_row;         /* of the bundle, bar 0 */
    const bt_time *times;      /* [bars] close times */
    const double *seconds;     /* [bars] the same in unix seconds */
    const double *cash;        /* [bars] */
    const double *value;       /* [bars] marked equity */
    const double *performance; /* [bars] the same as if nothing had been
                                * deposited or withdrawn after the start */
    const bt_order *order;     /* [orders] */
    const bt_fill *fill;       /* [fills] */
    const bt_trade *trade;     /* [trades] */
    const bt_trade *open;      /* [opens] as if sold at their last price, free
                                * of charge: exit_order 0 */
    const bt_flow *flow;       /* [flows] */
    const bt_event *event;     /* [events] */
    const bt_record *record;   /* [records] */
    double metrics[BT_METRICS];
    /* the deepest drawdown as bars: peak (-1: the starting cash), trough,
     * recovery (-1: not recovered); all -1 when there is none */
    int32_t drawdown_start, drawdown_trough, drawdown_end;
    double periods_per_year;
    double starting_cash;
    double years; /* from the first bar's open to the last one's close */
    double short_windows;
    double ambiguous_bars;      /* groups that one bar offered two prices */
    double liquidation_value;   /* equity at the end if all were sold at the
                                 * marks, at the run's costs but without its
                                 * volume limit; NaN under costs in Lua */
    const double *benchmark;    /* [bars] value of a unit of the benchmark, its
                              * dividends reinvested; NaN without a bar; NULL:
                              * no benchmark */
    double benchmark_start;     /* the same before the first bar */
    double reasons[BT_REASONS]; /* orders per reason */
    char hash[65];              /* result_hash, spec/golden/RESULT_HASH.md */
} bt_result;

/* Close the books: end open orders, compute metrics and hash. Once per run; the
 * result stays valid after bt_run_close, until bt_result_free.
 * Before the last bar it ends the run at the current one.
 * errors BT_E_STATE called twice, or after a step that failed. */
bt_status bt_run_finish(bt_run *run, bt_result **out);
void bt_result_free(bt_result *r);
/* Returns of the sessions, on performance, and the close of each in unix
 * seconds: out [bars] each. Returns how many sessions there are. */
int32_t bt_result_daily(const bt_result *r, double *returns, double *seconds);
const char *bt_result_record_name(const bt_result *r, int32_t name);
/* The worst and the best that a round trip of the result (open ones included)
 * stood at, in currency before costs: mae <= 0 <= mfe. Bars count whole, lows
 * and highs, but for what certainly lies outside: the bar of an entry at the
 * close, that of an exit at the open. source Sweeney 1996, Maximum Adverse
 * Excursion */
void bt_result_excursion(const bt_result *r, const bt_trade *t, double *mae,
                         double *mfe);
/* Units held of an asset at the close of each bar: out [bars]. */
void bt_result_amounts(const bt_result *r, int32_t sid, double *out);
/* One bar of an asset as quoted; NaN where there is none. */
typedef struct bt_quote {
    double open, high, low, close, volume;
    double price; /* last traded by then */
} bt_quote;
/* errors BT_E_RANGE bar, sid; BT_E_IO */
bt_status bt_result_quote(const bt_result *r, int32_t sid, int32_t bar,
                          bt_quote *out);
/* The first bar that opens at an instant (unix seconds) or later; bars:
 * none. */
int32_t bt_result_opening(const bt_result *r, double seconds);
/* Day of a bar's session, counted from 1970-01-01; -1 past the end. */
int32_t bt_result_day(const bt_result *r, int32_t bar);
/* Compare the result with values [n] of days [n] (ascending, counted from
 * 1970-01-01) instead. errors BT_E_DATA no day of the run has a value, or none
 * before two sessions; BT_E_RANGE a value not above 0, days that do not
 * ascend */
bt_status bt_result_compare(bt_result *r, const int32_t *days,
                            const double *values, int32_t n);
/* Returns of the sessions that the benchmark has a value of, both from the one
 * to the next: out [bars] each. Returns how many; 0 without a benchmark. The
 * first is from the close before the run, or from the open of its first bar; a
 * benchmark that begins later is compared from then on. */
int32_t bt_result_paired(const bt_result *r, double *returns, double *benchmark,
                         double *seconds);

/* ---- parameter spaces and searches --------------------------------------- */

typedef struct bt_space bt_space;

/* An empty space. Parameters keep the order in which they are added.
 * errors of all that follow: BT_E_RANGE names parameter, value and limits;
 * BT_E_USAGE a name used twice, a choice given twice. */
bt_space *bt_space_new(void);
void bt_space_free(bt_space *s);
/* min..max in steps; the range must hold a whole number of steps.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_int(bt_space *s, const char *name, int64_t min, int64_t max,
                       int64_t step);
enum { BT_PRIOR_UNIFORM = 0, BT_PRIOR_LOG_UNIFORM = 1, BT_PRIOR_NORMAL = 2 };
/* points: grid resolution, >= 2; log-spaced under the log prior.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_float(bt_space *s, const char *name, double min, double max,
                         int32_t prior, int32_t points);
/* A float on min, min + step .. max; the step must divide the range.
 * errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_float_steps(bt_space *s, const char *name, double min,
                               double max, double step);
/* Choices are added one by one; at least 2, all different. A choice is a
 * string, a number or a boolean. errors BT_E_RANGE, BT_E_USAGE as above. */
bt_status bt_space_choice(bt_space *s, const char *name);
bt_status bt_space_choice_string(bt_space *s, const char *value);
bt_status bt_space_choice_number(bt_space *s, double value);
bt_status bt_space_choice_bool(bt_space *s, int32_t value);
/* The choices of the last parameter are in order, like steps; it has just one,
 * and is fixed. errors BT_E_STATE it has no choices, or others. */
bt_status bt_space_ordered(bt_space *s);
bt_status bt_space_fixed(bt_space *s);
/* The last parameter is active only where an earlier one, `parent`, has one of
 * the values that follow one by one.
 * errors BT_E_NAME no such parameter before it, with the nearest; BT_E_USAGE
 * the parent is continuous, a second condition; BT_E_RANGE it never has the
 * value */
bt_status bt_space_active_if(bt_space *s, const char *parent);
bt_status bt_space_active_string(bt_space *s, const char *value);
bt_status bt_space_active_number(bt_space *s, double value);
bt_status bt_space_active_bool(bt_space *s, int32_t value);
/* At least one parameter, two choices for each that has choices.
 * errors BT_E_USAGE names the parameter. */
bt_status bt_space_check(const bt_space *s);
/* Points of the grid over the space (exact up to 2^53). */
double bt_space_cardinality(const bt_space *s);
/* What the space is, canonical: fast:int(5,43,2);mode:choice("a","b"). Borrowed
 * until the next call. */
const char *bt_space_text(const bt_space *s);

enum {
    BT_SEARCH_GRID = 0,
    BT_SEARCH_RANDOM = 1,
    BT_SEARCH_SOBOL = 2,
    BT_SEARCH_LATIN = 3,
    BT_SEARCH_TPE = 4,
    BT_SEARCH_GP = 5,
    BT_SEARCH_GENETIC = 6,
    BT_SEARCH_CMAES = 7,
    BT_SEARCH_NSGA2 = 8,
    BT_SEARCH_LISTED = 9, /* the points it knows, one after the other */
    BT_SEARCH_WALK = 10   /* bt_search_walk_new */
};

enum {
    BT_OBJECTIVES_MAX = 4, /* of a study */
    BT_STEPS_MAX = 64      /* blocks of time that a pruner looks at */
};

/* What a trial came to. Better are, in this order: trials that count, by score
 * or, with several objectives, by dominance; pruned ones, the later the better;
 * violated ones, the nearer the better; those without a number. */
typedef struct bt_verdict {
    double score[BT_OBJECTIVES_MAX]; /* larger is better; NaN: no number */
    double violation; /* of constraints on the result; 0: all hold */
    int32_t steps;    /* > 0: pruned after so many, where score[0] was it */
} bt_verdict;

/* How to search: a kind and what it may be told. */
typedef struct search_options bt_search_options;

/* A kind with its defaults: grid, random, sobol, lhs, tpe, gp, genetic, cmaes,
 * nsga2, listed.
 * max_trials: points to hand out at most, 0 = the search's own end; lhs needs
 * one. errors BT_E_NAME unknown kind; BT_E_RANGE max_trials below 0 */
bt_status bt_search_options_new(const char *kind, double max_trials,
                                double seed, bt_search_options **out);
void bt_search_options_free(bt_search_options *o);
/* Set an option that is a number, or yes and no as 1 and 0.
 * errors BT_E_NAME no such option, BT_E_RANGE names value and limits */
bt_status bt_search_options_number(bt_search_options *o, const char *name,
                                   double value);
/* Set an option that is one of a few words, in any case.
 * errors BT_E_NAME no such option or word, with the nearest */
bt_status bt_search_options_word(bt_search_options *o, const char *name,
                                 const char *value);
/* How many objectives a trial has, 1 unless set.
 * errors BT_E_RANGE not 1..BT_OBJECTIVES_MAX */
bt_status bt_search_options_objectives(bt_search_options *o, int32_t n);
/* What one option alone cannot say, once all are set.
 * errors BT_E_RANGE names both options and the limit */
bt_status bt_search_options_check(const bt_search_options *o);
enum { BT_WALK_MAX = 10000, BT_WALK_KEEP_MAX = 1000 };
/* Walk-forward over the space of `search` with two more parameters behind: a
 * whole number 1..windows and the choice of "train", "validation", "test". In
 * each window `search` finds, by at most `trials` that count (0 = all), the
 * `keep` best of train; validation (if there is one) chooses among them, test
 * tells of the chosen one. space and search are borrowed and must live longer.
 * errors BT_E_RANGE names value and limits */
bt_status bt_search_walk_new(const bt_space *space,
                             const bt_search_options *search, int32_t windows,
                             double trials, int32_t keep, int32_t validation,
                             bt_search_options **out);
/* "random" or "gp(acq_func=EI,...)": the kind and all its options, canonical.
 * Borrowed until the next call. */
const char *bt_search_options_text(const bt_search_options *o);

/* One set of parameters of a space, made value by value. */
typedef struct bt_point bt_point;

/* An empty point; the space must outlive it. */
bt_point *bt_point_new(const bt_space *space);
void bt_point_free(bt_point *p);
void bt_point_clear(bt_point *p);
/* Set one parameter.
 * errors BT_E_NAME unknown, with the nearest; BT_E_RANGE off the range, off the
 * steps, no such choice */
bt_status bt_point_number(bt_point *p, const char *name, double value);
bt_status bt_point_string(bt_point *p, const char *name, const char *value);
bt_status bt_point_bool(bt_point *p, const char *name, int32_t value);
/* All that is active is set, and nothing else.
 * errors BT_E_USAGE names the parameter */
bt_status bt_point_check(const bt_point *p);
/* Canonical: fast=20;mode="up". Borrowed until the next call. */
const char *bt_point_text(bt_point *p);
/* A trial of another time, told to the search before its first ask. Searches
 * that do not look at scores ignore it. errors as of bt_point_check */
bt_status bt_search_options_known(bt_search_options *o, const bt_point *p,
                                  const bt_verdict *v);

/* A search to be asked and told by hand. */
typedef struct bt_asker bt_asker;

/* errors BT_E_USAGE an empty space, a search that does not suit it */
bt_status bt_asker_new(const bt_space *space, const bt_search_options *o,
                       bt_asker **out);
void bt_asker_free(bt_asker *a);
/* 1 and the next suggestion, or 0: there is none now. */
int32_t bt_asker_ask(bt_asker *a, bt_point *out);
/* What a point came to; in any order, for suggestions and for any other point.
 * errors as of bt_point_check */
bt_status bt_asker_tell(bt_asker *a, const bt_point *p, const bt_verdict *v);
/* 1 when there are no more suggestions and all have their score. */
int32_t bt_asker_is_over(bt_asker *a);

/* ---- workers ------------------------------------------------------------- */

enum { BT_CREW_MAX = 1024 };

/* Forked workers that stay for the next optimisation. */
typedef struct crew bt_crew;

/* Room for `workers` processes; none is forked yet.
 * errors BT_E_RANGE workers not in 1..BT_CREW_MAX */
bt_status bt_crew_open(int32_t workers, bt_crew **out);
/* Ends and reaps them; NULL does nothing. */
void bt_crew_close(bt_crew *c);

typedef struct bt_crew_stats {
    int32_t capacity, alive; /* workers: most ever, living now */
    double batches, jobs;    /* optimisations served, jobs answered */
    double forks, respawns;  /* forks in all, those after a death */
    double uptime_seconds;   /* since bt_crew_open */
    double start_seconds;    /* what the last worker took to start */
} bt_crew_stats;

/* Counts of a crew since it was opened. */
void bt_crew_get_stats(const bt_crew *c, bt_crew_stats *out);
/* One place of a crew, 0 .. capacity - 1: the worker that stands there, and
 * what all that ever stood there have done. */
typedef struct bt_worker_stats {
    int32_t pid;             /* 0: nobody */
    int32_t forks, respawns; /* workers forked, those after a death */
    double jobs, seconds;    /* answered; of work */
    double uptime_seconds;   /* of the present worker, 0: nobody */
} bt_worker_stats;
void bt_crew_get_worker(const bt_crew *c, int32_t place, bt_worker_stats *out);
/* Physical cores in the affinity mask, at most the cgroup's CPU quota, minus
 * one; at least 1. */
int32_t bt_crew_default(void);
/* ---- odds: is the best of many trials real? ------------------------------ */

/* Sharpe ratios (sharpe, benchmark) are mean / sd (ddof 1) per period, never
 * annualised; n counts periods; skew and kurt are population moments, kurt raw
 * (3 for a normal). A matrix of returns holds trial k at
 * returns[k * periods]. */

typedef struct bt_moments {
    double mean, sd;   /* sd with ddof 1; NaN for n < 2 */
    double skew, kurt; /* m3 / m2^1.5, m4 / m2^2; NaN without variance */
    double sharpe;     /* mean / sd, 0 without variance */
} bt_moments;
/* Moments of x [n], population moments but for sd.
 * source Joanes, Gill 1998, The Statistician 47(1), g1 and g2 + 3 */
void bt_moments_of(const double *x, int32_t n, bt_moments *out);

/* Probability that the true Sharpe ratio exceeds benchmark.
 * source Bailey, Lopez de Prado 2012, J. of Risk 15(2) */
double bt_odds_psr(double sharpe, double benchmark, double n, double skew,
                   double kurt);
/* Expected maximum of trials independent standard normals; trials may be
 * fractional; 0 for trials <= 1.
 * source Bailey, Lopez de Prado 2014, J. Portfolio Management 40(5) */
double bt_odds_expected_max(double trials);
/* Deflated Sharpe ratio: bt_odds_psr against sqrt(variance) * expected maximum;
 * variance (ddof 1) of the Sharpe ratios of all trials. source as above */
double bt_odds_dsr(double sharpe, double variance, double trials, double n,
                   double skew, double kurt);
/* Periods after which sharpe exceeds benchmark with confidence; infinite when
 * sharpe <= benchmark. source Bailey, Lopez de Prado 2012 */
double bt_odds_min_track_record(double sharpe, double benchmark,
                                double confidence, double skew, double kurt);
/* Years below which so many trials show annual_sharpe by luck alone.
 * source Bailey et al. 2014, Notices of the AMS 61(5) */
double bt_odds_min_backtest(double trials, double annual_sharpe);
/* Effective number of independent trials, rho + (1 - rho) * trials, rho the
 * mean pairwise correlation of their returns [trials][periods] (0 where a
 * trial has no variance).
 * source Bailey, Lopez de Prado 2014, J. Portfolio Management 40(5), appendix
 * 3 */
double bt_odds_effective_trials(const double *returns, int32_t periods,
                                int32_t trials);

typedef struct bt_pbo {
    double pbo;  /* share of logits <= 0 */
    double loss; /* share of halves whose pick lost out of sample */
    double slope, intercept,
        r2;         /* out-of-sample on in-sample Sharpe of picks */
    int32_t halves; /* C(blocks, blocks / 2) */
} bt_pbo;
/* Probability of backtest overfitting by combinatorially symmetric
 * cross-validation. blocks: even, 2..20; the first periods % blocks rows are
 * dropped. logits: [C(blocks, blocks/2)] or NULL.
 * errors BT_E_RANGE blocks odd or more than periods; fewer than 2 trials
 * source Bailey, Borwein, Lopez de Prado, Zhu 2016, J. Computational Finance */
bt_status bt_odds_pbo(const double *returns, int32_t periods, int32_t trials,
                      int32_t blocks, double *logits, bt_pbo *out);

/* Index rows of the stationary bootstrap: rows [count * n], 0-based, each a
 * circular walk that restarts with probability 1 / mean_block.
 * errors BT_E_RANGE n < 1, mean_block < 1
 * source Politis, Romano 1994, JASA 89 */
bt_status bt_bootstrap_rows(int32_t n, int32_t count, double mean_block,
                            uint64_t seed, int32_t *rows);
/* Index rows that are random orders of 0 .. n-1: rows [count * n].
 * errors BT_E_RANGE n < 1
 * source Fisher, Yates 1938 */
bt_status bt_permutation_rows(int32_t n, int32_t count, uint64_t seed,
                              int32_t *rows);
/* Block length of the stationary bootstrap chosen from the data, x [n].
 * source Politis, White 2004; Patton, Politis, White 2009, Econometric
 * Reviews */
double bt_bootstrap_block(const double *x, int32_t n);
enum { BT_STAT_SHARPE = 0, BT_STAT_RETURN = 1, BT_STAT_DRAWDOWN = 2 };
/* Statistics of each resample of x [n], out [count]: Sharpe ratio per period,
 * total compounded return, maximum drawdown (<= 0, start included).
 * errors BT_E_RANGE stat
 * source Efron 1979, Annals of Statistics 7(1) */
bt_status bt_bootstrap_stat(const double *x, int32_t n, const int32_t *rows,
                            int32_t count, int32_t stat, double *out);

/* White's reality check: p-value of the best mean of d [trials * n] (returns
 * minus the benchmark's). errors BT_E_RANGE n < 2, trials or count < 1
 * source White 2000, Econometrica 68(5) */
bt_status bt_odds_reality_check(const double *d, int32_t n, int32_t trials,
                                const int32_t *rows, int32_t count, double *p);
/* Hansen's superior predictive ability, studentised with the stationary
 * bootstrap's long-run variance: p [3] = lower, consistent, upper.
 * errors BT_E_RANGE n < 2, trials or count < 1, mean_block < 1
 * source Hansen 2005, J. Business and Economic Statistics 23(4) */
bt_status bt_odds_spa(const double *d, int32_t n, int32_t trials,
                      const int32_t *rows, int32_t count, double mean_block,
                      double *p);

/* What all of the above says of the best of many trials. */
enum { BT_LUCK_UNKNOWN = 0, BT_LUCK_NO = 1, BT_LUCK_YES = 2 };
#define BT_LUCK_DSR 0.95
#define BT_LUCK_PBO 0.2
typedef struct bt_luck {
    int32_t verdict;         /* BT_LUCK_YES: dsr < 0.95 or pbo > 0.2 */
    int32_t periods, trials; /* of the matrix */
    double tried;            /* trials counted, those of the matrix or more */
    double effective;        /* how many independent ones they are worth */
    double correlation;      /* mean pairwise, of the matrix; at least 0 */
    double sharpe;           /* annual, of the best */
    double sharpe_low, sharpe_high; /* its 95 % interval by resampling */
    double skew, kurt;              /* of the best's returns, kurt raw */
    double psr;              /* probability that its Sharpe ratio is > 0 */
    double dsr, dsr_all;     /* deflated by `effective`; by all of `tried` */
    double expected_best;    /* annual Sharpe ratio that luck alone shows */
    double min_track_record; /* periods until sharpe > 0 with 95 % */
    double min_backtest;     /* years below which luck shows this much */
    bt_pbo pbo;              /* NaN with a single trial or few periods */
    int32_t blocks;          /* of pbo, 0: none */
    double reality_check;    /* p-value */
    double spa[3];           /* p-values: lower, consistent, upper */
    int32_t merged;          /* periods merged to one for these two */
    int32_t resamples;
} bt_luck;
/* returns [trials * periods] in excess of the risk-free rate; best: the trial
 * chosen; tried: trials ever run on this data, fewer than `trials` count as
 * them; seed: of the resamples. Deflation is that of Bailey and Lopez de Prado
 * with the variance of trials without skill, 1 / (periods - 1), and as many
 * independent trials as have the expected maximum that resamples of the centred
 * returns show, tried / trials times.
 * cost O(periods * trials): blocks, and periods merged to one, follow from them
 * errors BT_E_RANGE fewer than 1 trial or 2 periods, best outside, periods a
 *        year <= 0
 * source as of the single functions */
bt_status bt_odds_luck(const double *returns, int32_t periods, int32_t trials,
                       int32_t best, double tried, double periods_per_year,
                       uint64_t seed, bt_luck *out);

/* How flat the top is, 0 (a spike) .. 1: mean height of the best's neighbours
 * between the median and the best. x [trials * params] finite, choices as any
 * numbers; score larger is better, NaN without one. by_param [params] NaN where
 * it has no neighbour one level away.
 * errors BT_E_RANGE no trial with a score
 * source our own: a rank between two medians */
bt_status bt_odds_plateau(const double *x, const int32_t *is_choice,
                          const double *score, int32_t trials, int32_t params,
                          double *by_param, int32_t *neighbours, double *out);
/* Share of the score's variance that each parameter explains alone, out
 * [params]; 1 minus their sum is due to them together.
 * source Hutter, Hoos, Leyton-Brown 2014, ICML (functional ANOVA)
 * errors BT_E_RANGE no trials, no parameters */
bt_status bt_odds_importance(const double *x, const int32_t *is_choice,
                             const double *score, int32_t trials,
                             int32_t params, uint64_t seed, double *out);

/* Add a search's trials with a score to the ledger of a bundle (SHA-256, name);
 * identity: the search's, 64 hex digits, which counts once. A folder that
 * cannot be written is warned of. */
void bt_ledger_add(const char *sha256, const char *name, const char *identity,
                   double trials);
/* Trials in the ledger on a bundle of this content or this name; 0: none. */
double bt_ledger_count(const char *sha256, const char *name);

/* ---- studies ------------------------------------------------------------- */

enum {
    BT_TRIAL_DONE = 0,
    BT_TRIAL_INVALID = 1, /* the objective is no finite number */
    BT_TRIAL_FAILED = 2,  /* the strategy raised an error */
    BT_TRIAL_CRASHED = 3, /* killed its worker three times */
    BT_TRIAL_TIMEOUT = 4,
    BT_TRIAL_INFEASIBLE = 5, /* excluded by the constraint, not run */
    BT_TRIAL_PRUNED = 6,     /* stopped early: its first blocks fell behind */
    BT_TRIAL_VIOLATED = 7    /* ran, but a constraint on results is violated */
};
/* "done", "invalid", "failed", "crashed", "timeout", "infeasible", "pruned",
 * "violated". */
const char *bt_trial_state_name(int32_t state);

typedef struct bt_trial {
    int32_t number; /* 1, 2, ... in ask order */
    int32_t state;
    int32_t attempts, signal; /* signal that killed it, 0 */
    int32_t duplicate_of; /* number of the trial with the same params, or 0 */
    int32_t more_count;   /* objectives beside the first */
    int32_t step_count;   /* blocks with a value */
    double score;         /* as the objective defines it; NaN unless DONE or
                             VIOLATED. With several objectives: the first's */
    double more[BT_OBJECTIVES_MAX - 1]; /* [more_count] the others' */
    double violation; /* sum of what constraints on results are off by; 0: all
                         hold */
    double seconds;   /* of the backtest, in its worker */
    bt_time started;  /* when it began there; 0: not run */
    int32_t worker;   /* the process that ran it; 0: none */
    double metrics[BT_METRICS];
    char hash[65];       /* result hash of the run, "" if none */
    const double *steps; /* [step_count] scores after 1, 2, .. blocks;
                            borrowed */
    const char *params;  /* canonical text; borrowed */
    const char *message; /* error text or ""; borrowed */
} bt_trial;

/* What a worker reports of one trial; filled from Lua. A trial that a pruner
 * watches (blocks > 0) is cut into so many blocks of time; after each of them
 * it reports a score to bt_outcome_step. */
typedef struct bt_outcome {
    int32_t state; /* BT_TRIAL_*, not CRASHED or TIMEOUT */
    int32_t fatal; /* BT_E_* when no trial of this study can work, else 0 */
    int32_t more_count, step_count; /* as in bt_trial */
    int32_t blocks;                 /* 0: nobody watches */
    int32_t apart; /* 1: scores of each block alone, 0: of all so far */
    double score;  /* as the objective defines it */
    double more[BT_OBJECTIVES_MAX - 1];
    double violation;
    double metrics[BT_METRICS]; /* NaN where there is no backtest */
    double steps[BT_STEPS_MAX];
    char hash[65]; /* result hash of the run, "" if none */
} bt_outcome;

/* Keep the error text / what the trial printed. Past BT_TRIAL_LOG_MAX bytes a
 * log is cut and says so. */
enum { BT_TRIAL_LOG_MAX = 65536, BT_TRIAL_MESSAGE_MAX = 4096 };
void bt_outcome_message(bt_outcome *o, const char *text, int64_t n);
/* The score after the next block of time. 1: the trial is to stop and be
 * PRUNED. Scores past `blocks` are not taken. */
int32_t bt_outcome_step(bt_outcome *o, double score);
void bt_outcome_log(bt_outcome *o, const char *text, int64_t n);
/* Give the trial a series, returns of its sessions [n] as a rule, to be kept
 * with 4 or 8 bytes a value (width). Cut at BT_SERIES_MAX values. */
enum { BT_SERIES_MAX = 4000000 };
void bt_outcome_series(bt_outcome *o, const double *x, int32_t n,
                       int32_t width);

/* A study on disk or in memory, read side. */
typedef struct bt_study bt_study;

/* Open an existing study for reading. errors BT_E_DATA unknown (with the
 * nearest name) or damaged; BT_E_IO. */
bt_status bt_study_open(const char *name, bt_study **out);
void bt_study_close(bt_study *s);
int32_t bt_study_count(const bt_study *s);
/* i in [0, count), in trial order. errors BT_E_RANGE i. */
bt_status bt_study_trial(bt_study *s, int32_t i, bt_trial *out);
/* NULL for a study in memory. */
const char *bt_study_name(const bt_study *s);
/* Trials known to be on disk (in memory: all). */
int32_t bt_study_saved(const bt_study *s);
/* Position of the trial with this number, -1 when absent. */
int32_t bt_study_find(const bt_study *s, int32_t number);
/* Folder that studies live in. Borrowed until the next call; NULL without a
 * home folder. */
const char *bt_study_folder(void);

/* Value of a manifest key ("strategy", "seed", "higher_is_better", ...);
 * NULL. */
const char *bt_study_meta(bt_study *s, const char *key);
/* Position of the best trial, -1 when none is DONE or when there are several
 * objectives, which have a front. Ties: the first. */
int32_t bt_study_best(bt_study *s);
/* Positions of the DONE trials that no other one dominates (is at least as good
 * in every objective and better in one), in trial order, without repeats of
 * parameters. Returns how many; the first `room` of them in out [room]. The
 * directions are the manifest's "higher_is_better", "1" or "0" an objective.
 * cost O(trials log trials) for two objectives, else O(trials * front) */
int32_t bt_study_front(bt_study *s, int32_t *out, int32_t room);
/* SHA-256 over (number, canonical params, state, score, run hash), with the
 * scores of several objectives and what pruned trials had come to. out [65] */
void bt_study_hash(bt_study *s, char *out);
/* What a trial printed, "" if nothing. Borrowed until the next call. */
const char *bt_study_log(bt_study *s, int32_t number);
/* Length of the series kept of a trial: the returns of its sessions; 0: none.
 * Studies keep those of trials with a score that repeat no earlier one. */
int32_t bt_study_periods(const bt_study *s, int32_t number);
/* Bytes of a value of that series as it is kept, 4 or 8; 0: none is. */
int32_t bt_study_series_width(const bt_study *s, int32_t number);
/* That series, out [bt_study_periods]. errors BT_E_RANGE none is kept;
 * BT_E_DATA it does not match its checksum; BT_E_IO */
bt_status bt_study_series(bt_study *s, int32_t number, double *out);
/* Matrix of the series that are as long as the best trial's: one row a trial,
 * by number, at most `room` of them (a sample, the best among them).
 * out [room][periods of the best]; best: its row. Returns how many; 0: no best,
 * or none kept of it; < 0: unreadable, the negative bt_status. */
int32_t bt_study_matrix(bt_study *s, int32_t room, double *out, int32_t *best);
enum { BT_KEEP_BYTES = 64 << 20 }; /* the default */
/* Keep no series (0), as many as fit into so many bytes (a sample that does not
 * depend on scores, and the best trial's), or all (INFINITY). Before the first
 * trial of a run. errors BT_E_RANGE bytes below 0 or NaN */
bt_status bt_study_keep(bt_study *s, double bytes);
/* Create name in the studies folder, or a study in memory when name is NULL;
 * open one to go on with it. Write side: one process at a time.
 * errors BT_E_USAGE it exists / a name with other characters than letters,
 *        digits, '.', '_' and '-'; BT_E_DATA unknown (with the nearest name) or
 *        damaged; BT_E_BUSY names the owner; BT_E_IO */
bt_status bt_study_create(const char *name, bt_study **out);
bt_status bt_study_resume(const char *name, bt_study **out);
/* 1: accept a studies folder on NFS, SMB, FUSE or 9p, where neither locks nor
 * fsync can be relied on (--i-know). */
void bt_study_trust_file_system(int32_t on);
/* Set a manifest entry; on disk with the next commit, at the latest when the
 * first trial is. errors BT_E_STATE opened for reading */
bt_status bt_study_set_meta(bt_study *s, const char *key, const char *value);
/* What was set or added is on disk when this returns. errors BT_E_IO */
bt_status bt_study_flush(bt_study *s);
/* Give the study up to other writers; it can still be read. */
void bt_study_unlock(bt_study *s);
/* Sorted names in the studies folder. Borrowed until the next call. */
int32_t bt_study_list(const char *const **names);
/* errors BT_E_DATA unknown; BT_E_BUSY in use; BT_E_IO. */
bt_status bt_study_remove(const char *name);

#endif
