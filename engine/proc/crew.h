/* Forked workers that evaluate jobs, and a parent that never loses one.
 *
 * The parent owns dispatch. Each worker has one SOCK_SEQPACKET pair; the parent's
 * end does not block. A job is a small message with a ticket; its worker answers
 * with one reply of any length (sent in frames). Jobs of one worker are answered
 * in the order sent, so when a worker dies the oldest unanswered job is the one
 * that was running: its attempt count rises, the others are simply sent again.
 *
 * What a worker does with a job is a function pointer called in the child; it
 * inherits everything the parent had at the fork. crew_prepare(key) re-forks the
 * workers when key differs from the one they were forked under.
 */
#ifndef BT_PROC_CREW_H
#define BT_PROC_CREW_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>

struct crew;

/* Runs in the worker: evaluate job[0..n-1], append the reply. beat: a counter in
 * shared memory that the work advances (bars); the parent watches it. */
typedef void (*crew_work)(void *ctx, const char *job, size_t n,
                          struct buf *reply, volatile int64_t *beat);

enum crew_event {
    CREW_REPLY,   /* reply holds the answer */
    CREW_CRASHED, /* gave up: three faults of the same job; signal says which */
    CREW_TIMEOUT  /* beat stood still, or the job's own limit passed */
};

struct crew_result {
    int64_t ticket;
    enum crew_event event;
    int32_t attempts, signal;
    const char *reply; /* borrowed until the next crew_poll */
    size_t reply_len;
};

struct crew_limits {
    double stall_seconds; /* no advance of the beat; 0 = never */
    double job_seconds;   /* wall clock per job; 0 = never */
};

struct crew_stats {
    int32_t capacity, alive;
    int64_t batches, jobs, respawns, forks;
    double uptime_seconds;
};

/* capacity >= 1 workers at most; none is forked yet. */
struct crew *crew_new(int32_t capacity);
void crew_close(struct crew *c); /* ends and reaps all workers */
/* Get ready for jobs of this kind. key: identity of all that work and ctx
 * depend on; workers forked under another key are replaced. */
bt_status crew_prepare(struct crew *c, const char *key, crew_work work,
                       void *ctx, struct crew_limits limits);
/* How many workers may run from now on (1..capacity); forks as jobs come. */
void crew_allow(struct crew *c, int32_t workers);
int32_t crew_capacity(const struct crew *c);
int32_t crew_allowed(const struct crew *c);
/* Jobs that can be handed over now without waiting. */
int32_t crew_room(const struct crew *c);
int32_t crew_pending(const struct crew *c); /* submitted, not yet reported */
bt_status crew_submit(struct crew *c, int64_t ticket, const void *job,
                      size_t n);
/* Wait at most timeout seconds (0: do not wait) for one result.
 * *got false: nothing yet. errors BT_E_IO when workers cannot be forked or die
 * before their first frame 5 times in a row. */
bt_status crew_poll(struct crew *c, double timeout, struct crew_result *out,
                    bool *got);
void crew_kill(struct crew *c); /* at once; pending jobs are forgotten */
/* Pid of the i-th live worker, 0 past the end (tests, status lines). */
int32_t crew_pid(const struct crew *c, int32_t i);
struct crew_stats crew_stats(const struct crew *c);

#endif
