/* SHA-256 (OpenSSL). */
#ifndef BT_BASE_DIGEST_H
#define BT_BASE_DIGEST_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>

enum { DIGEST_BYTES = 32, DIGEST_TEXT = 65 };

struct digest; /* heap object: digest_new, digest_free */

struct digest *digest_new(void);
void digest_free(struct digest *d);
void digest_reset(struct digest *d);
void digest_add(struct digest *d, const void *bytes, size_t n);
void digest_i64(struct digest *d, int64_t v);     /* little-endian */
void digest_f64(struct digest *d, double v);      /* raw bytes, one NaN */
void digest_str(struct digest *d, const char *s); /* int64 length, then bytes */
void digest_end(struct digest *d, uint8_t out[DIGEST_BYTES]);
void digest_hex(const uint8_t in[DIGEST_BYTES], char out[DIGEST_TEXT]);
void digest_bytes(const void *bytes, size_t n, uint8_t out[DIGEST_BYTES]);
/* Of a whole file. BT_E_IO names the path. */
bt_status digest_file(const char *path, uint8_t out[DIGEST_BYTES]);

#endif
