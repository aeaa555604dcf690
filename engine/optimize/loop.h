/* The inside of the loop, shared with what reports on it. */
#ifndef BT_OPTIMIZE_LOOP_H
#define BT_OPTIMIZE_LOOP_H

#include "optimize/optimize.h"
#include "optimize/policy.h"
#include "optimize/reply.h"
#include "optimize/window.h"

#include "base/map.h"

struct loop {
    const struct optimize_spec *spec;
    struct optimize_stats *stats;
    struct window window;
    struct policy policy;
    struct policy_decision decision; /* for the statistics */
    struct memo *memo;               /* NULL: none */
    struct map *seen; /* canonical parameters to the first trial with them */
    struct buf job;
    int32_t *groups; /* [number], search_group of each trial */
    size_t group_count, group_cap;
    bool adaptive, async, exhausted;
    bool was_busy; /* spec->meanwhile was called */
    int32_t open;  /* trials asked and not committed */
    bool batched;  /* asked in batches: adaptive, or pruned by earlier ones */
    int32_t batch_start;    /* number of the batch's first trial */
    int32_t batch_end;      /* first number of the next batch */
    int64_t counted;        /* committed trials that count */
    int64_t replies;        /* of workers, excluded points among them */
    double excluded_in_row; /* infeasible ones since the last that counts */
    int32_t best;           /* number, 0 when none */
    double best_score;
    double started, waited; /* waited: seconds asleep in crew_poll */
    double reported;        /* when progress was called last */
};

static inline int32_t loop_objectives(const struct loop *l) {
    return l->spec->objectives > 0 ? l->spec->objectives : 1;
}

/* +1, or -1 when less is better. */
static inline double loop_sign(const struct loop *l, int32_t objective) {
    return l->spec->lower_is_better[objective] ? -1 : 1;
}

/* Remember the group of a trial that is asked. scope.c */
void loop_note_group(struct loop *l, int32_t number, const struct point *p);
/* What a trial whose group is known is held against. */
void loop_limits(const struct loop *l, int32_t number,
                 struct prune_limits *out);

/* A result into its slot. answer.c */
void loop_take(struct loop *l, const struct crew_result *r);

/* Trials still to come, as far as known; < 0: not known. report.c */
double loop_remaining(const struct loop *l);
/* Call progress if it is time, or always if force. */
void loop_report(struct loop *l, bool force);
/* The statistics of a run that is over. */
void loop_finish(struct loop *l);

#endif
