/* The loop that joins search, crew and study. See loop.c.
 *
 * Trials are asked in number order and committed to the study in number order,
 * whatever order the workers answer in; for an adaptive search in batches of
 * `batch`, told before the next batch is asked. So the study is a function of
 * (space, search, seed, batch, evaluation), never of workers or time.
 */
#ifndef BT_OPTIMIZE_OPTIMIZE_H
#define BT_OPTIMIZE_OPTIMIZE_H

#include "optimize/prune.h"
#include "proc/crew.h"
#include "search/search.h"
#include "store/study.h"

/* What an evaluation in the worker reports; Lua sees the first member. */
struct outcome {
    bt_outcome report;
    double seconds;  /* of the evaluation */
    int64_t started; /* microseconds since 1970 */
    int32_t worker;  /* process that made it */
    struct prune_limits limits;
    struct buf message, log;
    struct buf series; /* raw values, of `width` bytes each */
    int32_t width;     /* 4, 8; 0: no series */
};

/* Called in the worker, once per trial. canonical: its parameters as text. */
typedef void (*optimize_evaluate)(void *ctx, const bt_space *space,
                                  const struct point *p, const char *canonical,
                                  int32_t number, volatile int64_t *beat,
                                  struct outcome *out);

struct optimize_progress {
    double done, total; /* trials that count; total < 0: not known */
    double rate, eta_seconds, elapsed_seconds;
    double best_score;       /* NaN when none; of several objectives: none */
    const char *best_params; /* NULL when none */
    double failed, infeasible, pruned, violated, duplicates, saved;
    int32_t workers;
};

enum { OPTIMIZE_GO_ON = 0, OPTIMIZE_DRAIN = 1, OPTIMIZE_STOP = 2 };

struct optimize_spec {
    const bt_space *space;
    struct search *search; /* fresh; the loop asks it from number 1 on */
    int32_t batch;         /* >= 1 */
    bool async;         /* no batches: told as results come, not reproducible */
    int64_t max_trials; /* trials that count (not infeasible); 0 = all */
    int32_t objectives; /* 1 .. BT_OBJECTIVES_MAX; 0 is 1 */
    bool lower_is_better[BT_OBJECTIVES_MAX];
    optimize_evaluate evaluate;
    void *ctx;
    struct prune_options prune;
    const char *key; /* identity of space and evaluation, for the crew */
    struct crew *crew;
    int32_t workers; /* at most, of the crew's capacity; 0: all of it */
    struct crew_limits limits;
    bt_study *study;
    bt_cohort *cohort; /* NULL, or takes the returns that the study keeps */
    /* Studies of trials made from the same inputs, taken over where they have
     * a series of series_width bytes a value (0: whatever they have). */
    bt_study *const *memory;
    int32_t memories, series_width;
    /* NULL, or called in the parent at most 10 times a second and at the end */
    void (*progress)(void *ctx, const struct optimize_progress *p);
    /* NULL, or called in the parent before it forks its first worker: not where
     * the crew has all it needs */
    void (*forking)(void *ctx);
    /* NULL, or called in the parent before the last commit, for what else the
     * study is to hold */
    void (*ending)(void *ctx);
    /* NULL, or called in the parent once, when the first jobs are with workers:
     * what it has to do beside them */
    void (*meanwhile)(void *ctx);
    /* OPTIMIZE_GO_ON, or what the user asked for. NULL: never. */
    int (*stop)(void *ctx);
    void *parent_ctx;
};

struct optimize_stats {
    double trials;     /* in the study at the end */
    double computed;   /* evaluated by workers of this run, none excluded */
    double duplicates; /* took their result from a trial with the same params */
    double infeasible;
    double failed; /* failed, crashed, timed out or invalid */
    double pruned, violated;
    double resumed; /* were in the study before */
    double cached;  /* taken over from earlier studies */
    double seconds, worker_seconds;
    int32_t workers; /* alive at the end */
    bool interrupted;
    bool fenced;      /* its workers could make no system call of their own */
    char policy[200]; /* the small-run decision in words */
};

/* errors those of crew and study; BT_E_REPRODUCE a resumed trial has other
 * parameters; BT_E_USAGE a constraint that excludes everything; BT_E_DATA three
 * SIGBUS in one trial; and what a worker reports as fatal. Trials committed
 * before a failure stay. */
bt_status optimize_run(const struct optimize_spec *spec,
                       struct optimize_stats *out);

#endif
