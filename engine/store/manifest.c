/* One pass over the catalogue, then SQLite is closed again.
 *
 * Everything that is read is checked before it is believed: types and ranges by
 * db.c, names (a file name is hex digits, so it cannot lead out of the folder),
 * counts against one another, every place against the size of its file. What
 * comes out can be used to map columns without another thought. Whether the
 * bytes behind it are the right ones is the opener's question (bundle.c).
 *
 * The asset list comes from the cache where this content was met before.
 */
#include "store/manifest.h"

#include "base/digest.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/status.h"
#include "store/db.h"
#include "store/field.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 10000000, SIDS_MAX = 10000000, META_MAX = 64 };

static bt_status damaged(const char *what, const char *why) {
    return fail(BT_E_DATA, "%s is damaged: %s", what, why);
}

/* ---- the seal -------------------------------------------------------------*/

static bt_status check_seal(const unsigned char *bytes, size_t n,
                            const char *what) {
    uint8_t sha[DIGEST_BYTES];
    char hex[DIGEST_TEXT];
    const char *page = (const char *)bytes + n;
    size_t head = strlen(SCHEMA_SEAL);
    if (memcmp(page, SCHEMA_SEAL, head) != 0)
        return damaged(what, "its seal is missing (a cut or foreign file)");
    digest_bytes(bytes, n, sha);
    digest_hex(sha, hex);
    bool good = memcmp(page + head, hex, 64) == 0 && page[head + 64] == '\n';
    for (size_t i = head + 65; i < SCHEMA_PAGE; i++)
        good = good && page[i] == 0;
    return good ? BT_OK : damaged(what, "its bytes do not match its seal");
}

/* ---- meta -----------------------------------------------------------------*/

/* The whole table, by key. */
struct meta {
    const char *what;
    struct map *values;
};

static void meta_free(struct meta *meta) {
    size_t it = 0;
    const char *key;
    void *value;
    while (map_next(meta->values, &it, &key, &value))
        free(value);
    map_free(meta->values);
}

static bt_status meta_fill(struct meta *meta, struct db_rows *rows) {
    const char *key = "", *value = "";
    bool more = true;
    for (int i = 0; i < META_MAX; i++) {
        TRY(db_next(rows, &more));
        if (!more)
            return BT_OK;
        TRY(db_text(rows, 0, &key));
        TRY(db_text(rows, 1, &value));
        free(map_get(meta->values, key));
        map_put(meta->values, key, mem_strdup(value));
    }
    return damaged(meta->what, "meta is too long");
}

static bt_status meta_read(struct db *db, struct meta *out) {
    struct db_rows rows = {db, NULL};
    struct meta meta = {db->what, map_new()};
    bt_status s = db_select(db, "SELECT key, value FROM meta", &rows);
    if (s == BT_OK)
        s = meta_fill(&meta, &rows);
    db_end(&rows);
    if (s != BT_OK) {
        meta_free(&meta);
        return s;
    }
    *out = meta;
    return BT_OK;
}

static bt_status bad_meta(const struct meta *meta, const char *key) {
    return fail(BT_E_DATA, "%s is damaged: meta.%s is missing or wrong",
                meta->what, key);
}

/* Value of a key; the caller frees. */
static bt_status meta_text(const struct meta *meta, const char *key,
                           char **out) {
    const char *text = map_get(meta->values, key);
    if (text == NULL)
        return bad_meta(meta, key);
    *out = mem_strdup(text);
    return BT_OK;
}

static bt_status meta_int(const struct meta *meta, const char *key, int64_t min,
                          int64_t max, int64_t *out) {
    const char *text = map_get(meta->values, key);
    int64_t v;
    if (text == NULL || !num_parse_int(text, strlen(text), &v) || v < min ||
        v > max)
        return bad_meta(meta, key);
    *out = v;
    return BT_OK;
}

static bt_status meta_number(const struct meta *meta, const char *key,
                             double min, double *out) {
    const char *text = map_get(meta->values, key);
    double v;
    if (text == NULL || !num_parse(text, strlen(text), &v) || !(v >= min))
        return bad_meta(meta, key);
    *out = v;
    return BT_OK;
}

static bool parse_hex(const char *text, uint8_t out[32]) {
    static const char digits[] = "0123456789abcdef";
    if (strlen(text) != 64 || strspn(text, digits) != 64)
        return false;
    for (size_t i = 0; i < 32; i++) {
        long high = strchr(digits, text[2 * i]) - digits;
        long low = strchr(digits, text[2 * i + 1]) - digits;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bt_status other_format(const char *what, int64_t format) {
    return fail(BT_E_DATA,
                "%s has format %lld, this backlua reads format %d; use the "
                "version that made it, or ingest again",
                what, (long long)format, SCHEMA_VERSION);
}

static bt_status take_meta(const struct meta *t, struct manifest *m) {
    int64_t format = 0;
    TRY(meta_int(t, "format", 1, INT32_MAX, &format));
    if (format != SCHEMA_VERSION)
        return other_format(t->what, format);
    TRY(meta_int(t, "rows", 1, INT32_MAX, &m->rows));
    TRY(meta_int(t, "bars", 0, INT64_MAX, &m->bars));
    TRY(meta_int(t, "assets", 1, SIDS_MAX, &m->asset_count));
    TRY(meta_int(t, "first_close", INT64_MIN, INT64_MAX, &m->first_close));
    TRY(meta_int(t, "last_close", m->first_close, INT64_MAX, &m->last_close));
    TRY(meta_number(t, "periods_per_year", 1e-6, &m->periods_per_year));
    TRY(meta_number(t, "skipped_rows", 0, &m->skipped_rows));
    TRY(meta_text(t, "frequency", &m->frequency));
    TRY(meta_text(t, "provenance", &m->provenance));
    const char *calendar = map_get(t->values, "calendar");
    m->schedule = mem_strdup(calendar ? calendar : "union");
    const char *content = map_get(t->values, "content_sha256");
    if (content == NULL || !parse_hex(content, m->content))
        return bad_meta(t, "content_sha256");
    return BT_OK;
}

static bt_status read_meta(struct db *db, struct manifest *m) {
    struct meta meta = {db->what, NULL};
    TRY(meta_read(db, &meta));
    bt_status s = take_meta(&meta, m);
    meta_free(&meta);
    return s;
}

/* ---- tables ---------------------------------------------------------------*/

/* Call row(m, rows, i) for each row of sql. */
static bt_status each_row(struct db *db, const char *sql, struct manifest *m,
                          bt_status (*row)(struct manifest *, struct db_rows *,
                                           int64_t),
                          int64_t *count) {
    struct db_rows rows;
    bool more = true;
    int64_t i = 0;
    TRY(db_select(db, sql, &rows));
    bt_status s = BT_OK;
    while (s == BT_OK && (s = db_next(&rows, &more)) == BT_OK && more)
        s = row(m, &rows, i++);
    db_end(&rows);
    *count = i;
    return s;
}

static bool good_name(const char *name) {
    return strspn(name, "0123456789abcdef") == SCHEMA_NAME_DIGITS &&
           strcmp(name + SCHEMA_NAME_DIGITS, SCHEMA_SUFFIX) == 0;
}

static bt_status read_file(struct manifest *m, struct db_rows *rows,
                           int64_t i) {
    struct manifest_file f = {NULL, 0, {0}};
    const char *name = "", *sha = "";
    TRY(db_text(rows, 0, &name));
    TRY(db_int(rows, 1, 1, INT64_MAX / 2, &f.bytes));
    TRY(db_text(rows, 2, &sha));
    if (!good_name(name) || !parse_hex(sha, f.sha) ||
        f.bytes % SCHEMA_PAGE != 0 || i >= FILES_MAX)
        return damaged(rows->db->what, "a row of file is wrong");
    f.name = mem_strdup(name);
    m->files = mem_grow(m->files, (size_t)i, &m->file_cap, sizeof *m->files);
    m->files[i] = f;
    m->file_count = (int32_t)i + 1;
    return BT_OK;
}

/* Files are sorted by name. */
static int32_t find_file(const struct manifest *m, const char *name) {
    int32_t low = 0, high = m->file_count;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        int order = strcmp(name, m->files[middle].name);
        if (order == 0)
            return middle;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return -1;
}

/* A column of rows elements in a file that is there and long enough. */
static bt_status read_place(const struct manifest *m, struct db_rows *rows,
                            const char *file, int column, size_t element,
                            struct manifest_place *out) {
    int64_t offset = 0;
    int32_t at = find_file(m, file);
    TRY(db_int(rows, column, 0, INT64_MAX / 2, &offset));
    if (at < 0 || offset % SCHEMA_PAGE != 0 ||
        offset + m->rows * (int64_t)element > m->files[at].bytes)
        return damaged(rows->db->what, "a column lies outside of its file");
    *out = (struct manifest_place){at, offset};
    return BT_OK;
}

static bt_status read_frequency(struct manifest *m, struct db_rows *rows,
                                int64_t i) {
    const char *name = "", *file = "";
    int64_t count;
    if (i > 0)
        return damaged(rows->db->what, "it holds more than one frequency");
    TRY(db_text(rows, 0, &name));
    TRY(db_int(rows, 1, m->rows, m->rows, &count));
    if (m->frequency == NULL || strcmp(name, m->frequency) != 0)
        return damaged(rows->db->what, "two frequencies");
    TRY(db_text(rows, 2, &file));
    TRY(read_place(m, rows, file, 3, sizeof(bt_time), &m->calendar[0]));
    TRY(read_place(m, rows, file, 4, sizeof(bt_time), &m->calendar[1]));
    return read_place(m, rows, file, 5, sizeof(int32_t), &m->calendar[2]);
}

static bt_status read_asset(struct manifest *m, struct db_rows *rows,
                            int64_t i) {
    if (i >= m->asset_count)
        return damaged(rows->db->what, "more assets than meta.assets says");
    struct asset *a = &m->assets->assets[i];
    int64_t sid, first = 0, last = 0;
    const char *symbol = "";
    TRY(db_int(rows, 0, i, i, &sid));
    TRY(db_text(rows, 1, &symbol));
    TRY(db_int(rows, 2, 0, m->rows - 1, &first));
    TRY(db_int(rows, 3, first, m->rows - 1, &last));
    TRY(db_int(rows, 4, 1, last - first + 1, &a->bars));
    a->symbol = mem_strdup(symbol);
    a->first_row = (int32_t)first;
    a->last_row = (int32_t)last;
    return BT_OK;
}

/* Names in their order, which makes them findable and the version one. */
static bt_status read_field(struct manifest *m, struct db_rows *rows,
                            int64_t i) {
    int64_t position;
    const char *name = "";
    if (i >= SCHEMA_OWN_MAX)
        return damaged(rows->db->what, "too many fields");
    TRY(db_int(rows, 0, i, i, &position));
    TRY(db_text(rows, 1, &name));
    bt_status s = field_check_name(name);
    if (s != BT_OK || (i > 0 && strcmp(m->fields[i - 1], name) >= 0))
        return damaged(rows->db->what, "a field has a name that none can have");
    m->fields[i] = mem_strdup(name);
    m->field_count = (int32_t)i + 1;
    return BT_OK;
}

static bt_status read_fields(struct db *db, struct manifest *m) {
    int64_t count = 0;
    m->fields = mem_zalloc(SCHEMA_OWN_MAX, sizeof *m->fields);
    TRY(each_row(db, "SELECT position, name FROM field ORDER BY position", m,
                 read_field, &count));
    m->stored = SCHEMA_FIELDS + m->field_count;
    return BT_OK;
}

/* Position of a stored column by name, -1. */
static int32_t column_of(const struct manifest *m, const char *name) {
    for (int32_t i = 0; i < SCHEMA_FIELDS; i++)
        if (strcmp(schema_fields[i], name) == 0)
            return i;
    for (int32_t i = 0; i < m->field_count; i++)
        if (strcmp(m->fields[i], name) == 0)
            return SCHEMA_FIELDS + i;
    return -1;
}

static bt_status read_series(struct manifest *m, struct db_rows *rows,
                             int64_t i) {
    int64_t sid = 0;
    const char *field = "", *file = "";
    (void)i;
    TRY(db_int(rows, 0, 0, m->assets->count - 1, &sid));
    TRY(db_text(rows, 1, &field));
    TRY(db_text(rows, 2, &file));
    int32_t f = column_of(m, field);
    if (f < 0)
        return damaged(rows->db->what, "a field that does not exist");
    struct manifest_place *place = &m->series[sid * m->stored + f];
    TRY(read_place(m, rows, file, 3, sizeof(double), place));
    /* The content hash counts on the layout of a field's file. */
    if (f >= SCHEMA_FIELDS &&
        (place->file != m->series[f].file ||
         place->offset != sid * schema_stride(m->rows) * 8))
        return damaged(rows->db->what, "a field is not where it should be");
    return BT_OK;
}

static bt_status read_fact(struct manifest *m, struct db_rows *rows,
                           int64_t i) {
    int64_t sid = 0;
    const char *name = "", *value = "";
    (void)i;
    TRY(db_int(rows, 0, 0, m->assets->count - 1, &sid));
    TRY(db_text(rows, 1, &name));
    TRY(db_text(rows, 2, &value));
    bt_status s = fact_list_put(&m->assets->assets[sid].facts, rows->db->what,
                                name, value);
    return s == BT_OK ? s : fail(BT_E_DATA, "%s", bt_error_message());
}

static bt_status read_assets(struct db *db, struct manifest *m) {
    int64_t count = 0;
    m->assets = asset_cache_get(m->content);
    m->assets_cached = m->assets != NULL;
    if (m->assets_cached)
        return BT_OK;
    m->assets = asset_list_new((int32_t)m->asset_count);
    TRY(each_row(db,
                 "SELECT sid, symbol, first_row, last_row, bars FROM asset "
                 "ORDER BY sid",
                 m, read_asset, &count));
    if (count != m->asset_count)
        return damaged(db->what, "fewer assets than meta.assets says");
    TRY(each_row(db, "SELECT sid, name, value FROM fact ORDER BY sid, name", m,
                 read_fact, &count));
    bt_status s = asset_list_index(m->assets);
    return fail_within(s, "%s is damaged", db->what);
}

static bt_status read_places(struct db *db, struct manifest *m) {
    int64_t count = 0;
    TRY(each_row(db, "SELECT name, bytes, sha256 FROM file ORDER BY name", m,
                 read_file, &count));
    TRY(each_row(db,
                 "SELECT name, rows, file, open_offset, close_offset, "
                 "session_offset FROM frequency",
                 m, read_frequency, &count));
    if (count != 1)
        return damaged(db->what, "it holds no frequency");
    TRY(read_fields(db, m));
    int64_t columns = (int64_t)m->assets->count * m->stored;
    m->series = mem_zalloc((size_t)columns, sizeof *m->series);
    TRY(each_row(db,
                 "SELECT sid, field, file, offset FROM series ORDER BY sid, "
                 "field",
                 m, read_series, &count));
    return count == columns ? BT_OK : damaged(db->what, "a column is missing");
}

static bt_status read_all(struct db *db, struct manifest *m) {
    TRY(read_meta(db, m));
    TRY(read_assets(db, m));
    TRY(read_places(db, m));
    return actions_load(db, m->assets->count, &m->actions);
}

static uint32_t big_endian(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 |
           p[3];
}

/* The header of the database says who wrote it, before its tables can confuse.
 * Source: sqlite.org/fileformat2.html, 1.3. */
static bt_status check_format(const unsigned char *bytes, const char *what) {
    enum { USER_VERSION = 60, APPLICATION = 68 };
    uint32_t format = big_endian(bytes + USER_VERSION);
    if (big_endian(bytes + APPLICATION) == SCHEMA_APPLICATION_ID &&
        format != SCHEMA_VERSION)
        return other_format(what, format);
    return BT_OK;
}

static bt_status open_catalogue(const void *bytes, size_t n, const char *what,
                                bool suspicious, struct db *out) {
    if (n <= SCHEMA_PAGE || n % SCHEMA_PAGE != 0)
        return fail(BT_E_DATA, "%s is damaged: it has %zu bytes", what, n);
    n -= SCHEMA_PAGE;
    if (suspicious)
        TRY(check_seal(bytes, n, what));
    TRY(check_format(bytes, what));
    return db_open(bytes, n, what, suspicious, schema_tables, SCHEMA_TABLES,
                   out);
}

bt_status manifest_read(const void *bytes, size_t n, const char *what,
                        bool suspicious, struct manifest *out) {
    struct db db;
    struct manifest m;
    memset(&m, 0, sizeof m);
    TRY(open_catalogue(bytes, n, what, suspicious, &db));
    bt_status s = read_all(&db, &m);
    db_close(&db);
    if (s != BT_OK) {
        manifest_fini(&m);
        return s;
    }
    *out = m;
    return BT_OK;
}

bt_status manifest_peek(const void *bytes, size_t n, const char *what,
                        bool suspicious, uint8_t content[32]) {
    struct db db;
    struct manifest m;
    memset(&m, 0, sizeof m);
    TRY(open_catalogue(bytes, n, what, suspicious, &db));
    bt_status s = read_meta(&db, &m);
    db_close(&db);
    if (s == BT_OK)
        memcpy(content, m.content, sizeof m.content);
    manifest_fini(&m);
    return s;
}

void manifest_fini(struct manifest *m) {
    for (int32_t i = 0; i < m->file_count; i++)
        free(m->files[i].name);
    free(m->files);
    for (int32_t i = 0; i < m->field_count; i++)
        free(m->fields[i]);
    free(m->fields);
    free(m->series);
    free(m->frequency);
    free(m->provenance);
    free(m->schedule);
    actions_fini(&m->actions);
    asset_list_release(m->assets);
    memset(m, 0, sizeof *m);
}
