/* The catalogue: an SQLite database made in memory, then one run of bytes.
 *
 * sqlite3_serialize gives the file as it would be on disk, so there is no
 * journal and no lock, and the same SQLite writes the same bytes. A seal page
 * with the SHA-256 of those bytes follows; SQLite goes by the page count in its
 * header and does not look at it. bundles/README.md describes every table.
 */
#include "store/catalogue.h"

#include "base/digest.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/frequency.h"
#include "store/schema.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void digest_fields(const struct catalogue *c, struct digest *d) {
    if (c->field_count == 0)
        return;
    digest_str(d, "fields");
    digest_i64(d, (int64_t)c->field_count);
    for (size_t i = 0; i < c->field_count; i++) {
        digest_str(d, c->fields[i].name);
        digest_add(d, c->fields[i].file.sha, DIGEST_BYTES);
    }
}

static size_t count_facts(const struct catalogue *c) {
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++)
        n += c->assets[i].facts.count;
    return n;
}

static void digest_facts(const struct catalogue *c, struct digest *d) {
    size_t n = count_facts(c);
    if (n == 0)
        return;
    digest_str(d, "facts");
    digest_i64(d, (int64_t)n);
    for (size_t i = 0; i < c->count; i++) {
        const struct fact_list *l = &c->assets[i].facts;
        for (size_t k = 0; k < l->count; k++) {
            digest_i64(d, (int64_t)i);
            digest_str(d, l->facts[k].name);
            digest_str(d, l->facts[k].value);
        }
    }
}

void catalogue_content(const struct catalogue *c, uint8_t sha[32]) {
    struct digest *d = digest_new();
    digest_str(d, SCHEMA_CONTENT);
    digest_str(d, c->frequency);
    digest_i64(d, c->calendar->rows);
    digest_add(d, c->calendar_file.sha, DIGEST_BYTES);
    digest_i64(d, (int64_t)c->count);
    for (size_t i = 0; i < c->count; i++) {
        const struct catalogue_asset *a = &c->assets[i];
        digest_str(d, a->symbol);
        digest_i64(d, a->first_row);
        digest_i64(d, a->last_row);
        digest_i64(d, a->bars);
        digest_add(d, a->file.sha, DIGEST_BYTES);
    }
    actions_digest(&c->actions, d);
    digest_fields(c, d);
    digest_facts(c, d);
    if (c->calendar->schedule) {
        digest_str(d, "calendar");
        digest_str(d, c->calendar->schedule);
    }
    digest_end(d, sha);
    digest_free(d);
}

static bt_status sql_failure(sqlite3 *db) {
    return fail(BT_E_IO, "cannot make the catalogue: %s", sqlite3_errmsg(db));
}

static bt_status sql_exec(sqlite3 *db, const char *sql) {
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? BT_OK : sql_failure(db);
}

static bt_status sql_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out) {
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    return rc == SQLITE_OK ? BT_OK : sql_failure(db);
}

/* Run a statement that is bound, ready for the next row. */
static bt_status sql_insert(sqlite3_stmt *s) {
    if (sqlite3_step(s) != SQLITE_DONE)
        return sql_failure(sqlite3_db_handle(s));
    sqlite3_reset(s);
    return BT_OK;
}

static bt_status put_meta(sqlite3_stmt *s, const char *key, const char *value) {
    sqlite3_bind_text(s, 1, key, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 2, value, -1, SQLITE_TRANSIENT);
    return sql_insert(s);
}

static bt_status put_number(sqlite3_stmt *s, const char *key, double value) {
    char text[NUM_TEXT];
    num_format(value, text);
    return put_meta(s, key, text);
}

static bt_status put_time(sqlite3_stmt *s, const char *key, bt_time t) {
    char text[NUM_TEXT];
    snprintf(text, sizeof text, "%lld", (long long)t);
    return put_meta(s, key, text);
}

static double total_bars(const struct catalogue *c) {
    double bars = 0;
    for (size_t i = 0; i < c->count; i++)
        bars += (double)c->assets[i].bars;
    return bars;
}

static bt_status fill_meta(const struct catalogue *c, sqlite3_stmt *s) {
    const struct calendar *cal = c->calendar;
    struct frequency f;
    TRY(frequency_parse(c->frequency, &f));
    bool weekends = calendar_trades_weekends(cal);
    uint8_t sha[DIGEST_BYTES];
    char hex[DIGEST_TEXT];
    catalogue_content(c, sha);
    digest_hex(sha, hex);
    TRY(put_number(s, "format", SCHEMA_VERSION));
    TRY(put_meta(s, "frequency", c->frequency));
    TRY(put_number(s, "rows", (double)cal->rows));
    TRY(put_number(s, "sessions", (double)cal->sessions));
    TRY(put_number(s, "assets", (double)c->count));
    TRY(put_number(s, "bars", total_bars(c)));
    TRY(put_time(s, "first_close", cal->close[0]));
    TRY(put_time(s, "last_close", cal->close[cal->rows - 1]));
    TRY(put_number(s, "periods_per_year", frequency_per_year(f, weekends)));
    TRY(put_number(s, "skipped_rows", c->skipped_rows));
    if (cal->schedule)
        TRY(put_meta(s, "calendar", cal->schedule));
    TRY(put_meta(s, "content_sha256", hex));
    TRY(put_meta(s, "engine", bt_version()));
    return put_meta(s, "provenance", c->provenance);
}

static bt_status put_file(sqlite3_stmt *s, const struct colfile_info *f) {
    char hex[DIGEST_TEXT];
    digest_hex(f->sha, hex);
    sqlite3_bind_text(s, 1, f->name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, f->bytes);
    sqlite3_bind_text(s, 3, hex, -1, SQLITE_TRANSIENT);
    return sql_insert(s);
}

static bt_status fill_files(const struct catalogue *c, sqlite3_stmt *s) {
    TRY(put_file(s, &c->calendar_file));
    for (size_t i = 0; i < c->count; i++)
        TRY(put_file(s, &c->assets[i].file));
    for (size_t i = 0; i < c->field_count; i++)
        TRY(put_file(s, &c->fields[i].file));
    return BT_OK;
}

static bt_status fill_frequency(const struct catalogue *c, sqlite3_stmt *s) {
    sqlite3_bind_text(s, 1, c->frequency, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, c->calendar->rows);
    sqlite3_bind_int64(s, 3, c->calendar->sessions);
    sqlite3_bind_int64(s, 4, (int64_t)total_bars(c));
    sqlite3_bind_text(s, 5, c->calendar_file.name, -1, SQLITE_STATIC);
    for (int i = 0; i < 3; i++)
        sqlite3_bind_int64(s, 6 + i, c->calendar_offset[i]);
    return sql_insert(s);
}

static bt_status fill_sessions(const struct catalogue *c, sqlite3_stmt *s) {
    const struct calendar *cal = c->calendar;
    for (int64_t i = 0, next; i < cal->rows; i = next) {
        next = i + 1;
        while (next < cal->rows && cal->session[next] == cal->session[i])
            next++;
        sqlite3_bind_int64(s, 1, cal->session[i]);
        sqlite3_bind_int64(s, 2, cal->open[i]);
        sqlite3_bind_int64(s, 3, cal->close[next - 1]);
        sqlite3_bind_int64(s, 4, i);
        sqlite3_bind_int64(s, 5, next - i);
        TRY(sql_insert(s));
    }
    return BT_OK;
}

static bt_status fill_assets(const struct catalogue *c, sqlite3_stmt *s) {
    for (size_t i = 0; i < c->count; i++) {
        const struct catalogue_asset *a = &c->assets[i];
        sqlite3_bind_int64(s, 1, (int64_t)i);
        sqlite3_bind_text(s, 2, a->symbol, -1, SQLITE_STATIC);
        sqlite3_bind_int64(s, 3, a->first_row);
        sqlite3_bind_int64(s, 4, a->last_row);
        sqlite3_bind_int64(s, 5, a->bars);
        TRY(sql_insert(s));
    }
    return BT_OK;
}

static bt_status put_series(sqlite3_stmt *s, size_t sid, const char *field,
                            const char *file, int64_t offset) {
    sqlite3_bind_int64(s, 1, (int64_t)sid);
    sqlite3_bind_text(s, 2, field, -1, SQLITE_STATIC);
    sqlite3_bind_text(s, 3, file, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 4, offset);
    return sql_insert(s);
}

static bt_status fill_series(const struct catalogue *c, sqlite3_stmt *s) {
    int64_t stride = schema_stride(c->calendar->rows) * 8;
    for (size_t i = 0; i < c->count; i++) {
        for (int f = 0; f < SCHEMA_FIELDS; f++)
            TRY(put_series(s, i, schema_fields[f], c->assets[i].file.name,
                           c->series_offset[f]));
        for (size_t k = 0; k < c->field_count; k++)
            TRY(put_series(s, i, c->fields[k].name, c->fields[k].file.name,
                           (int64_t)i * stride));
    }
    return BT_OK;
}

static bt_status fill_fields(const struct catalogue *c, sqlite3_stmt *s) {
    for (size_t i = 0; i < c->field_count; i++) {
        sqlite3_bind_int64(s, 1, (int64_t)i);
        sqlite3_bind_text(s, 2, c->fields[i].name, -1, SQLITE_STATIC);
        TRY(sql_insert(s));
    }
    return BT_OK;
}

static bt_status fill_facts(const struct catalogue *c, sqlite3_stmt *s) {
    for (size_t i = 0; i < c->count; i++) {
        const struct fact_list *l = &c->assets[i].facts;
        for (size_t k = 0; k < l->count; k++) {
            sqlite3_bind_int64(s, 1, (int64_t)i);
            sqlite3_bind_text(s, 2, l->facts[k].name, -1, SQLITE_STATIC);
            sqlite3_bind_text(s, 3, l->facts[k].value, -1, SQLITE_STATIC);
            TRY(sql_insert(s));
        }
    }
    return BT_OK;
}

static bt_status fill_actions(const struct catalogue *c, sqlite3_stmt *s) {
    return actions_store(&c->actions, s);
}

static const struct {
    const char *sql;
    bt_status (*fill)(const struct catalogue *, sqlite3_stmt *);
} steps[SCHEMA_TABLES] = {
    {"INSERT INTO meta VALUES(?,?)", fill_meta},
    {"INSERT OR IGNORE INTO file VALUES(?,?,?)", fill_files},
    {"INSERT INTO frequency VALUES(?,?,?,?,?,?,?,?)", fill_frequency},
    {"INSERT INTO session VALUES(?,?,?,?,?)", fill_sessions},
    {"INSERT INTO asset VALUES(?,?,?,?,?)", fill_assets},
    {"INSERT INTO series VALUES(?,?,?,?)", fill_series},
    {"INSERT INTO action VALUES(?,?,?,?,?,?,?,?,?,?,?)", fill_actions},
    {"INSERT INTO field VALUES(?,?)", fill_fields},
    {"INSERT INTO fact VALUES(?,?,?)", fill_facts},
};

static bt_status fill_tables(const struct catalogue *c, sqlite3 *db) {
    char pragma[128];
    snprintf(pragma, sizeof pragma,
             "PRAGMA page_size=%d;PRAGMA application_id=%d;"
             "PRAGMA user_version=%d;BEGIN",
             SCHEMA_PAGE, SCHEMA_APPLICATION_ID, SCHEMA_VERSION);
    TRY(sql_exec(db, pragma));
    for (int i = 0; i < SCHEMA_TABLES; i++) {
        TRY(sql_exec(db, schema_tables[i]));
        sqlite3_stmt *s;
        TRY(sql_prepare(db, steps[i].sql, &s));
        bt_status status = steps[i].fill(c, s);
        sqlite3_finalize(s);
        TRY(status);
    }
    return sql_exec(db, "COMMIT");
}

static void seal(struct buf *out) {
    uint8_t sha[DIGEST_BYTES];
    char hex[DIGEST_TEXT], page[SCHEMA_PAGE] = {0};
    digest_bytes(out->data, out->len, sha);
    digest_hex(sha, hex);
    snprintf(page, sizeof page, "%s%s\n", SCHEMA_SEAL, hex);
    buf_add(out, page, sizeof page);
}

bt_status catalogue_bytes(const struct catalogue *c, struct buf *out) {
    sqlite3 *db = NULL;
    bt_status status = sqlite3_open(":memory:", &db) == SQLITE_OK
                           ? fill_tables(c, db)
                           : sql_failure(db);
    sqlite3_int64 n = 0;
    unsigned char *bytes =
        status == BT_OK ? sqlite3_serialize(db, "main", &n, 0) : NULL;
    if (status == BT_OK && bytes == NULL)
        status = fail(BT_E_IO, "cannot make the catalogue: out of memory");
    sqlite3_close(db);
    TRY(status);
    buf_add(out, bytes, (size_t)n);
    sqlite3_free(bytes);
    seal(out);
    return BT_OK;
}
