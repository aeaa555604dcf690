/* The series of trials: the returns that the statistics of luck need.
 *
 * Kept are those of trials with a score that repeat no earlier one, as far as
 * a budget of bytes goes. What goes beyond is not cut off at the end, where an
 * adaptive search has its best trials: each trial has a fixed random priority,
 * and whenever the sample outgrows the budget the trials of every other
 * priority leave it. So the sample is a fair one, spread over the whole study,
 * and a function of the trials alone, not of the order they came in or of
 * where a run was interrupted. The best trial's series is kept beside it.
 *
 * A series stays in memory until it is on disk and is read from there. Cost:
 * O(1) a trial; O(trials) when the sample is halved.
 */
#include "store/study_parts.h"

#include "base/crc.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rng.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEVEL_MAX = 63 };

uint32_t study_series_crc(int32_t number, int32_t width, const void *data,
                          size_t bytes) {
    uint32_t crc = crc32c(0, &number, sizeof number);
    crc = crc32c(crc, &width, sizeof width);
    return crc32c(crc, data, bytes);
}

static struct entry *entry_of(const bt_study *s, int32_t number) {
    int32_t at = bt_study_find(s, number);
    return at < 0 ? NULL : s->entry[at];
}

static double bytes_of(const struct entry *e) {
    return (double)e->periods * e->width;
}

static bool in_sample(const bt_study *s, int32_t number) {
    struct rng r;
    rng_key(&r, 0, "series", (uint64_t)number);
    return s->kept.level == 0 || rng_u64(&r) >> (64 - s->kept.level) == 0;
}

/* ---- leaving ------------------------------------------------------------- */

static void drop(bt_study *s, struct entry *e) {
    struct kept *k = &s->kept;
    free(e->series);
    e->series = NULL;
    e->periods = e->width = 0;
    if (!s->name)
        return;
    k->dropped = mem_grow(k->dropped, k->count, &k->cap, sizeof *k->dropped);
    k->dropped[k->count++] = e->trial.number;
}

int study_series_drop(bt_study *s) {
    int code = SQLITE_OK;
    for (size_t i = 0; i < s->kept.count && code == SQLITE_OK; i++)
        code = study_sql_drop(s, s->kept.dropped[i]);
    s->kept.count = 0;
    return code;
}

static void set_level(bt_study *s, int32_t level) {
    char text[NUM_TEXT];
    s->kept.level = level;
    num_format(level, text);
    study_put_meta(s, "series_level", text);
    s->meta_unsaved = true;
}

static void halve(bt_study *s) {
    struct kept *k = &s->kept;
    set_level(s, k->level + 1);
    k->bytes = 0;
    for (size_t i = 0; i < s->count; i++) {
        struct entry *e = s->entry[i];
        if (e->periods == 0)
            continue;
        if (in_sample(s, e->trial.number))
            k->bytes += bytes_of(e);
        else if (e->trial.number != k->best)
            drop(s, e);
    }
}

/* ---- joining ------------------------------------------------------------- */

/* Better than the best so far; among equals the lower number is. */
static bool is_best(const bt_study *s, const bt_trial *t) {
    const struct entry *best = entry_of(s, s->kept.best);
    const char *direction = map_get(s->meta, "higher_is_better");
    double sign = direction && strcmp(direction, "0") == 0 ? -1 : 1;
    if (t->more_count > 0) /* of several objectives there is no best */
        return false;
    if (!best)
        return true;
    double ours = sign * t->score, theirs = sign * best->trial.score;
    return ours > theirs || (ours == theirs && t->number < best->trial.number);
}

static void take_best(bt_study *s, int32_t number) {
    struct entry *before = entry_of(s, s->kept.best);
    s->kept.best = number;
    if (before && before->periods > 0 && !in_sample(s, before->trial.number))
        drop(s, before);
}

static bool is_candidate(const bt_trial *t) {
    return t->state == BT_TRIAL_DONE && !isnan(t->score) &&
           t->duplicate_of == 0;
}

bt_status study_add_series(bt_study *s, int32_t number, const void *data,
                           int32_t n, int32_t width) {
    struct kept *k = &s->kept;
    struct entry *e = entry_of(s, number);
    if (!e || n < 1 || n > BT_SERIES_MAX || (width != 4 && width != 8))
        return fail(BT_E_RANGE, "trial %d: no series of %d values of %d bytes",
                    number, n, width);
    if (!(k->budget > 0) || e->periods > 0 || !is_candidate(&e->trial))
        return BT_OK;
    bool best = is_best(s, &e->trial), sampled = in_sample(s, number);
    if (best)
        take_best(s, number);
    if (!best && !sampled)
        return BT_OK;
    e->periods = n;
    e->width = width;
    e->series = mem_alloc((size_t)n * (size_t)width);
    memcpy(e->series, data, (size_t)n * (size_t)width);
    k->bytes += sampled ? bytes_of(e) : 0;
    while (k->bytes > k->budget && k->level < LEVEL_MAX)
        halve(s);
    return BT_OK;
}

bt_status bt_study_keep(bt_study *s, double bytes) {
    if (isnan(bytes) || bytes < 0)
        return fail(BT_E_RANGE, "a budget of series is 0 bytes or more, got %g",
                    bytes);
    s->kept.budget = bytes;
    return BT_OK;
}

/* ---- reading ------------------------------------------------------------- */

int32_t bt_study_periods(const bt_study *s, int32_t number) {
    const struct entry *e = entry_of(s, number);
    return e ? e->periods : 0;
}

int32_t bt_study_series_width(const bt_study *s, int32_t number) {
    const struct entry *e = entry_of(s, number);
    return e ? e->width : 0;
}

void study_widen(const void *data, int32_t width, int32_t n, double *out) {
    if (width == 8) {
        memcpy(out, data, (size_t)n * sizeof *out);
        return;
    }
    const char *at = data;
    for (int32_t i = 0; i < n; i++, at += sizeof(float)) {
        float narrow;
        memcpy(&narrow, at, sizeof narrow);
        out[i] = narrow;
    }
}

static bt_status fail_series(const bt_study *s, int32_t number) {
    return fail(BT_E_DATA,
                "%s is damaged: the series of trial %d does not match its "
                "checksum; restore the file from a copy or run the study anew",
                s->path, number);
}

static bt_status read_series(bt_study *s, const struct entry *e, double *out) {
    sqlite3_stmt *q = s->file.read_series;
    size_t bytes = (size_t)e->periods * (size_t)e->width;
    bt_status status = BT_OK;
    if (!q || !study_is_owner(s))
        return fail(BT_E_STATE, "the study's file is closed");
    sqlite3_bind_int(q, 1, e->trial.number);
    int code = sqlite3_step(q);
    if (code == SQLITE_ROW && (size_t)sqlite3_column_bytes(q, 0) == bytes &&
        sqlite3_column_int64(q, 1) ==
            study_series_crc(e->trial.number, e->width,
                             sqlite3_column_blob(q, 0), bytes))
        study_widen(sqlite3_column_blob(q, 0), e->width, e->periods, out);
    else if (code == SQLITE_ROW || code == SQLITE_DONE)
        status = fail_series(s, e->trial.number);
    else
        status = study_sql_fail(s, code, "read");
    sqlite3_reset(q);
    return status;
}

bt_status bt_study_series(bt_study *s, int32_t number, double *out) {
    const struct entry *e = entry_of(s, number);
    if (!e || e->periods == 0)
        return fail(BT_E_RANGE, "no series is kept of trial %d", number);
    if (!e->series)
        return read_series(s, e, out);
    study_widen(e->series, e->width, e->periods, out);
    return BT_OK;
}

/* ---- loading ------------------------------------------------------------- */

/* A row of: number, width, bytes of data. */
static bool load_row(bt_study *s, sqlite3_stmt *q) {
    int64_t number = sqlite3_column_int64(q, 0);
    int64_t width = sqlite3_column_int64(q, 1);
    int64_t bytes = sqlite3_column_int64(q, 2);
    struct entry *e =
        number > 0 && number <= INT32_MAX ? entry_of(s, (int32_t)number) : NULL;
    if (!e)
        return true; /* the study is under way; its trials were read before */
    if ((width != 4 && width != 8) || bytes < width || bytes % width != 0 ||
        bytes / width > BT_SERIES_MAX)
        return false;
    e->width = (int32_t)width;
    e->periods = (int32_t)(bytes / width);
    if (in_sample(s, e->trial.number))
        s->kept.bytes += bytes_of(e);
    return true;
}

bt_status study_series_load(bt_study *s) {
    const char *level = map_get(s->meta, "series_level");
    sqlite3_stmt *q;
    s->kept.level = level ? (int32_t)strtol(level, NULL, 10) : 0;
    if (s->kept.level < 0 || s->kept.level > LEVEL_MAX)
        return fail(BT_E_DATA, "%s is damaged: its manifest", s->path);
    int32_t best = bt_study_best(s);
    s->kept.best = best < 0 ? 0 : s->entry[best]->trial.number;
    int code = sqlite3_prepare_v2(
        s->file.db, "SELECT number,width,length(data) FROM series", -1, &q,
        NULL);
    if (code != SQLITE_OK)
        return study_sql_fail(s, code, "read");
    bool sound = true;
    while (sound && (code = sqlite3_step(q)) == SQLITE_ROW)
        sound = load_row(s, q);
    sqlite3_finalize(q);
    if (!sound)
        return fail(BT_E_DATA, "%s is damaged: its series", s->path);
    return code == SQLITE_DONE ? BT_OK : study_sql_fail(s, code, "read");
}
