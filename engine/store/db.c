/* A catalogue is hostile until proven harmless: it may come from a stranger.
 *
 * The database is an image in memory (sqlite3_deserialize, read-only), so
 * SQLite opens no file, takes no lock, and looks at no journal that lies beside
 * it. Everything that can run code is off: extensions, views, triggers,
 * functions of the schema. The schema must be, text by text, the one we write.
 * Limits and a step count bound what a statement may cost, and an authorizer
 * admits nothing but SELECT on what the schema check has seen.
 *
 * A handle lives for the few statements that read a catalogue.
 */
#include "store/db.h"

#include "base/status.h"

#include <string.h>

enum {
    STEPS_PER_TICK = 10000, /* of SQLite's virtual machine */
    TICKS_MAX = 200000      /* some minutes; a million assets need seconds */
};

static bt_status damaged(const struct db *db, const char *why) {
    return fail(BT_E_DATA, "%s is damaged: %s", db->what, why);
}

static bt_status sqlite_failure(const struct db *db) {
    return damaged(db, sqlite3_errmsg(db->handle));
}

static int tick(void *left) {
    return --*(int *)left < 0;
}

static int only_reading(void *unused, int action, const char *a, const char *b,
                        const char *c, const char *d) {
    (void)unused, (void)a, (void)b, (void)c, (void)d;
    return action == SQLITE_SELECT || action == SQLITE_READ ? SQLITE_OK
                                                            : SQLITE_DENY;
}

static void set_limits(sqlite3 *h) {
    static const int limits[][2] = {
        {SQLITE_LIMIT_LENGTH, 64 << 20},
        {SQLITE_LIMIT_SQL_LENGTH, 100000},
        {SQLITE_LIMIT_COLUMN, 64},
        {SQLITE_LIMIT_EXPR_DEPTH, 20},
        {SQLITE_LIMIT_COMPOUND_SELECT, 3},
        {SQLITE_LIMIT_VDBE_OP, 25000},
        {SQLITE_LIMIT_ATTACHED, 0},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
        {SQLITE_LIMIT_VARIABLE_NUMBER, 32},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        sqlite3_limit(h, limits[i][0], limits[i][1]);
}

static void set_switches(sqlite3 *h) {
    static const int switches[][2] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
        {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
        {SQLITE_DBCONFIG_ENABLE_FKEY, 0},
    };
    for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
        sqlite3_db_config(h, switches[i][0], switches[i][1], NULL);
    sqlite3_exec(h, "PRAGMA cell_size_check=ON", NULL, NULL, NULL);
}

static bt_status load_image(const void *bytes, size_t n, struct db *db) {
    if (sqlite3_open_v2(":memory:", &db->handle, SQLITE_OPEN_READWRITE, NULL) !=
        SQLITE_OK)
        return sqlite_failure(db);
    set_limits(db->handle);
    set_switches(db->handle);
    if (sqlite3_deserialize(db->handle, "main", (unsigned char *)bytes,
                            (sqlite3_int64)n, (sqlite3_int64)n,
                            SQLITE_DESERIALIZE_READONLY) != SQLITE_OK)
        return sqlite_failure(db);
    return BT_OK;
}

/* First text of the first row of sql, or a failure that says why. */
static bt_status quick_check(struct db *db) {
    struct db_rows rows = {db, NULL};
    bool more = false;
    const char *text = "";
    TRY(db_select(db, "PRAGMA quick_check(1)", &rows));
    bt_status s = db_next(&rows, &more);
    if (s == BT_OK && more)
        s = db_text(&rows, 0, &text);
    if (s == BT_OK && strcmp(text, "ok") != 0)
        s = damaged(db, text);
    db_end(&rows);
    return s;
}

static bt_status check_object(struct db_rows *rows, const char *const *tables,
                              int count, int i) {
    const char *text = "";
    TRY(db_text(rows, 0, &text));
    if (i < count && strcmp(text, tables[i]) == 0)
        return BT_OK;
    return fail(BT_E_DATA,
                "%s holds something that this version of backlua does not "
                "write: %.80s",
                rows->db->what, text);
}

static bt_status check_schema(struct db *db, const char *const *tables,
                              int count) {
    struct db_rows rows = {db, NULL};
    bool more = true;
    TRY(db_select(db, "SELECT sql FROM sqlite_schema ORDER BY rowid", &rows));
    bt_status s = BT_OK;
    int i = 0;
    while (s == BT_OK && (s = db_next(&rows, &more)) == BT_OK && more)
        s = check_object(&rows, tables, count, i++);
    db_end(&rows);
    if (s == BT_OK && i < count)
        return damaged(db, "it has no tables of a bundle");
    return s;
}

bt_status db_open(const void *bytes, size_t n, const char *what, bool check,
                  const char *const *tables, int count, struct db *out) {
    struct db db = {NULL, what};
    int ticks = TICKS_MAX;
    bt_status s = load_image(bytes, n, &db);
    sqlite3_progress_handler(db.handle, STEPS_PER_TICK, tick, &ticks);
    if (s == BT_OK && check)
        s = quick_check(&db);
    sqlite3_set_authorizer(db.handle, only_reading, NULL);
    if (s == BT_OK)
        s = check_schema(&db, tables, count);
    sqlite3_progress_handler(db.handle, 0, NULL, NULL);
    if (s != BT_OK) {
        db_close(&db);
        return s;
    }
    *out = db;
    return BT_OK;
}

void db_close(struct db *db) {
    sqlite3_close(db->handle);
    db->handle = NULL;
}

/* ---- rows -----------------------------------------------------------------*/

bt_status db_select(struct db *db, const char *sql, struct db_rows *out) {
    sqlite3_stmt *s;
    if (sqlite3_prepare_v2(db->handle, sql, -1, &s, NULL) != SQLITE_OK)
        return sqlite_failure(db);
    *out = (struct db_rows){db, s};
    return BT_OK;
}

void db_end(struct db_rows *rows) {
    sqlite3_finalize(rows->statement);
    rows->statement = NULL;
}

bt_status db_next(struct db_rows *rows, bool *more) {
    int rc = sqlite3_step(rows->statement);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        return sqlite_failure(rows->db);
    *more = rc == SQLITE_ROW;
    return BT_OK;
}

bt_status db_int(struct db_rows *rows, int column, int64_t min, int64_t max,
                 int64_t *out) {
    sqlite3_stmt *s = rows->statement;
    int64_t v = sqlite3_column_int64(s, column);
    if (sqlite3_column_type(s, column) != SQLITE_INTEGER || v < min || v > max)
        return fail(BT_E_DATA,
                    "%s is damaged: %s must be a whole number, %lld..%lld",
                    rows->db->what, sqlite3_column_name(s, column),
                    (long long)min, (long long)max);
    *out = v;
    return BT_OK;
}

bt_status db_text(struct db_rows *rows, int column, const char **out) {
    sqlite3_stmt *s = rows->statement;
    const char *text = NULL;
    if (sqlite3_column_type(s, column) == SQLITE_TEXT)
        text = (const char *)sqlite3_column_text(s, column);
    if (text == NULL || strlen(text) != (size_t)sqlite3_column_bytes(s, column))
        return fail(BT_E_DATA, "%s is damaged: %s must be a text",
                    rows->db->what, sqlite3_column_name(s, column));
    *out = text;
    return BT_OK;
}

bt_status db_real(struct db_rows *rows, int column, double min, double max,
                  double *out) {
    sqlite3_stmt *s = rows->statement;
    double v = sqlite3_column_double(s, column);
    if (sqlite3_column_type(s, column) != SQLITE_FLOAT ||
        !(v >= min && v <= max))
        return fail(BT_E_DATA, "%s is damaged: %s must be a number, %g..%g",
                    rows->db->what, sqlite3_column_name(s, column), min, max);
    *out = v;
    return BT_OK;
}
