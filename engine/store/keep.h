/* What can be made again, in files of the cache folder; see keep.c. */
#ifndef BT_STORE_KEEP_H
#define BT_STORE_KEEP_H

#include "backlua.h"
#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>

/* Bytes before the content that keep_get gives; a multiple of 16. */
enum { KEEP_HEAD = 96 };

/* Keep the parts, one after the other, under a key of 64 hexadecimal digits.
 * Nothing happens where there is no folder for it, for more than `most` bytes,
 * or for more than a quarter of what the folder may hold.
 * errors BT_E_IO: it could not be written */
bt_status keep_put(const char *key, const struct iovec *parts, int n,
                   double most);
/* What was kept under the key, whole and undamaged, replaces out: KEEP_HEAD
 * bytes, then the content. False when there is none. */
bool keep_get(const char *key, struct buf *out);
/* Forget it. */
void keep_drop(const char *key);

#endif
