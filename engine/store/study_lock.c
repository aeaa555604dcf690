/* Who may write a study: the process that holds the lock of the file beside it.
 *
 * flock, because the kernel lets go of it however its holder ends, so no grace
 * time and no stale owner; on a side file, because closing any descriptor of
 * the database itself would drop SQLite's own locks on it. Its content names
 * the holder for whoever comes second. Workers close the descriptor first of
 * all.
 *
 * Network file systems are refused: there neither flock nor fsync keeps what it
 * promises.
 */
#include "store/study_parts.h"

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { OWNER_BYTES = 256, HOST_BYTES = 128 };
/* A new holder signs right after it got the lock: how often one looks for its
 * name, and microseconds between. */
enum { LOOKS = 100, LOOK_US = 5000 };

static const char *network_name(long type) {
    switch ((unsigned long)type & 0xffffffffUL) {
    case 0x6969:
        return "NFS";
    case 0x517b:
    case 0xff534d42:
    case 0xfe534d42:
        return "SMB";
    case 0x65735546:
        return "FUSE";
    case 0x01021997:
        return "9p";
    default:
        return NULL;
    }
}

static bool trusted;

void bt_study_trust_file_system(int32_t on) {
    trusted = on != 0;
}

static bt_status refuse_network(const char *path) {
    struct statfs fs;
    char *in = fs_dir(path);
    const char *name = statfs(in, &fs) == 0 ? network_name(fs.f_type) : NULL;
    bt_status status = BT_OK;
    if (name && !trusted)
        status =
            fail(BT_E_USAGE,
                 "%s is on %s, where locks and fsync cannot be relied on; set "
                 "BACKLUA_HOME to a local folder, or take the risk with "
                 "--i-know",
                 in, name);
    free(in);
    return status;
}

static void sign(int fd) {
    char host[HOST_BYTES] = "?", since[32], text[OWNER_BYTES];
    gethostname(host, sizeof host - 1);
    bt_time_format(floor((double)clock_wall_us() / 1e6), since);
    int n = snprintf(text, sizeof text, "process %ld on %s since %s\n",
                     (long)getpid(), host, since);
    ssize_t wrote = ftruncate(fd, 0) == 0 ? pwrite(fd, text, (size_t)n, 0) : 0;
    (void)wrote; /* the name is a courtesy, the lock holds */
}

static void read_owner(int fd, char owner[OWNER_BYTES]) {
    ssize_t n = 0;
    for (int look = 0; n <= 0 && look < LOOKS; look++) {
        if (look > 0)
            usleep(LOOK_US);
        n = pread(fd, owner, OWNER_BYTES - 1, 0);
    }
    owner[n > 0 ? n : 0] = '\0';
    owner[strcspn(owner, "\n")] = '\0';
}

static bt_status fail_busy(int fd, const char *name) {
    char owner[OWNER_BYTES];
    read_owner(fd, owner);
    return fail(BT_E_BUSY, "study '%s' is in use by %s; wait for it or stop it",
                name, *owner ? owner : "another process");
}

bt_status study_lock(const char *name, const char *path, int *out) {
    TRY(refuse_network(path));
    char *file = mem_printf("%.*s" STUDY_LOCK_SUFFIX,
                            (int)(strlen(path) - strlen(STUDY_SUFFIX)), path);
    int fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    bt_status status = BT_OK;
    if (fd < 0)
        status = fail_errno("cannot open %s", file);
    else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? fail_busy(fd, name)
                                      : fail_errno("cannot lock %s", file);
    free(file);
    if (status != BT_OK) {
        if (fd >= 0)
            close(fd);
        return status;
    }
    sign(fd);
    *out = fd;
    return BT_OK;
}

void study_unlock(int lock) {
    if (lock >= 0)
        close(lock);
}
