/* Forked workers. Conventions: backlua.h. */
#ifndef BACKLUA_WORKER_H
#define BACKLUA_WORKER_H

#include "backlua/search.h"

/* ---- workers ------------------------------------------------------------- */

enum { BT_CREW_MAX = 1024 };

/* Forked workers that stay for the next optimisation. */
typedef struct crew bt_crew;

/* Room for `workers` processes; none is forked yet.
 * errors BT_E_RANGE workers not in 1..BT_CREW_MAX */
bt_status bt_crew_open(int32_t workers, bt_crew **out);
/* Ends and reaps them; NULL does nothing. */
void bt_crew_close(bt_crew *c);

typedef struct bt_crew_stats {
    int32_t capacity, alive; /* workers: most ever, living now */
    double batches, jobs;    /* optimisations served, jobs answered */
    double forks, respawns;  /* forks in all, those after a death */
    double uptime_seconds;   /* since bt_crew_open */
    double start_seconds;    /* what the last worker took to start */
} bt_crew_stats;

/* Counts of a crew since it was opened. */
void bt_crew_get_stats(const bt_crew *c, bt_crew_stats *out);
/* One place of a crew, 0 .. capacity - 1: the worker that stands there, and
 * what all that ever stood there have done. */
typedef struct bt_worker_stats {
    int32_t pid;             /* 0: nobody */
    int32_t forks, respawns; /* workers forked, those after a death */
    double jobs, seconds;    /* answered; of work */
    double uptime_seconds;   /* of the present worker, 0: nobody */
} bt_worker_stats;
void bt_crew_get_worker(const bt_crew *c, int32_t place, bt_worker_stats *out);
/* Physical cores in the affinity mask, at most the cgroup's CPU quota, minus
 * one; at least 1. */
int32_t bt_crew_default(void);

#endif
