/* Open bundles by path, counted, least recently used closed first; see pool.c.
 * bt_bundle_acquire and bt_bundle_release live here. */
#ifndef BT_STORE_POOL_H
#define BT_STORE_POOL_H

#include "backlua.h"

#include <stdbool.h>

void pool_retain(bt_bundle *b); /* one more use of an acquired bundle */
/* The bundle at a real path is gone: so are its versions from the pool. */
void pool_forget(const char *path);
void pool_clear(void); /* close all that nobody uses; for tests */

/* A folder that holds a catalogue. */
bool bundle_is_folder(const char *path);
/* Path of the bundle given by name or path; the caller frees.
 * errors BT_E_DATA there is none (with the nearest name) */
bt_status bundle_locate(const char *name, char **path);

#endif
