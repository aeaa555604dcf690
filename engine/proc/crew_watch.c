/* Deaths and limits: whose fault it was, and what is run again.
 *
 * A worker says in shared memory which job it is at (the beat), so a death can
 * be put down to one job even when replies of earlier ones were still unsent.
 * Those and the jobs behind it are sent again. Deaths are of two kinds:
 *
 *   fault  the job's own doing: SIGSEGV and kin, or an exit code. Three of them
 *          and the job is given up.
 *   loss   somebody else's: SIGKILL (the user, the OOM killer), an exit with 0,
 *          garbage on the wire, a worker held by SIGSTOP. Twenty of them: a
 *          job which always runs the machine out of memory ends as well.
 *
 * A worker that dies before its first frame has no job to blame; five in a row
 * and the crew gives up.
 *
 * Limits are held against a watch that stands still while the parent does: it
 * advances by at most WATCH_STEP between two looks, so a parent that was
 * suspended does not find all its workers late.
 */
#include "proc/crew_parts.h"

#include "base/clock.h"
#include "base/log.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define WATCH_STEP 1.0
#define HELD_SECONDS 1.0 /* a worker stands still before it is asked why */

static bool is_fault(int status) {
    if (WIFEXITED(status))
        return WEXITSTATUS(status) != 0;
    switch (WTERMSIG(status)) {
    case SIGSEGV:
    case SIGBUS:
    case SIGILL:
    case SIGABRT:
    case SIGFPE:
    case SIGTRAP:
    case SIGSYS:
    case SIGXCPU:
    case SIGXFSZ:
        return true;
    default:
        return false;
    }
}

/* Take the job to blame out of the worker's queue. */
static struct job *culprit(struct member *m) {
    struct job *j =
        m->beat->turn > 0 ? jobs_remove(&m->sent, m->beat->ticket) : NULL;
    return j ? j : jobs_pop(&m->sent);
}

static void give_up(struct crew *c, struct job *j, enum crew_event event) {
    j->event = event;
    jobs_push(&c->lost, j);
}

static void run_again(struct crew *c, struct job *j) {
    struct job_list one = {NULL, NULL, 0};
    jobs_push(&one, j);
    jobs_prepend(&c->queue, &one);
}

static void blame(struct crew *c, struct job *j, enum cause cause, int status,
                  const char *last_line) {
    bool fault = cause == CAUSE_DIED && is_fault(status);
    j->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    j->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    memcpy(j->last_line, last_line, sizeof j->last_line);
    if (fault)
        j->faults++;
    else
        j->losses++;
    log_verbose("worker died at job %lld (%s %d)%s%s", (long long)j->ticket,
                j->signal ? "signal" : "exit", j->signal + j->exit_code,
                *last_line ? ": " : "", last_line);
    if (cause == CAUSE_TIMEOUT)
        give_up(c, j, CREW_TIMEOUT);
    else if (j->faults >= CREW_FAULTS_MAX || j->losses >= CREW_LOSSES_MAX)
        give_up(c, j, CREW_CRASHED);
    else
        run_again(c, j);
}

void crew_bury(struct crew *c, struct member *m, enum cause cause) {
    char last_line[sizeof((struct job *)0)->last_line] = "";
    worker_last_line(&m->process, last_line, sizeof last_line);
    int status = worker_end(&m->process);
    c->respawns++;
    m->respawns++;
    m->ready = false;
    if (c->hand_out.from == m)
        c->hand_out.from = NULL;
    struct job *guilty = NULL;
    if (m->greeted)
        guilty = culprit(m);
    else {
        c->stillborn++;
        memcpy(c->last_words, last_line, sizeof last_line);
    }
    jobs_prepend(&c->queue, &m->sent);
    if (guilty)
        blame(c, guilty, cause, status, last_line);
    if (c->draining) { /* nothing is run again */
        c->pending -= c->queue.count;
        jobs_free(&c->queue);
    }
}

/* ---- limits ----------------------------------------------------------------
 */

bool crew_has_limits(const struct crew *c) {
    return c->limits.stall_seconds > 0 || c->limits.job_seconds > 0;
}

static void look(struct member *m, double watch) {
    int64_t turn = m->beat->turn, count = m->beat->count;
    if (turn != m->seen_turn) {
        m->seen_turn = turn;
        m->turn_at = m->count_at = watch;
    }
    if (count != m->seen_count) {
        m->seen_count = count;
        m->count_at = watch;
    }
}

static bool is_late(const struct crew *c, const struct member *m) {
    double stall = c->limits.stall_seconds, job = c->limits.job_seconds;
    return (stall > 0 && c->watch - m->count_at > stall) ||
           (job > 0 && c->watch - m->turn_at > job);
}

/* A worker that is held by SIGSTOP needs no limit to be given up. */
static void watch(struct crew *c, struct member *m) {
    bool late = is_late(c, m);
    bool stands = c->watch - m->count_at > HELD_SECONDS;
    if ((late || stands) && worker_is_stopped(&m->process))
        crew_bury(c, m, CAUSE_STOPPED);
    else if (late)
        crew_bury(c, m, CAUSE_TIMEOUT);
}

void crew_watch(struct crew *c) {
    double now = clock_monotonic();
    double step = now - c->watch_read;
    c->watch += step < WATCH_STEP ? step : WATCH_STEP;
    c->watch_read = now;
    for (int32_t i = 0; i < c->capacity; i++) {
        struct member *m = &c->members[i];
        if (m->process.pid == 0 || m->sent.count == 0)
            continue;
        look(m, c->watch);
        watch(c, m);
    }
}
