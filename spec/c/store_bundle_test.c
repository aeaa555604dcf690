/* Opening, verifying, listing and removing bundles; damage of every kind. */
#include "bundle_fixture.h"

#include "store/attic.h"
#include "store/bundle.h"
#include "store/column.h"
#include "store/pool.h"
#include "store/verified.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

static const double gap = (double)NAN;
static const double aaa[] = {10, 11, gap, 13, 14};
static const double bbb[] = {20, 21};
static const struct fixture_asset two[] = {{"AAA", 0, 5, aaa},
                                           {"BBB", 2, 2, bbb}};

static bt_bundle *open_ok(const char *name) {
    bt_bundle *b = NULL;
    char *path = fixture_path(name, NULL);
    bt_status s = bundle_open(path, false, &b);
    if (s != BT_OK)
        fail_msg("%s", bt_error_message());
    free(path);
    return b;
}

static bt_status open_status(const char *name) {
    bt_bundle *b = NULL;
    char *path = fixture_path(name, NULL);
    bt_status s = bundle_open(path, false, &b);
    free(path);
    if (s == BT_OK)
        bundle_close(b, true);
    return s;
}

static void test_reads_what_was_written(void **state) {
    (void)state;
    char sha[65];
    fixture_make("two", two, 2, sha);
    bt_bundle *b = open_ok("two");
    bt_bundle_info info;
    bt_bundle_get_info(b, &info);
    assert_int_equal(info.assets, 2);
    assert_int_equal(info.rows, 5);
    assert_true(info.bars == 6);
    assert_string_equal(info.sha256, sha);
    assert_string_equal(info.name, "two");
    assert_string_equal(info.frequency, "1d");
    assert_string_equal(info.provenance, "{}");
    assert_true(info.first_close == 10000 * FIXTURE_DAY + FIXTURE_DAY / 2);
    assert_true(info.last_close == 10004 * FIXTURE_DAY + FIXTURE_DAY / 2);
    assert_string_equal(bt_bundle_symbol(b, 1), "BBB");
    assert_null(bt_bundle_symbol(b, 2));
    assert_null(bt_bundle_symbol(b, -1));
    assert_int_equal(bt_bundle_find(b, "BBB"), 1);
    assert_int_equal(bt_bundle_find(b, "CCC"), -1);
    int32_t first, last;
    bt_bundle_asset_rows(b, 1, &first, &last);
    assert_int_equal(first, 2);
    assert_int_equal(last, 3);
    assert_int_equal(bundle_sessions(b)[3], 10003);
    assert_true(bundle_open_times(b)[4] == 10004 * FIXTURE_DAY);
    bundle_close(b, true);
}

static void test_columns_with_apron(void **state) {
    (void)state;
    fixture_make("two", two, 2, NULL);
    bt_bundle *b = open_ok("two");
    const double *close, *volume, *again;
    assert_int_equal(bundle_column(b, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_int_equal(bundle_column(b, 1, BT_FIELD_VOLUME, &volume), BT_OK);
    assert_true(close[0] == 10 && close[4] == 14 && isnan(close[2]));
    assert_true(volume[0] == 0 && volume[2] == 2000 && volume[4] == 0);
    assert_true(isnan(close[-1]));
    for (int32_t n = column_apron_rows(); n < BT_HISTORY_MAX;) {
        column_apron_reach(n + 1);
        assert_true(column_apron_rows() > n);
        n = column_apron_rows();
        assert_true(isnan(close[-n]) && isnan(close[-n / 2]));
    }
    assert_true(volume[-1] == 0 && volume[-BT_HISTORY_MAX] == 0);
    assert_int_equal(bundle_column(b, 0, BT_FIELD_CLOSE, &again), BT_OK);
    assert_ptr_equal(close, again);
    assert_int_equal(bundle_column(b, 2, 0, &again), BT_E_RANGE);
    assert_message("0..1, got 2");
    assert_int_equal(bundle_column(b, 0, BT_FIELD_PRICE, &again), BT_E_RANGE);
    bundle_close(b, true);
}

/* Files may go once a bundle is open, columns not yet asked for included. */
static void test_survives_removal(void **state) {
    (void)state;
    fixture_make("gone", two, 2, NULL);
    bt_bundle *b = open_ok("gone");
    assert_true(bundle_is_current(b));
    assert_int_equal(bt_bundle_remove("gone"), BT_OK);
    assert_false(bundle_is_current(b));
    const double *close;
    assert_int_equal(bundle_column(b, 0, BT_FIELD_CLOSE, &close), BT_OK);
    assert_true(close[4] == 14);
    bundle_close(b, false);
    assert_true(close[4] == 14 && isnan(close[-1])); /* the attic keeps it */
    attic_clear();
}

/* ---- damage ---------------------------------------------------------------*/

/* The byte at offset (from the end when negative) of a file, flipped in place,
 * as a failing disk would. */
static void flip(const char *path, long offset, int bit) {
    unsigned char c;
    assert_int_equal(chmod(path, 0600), 0);
    FILE *f = fopen(path, "r+b");
    assert_non_null(f);
    assert_int_equal(fseek(f, offset, offset < 0 ? SEEK_END : SEEK_SET), 0);
    assert_int_equal(fread(&c, 1, 1, f), 1);
    c ^= (unsigned char)(1 << bit);
    assert_int_equal(fseek(f, -1, SEEK_CUR), 0);
    assert_int_equal(fwrite(&c, 1, 1, f), 1);
    assert_int_equal(fclose(f), 0);
}

static long size_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return (long)st.st_size;
}

/* Every file, bits spread over its whole length: none goes unnoticed, and once
 * it is undone the bundle opens again. */
static void test_flipped_bits(void **state) {
    (void)state;
    fixture_make("flip", two, 2, NULL);
    char *folder = fixture_path("flip", NULL), **names;
    size_t count;
    assert_int_equal(open_status("flip"), BT_OK);
    assert_int_equal(fs_list(folder, &names, &count), BT_OK);
    for (size_t i = 0; i < count; i++) {
        char *path = fs_join(folder, names[i]);
        long size = size_of(path);
        for (int k = 0; k < 40; k++) {
            long at = (long)((double)size * k / 40) + k % 7;
            flip(path, at, k % 8);
            if (open_status("flip") != BT_E_DATA)
                fail_msg("%s byte %ld: %s", names[i], at, bt_error_message());
            flip(path, at, k % 8);
        }
        assert_int_equal(open_status("flip"), BT_OK);
        free(path);
        free(names[i]);
    }
    free(names);
    free(folder);
}

static char *column_file(const char *name) {
    char *folder = fixture_path(name, NULL), **names, *path = NULL;
    size_t count;
    assert_int_equal(fs_list(folder, &names, &count), BT_OK);
    for (size_t i = 0; i < count; i++) {
        if (path == NULL && strstr(names[i], ".col"))
            path = fs_join(folder, names[i]);
        free(names[i]);
    }
    free(names);
    free(folder);
    return path;
}

static void test_cut_and_missing_files(void **state) {
    (void)state;
    fixture_make("cut", two, 2, NULL);
    char *path = column_file("cut");
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, size_of(path) - 1), 0);
    assert_int_equal(open_status("cut"), BT_E_DATA);
    assert_message("is damaged: it has");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(open_status("cut"), BT_E_DATA);
    assert_message("is missing");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(open_status("cut"), BT_E_DATA);
    assert_message("is not a file");
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(open_status("cut"), BT_E_DATA);
    assert_message("is not a file");
    free(path);
    path = fixture_path("cut", "bundle.sqlite");
    static const long sizes[] = {0, 1, 4096, 8192, 12288};
    for (size_t i = sizeof sizes / sizeof *sizes; i-- > 0;) {
        assert_int_equal(chmod(path, 0600), 0);
        assert_int_equal(truncate(path, sizes[i]), 0);
        assert_int_equal(open_status("cut"), BT_E_DATA);
        assert_message("bundle.sqlite is damaged");
    }
    free(path);
}

static void test_links_are_not_followed(void **state) {
    (void)state;
    fixture_make("link", two, 2, NULL);
    char *path = column_file("link");
    char *moved = mem_printf("%s/elsewhere", fixture_folder);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(symlink(moved, path), 0);
    assert_int_equal(open_status("link"), BT_E_IO);
    assert_message(path);
    free(moved);
    free(path);
}

/* ---- verification ---------------------------------------------------------*/

static void sleep_ms(int ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static void test_verification_is_remembered(void **state) {
    (void)state;
    struct verified v;
    fixture_make("seen", two, 2, NULL);
    char *path = fixture_path("seen", NULL), *real = fs_real(path);
    bundle_close(open_ok("seen"), true);
    assert_false(verified_get(real, &v)); /* files too young to be sure */
    sleep_ms(150);
    bundle_close(open_ok("seen"), true);
    assert_true(verified_get(real, &v));
    verified_forget(real);
    assert_false(verified_get(real, &v));
    free(real);
    free(path);
}

/* The stamps of the last verification hold: no hash, so damage that keeps them
 * would pass. `verify` hashes whatever they say. */
static void test_verify_hashes_always(void **state) {
    (void)state;
    fixture_make("quiet", two, 2, NULL);
    assert_int_equal(bt_bundle_verify("quiet"), BT_OK);
    char *path = column_file("quiet");
    flip(path, 0, 1);
    assert_int_equal(bt_bundle_verify("quiet"), BT_E_DATA);
    assert_message(path);
    assert_message("SHA-256");
    assert_int_equal(bt_bundle_verify("quit"), BT_E_DATA);
    assert_message("did you mean 'quiet'?");
    free(path);
}

/* ---- the folder -----------------------------------------------------------*/

static void test_list(void **state) {
    (void)state;
    fixture_make("zeta", two, 2, NULL);
    fixture_make("alpha", two, 2, NULL);
    char *other = fs_join(fixture_folder, "not-a-bundle");
    assert_int_equal(fs_mkdirs(other), BT_OK);
    free(other);
    const char *const *names;
    int32_t n = bt_bundle_list(&names);
    assert_true(n >= 2);
    assert_string_equal(names[0], "alpha");
    assert_string_equal(names[n - 1], "zeta");
    for (int32_t i = 0; i < n; i++)
        assert_string_not_equal(names[i], "not-a-bundle");
    assert_string_equal(bt_bundles_folder(), fixture_folder);
}

static void test_remove(void **state) {
    (void)state;
    fixture_make("away", two, 2, NULL);
    char *path = fixture_path("away", NULL);
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(bt_bundle_remove("away"), BT_E_BUSY);
    close(fd);
    char *notes = fs_join(path, "notes.txt");
    assert_int_equal(fs_write(notes, "x", 1, 0600), BT_OK);
    assert_int_equal(bt_bundle_remove("away"), BT_E_USAGE);
    assert_message("notes.txt");
    assert_int_equal(unlink(notes), 0);
    assert_int_equal(bt_bundle_remove("away"), BT_OK);
    assert_false(fs_exists(path));
    assert_int_equal(bt_bundle_remove("away"), BT_E_DATA);
    free(notes);
    free(path);
}

static void test_locate(void **state) {
    (void)state;
    char *path, *direct = fixture_path("here", NULL);
    fixture_make("here", two, 2, NULL);
    assert_int_equal(bundle_locate("here", &path), BT_OK);
    assert_string_equal(path, direct);
    free(path);
    assert_int_equal(bundle_locate(direct, &path), BT_OK);
    assert_string_equal(path, direct);
    free(path);
    static const char *const bad[] = {"", ".", "..", "../here", "hree"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(bundle_locate(bad[i], &path), BT_E_DATA);
    assert_message("did you mean 'here'?");
    free(direct);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_was_written),
        cmocka_unit_test(test_columns_with_apron),
        cmocka_unit_test(test_survives_removal),
        cmocka_unit_test(test_flipped_bits),
        cmocka_unit_test(test_cut_and_missing_files),
        cmocka_unit_test(test_links_are_not_followed),
        cmocka_unit_test(test_verification_is_remembered),
        cmocka_unit_test(test_verify_hashes_always),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_locate),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
