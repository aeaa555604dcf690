/* Forgetting versions.
 *
 * A version is its catalogue; the column files are shared. So the catalogues go
 * first, then every column file that no remaining catalogue names, among them
 * leftovers of ingests that were killed. All remaining catalogues are read
 * before anything is removed: if one cannot be read, nobody knows which files
 * it needs. The folder is locked, so no ingest is moving files into it.
 */
#include "backlua.h"

#include "base/fs.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/manifest.h"
#include "store/pool.h"
#include "store/schema.h"
#include "store/verified.h"
#include "store/version.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int32_t bt_bundle_versions(const char *name, const bt_bundle_version **out) {
    static bt_bundle_version *list;
    struct versions v;
    char *path;
    if (bundle_locate(name, &path) != BT_OK)
        return -1;
    bt_status s = versions_read(path, &v);
    free(path);
    if (s != BT_OK)
        return -1;
    free(list);
    list = mem_zalloc(v.count + 1, sizeof *list);
    for (size_t i = 0; i < v.count; i++) {
        memcpy(list[i].sha256, v.list[i].sha, sizeof list[i].sha256);
        list[i].current = v.list[i].current;
        list[i].made = (double)v.list[i].made / 1e6;
    }
    int32_t count = (int32_t)v.count;
    versions_fini(&v);
    *out = list;
    return count;
}

struct cleaning {
    const char *folder;
    struct versions versions;
    bool *stays;       /* [versions.count] */
    struct map *named; /* files that remaining versions need */
    bt_bundle_cleaning done;
};

static void choose(struct cleaning *c, int32_t keep_last, bt_time before) {
    size_t n = c->versions.count;
    c->stays = mem_zalloc(n + 1, sizeof *c->stays);
    for (size_t i = 0; i < n; i++) {
        const struct version *v = &c->versions.list[i];
        bool recent = keep_last > 0 && n - i <= (size_t)keep_last;
        c->stays[i] = v->current || recent || v->made >= before ||
                      (keep_last == 0 && before == INT64_MAX);
    }
}

/* Remember the files that a version needs. */
static bt_status name_files(struct cleaning *c, const struct version *v) {
    struct buf bytes;
    struct manifest m = {.file_count = 0};
    char *path = fs_join(c->folder, v->file);
    buf_init(&bytes);
    bt_status s = fs_read_file(path, SCHEMA_CATALOGUE_MAX, &bytes);
    if (s == BT_OK)
        s = manifest_read(bytes.data, bytes.len, path, true, &m);
    buf_fini(&bytes);
    free(path);
    TRY(s);
    for (int32_t i = 0; i < m.file_count; i++)
        map_put(c->named, m.files[i].name, c);
    map_put(c->named, v->file, c);
    manifest_fini(&m);
    return BT_OK;
}

static bool is_column(const char *file) {
    size_t n = strlen(file), k = strlen(SCHEMA_SUFFIX);
    return n > k && strcmp(file + n - k, SCHEMA_SUFFIX) == 0;
}

static bt_status remove_file(struct cleaning *c, const char *file) {
    struct fs_stamp stamp = {0};
    char *path = fs_join(c->folder, file);
    bt_status s = fs_stamp(path, &stamp);
    if (s == BT_OK && unlink(path) != 0)
        s = fail_errno("cannot remove %s", path);
    free(path);
    TRY(s);
    c->done.files++;
    c->done.bytes += (double)stamp.size;
    return BT_OK;
}

static bt_status remove_unnamed(struct cleaning *c, bool wanted(const char *)) {
    char **files;
    size_t count;
    bt_status s = BT_OK;
    TRY(fs_list(c->folder, &files, &count));
    for (size_t i = 0; i < count; i++) {
        if (s == BT_OK && wanted(files[i]) && !map_get(c->named, files[i]))
            s = remove_file(c, files[i]);
        free(files[i]);
    }
    free(files);
    return s;
}

static void forget_verified(const struct cleaning *c) {
    char *real = fs_real(c->folder);
    for (size_t i = 0; real && i < c->versions.count; i++) {
        if (c->stays[i])
            continue;
        char *key = mem_printf("%s@%s", real, c->versions.list[i].sha);
        verified_forget(key);
        free(key);
    }
    free(real);
}

static bt_status clean(struct cleaning *c) {
    if (c->versions.count == 0 ||
        !c->versions.list[c->versions.count - 1].current)
        return fail(BT_E_DATA,
                    "%s: its current version cannot be read, so nothing was "
                    "removed; `backlua bundle verify` says why",
                    c->folder);
    for (size_t i = 0; i < c->versions.count; i++) {
        if (c->stays[i])
            TRY(name_files(c, &c->versions.list[i]));
        else
            c->done.versions++;
    }
    TRY(remove_unnamed(c, version_is_kept));
    TRY(fs_sync_dir(c->folder));
    forget_verified(c);
    return remove_unnamed(c, is_column);
}

static bt_status clean_locked(const char *folder, int32_t keep_last,
                              bt_time before, bt_bundle_cleaning *out) {
    struct cleaning c = {.folder = folder};
    TRY(versions_read(folder, &c.versions));
    c.named = map_new();
    choose(&c, keep_last, before);
    bt_status s = clean(&c);
    map_free(c.named);
    free(c.stays);
    versions_fini(&c.versions);
    if (s == BT_OK)
        *out = c.done;
    return s;
}

bt_status bt_bundle_clean(const char *name, int32_t keep_last, bt_time before,
                          bt_bundle_cleaning *out) {
    char *path;
    if (keep_last < 0)
        return fail(BT_E_RANGE, "keep-last must be 1 or more, got %d",
                    keep_last);
    TRY(bundle_locate(name, &path));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bt_status s = fd >= 0 && flock(fd, LOCK_EX) == 0
                      ? clean_locked(path, keep_last, before, out)
                      : fail_errno("cannot lock %s", path);
    if (fd >= 0)
        close(fd);
    free(path);
    return s;
}
