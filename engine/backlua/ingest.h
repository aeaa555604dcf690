/* From a vendor's files to a bundle. Conventions: backlua.h. */
#ifndef BACKLUA_INGEST_H
#define BACKLUA_INGEST_H

#include "backlua/bundle.h"

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
/* What the comma of numbers is; AUTO: as all rows show. */
enum { BT_DECIMAL_AUTO = 0, BT_DECIMAL_POINT = 1, BT_DECIMAL_COMMA = 2 };
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
    const char *zone;      /* of times without offset; NULL: as known */
    const char *calendar;  /* a name or a file; NULL: union (--calendar) */
    const char *assets;    /* file of facts; NULL: assets.csv beside the data */
    int32_t dates;         /* BT_DATES_*: is 1/2/2012 in January or February */
    int32_t epoch;         /* BT_EPOCH_*: unit of counts since 1970 */
    int32_t decimal;       /* BT_DECIMAL_*; the other sign groups thousands */
    int32_t stamp;         /* BT_STAMP_* */
    int32_t adjusted;      /* BT_ADJUSTED_*; UNKNOWN: as the format is known */
    double scale;          /* prices are multiplied by it; 0: of the format */
    int32_t skip_bad;      /* 1: leave bad rows out and store the rest */
    int32_t dry_run;       /* 1: read and check everything, store nothing */
    int32_t append;        /* 1: to the bars of the bundle, which must agree */
    int32_t keep_listed;   /* 1: assets whose bars end before the others' are
                              not taken as delisted */
    double memory_mb;      /* for rows in memory, 0: 256, of small files less */
} bt_ingest_options;

/* What has happened so far; everything is final when bt_ingest_step is DONE. */
typedef struct bt_ingest_report {
    int32_t stage; /* 0 reading, 1 checking, 2 storing, 3 done */
    int32_t files, files_done, symbols;
    double bytes, bytes_done; /* on disk */
    double passed, to_pass; /* rows that checking or storing is through with, of
                             those it has to go through; both: 0 reading */
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
 * note, every bad row is counted, and 20 of them are kept as text. Times within
 * a day that carry no offset are of the zone given, else of the one that the
 * format documents, else of the one given for the bundle that is appended to;
 * where there is none, the ingest fails. */
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

#endif
