/* Files that appear whole or not at all.
 *
 * fs_write makes a file beside its target (O_EXCL, 0600, a name with our pid),
 * writes, fsyncs, renames it over the target and fsyncs the folder: whoever
 * looks sees the old content or the new one, also after a power cut. The first
 * failing fsync is final, since the kernel may have dropped the pages; nothing
 * is retried and the old file stays. What can be made again is written without
 * waiting for the disk (fs_write_unsynced): a power cut may leave it damaged.
 *
 * Folders are removed through descriptors (openat, O_NOFOLLOW), so a symbolic
 * link swapped in on the way is removed and never followed.
 */
#include "base/fs.h"

#include "base/mem.h"
#include "base/status.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *fs_join(const char *a, const char *b) {
    size_t n = strlen(a);
    if (n == 0 || b[0] == '/')
        return mem_strdup(b);
    return mem_printf("%s%s%s", a, a[n - 1] == '/' ? "" : "/", b);
}

/* Start of the last component; trailing slashes belong to it. */
const char *fs_base(const char *path) {
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    return path[n] ? path + n : path;
}

char *fs_dir(const char *path) {
    size_t n = (size_t)(fs_base(path) - path);
    if (n == 0)
        return mem_strdup(path[0] == '/' ? "/" : ".");
    while (n > 1 && path[n - 1] == '/')
        n--;
    return mem_strndup(path, n);
}

char *fs_real(const char *path) {
    return realpath(path, NULL);
}

bool fs_exists(const char *path) {
    struct stat st;
    return stat(path, &st) == 0;
}

bool fs_is_dir(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Make path[0..] as a folder unless it is one; errno on failure. A umask that
 * shuts out the user himself is corrected. */
static int make_dir(const char *path) {
    if (mkdir(path, 0700) == 0)
        return chmod(path, 0700) == 0 ? 0 : errno;
    return errno == EEXIST && fs_is_dir(path) ? 0 : errno;
}

/* Make the folder and its parents; 0 or an errno. */
static int make_dirs(const char *path) {
    if (fs_is_dir(path))
        return 0;
    char *part = mem_strdup(path);
    int error = 0;
    for (char *slash = part + 1; part[0] && !error; slash++) {
        slash = strchr(slash, '/');
        if (!slash)
            break;
        *slash = '\0';
        if (!fs_is_dir(part))
            error = make_dir(part);
        *slash = '/';
    }
    free(part);
    return error ? error : make_dir(path);
}

bool fs_is_ours(const char *folder) {
    struct stat st;
    return lstat(folder, &st) == 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid() && (st.st_mode & 022) == 0;
}

bt_status fs_mkdirs(const char *path) {
    int error = make_dirs(path);
    if (!error)
        return BT_OK;
    errno = error;
    return fail_errno("cannot make the folder %s", path);
}

bt_status fs_stamp(const char *path, struct fs_stamp *out) {
    struct stat st;
    if (stat(path, &st) != 0)
        return fail_errno("cannot look at %s", path);
    *out = (struct fs_stamp){
        (int64_t)st.st_dev, (int64_t)st.st_ino, (int64_t)st.st_size,
        st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec,
        st.st_ctim.tv_sec * INT64_C(1000000000) + st.st_ctim.tv_nsec};
    return BT_OK;
}

bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b) {
    return a->dev == b->dev && a->inode == b->inode && a->size == b->size &&
           a->mtime_ns == b->mtime_ns && a->ctime_ns == b->ctime_ns;
}

/* Append what fd still gives, limit bytes at most. */
static bt_status read_all(int fd, const char *path, size_t limit,
                          struct buf *out) {
    char block[65536];
    for (;;) {
        ssize_t n = read(fd, block, sizeof block);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno("cannot read %s", path);
        if (n == 0)
            return BT_OK;
        if ((size_t)n > limit - out->len)
            return fail(BT_E_DATA, "%s is larger than the limit of %zu bytes",
                        path, limit);
        buf_add(out, block, (size_t)n);
    }
}

static bt_status take(int fd, const char *path, size_t limit, struct buf *out) {
    struct buf content;
    buf_init(&content);
    bt_status code = read_all(fd, path, limit, &content);
    close(fd);
    if (code != BT_OK) {
        buf_fini(&content);
        return code;
    }
    buf_fini(out);
    *out = content;
    return BT_OK;
}

bt_status fs_read(const char *path, size_t limit, struct buf *out) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open %s", path);
    return take(fd, path, limit, out);
}

bt_status fs_read_file(const char *path, size_t limit, struct buf *out) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open %s", path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return take(fd, path, limit, out);
    close(fd);
    return fail(BT_E_DATA, "%s is not a file", path);
}

/* A fresh file in dir; its name is the caller's to free. -1 and errno. */
static int open_aside(const char *dir, char **name) {
    static unsigned serial;
    for (int attempt = 0; attempt < 100; attempt++) {
        char *path =
            mem_printf("%s/.backlua-%ld-%u", dir, (long)getpid(), serial++);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0) {
            *name = path;
            return fd;
        }
        int error = errno;
        free(path);
        errno = error;
        if (error != EEXIST)
            break;
    }
    return -1;
}

static bool write_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t wrote = write(fd, bytes, n);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            errno = wrote < 0 ? errno : ENOSPC;
            return false;
        }
        bytes += wrote;
        n -= (size_t)wrote;
    }
    return true;
}

static bool write_parts(int fd, const struct iovec *parts, int n) {
    for (int i = 0; i < n; i++)
        if (!write_all(fd, parts[i].iov_base, parts[i].iov_len))
            return false;
    return true;
}

/* Write parts aside and put the file in place of path. */
static bt_status replace_file(const char *dir, const char *path,
                              const struct iovec *parts, int n, int mode,
                              bool sync) {
    char *aside = NULL;
    int fd = open_aside(dir, &aside);
    if (fd < 0)
        return fail_errno("cannot write %s", path);
    bool ok = write_parts(fd, parts, n) && fchmod(fd, (mode_t)mode) == 0 &&
              (!sync || fsync(fd) == 0);
    int error = errno;
    if (close(fd) != 0 && ok) {
        ok = false;
        error = errno;
    }
    if (ok && rename(aside, path) != 0) {
        ok = false;
        error = errno;
    }
    if (!ok)
        unlink(aside);
    free(aside);
    errno = error;
    return ok ? BT_OK : fail_errno("cannot write %s", path);
}

bt_status fs_write(const char *path, const void *bytes, size_t n, int mode) {
    struct iovec part = {(void *)bytes, n};
    char *dir = fs_dir(path);
    bt_status code = replace_file(dir, path, &part, 1, mode, true);
    if (code == BT_OK)
        code = fs_sync_dir(dir);
    free(dir);
    return code;
}

bt_status fs_write_unsynced(const char *path, const struct iovec *parts, int n,
                            int mode) {
    char *dir = fs_dir(path);
    bt_status code = replace_file(dir, path, parts, n, mode, false);
    free(dir);
    return code;
}

bt_status fs_sync_dir(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open the folder %s", path);
    bool ok = fsync(fd) == 0 || errno == EINVAL; /* EINVAL: not supported */
    int error = errno;
    close(fd);
    errno = error;
    return ok ? BT_OK : fail_errno("cannot sync the folder %s", path);
}

static bool is_dots(const char *name) {
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Empty the folder open at fd (taken) and everything below it. */
static bool remove_content(int fd) {
    DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return false;
    }
    bool ok = true;
    struct dirent *e;
    while (ok && (errno = 0, e = readdir(dir))) {
        if (is_dots(e->d_name))
            continue;
        int sub = openat(dirfd(dir), e->d_name,
                         O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0)
            ok = remove_content(sub) &&
                 unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR) == 0;
        else
            ok = unlinkat(dirfd(dir), e->d_name, 0) == 0;
    }
    ok = ok && errno == 0;
    int error = errno;
    closedir(dir);
    errno = error;
    return ok;
}

bt_status fs_remove_tree(const char *path) {
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    bool ok;
    if (fd >= 0)
        ok = remove_content(fd) && rmdir(path) == 0;
    else
        ok = unlink(path) == 0 || errno == ENOENT;
    return ok ? BT_OK : fail_errno("cannot remove %s", path);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

bt_status fs_list(const char *path, char ***names, size_t *count) {
    DIR *dir = opendir(path);
    if (!dir)
        return fail_errno("cannot list the folder %s", path);
    char **list = NULL;
    size_t n = 0, cap = 0;
    const struct dirent *e;
    while ((errno = 0, e = readdir(dir))) {
        if (e->d_name[0] == '.')
            continue;
        list = mem_grow(list, n, &cap, sizeof *list);
        list[n++] = mem_strdup(e->d_name);
    }
    int error = errno;
    closedir(dir);
    if (error) {
        while (n > 0)
            free(list[--n]);
        free(list);
        errno = error;
        return fail_errno("cannot list the folder %s", path);
    }
    if (n > 0)
        qsort(list, n, sizeof *list, compare_names);
    *names = list ? list : mem_alloc(sizeof *list);
    *count = n;
    return BT_OK;
}
