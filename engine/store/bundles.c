/* The folder that bundles live in: finding, listing, verifying, removing.
 *
 * A bundle is a folder that holds a catalogue; everything else in the folder of
 * bundles is passed over. A name is looked up there first, then taken as a
 * path.
 */
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"
#include "store/bundle.h"
#include "store/pool.h"
#include "store/ref.h"
#include "store/schema.h"
#include "store/verified.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

const char *bt_bundles_folder(void) {
    static char *folder;
    free(folder);
    folder = fs_bundles();
    return folder ? folder : "";
}

bool bundle_is_folder(const char *path) {
    char *catalogue = fs_join(path, SCHEMA_CATALOGUE);
    bool found = fs_exists(catalogue);
    free(catalogue);
    return found;
}

/* ---- names ----------------------------------------------------------------*/

static char **listed;
static size_t listed_count;

static void free_listed(void) {
    for (size_t i = 0; i < listed_count; i++)
        free(listed[i]);
    free(listed);
    listed = NULL;
    listed_count = 0;
}

/* Keep those of the names that are bundles. */
static void keep_bundles(const char *folder) {
    size_t kept = 0;
    for (size_t i = 0; i < listed_count; i++) {
        char *path = fs_join(folder, listed[i]);
        if (bundle_is_folder(path))
            listed[kept++] = listed[i];
        else
            free(listed[i]);
        free(path);
    }
    listed_count = kept;
}

int32_t bt_bundle_list(const char *const **names) {
    const char *folder = bt_bundles_folder();
    free_listed();
    if (fs_is_dir(folder) && fs_list(folder, &listed, &listed_count) == BT_OK)
        keep_bundles(folder);
    *names = (const char *const *)listed;
    return (int32_t)listed_count;
}

static bt_status not_found(const char *name) {
    const char *const *list;
    int32_t count = bt_bundle_list(&list);
    const char *folder = bt_bundles_folder();
    const char *near = bt_nearest(name, list, count);
    if (near)
        return fail(BT_E_DATA, "no bundle '%s' in %s; did you mean '%s'?", name,
                    folder, near);
    if (count == 0)
        return fail(BT_E_DATA,
                    "no bundle '%s': there is none in %s; make the demo with "
                    "`backlua ingest --synthetic mag7 --seed 7 -b demo`",
                    name, folder);
    struct buf all;
    buf_init(&all);
    for (int32_t i = 0; i < count && i < 10; i++)
        buf_printf(&all, "%s%s", i ? ", " : "", list[i]);
    bt_status s = fail(BT_E_DATA, "no bundle '%s' in %s; it has %s%s", name,
                       folder, all.data, count > 10 ? ", ..." : "");
    buf_fini(&all);
    return s;
}

bt_status bundle_locate(const char *name, char **path) {
    char *folder = fs_bundles();
    char *found = NULL;
    if (name[0] && folder && strchr(name, '/') == NULL && name[0] != '.') {
        char *inside = fs_join(folder, name);
        if (bundle_is_folder(inside))
            found = inside;
        else
            free(inside);
    }
    free(folder);
    if (!found && name[0] && bundle_is_folder(name))
        found = mem_strdup(name);
    if (!found)
        return not_found(name);
    *path = found;
    return BT_OK;
}

/* ---- verify and remove ----------------------------------------------------*/

bt_status bt_bundle_verify(const char *name) {
    struct ref ref;
    bt_bundle *b;
    TRY(ref_resolve(name, &ref));
    bt_status s = ref_open(&ref, true, &b);
    ref_fini(&ref);
    if (s == BT_OK)
        bundle_close(b, true);
    return s;
}

static bool belongs(const char *file) {
    size_t n = strlen(file), suffix = strlen(SCHEMA_SUFFIX);
    return strcmp(file, SCHEMA_CATALOGUE) == 0 || version_is_kept(file) ||
           (n > suffix && strcmp(file + n - suffix, SCHEMA_SUFFIX) == 0);
}

/* Nothing but a bundle is removed, whatever the name leads to. */
static bt_status check_removable(const char *path) {
    char **files;
    size_t count;
    bt_status s = BT_OK;
    TRY(fs_list(path, &files, &count));
    for (size_t i = 0; i < count; i++) {
        if (s == BT_OK && !belongs(files[i]))
            s = fail(BT_E_USAGE,
                     "%s holds %s, which is not part of a bundle; move it away "
                     "or remove the folder yourself",
                     path, files[i]);
        free(files[i]);
    }
    free(files);
    return s;
}

/* Out of sight in one step, then file by file. Holding the folder's lock means
 * that no ingest is committing into it. */
static bt_status remove_locked(const char *path) {
    char *dir = fs_dir(path);
    char *hidden =
        mem_printf("%s/.%s.removed-%ld", dir, fs_base(path), (long)getpid());
    bt_status s = rename(path, hidden) == 0
                      ? fs_remove_tree(hidden)
                      : fail_errno("cannot remove %s", path);
    free(hidden);
    free(dir);
    return s;
}

static bt_status remove_at(const char *path) {
    TRY(check_removable(path));
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open %s", path);
    bt_status s;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        s = remove_locked(path);
    else if (errno == EWOULDBLOCK)
        s = fail(BT_E_BUSY, "%s is being written by an ingest; try again later",
                 path);
    else
        s = fail_errno("cannot lock %s", path);
    close(fd);
    return s;
}

bt_status bt_bundle_remove(const char *name) {
    char *path = NULL;
    TRY(bundle_locate(name, &path));
    char *real = fs_real(path);
    free(path);
    if (real == NULL)
        return fail_errno("cannot find the bundle %s", name);
    bt_status s = remove_at(real);
    if (s == BT_OK) {
        verified_forget(real);
        pool_forget(real);
    }
    free(real);
    return s;
}
