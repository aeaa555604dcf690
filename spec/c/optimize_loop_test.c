/* One study, whatever happens: workers, order, kills, interruption, resume.
 *
 * The evaluation is a C function of the parameters; what the study must hold is
 * computed in this file, in one process, without any of the code under test
 * but the study itself.
 */
#include "optimize/optimize.h"
#include "search/kind.h"
#include "study_fixture.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/mem.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

static volatile int64_t *evaluations; /* shared with all processes */

/* x 0..29, y 0..9: a hill with its top at (20, 5); y above x is excluded, a few
 * cells fail or have no number. */
static int32_t hill(double x, double y, double *score) {
    *score = NAN;
    if (y > x)
        return BT_TRIAL_INFEASIBLE;
    if ((int)x % 9 == 4 && y == 3)
        return BT_TRIAL_FAILED;
    if ((int)x % 10 == 7 && y == 1)
        return BT_TRIAL_INVALID;
    *score = 100 - (x - 20) * (x - 20) - 3 * (y - 5) * (y - 5) + x / 3;
    return BT_TRIAL_DONE;
}

struct behaviour {
    double sleep;     /* seconds for each trial */
    int32_t segfault; /* number of a trial that always faults, 0 */
    int32_t bus;      /* that always meets SIGBUS */
    int32_t hang;     /* that never ends */
    int32_t fatal;    /* that reports a fatal error */
    bool excluded;    /* everything is */
};

static void evaluate(void *ctx, const bt_space *space, const struct point *p,
                     const char *canonical, int32_t number,
                     volatile int64_t *beat, struct outcome *out) {
    const struct behaviour *b = ctx;
    (void)space;
    __atomic_fetch_add(evaluations, 1, __ATOMIC_SEQ_CST);
    if (number == b->segfault)
        raise(SIGSEGV);
    if (number == b->bus)
        raise(SIGBUS);
    while (number == b->hang)
        usleep(1000);
    if (b->sleep > 0)
        usleep((useconds_t)(b->sleep * 1e6));
    ++*beat;
    bt_outcome *r = &out->report;
    double score;
    r->state = hill(p->value[0].number, p->value[1].number, &score);
    if (b->excluded)
        r->state = BT_TRIAL_INFEASIBLE;
    r->score = r->state == BT_TRIAL_INVALID ? (double)NAN : score;
    if (r->state == BT_TRIAL_INVALID)
        r->state = BT_TRIAL_DONE; /* the parent's side sees to it */
    r->metrics[0] = score;
    if (r->state == BT_TRIAL_FAILED)
        bt_outcome_message(r, "no", 2);
    if (number == b->fatal) {
        r->fatal = BT_E_NAME;
        bt_outcome_message(r, "unknown parameter 'x'", 21);
    }
    if (r->state == BT_TRIAL_DONE) {
        uint8_t sha[DIGEST_BYTES];
        digest_bytes(canonical, strlen(canonical), sha);
        digest_hex(sha, r->hash);
    }
    printf("trial %d\n", number); /* goes to the trial's log */
}

/* ---- set-up -------------------------------------------------------------- */

static bt_space *space_of(int64_t width) {
    bt_space *s = bt_space_new();
    assert_int_equal(bt_space_int(s, "x", 0, width - 1, 1), BT_OK);
    assert_int_equal(bt_space_int(s, "y", 0, 9, 1), BT_OK);
    return s;
}

struct run {
    int32_t workers;
    int32_t kind; /* BT_SEARCH_* or -1: the climber below */
    int64_t max_trials;
    struct behaviour behaviour;
    struct crew_limits limits;
    int (*stop)(void *ctx);
    void (*progress)(void *ctx, const struct optimize_progress *p);
    void *parent_ctx;
    struct crew *crew; /* NULL: one of its own */
};

static struct search *climber_new(const bt_space *space);

static bt_status run_on(bt_study *study, const struct run *r,
                        struct optimize_stats *stats) {
    bt_space *space = space_of(30);
    struct crew *crew = r->crew ? r->crew : crew_new(r->workers);
    struct search *search = NULL;
    struct search_options o = {.kind = r->kind, .seed = 7};
    struct behaviour behaviour = r->behaviour;
    if (r->kind < 0)
        search = climber_new(space);
    else
        assert_int_equal(search_new(space, &o, &search), BT_OK);
    struct optimize_spec spec = {
        .space = space,
        .search = search,
        .batch = 16,
        .max_trials = r->max_trials,
        .evaluate = evaluate,
        .ctx = &behaviour,
        .key = "hill",
        .crew = crew,
        .limits = r->limits,
        .study = study,
        .progress = r->progress,
        .stop = r->stop,
        .parent_ctx = r->parent_ctx,
    };
    bt_status status = optimize_run(&spec, stats);
    search_free(search);
    if (!r->crew)
        crew_close(crew);
    bt_space_free(space);
    return status;
}

static void run_in_memory(const struct run *r, struct optimize_stats *stats,
                          char *hash) {
    bt_study *study;
    assert_int_equal(bt_study_create(NULL, &study), BT_OK);
    bt_status status = run_on(study, r, stats);
    if (status != BT_OK)
        fail_msg("%s", bt_error_message());
    bt_study_hash(study, hash);
    bt_study_close(study);
}

/* The study of the whole grid, by one plain loop. */
static void reference_grid(char *hash, int *counted, int *failed) {
    bt_study *s;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    *counted = *failed = 0;
    for (int i = 0; i < 300; i++) {
        char params[32];
        bt_trial t;
        uint8_t sha[DIGEST_BYTES];
        memset(&t, 0, sizeof t);
        snprintf(params, sizeof params, "x=%d;y=%d", i / 10, i % 10);
        t.number = i + 1;
        t.params = params;
        t.message = "";
        t.state = hill(i / 10, i % 10, &t.score);
        digest_bytes(params, strlen(params), sha);
        if (t.state == BT_TRIAL_DONE || t.state == BT_TRIAL_INVALID)
            digest_hex(sha, t.hash);
        *counted += t.state != BT_TRIAL_INFEASIBLE;
        *failed += t.state != BT_TRIAL_INFEASIBLE && t.state != BT_TRIAL_DONE;
        assert_int_equal(study_add(s, &t, NULL), BT_OK);
    }
    bt_study_hash(s, hash);
    bt_study_close(s);
}

/* ---- an adaptive search with duplicates ---------------------------------- */

struct climber {
    struct search base;
    struct rng rng;
    double best, x, y;
};

static bool climb(struct search *s, struct point *out) {
    struct climber *c = (struct climber *)s;
    if (s->asked == 200)
        return false;
    double x = c->x + (double)rng_range(&c->rng, -3, 3);
    double y = c->y + (double)rng_range(&c->rng, -2, 2);
    x = fmin(fmax(x, 0), 29);
    y = fmin(fmax(y, 0), 9);
    out->count = 2;
    space_level(s->space, 0, (int64_t)x, &out->value[0]);
    space_level(s->space, 1, (int64_t)y, &out->value[1]);
    return true;
}

static void hear(struct search *s, const struct point *p, const bt_verdict *v) {
    double score = v->score[0];
    struct climber *c = (struct climber *)s;
    if (score > c->best) {
        c->best = score;
        c->x = p->value[0].number;
        c->y = p->value[1].number;
    }
}

static double two_hundred(const struct search *s) {
    (void)s;
    return 200;
}

static void climber_free(struct search *s) {
    free(s);
}

static struct search *climber_new(const bt_space *space) {
    static const struct search_kind kind = {.adaptive = true,
                                            .ask = climb,
                                            .tell = hear,
                                            .total = two_hundred,
                                            .free = climber_free};
    struct climber *c = mem_zalloc(1, sizeof *c);
    c->base.kind = &kind;
    c->base.space = space;
    c->best = -INFINITY;
    rng_seed(&c->rng, 3);
    return &c->base;
}

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
        assert_true(stats.trials == 300 && stats.computed == 300);
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
        assert_true(stats.computed == 200 - stats.duplicates);
        assert_true(*evaluations == stats.computed);
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
        assert_true(stats.computed == stats.trials); /* none too many */
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

static void a_constraint_that_excludes_everything_is_told(void **state) {
    (void)state;
    bt_study *s;
    struct optimize_stats stats;
    assert_int_equal(bt_study_create(NULL, &s), BT_OK);
    assert_int_equal(endless_random(s, &stats), BT_E_USAGE);
    expect_message("the constraint excluded the last");
    bt_study_close(s);
}

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
    evaluations = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_workers_gives_the_plain_loops_study),
        cmocka_unit_test(slow_trials_spread_over_workers),
        cmocka_unit_test(an_adaptive_search_sees_the_same_scores),
        cmocka_unit_test(duplicates_point_at_the_first),
        cmocka_unit_test(max_trials_counts_what_is_not_excluded),
        cmocka_unit_test(a_crew_serves_run_after_run),
        cmocka_unit_test(poison_is_recorded_and_the_rest_goes_on),
        cmocka_unit_test(trials_keep_their_logs_and_messages),
        cmocka_unit_test(what_can_never_work_ends_the_run),
        cmocka_unit_test(a_bundle_cut_under_the_run_ends_it),
        cmocka_unit_test(a_constraint_that_excludes_everything_is_told),
        cmocka_unit_test(interrupted_and_resumed_is_uninterrupted),
        cmocka_unit_test(draining_waits_for_what_runs),
        cmocka_unit_test(killed_at_random_it_is_one_study),
        cmocka_unit_test(killed_workers_change_nothing),
        cmocka_unit_test(a_changed_search_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_home, leave_home);
}
