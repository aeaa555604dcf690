/* Where backlua keeps things: the XDG folders and its own variables.
 *
 * An empty variable counts as unset, and a relative path of XDG or HOME is
 * ignored, as the XDG Base Directory Specification says: where a command is
 * typed must not decide. Nothing is made here: whoever writes makes the folder,
 * and fails with its path and the reason.
 */
#include "base/fs.h"
#include "base/mem.h"

#include <stdlib.h>

static const char *variable(const char *name) {
    const char *value = getenv(name);
    return value && value[0] ? value : NULL;
}

static const char *absolute(const char *name) {
    const char *value = variable(name);
    return value && value[0] == '/' ? value : NULL;
}

/* $xdg/backlua, else $HOME/fallback/backlua, else NULL. */
static char *xdg_folder(const char *xdg, const char *fallback) {
    const char *base = absolute(xdg), *home = absolute("HOME");
    if (base)
        return fs_join(base, "backlua");
    return home ? mem_printf("%s/%s/backlua", home, fallback) : NULL;
}

char *fs_data_home(void) {
    const char *own = variable("BACKLUA_HOME");
    return own ? mem_strdup(own) : xdg_folder("XDG_DATA_HOME", ".local/share");
}

char *fs_cache_home(void) {
    return xdg_folder("XDG_CACHE_HOME", ".cache");
}

char *fs_state_home(void) {
    return xdg_folder("XDG_STATE_HOME", ".local/state");
}

char *fs_bundles(void) {
    const char *own = variable("BACKLUA_BUNDLES");
    if (own)
        return mem_strdup(own);
    if (fs_is_dir("bundles"))
        return mem_strdup("bundles");
    char *home = fs_data_home();
    if (!home)
        return NULL;
    char *path = fs_join(home, "bundles");
    free(home);
    return path;
}
