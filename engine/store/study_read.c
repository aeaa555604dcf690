/* Opening a study: create, resume, look at.
 *
 * Everything is read into memory and every field is doubted: a row whose types,
 * ranges or checksum are wrong makes the study damaged, never a guess. Rows are
 * read in pages, each in a short transaction of its own, so that a reader never
 * holds up the writer of a live study for long.
 */
#include "store/study_parts.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PAGE_ROWS = 5000 };

/* ---- rows ---------------------------------------------------------------- */

static int32_t find_state(const char *name) {
    for (int32_t i = 0; name && bt_trial_state_name(i); i++) {
        if (strcmp(bt_trial_state_name(i), name) == 0)
            return i;
    }
    return -1;
}

static const char *column_text(sqlite3_stmt *q, int column) {
    if (sqlite3_column_type(q, column) != SQLITE_TEXT)
        return NULL;
    const char *s = (const char *)sqlite3_column_text(q, column);
    bool whole = s && strlen(s) == (size_t)sqlite3_column_bytes(q, column);
    return whole ? s : NULL;
}

static bool copy_blob(sqlite3_stmt *q, int column, void *out, size_t n) {
    if (sqlite3_column_type(q, column) != SQLITE_BLOB ||
        (size_t)sqlite3_column_bytes(q, column) != n)
        return false;
    if (n > 0) /* an empty one is NULL */
        memcpy(out, sqlite3_column_blob(q, column), n);
    return true;
}

/* Any number of doubles up to `most`, in out; -1: something else. */
static int32_t copy_some(sqlite3_stmt *q, int column, double *out,
                         int32_t most) {
    size_t n = (size_t)sqlite3_column_bytes(q, column) / sizeof *out;
    bool fits = n <= (size_t)most && copy_blob(q, column, out, n * sizeof *out);
    return fits ? (int32_t)n : -1;
}

static bool is_hash(const char *s) {
    size_t n = strlen(s);
    return n == 0 || (n == 64 && strspn(s, "0123456789abcdef") == n);
}

static bool copy_int(sqlite3_stmt *q, int column, int32_t *out) {
    int64_t v = sqlite3_column_int64(q, column);
    *out = (int32_t)v;
    return v >= 0 && v <= INT32_MAX;
}

/* A row of: number state params score metrics hash seconds attempts signal
 * duplicate_of message crc more violation steps started worker. steps:
 * [BT_STEPS_MAX], for t->steps. */
static bool read_trial(sqlite3_stmt *q, bt_trial *t, double *steps) {
    const char *hash = column_text(q, 5);
    memset(t, 0, sizeof *t);
    t->state = find_state(column_text(q, 1));
    t->params = column_text(q, 2);
    t->message = column_text(q, 10);
    if (t->state < 0 || !t->params || !t->message || !hash || !is_hash(hash) ||
        !copy_int(q, 0, &t->number) || t->number < 1 ||
        !copy_int(q, 7, &t->attempts) || !copy_int(q, 8, &t->signal) ||
        !copy_int(q, 9, &t->duplicate_of) ||
        !copy_blob(q, 3, &t->score, sizeof t->score) ||
        !copy_blob(q, 4, t->metrics, sizeof t->metrics) ||
        !copy_blob(q, 6, &t->seconds, sizeof t->seconds) ||
        !copy_blob(q, 13, &t->violation, sizeof t->violation) ||
        !copy_int(q, 16, &t->worker))
        return false;
    t->more_count = copy_some(q, 12, t->more, BT_OBJECTIVES_MAX - 1);
    t->step_count = copy_some(q, 14, steps, BT_STEPS_MAX);
    t->steps = steps;
    if (t->more_count < 0 || t->step_count < 0)
        return false;
    t->started = sqlite3_column_int64(q, 15);
    memcpy(t->hash, hash, strlen(hash) + 1);
    return (int64_t)study_crc(t) == sqlite3_column_int64(q, 11);
}

/* What a list needs of a row of: number state score more duplicate_of. */
static bool glance_row(sqlite3_stmt *q, bt_trial *t) {
    memset(t, 0, sizeof *t);
    t->state = find_state(column_text(q, 1));
    t->params = t->message = "";
    t->more_count = copy_some(q, 3, t->more, BT_OBJECTIVES_MAX - 1);
    return t->state >= 0 && copy_int(q, 0, &t->number) && t->number > 0 &&
           copy_blob(q, 2, &t->score, sizeof t->score) && t->more_count >= 0 &&
           copy_int(q, 4, &t->duplicate_of);
}

static bt_status fail_row(const bt_study *s, int64_t number) {
    return fail(BT_E_DATA,
                "%s is damaged: trial %lld does not match its checksum; "
                "restore the file from a copy or run the study anew",
                s->path, (long long)number);
}

/* Rows after *last, at most a page; *more: it was a full one. */
static bt_status load_page(bt_study *s, sqlite3_stmt *q, bool whole,
                           int64_t *last, bool *more) {
    int rows = 0, code;
    bt_status status = BT_OK;
    sqlite3_bind_int64(q, 1, *last);
    while (status == BT_OK && (code = sqlite3_step(q)) == SQLITE_ROW) {
        bt_trial t;
        double steps[BT_STEPS_MAX];
        *last = sqlite3_column_int64(q, 0);
        if (whole ? read_trial(q, &t, steps) : glance_row(q, &t))
            study_insert(s, study_entry_new(&t, NULL));
        else
            status = fail_row(s, *last);
        rows++;
    }
    sqlite3_reset(q);
    if (status == BT_OK && code != SQLITE_DONE)
        status = study_sql_fail(s, code, "read");
    *more = rows == PAGE_ROWS;
    return status;
}

#define ONE_PAGE " FROM trial WHERE number>?1 ORDER BY number LIMIT 5000"

static bt_status load_trials(bt_study *s, bool whole) {
    sqlite3_stmt *q;
    const char *sql =
        whole ? "SELECT number,state,params,score,metrics,hash,seconds,"
                "attempts,signal,duplicate_of,message,crc,more,violation,steps,"
                "started,worker" ONE_PAGE
              : "SELECT number,state,score,more,duplicate_of" ONE_PAGE;
    int code = sqlite3_prepare_v2(s->file.db, sql, -1, &q, NULL);
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "read");
    int64_t last = INT64_MIN;
    bool more = true;
    bt_status status = BT_OK;
    while (more && status == BT_OK)
        status = load_page(s, q, whole, &last, &more);
    sqlite3_finalize(q);
    return status;
}

static bt_status load_meta(bt_study *s) {
    sqlite3_stmt *q;
    int code = sqlite3_prepare_v2(s->file.db, "SELECT key,value FROM meta", -1,
                                  &q, NULL);
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "read");
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        const char *key = column_text(q, 0), *value = column_text(q, 1);
        if (!key || !value)
            break;
        study_put_meta(s, key, value);
    }
    sqlite3_finalize(q);
    if (code == SQLITE_ROW)
        return fail(BT_E_DATA, "%s is damaged: its manifest", s->path);
    return code == SQLITE_DONE ? BT_OK : study_sql_fail(s, code, "read");
}

bt_status study_load(bt_study *s) {
    TRY(load_meta(s));
    TRY(load_trials(s, true));
    s->saved = (int32_t)s->count;
    return study_series_load(s);
}

/* ---- doors --------------------------------------------------------------- */

/* An empty file that only we may read, before SQLite opens it. */
static bt_status make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return fail_errno("cannot create %s", path);
    close(fd);
    return BT_OK;
}

static bt_status make_folder(const char *path) {
    char *in = fs_dir(path);
    bt_status status = fs_mkdirs(in);
    free(in);
    return status;
}

static bt_status create(bt_study *s) {
    TRY(make_folder(s->path));
    TRY(study_lock(s->name, s->path, &s->lock));
    if (study_has_content(s->path))
        return fail(BT_E_USAGE,
                    "study '%s' exists; resume it with `backlua study resume "
                    "%s`, remove it with `backlua study rm %s`, or take "
                    "another name",
                    s->name, s->name, s->name);
    TRY(make_file(s->path));
    return study_sql_open(s, true);
}

static bt_status check_integrity(bt_study *s) {
    sqlite3_stmt *q;
    int code = sqlite3_prepare_v2(s->file.db, "PRAGMA integrity_check(1)", -1,
                                  &q, NULL);
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "check");
    code = sqlite3_step(q);
    const char *answer = code == SQLITE_ROW ? column_text(q, 0) : NULL;
    bt_status status = BT_OK;
    if (!answer)
        status = study_sql_fail(s, code, "check");
    else if (strcmp(answer, "ok") != 0)
        status = fail(BT_E_DATA, "%s is damaged: %s", s->path, answer);
    sqlite3_finalize(q);
    return status;
}

static bt_status resume(bt_study *s) {
    if (!study_has_content(s->path))
        return study_fail_unknown(s->name);
    TRY(study_lock(s->name, s->path, &s->lock));
    s->file.made = true;
    TRY(study_sql_open(s, true));
    TRY(check_integrity(s));
    return study_load(s);
}

static bt_status look_at(bt_study *s) {
    if (!study_has_content(s->path))
        return study_fail_unknown(s->name);
    s->file.made = true;
    TRY(study_sql_open(s, false));
    return study_load(s);
}

static bt_status glance(bt_study *s) {
    if (!study_has_content(s->path))
        return study_fail_unknown(s->name);
    s->file.made = true;
    TRY(study_sql_open(s, false));
    TRY(load_meta(s));
    return load_trials(s, false);
}

static bt_status open_with(const char *name, bt_status (*door)(bt_study *s),
                           bt_study **out) {
    TRY(study_check_name(name));
    char *path = study_path(name);
    if (!path)
        return BT_E_IO;
    bt_study *s = study_new(name, path);
    free(path);
    bt_status status = door(s);
    if (status == BT_OK)
        *out = s;
    else
        bt_study_close(s);
    return status;
}

bt_status bt_study_create(const char *name, bt_study **out) {
    if (name)
        return open_with(name, create, out);
    *out = study_new(NULL, NULL);
    return BT_OK;
}

bt_status bt_study_resume(const char *name, bt_study **out) {
    return open_with(name, resume, out);
}

bt_status bt_study_open(const char *name, bt_study **out) {
    return open_with(name, look_at, out);
}

bt_status bt_study_glance(const char *name, bt_study **out) {
    return open_with(name, glance, out);
}

/* ---- logs ---------------------------------------------------------------- */

static const char *read_log(bt_study *s, int32_t number) {
    sqlite3_stmt *q = s->file.read_log;
    buf_clear(&s->log);
    if (!q || !study_is_owner(s))
        return s->log.data;
    sqlite3_bind_int(q, 1, number);
    if (sqlite3_step(q) == SQLITE_ROW)
        buf_add(&s->log, sqlite3_column_blob(q, 0),
                (size_t)sqlite3_column_bytes(q, 0));
    sqlite3_reset(q);
    return s->log.data;
}

const char *bt_study_log(bt_study *s, int32_t number) {
    int32_t at = bt_study_find(s, number);
    if (at < 0)
        return "";
    const char *kept = s->entry[at]->log;
    return kept ? kept : read_log(s, number);
}
