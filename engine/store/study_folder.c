/* Studies by name: the folder, its list, taking one away.
 *
 * A study is one file NAME.study (an SQLite database) with its journal and
 * NAME.lock beside it. The lock file stays for good: were it removed, two
 * processes could hold locks on two files of one name.
 */
#include "store/study_parts.h"

#include "base/fs.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAME_MAX_BYTES = 128 };

static char *folder(void) {
    char *home = fs_data_home();
    if (!home)
        return NULL;
    char *path = fs_join(home, "studies");
    free(home);
    return path;
}

const char *bt_study_folder(void) {
    static char *kept;
    free(kept);
    kept = folder();
    return kept;
}

static bool is_name_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bt_status study_check_name(const char *name) {
    size_t n = strlen(name);
    bool ok = n > 0 && n <= NAME_MAX_BYTES && name[0] != '.' && name[0] != '-';
    for (size_t i = 0; ok && i < n; i++)
        ok = is_name_char(name[i]);
    if (!ok)
        return fail(BT_E_USAGE,
                    "'%.140s' cannot name a study: use 1..%d letters, digits, "
                    "'.', '_' and '-', not '.' or '-' first",
                    name, NAME_MAX_BYTES);
    return BT_OK;
}

char *study_path(const char *name) {
    char *in = folder();
    if (!in) {
        fail(BT_E_IO, "no folder for studies: neither HOME nor BACKLUA_HOME is "
                      "set; set BACKLUA_HOME to a folder that may be written");
        return NULL;
    }
    char *path = mem_printf("%s/%s" STUDY_SUFFIX, in, name);
    free(in);
    return path;
}

/* ---- the list ------------------------------------------------------------ */

bool study_has_content(const char *path) {
    struct fs_stamp stamp;
    return fs_stamp(path, &stamp) == BT_OK && stamp.size > 0;
}

int32_t bt_study_exists(const char *name) {
    char *path = study_check_name(name) == BT_OK ? study_path(name) : NULL;
    bool there = path && study_has_content(path);
    free(path);
    return there;
}

static bool is_study(const char *in, const char *file) {
    size_t n = strlen(file), suffix = strlen(STUDY_SUFFIX);
    if (n <= suffix || strcmp(file + n - suffix, STUDY_SUFFIX) != 0)
        return false;
    char *path = fs_join(in, file);
    bool ok = study_has_content(path);
    free(path);
    return ok;
}

int32_t bt_study_list(const char *const **names) {
    static char **kept;
    static size_t count;
    for (size_t i = 0; i < count; i++)
        free(kept[i]);
    free(kept);
    kept = NULL;
    count = 0;
    char *in = folder();
    size_t used = 0;
    if (in && fs_is_dir(in) && fs_list(in, &kept, &count) != BT_OK)
        kept = NULL, count = 0;
    for (size_t i = 0; i < count; i++) {
        if (is_study(in, kept[i])) {
            kept[i][strlen(kept[i]) - strlen(STUDY_SUFFIX)] = '\0';
            kept[used++] = kept[i];
        } else {
            free(kept[i]);
        }
    }
    count = used;
    free(in);
    *names = (const char *const *)kept;
    return (int32_t)count;
}

bt_status study_fail_unknown(const char *name) {
    const char *const *names;
    int32_t n = bt_study_list(&names);
    const char *near = n > 0 ? bt_nearest(name, names, n) : NULL;
    if (near)
        return fail(BT_E_DATA, "no study '%s'; did you mean '%s'?", name, near);
    if (n > 0)
        return fail(BT_E_DATA, "no study '%s'; `backlua study list` shows %d",
                    name, n);
    return fail(BT_E_DATA, "no study '%s': there is none yet in %s", name,
                bt_study_folder());
}

/* ---- taking away --------------------------------------------------------- */

static bt_status unlink_beside(const char *path, const char *suffix) {
    char *file = mem_printf("%s%s", path, suffix);
    bt_status status = BT_OK;
    if (unlink(file) != 0 && errno != ENOENT)
        status = fail_errno("cannot remove %s", file);
    free(file);
    return status;
}

bt_status bt_study_remove(const char *name) {
    int lock;
    TRY(study_check_name(name));
    char *path = study_path(name);
    if (!path)
        return BT_E_IO;
    bt_status status =
        fs_exists(path) ? study_lock(name, path, &lock) : BT_E_DATA;
    if (status == BT_OK) {
        status = unlink_beside(path, "-journal");
        if (status == BT_OK)
            status = unlink_beside(path, "");
        study_unlock(lock);
    } else if (status == BT_E_DATA) {
        status = study_fail_unknown(name);
    }
    free(path);
    return status;
}
