/* Opening a bundle.
 *
 *     stamp and read the catalogue    one read; parsed, SQLite closed again
 *     open, stamp and map its files   descriptors closed again
 *     stamps as at the last verification?  done
 *     otherwise hash every file, check every value, remember the stamps
 *
 * A new version may be put in place meanwhile; then a file that the catalogue
 * names is gone although the catalogue is not the one that was read: start
 * again. What is mapped stays readable whatever happens to the folder.
 *
 * Columns are shown from these mappings on first use (column.c); who reads no
 * windows reads the mappings themselves. Cost of an open with known stamps:
 * about 0.1 ms and 8 us per asset.
 */
#include "store/bundle.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/attic.h"
#include "store/bundle_parts.h"
#include "store/field.h"
#include "store/schema.h"
#include "store/verified.h"
#include "store/version.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 8 };

/* ---- files ----------------------------------------------------------------*/

static void stamp_of(const struct stat *st, struct fs_stamp *out) {
    *out = (struct fs_stamp){
        .dev = (int64_t)st->st_dev,
        .inode = (int64_t)st->st_ino,
        .size = st->st_size,
        .mtime_ns =
            st->st_mtim.tv_sec * INT64_C(1000000000) + st->st_mtim.tv_nsec,
        .ctime_ns =
            st->st_ctim.tv_sec * INT64_C(1000000000) + st->st_ctim.tv_nsec,
    };
}

/* Descriptor of a regular file, not of a link; never waits for a pipe's other
 * end. */
static bt_status open_file(const char *path, int *out, struct fs_stamp *stamp) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return fail(BT_E_DATA, "%s is missing", path);
    if (fd < 0 || fstat(fd, &st) != 0) {
        bt_status s = fail_errno("cannot read %s", path);
        if (fd >= 0)
            close(fd);
        return s;
    }
    if (!S_ISREG(st.st_mode)) {
        close(fd);
        return fail(BT_E_DATA, "%s is not a file", path);
    }
    stamp_of(&st, stamp);
    *out = fd;
    return BT_OK;
}

static bt_status read_bytes(int fd, const char *path, size_t n, char *out) {
    for (size_t at = 0; at < n;) {
        ssize_t k = read(fd, out + at, n - at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fail_errno("cannot read %s", path);
        if (k == 0)
            return fail(BT_E_DATA, "%s is damaged: it became shorter", path);
        at += (size_t)k;
    }
    return BT_OK;
}

/* The bytes of the catalogue; the caller frees. */
static bt_status read_catalogue(bt_bundle *b, char **out) {
    int fd;
    TRY(open_file(b->catalogue, &fd, &b->stamp));
    if (b->stamp.size > SCHEMA_CATALOGUE_MAX) {
        close(fd);
        return fail(BT_E_DATA, "%s has %lld bytes; a catalogue has at most %d",
                    b->catalogue, (long long)b->stamp.size,
                    SCHEMA_CATALOGUE_MAX);
    }
    char *bytes = mem_alloc((size_t)b->stamp.size + 1);
    bt_status s = read_bytes(fd, b->catalogue, (size_t)b->stamp.size, bytes);
    close(fd);
    if (s != BT_OK) {
        free(bytes);
        return s;
    }
    *out = bytes;
    return BT_OK;
}

static bt_status map_file(bt_bundle *b, int32_t i, struct fs_stamp *stamp) {
    int fd;
    int64_t bytes = b->manifest.files[i].bytes;
    char *path = bundle_file_path(b, i);
    bt_status s = open_file(path, &fd, stamp);
    if (s == BT_OK) {
        if (stamp->size == bytes)
            s = column_file_map(fd, (size_t)bytes, path, &b->files[i]);
        else
            s = fail(BT_E_DATA, "%s is damaged: it has %lld bytes, not %lld",
                     path, (long long)stamp->size, (long long)bytes);
        close(fd);
    }
    free(path);
    return s;
}

/* stamps: [1 + files], the catalogue's first. */
static bt_status map_files(bt_bundle *b, struct fs_stamp *stamps) {
    int32_t n = b->manifest.file_count;
    b->files = mem_zalloc((size_t)n, sizeof *b->files);
    for (int32_t i = 0; i < n; i++)
        TRY(map_file(b, i, &stamps[1 + i]));
    return BT_OK;
}

static const void *place(const bt_bundle *b, const struct manifest_place *p) {
    return b->files[p->file].base + p->offset;
}

/* ---- opening --------------------------------------------------------------*/

static int32_t column_count(const bt_bundle *b) {
    return b->manifest.assets->count * b->manifest.stored;
}

static void point(bt_bundle *b) {
    const struct manifest *m = &b->manifest;
    b->opens = place(b, &m->calendar[0]);
    b->closes = place(b, &m->calendar[1]);
    b->sessions = place(b, &m->calendar[2]);
    b->columns = mem_zalloc((size_t)column_count(b), sizeof *b->columns);
    digest_hex(m->content, b->sha_text);
    actions_place(&b->manifest.actions, b->opens, (int32_t)m->rows);
}

static bt_status load_manifest(bt_bundle *b, bool suspicious) {
    char *bytes = NULL;
    TRY(read_catalogue(b, &bytes));
    bt_status s = manifest_read(bytes, (size_t)b->stamp.size, b->catalogue,
                                suspicious, &b->manifest);
    free(bytes);
    return s;
}

/* Everything of an empty b but path, name and catalogue. */
static bt_status load(bt_bundle *b, bool verify) {
    struct verified last, now = {{0}, {0}};
    struct fs_stamp stamp;
    bool known = !verify && verified_get(b->key, &last);
    if (known && fs_stamp(b->catalogue, &stamp) == BT_OK)
        known = verified_has(b->key, &stamp);
    TRY(load_manifest(b, !known));
    size_t n = 1 + (size_t)b->manifest.file_count;
    struct fs_stamp *stamps = mem_alloc(n * sizeof *stamps);
    stamps[0] = b->stamp;
    bt_status s = map_files(b, stamps);
    if (s == BT_OK) {
        point(b);
        verified_of(stamps, 1, now.catalogue);
        verified_of(stamps, n, now.all);
        if (!known || memcmp(&now, &last, sizeof now) != 0)
            s = bundle_verify_files(b, stamps, &now);
    }
    /* Not before: the content hash must be proven to be its key. */
    if (s == BT_OK && !b->manifest.assets_cached)
        asset_cache_put(b->manifest.content, b->manifest.assets);
    free(stamps);
    return s;
}

static void unload(bt_bundle *b) {
    for (int32_t i = 0; b->columns && i < column_count(b); i++)
        column_unmap(&b->columns[i]);
    for (int32_t i = 0; b->files && i < b->manifest.file_count; i++)
        column_file_unmap(&b->files[i]);
    free(b->files);
    b->files = NULL;
    manifest_fini(&b->manifest);
}

static void bundle_free(bt_bundle *b) {
    free(b->columns);
    free(b->path);
    free(b->name);
    free(b->catalogue);
    free(b->key);
    free(b);
}

/* Takes path. v: NULL for the current version. */
static bt_bundle *bundle_new(char *path, const struct version *v) {
    bt_bundle *b = mem_zalloc(1, sizeof *b);
    bool current = v == NULL || v->current;
    b->path = path;
    b->name = mem_strdup(fs_base(path));
    b->catalogue = fs_join(path, current ? SCHEMA_CATALOGUE : v->file);
    b->key = current ? mem_strdup(path) : mem_printf("%s@%s", path, v->sha);
    return b;
}

static bt_status open_once(const char *path, const struct version *v,
                           bool verify, bt_bundle **out, bool *changed) {
    char *real = fs_real(path);
    if (real == NULL)
        return fail_errno("cannot open the bundle %s", path);
    bt_bundle *b = bundle_new(real, v);
    bt_status s = load(b, verify);
    if (s == BT_OK && v != NULL && strcmp(v->sha, b->sha_text) != 0)
        s = fail(BT_E_DATA, "%s holds version %.12s, not %.12s", b->catalogue,
                 b->sha_text, v->sha);
    if (s != BT_OK) {
        *changed = b->stamp.inode != 0 && !bundle_is_current(b) &&
                   fs_exists(b->catalogue);
        unload(b);
        bundle_free(b);
        return s;
    }
    *out = b;
    return BT_OK;
}

bt_status bundle_open_version(const char *path, const struct version *v,
                              bool verify, bt_bundle **out) {
    bt_status s = BT_OK;
    bool changed = true;
    for (int i = 0; i < TRIES && changed; i++) {
        changed = false;
        s = open_once(path, v, verify, out, &changed);
    }
    return s;
}

bt_status bundle_open(const char *path, bool verify, bt_bundle **out) {
    return bundle_open_version(path, NULL, verify, out);
}

/* ---- closing --------------------------------------------------------------*/

/* What views may look at: it goes to the attic in one piece. */
struct rest {
    struct column *columns;
    int32_t count;
    struct bundle_companion companion;
};

static void drop_rest(void *p) {
    struct rest *r = p;
    if (r->companion.drop)
        r->companion.drop(r->companion.p);
    for (int32_t i = 0; i < r->count; i++)
        column_unmap(&r->columns[i]);
    free(r->columns);
    free(r);
}

static struct rest *take_rest(bt_bundle *b, size_t *bytes, int32_t *mapped) {
    struct rest *r = mem_alloc(sizeof *r);
    int32_t n = column_count(b);
    *r = (struct rest){b->columns, n, b->companion};
    *bytes = sizeof *r + (size_t)n * sizeof *r->columns;
    *mapped = 0;
    for (int32_t i = 0; i < n; i++) {
        *mapped += r->columns[i].base != NULL;
        *bytes += r->columns[i].base ? r->columns[i].own_bytes : 0;
    }
    if (b->companion.retire)
        *bytes += b->companion.retire(b->companion.p);
    b->columns = NULL;
    return r;
}

void bundle_close(bt_bundle *b, bool unmap) {
    size_t bytes;
    int32_t mapped;
    struct rest *r = take_rest(b, &bytes, &mapped);
    if (unmap)
        drop_rest(r);
    else
        attic_put(r, drop_rest, bytes, mapped);
    if (b->below)
        overlay_close(b);
    else
        unload(b);
    bundle_free(b);
}

/* ---- reading --------------------------------------------------------------*/

bool bundle_is_current(const bt_bundle *b) {
    struct stat st;
    struct fs_stamp now;
    if (lstat(b->catalogue, &st) != 0)
        return false;
    stamp_of(&st, &now);
    return fs_stamp_equal(&now, &b->stamp);
}

int32_t bundle_rows(const bt_bundle *b) {
    return (int32_t)b->manifest.rows;
}

int32_t bundle_assets(const bt_bundle *b) {
    return b->manifest.assets->count;
}

int32_t bundle_fields(const bt_bundle *b) {
    return BT_FIELDS + b->manifest.field_count;
}

const uint8_t *bundle_sha(const bt_bundle *b) {
    return b->manifest.content;
}

const char *bundle_path(const bt_bundle *b) {
    return b->path;
}

const char *bundle_key(const bt_bundle *b) {
    return b->key;
}

const bt_time *bundle_open_times(const bt_bundle *b) {
    return b->opens;
}

const bt_time *bundle_close_times(const bt_bundle *b) {
    return b->closes;
}

const int32_t *bundle_sessions(const bt_bundle *b) {
    return b->sessions;
}

const struct asset_list *bundle_asset_list(const bt_bundle *b) {
    return b->manifest.assets;
}

const struct actions *bundle_actions(const bt_bundle *b) {
    return &b->manifest.actions;
}

static bt_status check_column(const bt_bundle *b, int32_t sid, int32_t field,
                              int32_t *index) {
    const struct manifest *m = &b->manifest;
    if (sid < 0 || sid >= m->assets->count)
        return fail(BT_E_RANGE, "asset id must be 0..%d, got %d",
                    m->assets->count - 1, sid);
    int32_t stored = schema_stored(field);
    if (stored < 0 || stored >= m->stored)
        return fail(BT_E_RANGE, "field must be 0..%d and not %d, got %d",
                    bundle_fields(b) - 1, BT_FIELD_PRICE, field);
    *index = sid * m->stored + stored;
    return BT_OK;
}

static bool is_overlaid(const bt_bundle *b, int32_t field) {
    return b->below && field <= BT_FIELD_CLOSE;
}

bt_status bundle_column(bt_bundle *b, int32_t sid, int32_t field,
                        const double **out) {
    int32_t i = 0;
    TRY(check_column(b, sid, field, &i));
    const struct manifest_place *at = &b->manifest.series[i];
    struct column *c = &b->columns[i];
    if (c->base == NULL && is_overlaid(b, field))
        TRY(overlay_column(b, sid, field, c));
    else if (c->base == NULL)
        TRY(column_map(&b->files[at->file], at->offset, b->manifest.rows,
                       field == BT_FIELD_VOLUME ? COLUMN_ZERO : COLUMN_NAN, c));
    *out = c->data;
    return BT_OK;
}

bt_status bundle_values(bt_bundle *b, int32_t sid, int32_t field,
                        const double **out) {
    int32_t i = 0;
    TRY(check_column(b, sid, field, &i));
    if (b->columns[i].base != NULL || is_overlaid(b, field))
        return bundle_column(b, sid, field, out);
    *out = place(b, &b->manifest.series[i]);
    return BT_OK;
}

bool bundle_is_overlay(const bt_bundle *b) {
    return b->below != NULL;
}

void *bundle_companion(const bt_bundle *b) {
    return b->companion.p;
}

void bundle_accompany(bt_bundle *b, struct bundle_companion c) {
    b->companion = c;
}

int32_t *bundle_uses(bt_bundle *b) {
    return &b->uses;
}

/* ---- the public face ------------------------------------------------------*/

void bt_bundle_get_info(const bt_bundle *b, bt_bundle_info *out) {
    const struct manifest *m = &b->manifest;
    *out = (bt_bundle_info){
        .assets = m->assets->count,
        .rows = (int32_t)m->rows,
        .bars = (double)m->bars,
        .first_close = m->first_close,
        .last_close = m->last_close,
        .name = b->name,
        .path = b->path,
        .frequency = m->frequency,
        .sha256 = b->sha_text,
        .provenance = m->provenance,
        .periods_per_year = m->periods_per_year,
        .skipped_rows = m->skipped_rows,
        .calendar = m->schedule,
    };
}

const char *bt_bundle_symbol(const bt_bundle *b, int32_t sid) {
    const struct asset_list *l = b->manifest.assets;
    return sid >= 0 && sid < l->count ? l->assets[sid].symbol : NULL;
}

int32_t bt_bundle_actions(const bt_bundle *b, const bt_action **out) {
    *out = b->manifest.actions.list;
    return b->manifest.actions.count;
}

int32_t bt_bundle_find(const bt_bundle *b, const char *symbol) {
    return asset_list_find(b->manifest.assets, symbol);
}

void bt_bundle_asset_rows(const bt_bundle *b, int32_t sid, int32_t *first,
                          int32_t *last) {
    const struct asset_list *l = b->manifest.assets;
    if (sid < 0 || sid >= l->count)
        return;
    *first = l->assets[sid].first_row;
    *last = l->assets[sid].last_row;
}

void bt_bundle_get_facts(const bt_bundle *b, int32_t sid, bt_asset_facts *out) {
    const struct asset_list *l = b->manifest.assets;
    if (sid >= 0 && sid < l->count)
        fact_list_read(&l->assets[sid].facts, out);
}

int32_t bt_bundle_fields(const bt_bundle *b) {
    return bundle_fields(b);
}

const char *bt_bundle_field(const bt_bundle *b, int32_t field) {
    int32_t own = field - BT_FIELDS;
    if (own < 0)
        return field_of_all(field);
    return own < b->manifest.field_count ? b->manifest.fields[own] : NULL;
}

int32_t bt_bundle_find_field(const bt_bundle *b, const char *name) {
    for (int32_t i = 0; i < b->manifest.field_count; i++)
        if (strcmp(b->manifest.fields[i], name) == 0)
            return BT_FIELDS + i;
    return bt_field_find(name);
}
