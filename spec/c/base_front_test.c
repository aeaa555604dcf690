/* Non-dominated sorting, beside its definition. */
#include "base/front.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void dominance_is_better_somewhere_and_worse_nowhere(void **state) {
    (void)state;
    double a[] = {1, 2, 3}, b[] = {1, 2, 2}, c[] = {0, 9, 3};
    assert_true(front_dominates(a, b, 3));
    assert_false(front_dominates(b, a, 3));
    assert_false(front_dominates(a, a, 3));
    assert_false(front_dominates(a, c, 3));
    assert_false(front_dominates(c, a, 3));
}

/* Front k: dominated by none of those left when 0 .. k-1 are taken out. */
static void by_definition(const double *x, int n, int m, int32_t *rank) {
    for (int i = 0; i < n; i++)
        rank[i] = -1;
    for (int k = 0, left = n; left > 0; k++) {
        int32_t next[200];
        for (int i = 0; i < n; i++) {
            next[i] = rank[i];
            bool beaten = false;
            for (int j = 0; j < n && rank[i] < 0; j++)
                beaten = beaten || (rank[j] < 0 &&
                                    front_dominates(x + j * m, x + i * m, m));
            if (rank[i] < 0 && !beaten)
                next[i] = k, left--;
        }
        for (int i = 0; i < n; i++)
            rank[i] = next[i];
    }
}

static void fronts_are_those_of_the_definition(void **state) {
    (void)state;
    struct rng r;
    rng_seed(&r, 3);
    for (int round = 0; round < 200; round++) {
        double x[200 * 4];
        int32_t got[200], want[200], ranks = 0;
        bool first[200];
        int n = (int)rng_range(&r, 0, 60), m = (int)rng_range(&r, 1, 4);
        for (int i = 0; i < n * m; i++)
            x[i] = (double)rng_range(&r, 0, 8); /* many ties */
        by_definition(x, n, m, want);
        int32_t count = front_sort(x, (size_t)n, m, got);
        front_first(x, (size_t)n, m, first);
        for (int i = 0; i < n; i++) {
            assert_int_equal(got[i], want[i]);
            assert_int_equal(first[i], want[i] == 0);
            ranks = got[i] + 1 > ranks ? got[i] + 1 : ranks;
        }
        assert_int_equal(count, ranks);
    }
}

/* A search whose trials mostly come to nothing has one score many times: were
 * each compared to all before it, this test would not end. */
static void many_equal_scores_are_one_front(void **state) {
    (void)state;
    enum { N = 1000000 };
    double *x = calloc(N, sizeof *x);
    int32_t *rank = calloc(N, sizeof *rank);
    assert_non_null(x);
    assert_non_null(rank);
    x[N / 2] = 1;
    assert_int_equal(front_sort(x, N, 1, rank), 2);
    for (int i = 0; i < N; i++)
        assert_int_equal(rank[i], i == N / 2 ? 0 : 1);
    free(x);
    free(rank);
}

static void the_first_front_of_many_is_that_of_all(void **state) {
    (void)state;
    enum { N = 20000, M = 3 };
    double *x = calloc((size_t)N * M, sizeof *x);
    int32_t *rank = calloc(N, sizeof *rank);
    bool *first = calloc(N, sizeof *first);
    struct rng r;
    assert_true(x && rank && first);
    rng_seed(&r, 5);
    for (int i = 0; i < N * M; i++)
        x[i] = (double)rng_range(&r, 0, 1 << 20);
    front_sort(x, N, M, rank);
    front_first(x, N, M, first);
    for (int i = 0; i < N; i++)
        assert_int_equal(first[i], rank[i] == 0);
    free(first);
    free(rank);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dominance_is_better_somewhere_and_worse_nowhere),
        cmocka_unit_test(fronts_are_those_of_the_definition),
        cmocka_unit_test(the_first_front_of_many_is_that_of_all),
        cmocka_unit_test(many_equal_scores_are_one_front),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
