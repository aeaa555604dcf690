/* What a name of a bundle means; see ref.c. */
#ifndef BT_STORE_REF_H
#define BT_STORE_REF_H

#include "store/version.h"

struct ref {
    char *path;  /* of the folder */
    bool pinned; /* to version */
    struct version version;
};

/* NAME, PATH, or one of them with @ and the first digits of a version.
 * errors BT_E_DATA no such bundle (with the nearest name) or version,
 * BT_E_USAGE a pin that is none or fits several, BT_E_IO */
bt_status ref_resolve(const char *name, struct ref *out);
/* The version to open, NULL for whichever is current. */
const struct version *ref_version(const struct ref *r);
void ref_fini(struct ref *r);
/* Does an open bundle hold what was meant? */
bool ref_is(const struct ref *r, const bt_bundle *b);
/* The failure when it does not: says which versions there are. */
bt_status ref_missed(const struct ref *r);
/* Open it, whatever the pool holds.
 * errors as bundle_open_version, ref_missed */
bt_status ref_open(const struct ref *r, bool verify, bt_bundle **out);

#endif
