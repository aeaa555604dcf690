/* Every value of an open bundle, checked; see bundle_check.c. */
#ifndef BT_STORE_BUNDLE_CHECK_H
#define BT_STORE_BUNDLE_CHECK_H

#include "backlua.h"

/* errors BT_E_DATA names asset, time, field and value. */
bt_status bundle_check(bt_bundle *b);

#endif
