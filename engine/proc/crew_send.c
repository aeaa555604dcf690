/* Dispatch: which worker gets how many jobs.
 *
 * A worker holds a little queue of its own, so that it never waits for the
 * parent: about QUEUE_SECONDS of work, which outlasts a commit of the study. At
 * the end of a run the queues shrink with what is left, so that no worker sits
 * idle beside a full one. A queue is refilled when half of it is done, several
 * jobs a frame. Before the first job is timed it is one, or as many as the
 * crew's owner says, who is busy meanwhile (crew_limits.ahead).
 *
 * Measured times decide here only where a job runs, never what it computes.
 */
#include "proc/crew_parts.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/status.h"

#include <math.h>
#include <sys/socket.h>

enum { DEPTH_MAX = 256, STILLBORN_MAX = 5 };
#define QUEUE_SECONDS 0.1
#define LONG_SECONDS 1.0 /* not worth a queue: it would only unbalance */

/* ---- forking ---------------------------------------------------------------
 */

static struct member *vacant(struct crew *c) {
    if (c->no_more_forks && crew_alive(c) > 0)
        return NULL;
    for (int32_t i = 0; i < c->allowed; i++) {
        if (c->members[i].process.pid == 0)
            return &c->members[i];
    }
    return NULL;
}

static void get_ready_to_fork(struct crew *c) {
    void (*before)(void *) = c->before_fork;
    c->before_fork = NULL;
    if (before)
        before(c->before_ctx);
}

/* All places filled, they take no more than there is. */
static double memory_of_each(struct crew *c) {
    if (c->memory == 0)
        c->memory = bt_memory_available() / c->capacity;
    return c->memory;
}

static bt_status fork_member(struct crew *c, struct member *m) {
    struct child child = {c->work, c->ctx, m->beat, c->limits};
    get_ready_to_fork(c);
    *m->beat = (struct beat){.hold = 0};
    m->born = clock_monotonic();
    m->greeted = m->ready = false;
    m->seen_count = m->seen_turn = 0;
    m->next_chunk = m->chunk_count = 0;
    bt_status status =
        worker_fork(&m->process, child_run, &child, memory_of_each(c));
    if (status != BT_OK)
        m->process.pid = 0;
    else
        c->forks++, m->forks++;
    return status;
}

static bt_status spawn(struct crew *c) {
    struct member *m = vacant(c);
    if (!m)
        return BT_OK;
    if (c->stillborn >= STILLBORN_MAX)
        return fail(
            BT_E_IO,
            "workers died %d times in a row before they were ready%s%s; "
            "try -j 1, and see `backlua doctor`",
            STILLBORN_MAX, *c->last_words ? ": " : "", c->last_words);
    bt_status status = fork_member(c, m);
    int32_t alive = crew_alive(c);
    if (status == BT_OK || alive == 0)
        return status;
    log_warn("%s; going on with %d worker%s", bt_error_message(), alive,
             alive == 1 ? "" : "s");
    c->no_more_forks = true;
    return BT_OK;
}

/* ---- sending ---------------------------------------------------------------
 */

static int32_t depth(const struct crew *c, int32_t alive) {
    if (c->mean_seconds <= 0)
        return c->limits.ahead > 1 ? c->limits.ahead : 1;
    double want = ceil(QUEUE_SECONDS / c->mean_seconds);
    double least = c->mean_seconds > LONG_SECONDS ? 1 : 2;
    want = want < least ? least : want > DEPTH_MAX ? DEPTH_MAX : want;
    double share = ceil((double)c->pending / (2.0 * alive));
    return (int32_t)(share < want ? share : want);
}

/* Jobs of the queue, at most count of them, into c->out. */
static void build_frame(struct crew *c, int32_t count, struct job_list *taken) {
    int64_t first = c->queue.head->ticket;
    wire_begin(&c->out);
    while (count-- > 0 && c->queue.head &&
           wire_fits(&c->out, c->queue.head->length)) {
        struct job *j = jobs_pop(&c->queue);
        wire_record(&c->out, j->ticket, 0, j->bytes, j->length);
        jobs_push(taken, j);
    }
    wire_finish(&c->out, WIRE_JOBS, first, 0, 1);
}

/* Time starts to count for a worker that was idle. */
static void start_watch(struct crew *c, struct member *m) {
    m->count_at = m->turn_at = c->watch;
    m->seen_count = m->beat->count;
    m->seen_turn = m->beat->turn;
}

static void send_jobs(struct crew *c, struct member *m, int32_t count) {
    struct job_list taken = {NULL, NULL, 0};
    build_frame(c, count, &taken);
    ssize_t n = send(m->process.socket, c->out.data, c->out.len,
                     MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) {
        if (m->sent.count == 0)
            start_watch(c, m);
        while (taken.head)
            jobs_push(&m->sent, jobs_pop(&taken));
        return;
    }
    jobs_prepend(&c->queue, &taken);
    m->ready = true; /* full, or dead: reading tells */
}

/* The living worker with the shortest queue. */
static struct member *most_idle(struct crew *c) {
    struct member *best = NULL;
    for (int32_t i = 0; i < c->allowed; i++) {
        struct member *m = &c->members[i];
        if (m->process.pid && (!best || m->sent.count < best->sent.count))
            best = m;
    }
    return best;
}

static bt_status fork_for_queue(struct crew *c) {
    int32_t waiting = c->queue.count;
    for (int32_t i = 0; i < c->allowed; i++) {
        struct member *m = &c->members[i];
        if (m->process.pid && m->sent.count == 0)
            waiting--; /* somebody is free to take it */
    }
    while (waiting-- > 0 && vacant(c))
        TRY(spawn(c));
    return BT_OK;
}

bt_status crew_send(struct crew *c) {
    if (c->draining || !c->queue.head)
        return BT_OK;
    TRY(fork_for_queue(c));
    while (c->queue.head) {
        struct member *m = most_idle(c);
        if (!m)
            return BT_OK; /* none could be forked */
        int32_t want = depth(c, crew_alive(c));
        if (m->sent.count > 0 && m->sent.count > want / 2)
            return BT_OK;
        int32_t before = c->queue.count;
        send_jobs(c, m, want - m->sent.count);
        if (c->queue.count == before)
            return BT_OK; /* full or dead: read first */
    }
    return BT_OK;
}
