/* The crew: every job answered once, whatever happens to the workers. */
#include "crew_fixture.h"

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

/* The next descriptor that is free. */
static rlim_t next_descriptor(void) {
    int fd = dup(STDIN_FILENO);
    close(fd);
    return (rlim_t)fd;
}

/* With no descriptor left the child cannot even start. */
static void workers_that_never_start_end_the_run(void **state) {
    (void)state;
    enum { PARENTS = 4 }; /* a pair of sockets, a pipe */
    struct crew *c = start(1, none);
    struct crew_result r;
    bool got;
    static char ctx[] = "";
    assert_int_equal(crew_prepare(c, "dead", die_at_once, ctx, none), BT_OK);
    submit(c, 'e', 0);
    submit(c, 'e', 1);
    struct rlimit old, few;
    getrlimit(RLIMIT_NOFILE, &old);
    few = old;
    few.rlim_cur = next_descriptor() + PARENTS;
    setrlimit(RLIMIT_NOFILE, &few);
    bt_status status = BT_OK;
    for (int i = 0; i < 1000 && status == BT_OK; i++)
        status = crew_poll(c, 1, &r, &got);
    setrlimit(RLIMIT_NOFILE, &old);
    assert_int_equal(status, BT_E_IO);
    assert_non_null(strstr(bt_error_message(), "5 times in a row"));
    assert_non_null(strstr(bt_error_message(), "Too many open files"));
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

static void replaces_a_stopped_one(double stall_seconds) {
    struct crew *c =
        start(1, (struct crew_limits){.stall_seconds = stall_seconds});
    for (int i = 0; i < 4; i++)
        submit(c, i == 1 ? 's' : 'e', i);
    struct answer *a = collect(c, 4);
    for (int i = 0; i < 4; i++)
        expect_reply(&a[i], i == 1 ? 's' : 'e', i);
    assert_int_equal(tries[1], 2);
    free(a);
    crew_close(c);
}

/* Within the limit, and without one. */
static void a_stopped_worker_is_replaced(void **state) {
    (void)state;
    replaces_a_stopped_one(0.2);
    replaces_a_stopped_one(0);
}

int main(void) {
    share_tries();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_of_a_dead_worker_run_again),
        cmocka_unit_test(three_faults_are_the_end_of_a_job),
        cmocka_unit_test(kills_from_outside_count_to_twenty),
        cmocka_unit_test(workers_that_never_start_end_the_run),
        cmocka_unit_test(a_kill_storm_loses_nothing),
        cmocka_unit_test(an_idle_workers_death_is_nobodys_fault),
        cmocka_unit_test(a_standing_beat_ends_a_job),
        cmocka_unit_test(a_job_has_its_wall_clock),
        cmocka_unit_test(a_stopped_worker_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
