/* Trials to put into studies, and a home folder that goes away. */
#ifndef BT_SPEC_STUDY_FIXTURE_H
#define BT_SPEC_STUDY_FIXTURE_H

#include "base/fs.h"
#include "base/rng.h"
#include "store/study.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char home[SCRATCH_TEXT];

static inline int enter_home(void **state) {
    (void)state;
    return scratch_new(home) && setenv("BACKLUA_HOME", home, 1) == 0 ? 0 : -1;
}

static inline int leave_home(void **state) {
    (void)state;
    return fs_remove_tree(home) == BT_OK ? 0 : -1;
}

static char fixture_params[128], fixture_message[128];
static double fixture_steps[3] = {0.5, -0.0, 1e-300};

/* Trial number n of a study that is a function of n alone: odd doubles, states
 * and texts among them. Borrowed until the next call. */
static inline bt_trial trial(int32_t n) {
    static const double odd[] = {-0.0, INFINITY, -INFINITY, 5e-324, 1e308};
    struct rng r;
    rng_seed(&r, (uint64_t)n);
    bt_trial t;
    memset(&t, 0, sizeof t);
    t.number = n;
    t.state = n % 7 == 3    ? BT_TRIAL_FAILED
              : n % 11 == 5 ? BT_TRIAL_INVALID
              : n % 19 == 6 ? BT_TRIAL_PRUNED
              : n % 23 == 7 ? BT_TRIAL_VIOLATED
                            : BT_TRIAL_DONE;
    t.more_count = n % 4;
    for (int i = 0; i < t.more_count; i++)
        t.more[i] = i == 1 ? (double)NAN : rng_normal(&r);
    t.violation = t.state == BT_TRIAL_VIOLATED ? rng_unit(&r) : 0;
    t.steps = fixture_steps;
    t.step_count = n % 3;
    t.attempts = 1 + n % 3;
    t.started = 1700000000000000 + n;
    t.worker = 100 + n % 4;
    t.signal = n % 13 == 0 ? 9 : 0;
    t.duplicate_of = n % 17 == 0 ? n - 1 : 0;
    t.score = t.state != BT_TRIAL_DONE ? (double)NAN
              : n % 5 == 0             ? odd[n / 5 % 5]
                                       : rng_normal(&r);
    t.seconds = rng_unit(&r);
    for (int i = 0; i < BT_METRICS; i++)
        t.metrics[i] = i % 4 == 3 ? (double)NAN : rng_normal(&r);
    if (t.state == BT_TRIAL_DONE)
        snprintf(t.hash, sizeof t.hash, "%064x", (unsigned)n);
    snprintf(fixture_params, sizeof fixture_params, "fast=%d;mode=\"\\\"\xff\"",
             n);
    snprintf(fixture_message, sizeof fixture_message, "%s",
             t.state == BT_TRIAL_FAILED ? "s.lua:3: \xc3\xa4 'x'" : "");
    t.params = fixture_params;
    t.message = fixture_message;
    return t;
}

static inline void add(bt_study *s, int32_t n) {
    bt_trial t = trial(n);
    assert_int_equal(study_add(s, &t, n % 10 == 0 ? "printed\n" : NULL), BT_OK);
}

static inline void expect_same(const bt_trial *a, const bt_trial *b) {
    assert_int_equal(a->number, b->number);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->attempts, b->attempts);
    assert_true(a->started == b->started);
    assert_int_equal(a->worker, b->worker);
    assert_int_equal(a->signal, b->signal);
    assert_int_equal(a->duplicate_of, b->duplicate_of);
    assert_memory_equal(&a->score, &b->score, sizeof a->score);
    assert_memory_equal(&a->violation, &b->violation, sizeof a->violation);
    assert_int_equal(a->more_count, b->more_count);
    for (int i = 0; i < a->more_count; i++)
        assert_memory_equal(&a->more[i], &b->more[i], sizeof *a->more);
    assert_int_equal(a->step_count, b->step_count);
    for (int i = 0; i < a->step_count; i++)
        assert_memory_equal(&a->steps[i], &b->steps[i], sizeof *a->steps);
    assert_memory_equal(&a->seconds, &b->seconds, sizeof a->seconds);
    assert_memory_equal(a->metrics, b->metrics, sizeof a->metrics);
    assert_string_equal(a->hash, b->hash);
    assert_string_equal(a->params, b->params);
    assert_string_equal(a->message, b->message);
}

/* A study holds exactly trials first..last. */
static inline void expect_trials(bt_study *s, int32_t first, int32_t last) {
    assert_int_equal(bt_study_count(s), last - first + 1);
    for (int32_t n = first; n <= last; n++) {
        bt_trial got, want = trial(n);
        assert_int_equal(bt_study_trial(s, n - first, &got), BT_OK);
        expect_same(&got, &want);
    }
}

static inline void expect_message(const char *part) {
    if (!strstr(bt_error_message(), part))
        fail_msg("'%s' does not hold '%s'", bt_error_message(), part);
}

/* A trial with a score that is a permutation (997 is prime), and its series, x
 * [n], in values of that width. */
static inline bt_status add_with_series(bt_study *s, int32_t number,
                                        const double *x, int32_t n,
                                        int32_t width) {
    bt_trial t = trial(1);
    t.number = number;
    t.state = BT_TRIAL_DONE;
    t.duplicate_of = t.more_count = 0;
    t.score = number * 331 % 997;
    assert_int_equal(study_add(s, &t, NULL), BT_OK);
    float *narrow = malloc((size_t)n * sizeof *narrow);
    for (int32_t i = 0; i < n; i++)
        narrow[i] = (float)x[i];
    const void *data = width == 4 ? (const void *)narrow : x;
    bt_status status = study_add_series(s, number, data, n, width);
    free(narrow);
    return status;
}

#endif
