/* Open bundles by path, counted, least recently used closed first; asset lists
 * cached by content hash. bt_bundle_acquire and bt_bundle_release live here. */
#ifndef BT_STORE_POOL_H
#define BT_STORE_POOL_H

#include "backlua.h"

void pool_retain(bt_bundle *b); /* one more use of an acquired bundle */

#endif
