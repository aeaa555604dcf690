/* A hill to search, its study by one plain loop, and a run over a crew.
 *
 * The evaluation is a C function of the parameters; what the study must hold is
 * computed here, in one process, without any of the code under test but the
 * study itself.
 */
#ifndef BT_SPEC_LOOP_FIXTURE_H
#define BT_SPEC_LOOP_FIXTURE_H

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
static inline int32_t hill(double x, double y, double *score) {
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

enum { SESSIONS = 300 };

static inline void add_returns(bt_outcome *r, double x, double y) {
    double returns[SESSIONS];
    for (int i = 0; i < SESSIONS; i++)
        returns[i] = sin(i * (x + 1) * 0.1 + y) / 100;
    bt_outcome_series(r, returns, SESSIONS, 4);
}

struct behaviour {
    double sleep;     /* seconds for each trial */
    int32_t segfault; /* number of a trial that always faults, 0 */
    int32_t bus;      /* that always meets SIGBUS */
    int32_t hang;     /* that never ends */
    int32_t fatal;    /* that reports a fatal error */
    bool excluded;    /* everything is */
    bool returns;     /* of SESSIONS sessions come with each trial */
};

static inline void evaluate(void *ctx, const bt_space *space,
                            const struct point *p, const char *canonical,
                            int32_t number, volatile int64_t *beat,
                            struct outcome *out) {
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
    if (b->returns)
        add_returns(r, p->value[0].number, p->value[1].number);
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

static inline bt_space *space_of(int64_t width) {
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
    void (*meanwhile)(void *ctx);
    void *parent_ctx;
    struct crew *crew; /* NULL: one of its own */
    bt_cohort *cohort;
};

static struct search *climber_new(const bt_space *space);

static inline bt_status run_on(bt_study *study, const struct run *r,
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
        .cohort = r->cohort,
        .progress = r->progress,
        .meanwhile = r->meanwhile,
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

static inline void run_in_memory(const struct run *r,
                                 struct optimize_stats *stats, char *hash) {
    bt_study *study;
    assert_int_equal(bt_study_create(NULL, &study), BT_OK);
    bt_status status = run_on(study, r, stats);
    if (status != BT_OK)
        fail_msg("%s", bt_error_message());
    bt_study_hash(study, hash);
    bt_study_close(study);
}

/* The study of the whole grid, by one plain loop. */
static inline void reference_grid(char *hash, int *counted, int *failed) {
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

static inline bool climb(struct search *s, struct point *out) {
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

static inline void hear(struct search *s, const struct point *p,
                        const bt_verdict *v) {
    double score = v->score[0];
    struct climber *c = (struct climber *)s;
    if (score > c->best) {
        c->best = score;
        c->x = p->value[0].number;
        c->y = p->value[1].number;
    }
}

static inline double two_hundred(const struct search *s) {
    (void)s;
    return 200;
}

static inline void climber_free(struct search *s) {
    free(s);
}

static inline struct search *climber_new(const bt_space *space) {
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

static inline void share_evaluations(void) {
    evaluations = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

#endif
