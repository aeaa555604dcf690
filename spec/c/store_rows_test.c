/* Rows out of order and beyond the budget come back as a plain sort gives them.
 */
#include "base/fs.h"
#include "base/mem.h"
#include "base/rng.h"
#include "store/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/store_rows_XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

static void add(struct rows *r, const char *symbol, bt_time stamp, int line) {
    struct series *s = rows_series(r, symbol);
    struct row row = {.stamp = stamp, .line = (uint32_t)line, .v = {line}};
    assert_int_equal(rows_put(r, s, &row), BT_OK);
}

/* stamp order, ties in line order: lines are unique. */
static int compare(const void *a, const void *b) {
    const struct row *x = a, *y = b;
    if (x->stamp != y->stamp)
        return x->stamp < y->stamp ? -1 : 1;
    return x->line < y->line ? -1 : 1;
}

static void same_as_sorted(const struct rows *r, const struct series *s,
                           struct row *expected, int64_t n) {
    struct cursor c;
    const struct row *row, *before = NULL;
    qsort(expected, (size_t)n, sizeof *expected, compare);
    assert_int_equal(s->total, n);
    assert_int_equal(cursor_open(r, s, &c), BT_OK);
    for (int64_t i = 0; i < n; i++) {
        assert_int_equal(cursor_next(&c, &row), BT_OK);
        assert_non_null(row);
        assert_true(row->stamp == expected[i].stamp);
        assert_int_equal(row->line, expected[i].line);
        assert_true(row->v[0] == (double)expected[i].line);
        if (before != NULL) /* the one before is still there */
            assert_int_equal(before->line, expected[i - 1].line);
        before = row;
    }
    assert_int_equal(cursor_next(&c, &row), BT_OK);
    assert_null(row);
    cursor_close(&c);
}

enum order { FORWARD, BACKWARD, RANDOM, STAIRS };

static bt_time stamp_of(enum order order, int i, int n, struct rng *rng) {
    switch (order) {
    case FORWARD:
        return i / 3;
    case BACKWARD:
        return n - i;
    case STAIRS: /* sorted pieces, one after the other */
        return i % (n / 4);
    default:
        return rng_range(rng, 0, n / 2);
    }
}

static void check(enum order order, int n, size_t budget) {
    struct rows r;
    struct rng rng;
    const char *symbols[] = {"B", "A", "C"};
    struct row *expected[3];
    int64_t counts[3] = {0};
    rng_seed(&rng, 11);
    rows_init(&r, folder, budget);
    for (int k = 0; k < 3; k++)
        expected[k] = mem_zalloc((size_t)n, sizeof **expected);
    for (int i = 0; i < n; i++) {
        int k = (int)rng_range(&rng, 0, 2);
        bt_time stamp = stamp_of(order, i, n, &rng);
        expected[k][counts[k]++] =
            (struct row){.stamp = stamp, .line = (uint32_t)i};
        add(&r, symbols[k], stamp, i);
    }
    rows_finish(&r);
    assert_int_equal(r.count, 3);
    static const int by_symbol[] = {1, 0, 2};
    for (int k = 0; k < 3; k++) {
        assert_string_equal(r.list[k]->symbol, k == 0   ? "A"
                                               : k == 1 ? "B"
                                                        : "C");
        same_as_sorted(&r, r.list[k], expected[by_symbol[k]],
                       counts[by_symbol[k]]);
    }
    assert_true(budget > (size_t)n * sizeof(struct row) || r.spilled > 0);
    rows_fini(&r);
    for (int k = 0; k < 3; k++)
        free(expected[k]);
}

static void test_in_memory(void **state) {
    (void)state;
    for (int order = FORWARD; order <= STAIRS; order++) {
        check((enum order)order, 40, 1 << 30);
        check((enum order)order, 100000, 1 << 30); /* several blocks */
    }
}

static void test_on_disk(void **state) {
    (void)state;
    for (int order = FORWARD; order <= STAIRS; order++) {
        check((enum order)order, 2000, 0); /* every block is a run */
        check((enum order)order, 20000, 1 << 17);
    }
}

static void test_counts_what_goes_back(void **state) {
    (void)state;
    struct rows r;
    static const bt_time stamps[] = {5, 3, 4, 4, 9, 1};
    rows_init(&r, folder, 1 << 20);
    for (int i = 0; i < 6; i++)
        add(&r, "A", stamps[i], i);
    assert_int_equal(r.list[0]->backward, 2); /* 3 and 1 */
    rows_fini(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_memory),
        cmocka_unit_test(test_on_disk),
        cmocka_unit_test(test_counts_what_goes_back),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
