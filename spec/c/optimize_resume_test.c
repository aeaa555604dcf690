/* One study, whatever stops it: signals, kills, resumption. */
#include "loop_fixture.h"

/* ---- interruption -------------------------------------------------------- */

struct interrupt {
    double after; /* seconds */
    double started;
    int how;
    int32_t saved; /* as last reported */
    int reports;
    double best;
};

static int stop_later(void *ctx) {
    struct interrupt *i = ctx;
    return clock_monotonic() - i->started > i->after ? i->how : OPTIMIZE_GO_ON;
}

static void follow(void *ctx, const struct optimize_progress *p) {
    struct interrupt *i = ctx;
    i->reports++;
    i->saved = (int32_t)p->saved;
    i->best = p->best_score;
    assert_true(p->done <= p->total || p->total < 0);
    assert_true(p->best_params != NULL || isnan(p->best_score));
}

/* A worker that was forked as its parent was killed holds the lock until its
 * first act, on a busy machine for a while. */
static bt_study *open_or_create(const char *name) {
    bt_study *s = NULL;
    bt_status status = BT_E_BUSY;
    for (int tries = 0; status == BT_E_BUSY && tries < 200; tries++) {
        if (tries > 0)
            usleep(20000);
        status = bt_study_resume(name, &s);
    }
    if (status != BT_OK)
        assert_int_equal(bt_study_create(name, &s), BT_OK);
    return s;
}

static void interrupted_and_resumed_is_uninterrupted(void **state) {
    (void)state;
    char want[65], got[65], name[16];
    int counted, failed;
    reference_grid(want, &counted, &failed);
    for (int how = OPTIMIZE_DRAIN; how <= OPTIMIZE_STOP; how++) {
        int interruptions = 0;
        double after = 0.01;
        snprintf(name, sizeof name, "int-%d", how);
        for (bool whole = false; !whole;) {
            bt_study *s = open_or_create(name);
            struct interrupt i = {after, clock_monotonic(), how, 0, 0, 0};
            struct run r = {.workers = 3,
                            .behaviour = {.sleep = 0.001},
                            .stop = stop_later,
                            .progress = follow,
                            .parent_ctx = &i};
            struct optimize_stats stats;
            int32_t before = bt_study_count(s);
            assert_int_equal(run_on(s, &r, &stats), BT_OK);
            assert_true(stats.resumed <= before);
            assert_int_equal(i.saved, bt_study_saved(s));
            assert_int_equal(bt_study_saved(s), bt_study_count(s));
            assert_true(bt_study_count(s) >= before);
            whole = !stats.interrupted;
            interruptions += stats.interrupted;
            if (whole) {
                bt_study_hash(s, got);
                assert_true(i.best == 100 + 20.0 / 3 || i.best > 100);
            }
            bt_study_close(s);
            after *= 1.3;
        }
        assert_true(interruptions > 2);
        assert_string_equal(got, want);
    }
}

static void draining_waits_for_what_runs(void **state) {
    (void)state;
    bt_study *s;
    struct interrupt i = {0.05, clock_monotonic(), OPTIMIZE_DRAIN, 0, 0, 0};
    struct run r = {.workers = 2,
                    .behaviour = {.sleep = 0.05},
                    .stop = stop_later,
                    .parent_ctx = &i};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    *evaluations = 0;
    assert_int_equal(run_on(s, &r, &stats), BT_OK);
    assert_true(stats.interrupted);
    assert_int_equal(bt_study_count(s), *evaluations); /* each is kept */
    assert_in_range(bt_study_count(s), 1, 20);
    bt_study_close(s);
}

/* Workers are killed at random, then the parent too. */
static void killed_at_random_it_is_one_study(void **state) {
    (void)state;
    unsigned seed = getenv("SEED") ? (unsigned)atoi(getenv("SEED"))
                                   : (unsigned)(clock_wall_us() & 0xffffff);
    print_message("SEED=%u\n", seed);
    char want[65], got[65];
    int counted, failed, kills = 0;
    reference_grid(want, &counted, &failed);
    for (bool whole = false; !whole && kills < 200; kills++) {
        pid_t parent = fork();
        if (parent == 0) {
            bt_study *s = open_or_create("storm");
            struct run r = {.workers = 2, .behaviour = {.sleep = 0.0005}};
            struct optimize_stats stats;
            bool ok = run_on(s, &r, &stats) == BT_OK;
            bt_study_close(s);
            _exit(ok ? 0 : 1);
        }
        usleep((useconds_t)(rand_r(&seed) % 60000 + kills * 3000));
        kill(parent, SIGKILL);
        int status;
        waitpid(parent, &status, 0);
        whole = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    }
    assert_true(kills > 3);
    bt_study *s;
    assert_int_equal(bt_study_open("storm", &s), BT_OK);
    bt_study_hash(s, got);
    assert_string_equal(got, want);
    bt_study_close(s);
}

static int kill_somebody(void *ctx) {
    struct crew *crew = ctx;
    static double next;
    double now = clock_monotonic();
    int32_t pid = crew_pid(crew, (int32_t)fmod(now * 1e3, 3));
    if (now > next && pid > 0) {
        kill(pid, SIGKILL);
        next = now + 0.02;
    }
    return OPTIMIZE_GO_ON;
}

static void killed_workers_change_nothing(void **state) {
    (void)state;
    char want[65], got[65];
    int counted, failed;
    struct crew *crew = crew_new(3);
    struct run r = {.crew = crew,
                    .behaviour = {.sleep = 0.001},
                    .stop = kill_somebody,
                    .parent_ctx = crew};
    struct optimize_stats stats;
    reference_grid(want, &counted, &failed);
    run_in_memory(&r, &stats, got);
    assert_string_equal(got, want);
    bt_crew_stats crew_stats;
    bt_crew_get_stats(crew, &crew_stats);
    assert_true(crew_stats.respawns > 2);
    crew_close(crew);
}

static void a_changed_search_is_refused(void **state) {
    (void)state;
    bt_study *s = open_or_create("changed");
    struct run grid = {.workers = 1, .max_trials = 20};
    struct run other = {.workers = 1, .kind = BT_SEARCH_RANDOM};
    struct optimize_stats stats;
    assert_int_equal(run_on(s, &grid, &stats), BT_OK);
    assert_int_equal(run_on(s, &other, &stats), BT_E_REPRODUCE);
    expect_message("trial 1 of the study has {x=0;y=0}");
    bt_study_close(s);
}

int main(void) {
    share_evaluations();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interrupted_and_resumed_is_uninterrupted),
        cmocka_unit_test(draining_waits_for_what_runs),
        cmocka_unit_test(killed_at_random_it_is_one_study),
        cmocka_unit_test(killed_workers_change_nothing),
        cmocka_unit_test(a_changed_search_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
