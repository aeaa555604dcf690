/* Files that the command line writes and the folders it writes them to.
 *
 * A result goes to a temporary name beside its target and is renamed over it,
 * so that a reader sees the old file or the new one. A durable write is
 * fs_write's (file and folder synced). A cached one leaves the disk its time:
 * it serves what is cheap to make again, such as the summary of a run, where
 * two syncs would cost more than the run.
 *
 * A symbolic link is followed first: renaming over the link would turn it into
 * a file. A device or pipe is written in place: /dev/null must stay what it is.
 */
#include "backlua.h"
#include "base/buf.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NEW_FILE_MODE = 0600, PATH_TEXT_MAX = 4096 };

int32_t bt_path_kind(const char *path) {
    struct stat st;
    if (stat(path, &st) != 0)
        return BT_PATH_NONE;
    if (S_ISREG(st.st_mode))
        return BT_PATH_FILE;
    return S_ISDIR(st.st_mode) ? BT_PATH_FOLDER : BT_PATH_OTHER;
}

bt_status bt_path_real(const char *path, char *out) {
    char *real = fs_real(path);
    if (real == NULL)
        return fail_errno("cannot resolve %s", path);
    size_t n = strlen(real);
    if (n >= PATH_TEXT_MAX) {
        free(real);
        return fail(BT_E_IO, "path too long: %.64s...", path);
    }
    memcpy(out, real, n + 1);
    free(real);
    return BT_OK;
}

int32_t bt_folder_list(const char *path, const char *const **names) {
    static char **kept;
    static size_t count;
    for (size_t i = 0; i < count; i++)
        free(kept[i]);
    free(kept);
    kept = NULL;
    count = 0;
    if (!fs_is_dir(path) || fs_list(path, &kept, &count) != BT_OK)
        return 0;
    *names = (const char *const *)kept;
    return (int32_t)count;
}

/* Roots of what is ours, and what to say where there is none. */
static const struct {
    char *(*root)(void);
    const char *holds, *needs;
} places[] = {
    [BT_PLACE_HOME] = {fs_data_home, "runs and studies",
                       "neither HOME, an absolute path, nor BACKLUA_HOME is "
                       "set; set BACKLUA_HOME to a folder that may be written"},
    [BT_PLACE_CACHE] = {fs_cache_home, "caches",
                        "neither HOME nor XDG_CACHE_HOME is set to an absolute "
                        "path"},
    [BT_PLACE_STATE] = {fs_state_home, "what sessions leave behind",
                        "neither HOME nor XDG_STATE_HOME is set to an absolute "
                        "path"},
};

bt_status bt_place(int32_t place, const char *name, char *out) {
    char *root = places[place].root();
    if (root == NULL)
        return fail(BT_E_IO, "no folder for %s: %s",
                    *name ? name : places[place].holds, places[place].needs);
    char *path = *name ? fs_join(root, name) : mem_strdup(root);
    bt_status status = BT_OK;
    if (strlen(path) >= PATH_TEXT_MAX)
        status = fail(BT_E_IO, "path too long: %.64s...", path);
    else
        memcpy(out, path, strlen(path) + 1);
    free(path);
    free(root);
    return status;
}

static bt_status make_place(int32_t place, const char *name, char *out) {
    char path[PATH_TEXT_MAX];
    TRY(bt_place(place, name, path));
    TRY(fs_mkdirs(path));
    memcpy(out, path, strlen(path) + 1);
    return BT_OK;
}

bt_status bt_home_folder(const char *name, char *out) {
    return make_place(BT_PLACE_HOME, name, out);
}

bt_status bt_cache_folder(const char *name, char *out) {
    return make_place(BT_PLACE_CACHE, name, out);
}

bt_status bt_state_folder(char *out) {
    return make_place(BT_PLACE_STATE, "", out);
}

/* In memory where the system offers it: what is written there and soon removed
 * need not reach a disk. */
bt_status bt_scratch_folder(char *out) {
    const char *tmp = getenv("TMPDIR");
    const char *const roots[] = {tmp != NULL ? tmp : "", "/dev/shm", "/tmp"};
    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        int n = snprintf(out, PATH_TEXT_MAX, "%s/backlua-XXXXXX", roots[i]);
        if (roots[i][0] == '/' && n < PATH_TEXT_MAX && mkdtemp(out) != NULL)
            return BT_OK;
    }
    return fail_errno("cannot make a folder in %s, /dev/shm or /tmp",
                      tmp != NULL ? tmp : "$TMPDIR");
}

bt_status bt_folder_make(const char *path) {
    return fs_mkdirs(path);
}

bt_status bt_folder_remove(const char *path) {
    return fs_remove_tree(path);
}

static bt_status write_all(int fd, const char *path, const char *bytes,
                           size_t n) {
    while (n > 0) {
        ssize_t wrote = write(fd, bytes, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return fail_errno("cannot write %s", path);
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return BT_OK;
}

/* Close, and keep the first failure of write and close. */
static bt_status close_written(int fd, const char *path, bt_status status) {
    if (close(fd) != 0 && status == BT_OK)
        return fail_errno("cannot write %s", path);
    return status;
}

static bt_status write_in_place(const char *path, const char *bytes, size_t n) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open %s", path);
    return close_written(fd, path, write_all(fd, path, bytes, n));
}

bt_status bt_file_write(const char *path, const char *bytes, int64_t n,
                        int32_t durable) {
    struct stat st;
    mode_t mode = NEW_FILE_MODE;
    bool exists = stat(path, &st) == 0;
    if (path[0] == '\0')
        return fail(BT_E_IO, "cannot write a file without a name");
    if (exists && S_ISDIR(st.st_mode))
        return fail(BT_E_IO, "cannot write %s: it is a folder; name a file",
                    path);
    if (exists && !S_ISREG(st.st_mode))
        return write_in_place(path, bytes, (size_t)n);
    if (exists)
        mode = st.st_mode & 07777;
    char *real = exists ? fs_real(path) : NULL;
    const char *target = real != NULL ? real : path;
    struct iovec part = {(void *)bytes, (size_t)n};
    bt_status status = durable ? fs_write(target, bytes, (size_t)n, (int)mode)
                               : fs_write_unsynced(target, &part, 1, (int)mode);
    free(real);
    return status;
}
