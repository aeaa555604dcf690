/* The memory of earlier studies: canonical parameters to trials.
 *
 * A trial is a function of its inputs and its parameters, so one that another
 * study has computed from the same inputs is taken over whole: score, metrics,
 * run hash, what it printed, its returns. Only trials that came to a score are,
 * and only when they have the series that this study would keep; whatever else
 * is computed. So a study has the same bytes with and without its memory.
 *
 * The outcomes stay in their studies until they are wanted. Cost: a map entry a
 * trial.
 */
#include "optimize/memo.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>

struct source {
    bt_study *study;
    int32_t position;
};

struct memo {
    struct map *by_params;
    struct source *sources;
    size_t count, cap;
    int32_t width;
};

static bool is_usable(const struct memo *m, bt_study *study,
                      const bt_trial *t) {
    return t->state == BT_TRIAL_DONE && t->duplicate_of == 0 &&
           (m->width == 0 ||
            bt_study_series_width(study, t->number) == m->width);
}

static void add(struct memo *m, bt_study *study, int32_t position) {
    bt_trial t;
    if (bt_study_trial(study, position, &t) != BT_OK ||
        !is_usable(m, study, &t) || map_get(m->by_params, t.params))
        return;
    m->sources = mem_grow(m->sources, m->count, &m->cap, sizeof *m->sources);
    m->sources[m->count++] = (struct source){study, position};
    map_put(m->by_params, t.params, (void *)(intptr_t)m->count); /* from 1 */
}

struct memo *memo_new(bt_study *const *studies, int32_t n, int32_t width) {
    struct memo *m = mem_zalloc(1, sizeof *m);
    m->by_params = map_new();
    m->width = width;
    for (int32_t i = 0; i < n; i++) {
        int32_t trials = bt_study_count(studies[i]);
        for (int32_t at = 0; at < trials; at++)
            add(m, studies[i], at);
    }
    return m;
}

void memo_free(struct memo *m) {
    if (!m)
        return;
    map_free(m->by_params);
    free(m->sources);
    free(m);
}

static const struct source *find(const struct memo *m, const char *params) {
    intptr_t at = m ? (intptr_t)map_get(m->by_params, params) : 0;
    return at > 0 ? &m->sources[at - 1] : NULL;
}

bool memo_has(const struct memo *m, const char *params) {
    return find(m, params) != NULL;
}

/* The series of trial `number` of a study, at the width it is kept in. */
static bt_status copy_series(bt_study *study, int32_t number, int32_t width,
                             struct slot *s) {
    int32_t n = bt_study_periods(study, number);
    double *x = mem_alloc((size_t)n * sizeof *x);
    bt_status status = bt_study_series(study, number, x);
    for (int32_t i = 0; i < n && status == BT_OK; i++) {
        float narrow = (float)x[i]; /* exact: it was stored like this */
        buf_add(&s->series, width == 4 ? (void *)&narrow : (void *)&x[i],
                (size_t)width);
    }
    free(x);
    s->width = status == BT_OK ? width : 0;
    return status;
}

bt_status memo_take(const struct memo *m, int32_t number, struct slot *s) {
    const struct source *from = find(m, s->params.data);
    bt_trial *t = &s->trial;
    TRY(bt_study_trial(from->study, from->position, t));
    buf_str(&s->message, t->message);
    buf_str(&s->log, bt_study_log(from->study, t->number));
    if (m->width > 0)
        TRY(copy_series(from->study, t->number, m->width, s));
    t->number = number;
    t->attempts = 0;
    t->seconds = 0;
    t->started = 0;
    t->worker = 0;
    t->step_count = 0; /* steps are for a pruner, which trusts no memory */
    t->params = s->params.data;
    t->message = s->message.data;
    return BT_OK;
}
