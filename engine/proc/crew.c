/* The crew: a fixed number of places for workers, filled as jobs come.
 *
 * Jobs move queue -> a worker's `sent` -> reported (crew_send.c,
 * crew_receive.c); a death moves them back (crew_watch.c). pending counts all
 * that were submitted and not reported, so a job cannot be lost without the
 * count showing it.
 *
 * There is no lock and no thread: everything happens inside crew_poll, which
 * dispatches, reads, watches the limits and otherwise sleeps in poll(2).
 * Nothing here blocks on a worker.
 */
#define _GNU_SOURCE /* ppoll */
#include "proc/crew_parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WATCH_SECONDS 0.05     /* between two looks at the beats */
#define HELD_WATCH_SECONDS 0.5 /* the same without limits */

/* ---- life ------------------------------------------------------------------
 */

static struct beat *map_beats(int32_t n) {
    void *p = mmap(NULL, (size_t)n * sizeof(struct beat),
                   PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

/* Crews that are not closed yet. */
static struct crew *open_crews;

struct crew *crew_new(int32_t capacity) {
    struct crew *c = mem_zalloc(1, sizeof *c);
    c->next = open_crews;
    open_crews = c;
    c->owner = (int32_t)getpid();
    c->capacity = capacity;
    c->allowed = 1;
    c->members = mem_zalloc((size_t)capacity, sizeof *c->members);
    c->polls = mem_zalloc((size_t)capacity, sizeof *c->polls);
    c->beats = map_beats(capacity);
    if (!c->beats)
        mem_alloc(SIZE_MAX); /* ends the process with its one line */
    for (int32_t i = 0; i < capacity; i++) {
        c->members[i].beat = &c->beats[i];
        buf_init(&c->members[i].chunks);
    }
    c->in = mem_alloc(WIRE_FRAME_MAX + 1);
    buf_init(&c->out);
    c->opened = clock_monotonic();
    return c;
}

bt_status bt_crew_open(int32_t workers, bt_crew **out) {
    if (workers < 1 || workers > BT_CREW_MAX)
        return fail(BT_E_RANGE, "n_jobs must be 1..%d, got %d", BT_CREW_MAX,
                    workers);
    *out = crew_new(workers);
    return BT_OK;
}

static bool is_owner(const struct crew *c) {
    return c->owner == (int32_t)getpid();
}

void crew_dismiss(struct crew *c, struct member *m) {
    if (m->process.pid)
        worker_end(&m->process);
    m->ready = false;
    c->pending -= m->sent.count;
    jobs_free(&m->sent);
}

void crew_kill(struct crew *c) {
    if (!is_owner(c))
        return;
    for (int32_t i = 0; i < c->capacity; i++) /* they end side by side */
        if (c->members[i].process.pid > 0)
            kill(c->members[i].process.pid, SIGKILL);
    for (int32_t i = 0; i < c->capacity; i++)
        crew_dismiss(c, &c->members[i]);
    jobs_free(&c->queue);
    jobs_free(&c->lost);
    c->hand_out.from = NULL;
    c->pending = 0;
}

static void unlink_crew(const struct crew *c) {
    struct crew **at = &open_crews;
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
}

void crew_close(struct crew *c) {
    if (!c || !is_owner(c)) /* a copy in a worker: its memory goes with it */
        return;
    unlink_crew(c);
    crew_kill(c);
    for (int32_t i = 0; i < c->capacity; i++)
        buf_fini(&c->members[i].chunks);
    munmap(c->beats, (size_t)c->capacity * sizeof *c->beats);
    buf_fini(&c->out);
    free(c->reported);
    free(c->members);
    free(c->polls);
    free(c->in);
    free(c->key);
    free(c);
}

void crew_kill_all(void) {
    for (struct crew *c = open_crews; c; c = c->next)
        crew_kill(c);
}

void bt_crew_close(bt_crew *c) {
    crew_close(c);
}

/* Workers live under the limits they were forked with. */
static bool fits(const struct crew *c, const char *key,
                 struct crew_limits limits) {
    return c->key && strcmp(c->key, key) == 0 &&
           c->limits.job_seconds == limits.job_seconds &&
           c->limits.fenced == limits.fenced;
}

bt_status crew_prepare(struct crew *c, const char *key, crew_work work,
                       void *ctx, struct crew_limits limits) {
    if (!is_owner(c))
        return fail(BT_E_STATE, "a worker cannot use its parent's crew");
    if (c->pending > 0)
        return fail(BT_E_STATE, "the crew still has %d jobs of another run",
                    c->pending);
    if (!fits(c, key, limits))
        crew_kill(c);
    free(c->key);
    c->key = mem_strdup(key);
    c->work = work;
    c->ctx = ctx;
    c->limits = limits;
    c->draining = c->no_more_forks = c->unfenced = false;
    c->before_fork = NULL;
    c->stillborn = 0;
    c->mean_seconds = 0;
    c->batches++;
    for (int32_t i = 0; i < c->capacity; i++)
        c->beats[i].hold = 0;
    return BT_OK;
}

void crew_before_fork(struct crew *c, void (*before)(void *ctx), void *ctx) {
    c->before_fork = before;
    c->before_ctx = ctx;
}

/* ---- work ------------------------------------------------------------------
 */

void crew_allow(struct crew *c, int32_t workers) {
    c->allowed = workers < 1             ? 1
                 : workers > c->capacity ? c->capacity
                                         : workers;
}

bt_status crew_submit(struct crew *c, int64_t ticket, const void *job,
                      size_t n) {
    if (n > CREW_JOB_MAX)
        return fail(BT_E_RANGE,
                    "the parameters of trial %lld take %zu bytes; at most %d",
                    (long long)ticket, n, CREW_JOB_MAX);
    if (crew_room(c) == 0)
        return fail(BT_E_STATE, "more than %d jobs at once", CREW_QUEUE_MAX);
    struct job *j = mem_alloc(sizeof *j + n);
    *j = (struct job){.ticket = ticket, .length = n};
    memcpy(j->bytes, job, n);
    jobs_push(&c->queue, j);
    c->pending++;
    return BT_OK;
}

/* Sleep until a worker speaks or dies, or the time is over. False: a signal
 * came. */
static bool sleep_until(struct crew *c, double deadline) {
    nfds_t n = 0;
    struct member *of[BT_CREW_MAX];
    for (int32_t i = 0; i < c->capacity; i++) {
        struct member *m = &c->members[i];
        if (m->process.pid == 0)
            continue;
        of[n] = m;
        c->polls[n++] = (struct pollfd){m->process.socket, POLLIN, 0};
    }
    double wait = deadline - clock_monotonic();
    double nap = crew_has_limits(c) ? WATCH_SECONDS : HELD_WATCH_SECONDS;
    if (wait > nap)
        wait = nap;
    struct timespec t = {0, 0};
    if (wait > 0) {
        t.tv_sec = (time_t)wait;
        t.tv_nsec = (long)((wait - floor(wait)) * 1e9);
    }
    int woken = ppoll(c->polls, n, &t, NULL);
    for (nfds_t i = 0; woken > 0 && i < n; i++)
        of[i]->ready = c->polls[i].revents != 0;
    return woken >= 0;
}

/* While draining: workers that will begin nothing more lose what they hold. */
static void forget_not_begun(struct crew *c) {
    for (int32_t i = 0; i < c->capacity; i++) {
        struct member *m = &c->members[i];
        if (m->process.pid == 0 || m->sent.count == 0)
            continue;
        bool quiet = !__atomic_load_n(&m->beat->busy, __ATOMIC_SEQ_CST);
        struct pollfd p = {m->process.socket, POLLIN, 0};
        if (quiet && poll(&p, 1, 0) == 0)
            crew_dismiss(c, m);
    }
}

bt_status crew_poll(struct crew *c, double timeout, struct crew_result *out,
                    bool *got) {
    double deadline = timeout > 0 ? clock_monotonic() + timeout : 0;
    bool last = false;
    for (;;) {
        if (crew_receive(c, out)) {
            *got = true;
            return BT_OK;
        }
        TRY(crew_send(c));
        if (c->draining)
            forget_not_begun(c);
        if (last || c->pending == 0)
            break;
        last = timeout <= 0 || clock_monotonic() >= deadline;
        if (!sleep_until(c, deadline))
            last = true;
        crew_watch(c);
    }
    *got = false;
    return BT_OK;
}

void crew_drain(struct crew *c) {
    c->draining = true;
    c->pending -= c->queue.count;
    jobs_free(&c->queue);
    for (int32_t i = 0; i < c->capacity; i++)
        __atomic_store_n(&c->beats[i].hold, 1, __ATOMIC_SEQ_CST);
}

/* ---- reading ---------------------------------------------------------------
 */

int32_t crew_capacity(const struct crew *c) {
    return c->capacity;
}

int32_t crew_allowed(const struct crew *c) {
    return c->allowed;
}

int32_t crew_room(const struct crew *c) {
    return c->draining ? 0 : CREW_QUEUE_MAX - c->pending;
}

bool crew_is_fenced(const struct crew *c) {
    return c->limits.fenced && !c->unfenced;
}

int32_t crew_pending(const struct crew *c) {
    return c->pending;
}

int32_t crew_alive(const struct crew *c) {
    int32_t n = 0;
    for (int32_t i = 0; i < c->capacity; i++)
        n += c->members[i].process.pid != 0;
    return n;
}

int32_t crew_pid(const struct crew *c, int32_t i) {
    for (int32_t k = 0; k < c->capacity; k++) {
        int32_t pid = c->members[k].process.pid;
        if (pid && i-- == 0)
            return pid;
    }
    return 0;
}

double crew_start_seconds(const struct crew *c) {
    return c->start_seconds;
}

void bt_crew_get_stats(const bt_crew *c, bt_crew_stats *out) {
    *out = (bt_crew_stats){
        .capacity = c->capacity,
        .alive = crew_alive(c),
        .batches = (double)c->batches,
        .jobs = (double)c->answered,
        .forks = (double)c->forks,
        .respawns = (double)c->respawns,
        .uptime_seconds = clock_monotonic() - c->opened,
        .start_seconds = c->start_seconds,
    };
}

void bt_crew_get_worker(const bt_crew *c, int32_t place, bt_worker_stats *out) {
    const struct member *m = &c->members[place];
    *out = (bt_worker_stats){
        .pid = m->process.pid,
        .forks = m->forks,
        .respawns = m->respawns,
        .jobs = (double)m->answered,
        .seconds = m->worked,
        .uptime_seconds = m->process.pid ? clock_monotonic() - m->born : 0,
    };
}
