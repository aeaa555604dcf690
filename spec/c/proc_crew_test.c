/* The crew: every job answered once, whatever happens to the workers.
 *
 * A job is a letter and a number; the letter says how the worker misbehaves.
 * What must survive a worker (how often a job was tried) stands in shared
 * memory.
 */
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

enum { JOBS_MAX = 4096, SOCKET = 3, LARGE = 300000 };

struct order {
    char what;
    int32_t number;
};

static volatile int32_t *tries; /* [JOBS_MAX], shared with the workers */

static void send_raw(const void *bytes, size_t n) {
    if (send(SOCKET, bytes, n, MSG_NOSIGNAL) < 0)
        _exit(9);
}

/* Garbage of six kinds, the third and later ones with a right checksum. */
static void send_garbage(int kind, int64_t ticket) {
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

static void hang(volatile int64_t *beat, double seconds, bool beats) {
    double end = clock_monotonic() + seconds;
    while (clock_monotonic() < end) {
        usleep(2000);
        if (beats)
            ++*beat;
    }
}

static void misbehave(const struct order *o, volatile int64_t *beat,
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

static void work(void *ctx, const char *job, size_t n, struct buf *reply,
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

static void submit(struct crew *c, char what, int32_t number) {
    struct order o;
    memset(&o, 0, sizeof o);
    o.what = what;
    o.number = number;
    assert_int_equal(crew_submit(c, number, &o, sizeof o), BT_OK);
}

static struct crew *start(int32_t workers, struct crew_limits limits) {
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

static void take(struct crew *c, struct answer *answers, int n) {
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

static struct answer *collect(struct crew *c, int n) {
    struct answer *answers = calloc((size_t)n, sizeof *answers);
    for (int i = 0; i < n; i++)
        take(c, answers, n);
    assert_int_equal(crew_pending(c), 0);
    return answers;
}

static void expect_reply(const struct answer *a, char what, int number) {
    char want[64];
    snprintf(want, sizeof want, "%c%d ok", what, number);
    assert_int_equal(a->event, CREW_REPLY);
    assert_string_equal(a->text, want);
}

/* ---- the ordinary course ---------------------------------------------------
 */

static void answers_every_job_once(void **state) {
    (void)state;
    for (int workers = 1; workers <= 3; workers++) {
        struct crew *c = start(workers, none);
        for (int i = 0; i < 2000; i++)
            submit(c, 'e', i);
        struct answer *a = collect(c, 2000);
        for (int i = 0; i < 2000; i++) {
            expect_reply(&a[i], 'e', i);
            assert_int_equal(tries[i], 1);
            assert_int_equal(a[i].attempts, 1);
        }
        assert_in_range(crew_alive(c), 1, workers);
        free(a);
        crew_close(c);
    }
}

static void one_worker_answers_in_order(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    struct crew_result r;
    bool got;
    for (int i = 0; i < 500; i++)
        submit(c, 'e', i);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
        assert_true(got && r.ticket == i);
    }
    assert_int_equal(crew_poll(c, 0, &r, &got), BT_OK);
    assert_false(got);
    crew_close(c);
}

static void large_replies_come_in_chunks(void **state) {
    (void)state;
    struct crew *c = start(2, none);
    for (int i = 0; i < 20; i++)
        submit(c, i % 3 ? 'e' : 'l', i);
    for (int i = 0; i < 20; i++) {
        struct crew_result r;
        bool got;
        assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
        assert_true(got);
        if (r.ticket % 3)
            continue;
        assert_int_equal(r.reply_len, LARGE);
        for (int k = 0; k < LARGE / 4; k++) {
            int32_t v;
            memcpy(&v, r.reply + 4 * k, 4);
            assert_int_equal(v, r.ticket + k);
        }
    }
    crew_close(c);
}

static void refuses_what_does_not_fit(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    char *big = calloc(1, CREW_JOB_MAX + 1);
    assert_int_equal(crew_submit(c, 0, big, CREW_JOB_MAX + 1), BT_E_RANGE);
    assert_int_equal(crew_room(c), CREW_QUEUE_MAX);
    for (int i = 0; i < CREW_QUEUE_MAX; i++)
        submit(c, 'e', i % JOBS_MAX);
    assert_int_equal(crew_room(c), 0);
    assert_int_equal(crew_submit(c, 0, big, 1), BT_E_STATE);
    assert_int_equal(crew_prepare(c, "test", work, NULL, none), BT_E_STATE);
    free(big);
    crew_close(c);
    bt_crew *out = NULL;
    assert_int_equal(bt_crew_open(0, &out), BT_E_RANGE);
    assert_int_equal(bt_crew_open(BT_CREW_MAX + 1, &out), BT_E_RANGE);
    assert_null(out);
}

static void keeps_workers_while_the_key_is_the_same(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    static char other[] = "other";
    submit(c, 'e', 0);
    free(collect(c, 1));
    int32_t pid = crew_pid(c, 0);
    assert_int_equal(crew_prepare(c, "test", work, other, none), BT_OK);
    submit(c, 'e', 0);
    free(collect(c, 1));
    assert_int_equal(crew_pid(c, 0), pid);
    assert_int_equal(crew_prepare(c, "new key", work, other, none), BT_OK);
    assert_int_equal(crew_alive(c), 0);
    submit(c, 'e', 0);
    struct answer *a = collect(c, 1);
    assert_string_equal(a[0].text, "e0 other");
    assert_int_not_equal(crew_pid(c, 0), pid);
    assert_true(crew_start_seconds(c) > 0);
    bt_crew_stats stats;
    bt_crew_get_stats(c, &stats);
    assert_true(stats.batches == 3 && stats.jobs == 3 && stats.forks == 2 &&
                stats.respawns == 0);
    free(a);
    crew_close(c);
}

static void forks_no_more_than_allowed(void **state) {
    (void)state;
    struct crew *c = start(4, none);
    crew_allow(c, 2);
    for (int i = 0; i < 100; i++)
        submit(c, 'e', i);
    free(collect(c, 100));
    assert_in_range(crew_alive(c), 1, 2);
    crew_allow(c, 99);
    assert_int_equal(crew_allowed(c), 4);
    crew_close(c);
}

/* ---- deaths ----------------------------------------------------------------
 */

static void jobs_of_a_dead_worker_run_again(void **state) {
    (void)state;
    static const char kinds[] = "evaxgxvge";
    struct crew *c = start(2, none);
    int n = 360;
    for (int i = 0; i < n; i++)
        submit(c, kinds[i % 9], i);
    struct answer *a = collect(c, n);
    for (int i = 0; i < n; i++) {
        /* garbage of kind 4 is a good reply and its twin */
        bool twin = kinds[i % 9] == 'g' && i % 6 == 4;
        if (!twin || strcmp(a[i].text, "x") != 0)
            expect_reply(&a[i], kinds[i % 9], i);
    }
    bt_crew_stats stats;
    bt_crew_get_stats(c, &stats);
    assert_true(stats.respawns >= 100);
    free(a);
    crew_close(c);
}

static void three_faults_are_the_end_of_a_job(void **state) {
    (void)state;
    struct crew *c = start(2, none);
    for (int i = 0; i < 30; i++)
        submit(c, i == 11 ? 'V' : i == 17 ? 'X' : 'e', i);
    struct answer *a = collect(c, 30);
    for (int i = 0; i < 30; i++) {
        if (i != 11 && i != 17)
            expect_reply(&a[i], 'e', i);
    }
    assert_int_equal(a[11].event, CREW_CRASHED);
    assert_int_equal(a[11].signal, SIGSEGV);
    assert_int_equal(a[11].attempts, 3);
    assert_int_equal(tries[11], 3);
    assert_int_equal(a[17].event, CREW_CRASHED);
    assert_int_equal(a[17].signal, 0);
    assert_int_equal(a[17].exit_code, 7);
    assert_string_equal(a[17].text, "no money");
    free(a);
    crew_close(c);
}

static void kills_from_outside_count_to_twenty(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    submit(c, 'K', 0);
    submit(c, 'e', 1);
    struct answer *a = collect(c, 2);
    assert_int_equal(a[0].event, CREW_CRASHED);
    assert_int_equal(a[0].signal, SIGKILL);
    assert_int_equal(tries[0], CREW_LOSSES_MAX);
    expect_reply(&a[1], 'e', 1);
    free(a);
    crew_close(c);
}

static void die_at_once(void *ctx, const char *job, size_t n, struct buf *reply,
                        volatile int64_t *beat) {
    (void)ctx, (void)job, (void)n, (void)reply, (void)beat;
}

/* With no room for memory at all the child cannot even start. */
static void workers_that_never_start_end_the_run(void **state) {
    (void)state;
    struct crew *c = start(2, none);
    struct crew_result r;
    bool got;
    static char ctx[] = "";
    assert_int_equal(crew_prepare(c, "dead", die_at_once, ctx, none), BT_OK);
    submit(c, 'e', 0);
    submit(c, 'e', 1);
    struct rlimit old, few;
    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = 15; /* enough for the parent, the child moves to 16 */
    setrlimit(RLIMIT_NOFILE, &few);
    bt_status status = BT_OK;
    for (int i = 0; i < 1000 && status == BT_OK; i++)
        status = crew_poll(c, 1, &r, &got);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(status, BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "5 times in a row"));
    crew_close(c);
}

/* Kill a random worker every few milliseconds. */
static void a_kill_storm_loses_nothing(void **state) {
    (void)state;
    unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED"))
                                   : (unsigned)(clock_wall_us() & 0xffffff);
    print_message("SEED=%u\n", seed);
    struct crew *c = start(3, none);
    int n = 400, kills = 0, taken = 0;
    struct answer *a = calloc((size_t)n, sizeof *a);
    double next = 0;
    for (int i = 0; i < n; i++)
        submit(c, i % 8 ? 'e' : 'w', i);
    while (taken < n) {
        struct crew_result r;
        bool got;
        if (clock_monotonic() > next) {
            int32_t pid = crew_pid(c, rand_r(&seed) % 3);
            if (pid)
                kills += kill(pid, SIGKILL) == 0;
            next = clock_monotonic() + 0.005 + rand_r(&seed) % 10 * 1e-3;
        }
        assert_int_equal(crew_poll(c, 0.002, &r, &got), BT_OK);
        if (!got)
            continue;
        assert_int_equal(r.event, CREW_REPLY);
        assert_int_equal(a[r.ticket].attempts, 0);
        a[r.ticket].attempts = r.attempts;
        taken++;
    }
    assert_int_equal(crew_pending(c), 0);
    assert_true(kills > 20);
    free(a);
    crew_close(c);
}

static void an_idle_workers_death_is_nobodys_fault(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    for (int i = 0; i < 10; i++) {
        submit(c, 'e', 0);
        struct answer *a = collect(c, 1);
        assert_int_equal(a[0].attempts, 1);
        free(a);
        int32_t pid = crew_pid(c, 0);
        siginfo_t dead;
        kill(pid, SIGKILL);
        waitid(P_PID, (id_t)pid, &dead, WEXITED | WNOWAIT);
    }
    crew_close(c);
}

/* ---- limits ----------------------------------------------------------------
 */

static void a_standing_beat_ends_a_job(void **state) {
    (void)state;
    struct crew *c = start(2, (struct crew_limits){.stall_seconds = 0.2});
    double before = clock_monotonic();
    for (int i = 0; i < 12; i++)
        submit(c, i == 3 ? 'h' : i == 4 ? 'b' : 'e', i);
    struct answer *a = collect(c, 12);
    assert_int_equal(a[3].event, CREW_TIMEOUT);
    assert_int_equal(a[3].signal, SIGKILL);
    assert_int_equal(tries[3], 1);
    for (int i = 0; i < 12; i++) {
        if (i != 3) /* 4 takes longer than the limit, but its beat goes on */
            expect_reply(&a[i], i == 4 ? 'b' : 'e', i);
    }
    assert_true(clock_monotonic() - before < 5);
    free(a);
    crew_close(c);
}

static void a_job_has_its_wall_clock(void **state) {
    (void)state;
    struct crew *c = start(1, (struct crew_limits){.job_seconds = 0.2});
    submit(c, 'B', 0);
    submit(c, 'w', 1);
    struct answer *a = collect(c, 2);
    assert_int_equal(a[0].event, CREW_TIMEOUT);
    expect_reply(&a[1], 'w', 1);
    free(a);
    crew_close(c);
}

static void a_stopped_worker_is_replaced(void **state) {
    (void)state;
    struct crew *c = start(1, (struct crew_limits){.stall_seconds = 0.2});
    for (int i = 0; i < 4; i++)
        submit(c, i == 1 ? 's' : 'e', i);
    struct answer *a = collect(c, 4);
    for (int i = 0; i < 4; i++)
        expect_reply(&a[i], i == 1 ? 's' : 'e', i);
    assert_int_equal(tries[1], 2);
    free(a);
    crew_close(c);
}

/* ---- endings ---------------------------------------------------------------
 */

static void draining_finishes_what_has_begun(void **state) {
    (void)state;
    struct crew *c = start(2, none);
    struct crew_result r;
    bool got;
    for (int i = 0; i < 300; i++)
        submit(c, 'w', i);
    int answered = 0;
    for (int i = 0; i < 6; i++) {
        assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
        answered += got;
    }
    crew_drain(c);
    double before = clock_monotonic();
    while (crew_pending(c) > 0) {
        assert_int_equal(crew_poll(c, 1, &r, &got), BT_OK);
        answered += got;
    }
    assert_true(clock_monotonic() - before < 5);
    int begun = 0;
    for (int i = 0; i < 300; i++)
        begun += tries[i];
    assert_int_equal(answered, begun);
    assert_true(begun < 300);
    assert_int_equal(crew_room(c), 0);
    crew_close(c);
}

static void killing_forgets_everything(void **state) {
    (void)state;
    struct crew *c = start(2, none);
    struct crew_result r;
    bool got;
    for (int i = 0; i < 50; i++)
        submit(c, 'w', i);
    assert_int_equal(crew_poll(c, 10, &r, &got), BT_OK);
    int32_t pid = crew_pid(c, 0);
    crew_kill(c);
    assert_int_equal(crew_pending(c), 0);
    assert_int_equal(crew_alive(c), 0);
    assert_int_equal(kill(pid, 0), -1); /* reaped */
    submit(c, 'e', 0);
    free(collect(c, 1));
    crew_close(c);
}

/* A worker that holds a copy of the crew can close it without harm. */
static void close_in_worker(void *ctx, const char *job, size_t n,
                            struct buf *reply, volatile int64_t *beat) {
    (void)job, (void)n, (void)beat;
    struct crew *c = *(struct crew **)ctx;
    bool refused = crew_prepare(c, "x", work, NULL, none) == BT_E_STATE;
    crew_kill(c);
    crew_close(c);
    buf_str(reply, refused ? "refused" : "taken");
}

static void a_copy_in_a_worker_is_harmless(void **state) {
    (void)state;
    static struct crew *c;
    c = start(2, none);
    assert_int_equal(crew_prepare(c, "copy", close_in_worker, &c, none), BT_OK);
    crew_allow(c, 2);
    for (int i = 0; i < 40; i++)
        submit(c, 'e', i);
    struct answer *a = collect(c, 40);
    for (int i = 0; i < 40; i++) {
        assert_string_equal(a[i].text, "refused");
        assert_int_equal(a[i].attempts, 1);
    }
    free(a);
    crew_close(c);
}

/* ---- what a worker is ------------------------------------------------------
 */

static void look_around(void *ctx, const char *job, size_t n, struct buf *reply,
                        volatile int64_t *beat) {
    (void)ctx, (void)job, (void)n, (void)beat;
    int open_files = 0;
    for (int fd = 0; fd < 1024; fd++) {
        struct stat st;
        open_files += fstat(fd, &st) == 0;
    }
    struct rlimit files, core;
    getrlimit(RLIMIT_NOFILE, &files);
    getrlimit(RLIMIT_CORE, &core);
    printf("to stdout\n");
    fprintf(stderr, "to stderr\n");
    struct buf said;
    buf_init(&said);
    worker_output(&said);
    struct sigaction action;
    sigaction(SIGINT, NULL, &action);
    buf_printf(reply, "%d files, %d own group, %d %d, int %d, [%s]", open_files,
               getpgrp() == getpid(), (int)files.rlim_cur, (int)core.rlim_cur,
               action.sa_handler == SIG_IGN, said.data);
    buf_fini(&said);
}

static void a_worker_keeps_nothing_of_its_parent(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    FILE *extra = tmpfile();
    assert_non_null(extra);
    printf("the parent's own text, not yet written; ");
    assert_int_equal(crew_prepare(c, "look", look_around, NULL, none), BT_OK);
    submit(c, 'e', 0);
    struct answer *a = collect(c, 1);
    printf("\n");
    assert_string_equal(a[0].text, "5 files, 1 own group, 8 0, int 1, "
                                   "[to stderr\nto stdout\n]");
    fclose(extra);
    free(a);
    crew_close(c);
}

static void workers_die_with_their_parent(void **state) {
    (void)state;
    int32_t *pids = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct crew *c = start(2, none);
        struct crew_result r;
        bool got;
        for (int i = 0; i < 100; i++)
            submit(c, 'w', i);
        while (crew_alive(c) < 2)
            crew_poll(c, 0.01, &r, &got);
        pids[0] = crew_pid(c, 0);
        pids[1] = crew_pid(c, 1);
        raise(SIGKILL);
    }
    waitpid(parent, NULL, 0);
    double end = clock_monotonic() + 1;
    bool alive = true;
    while (alive && clock_monotonic() < end) {
        /* orphans are reaped by somebody else: a zombie counts as dead */
        alive = false;
        for (int i = 0; i < 2; i++) {
            char path[64], line[256] = "";
            snprintf(path, sizeof path, "/proc/%d/stat", pids[i]);
            FILE *f = fopen(path, "r");
            if (f && fgets(line, sizeof line, f) && !strstr(line, ") Z"))
                alive = true;
            if (f)
                fclose(f);
        }
        usleep(1000);
    }
    assert_false(alive);
    munmap(pids, 4096);
}

static void there_is_always_one_worker(void **state) {
    (void)state;
    assert_in_range(bt_crew_default(), 1, BT_CREW_MAX);
}

int main(void) {
    tries = mmap(NULL, JOBS_MAX * sizeof *tries, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_job_once),
        cmocka_unit_test(one_worker_answers_in_order),
        cmocka_unit_test(large_replies_come_in_chunks),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(keeps_workers_while_the_key_is_the_same),
        cmocka_unit_test(forks_no_more_than_allowed),
        cmocka_unit_test(jobs_of_a_dead_worker_run_again),
        cmocka_unit_test(three_faults_are_the_end_of_a_job),
        cmocka_unit_test(kills_from_outside_count_to_twenty),
        cmocka_unit_test(workers_that_never_start_end_the_run),
        cmocka_unit_test(a_kill_storm_loses_nothing),
        cmocka_unit_test(an_idle_workers_death_is_nobodys_fault),
        cmocka_unit_test(a_standing_beat_ends_a_job),
        cmocka_unit_test(a_job_has_its_wall_clock),
        cmocka_unit_test(a_stopped_worker_is_replaced),
        cmocka_unit_test(draining_finishes_what_has_begun),
        cmocka_unit_test(killing_forgets_everything),
        cmocka_unit_test(a_copy_in_a_worker_is_harmless),
        cmocka_unit_test(a_worker_keeps_nothing_of_its_parent),
        cmocka_unit_test(workers_die_with_their_parent),
        cmocka_unit_test(there_is_always_one_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
