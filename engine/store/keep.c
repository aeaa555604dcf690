/* A bounded folder of results that need not be computed again.
 *
 *     <cache folder>/results/<key>    a head, then the content
 *
 * The key says what the content was made from, so an entry is never out of
 * date: it is there or not. It is written aside and renamed, but not synced: a
 * power cut costs a computation. Therefore nothing is believed that does not
 * have the length and the checksum of its head; what is damaged is removed,
 * with a warning.
 *
 * The folder holds cache_size_gb in KEEP_FILES files at most. Whoever adds one
 * removes those that were not asked for the longest: reading an entry sets the
 * time of its file. Files of writers that were killed go the same way. Two
 * processes at once are no matter: each replaces whole files.
 *
 * Cost: a checksum (0.1 ns a byte) and a copy to read; to write, 1 to 3 ns a
 * byte, most of it the system's, and a look at each file of the folder.
 */
#include "store/keep.h"

#include "base/crc.h"
#include "base/fs.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/status.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEEP_FILES = 256, KEY_DIGITS = 64 };

struct head {
    char magic[16];
    char key[KEY_DIGITS];
    uint64_t bytes; /* of the content */
    uint64_t crc;   /* CRC-32C of the content */
};
_Static_assert(sizeof(struct head) == KEEP_HEAD, "content is aligned");

static const char magic[16] = "backlua kept 1\n";

/* Bytes that the folder may hold. */
static uint64_t room(void) {
    return (uint64_t)(bt_config_get()->cache_size_gb * 0x1p30);
}

/* The folder; NULL when there is none of ours. The caller frees. */
static char *folder_of(bool make) {
    char *home = fs_cache_home();
    char *folder = home ? fs_join(home, "results") : NULL;
    if (folder && make)
        (void)fs_mkdirs(folder); /* what is not there is not ours */
    bool ours = folder && fs_is_ours(home) && fs_is_ours(folder);
    free(home);
    if (ours)
        return folder;
    free(folder);
    return NULL;
}

/* ---- the bound ----------------------------------------------------------- */

struct old_file {
    char *path;
    uint64_t bytes;
    struct timespec used;
};

struct old_files {
    struct old_file *list;
    size_t count, cap;
    uint64_t bytes;
};

static int by_use(const void *a, const void *b) {
    const struct timespec *x = &((const struct old_file *)a)->used;
    const struct timespec *y = &((const struct old_file *)b)->used;
    if (x->tv_sec != y->tv_sec)
        return x->tv_sec < y->tv_sec ? -1 : 1;
    return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

/* Dot files, too: they are of writers at work, or that were killed. */
static void look(const char *folder, struct old_files *out) {
    DIR *dir = opendir(folder);
    const struct dirent *e;
    while (dir && (e = readdir(dir))) {
        struct stat st;
        if (fstatat(dirfd(dir), e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        out->list =
            mem_grow(out->list, out->count, &out->cap, sizeof *out->list);
        out->list[out->count++] = (struct old_file){
            fs_join(folder, e->d_name), (uint64_t)st.st_size, st.st_mtim};
        out->bytes += (uint64_t)st.st_size;
    }
    if (dir)
        closedir(dir);
}

/* Remove what was not used the longest until the rest fits. */
static void make_room(const char *folder) {
    struct old_files all = {0};
    look(folder, &all);
    if (all.count > 1)
        qsort(all.list, all.count, sizeof *all.list, by_use);
    size_t left = all.count;
    for (size_t i = 0; i < all.count; i++) {
        struct old_file *f = &all.list[i];
        if (left > KEEP_FILES || all.bytes > room()) {
            unlink(f->path);
            all.bytes -= f->bytes;
            left--;
        }
        free(f->path);
    }
    free(all.list);
}

/* ---- entries ------------------------------------------------------------- */

static struct head head_of(const char *key, const struct iovec *parts, int n) {
    struct head h = {.bytes = 0};
    uint32_t crc = 0;
    memcpy(h.magic, magic, sizeof magic);
    memcpy(h.key, key, KEY_DIGITS);
    for (int i = 0; i < n; i++) {
        crc = crc32c(crc, parts[i].iov_base, parts[i].iov_len);
        h.bytes += parts[i].iov_len;
    }
    h.crc = crc;
    return h;
}

bt_status keep_put(const char *key, const struct iovec *parts, int n,
                   double most) {
    struct head h = head_of(key, parts, n);
    bool small = (double)h.bytes <= most && h.bytes <= room() / 4;
    char *folder = small ? folder_of(true) : NULL;
    if (folder == NULL)
        return BT_OK;
    struct iovec *all = mem_alloc(((size_t)n + 1) * sizeof *all);
    all[0] = (struct iovec){&h, sizeof h};
    memcpy(all + 1, parts, (size_t)n * sizeof *all);
    char *path = fs_join(folder, key);
    bt_status s = fs_write_unsynced(path, all, n + 1, 0600);
    if (s == BT_OK)
        make_room(folder);
    free(path);
    free(all);
    free(folder);
    return s;
}

static bool is_whole(const char *key, const struct buf *file) {
    struct head h;
    if (file->len < sizeof h)
        return false;
    memcpy(&h, file->data, sizeof h);
    size_t bytes = file->len - sizeof h;
    return memcmp(h.magic, magic, sizeof magic) == 0 &&
           memcmp(h.key, key, KEY_DIGITS) == 0 && h.bytes == bytes &&
           h.crc == crc32c(0, file->data + sizeof h, bytes);
}

static bool read_whole(const char *path, const char *key, struct buf *out) {
    if (!fs_exists(path) || fs_read_file(path, SIZE_MAX / 2, out) != BT_OK)
        return false;
    if (is_whole(key, out)) {
        utimensat(AT_FDCWD, path, NULL, 0); /* used now */
        return true;
    }
    log_warn("%s is damaged; it was removed, its result is computed anew",
             path);
    unlink(path);
    return false;
}

bool keep_get(const char *key, struct buf *out) {
    char *folder = folder_of(false);
    char *path = folder ? fs_join(folder, key) : NULL;
    bool found = path && read_whole(path, key, out);
    free(path);
    free(folder);
    return found;
}

void keep_drop(const char *key) {
    char *folder = folder_of(false);
    char *path = folder ? fs_join(folder, key) : NULL;
    if (path)
        unlink(path);
    free(path);
    free(folder);
}
