/* Columns that show pages, columns that own them, and more of both than the
 * system has mappings for. */
#define _GNU_SOURCE
#include "base/status.h"
#include "store/column.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 4096, ROWS = 512, PAGES = 64 };

static int fd;
static struct column_file file; /* value of page i, row k: i + k / 1000 */

static double value(int page, int row) {
    return page + row / 1000.0;
}

static int setup(void **state) {
    (void)state;
    static double values[PAGES][ROWS];
    for (int i = 0; i < PAGES; i++)
        for (int k = 0; k < ROWS; k++)
            values[i][k] = value(i, k);
    fd = memfd_create("columns", MFD_CLOEXEC);
    if (fd < 0 || write(fd, values, sizeof values) != (ssize_t)sizeof values)
        return -1;
    return column_file_map(fd, sizeof values, "columns", &file) != BT_OK;
}

static int teardown(void **state) {
    (void)state;
    column_file_unmap(&file);
    return close(fd);
}

static bool holds(const struct column *c, int page) {
    return c->data[0] == value(page, 0) &&
           c->data[ROWS - 1] == value(page, ROWS - 1);
}

static bool begins_with_nan(const struct column *c, int32_t rows) {
    for (int32_t i = 1; i <= rows; i++)
        if (!isnan(c->data[-i]))
            return false;
    return true;
}

static void make_one(int page, enum column_apron apron, struct column *out) {
    double *fill;
    assert_int_equal(column_make(ROWS, apron, out, &fill), BT_OK);
    for (int k = 0; k < ROWS; k++)
        fill[k] = value(page, k);
    column_seal(out);
}

static void shown_and_own_ones_are_alike(void **state) {
    (void)state;
    struct column shown, own, zero, later;
    assert_int_equal(column_map(&file, 3 * PAGE, ROWS, COLUMN_NAN, &shown),
                     BT_OK);
    make_one(3, COLUMN_NAN, &own);
    make_one(4, COLUMN_ZERO, &zero);
    assert_int_equal(shown.own_bytes, 0);
    assert_true(own.own_bytes >= PAGE);
    assert_memory_equal(shown.data, own.data, ROWS * sizeof(double));
    int32_t rows = column_apron_rows();
    column_apron_reach(rows + 1);
    assert_true(column_apron_rows() > rows);
    make_one(5, COLUMN_NAN, &later); /* made when it is known */
    rows = column_apron_rows();
    assert_true(begins_with_nan(&shown, rows) && begins_with_nan(&own, rows) &&
                begins_with_nan(&later, rows));
    assert_true(zero.data[-1] == 0 && zero.data[-BT_HISTORY_MAX] == 0);
    assert_true(holds(&own, 3) && holds(&zero, 4) && holds(&later, 5));
    column_unmap(&own);
    column_apron_reach(BT_HISTORY_MAX);
    assert_true(begins_with_nan(&shown, BT_HISTORY_MAX) &&
                begins_with_nan(&later, BT_HISTORY_MAX));
    column_unmap(&later);
    column_unmap(&zero);
    column_unmap(&shown);
    assert_null(shown.base);
    column_unmap(&shown); /* twice is fine */
}

static void detached_ones_keep_their_values(void **state) {
    (void)state;
    struct column c;
    assert_int_equal(column_map(&file, 7 * PAGE, ROWS, COLUMN_NAN, &c), BT_OK);
    const double *data = c.data;
    assert_int_equal(column_detach(&c), BT_OK);
    double other = -1;
    assert_int_equal(pwrite(fd, &other, sizeof other, 7 * PAGE), sizeof other);
    assert_ptr_equal(c.data, data);
    assert_true(holds(&c, 7) && begins_with_nan(&c, column_apron_rows()));
    assert_int_equal(c.own_bytes, PAGE);
    other = value(7, 0);
    assert_int_equal(pwrite(fd, &other, sizeof other, 7 * PAGE), sizeof other);
    column_unmap(&c);
}

/* ---- as many as there may be ----------------------------------------------*/

static long allowed(void) {
    long n = 0;
    FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
    assert_non_null(f);
    assert_int_equal(fscanf(f, "%ld", &n), 1);
    fclose(f);
    if (n > 100000)
        skip(); /* too many to take them all */
    return n;
}

static long taken(void) {
    long n = 0;
    FILE *f = fopen("/proc/self/maps", "re");
    assert_non_null(f);
    for (int c; (c = fgetc(f)) != EOF;)
        n += c == '\n';
    fclose(f);
    return n;
}

/* Each takes two mappings, so they would take more than there are; half of
 * those is left for all else. */
static void any_number_of_columns(void **state) {
    (void)state;
    long most = allowed(), n = most / 2 + 1000, before = taken();
    struct column *all = calloc((size_t)n, sizeof *all);
    assert_non_null(all);
    for (long i = 0; i < n; i++)
        if (column_map(&file, i % PAGES * PAGE, ROWS, COLUMN_NAN, &all[i]) !=
            BT_OK)
            fail_msg("column %ld: %s", i, bt_error_message());
    assert_in_range(taken(), most / 2, most / 2 + before + 100);
    assert_true(all[0].own_bytes == 0 && all[n - 1].own_bytes > 0);
    column_apron_reach(column_apron_rows() + 1);
    for (long i = 0; i < n; i++)
        if (!holds(&all[i], (int)(i % PAGES)) || !isnan(all[i].data[-1]) ||
            !isnan(all[i].data[-column_apron_rows()]))
            fail_msg("column %ld differs", i);
    for (long i = 0; i < n; i += 2) /* in any order */
        column_unmap(&all[i]);
    for (long i = 1; i < n; i += 2)
        column_unmap(&all[i]);
    assert_in_range(taken(), 0, before + 100);
    free(all);
}

static void too_many_files_are_told_the_bound(void **state) {
    (void)state;
    long most = allowed(), n = 0;
    struct column_file *all = calloc((size_t)most, sizeof *all);
    assert_non_null(all);
    bt_status s = BT_OK;
    while (s == BT_OK && n < most)
        s = column_file_map(fd, PAGE, "folder/many.col", &all[n++]);
    assert_int_equal(s, BT_E_IO);
    const char *said = bt_error_message();
    assert_non_null(strstr(said, "cannot map folder/many.col: too many"));
    assert_non_null(strstr(said, "sysctl -w vm.max_map_count="));
    for (long i = 0; i < n; i++)
        column_file_unmap(&all[i]);
    free(all);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_columns),
        cmocka_unit_test(shown_and_own_ones_are_alike),
        cmocka_unit_test(detached_ones_keep_their_values),
        cmocka_unit_test(too_many_files_are_told_the_bound),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
