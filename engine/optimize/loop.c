/* The loop: ask, dispatch, collect, commit.
 *
 * Trials are asked in number order and wait in a window (window.c) until all
 * earlier ones are committed, so the study grows in number order and the search
 * is told in number order, whatever order the workers answer in. A search that
 * looks at scores is asked in batches of a fixed size, each told in full before
 * the next, and so is any when trials are pruned, since they are held against
 * those of earlier batches; others are asked ahead as far as the window
 * reaches, but never for more trials than may still count. So what is asked is
 * a function of the space, the search and the results, and a run that is
 * resumed asks the same again: what the study holds is taken from it.
 *
 * Asynchronously (spec->async) an adaptive search is asked whenever a worker is
 * about to be idle and told in the order results come: no batch waits for its
 * slowest trial, and no two runs ask alike.
 *
 * A parameter set that came before is not computed again: the later trial takes
 * the earlier one's result when its turn comes, since that is committed by
 * then.
 *
 * The study is committed after the workers were given jobs, so that they work
 * while the disk does. Stopping: drain begins nothing more and waits for what
 * runs (DRAIN_SECONDS); stop kills. Either way finished trials are saved, also
 * those behind one that did not finish: a gap is asked again on resume.
 *
 * Cost per trial: a few microseconds of the parent beside the evaluation.
 */
#include "optimize/loop.h"

#include "optimize/cohort.h"
#include "optimize/memo.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { EXCLUDED_MAX = 10000, ASK_AT_ONCE = 256 };
#define POLL_SECONDS 0.05
#define DRAIN_SECONDS 10.0

/* ---- asking -------------------------------------------------------------- */

/* Enough for each worker to have one and another one waiting. */
static bool has_idle(const struct loop *l) {
    int32_t alive = crew_alive(l->spec->crew);
    return crew_pending(l->spec->crew) < 2 * (alive > 0 ? alive : 1);
}

/* Those that are open may all count. */
static bool is_enough(const struct loop *l) {
    int64_t most = l->spec->max_trials;
    return most > 0 && l->counted + l->open >= most;
}

static bool may_ask(const struct loop *l) {
    const struct optimize_spec *s = l->spec;
    if (l->exhausted || window_is_full(&l->window) || crew_room(s->crew) == 0)
        return false;
    if (is_enough(l))
        return false;
    if (l->async)
        return has_idle(l);
    return !l->batched || l->window.next < l->batch_end;
}

/* The trial number that computed these parameters first, 0 when none did. */
static int32_t earlier(struct loop *l, const char *params, int32_t number) {
    void *first = map_get(l->seen, params);
    if (first)
        return (int32_t)(intptr_t)first;
    map_put(l->seen, params, (void *)(intptr_t)number);
    return 0;
}

static bt_status submit(struct loop *l, int32_t number, const struct point *p) {
    const struct optimize_spec *spec = l->spec;
    struct prune_limits limits;
    loop_limits(l, number, &limits);
    reply_pack_job(spec->space, number, &limits, p, &l->job);
    return crew_submit(l->spec->crew, number, l->job.data, l->job.len);
}

static bt_status place(struct loop *l, const struct point *p) {
    int32_t number = l->window.next;
    struct slot *s = window_push(&l->window);
    l->open++;
    point_canonical(l->spec->space, p, &s->params);
    if (l->adaptive) {
        if (!s->point)
            s->point = mem_alloc(sizeof *s->point);
        *s->point = *p;
    }
    s->twin = earlier(l, s->params.data, number);
    loop_note_group(l, number, p);
    if (bt_study_find(l->spec->study, number) >= 0)
        s->state = SLOT_STORED;
    else if (s->twin)
        s->state = SLOT_TWIN;
    else if (memo_has(l->memo, s->params.data))
        s->state = SLOT_KNOWN;
    else
        return submit(l, number, p);
    return BT_OK;
}

/* A search that says no may wait for what it has asked: the batch ends here.
 */
static void none_left(struct loop *l) {
    if (l->adaptive && !window_is_empty(&l->window))
        l->batch_end = l->window.next;
    else
        l->exhausted = true;
}

/* A part of what may be asked, so that workers get it soon. */
static bt_status fill(struct loop *l) {
    struct point p;
    for (int i = 0; i < ASK_AT_ONCE && may_ask(l); i++) {
        if (l->window.next == INT32_MAX)
            return fail(BT_E_RANGE, "a study ends at trial %d", INT32_MAX - 1);
        if (search_ask(l->spec->search, &p)) {
            TRY(place(l, &p));
            continue;
        }
        none_left(l);
        if (l->async)
            break; /* until something was told */
    }
    if (l->batched && !window_is_empty(&l->window) && is_enough(l))
        l->batch_end = l->window.next;
    return BT_OK;
}

/* ---- answers ------------------------------------------------------------- */

/* All results that are there, waiting for the first at most so long. */
static bt_status collect(struct loop *l, double timeout) {
    struct crew_result r;
    bool got = true;
    while (got) {
        double before = clock_monotonic();
        TRY(crew_poll(l->spec->crew, timeout, &r, &got));
        if (timeout > 0)
            l->waited += clock_monotonic() - before;
        timeout = 0;
        if (got)
            loop_take(l, &r);
    }
    return BT_OK;
}

/* ---- committing ---------------------------------------------------------- */

static void count_best(struct loop *l, const bt_trial *t) {
    double sign = loop_sign(l, 0);
    if (t->state != BT_TRIAL_DONE || t->more_count > 0)
        return;
    if (l->best == 0 || sign * t->score > sign * l->best_score) {
        l->best = t->number;
        l->best_score = t->score;
    }
}

static void count_trial(struct loop *l, const bt_trial *t) {
    struct optimize_stats *stats = l->stats;
    bool pruned = t->state == BT_TRIAL_PRUNED;
    bool violated = t->state == BT_TRIAL_VIOLATED;
    stats->duplicates += t->duplicate_of != 0;
    if (t->state == BT_TRIAL_INFEASIBLE) {
        stats->infeasible++;
        l->excluded_in_row++;
        return;
    }
    l->counted++;
    l->excluded_in_row = 0;
    stats->pruned += pruned;
    stats->violated += violated;
    stats->failed += t->state != BT_TRIAL_DONE && !pruned && !violated;
    count_best(l, t);
}

/* The stored result of trial `number`, as far as it goes into another trial. */
static void copy_twin(bt_study *study, struct slot *s, int32_t number) {
    bt_study_trial(study, bt_study_find(study, s->twin), &s->trial);
    s->trial.number = number;
    s->trial.duplicate_of = s->twin;
    s->trial.attempts = 0;
    s->trial.seconds = 0;
    s->trial.started = 0;
    s->trial.worker = 0;
}

static bt_status check_stored(struct loop *l, struct slot *s, int32_t number) {
    bt_study *study = l->spec->study;
    TRY(bt_study_trial(study, bt_study_find(study, number), &s->trial));
    if (strcmp(s->trial.params, s->params.data) != 0)
        return fail(BT_E_REPRODUCE,
                    "trial %d of the study has {%s}, this search asks {%s}; "
                    "the space or the search changed",
                    number, s->trial.params, s->params.data);
    l->stats->resumed++;
    return BT_OK;
}

static bt_status store(struct loop *l, struct slot *s) {
    const struct optimize_spec *spec = l->spec;
    if (s->trial.state == BT_TRIAL_TIMEOUT)
        TRY(bt_study_set_meta(spec->study, "timing_dependent", "1"));
    TRY(study_add(spec->study, &s->trial, s->log.len > 0 ? s->log.data : NULL));
    if (s->width == 0)
        return BT_OK;
    int32_t number = s->trial.number;
    int32_t periods = (int32_t)s->series.len / s->width;
    TRY(study_add_series(spec->study, number, s->series.data, periods,
                         s->width));
    if (spec->cohort && bt_study_periods(spec->study, number) > 0)
        cohort_add(spec->cohort, number, s->series.data, periods, s->width);
    return BT_OK;
}

/* What the search hears of a trial. */
static bt_verdict verdict_of(const struct loop *l, const bt_trial *t) {
    bool pruned = t->state == BT_TRIAL_PRUNED && t->step_count > 0;
    bt_verdict v = {.violation = t->violation};
    v.steps = pruned ? t->step_count : 0;
    v.score[0] =
        loop_sign(l, 0) * (pruned ? t->steps[t->step_count - 1] : t->score);
    for (int32_t i = 1; i < loop_objectives(l); i++)
        v.score[i] = loop_sign(l, i) * t->more[i - 1];
    return v;
}

static void tell(struct loop *l, const struct slot *s) {
    if (!l->adaptive)
        return;
    if (s->trial.state == BT_TRIAL_INFEASIBLE) {
        search_exclude(l->spec->search, s->point);
        return;
    }
    bt_verdict v = verdict_of(l, &s->trial);
    search_judge(l->spec->search, s->point, &v);
}

static bt_status commit(struct loop *l, int32_t number) {
    struct slot *s = window_slot(&l->window, number);
    if (s->fatal)
        return fail(s->fatal, "%s", s->message.data);
    if (s->state == SLOT_STORED) {
        TRY(check_stored(l, s, number));
    } else {
        if (s->state == SLOT_TWIN)
            copy_twin(l->spec->study, s, number);
        if (s->state == SLOT_KNOWN) {
            TRY(memo_take(l->memo, number, s));
            l->stats->cached++;
        }
        TRY(store(l, s));
    }
    count_trial(l, &s->trial);
    tell(l, s);
    l->open--;
    s->committed = true;
    return BT_OK;
}

static bt_status commit_head(struct loop *l) {
    TRY(commit(l, l->window.head));
    window_pop(&l->window);
    if (l->batched && l->window.head == l->batch_end) {
        l->batch_start = l->batch_end;
        l->batch_end += l->spec->batch;
    }
    return BT_OK;
}

static bt_status check_excluded(const struct loop *l) {
    double limit = fmax(EXCLUDED_MAX, 100.0 * (double)l->spec->max_trials);
    if (search_total(l->spec->search) >= 0 || l->excluded_in_row < limit)
        return BT_OK;
    return fail(BT_E_USAGE,
                "the constraint excluded the last %.0f points; loosen it or "
                "change the ranges of the parameters",
                l->excluded_in_row);
}

/* A twin waits for the trial that it repeats. */
static bool is_ready(const struct loop *l, const struct slot *s) {
    return !s->committed && s->state != SLOT_WORKING &&
           (s->state != SLOT_TWIN ||
            bt_study_find(l->spec->study, s->twin) >= 0);
}

/* In the order they come: what waits behind an unfinished trial, too. */
static bt_status commit_any(struct loop *l) {
    struct window *w = &l->window;
    for (int32_t n = w->head; n < w->next; n++) {
        if (is_ready(l, window_slot(w, n)))
            TRY(commit(l, n));
    }
    while (!window_is_empty(w) && window_slot(w, w->head)->committed)
        window_pop(w);
    return check_excluded(l);
}

/* Nothing of a batch is told before all of it is asked: how far workers are
 * must not show in what the search knows. */
static bool is_asked(const struct loop *l) {
    return !l->batched || l->exhausted || l->window.next >= l->batch_end;
}

static bt_status commit_ready(struct loop *l) {
    if (l->async)
        return commit_any(l);
    if (!is_asked(l))
        return BT_OK;
    while (!window_is_empty(&l->window) &&
           window_slot(&l->window, l->window.head)->state != SLOT_WORKING)
        TRY(commit_head(l));
    return check_excluded(l);
}

/* ---- stopping ------------------------------------------------------------ */

static int asked_to_stop(const struct loop *l) {
    return l->spec->stop ? l->spec->stop(l->spec->parent_ctx) : OPTIMIZE_GO_ON;
}

static bt_status drain(struct loop *l) {
    struct crew *crew = l->spec->crew;
    double end = clock_monotonic() + DRAIN_SECONDS;
    crew_drain(crew);
    while (crew_pending(crew) > 0 && clock_monotonic() < end &&
           asked_to_stop(l) != OPTIMIZE_STOP) {
        TRY(collect(l, POLL_SECONDS));
        loop_report(l, false);
    }
    return BT_OK;
}

/* What finished behind a trial that did not: the study takes numbers in any
 * order, and all of these may count (see may_ask). */
static bt_status save_beyond_gap(struct loop *l) {
    for (int32_t n = l->window.head; n < l->window.next; n++) {
        struct slot *s = window_slot(&l->window, n);
        if (s->state == SLOT_DONE && !s->fatal && !s->committed)
            TRY(store(l, s));
    }
    return BT_OK;
}

static bt_status stop(struct loop *l, int how) {
    l->stats->interrupted = true;
    if (how == OPTIMIZE_DRAIN)
        TRY(drain(l));
    crew_kill(l->spec->crew);
    TRY(commit_ready(l));
    return save_beyond_gap(l);
}

/* ---- the loop ------------------------------------------------------------ */

static int32_t capacity(const struct optimize_spec *s) {
    int32_t all = crew_capacity(s->crew);
    return s->workers > 0 && s->workers < all ? s->workers : all;
}

/* Kept in words: the first decision on a timed trial, and each change. */
static void allow_workers(struct loop *l) {
    struct crew *crew = l->spec->crew;
    double busy = clock_monotonic() - l->started - l->waited;
    struct policy_facts f = {
        .remaining = loop_remaining(l),
        .start_seconds = crew_start_seconds(crew),
        .parent_seconds = busy / ((double)l->replies + 1),
        .running = clock_monotonic() - l->started,
        .alive = crew_alive(crew),
        .capacity = capacity(l->spec),
    };
    struct policy_decision d = policy_decide(&l->policy, &f);
    if (d.timed != l->decision.timed || d.workers > l->decision.workers)
        l->decision = d;
    crew_allow(crew, d.workers);
}

static void meanwhile(struct loop *l) {
    if (l->spec->meanwhile && !l->was_busy)
        l->spec->meanwhile(l->spec->parent_ctx);
    l->was_busy = true;
}

static bt_status turn(struct loop *l, bool *over) {
    TRY(commit_ready(l));
    TRY(fill(l));
    TRY(commit_ready(l)); /* what the study held, what came before */
    *over = window_is_empty(&l->window) && !may_ask(l);
    if (*over)
        return BT_OK;
    allow_workers(l);
    TRY(crew_send(l->spec->crew));
    TRY(study_commit(l->spec->study, false));
    meanwhile(l);
    if (crew_pending(l->spec->crew) > 0)
        TRY(collect(l, POLL_SECONDS));
    loop_report(l, false);
    return BT_OK;
}

static bt_status run(struct loop *l) {
    bool over = false;
    while (!over) {
        int how = asked_to_stop(l);
        if (how != OPTIMIZE_GO_ON)
            return stop(l, how);
        TRY(turn(l, &over));
    }
    return BT_OK;
}

static void loop_init(struct loop *l, const struct optimize_spec *spec,
                      struct optimize_stats *stats) {
    *l = (struct loop){.spec = spec, .stats = stats, .best_score = NAN};
    l->adaptive = search_is_adaptive(spec->search);
    l->async = l->adaptive && spec->async;
    l->batched = l->adaptive || spec->prune.kind != PRUNE_NEVER;
    l->batch_start = 1;
    l->batch_end = 1 + spec->batch;
    l->seen = map_new();
    if (spec->memories > 0)
        l->memo = memo_new(spec->memory, spec->memories, spec->series_width);
    l->started = clock_monotonic();
    buf_init(&l->job);
    window_init(&l->window);
    policy_init(&l->policy);
}

/* An asynchronous study goes on behind its last trial: what it holds is no
 * function of the search, which was told of it beforehand. */
static bt_status go_on(struct loop *l) {
    bt_study *study = l->spec->study;
    int32_t n = bt_study_count(study), last = 0;
    bt_trial t;
    for (int32_t i = 0; l->async && i < n; i++) {
        TRY(bt_study_trial(study, i, &t));
        earlier(l, t.params, t.number);
        count_trial(l, &t);
        l->stats->resumed++;
        last = t.number;
    }
    window_start(&l->window, last + 1);
    return BT_OK;
}

static void loop_fini(struct loop *l) {
    map_free(l->seen);
    free(l->groups);
    memo_free(l->memo);
    buf_fini(&l->job);
    window_fini(&l->window);
}

/* A failure keeps its message while what is finished is saved. */
static bt_status end(struct loop *l, bt_status status) {
    if (status == BT_OK && l->spec->ending)
        l->spec->ending(l->spec->parent_ctx);
    if (status == BT_OK)
        return study_commit(l->spec->study, true);
    char *why = mem_strdup(bt_error_message());
    crew_kill(l->spec->crew);
    study_commit(l->spec->study, true);
    status = fail(status, "%s", why);
    free(why);
    return status;
}

bt_status optimize_run(const struct optimize_spec *spec,
                       struct optimize_stats *out) {
    struct loop l;
    struct optimize_stats stats = {.trials = 0};
    struct assignment a = {spec->evaluate, spec->ctx, spec->space};
    if (spec->batch < 1)
        return fail(BT_E_RANGE, "batch must be 1 or more, got %d", spec->batch);
    TRY(crew_prepare(spec->crew, spec->key, reply_work, &a, spec->limits));
    crew_before_fork(spec->crew, spec->forking, spec->parent_ctx);
    crew_allow(spec->crew, 1);
    TRY(study_commit(spec->study, true)); /* the manifest, before any trial */
    loop_init(&l, spec, &stats);
    bt_status status = go_on(&l);
    status = end(&l, status == BT_OK ? run(&l) : status);
    loop_finish(&l);
    loop_report(&l, true);
    loop_fini(&l);
    crew_before_fork(spec->crew, NULL, NULL);
    *out = stats;
    return status;
}
