/* A bundle written by the builder, read back by hand with SQLite and pread. */
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "store/builder.h"
#include "store/schema.h"

#include "scratch.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define DAY INT64_C(86400000000)

static char folder[SCRATCH_TEXT];

static int setup(void **state) {
    (void)state;
    return scratch_new(folder) == NULL;
}

static int teardown(void **state) {
    (void)state;
    return fs_remove_tree(folder) != BT_OK;
}

static struct bar bar(int32_t day, double close) {
    return (struct bar){.open_time = day * DAY,
                        .close_time = day * DAY + DAY - 1000000,
                        .session = day,
                        .open = close - 0.5,
                        .high = close + 1,
                        .low = close - 1,
                        .close = close,
                        .volume = 100 * close};
}

/* Day 11 is a Monday (1970-01-12). AAA: days 11 12 14, BBB: 12 13. */
static void make(const char *name, double last, char sha[65]) {
    struct builder *b;
    struct bar a[] = {bar(11, 10), bar(12, 11), bar(14, last)};
    struct bar c[] = {bar(12, 20), bar(13, 21)};
    assert_int_equal(builder_open(folder, name, "1d", &b), BT_OK);
    assert_int_equal(builder_asset(b, "AAA", a, 3), BT_OK);
    assert_int_equal(builder_asset(b, "BBB", c, 2), BT_OK);
    assert_int_equal(builder_commit(b, "{\"made\":\"by hand\"}", 7, sha),
                     BT_OK);
}

static char *path_of(const char *name, const char *file) {
    char *bundle = fs_join(folder, name), *path = fs_join(bundle, file);
    free(bundle);
    return path;
}

static sqlite3 *catalogue(const char *name) {
    sqlite3 *db;
    char *path = path_of(name, SCHEMA_CATALOGUE);
    char *uri = mem_printf("file:%s?immutable=1", path);
    assert_int_equal(
        sqlite3_open_v2(uri, &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL),
        SQLITE_OK);
    free(uri);
    free(path);
    return db;
}

/* First column of the first row as text. */
static char *query(sqlite3 *db, const char *sql) {
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    char *text = NULL;
    if (sqlite3_step(s) == SQLITE_ROW)
        text = mem_strdup((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    return text;
}

static void expect(sqlite3 *db, const char *sql, const char *value) {
    char *text = query(db, sql);
    assert_non_null(text);
    assert_string_equal(text, value);
    free(text);
}

static void read_at(const char *name, sqlite3 *db, const char *where,
                    const char *column, void *out, size_t n) {
    char *sql = mem_printf("SELECT file FROM %s", where);
    char *file = query(db, sql);
    free(sql);
    sql = mem_printf("SELECT %s FROM %s", column, where);
    char *offset = query(db, sql);
    free(sql);
    char *path = path_of(name, file);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    assert_int_equal(pread(fd, out, n, atoll(offset)), (ssize_t)n);
    assert_int_equal(atoll(offset) % SCHEMA_PAGE, 0);
    close(fd);
    free(path);
    free(offset);
    free(file);
}

static void test_columns(void **state) {
    (void)state;
    char sha[65];
    make("columns", 12, sha);
    sqlite3 *db = catalogue("columns");
    double x[4];
    uint64_t bits[4];
    read_at("columns", db, "series WHERE sid=0 AND field='close'", "offset", x,
            sizeof x);
    memcpy(bits, x, sizeof bits);
    assert_true(x[0] == 10 && x[1] == 11 && x[3] == 12);
    assert_true(bits[2] == UINT64_C(0x7ff8000000000000));
    read_at("columns", db, "series WHERE sid=1 AND field='volume'", "offset", x,
            sizeof x);
    assert_true(x[0] == 0 && x[1] == 2000 && x[2] == 2100 && x[3] == 0);
    int64_t t[4];
    int32_t day[4];
    read_at("columns", db, "frequency", "open_offset", t, sizeof t);
    assert_true(t[0] == 11 * DAY && t[3] == 14 * DAY);
    read_at("columns", db, "frequency", "close_offset", t, sizeof t);
    assert_true(t[2] == 14 * DAY - 1000000);
    read_at("columns", db, "frequency", "session_offset", day, sizeof day);
    assert_true(day[0] == 11 && day[1] == 12 && day[2] == 13 && day[3] == 14);
    sqlite3_close(db);
}

static void test_catalogue(void **state) {
    (void)state;
    char sha[65];
    make("cat", 12, sha);
    sqlite3 *db = catalogue("cat");
    expect(db, "SELECT value FROM meta WHERE key='content_sha256'", sha);
    expect(db, "SELECT value FROM meta WHERE key='rows'", "4");
    expect(db, "SELECT value FROM meta WHERE key='bars'", "5");
    expect(db, "SELECT value FROM meta WHERE key='skipped_rows'", "7");
    expect(db, "SELECT value FROM meta WHERE key='periods_per_year'", "252");
    expect(db, "SELECT value FROM meta WHERE key='provenance'",
           "{\"made\":\"by hand\"}");
    expect(db,
           "SELECT symbol||first_row||last_row||bars FROM asset WHERE sid=1",
           "BBB122");
    expect(db, "SELECT count(*) FROM session", "4");
    expect(db, "SELECT count(*) FROM series", "10");
    expect(db, "PRAGMA integrity_check", "ok");
    expect(db, "PRAGMA user_version", "3");
    int i = 0;
    for (; i < SCHEMA_TABLES; i++) {
        char *sql = mem_printf(
            "SELECT sql FROM sqlite_schema ORDER BY rowid LIMIT 1 OFFSET %d",
            i);
        expect(db, sql, schema_tables[i]);
        free(sql);
    }
    char count[16];
    snprintf(count, sizeof count, "%d", i);
    expect(db, "SELECT count(*) FROM sqlite_schema", count);
    sqlite3_close(db);
}

/* The definition in bundles/README.md, written down a second time. */
static void test_content_hash(void **state) {
    (void)state;
    char sha[65], hex[65];
    make("hash", 12, sha);
    sqlite3 *db = catalogue("hash");
    char *files[] = {query(db, "SELECT file FROM frequency"),
                     query(db, "SELECT file FROM series WHERE sid=0"),
                     query(db, "SELECT file FROM series WHERE sid=1")};
    uint8_t f[3][32], all[32];
    for (int i = 0; i < 3; i++) {
        char *path = path_of("hash", files[i]);
        assert_int_equal(digest_file(path, f[i]), BT_OK);
        free(path);
        free(files[i]);
    }
    static const char head[] = "\x10\0\0\0\0\0\0\0backlua bundle 1"
                               "\2\0\0\0\0\0\0\0"
                               "1d\4\0\0\0\0\0\0\0";
    struct digest *d = digest_new();
    digest_add(d, head, sizeof head - 1);
    digest_add(d, f[0], 32);
    digest_i64(d, 2);
    digest_str(d, "AAA");
    digest_i64(d, 0);
    digest_i64(d, 3);
    digest_i64(d, 3);
    digest_add(d, f[1], 32);
    digest_str(d, "BBB");
    digest_i64(d, 1);
    digest_i64(d, 2);
    digest_i64(d, 2);
    digest_add(d, f[2], 32);
    digest_end(d, all);
    digest_free(d);
    digest_hex(all, hex);
    assert_string_equal(hex, sha);
    sqlite3_close(db);
}

static void test_hash_covers_prices_only(void **state) {
    (void)state;
    char one[65], same[65], other[65];
    make("one", 12, one);
    make("another-name", 12, same);
    make("other", 12.000000000000002, other);
    assert_string_equal(one, same);
    assert_string_not_equal(one, other);
}

static void test_seal(void **state) {
    (void)state;
    char sha[65], hex[65];
    uint8_t digest[32];
    struct buf b;
    make("seal", 12, sha);
    buf_init(&b);
    char *path = path_of("seal", SCHEMA_CATALOGUE);
    assert_int_equal(fs_read(path, 1 << 20, &b), BT_OK);
    assert_int_equal(b.len % SCHEMA_PAGE, 0);
    const char *page = b.data + b.len - SCHEMA_PAGE;
    digest_bytes(b.data, b.len - SCHEMA_PAGE, digest);
    digest_hex(digest, hex);
    size_t n = strlen(SCHEMA_SEAL);
    assert_memory_equal(page, SCHEMA_SEAL, n);
    assert_memory_equal(page + n, hex, 64);
    assert_int_equal(page[n + 64], '\n');
    for (size_t i = n + 65; i < SCHEMA_PAGE; i++)
        assert_int_equal(page[i], 0);
    free(path);
    buf_fini(&b);
}

static size_t count_files(const char *name) {
    char *path = fs_join(folder, name), **names;
    size_t count;
    assert_int_equal(fs_list(path, &names, &count), BT_OK);
    for (size_t i = 0; i < count; i++) {
        struct stat st;
        char *file = fs_join(path, names[i]);
        assert_int_equal(stat(file, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0400);
        free(file);
        free(names[i]);
    }
    free(names);
    free(path);
    return count;
}

static bool hidden_folders(void) {
    char *command = mem_printf("ls -d %s/.*ingest-* >/dev/null 2>&1", folder);
    int rc = system(command);
    free(command);
    return rc == 0;
}

static void test_replace(void **state) {
    (void)state;
    char first[65], second[65];
    make("again", 12, first);
    assert_int_equal(count_files("again"), 4); /* catalogue, calendar, 2 */
    make("again", 13, second);
    /* and AAA's new file, and the old catalogue: the old version is kept */
    assert_int_equal(count_files("again"), 6);
    sqlite3 *db = catalogue("again");
    expect(db, "SELECT value FROM meta WHERE key='content_sha256'", second);
    sqlite3_close(db);
    assert_false(hidden_folders());
}

static void test_abandon(void **state) {
    (void)state;
    char sha[65];
    struct builder *b;
    make("kept", 12, sha);
    assert_int_equal(builder_open(folder, "kept", "1d", &b), BT_OK);
    assert_true(hidden_folders());
    builder_abandon(b);
    assert_false(hidden_folders());
    sqlite3 *db = catalogue("kept");
    expect(db, "SELECT value FROM meta WHERE key='content_sha256'", sha);
    sqlite3_close(db);
}

static void test_leftovers(void **state) {
    (void)state;
    char sha[65];
    char *dead = fs_join(folder, ".dead.ingest-abcdef");
    char *alive = fs_join(folder, ".alive.ingest-abcdef");
    assert_int_equal(fs_mkdirs(dead), BT_OK);
    assert_int_equal(fs_mkdirs(alive), BT_OK);
    int fd = open(alive, O_RDONLY | O_DIRECTORY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    make("next", 12, sha);
    assert_false(fs_exists(dead));
    assert_true(fs_exists(alive));
    close(fd);
    assert_int_equal(rmdir(alive), 0);
    free(dead);
    free(alive);
}

static void test_refusals(void **state) {
    (void)state;
    struct builder *b;
    static const char *const bad[] = {"",    ".x",  "-x",       "a/b",
                                      "a b", "a@b", "\xc3\xa9", "../x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(builder_open(folder, bad[i], "1d", &b), BT_E_USAGE);
    assert_int_equal(builder_open(folder, "x", "1q", &b), BT_E_NAME);
    char *foreign = path_of("foreign", "notes.txt"), *dir = fs_dir(foreign);
    assert_int_equal(fs_mkdirs(dir), BT_OK);
    assert_int_equal(fs_write(foreign, "hello", 5, 0600), BT_OK);
    assert_int_equal(builder_open(folder, "foreign", "1d", &b), BT_E_USAGE);
    assert_non_null(strstr(bt_error_message(), "is not a bundle"));
    assert_true(fs_exists(foreign));
    free(foreign);
    free(dir);
}

static void test_bad_bars(void **state) {
    (void)state;
    struct builder *b;
    assert_int_equal(builder_open(folder, "bad", "1d", &b), BT_OK);
    struct bar x[] = {bar(12, 10), bar(11, 10)};
    assert_int_equal(builder_asset(b, "AAA", x, 2), BT_E_DATA);
    x[1] = bar(13, (double)NAN);
    assert_int_equal(builder_asset(b, "AAA", x, 2), BT_E_DATA);
    x[1] = bar(12, 10);
    assert_int_equal(builder_asset(b, "AAA", x, 2), BT_E_DATA);
    builder_abandon(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns),
        cmocka_unit_test(test_catalogue),
        cmocka_unit_test(test_content_hash),
        cmocka_unit_test(test_hash_covers_prices_only),
        cmocka_unit_test(test_seal),
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_abandon),
        cmocka_unit_test(test_leftovers),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bad_bars),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
