/* The worker's loop: frames of jobs in, frames of replies out.
 *
 * Replies share a frame while jobs are short, because a system call costs more
 * than such a job; at most REPLIES_MAX of them, so that the parent can refill
 * the queue while the rest of it is worked on. Once a job was long, the next
 * EAGER ones are answered at once, so that a long job never holds back results
 * for more than FLUSH_SECONDS of work.
 *
 * The beat tells the parent, without a system call, which job has begun. busy
 * is set from the receipt of a frame until its last reply is sent; a parent
 * that has set hold and then sees busy == 0 knows that no job will begin any
 * more (both sides write before they read, in one total order).
 */
#include "proc/crew_parts.h"

#include "base/clock.h"
#include "base/mem.h"
#include "proc/fence.h"

#include <errno.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EAGER = 64, REPLIES_MAX = 64, CPU_SHARE = 2 };
#define FLUSH_SECONDS 200e-6

struct loop {
    const struct child *child;
    int socket;
    struct buf out;   /* frame of replies being built */
    int64_t first;    /* ticket of its first record */
    int count;        /* its records */
    struct buf reply; /* of the current job */
    double flushed;   /* when */
    int eager;
};

static void send_frame(const struct loop *l) {
    while (send(l->socket, l->out.data, l->out.len, MSG_NOSIGNAL) < 0) {
        if (errno != EINTR)
            _exit(0); /* the parent is gone or has dropped us */
    }
}

static bool is_empty(const struct loop *l) {
    return l->out.len <= WIRE_HEAD;
}

static void flush(struct loop *l) {
    if (!is_empty(l)) {
        wire_finish(&l->out, WIRE_REPLIES, l->first, 0, 1);
        send_frame(l);
        wire_begin(&l->out);
        l->count = 0;
    }
    l->flushed = clock_monotonic();
}

static void send_chunks(struct loop *l, int64_t ticket, double seconds) {
    size_t n = l->reply.len, at = 0;
    uint32_t count = (uint32_t)((n + WIRE_RECORD_MAX - 1) / WIRE_RECORD_MAX);
    flush(l);
    for (uint32_t i = 0; i < count; i++) {
        size_t part = n - at < WIRE_RECORD_MAX ? n - at : WIRE_RECORD_MAX;
        wire_begin(&l->out);
        wire_record(&l->out, ticket, seconds, l->reply.data + at, part);
        wire_finish(&l->out, WIRE_CHUNK, ticket, i, count);
        send_frame(l);
        at += part;
    }
    wire_begin(&l->out);
}

static void answer(struct loop *l, int64_t ticket, double seconds) {
    if (l->reply.len > (size_t)WIRE_RECORD_MAX * WIRE_CHUNKS_MAX)
        _exit(3); /* the parent blames the job */
    if (l->reply.len > WIRE_RECORD_MAX) {
        send_chunks(l, ticket, seconds);
        return;
    }
    if (!wire_fits(&l->out, l->reply.len))
        flush(l);
    if (is_empty(l))
        l->first = ticket;
    wire_record(&l->out, ticket, seconds, l->reply.data, l->reply.len);
    l->count++;
}

/* A job with a limit of wall clock has one of CPU time as well, in case nobody
 * watches: SIGXCPU after CPU_SHARE times as much. */
static void limit_cpu(double job_seconds) {
    struct rusage used;
    struct rlimit cpu;
    if (job_seconds <= 0 || getrusage(RUSAGE_SELF, &used) != 0 ||
        getrlimit(RLIMIT_CPU, &cpu) != 0)
        return;
    double more = ceil(CPU_SHARE * job_seconds) + 1;
    rlim_t end = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (rlim_t)fmin(more, 1e9);
    cpu.rlim_cur = end < cpu.rlim_max ? end : cpu.rlim_max;
    setrlimit(RLIMIT_CPU, &cpu);
}

static void work(struct loop *l, const struct wire_record *job) {
    struct beat *beat = l->child->beat;
    limit_cpu(l->child->limits.job_seconds);
    double begun = clock_monotonic();
    beat->ticket = job->ticket;
    __atomic_store_n(&beat->turn, beat->turn + 1, __ATOMIC_RELEASE);
    buf_clear(&l->reply);
    l->child->work(l->child->ctx, job->bytes, job->length, &l->reply,
                   &beat->count);
    double ended = clock_monotonic();
    answer(l, job->ticket, ended - begun);
    if (ended - begun > FLUSH_SECONDS)
        l->eager = EAGER;
    else if (l->eager > 0)
        l->eager--;
    if (l->eager > 0 || l->count == REPLIES_MAX ||
        ended - l->flushed > FLUSH_SECONDS)
        flush(l);
}

static void work_frame(struct loop *l, const char *bytes, size_t n) {
    struct beat *beat = l->child->beat;
    struct wire_frame frame;
    struct wire_record job;
    const char *why;
    size_t at = 0;
    if (!wire_parse(bytes, n, &frame, &why) || frame.type != WIRE_JOBS)
        _exit(2);
    __atomic_store_n(&beat->busy, 1, __ATOMIC_SEQ_CST);
    while (!__atomic_load_n(&beat->hold, __ATOMIC_SEQ_CST) &&
           wire_next(&frame, &at, &job, &why))
        work(l, &job);
    flush(l);
    __atomic_store_n(&beat->busy, 0, __ATOMIC_SEQ_CST);
}

void child_run(int socket, void *child) {
    struct loop l = {.child = child, .socket = socket};
    char *in = mem_alloc(WIRE_FRAME_MAX);
    l.child->beat->fenced = l.child->limits.fenced && fence_raise();
    buf_init(&l.out);
    buf_init(&l.reply);
    wire_begin(&l.out);
    wire_finish(&l.out, WIRE_HELLO, 0, 0, 1);
    send_frame(&l);
    wire_begin(&l.out);
    for (;;) {
        ssize_t n = recv(socket, in, WIRE_FRAME_MAX, 0);
        if (n > 0)
            work_frame(&l, in, (size_t)n);
        else if (n == 0 || errno != EINTR)
            break; /* the parent closed its end */
    }
    _exit(0);
}
