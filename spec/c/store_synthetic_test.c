/* The synthetic market: the same bytes from differently compiled code and from
 * different processes, and what it promises about its bars.
 *
 * The generator and its random stream are compiled a second time here, at
 * another optimisation level and under other names. */
#pragma GCC push_options
#ifdef OPTIMIZED
#pragma GCC optimize("O3")
#else
#pragma GCC optimize("O0")
#endif
#define bt_synthetic other_synthetic
#define rng_seed other_rng_seed
#define rng_key other_rng_key
#define rng_u64 other_rng_u64
#define rng_unit other_rng_unit
#define rng_range other_rng_range
#define rng_normal other_rng_normal
#include "../../engine/base/rng.c"
#include "../../engine/store/synthetic.c"
#undef bt_synthetic
#pragma GCC pop_options

#include "base/fs.h"
#include "store/schema.h"

#include <fcntl.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

bt_status bt_synthetic(const bt_synthetic_config *config, char *sha);

static char folder[] = "/tmp/store_synthetic_XXXXXX";

static int setup(void **state) {
    (void)state;
    return mkdtemp(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

static bt_synthetic_config config(const char *name, int minutes) {
    return (bt_synthetic_config){.bundle = name,
                                 .folder = folder,
                                 .preset = "mag7",
                                 .seed = 7,
                                 .minutes = minutes};
}

static void in_child(const bt_synthetic_config *k, char sha[65]) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        char text[65] = "";
        (void)bt_synthetic(k, text);
        _exit(write(ends[1], text, sizeof text) != sizeof text);
    }
    assert_int_equal(read(ends[0], sha, 65), 65);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(ends[0]);
    close(ends[1]);
}

static void same_bytes(const char *name, int minutes) {
    char here[65], there[65], other[65];
    bt_synthetic_config k = config(name, minutes);
    assert_int_equal(bt_synthetic(&k, here), BT_OK);
    in_child(&k, there);
    assert_int_equal(other_synthetic(&k, other), BT_OK);
    assert_string_equal(here, there);
    assert_string_equal(here, other);
    k.seed = 8;
    assert_int_equal(bt_synthetic(&k, other), BT_OK);
    assert_string_not_equal(here, other);
}

static void test_same_bytes_daily(void **state) {
    (void)state;
    same_bytes("daily", 0);
}

static void test_same_bytes_minutes(void **state) {
    (void)state;
    same_bytes("minutes", 3000);
}

struct columns {
    double v[5][6289];
    int64_t rows;
};

static void read_asset(const char *name, int sid, struct columns *c) {
    char path[200], sql[200];
    sqlite3 *db;
    sqlite3_stmt *s;
    snprintf(path, sizeof path, "file:%s/%s/%s?immutable=1", folder, name,
             SCHEMA_CATALOGUE);
    assert_int_equal(
        sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, 0),
        SQLITE_OK);
    for (int f = 0; f < 5; f++) {
        snprintf(sql, sizeof sql,
                 "SELECT series.file, offset, rows FROM series, frequency "
                 "WHERE sid=%d AND field='%s'",
                 sid, schema_fields[f]);
        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, 0), SQLITE_OK);
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        snprintf(path, sizeof path, "%s/%s/%s", folder, name,
                 (const char *)sqlite3_column_text(s, 0));
        int64_t offset = sqlite3_column_int64(s, 1);
        c->rows = sqlite3_column_int64(s, 2);
        assert_in_range(c->rows, 1, 6289);
        int fd = open(path, O_RDONLY);
        assert_int_equal(pread(fd, c->v[f], (size_t)c->rows * 8, offset),
                         c->rows * 8);
        close(fd);
        sqlite3_finalize(s);
    }
    sqlite3_close(db);
}

static double whole(double x) {
    return fabs(x - nearbyint(x));
}

static int check_bars(const struct columns *c) {
    int bars = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        double o = c->v[0][i], h = c->v[1][i], l = c->v[2][i], x = c->v[3][i];
        if (isnan(x))
            continue;
        bars++;
        assert_true(0 < l && l <= o && l <= x && o <= h && x <= h);
        assert_true(c->v[4][i] > 0 && whole(c->v[4][i]) == 0);
        for (int f = 0; f < 4; f++) /* the double nearest to whole cents */
            assert_true(c->v[f][i] == nearbyint(c->v[f][i] * 100) / 100);
    }
    return bars;
}

/* The guide's workload: 8 symbols, 40,987 rows, four names over the whole span;
 * sessions and listing dates counted from the calendar of New York. */
static void test_guide_shape(void **state) {
    (void)state;
    static const int expected[] = {6289, 6289, 5127, 3175,
                                   6289, 3877, 6289, 3652};
    static struct columns c;
    char sha[65];
    bt_synthetic_config k = config("shape", 0);
    assert_int_equal(bt_synthetic(&k, sha), BT_OK);
    int total = 0;
    for (int sid = 0; sid < 8; sid++) {
        read_asset("shape", sid, &c);
        assert_int_equal(check_bars(&c), expected[sid]);
        total += expected[sid];
    }
    assert_int_equal(total, 40987);
}

static void test_full(void **state) {
    (void)state;
    static struct columns c;
    char sha[65];
    bt_synthetic_config k = config("full", 0);
    k.full = 1;
    k.assets = 4;
    assert_int_equal(bt_synthetic(&k, sha), BT_OK);
    read_asset("full", 3, &c);
    assert_int_equal(check_bars(&c), 6289);
}

static void test_refusals(void **state) {
    (void)state;
    char sha[65] = "untouched";
    bt_synthetic_config k = config("x", -1);
    assert_int_equal(bt_synthetic(&k, sha), BT_E_RANGE);
    k = config("x", 2400001);
    assert_int_equal(bt_synthetic(&k, sha), BT_E_RANGE);
    k = config("x", 0);
    k.assets = 9;
    assert_int_equal(bt_synthetic(&k, sha), BT_E_RANGE);
    k = config("x", 0);
    k.preset = "mag8";
    assert_int_equal(bt_synthetic(&k, sha), BT_E_NAME);
    k = config("x/y", 0);
    assert_int_equal(bt_synthetic(&k, sha), BT_E_USAGE);
    assert_string_equal(sha, "untouched");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bytes_daily),
        cmocka_unit_test(test_same_bytes_minutes),
        cmocka_unit_test(test_guide_shape),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
