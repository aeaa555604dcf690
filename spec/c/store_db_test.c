/* Databases that somebody else made: what is not ours is refused, nothing runs,
 * nothing crashes. */
#include "bundle_fixture.h"
#include "draw.h"

#include "base/digest.h"
#include "store/bundle.h"
#include "store/db.h"
#include "store/manifest.h"

static const char *const tables[] = {
    "CREATE TABLE t(k INTEGER NOT NULL PRIMARY KEY, v TEXT NOT NULL) STRICT, "
    "WITHOUT ROWID"};

/* The image of a database made by sql; sqlite3_free it. */
static unsigned char *image(const char *sql, size_t *n) {
    sqlite3 *db;
    sqlite3_int64 size;
    assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s", error);
    unsigned char *bytes = sqlite3_serialize(db, "main", &size, 0);
    sqlite3_close(db);
    *n = (size_t)size;
    return bytes;
}

static bt_status open_status(const char *sql) {
    size_t n;
    struct db db;
    unsigned char *bytes = image(sql, &n);
    bt_status s = db_open(bytes, n, "x.sqlite", true, tables, 1, &db);
    if (s == BT_OK)
        db_close(&db);
    sqlite3_free(bytes);
    return s;
}

static void test_reads(void **state) {
    (void)state;
    size_t n;
    struct db db;
    struct db_rows rows;
    bool more;
    int64_t k;
    const char *v;
    char *sql =
        mem_printf("%s; INSERT INTO t VALUES(7, 'seven'), (8, 'a')", tables[0]);
    unsigned char *bytes = image(sql, &n);
    assert_int_equal(db_open(bytes, n, "x", true, tables, 1, &db), BT_OK);
    assert_int_equal(db_select(&db, "SELECT k, v FROM t ORDER BY k", &rows),
                     BT_OK);
    assert_int_equal(db_next(&rows, &more), BT_OK);
    assert_true(more);
    assert_int_equal(db_int(&rows, 0, 1, 7, &k), BT_OK);
    assert_int_equal(k, 7);
    assert_int_equal(db_int(&rows, 0, 1, 6, &k), BT_E_DATA);
    assert_message("k must be a whole number, 1..6");
    assert_int_equal(db_int(&rows, 1, 0, 9, &k), BT_E_DATA);
    assert_int_equal(db_text(&rows, 0, &v), BT_E_DATA);
    assert_message("k must be a text");
    assert_int_equal(db_text(&rows, 1, &v), BT_OK);
    assert_string_equal(v, "seven");
    assert_int_equal(db_next(&rows, &more), BT_OK);
    assert_int_equal(db_next(&rows, &more), BT_OK);
    assert_false(more);
    db_end(&rows);
    db_close(&db);
    sqlite3_free(bytes);
    free(sql);
}

/* Once open, SELECT on tables is all there is. */
static void test_only_select(void **state) {
    (void)state;
    size_t n;
    struct db db;
    struct db_rows rows;
    unsigned char *bytes = image(tables[0], &n);
    assert_int_equal(db_open(bytes, n, "x", true, tables, 1, &db), BT_OK);
    static const char *const denied[] = {
        "INSERT INTO t VALUES(1, 'x')",
        "DELETE FROM t",
        "DROP TABLE t",
        "CREATE TABLE u(a)",
        "ATTACH '/tmp/x' AS y",
        "PRAGMA user_version=3",
        "SELECT load_extension('x')",
        "SELECT randomblob(1000000000)",
        "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) "
        "SELECT count(*) FROM r"};
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        if (db_select(&db, denied[i], &rows) != BT_E_DATA)
            fail_msg("%s was admitted", denied[i]);
    db_close(&db);
    sqlite3_free(bytes);
}

static void test_foreign_schemas(void **state) {
    (void)state;
    static const char *const extra[] = {
        "CREATE VIEW w AS SELECT * FROM t",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
        "CREATE INDEX i ON t(v)", "CREATE TABLE u(a)"};
    assert_int_equal(open_status(tables[0]), BT_OK);
    for (size_t i = 0; i < sizeof extra / sizeof *extra; i++) {
        char *sql = mem_printf("%s; %s", tables[0], extra[i]);
        assert_int_equal(open_status(sql), BT_E_DATA);
        assert_message("does not write");
        free(sql);
    }
    assert_int_equal(open_status("CREATE TABLE t(k, v)"), BT_E_DATA);
    assert_int_equal(
        open_status("CREATE VIEW t AS WITH RECURSIVE r(i) AS (SELECT 1 UNION "
                    "ALL SELECT i + 1 FROM r) SELECT i AS k FROM r"),
        BT_E_DATA);
    assert_int_equal(open_status("PRAGMA user_version=1"), BT_E_DATA);
    assert_message("no tables");
}

static void test_no_database(void **state) {
    (void)state;
    struct db db;
    static unsigned char zeros[8192];
    static const char text[] = "time,open,high,low,close\n";
    assert_int_equal(db_open(zeros, sizeof zeros, "x", true, tables, 1, &db),
                     BT_E_DATA);
    assert_int_equal(db_open(text, sizeof text, "x", true, tables, 1, &db),
                     BT_E_DATA);
    assert_int_equal(db_open(text, 0, "x", true, tables, 1, &db), BT_E_DATA);
}

/* A bundle of another version says so, not that it is damaged. */
static void test_other_format(void **state) {
    (void)state;
    static const double closes[] = {11, 12, 13};
    struct fixture_asset one[] = {{"ONE", 0, 3, closes}};
    fixture_make("older", one, 1, NULL);
    char *path = fixture_path("older", "bundle.sqlite");
    struct buf b;
    buf_init(&b);
    assert_int_equal(fs_read(path, 1 << 20, &b), BT_OK);
    struct manifest m;
    b.data[63] = 2; /* the last byte of the user version */
    assert_int_equal(manifest_read(b.data, b.len, "x", false, &m), BT_E_DATA);
    assert_message("x has format 2, this backlua reads format 3; use the "
                   "version that made it, or ingest again");
    buf_fini(&b);
    free(path);
}

/* Bytes of a real catalogue, changed at random behind a seal that fits:
 * whatever is in there, it is read or refused. */
static void test_mutated_catalogues(void **state) {
    (void)state;
    static const double closes[] = {11, 12, 13};
    struct fixture_asset one[] = {{"ONE", 0, 3, closes}};
    fixture_make("one", one, 1, NULL);
    char *path = fixture_path("one", "bundle.sqlite");
    struct buf b;
    buf_init(&b);
    assert_int_equal(fs_read(path, 1 << 20, &b), BT_OK);
    size_t n = b.len - SCHEMA_PAGE, refused = 0;
    enum { ROUNDS = 3000 };
    for (int i = 0; i < ROUNDS; i++) {
        unsigned char *copy = mem_alloc(b.len);
        memcpy(copy, b.data, b.len);
        for (int64_t k = 1 + draw_below(8); k > 0; k--)
            copy[draw_below((int64_t)n)] = (unsigned char)draw();
        uint8_t sha[DIGEST_BYTES];
        char hex[DIGEST_TEXT];
        digest_bytes(copy, n, sha);
        digest_hex(sha, hex);
        memcpy(copy + n + strlen(SCHEMA_SEAL), hex, 64);
        struct manifest m;
        if (manifest_read(copy, b.len, "x", true, &m) == BT_OK)
            manifest_fini(&m);
        else
            refused++;
        free(copy);
    }
    /* Most pages are nearly empty: a byte there may mean nothing. */
    assert_true(refused > ROUNDS / 20 && refused < ROUNDS);
    buf_fini(&b);
    free(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),
        cmocka_unit_test(test_only_select),
        cmocka_unit_test(test_foreign_schemas),
        cmocka_unit_test(test_no_database),
        cmocka_unit_test(test_other_format),
        cmocka_unit_test(test_mutated_catalogues),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
