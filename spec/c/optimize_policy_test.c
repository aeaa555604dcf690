/* The small-run policy: arithmetic by hand. */
#include "optimize/policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A first trial of 3 ms, later ones of 1 ms; 1 ms to start a worker: a worker
 * costs 1 + 2 ms and must save more than 6. */
static struct policy timed(void) {
    struct policy p;
    policy_init(&p);
    policy_seen(&p, 0.003);
    for (int i = 0; i < 4; i++)
        policy_seen(&p, 0.001);
    return p;
}

static int32_t workers(const struct policy *p, double remaining, int32_t alive,
                       int32_t capacity, double parent) {
    struct policy_facts f = {remaining, 0.001, parent, 0, alive, capacity};
    struct policy_decision d = policy_decide(p, &f);
    return d.workers;
}

static void one_worker_until_a_trial_is_timed(void **state) {
    (void)state;
    struct policy p;
    policy_init(&p);
    assert_int_equal(workers(&p, 1e6, 0, 8, 1e-6), 1);
    assert_int_equal(workers(&p, 1e6, 3, 8, 1e-6), 3); /* they live already */
    assert_int_equal(workers(&p, 1e6, 8, 2, 1e-6), 2);
}

static int32_t workers_beside(double running, double remaining) {
    struct policy p;
    struct policy_facts f = {.remaining = remaining,
                             .start_seconds = 0.001,
                             .parent_seconds = 1,
                             .running = running,
                             .alive = 1,
                             .capacity = 8};
    policy_init(&p);
    return policy_decide(&p, &f).workers;
}

/* After 120 ms a trial is taken for 50, and a worker costs 1 + 70 and must save
 * more than 142; the second saves W/2, the third W/6. After 10 s it is taken
 * for 9.5, and a worker must save 1.002. */
static void a_long_first_trial_is_not_waited_for(void **state) {
    (void)state;
    assert_int_equal(workers_beside(0.02, 1e6), 1); /* it may be compiling */
    assert_int_equal(workers_beside(0.12, 5), 1);   /* 125 */
    assert_int_equal(workers_beside(0.12, 6), 2);   /* 150; 50 */
    assert_int_equal(workers_beside(0.12, 18), 3);  /* 450; 150; 75 */
    assert_int_equal(workers_beside(0.12, -1), 8);
    assert_int_equal(workers_beside(10, 1), 3); /* 4.75, 1.6; 0.8 */
    assert_int_equal(workers_beside(10, 4), 6); /* 38 / 30; 38 / 42 */
}

static void a_worker_must_save_twice_its_cost(void **state) {
    (void)state;
    struct policy p = timed();
    /* the second saves W/2, the third W/6, the fourth W/12 */
    assert_int_equal(workers(&p, 11, 1, 8, 1e-6), 1); /* 5.5 ms */
    assert_int_equal(workers(&p, 13, 1, 8, 1e-6), 2); /* 6.5; 2.2 */
    assert_int_equal(workers(&p, 35, 1, 8, 1e-6), 2); /* 17.5; 5.8 */
    assert_int_equal(workers(&p, 37, 1, 8, 1e-6), 3); /* 18.5; 6.2; 3.1 */
    assert_int_equal(workers(&p, 73, 1, 8, 1e-6), 4); /* 73/12 = 6.1 */
    assert_int_equal(workers(&p, 1e6, 1, 8, 1e-6),
                     8);                              /* no more than allowed */
    assert_int_equal(workers(&p, -1, 1, 8, 1e-6), 8); /* no end in sight */
    assert_int_equal(workers(&p, 0, 1, 8, 1e-6), 1);
}

static void living_workers_cost_nothing(void **state) {
    (void)state;
    struct policy p = timed();
    assert_int_equal(workers(&p, 2, 5, 8, 1e-6), 5);
    assert_int_equal(workers(&p, 1e6, 5, 8, 1e-6), 8);
}

static void the_parent_must_be_able_to_feed_them(void **state) {
    (void)state;
    struct policy p = timed();
    assert_int_equal(workers(&p, 1e6, 1, 8, 0.0005), 3); /* 1 ms against 0.5 */
    assert_int_equal(workers(&p, 1e6, 1, 8, 0.01), 1);
    assert_int_equal(workers(&p, 1e6, 1, 8, 0), 8);
}

static void the_decision_is_told(void **state) {
    (void)state;
    struct policy p = timed();
    struct policy_facts f = {13, 0.001, 1e-6, 0, 1, 8};
    struct policy_decision d = policy_decide(&p, &f);
    char words[200];
    policy_words(&d, words, sizeof words);
    assert_string_equal(
        words, "2 of 8 workers: 13 trials of 1.000 ms left, 13.0 ms of work; "
               "a worker costs 3.00 ms and must save 6.00 ms");
    f.remaining = -1;
    f.parent_seconds = 1;
    d = policy_decide(&p, &f);
    policy_words(&d, words, sizeof words);
    assert_string_equal(words,
                        "1 of 8 workers: trials of 1.000 ms, their number is "
                        "not known; more could not be fed");
    policy_words(&d, words, 10);
    assert_int_equal(strlen(words), 9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_worker_until_a_trial_is_timed),
        cmocka_unit_test(a_long_first_trial_is_not_waited_for),
        cmocka_unit_test(a_worker_must_save_twice_its_cost),
        cmocka_unit_test(living_workers_cost_nothing),
        cmocka_unit_test(the_parent_must_be_able_to_feed_them),
        cmocka_unit_test(the_decision_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
