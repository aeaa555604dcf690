/* A study: trials by number, in memory first, on disk behind.
 *
 * All trials are held in memory, sorted by number; those that are not known to
 * be on disk also stand in `unsaved`, in the order they came. study_add never
 * touches the disk. study_commit (study_commit.c) writes what is unsaved in one
 * transaction. A study without a name simply has no file.
 *
 * After a fork the child has a copy. It may read what is in memory; it must not
 * touch the database, not even to close it (SQLite, howtocorrupt 2.6), so every
 * way to the file asks first who is calling.
 *
 * Invariant: entry[] is strictly ascending by number; saved + unsaved.count ==
 * count for a study with a file.
 */
#include "store/study_parts.h"

#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- life ---------------------------------------------------------------- */

bt_study *study_new(const char *name, const char *path) {
    bt_study *s = mem_zalloc(1, sizeof *s);
    s->name = name ? mem_strdup(name) : NULL;
    s->path = path ? mem_strdup(path) : NULL;
    s->owner = (int32_t)getpid();
    s->lock = -1;
    s->meta = map_new();
    s->kept.budget = BT_KEEP_BYTES;
    buf_init(&s->log);
    return s;
}

bool study_is_owner(const bt_study *s) {
    return s->owner == (int32_t)getpid();
}

static void entry_free(struct entry *e) {
    free(e->log);
    free(e->series);
    free(e->steps);
    free(e);
}

static void meta_free(struct map *meta) {
    const char *key;
    void *value;
    for (size_t it = 0; map_next(meta, &it, &key, &value);)
        free(value);
    map_free(meta);
}

void bt_study_close(bt_study *s) {
    if (!s || !study_is_owner(s))
        return;
    study_sql_close(s);
    study_unlock(s->lock);
    for (size_t i = 0; i < s->count; i++)
        entry_free(s->entry[i]);
    free(s->entry);
    free(s->unsaved.entry);
    free(s->kept.dropped);
    meta_free(s->meta);
    buf_fini(&s->log);
    free(s->why);
    free(s->name);
    free(s->path);
    free(s);
}

void bt_study_unlock(bt_study *s) {
    if (!study_is_owner(s))
        return;
    study_unlock(s->lock);
    s->lock = -1;
}

/* ---- trials -------------------------------------------------------------- */

struct entry *study_entry_new(const bt_trial *t, const char *log) {
    size_t params = strlen(t->params) + 1, message = strlen(t->message) + 1;
    struct entry *e = mem_alloc(sizeof *e + params + message);
    e->trial = *t;
    memcpy(e->text, t->params, params);
    memcpy(e->text + params, t->message, message);
    e->trial.params = e->text;
    e->trial.message = e->text + params;
    size_t steps = (size_t)t->step_count * sizeof *t->steps;
    e->steps = steps > 0 ? mem_alloc(steps) : NULL;
    if (steps > 0)
        memcpy(e->steps, t->steps, steps);
    e->trial.steps = e->steps;
    e->log = log && *log ? mem_strdup(log) : NULL;
    e->series = NULL;
    e->periods = e->width = 0;
    return e;
}

/* Position of the first entry with a number of at least this. */
static size_t lower_bound(const bt_study *s, int32_t number) {
    size_t low = 0, high = s->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->entry[middle]->trial.number < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void study_insert(bt_study *s, struct entry *e) {
    size_t at = lower_bound(s, e->trial.number);
    s->entry = mem_grow(s->entry, s->count, &s->cap, sizeof(void *));
    memmove(s->entry + at + 1, s->entry + at, (s->count - at) * sizeof(void *));
    s->entry[at] = e;
    s->count++;
}

int32_t bt_study_find(const bt_study *s, int32_t number) {
    size_t at = lower_bound(s, number);
    bool found = at < s->count && s->entry[at]->trial.number == number;
    return found ? (int32_t)at : -1;
}

/* The same number to the bit, any NaN being the one NaN. */
static bool same_double(double a, double b) {
    uint64_t x, y;
    memcpy(&x, &a, sizeof x);
    memcpy(&y, &b, sizeof y);
    return x == y || (isnan(a) && isnan(b));
}

static bt_status fail_differs(const bt_trial *old, const bt_trial *new) {
    char was[NUM_TEXT], is[NUM_TEXT];
    num_format(old->score, was);
    num_format(new->score, is);
    return fail(BT_E_REPRODUCE,
                "trial %d does not come out as stored: %s, score %s, {%s} "
                "against %s, score %s, {%s} now; strategy, data or engine "
                "changed under the study",
                old->number, bt_trial_state_name(old->state), was, old->params,
                bt_trial_state_name(new->state), is, new->params);
}

static bool same_doubles(const double *a, int32_t n, const double *b,
                         int32_t m) {
    bool same = n == m;
    for (int32_t i = 0; same && i < n; i++)
        same = same_double(a[i], b[i]);
    return same;
}

static bt_status confirm(const bt_trial *old, const bt_trial *new) {
    if (old->state != new->state)
        return fail_differs(old, new);
    bool same =
        same_double(old->score, new->score) &&
        same_doubles(old->more, old->more_count, new->more, new->more_count) &&
        same_doubles(old->steps, old->step_count, new->steps,
                     new->step_count) &&
        strcmp(old->params, new->params) == 0 &&
        strcmp(old->hash, new->hash) == 0;
    return same ? BT_OK : fail_differs(old, new);
}

bt_status study_add(bt_study *s, const bt_trial *t, const char *log) {
    if (!study_is_owner(s))
        return fail(BT_E_STATE, "a worker cannot write its parent's study");
    if (s->name && s->lock < 0)
        return fail(BT_E_STATE, "study '%s' was opened for reading", s->name);
    int32_t at = bt_study_find(s, t->number);
    if (at >= 0)
        return confirm(&s->entry[at]->trial, t);
    struct entry *e = study_entry_new(t, log);
    study_insert(s, e);
    if (!s->name) {
        s->saved++;
        return BT_OK;
    }
    struct unsaved *u = &s->unsaved;
    u->entry = mem_grow(u->entry, u->count, &u->cap, sizeof(void *));
    u->entry[u->count++] = e;
    return BT_OK;
}

/* ---- manifest ------------------------------------------------------------ */

void study_put_meta(bt_study *s, const char *key, const char *value) {
    free(map_get(s->meta, key));
    map_put(s->meta, key, mem_strdup(value));
}

bt_status bt_study_set_meta(bt_study *s, const char *key, const char *value) {
    if (!study_is_owner(s))
        return fail(BT_E_STATE, "a worker cannot write its parent's study");
    if (s->name && s->lock < 0)
        return fail(BT_E_STATE, "study '%s' was opened for reading", s->name);
    study_put_meta(s, key, value);
    s->meta_unsaved = true;
    return BT_OK;
}

const char *bt_study_meta(bt_study *s, const char *key) {
    return map_get(s->meta, key);
}

/* ---- reading ------------------------------------------------------------- */

const char *bt_study_name(const bt_study *s) {
    return s->name;
}

int32_t bt_study_count(const bt_study *s) {
    return (int32_t)s->count;
}

int32_t bt_study_saved(const bt_study *s) {
    return s->saved;
}

bt_status bt_study_trial(bt_study *s, int32_t i, bt_trial *out) {
    if (i < 0 || (size_t)i >= s->count)
        return fail(BT_E_RANGE, "position %d is outside 0..%d", i,
                    (int)s->count - 1);
    *out = s->entry[i]->trial;
    return BT_OK;
}

static const char *const states[] = {
    [BT_TRIAL_DONE] = "done",       [BT_TRIAL_INVALID] = "invalid",
    [BT_TRIAL_FAILED] = "failed",   [BT_TRIAL_CRASHED] = "crashed",
    [BT_TRIAL_TIMEOUT] = "timeout", [BT_TRIAL_INFEASIBLE] = "infeasible",
    [BT_TRIAL_PRUNED] = "pruned",   [BT_TRIAL_VIOLATED] = "violated",
};

const char *bt_trial_state_name(int32_t state) {
    bool known =
        state >= 0 && state < (int32_t)(sizeof states / sizeof *states);
    return known ? states[state] : NULL;
}
