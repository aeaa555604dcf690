/* The versions of a bundle that its folder keeps; see version.c. */
#ifndef BT_STORE_VERSION_H
#define BT_STORE_VERSION_H

#include "backlua.h"
#include "base/digest.h"

#include <stdbool.h>
#include <stddef.h>

struct version {
    char sha[DIGEST_TEXT]; /* hex of the content */
    bt_time made;
    char *file;   /* its catalogue in the folder */
    bool current; /* the one that the name opens */
};

/* Oldest first; the current one, where it can be read, last. */
struct versions {
    struct version *list;
    size_t count, cap;
};

/* errors BT_E_IO the folder cannot be read. A current catalogue that is damaged
 * is left out. */
bt_status versions_read(const char *folder, struct versions *out);
/* The same without the current one, by the names of the files alone. */
bt_status versions_kept(const char *folder, struct versions *out);
void versions_fini(struct versions *v);

enum { VERSION_PIN_MIN = 4 };
/* Position of the version whose content hash starts with pin. name: for
 * messages.
 * errors BT_E_USAGE pin is no run of 4 to 64 hex digits, or fits several;
 * BT_E_DATA fits none; both name what there is */
bt_status versions_find(const struct versions *v, const char *name,
                        const char *pin, size_t *out);

/* 64 hex digits. */
bool version_is_whole(const char *pin);
/* A file of a bundle's folder that is the catalogue of a version kept. */
bool version_is_kept(const char *file);
/* Keep the version that is current in a folder, whose lock the caller holds,
 * under a name of its own, unless it has the content sha. A damaged one is not
 * kept, with a warning. */
bt_status version_keep(const char *folder, const char *sha);
/* The content sha is current now: it needs no other name, if it was kept. */
void version_settle(const char *folder, const char *sha);

#endif
