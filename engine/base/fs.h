/* Paths, folders and files that appear whole or not at all. */
#ifndef BT_BASE_FS_H
#define BT_BASE_FS_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* Identity of a file: it changes whenever the content may have changed. */
struct fs_stamp {
    int64_t dev, inode, size, mtime_ns, ctime_ns;
};

char *fs_join(const char *a, const char *b); /* b when absolute; caller frees */
/* Last component, borrowed; trailing slashes belong to it. */
const char *fs_base(const char *path);
char *fs_dir(const char *path);  /* caller frees; "." when none */
char *fs_real(const char *path); /* absolute; NULL when absent */
bool fs_exists(const char *path);
bool fs_is_dir(const char *path);
/* A folder of this user's, no link to one, that nobody else can write. */
bool fs_is_ours(const char *folder);
bt_status fs_mkdirs(const char *path); /* 0700 for what is made */
bt_status fs_stamp(const char *path, struct fs_stamp *out);
bool fs_stamp_equal(const struct fs_stamp *a, const struct fs_stamp *b);
/* The whole file replaces out. BT_E_DATA when it has more than limit bytes. */
bt_status fs_read(const char *path, size_t limit, struct buf *out);
/* The same of a regular file alone: a pipe in its place is BT_E_DATA, and not
 * waited for. */
bt_status fs_read_file(const char *path, size_t limit, struct buf *out);
/* Write aside, fsync, rename, fsync the folder. mode e.g. 0600. */
bt_status fs_write(const char *path, const void *bytes, size_t n, int mode);
/* The same of parts that follow one another, left to the system to sync. */
bt_status fs_write_unsynced(const char *path, const struct iovec *parts, int n,
                            int mode);
bt_status fs_sync_dir(const char *path);
/* File or folder with all below it; an absent one is fine. */
bt_status fs_remove_tree(const char *path);
/* Sorted names (not paths) of a folder, without dot files. The caller frees
 * each name and the array. */
bt_status fs_list(const char *path, char ***names, size_t *count);

/* XDG folders of backlua, whether they are there or not; caller frees. NULL
 * when there is neither the variable nor $HOME. Empty counts as unset. See
 * home.c.
 */
char *fs_data_home(void);  /* BACKLUA_HOME, else $XDG_DATA_HOME/backlua */
char *fs_cache_home(void); /* $XDG_CACHE_HOME/backlua */
char *fs_state_home(void); /* $XDG_STATE_HOME/backlua */
char *fs_bundles(void);    /* BACKLUA_BUNDLES, ./bundles, data home/bundles */

#endif
