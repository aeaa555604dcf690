/* Errors, text, terminal, settings of the process. Conventions: backlua.h. */
#ifndef BACKLUA_BASE_H
#define BACKLUA_BASE_H

/* BT_CONST: fields that C updates and Lua may only read. Lua knows the integers
 * of fixed width by itself. */
#ifdef BT_CDEF
#define BT_CONST const
#else
#include <stdint.h>
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
/* Identity of the engine's machine code and all that is linked into it, in hex:
 * another build has another one. "" when the linker left none. */
const char *bt_build_id(void);
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
 * its length + 1; of one letter: another case), else the shortest that the name
 * of 4 letters or more is a beginning of a word of, or NULL. */
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
/* Bytes that can be had now without swapping, within the limits of the control
 * groups; 0 where the system does not say. */
double bt_memory_available(void);
/* From now on the process takes no more private memory than is available at
 * this moment; a lower limit (ulimit -d) stays. */
void bt_memory_limit(void);
/* Lift that limit. Returns it in bytes; 0 when there was none. */
double bt_memory_unlimit(void);

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
enum { BT_PLACE_HOME = 0, BT_PLACE_CACHE = 1, BT_PLACE_STATE = 2 };
/* Path of a folder of ours by name, "" the root of the place, whether it is
 * there or not: the functions below make it. out: [4096].
 * errors BT_E_IO: no home folder, too long. */
bt_status bt_place(int32_t place, const char *name, char *out);
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

enum { BT_PERMANENT_MAX = 16 };
/* The guide's OptimizationConfig, one per process. */
typedef struct bt_config {
    int32_t enable_caching;        /* 0 or 1; default 1 */
    int32_t enable_bundle_pooling; /* 0 or 1; default 1 */
    double cache_size_gb;          /* > 0, <= 1024; default 2.0 */
    int32_t lru_maxsize;           /* asset lists, 1..1000000; default 128 */
    int32_t max_bundle_pool_size;  /* bundles, 1..1000000; default 100 */
    /* The history cache: lengths whose indicators are never evicted (tier 1),
     * each 1..BT_HISTORY_MAX bars, default 20, 50, 200; how many series of
     * other lengths are kept (tier 2), 1..16384, default 256. */
    int32_t permanent_count, permanent_windows[BT_PERMANENT_MAX];
    int32_t tier2_maxsize;
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
    double evictions, max_entries; /* of tier 2, and of asset lists */
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

#endif
