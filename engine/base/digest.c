/* SHA-256.
 *
 * OpenSSL's low-level SHA256_* rather than EVP: linked from libcrypto.a a cold
 * process reaches its first digest in the time of an empty program, while EVP
 * loads the default provider first (+1.4 ms, and +1.0 ms still without the
 * configuration file) and makes the binary 4 MB larger; the whole cold run has
 * 8 ms. The low-level functions use the same assembly (SHA-NI included), are
 * not going away in OpenSSL 3, and touch no global state that a fork could
 * tear.
 *
 * What is hashed of a value is its little-endian bytes; every NaN counts as the
 * one quiet NaN, since its sign and payload are no result.
 */
#define OPENSSL_API_COMPAT 0x10100000L

#include "base/digest.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct digest {
    SHA256_CTX sha;
};

struct digest *digest_new(void) {
    struct digest *d = mem_alloc(sizeof *d);
    digest_reset(d);
    return d;
}

void digest_free(struct digest *d) {
    free(d);
}

void digest_reset(struct digest *d) {
    SHA256_Init(&d->sha);
}

void digest_add(struct digest *d, const void *bytes, size_t n) {
    SHA256_Update(&d->sha, bytes, n);
}

void digest_i64(struct digest *d, int64_t v) {
    unsigned char raw[8];
    for (int i = 0; i < 8; i++)
        raw[i] = (unsigned char)((uint64_t)v >> (8 * i));
    digest_add(d, raw, sizeof raw);
}

void digest_f64(struct digest *d, double v) {
    int64_t bits = INT64_C(0x7ff8000000000000);
    if (v == v)
        memcpy(&bits, &v, sizeof bits);
    digest_i64(d, bits);
}

void digest_str(struct digest *d, const char *s) {
    size_t n = strlen(s);
    digest_i64(d, (int64_t)n);
    digest_add(d, s, n);
}

void digest_end(struct digest *d, uint8_t out[DIGEST_BYTES]) {
    SHA256_Final(out, &d->sha);
}

void digest_hex(const uint8_t in[DIGEST_BYTES], char out[DIGEST_TEXT]) {
    static const char hex[] = "0123456789abcdef";
    char *at = out;
    for (size_t i = 0; i < DIGEST_BYTES; i++) {
        *at++ = hex[in[i] >> 4];
        *at++ = hex[in[i] & 15];
    }
    *at = '\0';
}

void digest_bytes(const void *bytes, size_t n, uint8_t out[DIGEST_BYTES]) {
    struct digest d;
    digest_reset(&d);
    digest_add(&d, bytes, n);
    digest_end(&d, out);
}

bt_status digest_file(const char *path, uint8_t out[DIGEST_BYTES]) {
    enum { BLOCK = 1 << 18 };
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno("cannot open %s", path);
    struct digest d;
    digest_reset(&d);
    char *block = mem_alloc(BLOCK);
    ssize_t n;
    while ((n = read(fd, block, BLOCK)) != 0) {
        if (n > 0)
            digest_add(&d, block, (size_t)n);
        else if (errno != EINTR)
            break;
    }
    int error = errno;
    free(block);
    close(fd);
    errno = error;
    if (n < 0)
        return fail_errno("cannot read %s", path);
    digest_end(&d, out);
    return BT_OK;
}

void bt_sha256(const char *bytes, int64_t n, char *out) {
    uint8_t raw[DIGEST_BYTES];
    digest_bytes(bytes, n > 0 ? (size_t)n : 0, raw);
    digest_hex(raw, out);
}
