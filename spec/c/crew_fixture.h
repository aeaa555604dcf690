/* Workers that misbehave to order, and the answers of a crew of them.
 *
 * A job is a letter and a number; the letter says how the worker misbehaves.
 * What must survive a worker (how often a job was tried) stands in shared
 * memory.
 */
#ifndef BT_SPEC_CREW_FIXTURE_H
#define BT_SPEC_CREW_FIXTURE_H

#include "proc/crew.h"
#include "proc/wire.h"
#include "proc/worker.h"

#include "base/clock.h"
#include "base/status.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { JOBS_MAX = 4096, LARGE = 300000 };

struct order {
    char what;
    int32_t number;
};

static volatile int32_t *tries; /* [JOBS_MAX], shared with the workers */

/* The one socket that a worker has. */
static inline int own_socket(void) {
    struct stat facts;
    for (int fd = 3; fd < 1024; fd++)
        if (fstat(fd, &facts) == 0 && S_ISSOCK(facts.st_mode))
            return fd;
    _exit(8);
}

static inline void send_raw(const void *bytes, size_t n) {
    if (send(own_socket(), bytes, n, MSG_NOSIGNAL) < 0)
        _exit(9);
}

/* Garbage of six kinds, the third and later ones with a right checksum. */
static inline void send_garbage(int kind, int64_t ticket) {
    struct buf b;
    buf_init(&b);
    wire_begin(&b);
    wire_record(&b, kind == 3 ? ticket + 1 : ticket, 0, "x", 1);
    wire_finish(&b, kind == 2 ? WIRE_JOBS : WIRE_REPLIES,
                kind == 3 ? ticket + 1 : ticket, 0, 1);
    if (kind == 0)
        b.data[WIRE_HEAD + 2] ^= 1;
    if (kind == 1)
        b.len = 5;
    if (kind == 5) {
        wire_begin(&b);
        wire_record(&b, ticket, 0, "x", 1);
        wire_finish(&b, WIRE_CHUNK, ticket, 1, 3);
    }
    send_raw(b.data, b.len);
    if (kind == 4)
        send_raw(b.data, b.len); /* the same reply twice */
    buf_fini(&b);
}

static inline void hang(volatile int64_t *beat, double seconds, bool beats) {
    double end = clock_monotonic() + seconds;
    while (clock_monotonic() < end) {
        usleep(2000);
        if (beats)
            ++*beat;
    }
}

static inline void misbehave(const struct order *o, volatile int64_t *beat,
                             bool first) {
    switch (o->what) {
    case 'V': /* always */
        raise(SIGSEGV);
        break;
    case 'v':
        if (first)
            raise(o->number % 2 ? SIGSEGV : SIGBUS);
        break;
    case 'a':
        if (first) {
            fputs("the end\nis near\n", stderr);
            abort();
        }
        break;
    case 'x':
        if (first)
            _exit(0);
        break;
    case 'X':
        fprintf(stderr, "no money\n");
        _exit(7);
    case 'K':
        raise(SIGKILL);
        break;
    case 'g':
        if (first)
            send_garbage(o->number % 6, o->number);
        break;
    case 's':
        if (first)
            raise(SIGSTOP);
        break;
    case 'h':
        hang(beat, 60, false);
        break;
    case 'b':
        hang(beat, 0.5, true);
        break;
    case 'B':
        hang(beat, 60, true);
        break;
    case 'w':
        hang(beat, 0.02, true);
        break;
    default:
        break;
    }
}

static inline void work(void *ctx, const char *job, size_t n, struct buf *reply,
                        volatile int64_t *beat) {
    struct order o;
    if (n != sizeof o)
        _exit(8);
    memcpy(&o, job, n);
    int32_t before = __atomic_fetch_add(&tries[o.number], 1, __ATOMIC_SEQ_CST);
    misbehave(&o, beat, before == 0);
    ++*beat;
    if (o.what == 'l') {
        for (int i = 0; i < LARGE / 4; i++)
            buf_i32(reply, o.number + i);
        return;
    }
    buf_printf(reply, "%c%d %s", o.what, o.number, (const char *)ctx);
}

static inline void submit(struct crew *c, char what, int32_t number) {
    struct order o;
    memset(&o, 0, sizeof o);
    o.what = what;
    o.number = number;
    assert_int_equal(crew_submit(c, number, &o, sizeof o), BT_OK);
}

static inline struct crew *start(int32_t workers, struct crew_limits limits) {
    static char ctx[] = "ok";
    struct crew *c = crew_new(workers);
    assert_int_equal(crew_prepare(c, "test", work, ctx, limits), BT_OK);
    crew_allow(c, workers);
    memset((void *)tries, 0, JOBS_MAX * sizeof *tries);
    return c;
}

static const struct crew_limits none = {.job_seconds = 0};

/* Collect n results by ticket 0..n-1; every ticket once. */
struct answer {
    enum crew_event event;
    int32_t attempts, signal, exit_code;
    char text[200];
    size_t length;
};

static inline void take(struct crew *c, struct answer *answers, int n) {
    struct crew_result r;
    bool got;
    assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
    assert_true(got);
    assert_in_range(r.ticket, 0, n - 1);
    struct answer *a = &answers[r.ticket];
    assert_int_equal(a->attempts, 0); /* not answered before */
    *a = (struct answer){.event = r.event,
                         .attempts = r.attempts,
                         .signal = r.signal,
                         .exit_code = r.exit_code,
                         .length = r.reply_len};
    snprintf(a->text, sizeof a->text, "%.*s", (int)r.reply_len, r.reply);
}

static inline struct answer *collect(struct crew *c, int n) {
    struct answer *answers = calloc((size_t)n, sizeof *answers);
    for (int i = 0; i < n; i++)
        take(c, answers, n);
    assert_int_equal(crew_pending(c), 0);
    return answers;
}

static inline void expect_reply(const struct answer *a, char what, int number) {
    char want[64];
    snprintf(want, sizeof want, "%c%d ok", what, number);
    assert_int_equal(a->event, CREW_REPLY);
    assert_string_equal(a->text, want);
}

static inline void share_tries(void) {
    tries = mmap(NULL, JOBS_MAX * sizeof *tries, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

#endif
