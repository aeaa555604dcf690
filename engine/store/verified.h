/* Which bundles were found whole, and in which state; see verified.c. */
#ifndef BT_STORE_VERIFIED_H
#define BT_STORE_VERIFIED_H

#include "base/fs.h"

#include <stdbool.h>

/* The state of a bundle's files: a digest over their stamps in a fixed order.
 * An entry is for the catalogue alone, one for all files. */
struct verified {
    uint8_t catalogue[32], all[32];
};

void verified_of(const struct fs_stamp *stamps, size_t n, uint8_t out[32]);
/* The state at the last verification of the bundle at path (absolute); false
 * when there was none. */
bool verified_get(const char *path, struct verified *out);
/* Its catalogue has this stamp and was found whole with it. */
bool verified_has(const char *path, const struct fs_stamp *catalogue);
/* Remember: in this process, and in the cache folder where there is one. */
void verified_put(const char *path, const struct verified *v);
void verified_forget(const char *path);

#endif
