/* The crew: every job answered once, by workers that keep nothing of their
 * parent; drained, killed and copied. */
#include "crew_fixture.h"

#include "base/mem.h"

enum { FILES = 4 };

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

static void count_call(void *ctx) {
    ++*(int *)ctx;
}

static void tells_before_it_forks(void **state) {
    (void)state;
    struct crew *c = start(1, none);
    static char other[] = "other";
    int calls = 0;
    crew_before_fork(c, count_call, &calls);
    submit(c, 'e', 0);
    free(collect(c, 1));
    assert_int_equal(calls, 1);
    for (int round = 0; round < 2; round++) { /* it stays; it is replaced */
        const char *key = round == 0 ? "test" : "new key";
        assert_int_equal(crew_prepare(c, key, work, other, none), BT_OK);
        crew_before_fork(c, count_call, &calls);
        submit(c, 'e', 0);
        free(collect(c, 1));
        assert_int_equal(calls, 1 + round);
    }
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

#ifndef __SANITIZE_ADDRESS__ /* where there is no limit */
/* What the engine asks for, and then what a script's heap would. */
static void take_memory(void *ctx, const char *job, size_t n, struct buf *reply,
                        volatile int64_t *beat) {
    (void)ctx, (void)job, (void)n, (void)beat;
    size_t heap = (size_t)700 << 20, least = (size_t)500 << 20;
    void *volatile more = malloc(heap), *volatile some = malloc(least);
    void *engine = mem_alloc(heap);
    buf_printf(reply, "heap %d %d, engine %d", more != NULL, some != NULL,
               engine != NULL);
    free(engine);
    free(some);
    free(more);
}

static void a_heap_has_a_limit_that_the_engine_has_not(void **state) {
    (void)state;
    if (bt_memory_available() < 0x1p31)
        skip();
    struct crew *c = start(1, none);
    assert_int_equal(crew_prepare(c, "take", take_memory, NULL, none), BT_OK);
    submit(c, 'e', 0);
    struct answer *a = collect(c, 1);
    assert_string_equal(a[0].text, "heap 0 1, engine 1");
    free(a);
    crew_close(c);
}
#endif

static void drop_files(void *ctx, const char *job, size_t n, struct buf *reply,
                       volatile int64_t *beat) {
    (void)job, (void)n, (void)beat;
    FILE **kept = ctx;
    for (int i = 0; i < FILES; i++)
        fclose(kept[i]);
    buf_printf(reply, "still here");
}

/* As when Lua in a worker collects what the parent's script had open. */
static void a_worker_outlives_the_files_of_its_parent(void **state) {
    (void)state;
    FILE *kept[FILES];
    for (int i = 0; i < FILES; i++)
        assert_non_null(kept[i] = tmpfile());
    struct crew *c = start(1, none);
    assert_int_equal(crew_prepare(c, "drop", drop_files, kept, none), BT_OK);
    submit(c, 'e', 0);
    struct answer *a = collect(c, 1);
    assert_string_equal(a[0].text, "still here");
    assert_int_equal(a[0].attempts, 1);
    for (int i = 0; i < FILES; i++)
        fclose(kept[i]);
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
    share_tries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_every_job_once),
        cmocka_unit_test(one_worker_answers_in_order),
        cmocka_unit_test(large_replies_come_in_chunks),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(keeps_workers_while_the_key_is_the_same),
        cmocka_unit_test(tells_before_it_forks),
        cmocka_unit_test(forks_no_more_than_allowed),
        cmocka_unit_test(draining_finishes_what_has_begun),
        cmocka_unit_test(killing_forgets_everything),
        cmocka_unit_test(a_copy_in_a_worker_is_harmless),
        cmocka_unit_test(a_worker_keeps_nothing_of_its_parent),
#ifndef __SANITIZE_ADDRESS__
        cmocka_unit_test(a_heap_has_a_limit_that_the_engine_has_not),
#endif
        cmocka_unit_test(a_worker_outlives_the_files_of_its_parent),
        cmocka_unit_test(workers_die_with_their_parent),
        cmocka_unit_test(there_is_always_one_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
