/* The shared arena: one process first, then several at once. */
#include "base/arena.h"

#include "draw.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MIB = 1 << 20 };

static size_t size_of(uint64_t i) {
    return 1 + (size_t)(i * 37 % 3000);
}

/* Every byte of entry i. */
static uint8_t fill_of(uint64_t i) {
    return (uint8_t)(i * 131 + 7);
}

static bool holds(const void *data, uint64_t i, size_t bytes) {
    const uint8_t *p = data;
    if (bytes != size_of(i))
        return false;
    for (size_t b = 0; b < bytes; b++)
        if (p[b] != fill_of(i))
            return false;
    return true;
}

static void claim_fill_ready_get(void **state) {
    (void)state;
    struct arena *a = arena_new(MIB);
    struct key k = draw_key(1);
    size_t bytes = 77;
    assert_null(arena_get(a, k.bytes, &bytes));
    assert_int_equal(bytes, 77);
    void *room = arena_claim(a, k.bytes, size_of(1));
    assert_non_null(room);
    assert_int_equal((uintptr_t)room % 64, 0);
    memset(room, fill_of(1), size_of(1));
    assert_null(arena_get(a, k.bytes, &bytes)); /* not yet */
    assert_null(arena_claim(a, k.bytes, 10));   /* taken */
    arena_ready(a, k.bytes);
    assert_ptr_equal(arena_get(a, k.bytes, &bytes), room);
    assert_true(holds(room, 1, bytes));
    assert_null(arena_claim(a, k.bytes, 10));
    struct arena_stats s = arena_stats(a);
    assert_int_equal(s.hits, 1);
    assert_int_equal(s.misses, 2);
    assert_int_equal(s.entries, 1);
    assert_int_equal(s.bytes, 64); /* 38 rounded up */
    assert_int_equal(s.budget, MIB);
    arena_free(a);
}

static void keys_that_begin_alike_differ(void **state) {
    (void)state;
    struct arena *a = arena_new(MIB);
    struct key k = draw_key(1), other = draw_key(1);
    size_t bytes;
    other.bytes[31] ^= 1;
    assert_non_null(arena_claim(a, k.bytes, 8));
    arena_ready(a, k.bytes);
    assert_null(arena_get(a, other.bytes, &bytes));
    assert_non_null(arena_get(a, k.bytes, &bytes));
    arena_free(a);
}

static void full_is_full(void **state) {
    (void)state;
    struct arena *a = arena_new(1000); /* rounded up to 1024 */
    size_t bytes;
    assert_null(arena_claim(a, draw_key(1).bytes, 1025));
    assert_null(arena_claim(a, draw_key(1).bytes, SIZE_MAX));
    assert_non_null(arena_claim(a, draw_key(1).bytes, 1000));
    arena_ready(a, draw_key(1).bytes);
    assert_null(arena_claim(a, draw_key(2).bytes, 1));
    assert_non_null(arena_get(a, draw_key(1).bytes, &bytes));
    assert_int_equal(arena_stats(a).bytes, 1024);
    arena_clear(a);
    assert_null(arena_get(a, draw_key(1).bytes, &bytes));
    const uint8_t *room = arena_claim(a, draw_key(2).bytes, 1024);
    assert_non_null(room);
    for (int i = 0; i < 1024; i++)
        assert_int_equal(room[i], 0);
    assert_int_equal(arena_stats(a).misses, 1); /* counted anew */
    arena_free(a);
    assert_null(arena_new(0));
    assert_null(arena_new(SIZE_MAX));
    arena_free(NULL);
}

static void more_keys_than_slots(void **state) {
    (void)state;
    struct arena *a = arena_new(MIB); /* 256 slots */
    uint64_t placed = 0;
    for (uint64_t i = 0; i < 2000; i++)
        if (arena_claim(a, draw_key(i).bytes, 1)) {
            arena_ready(a, draw_key(i).bytes);
            placed++;
        }
    assert_in_range(placed, 200, 256);
    assert_int_equal(arena_stats(a).entries, placed);
    arena_free(a);
}

static void a_large_budget_costs_nothing_yet(void **state) {
    (void)state;
    struct arena *a = arena_new((size_t)2048 * MIB);
    assert_non_null(a);
    void *room = arena_claim(a, draw_key(5).bytes, 1000);
    memset(room, 1, 1000);
    arena_ready(a, draw_key(5).bytes);
    FILE *f = fopen("/proc/self/statm", "r");
    long total, resident;
    assert_int_equal(fscanf(f, "%ld %ld", &total, &resident), 2);
    fclose(f);
#ifndef __SANITIZE_ADDRESS__
    assert_true(resident * sysconf(_SC_PAGESIZE) < 64L * MIB);
#endif
    arena_free(a);
}

/* ---- several processes
 * --------------------------------------------------------- */

enum { CHILDREN = 6, KEYS = 400, ROUNDS = 3 };

/* Visit all keys in an order of one's own; 0 when every answer was right. */
static int visit(struct arena *a, int child) {
    draw_state = (uint64_t)child * 7919 + 1;
    for (int n = 0; n < ROUNDS * KEYS; n++) {
        uint64_t i = (uint64_t)draw_below(KEYS);
        struct key k = draw_key(i);
        size_t bytes;
        const void *data = arena_get(a, k.bytes, &bytes);
        if (data && !holds(data, i, bytes))
            return 1;
        if (data)
            continue;
        void *room = arena_claim(a, k.bytes, size_of(i));
        if (room) {
            memset(room, fill_of(i), size_of(i));
            arena_ready(a, k.bytes);
        }
    }
    return 0;
}

static void processes_share_without_locks(void **state) {
    (void)state;
    struct arena *a = arena_new(8 * MIB);
    pid_t pids[CHILDREN];
    for (int c = 0; c < CHILDREN; c++) {
        pids[c] = fork();
        if (pids[c] == 0)
            _exit(visit(a, c));
    }
    for (int c = 0; c < CHILDREN; c++) {
        int status;
        assert_int_equal(waitpid(pids[c], &status, 0), pids[c]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    struct arena_stats s = arena_stats(a);
    assert_int_equal(s.hits + s.misses, CHILDREN * ROUNDS * KEYS);
    int64_t found = 0, bytes_found = 0;
    for (uint64_t i = 0; i < KEYS; i++) {
        size_t bytes;
        const void *data = arena_get(a, draw_key(i).bytes, &bytes);
        if (data) {
            assert_true(holds(data, i, bytes));
            found++;
            bytes_found += (int64_t)(bytes + 63) / 64 * 64;
        }
    }
    assert_true(found > KEYS * 9 / 10);
    assert_int_equal(s.entries, found); /* no key has two places */
    assert_int_equal(s.bytes, bytes_found);
    arena_free(a);
}

static void a_death_while_busy_costs_one_slot(void **state) {
    (void)state;
    struct arena *a = arena_new(MIB);
    struct key k = draw_key(3);
    size_t bytes;
    pid_t pid = fork();
    if (pid == 0) {
        arena_claim(a, k.bytes, 100);
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_null(arena_get(a, k.bytes, &bytes));
    assert_null(arena_claim(a, k.bytes, 100));
    for (uint64_t i = 100; i < 150; i++) { /* nobody else notices */
        assert_non_null(arena_claim(a, draw_key(i).bytes, 8));
        arena_ready(a, draw_key(i).bytes);
        assert_non_null(arena_get(a, draw_key(i).bytes, &bytes));
    }
    arena_free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claim_fill_ready_get),
        cmocka_unit_test(keys_that_begin_alike_differ),
        cmocka_unit_test(full_is_full),
        cmocka_unit_test(more_keys_than_slots),
        cmocka_unit_test(a_large_budget_costs_nothing_yet),
        cmocka_unit_test(processes_share_without_locks),
        cmocka_unit_test(a_death_while_busy_costs_one_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
