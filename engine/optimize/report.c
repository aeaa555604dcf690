/* How far a run is, for people: rate, time left, the best so far.
 *
 * Total and remaining count trials that are not excluded by the constraint; as
 * excluded ones turn up the total of a grid shrinks.
 */
#include "optimize/loop.h"

#include "base/clock.h"

#include <math.h>

#define REPORT_SECONDS 0.1

/* Trials that will count in the end, -1 when not known. */
static double total(const struct loop *l) {
    double most = search_total(l->spec->search);
    if (most >= 0)
        most -= l->stats->infeasible;
    double wanted = (double)l->spec->max_trials;
    return wanted > 0 && (most < 0 || wanted < most) ? wanted : most;
}

double loop_remaining(const struct loop *l) {
    double all = total(l);
    double left = all - (double)l->counted;
    return all < 0 ? -1 : left > 0 ? left : 0;
}

static const char *best_params(const struct loop *l) {
    bt_trial t;
    int32_t at = l->best ? bt_study_find(l->spec->study, l->best) : -1;
    return at >= 0 && bt_study_trial(l->spec->study, at, &t) == BT_OK ? t.params
                                                                      : NULL;
}

void loop_report(struct loop *l, bool force) {
    double now = clock_monotonic();
    if (!l->spec->progress || (!force && now - l->reported < REPORT_SECONDS))
        return;
    l->reported = now;
    double elapsed = now - l->started, left = loop_remaining(l);
    double rate = elapsed > 0 ? l->stats->computed / elapsed : 0;
    struct optimize_progress p = {
        .done = (double)l->counted,
        .total = total(l),
        .rate = rate,
        .eta_seconds = left >= 0 && rate > 0 ? left / rate : NAN,
        .elapsed_seconds = elapsed,
        .best_score = l->best ? l->best_score : NAN,
        .best_params = best_params(l),
        .failed = l->stats->failed,
        .infeasible = l->stats->infeasible,
        .pruned = l->stats->pruned,
        .violated = l->stats->violated,
        .duplicates = l->stats->duplicates,
        .saved = bt_study_saved(l->spec->study),
        .workers = crew_alive(l->spec->crew),
    };
    l->spec->progress(l->spec->parent_ctx, &p);
}

void loop_finish(struct loop *l) {
    struct optimize_stats *stats = l->stats;
    stats->trials = bt_study_count(l->spec->study);
    stats->seconds = clock_monotonic() - l->started;
    stats->workers = crew_alive(l->spec->crew);
    stats->fenced = crew_is_fenced(l->spec->crew);
    policy_words(&l->decision, stats->policy, sizeof stats->policy);
}
