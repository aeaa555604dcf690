/* One study, whatever the workers, the order and the faults of trials. */
#include "loop_fixture.h"

#include "optimize/cohort.h"

/* ---- the same study ------------------------------------------------------ */

static void any_number_of_workers_gives_the_plain_loops_study(void **state) {
    (void)state;
    static const int32_t workers[] = {1, 2, 3, 8};
    char want[65], got[65];
    int counted, failed;
    reference_grid(want, &counted, &failed);
    for (int i = 0; i < 4; i++) {
        struct run r = {.workers = workers[i]};
        struct optimize_stats stats;
        *evaluations = 0;
        run_in_memory(&r, &stats, got);
        assert_string_equal(got, want);
        assert_true(*evaluations == 300);
        assert_true(stats.trials == 300 && stats.computed == counted);
        assert_true(stats.infeasible == 300 - counted);
        assert_true(stats.failed == failed && stats.resumed == 0);
        assert_true(stats.duplicates == 0 && !stats.interrupted);
    }
}

static void slow_trials_spread_over_workers(void **state) {
    (void)state;
    char want[65], got[65];
    int counted, failed;
    struct run r = {.workers = 3, .behaviour = {.sleep = 0.002}};
    struct optimize_stats stats;
    reference_grid(want, &counted, &failed);
    run_in_memory(&r, &stats, got);
    assert_string_equal(got, want);
    assert_int_equal(stats.workers, 3);
    assert_non_null(strstr(stats.policy, "3 of 3 workers"));
    assert_true(stats.worker_seconds > stats.seconds);
}

/* A search that learns from scores, with many repeats. */
/* Others begin before it is over, though nobody knows how long it takes. */
static void a_long_first_trial_is_not_waited_for(void **state) {
    (void)state;
    bt_study *s;
    bt_trial first, second;
    struct optimize_stats stats;
    struct run r = {.workers = 2, .max_trials = 8, .behaviour = {.sleep = 0.3}};
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(run_on(s, &r, &stats), BT_OK);
    assert_int_equal(bt_study_trial(s, bt_study_find(s, 1), &first), BT_OK);
    assert_int_equal(bt_study_trial(s, bt_study_find(s, 2), &second), BT_OK);
    assert_true((double)(second.started - first.started) < 1e6 * first.seconds);
    assert_int_not_equal(first.worker, second.worker);
    bt_study_close(s);
}

static void an_adaptive_search_sees_the_same_scores(void **state) {
    (void)state;
    char want[65] = "", got[65];
    for (int32_t workers = 1; workers <= 8; workers *= 2) {
        struct run r = {.workers = workers, .kind = -1};
        struct optimize_stats stats;
        *evaluations = 0;
        run_in_memory(&r, &stats, workers == 1 ? want : got);
        if (workers > 1)
            assert_string_equal(got, want);
        assert_true(stats.trials == 200 && stats.duplicates > 20);
        assert_true(*evaluations == 200 - stats.duplicates);
        assert_true(stats.computed > 0 && stats.computed <= *evaluations);
    }
}

/* Number of the first earlier trial with the same parameters, 0 when none. */
static int32_t first_like(bt_study *s, const bt_trial *t, bt_trial *first) {
    for (int32_t i = 0; i < t->number - 1; i++) {
        assert_int_equal(bt_study_trial(s, i, first), BT_OK);
        if (strcmp(first->params, t->params) == 0)
            return first->number;
    }
    return 0;
}

static void duplicates_point_at_the_first(void **state) {
    (void)state;
    bt_study *s;
    struct run r = {.workers = 2, .kind = -1};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(run_on(s, &r, &stats), BT_OK);
    int found = 0;
    for (int32_t i = 0; i < bt_study_count(s); i++) {
        bt_trial t, first;
        assert_int_equal(bt_study_trial(s, i, &t), BT_OK);
        int32_t want = first_like(s, &t, &first);
        assert_int_equal(t.duplicate_of, want);
        if (want == 0)
            continue;
        found++;
        assert_int_equal(t.state, first.state);
        assert_string_equal(t.hash, first.hash);
        assert_true(t.attempts == 0 && t.seconds == 0);
    }
    assert_true(found == stats.duplicates);
    bt_study_close(s);
}

static void max_trials_counts_what_is_not_excluded(void **state) {
    (void)state;
    char got[65], again[65];
    for (int32_t kind = BT_SEARCH_GRID; kind <= BT_SEARCH_RANDOM; kind++) {
        struct run one = {.workers = 1, .kind = kind, .max_trials = 40};
        struct run three = {.workers = 3, .kind = kind, .max_trials = 40};
        struct optimize_stats stats;
        run_in_memory(&one, &stats, got);
        assert_true(stats.trials - stats.infeasible == 40);
        assert_true(stats.infeasible > 0);
        /* none too many */
        assert_true(stats.computed + stats.infeasible == stats.trials);
        run_in_memory(&three, &stats, again);
        assert_string_equal(got, again);
    }
}

/* ---- faults -------------------------------------------------------------- */

static void a_crew_serves_run_after_run(void **state) {
    (void)state;
    struct crew *crew = crew_new(2);
    char want[65], got[65];
    int counted, failed;
    struct optimize_stats stats;
    reference_grid(want, &counted, &failed);
    struct run r = {.crew = crew};
    for (int i = 0; i < 3; i++) {
        run_in_memory(&r, &stats, got);
        assert_string_equal(got, want);
    }
    bt_crew_stats crew_stats;
    bt_crew_get_stats(crew, &crew_stats);
    assert_true(crew_stats.batches == 3 && crew_stats.jobs == 900);
    assert_in_range((int)crew_stats.forks, 1, 2);
    crew_close(crew);
}

/* Deaf to the crew, as whoever reckons for a while is. */
static void wait_for_three(void *ctx) {
    double end = clock_monotonic() + 30;
    ++*(int *)ctx;
    while (*evaluations < 3 && clock_monotonic() < end)
        usleep(1000);
    assert_true(*evaluations >= 3);
}

static void trials_sent_ahead_run_while_the_parent_is_busy(void **state) {
    (void)state;
    int calls = 0, ignored;
    struct run r = {.workers = 2,
                    .kind = BT_SEARCH_GRID,
                    .limits = {.ahead = 3},
                    .meanwhile = wait_for_three,
                    .parent_ctx = &calls};
    struct optimize_stats stats;
    char want[65], hash[65];
    reference_grid(want, &ignored, &ignored);
    *evaluations = 0;
    run_in_memory(&r, &stats, hash);
    assert_int_equal(calls, 1);
    assert_string_equal(hash, want);
}

static void poison_is_recorded_and_the_rest_goes_on(void **state) {
    (void)state;
    bt_study *s;
    bt_trial t;
    struct run r = {.workers = 2,
                    .behaviour = {.segfault = 150, .hang = 200},
                    .limits = {.stall_seconds = 0.3}};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(run_on(s, &r, &stats), BT_OK);
    assert_int_equal(bt_study_count(s), 300);
    assert_int_equal(bt_study_trial(s, 149, &t), BT_OK);
    assert_int_equal(t.state, BT_TRIAL_CRASHED);
    assert_int_equal(t.signal, SIGSEGV);
    assert_int_equal(t.attempts, 3);
    assert_true(isnan(t.score));
    assert_non_null(strstr(t.message, "killed its worker 3 times (signal 11"));
    assert_int_equal(bt_study_trial(s, 199, &t), BT_OK);
    assert_int_equal(t.state, BT_TRIAL_TIMEOUT);
    assert_string_equal(bt_study_meta(s, "timing_dependent"), "1");
    bt_study_close(s);
}

static void trials_keep_their_logs_and_messages(void **state) {
    (void)state;
    bt_study *s;
    bt_trial t;
    struct run r = {.workers = 2};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create("logs", &s), BT_OK);
    assert_int_equal(run_on(s, &r, &stats), BT_OK);
    for (int32_t n = 1; n <= 300; n += 37) {
        char want[32];
        snprintf(want, sizeof want, "trial %d\n", n);
        assert_string_equal(bt_study_log(s, n), want);
    }
    assert_int_equal(bt_study_trial(s, 43, &t), BT_OK); /* x 4, y 3 */
    assert_int_equal(t.state, BT_TRIAL_FAILED);
    assert_string_equal(t.message, "no");
    assert_int_equal(bt_study_trial(s, 71, &t), BT_OK); /* x 7, y 1 */
    assert_int_equal(t.state, BT_TRIAL_INVALID);
    assert_string_equal(t.message, "the objective is nan");
    bt_study_close(s);
}

static void what_can_never_work_ends_the_run(void **state) {
    (void)state;
    bt_study *s;
    /* Trials that take a while: what workers do before the parent hears of the
     * first must not hang on how busy the machine is. */
    struct run r = {.workers = 2, .behaviour = {.fatal = 1, .sleep = 0.02}};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    *evaluations = 0;
    assert_int_equal(run_on(s, &r, &stats), BT_E_NAME);
    expect_message("unknown parameter 'x'");
    assert_int_equal(bt_study_count(s), 0);
    assert_true(*evaluations < 50);
    bt_study_close(s);
}

static void a_bundle_cut_under_the_run_ends_it(void **state) {
    (void)state;
    bt_study *s;
    struct run r = {.workers = 2, .behaviour = {.bus = 5}};
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(run_on(s, &r, &stats), BT_E_DATA);
    expect_message("a file of the bundle was cut");
    assert_int_equal(bt_study_count(s), 4); /* what came before it stays */
    bt_study_close(s);
}

static bt_status endless_random(bt_study *study, struct optimize_stats *stats) {
    bt_space *space = bt_space_new();
    struct crew *crew = crew_new(1);
    struct search *search;
    struct search_options o = {.kind = BT_SEARCH_RANDOM, .seed = 7};
    struct behaviour behaviour = {.excluded = true};
    assert_int_equal(bt_space_float(space, "x", 0, 1, 0, 2), BT_OK);
    assert_int_equal(bt_space_float(space, "y", 0, 1, 0, 2), BT_OK);
    assert_int_equal(search_new(space, &o, &search), BT_OK);
    struct optimize_spec spec = {.space = space,
                                 .search = search,
                                 .batch = 16,
                                 .max_trials = 20,
                                 .evaluate = evaluate,
                                 .ctx = &behaviour,
                                 .key = "endless",
                                 .crew = crew,
                                 .study = study};
    bt_status status = optimize_run(&spec, stats);
    search_free(search);
    crew_close(crew);
    bt_space_free(space);
    return status;
}

/* Every trial that has a score is in the cohort when the search has ended, so
 * that nothing is read again for its luck. */
static void returns_join_the_cohort_as_they_come(void **state) {
    (void)state;
    bt_study *study;
    struct optimize_stats stats;
    bt_luck filled, read;
    bt_cohort *c = bt_cohort_new(300, 1e6, 0),
              *fresh = bt_cohort_new(300, 1e6, 0);
    struct run r = {.workers = 2, .behaviour = {.returns = true}, .cohort = c};
    assert_int_equal(bt_study_create(NULL, &study), BT_OK);
    assert_int_equal(bt_study_keep(study, BT_KEEP_BYTES), BT_OK);
    assert_int_equal(run_on(study, &r, &stats), BT_OK);
    double done = stats.computed - stats.failed;
    assert_int_equal(c->trials, (int32_t)done);
    assert_int_equal(bt_study_luck(study, c, done, 252, 1, &filled), BT_OK);
    assert_int_equal(bt_study_luck(study, fresh, done, 252, 1, &read), BT_OK);
    assert_true(filled.dsr == read.dsr && filled.pbo.pbo == read.pbo.pbo);
    assert_true(filled.correlation == read.correlation);
    assert_true(filled.reality_check == read.reality_check);
    bt_cohort_free(c);
    bt_cohort_free(fresh);
    bt_study_close(study);
}

static void a_constraint_that_excludes_everything_is_told(void **state) {
    (void)state;
    bt_study *s;
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(endless_random(s, &stats), BT_E_USAGE);
    expect_message("the constraint excluded the last");
    bt_study_close(s);
}

int main(void) {
    share_evaluations();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_gives_the_plain_loops_study),
        cmocka_unit_test(slow_trials_spread_over_workers),
        cmocka_unit_test(a_long_first_trial_is_not_waited_for),
        cmocka_unit_test(an_adaptive_search_sees_the_same_scores),
        cmocka_unit_test(duplicates_point_at_the_first),
        cmocka_unit_test(max_trials_counts_what_is_not_excluded),
        cmocka_unit_test(a_crew_serves_run_after_run),
        cmocka_unit_test(trials_sent_ahead_run_while_the_parent_is_busy),
        cmocka_unit_test(poison_is_recorded_and_the_rest_goes_on),
        cmocka_unit_test(trials_keep_their_logs_and_messages),
        cmocka_unit_test(what_can_never_work_ends_the_run),
        cmocka_unit_test(a_bundle_cut_under_the_run_ends_it),
        cmocka_unit_test(returns_join_the_cohort_as_they_come),
        cmocka_unit_test(a_constraint_that_excludes_everything_is_told),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
