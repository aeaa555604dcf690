/* Are the bytes the ones that were written?
 *
 * Files are hashed by reading, not through the mapping: a file that is cut
 * meanwhile is an error then and not a SIGBUS. Their stamps are compared
 * afterwards, so what was hashed is what is mapped. The result is remembered
 * for these stamps, unless a file is so young that it could change once more
 * without its stamp showing it.
 */
#include "base/clock.h"
#include "base/status.h"
#include "store/bundle_check.h"
#include "store/bundle_parts.h"

#include <stdlib.h>
#include <string.h>

/* Longer than a tick of the clock that stamps files. */
#define FRESH_NS INT64_C(100000000)

char *bundle_file_path(const bt_bundle *b, int32_t file) {
    return fs_join(b->path, b->manifest.files[file].name);
}

static bt_status hash_file(const bt_bundle *b, int32_t i) {
    uint8_t sha[DIGEST_BYTES];
    char *path = bundle_file_path(b, i);
    bt_status s = digest_file(path, sha);
    if (s == BT_OK && memcmp(sha, b->manifest.files[i].sha, sizeof sha) != 0)
        s = fail(BT_E_DATA,
                 "%s is damaged: its SHA-256 is not the one in the catalogue",
                 path);
    free(path);
    return s;
}

static void digest_fields(const struct manifest *m, struct digest *d) {
    if (m->field_count == 0)
        return;
    digest_str(d, "fields");
    digest_i64(d, m->field_count);
    for (int32_t i = 0; i < m->field_count; i++) {
        digest_str(d, m->fields[i]);
        digest_add(d, m->files[m->series[SCHEMA_FIELDS + i].file].sha,
                   DIGEST_BYTES);
    }
}

static size_t count_facts(const struct asset_list *l) {
    size_t n = 0;
    for (int32_t i = 0; i < l->count; i++)
        n += l->assets[i].facts.count;
    return n;
}

static void digest_facts(const struct manifest *m, struct digest *d) {
    size_t n = count_facts(m->assets);
    if (n == 0)
        return;
    digest_str(d, "facts");
    digest_i64(d, (int64_t)n);
    for (int32_t i = 0; i < m->assets->count; i++) {
        const struct fact_list *l = &m->assets->assets[i].facts;
        for (size_t k = 0; k < l->count; k++) {
            digest_i64(d, i);
            digest_str(d, l->facts[k].name);
            digest_str(d, l->facts[k].value);
        }
    }
}

/* The version as bundles/README.md defines it. */
static void content_hash(const bt_bundle *b, uint8_t out[DIGEST_BYTES]) {
    const struct manifest *m = &b->manifest;
    struct digest *d = digest_new();
    digest_str(d, SCHEMA_CONTENT);
    digest_str(d, m->frequency);
    digest_i64(d, m->rows);
    digest_add(d, m->files[m->calendar[0].file].sha, DIGEST_BYTES);
    digest_i64(d, m->assets->count);
    for (int32_t i = 0; i < m->assets->count; i++) {
        const struct asset *a = &m->assets->assets[i];
        digest_str(d, a->symbol);
        digest_i64(d, a->first_row);
        digest_i64(d, a->last_row);
        digest_i64(d, a->bars);
        const struct manifest_place *p = &m->series[i * (size_t)m->stored];
        digest_add(d, m->files[p->file].sha, DIGEST_BYTES);
    }
    actions_digest(&m->actions, d);
    digest_fields(m, d);
    digest_facts(m, d);
    if (strcmp(m->schedule, "union") != 0) {
        digest_str(d, "calendar");
        digest_str(d, m->schedule);
    }
    digest_end(d, out);
    digest_free(d);
}

static bt_status check_content(bt_bundle *b) {
    uint8_t sha[DIGEST_BYTES];
    content_hash(b, sha);
    if (memcmp(sha, b->manifest.content, sizeof sha) != 0)
        return fail(BT_E_DATA,
                    "%s is damaged: its content_sha256 is not the hash of its "
                    "content",
                    b->catalogue);
    return bundle_check(b);
}

/* Nothing moved between mapping and hashing. */
static bt_status check_stamps(const bt_bundle *b,
                              const struct fs_stamp *stamps) {
    for (int32_t i = 0; i < b->manifest.file_count; i++) {
        struct fs_stamp now;
        char *path = bundle_file_path(b, i);
        bt_status s = fs_stamp(path, &now);
        if (s == BT_OK && !fs_stamp_equal(&now, &stamps[1 + i]))
            s = fail(BT_E_DATA, "%s changed while it was read", path);
        free(path);
        TRY(s);
    }
    return BT_OK;
}

static bool is_fresh(const struct fs_stamp *stamps, int32_t n) {
    int64_t now = clock_wall_us() * 1000;
    for (int32_t i = 0; i < n; i++)
        if (now - stamps[i].ctime_ns < FRESH_NS)
            return true;
    return false;
}

bt_status bundle_verify_files(bt_bundle *b, const struct fs_stamp *stamps,
                              const struct verified *state) {
    for (int32_t i = 0; i < b->manifest.file_count; i++)
        TRY(hash_file(b, i));
    TRY(check_stamps(b, stamps));
    TRY(check_content(b));
    if (!is_fresh(stamps, 1 + b->manifest.file_count))
        verified_put(b->key, state);
    return BT_OK;
}
