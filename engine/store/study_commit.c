/* From memory to disk: group commit, readers waited for, failures final.
 *
 * What is unsaved goes to disk in one transaction when it is COMMIT_SECONDS old
 * or COMMIT_ROWS many: a commit costs a few syncs whatever it holds. None of it
 * is written before the COMMIT (cache_spill), since each such write syncs, too.
 *
 * A reader may hold the file for a moment. The writer then keeps its trials in
 * memory and tries again at the next call; only a forced commit waits, and only
 * FORCE_SECONDS. Any other failure of a COMMIT has an unknown outcome (the rows
 * may be in the file although an error came back), and after a failed fsync the
 * kernel may have dropped what it could not write. So the first failure is
 * final for this process: the file is closed, and whoever resumes reads again
 * what is really there; numbers are the key, so nothing can be added twice.
 */
#include "store/study_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMIT_ROWS = 4096, RETRY_US = 20000 };
#define COMMIT_SECONDS 0.2
#define WARN_SECONDS 10.0
#define FORCE_SECONDS 60.0

/* What the attempt came to. */
enum attempt { SAVED, HELD_UP, FAILED };

static enum attempt judge(int code) {
    if (code == SQLITE_OK)
        return SAVED;
    return (code & 0xff) == SQLITE_BUSY ? HELD_UP : FAILED;
}

static int write_rows(bt_study *s) {
    struct unsaved *u = &s->unsaved;
    int code = SQLITE_OK;
    if (s->meta_unsaved)
        code = study_sql_put_meta(s);
    s->meta_unsaved = false;
    if (code == SQLITE_OK)
        code = study_series_drop(s);
    for (size_t i = 0; i < u->count && code == SQLITE_OK; i++)
        code = study_sql_put_trial(s, u->entry[i]);
    u->written = u->count;
    return code;
}

/* One attempt; a transaction that COMMIT could not end stays open. */
static int attempt(bt_study *s, const char **doing) {
    int code = SQLITE_OK;
    *doing = "write";
    if (!s->file.in_transaction) {
        code = study_sql_exec(s, "BEGIN IMMEDIATE");
        if (code != SQLITE_OK)
            return code;
        s->file.in_transaction = true;
        code = write_rows(s);
        if (code != SQLITE_OK)
            return code;
    }
    *doing = "commit to";
    return study_sql_exec(s, "COMMIT");
}

static void mark_saved(bt_study *s) {
    struct unsaved *u = &s->unsaved;
    s->file.in_transaction = false;
    s->file.waits = 0;
    s->saved += (int32_t)u->written;
    for (size_t i = 0; i < u->written; i++) {
        struct entry *e = u->entry[i]; /* on disk now, read from there */
        free(e->log);
        free(e->series);
        e->log = e->series = NULL;
    }
    u->count -= u->written;
    if (u->count > 0)
        memmove(u->entry, u->entry + u->written, u->count * sizeof(void *));
    u->written = 0;
    u->since = 0;
}

static void say_held_up(bt_study *s, double now) {
    struct study_file *f = &s->file;
    if (f->waits == 0)
        f->waits = f->warned = now;
    if (now - f->warned < WARN_SECONDS)
        return;
    f->warned = now;
    log_warn("%s: another program has held the file for %.0f s; results are "
             "kept in memory until it lets go",
             s->path, now - f->waits);
}

/* Try once, or until it is done. */
static bt_status save(bt_study *s, bool force) {
    double begun = clock_monotonic();
    for (;;) {
        const char *doing;
        int code = attempt(s, &doing);
        enum attempt result = judge(code);
        double now = clock_monotonic();
        if (result == FAILED ||
            (force && result == HELD_UP && now - begun > FORCE_SECONDS))
            return study_sql_break(s, code, doing);
        if (result == SAVED) {
            mark_saved(s);
            return BT_OK;
        }
        say_held_up(s, now);
        if (!force) {
            s->unsaved.since = now;
            return BT_OK;
        }
        usleep(RETRY_US);
    }
}

static bool is_due(bt_study *s) {
    struct unsaved *u = &s->unsaved;
    if (u->count >= COMMIT_ROWS)
        return true;
    if (u->count == 0)
        return false;
    double now = clock_monotonic();
    if (u->since == 0)
        u->since = now;
    return now - u->since >= COMMIT_SECONDS;
}

bt_status study_commit(bt_study *s, bool force) {
    if (!s->name || !study_is_owner(s))
        return BT_OK;
    if (s->broken)
        return fail(s->broken, "%s", s->why);
    if (!force && !is_due(s))
        return BT_OK;
    if (!s->file.made)
        TRY(study_sql_make(s));
    bool pending = s->unsaved.count > 0 || s->meta_unsaved;
    return pending || s->file.in_transaction ? save(s, force) : BT_OK;
}

bt_status bt_study_flush(bt_study *s) {
    return study_commit(s, true);
}
