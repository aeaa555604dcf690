/* The study's database: one connection, one schema, statements kept ready.
 *
 * journal_mode TRUNCATE (immune to the WAL-reset bug of the SQLite versions in
 * use, and readers may look at any time), synchronous FULL, BEGIN IMMEDIATE.
 * The file of a stranger may be opened too, so a connection is told to trust
 * nothing in it, and its schema must be ours to the letter: no view, no
 * trigger.
 *
 * trial.score, more (further objectives), violation, steps (what a pruner saw)
 * and metrics hold raw little-endian doubles: a REAL column would turn NaN into
 * NULL and -0.0 into 0.0. score_text is for people. crc is CRC-32C over the
 * row. series.data has floats or doubles, as width says.
 */
#include "store/study_parts.h"

#include "base/crc.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { APPLICATION_ID = 0x424c5553, VERSION = 4 }; /* "BLUS" */
enum {
    TABLES = 4,
    LENGTH_MAX = 64 << 20,
    BUSY_MS = 50,
    READER_BUSY_MS = 10000
};

static const char *const tables[TABLES] = {
    "CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) "
    "STRICT, WITHOUT ROWID",
    "CREATE TABLE trial(number INTEGER PRIMARY KEY, state TEXT NOT NULL, "
    "params TEXT NOT NULL, score BLOB NOT NULL, score_text TEXT NOT NULL, "
    "more BLOB NOT NULL, violation BLOB NOT NULL, steps BLOB NOT NULL, "
    "metrics BLOB NOT NULL, hash TEXT NOT NULL, seconds BLOB NOT NULL, "
    "started INTEGER NOT NULL, worker INTEGER NOT NULL, "
    "attempts INTEGER NOT NULL, signal INTEGER NOT NULL, "
    "duplicate_of INTEGER NOT NULL, message TEXT NOT NULL, "
    "crc INTEGER NOT NULL) STRICT",
    "CREATE TABLE log(number INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT",
    "CREATE TABLE series(number INTEGER PRIMARY KEY, width INTEGER NOT NULL, "
    "data BLOB NOT NULL, crc INTEGER NOT NULL) STRICT"};

/* ---- failures ------------------------------------------------------------ */

static bt_status kind_of(int code) {
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return BT_E_DATA;
    case SQLITE_BUSY:
        return BT_E_BUSY;
    default:
        return BT_E_IO;
    }
}

/* Why the system refused, 0 when that is not known. The study's file remembers
 * it; the connection has errno as of the end of a statement, of no failed
 * COMMIT, and perhaps of something tried in between. */
static int system_errno(sqlite3 *db, int code) {
    int kind = code & 0xff, e = 0;
    if (!db || (kind != SQLITE_IOERR && kind != SQLITE_CANTOPEN))
        return 0;
    sqlite3_file_control(db, "main", SQLITE_FCNTL_LAST_ERRNO, &e);
    return e != 0 ? e : sqlite3_system_errno(db);
}

bt_status study_sql_fail(bt_study *s, int code, const char *doing) {
    int system = system_errno(s->file.db, code);
    const char *what = (code & 0xff) == SQLITE_FULL ? "the disk is full"
                                                    : sqlite3_errstr(code);
    return fail(kind_of(code), "cannot %s %s: %s%s%s", doing, s->path, what,
                system ? ": " : "", system ? strerror(system) : "");
}

bt_status study_sql_break(bt_study *s, int code, const char *doing) {
    s->broken = study_sql_fail(s, code, doing);
    s->why = s->file.made
                 ? mem_printf("%s; %d trial%s saved, go on with `backlua study "
                              "resume %s`",
                              bt_error_message(), s->saved,
                              s->saved == 1 ? " is" : "s are", s->name)
                 : mem_printf("%s; no study was made, give the command again",
                              bt_error_message());
    study_sql_close(s);
    return fail(s->broken, "%s", s->why);
}

/* ---- opening ------------------------------------------------------------- */

int study_sql_exec(bt_study *s, const char *sql) {
    return sqlite3_exec(s->file.db, sql, NULL, NULL, NULL);
}

static void trust_nothing(sqlite3 *db) {
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_limit(db, SQLITE_LIMIT_COLUMN, 32);
    sqlite3_limit(db, SQLITE_LIMIT_EXPR_DEPTH, 20);
    sqlite3_limit(db, SQLITE_LIMIT_VDBE_OP, 25000);
}

static int64_t pragma(bt_study *s, const char *sql) {
    sqlite3_stmt *q;
    int64_t v = -1;
    if (sqlite3_prepare_v2(s->file.db, sql, -1, &q, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(q) == SQLITE_ROW)
        v = sqlite3_column_int64(q, 0);
    sqlite3_finalize(q);
    return v;
}

static bool is_our_table(const char *sql) {
    for (int i = 0; i < TABLES; i++) {
        if (sql && strcmp(sql, tables[i]) == 0)
            return true;
    }
    return false;
}

/* The schema holds our tables, all of them and nothing else. */
static int read_schema(bt_study *s, bool *ours) {
    sqlite3_stmt *q;
    int found = 0, code;
    *ours = false;
    code = sqlite3_prepare_v2(s->file.db, "SELECT sql FROM sqlite_schema", -1,
                              &q, NULL);
    if (code != SQLITE_OK)
        return code;
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        const char *sql = (const char *)sqlite3_column_text(q, 0);
        found += is_our_table(sql) ? 1 : TABLES + 1;
    }
    sqlite3_finalize(q);
    *ours = found == TABLES;
    return code == SQLITE_DONE ? SQLITE_OK : code;
}

static bt_status check_format(bt_study *s) {
    bool ours;
    int code = read_schema(s, &ours);
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "read");
    if (pragma(s, "PRAGMA page_count") == 0) /* making it was rolled back */
        return study_fail_unknown(s->name);
    int64_t id = pragma(s, "PRAGMA application_id");
    int64_t version = pragma(s, "PRAGMA user_version");
    if (id != APPLICATION_ID)
        return fail(BT_E_DATA, "%s is not a study of backlua", s->path);
    if (version > VERSION)
        return fail(BT_E_DATA,
                    "%s has format %lld, this engine reads up to %d; use a "
                    "newer backlua",
                    s->path, (long long)version, VERSION);
    if (version < VERSION && version > 0)
        return fail(BT_E_DATA,
                    "%s has format %lld of an earlier engine, this one writes "
                    "%d; run the study anew under another name",
                    s->path, (long long)version, VERSION);
    if (version != VERSION || !ours)
        return fail(BT_E_DATA, "%s is damaged: unexpected tables", s->path);
    return BT_OK;
}

static bt_status prepare(bt_study *s, const char *sql, sqlite3_stmt **out) {
    int code = sqlite3_prepare_v3(s->file.db, sql, -1,
                                  SQLITE_PREPARE_PERSISTENT, out, NULL);
    return code == SQLITE_OK ? BT_OK : study_sql_fail(s, code, "use");
}

static bt_status prepare_all(bt_study *s) {
    struct study_file *f = &s->file;
    TRY(prepare(s, "SELECT text FROM log WHERE number=?1", &f->read_log));
    TRY(prepare(s, "SELECT data,crc FROM series WHERE number=?1",
                &f->read_series));
    if (s->lock < 0)
        return BT_OK; /* to read */
    TRY(prepare(s, "INSERT INTO log VALUES(?1,?2)", &f->insert_log));
    TRY(prepare(s, "INSERT INTO series VALUES(?1,?2,?3,?4)",
                &f->insert_series));
    TRY(prepare(s, "DELETE FROM series WHERE number=?1", &f->drop_series));
    TRY(prepare(s, "INSERT OR REPLACE INTO meta VALUES(?1,?2)", &f->put_meta));
    return prepare(s,
                   "INSERT INTO trial VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,"
                   "?11,?12,?13,?14,?15,?16,?17,?18)",
                   &f->insert_trial);
}

bt_status study_sql_open(bt_study *s, bool writable) {
    struct study_file *f = &s->file;
    int code = sqlite3_open_v2(s->path, &f->db,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                               NULL); /* there are no threads */
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "open");
    trust_nothing(f->db);
    sqlite3_busy_timeout(f->db, writable ? BUSY_MS : READER_BUSY_MS);
    code =
        study_sql_exec(s, "PRAGMA cell_size_check=ON; PRAGMA mmap_size=0;"
                          "PRAGMA temp_store=MEMORY; PRAGMA foreign_keys=ON;"
                          "PRAGMA locking_mode=NORMAL; PRAGMA cache_spill=OFF");
    if (code == SQLITE_OK && writable)
        code = study_sql_exec(
            s, "PRAGMA journal_mode=TRUNCATE; PRAGMA synchronous=FULL");
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "open");
    if (!f->made)
        return BT_OK; /* study_sql_make follows */
    TRY(check_format(s));
    return prepare_all(s);
}

/* No sync: there is nothing to lose yet, and the first commit of trials syncs
 * file and folder. A process killed in between leaves all of it or nothing. A
 * series of 25 years fills two of these pages. */
bt_status study_sql_make(bt_study *s) {
    int code = study_sql_exec(s, "PRAGMA page_size=16384;"
                                 "PRAGMA synchronous=OFF; BEGIN IMMEDIATE");
    for (int i = 0; i < TABLES && code == SQLITE_OK; i++)
        code = study_sql_exec(s, tables[i]);
    if (code == SQLITE_OK)
        code = study_sql_exec(s, "PRAGMA application_id=0x424c5553;"
                                 "PRAGMA user_version=4");
    if (code != SQLITE_OK)
        return study_sql_break(s, code, "create");
    bt_status status = prepare_all(s);
    if (status != BT_OK)
        return status;
    code = study_sql_put_meta(s);
    s->meta_unsaved = false;
    if (code == SQLITE_OK)
        code = study_sql_exec(s, "COMMIT; PRAGMA synchronous=FULL");
    if (code != SQLITE_OK)
        return study_sql_break(s, code, "create");
    s->file.made = true;
    return BT_OK;
}

void study_sql_close(bt_study *s) {
    struct study_file *f = &s->file;
    sqlite3_finalize(f->insert_trial);
    sqlite3_finalize(f->insert_log);
    sqlite3_finalize(f->put_meta);
    sqlite3_finalize(f->read_log);
    sqlite3_finalize(f->insert_series);
    sqlite3_finalize(f->drop_series);
    sqlite3_finalize(f->read_series);
    sqlite3_close(f->db); /* rolls an open transaction back */
    *f = (struct study_file){.made = f->made};
}

/* ---- writing ------------------------------------------------------------- */

static uint32_t crc_text(uint32_t crc, const char *s) {
    return crc32c(crc, s, strlen(s) + 1);
}

uint32_t study_crc(const bt_trial *t) {
    int32_t numbers[] = {t->number,     t->state,        t->attempts,
                         t->signal,     t->duplicate_of, t->more_count,
                         t->step_count, t->worker};
    uint32_t crc = crc32c(0, numbers, sizeof numbers);
    crc = crc32c(crc, &t->score, sizeof t->score);
    crc = crc32c(crc, t->more, (size_t)t->more_count * sizeof *t->more);
    crc = crc32c(crc, &t->violation, sizeof t->violation);
    crc = crc32c(crc, t->steps, (size_t)t->step_count * sizeof *t->steps);
    crc = crc32c(crc, &t->seconds, sizeof t->seconds);
    crc = crc32c(crc, &t->started, sizeof t->started);
    crc = crc32c(crc, t->metrics, sizeof t->metrics);
    crc = crc_text(crc, t->hash);
    crc = crc_text(crc, t->params);
    return crc_text(crc, t->message);
}

static void bind_text(sqlite3_stmt *q, int at, const char *s) {
    sqlite3_bind_text(q, at, s, -1, SQLITE_STATIC);
}

/* An empty one is a blob, too, and not NULL. */
static void bind_doubles(sqlite3_stmt *q, int at, const double *v, int32_t n) {
    sqlite3_bind_blob(q, at, n > 0 ? (const void *)v : "", n * (int)sizeof *v,
                      SQLITE_STATIC);
}

static int run(sqlite3_stmt *q) {
    int code = sqlite3_step(q);
    int reset = sqlite3_reset(q);
    return code == SQLITE_DONE ? SQLITE_OK : reset;
}

static int put_log(bt_study *s, const struct entry *e) {
    sqlite3_stmt *q = s->file.insert_log;
    sqlite3_bind_int(q, 1, e->trial.number);
    sqlite3_bind_blob(q, 2, e->log, (int)strlen(e->log), SQLITE_STATIC);
    return run(q);
}

static int put_series(bt_study *s, const struct entry *e) {
    sqlite3_stmt *q = s->file.insert_series;
    int32_t number = e->trial.number;
    size_t bytes = (size_t)e->periods * (size_t)e->width;
    sqlite3_bind_int(q, 1, number);
    sqlite3_bind_int(q, 2, e->width);
    sqlite3_bind_blob(q, 3, e->series, (int)bytes, SQLITE_STATIC);
    sqlite3_bind_int64(q, 4,
                       study_series_crc(number, e->width, e->series, bytes));
    return run(q);
}

int study_sql_drop(bt_study *s, int32_t number) {
    sqlite3_bind_int(s->file.drop_series, 1, number);
    return run(s->file.drop_series);
}

int study_sql_put_trial(bt_study *s, const struct entry *e) {
    const bt_trial *t = &e->trial;
    sqlite3_stmt *q = s->file.insert_trial;
    char score[NUM_TEXT];
    num_format(t->score, score);
    sqlite3_bind_int(q, 1, t->number);
    bind_text(q, 2, bt_trial_state_name(t->state));
    bind_text(q, 3, t->params);
    bind_doubles(q, 4, &t->score, 1);
    bind_text(q, 5, score);
    bind_doubles(q, 6, t->more, t->more_count);
    bind_doubles(q, 7, &t->violation, 1);
    bind_doubles(q, 8, t->steps, t->step_count);
    bind_doubles(q, 9, t->metrics, BT_METRICS);
    bind_text(q, 10, t->hash);
    bind_doubles(q, 11, &t->seconds, 1);
    sqlite3_bind_int64(q, 12, t->started);
    sqlite3_bind_int(q, 13, t->worker);
    sqlite3_bind_int(q, 14, t->attempts);
    sqlite3_bind_int(q, 15, t->signal);
    sqlite3_bind_int(q, 16, t->duplicate_of);
    bind_text(q, 17, t->message);
    sqlite3_bind_int64(q, 18, study_crc(t));
    int code = run(q);
    if (code == SQLITE_OK && e->log)
        code = put_log(s, e);
    return code == SQLITE_OK && e->series ? put_series(s, e) : code;
}

int study_sql_put_meta(bt_study *s) {
    sqlite3_stmt *q = s->file.put_meta;
    const char *key;
    void *value;
    int code = SQLITE_OK;
    for (size_t it = 0;
         code == SQLITE_OK && map_next(s->meta, &it, &key, &value);) {
        bind_text(q, 1, key);
        bind_text(q, 2, value);
        code = run(q);
    }
    return code;
}
