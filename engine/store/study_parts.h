/* The inside of a study, shared by the study_*.c files alone. */
#ifndef BT_STORE_STUDY_PARTS_H
#define BT_STORE_STUDY_PARTS_H

#include "store/study.h"

#include "base/buf.h"
#include "base/map.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STUDY_SUFFIX ".study"
#define STUDY_LOCK_SUFFIX ".lock"

struct entry {
    bt_trial trial;         /* its texts and steps are owned here */
    double *steps;          /* NULL without any */
    char *log;              /* until it is on disk; NULL: none, or there */
    void *series;           /* likewise */
    int32_t periods, width; /* of the series, 0: none */
    char text[];
};

/* Entries that are in memory and not known to be on disk. */
struct unsaved {
    struct entry **entry;
    size_t count, cap;
    size_t written; /* of them in the open transaction */
    double since;   /* when the oldest came */
};

/* Which series are kept; study_series.c. */
struct kept {
    double budget;    /* bytes of the sample */
    double bytes;     /* that it has */
    int32_t level;    /* trials are in it with probability 2^-level */
    int32_t best;     /* number of the best trial, 0: none */
    int32_t *dropped; /* numbers whose rows have to go */
    size_t count, cap;
};

struct study_file {
    sqlite3 *db;
    sqlite3_stmt *insert_trial, *insert_log, *put_meta, *read_log;
    sqlite3_stmt *insert_series, *drop_series, *read_series;
    bool in_transaction;
    bool made;     /* the tables are there */
    double waits;  /* since when a reader holds the file up, 0 = it does not */
    double warned; /* when that was said last */
};

struct bt_study {
    char *name, *path; /* NULL in memory */
    int32_t owner;     /* pid: a forked copy touches nothing */
    int lock;          /* descriptor, -1 when reading */
    struct study_file file;
    struct entry **entry; /* by number */
    size_t count, cap;
    struct unsaved unsaved;
    struct kept kept;
    int32_t saved;
    struct map *meta; /* text to text */
    bool meta_unsaved;
    bt_status broken; /* the failure that closed the file, BT_OK before */
    char *why;
    struct buf log; /* of the last bt_study_log */
};

/* study.c */
bt_study *study_new(const char *name, const char *path);
bool study_is_owner(const bt_study *s);
struct entry *study_entry_new(const bt_trial *t, const char *log);
void study_insert(bt_study *s, struct entry *e);
void study_put_meta(bt_study *s, const char *key, const char *value);

/* study_folder.c */
bt_status study_check_name(const char *name);
char *study_path(const char *name); /* NULL without a home folder */
/* A file of size 0 is a study whose making was cut short. */
bool study_has_content(const char *path);
bt_status study_fail_unknown(const char *name);

/* study_lock.c */
bt_status study_lock(const char *name, const char *path, int *out);
void study_unlock(int lock);

/* study_sql.c: connection, schema, statements. */
bt_status study_sql_open(bt_study *s, bool writable);
bt_status study_sql_make(bt_study *s); /* tables and manifest, unsynced */
void study_sql_close(bt_study *s);
int study_sql_exec(bt_study *s, const char *sql); /* SQLite code */
int study_sql_put_trial(bt_study *s, const struct entry *e);
int study_sql_put_meta(bt_study *s);
int study_sql_drop(bt_study *s, int32_t number);
uint32_t study_crc(const bt_trial *t);
/* The failure in words; final: also close the file for good. */
bt_status study_sql_fail(bt_study *s, int code, const char *doing);
bt_status study_sql_break(bt_study *s, int code, const char *doing);

/* study_read.c */
bt_status study_load(bt_study *s);

/* study_series.c */
uint32_t study_series_crc(int32_t number, int32_t width, const void *data,
                          size_t bytes);
bt_status
study_series_load(bt_study *s);     /* which there are, after study_load */
int study_series_drop(bt_study *s); /* SQLite code */

#endif
