/* The catalogue of a bundle, version 3: one text for who writes and who reads.
 *
 * bundles/README.md is the manual. The opener compares sqlite_schema with these
 * statements text by text, in this order; no other object may exist (tables
 * WITHOUT ROWID have no automatic index).
 */
#ifndef BT_STORE_SCHEMA_H
#define BT_STORE_SCHEMA_H

#include "backlua.h"

enum {
    SCHEMA_APPLICATION_ID = 0x424c5541, /* "BLUA" */
    SCHEMA_VERSION = 3,                 /* user_version and meta.format */
    SCHEMA_PAGE = 4096, /* SQLite page, column alignment, size of the seal */
    SCHEMA_TABLES = 9,
    SCHEMA_CATALOGUE_MAX = 1 << 30 /* bytes: more is no catalogue */
};

#define SCHEMA_CATALOGUE "bundle.sqlite"
/* Name of a column file: so many hex digits of its SHA-256, then the suffix. */
#define SCHEMA_NAME_DIGITS 32
#define SCHEMA_SUFFIX ".col"
/* First bytes of the seal; 64 hex digits and '\n' follow, then zeros. */
#define SCHEMA_SEAL "backlua catalogue sha256 "
/* First string of the content hash. */
#define SCHEMA_CONTENT "backlua bundle 1"

static const char *const schema_tables[SCHEMA_TABLES] = {
    "CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE file(name TEXT NOT NULL PRIMARY KEY, "
    "bytes INTEGER NOT NULL, sha256 TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE frequency(name TEXT NOT NULL PRIMARY KEY, "
    "rows INTEGER NOT NULL, sessions INTEGER NOT NULL, bars INTEGER NOT NULL, "
    "file TEXT NOT NULL, open_offset INTEGER NOT NULL, "
    "close_offset INTEGER NOT NULL, session_offset INTEGER NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE session(day INTEGER NOT NULL PRIMARY KEY, "
    "open_time INTEGER NOT NULL, close_time INTEGER NOT NULL, "
    "first_row INTEGER NOT NULL, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE asset(sid INTEGER NOT NULL PRIMARY KEY, "
    "symbol TEXT NOT NULL, first_row INTEGER NOT NULL, "
    "last_row INTEGER NOT NULL, bars INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE series(sid INTEGER NOT NULL, field TEXT NOT NULL, "
    "file TEXT NOT NULL, offset INTEGER NOT NULL, "
    "PRIMARY KEY(sid, field)) STRICT, WITHOUT ROWID",
    "CREATE TABLE action(id INTEGER NOT NULL PRIMARY KEY, "
    "sid INTEGER NOT NULL, kind TEXT NOT NULL, effective INTEGER NOT NULL, "
    "day INTEGER NOT NULL, declared_day INTEGER NOT NULL, "
    "pay_day INTEGER NOT NULL, value REAL NOT NULL, cash REAL NOT NULL, "
    "other INTEGER NOT NULL, text TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE field(position INTEGER NOT NULL PRIMARY KEY, "
    "name TEXT NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE TABLE fact(sid INTEGER NOT NULL, name TEXT NOT NULL, "
    "value TEXT NOT NULL, PRIMARY KEY(sid, name)) STRICT, WITHOUT ROWID"};

/* Fields of every bundle in the order they lie in an asset's file
 * (BT_FIELD_OPEN ..). Those of a bundle's own follow: schema_stored. */
static const char *const schema_fields[] = {"open", "high", "low", "close",
                                            "volume"};
enum { SCHEMA_FIELDS = 5, SCHEMA_OWN_MAX = 256 };

/* A bundle's own field k is field BT_FIELDS + k for everybody, since price is
 * derived; as a stored column it is SCHEMA_FIELDS + k. -1: not stored. */
static inline int32_t schema_stored(int32_t field) {
    return field < SCHEMA_FIELDS ? field
           : field < BT_FIELDS   ? -1
                                 : field - BT_FIELDS + SCHEMA_FIELDS;
}

/* Distance in elements between the columns of two assets in the file of an own
 * field: sid by sid, each beginning on a page. */
static inline int64_t schema_stride(int64_t rows) {
    int64_t page = SCHEMA_PAGE / (int64_t)sizeof(double);
    return (rows + page - 1) / page * page;
}

#endif
