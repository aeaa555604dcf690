/* The shared list of the last used: one process first, then several at once,
 * some of which die. */
#include "base/recent.h"

#include "draw.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 4096, ALL = 1 << 30 };

/* Numbers of entry i, which has `count` of them. */
static double number_of(uint64_t i, size_t at) {
    return (double)i * 1e6 + (double)at;
}

static void fill(double *room, uint64_t i, size_t count) {
    for (size_t at = 0; at < count; at++)
        room[at] = number_of(i, at);
}

static bool holds(const double *data, uint64_t i, size_t count) {
    for (size_t at = 0; at < count; at++)
        if (data[at] != number_of(i, at))
            return false;
    return true;
}

static bool put(struct recent *r, uint64_t i, size_t count, size_t total) {
    struct key k = draw_key(i);
    double *room = recent_claim(r, k.bytes, count * sizeof *room, total);
    if (room == NULL)
        return false;
    fill(room, i, count);
    recent_ready(r, k.bytes);
    return true;
}

static const double *get(struct recent *r, uint64_t i) {
    struct key k = draw_key(i);
    return recent_get(r, k.bytes);
}

static void the_least_recently_used_leaves(void **state) {
    (void)state;
    struct recent *r = recent_new(3, 1 << 20);
    for (uint64_t i = 0; i < 3; i++)
        assert_true(put(r, i, 10, ALL));
    assert_true(holds(get(r, 0), 0, 10)); /* 1 is the oldest now */
    recent_release(r);
    assert_true(put(r, 3, 2000, ALL));
    assert_null(get(r, 1));
    assert_true(holds(get(r, 0), 0, 10));
    assert_true(holds(get(r, 2), 2, 10));
    assert_true(holds(get(r, 3), 3, 2000));
    struct recent_stats s = recent_stats(r);
    assert_int_equal(s.entries, 3);
    assert_int_equal(s.evictions, 1);
    assert_int_equal(s.bytes, (1 + 1 + 4) * PAGE);
    recent_free(r);
}

static void what_is_looked_at_stays(void **state) {
    (void)state;
    struct recent *r = recent_new(2, 1 << 20);
    put(r, 0, 10, ALL);
    put(r, 1, 10, ALL);
    assert_false(put(r, 2, 10, ALL)); /* whoever fills an entry looks at it */
    assert_false(recent_shrink(r, 0));
    recent_release(r);
    const double *kept = get(r, 0);
    assert_true(put(r, 2, 10, ALL));
    assert_null(get(r, 1));
    assert_true(holds(kept, 0, 10));
    assert_false(put(r, 3, 10, ALL));
    recent_release(r);
    assert_true(recent_shrink(r, 0));
    assert_int_equal(recent_stats(r).entries, 0);
    assert_int_equal(recent_stats(r).bytes, 0);
    assert_null(get(r, 0));
    recent_free(r);
}

static void memory_is_bounded_and_given_back(void **state) {
    (void)state;
    struct recent *r = recent_new(100, 1 << 20);
    for (uint64_t i = 0; i < 50; i++) {
        assert_true(put(r, i, 512 * (1 + i % 3), 8 * PAGE));
        assert_true(recent_stats(r).bytes <= 8 * PAGE);
        recent_release(r);
    }
    assert_false(put(r, 99, 512 * 9, 8 * PAGE)); /* more than all may have */
    assert_false(put(r, 98, (1 << 20) / 8 + 1, ALL)); /* than one may have */
    assert_true(recent_shrink(r, 3 * PAGE));
    assert_true(recent_stats(r).bytes <= 3 * PAGE);
    recent_free(r);
}

static void one_key_is_claimed_once(void **state) {
    (void)state;
    struct recent *r = recent_new(4, 1 << 20);
    struct key k = draw_key(7);
    double *room = recent_claim(r, k.bytes, 80, ALL);
    assert_non_null(room);
    assert_null(recent_claim(r, k.bytes, 80, ALL));
    assert_null(recent_get(r, k.bytes)); /* not ready yet */
    fill(room, 7, 10);
    recent_ready(r, k.bytes);
    assert_true(holds(recent_get(r, k.bytes), 7, 10));
    recent_free(r);
}

/* ---- processes ----------------------------------------------------------- */

static pid_t start(int (*body)(struct recent *), struct recent *r) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(body(r));
    return pid;
}

static int end(pid_t pid) {
    int status;
    waitpid(pid, &status, 0);
    recent_ended(pid);
    return status;
}

static int look_and_die(struct recent *r) {
    bool seen = holds(get(r, 0), 0, 10);
    struct key k = draw_key(5);
    recent_claim(r, k.bytes, 80, ALL); /* and never ready */
    raise(seen ? SIGKILL : SIGABRT);
    return 0;
}

static void the_dead_hold_nothing(void **state) {
    (void)state;
    struct recent *r = recent_new(2, 1 << 20);
    put(r, 0, 10, ALL);
    recent_release(r);
    pid_t pid = fork();
    if (pid == 0)
        _exit(look_and_die(r));
    int status;
    waitpid(pid, &status, 0);
    assert_int_equal(WTERMSIG(status), SIGKILL);
    assert_false(put(r, 1, 10, ALL)); /* one is looked at, one being filled */
    recent_ended(pid);
    assert_true(put(r, 1, 10, ALL));
    assert_true(put(r, 2, 10, ALL));
    assert_null(get(r, 0));
    recent_free(r);
}

/* Find or make entries at random, of a few sizes, and see that what is looked
 * at stays what it is while all others do the same. */
static int use(struct recent *r) {
    enum { ROUNDS = 3000, KEYS = 24, AT_ONCE = 4 };
    draw_state = (uint64_t)getpid();
    for (int round = 0; round < ROUNDS; round++) {
        const double *seen[AT_ONCE];
        uint64_t which[AT_ONCE];
        for (int n = 0; n < AT_ONCE; n++) {
            which[n] = draw() % KEYS;
            seen[n] = get(r, which[n]);
            if (seen[n] == NULL)
                put(r, which[n], 600 * (1 + which[n] % 3), 20 * PAGE);
        }
        for (int n = 0; n < AT_ONCE; n++)
            if (seen[n] && !holds(seen[n], which[n], 600 * (1 + which[n] % 3)))
                return 1;
        recent_release(r);
    }
    return 0;
}

static void several_at_once_see_what_was_put(void **state) {
    (void)state;
    struct recent *r = recent_new(12, 1 << 20);
    pid_t pids[4];
    for (int i = 0; i < 4; i++)
        pids[i] = start(use, r);
    for (int i = 0; i < 4; i++)
        assert_int_equal(end(pids[i]), 0);
    assert_true(recent_stats(r).evictions > 100);
    assert_true(recent_stats(r).bytes <= 24 * PAGE); /* races overshoot */
    recent_free(r);
}

static void deaths_at_any_instant_spoil_nothing(void **state) {
    (void)state;
    struct recent *r = recent_new(12, 1 << 20);
    pid_t steady = start(use, r);
    for (int i = 0; i < 60; i++) {
        pid_t pid = start(use, r);
        usleep((useconds_t)(draw() % 3000));
        kill(pid, SIGKILL);
        end(pid);
    }
    assert_int_equal(end(steady), 0);
    assert_int_equal(end(start(use, r)), 0);
    recent_release(r);
    assert_true(recent_shrink(r, 0)); /* nothing is held any more */
    assert_int_equal(recent_stats(r).entries, 0);
    recent_free(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least_recently_used_leaves),
        cmocka_unit_test(what_is_looked_at_stays),
        cmocka_unit_test(memory_is_bounded_and_given_back),
        cmocka_unit_test(one_key_is_claimed_once),
        cmocka_unit_test(the_dead_hold_nothing),
        cmocka_unit_test(several_at_once_see_what_was_put),
        cmocka_unit_test(deaths_at_any_instant_spoil_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
