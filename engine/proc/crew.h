/* Forked workers that evaluate jobs, and a parent that never loses one.
 *
 * The parent owns dispatch. Each worker has one SOCK_SEQPACKET pair; the
 * parent's end does not block. A job is a small message with a ticket; its
 * worker answers with one reply of any length (sent in frames). Jobs of one
 * worker are answered in the order sent. When a worker dies, the job it was at
 * is to blame: its attempt count rises; the others are simply sent again.
 *
 * What a worker does with a job is a function pointer called in the child; it
 * inherits everything the parent had at the fork. crew_prepare(key) re-forks
 * the workers when key differs from the one they were forked under.
 *
 * A process forked from the owner may hold a crew but not use it: closing it
 * there touches no worker.
 */
#ifndef BT_PROC_CREW_H
#define BT_PROC_CREW_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>

struct crew;

enum {
    CREW_JOB_MAX = 60000,  /* bytes of a job */
    CREW_QUEUE_MAX = 4096, /* jobs submitted and not reported */
    CREW_FAULTS_MAX = 3,   /* crashes of a job by its own doing */
    CREW_LOSSES_MAX = 20   /* workers taken away from it from outside */
};

/* Runs in the worker: evaluate job[0..n-1], append the reply. beat: a counter
 * in shared memory that the work advances (bars); the parent watches it. */
typedef void (*crew_work)(void *ctx, const char *job, size_t n,
                          struct buf *reply, volatile int64_t *beat);

enum crew_event {
    CREW_REPLY,   /* reply holds the answer */
    CREW_CRASHED, /* gave up: too many faults or losses; signal says which */
    CREW_TIMEOUT  /* beat stood still, or the job's own limit passed */
};

struct crew_result {
    int64_t ticket;
    enum crew_event event;
    int32_t attempts, signal;
    int32_t exit_code; /* of a worker that left by itself, else 0 */
    double seconds;    /* of the work, measured in the worker */
    const char *reply; /* borrowed until the next crew_poll; CRASHED: the last
                          line the worker wrote */
    size_t reply_len;
};

struct crew_limits {
    double stall_seconds; /* no advance of the beat; 0 = never */
    double job_seconds;   /* wall clock per job; 0 = never */
    bool fenced;          /* system calls of a stranger's script; fence.h */
    int32_t ahead;        /* jobs a worker gets before one was timed; 0 = 1 */
};

/* capacity 1..BT_CREW_MAX workers at most; none is forked yet. */
struct crew *crew_new(int32_t capacity);
void crew_close(struct crew *c); /* ends and reaps all workers */
/* End and reap the workers of every open crew: the program ends. */
void crew_kill_all(void);
/* Get ready for jobs of this kind. key: identity of all that work and ctx
 * depend on; workers forked under another key are replaced.
 * errors BT_E_STATE while jobs are pending, or in a forked process. */
bt_status crew_prepare(struct crew *c, const char *key, crew_work work,
                       void *ctx, struct crew_limits limits);
/* before(ctx) is called in the parent before the first fork from now on, and
 * not again; NULL calls nothing. crew_prepare forgets it. */
void crew_before_fork(struct crew *c, void (*before)(void *ctx), void *ctx);
/* How many workers may run from now on (1..capacity); forks as jobs come. */
void crew_allow(struct crew *c, int32_t workers);
int32_t crew_capacity(const struct crew *c);
int32_t crew_allowed(const struct crew *c);
int32_t crew_alive(const struct crew *c);
/* Jobs that can be handed over now without waiting. */
int32_t crew_room(const struct crew *c);
int32_t crew_pending(const struct crew *c); /* submitted, not yet reported */
/* False when none was asked for, or the kernel refused one to a worker. */
bool crew_is_fenced(const struct crew *c);
/* errors BT_E_RANGE more than CREW_JOB_MAX bytes; BT_E_STATE no room. */
bt_status crew_submit(struct crew *c, int64_t ticket, const void *job,
                      size_t n);
/* Hand queued jobs to workers now; crew_poll does it as well. */
bt_status crew_send(struct crew *c);
/* Wait at most timeout seconds (0: do not wait) for one result.
 * *got false: nothing yet. errors BT_E_IO when workers cannot be forked or die
 * before their first frame 5 times in a row. */
bt_status crew_poll(struct crew *c, double timeout, struct crew_result *out,
                    bool *got);
/* Begin no more jobs: what has not begun is forgotten, what runs is reported by
 * crew_poll as usual. Lasts until crew_prepare. */
void crew_drain(struct crew *c);
void crew_kill(struct crew *c); /* at once; pending jobs are forgotten */
/* Pid of the i-th live worker, 0 past the end (tests, status lines). */
int32_t crew_pid(const struct crew *c, int32_t i);
/* Seconds the last worker took from fork to first frame; 0 before one did. */
double crew_start_seconds(const struct crew *c);

#endif
