/* A zip archive with one entry, deflated, as APPNOTE.TXT of PKWARE describes
 * version 2.0: a local header and the data, the central directory with one
 * header, the end record. Its date is 1980-01-01, so equal bytes make equal
 * archives.
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/status.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { VERSION = 20, DEFLATED = 8, DATE = 0x21, ENTRY_MAX = 0x7fffffff };

static void put_bytes(struct buf *b, uint32_t v, int bytes) {
    for (int i = 0; i < bytes; i++)
        buf_chr(b, (char)(v >> (8 * i)));
}

/* What both headers say from the version on. */
static void put_common(struct buf *b, const char *name, uint32_t crc,
                       uint32_t packed, uint32_t size) {
    put_bytes(b, VERSION, 2);
    put_bytes(b, 0, 2); /* flags */
    put_bytes(b, DEFLATED, 2);
    put_bytes(b, 0, 2); /* time */
    put_bytes(b, DATE, 2);
    put_bytes(b, crc, 4);
    put_bytes(b, packed, 4);
    put_bytes(b, size, 4);
    put_bytes(b, (uint32_t)strlen(name), 2);
    put_bytes(b, 0, 2); /* extra */
}

static bt_status pack(const char *bytes, size_t n, unsigned char **out,
                      size_t *packed) {
    z_stream z = {.next_in = (unsigned char *)bytes, .avail_in = (unsigned)n};
    if (deflateInit2(&z, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return fail(BT_E_IO, "zlib refuses to compress");
    size_t most = deflateBound(&z, n);
    z.next_out = *out = mem_alloc(most);
    z.avail_out = (unsigned)most;
    int code = deflate(&z, Z_FINISH);
    *packed = z.total_out;
    deflateEnd(&z);
    if (code == Z_STREAM_END)
        return BT_OK;
    free(*out);
    return fail(BT_E_IO, "zlib stops in the middle");
}

static void archive(struct buf *b, const char *name, uint32_t crc,
                    const unsigned char *data, size_t packed, size_t size) {
    buf_add(b, "PK\3\4", 4);
    put_common(b, name, crc, (uint32_t)packed, (uint32_t)size);
    buf_add(b, name, strlen(name));
    buf_add(b, data, packed);
    size_t directory = b->len;
    buf_add(b, "PK\1\2", 4);
    put_bytes(b, VERSION, 2);
    put_common(b, name, crc, (uint32_t)packed, (uint32_t)size);
    put_bytes(b, 0, 2); /* comment */
    put_bytes(b, 0, 2); /* disk */
    put_bytes(b, 0, 2); /* attributes */
    put_bytes(b, 0, 4);
    put_bytes(b, 0, 4); /* place of the local header */
    buf_add(b, name, strlen(name));
    size_t end = b->len;
    buf_add(b, "PK\5\6", 4);
    put_bytes(b, 0, 4); /* disks */
    put_bytes(b, 1, 2);
    put_bytes(b, 1, 2);
    put_bytes(b, (uint32_t)(end - directory), 4);
    put_bytes(b, (uint32_t)directory, 4);
    put_bytes(b, 0, 2);
}

bt_status bt_zip_write(const char *path, const char *name, const char *bytes,
                       int64_t n) {
    unsigned char *data = NULL;
    size_t packed = 0;
    struct buf b;
    if (n < 0 || n > ENTRY_MAX)
        return fail(BT_E_RANGE, "%s: an entry has 0..%d bytes, got %lld", path,
                    ENTRY_MAX, (long long)n);
    TRY(pack(bytes, (size_t)n, &data, &packed));
    uint32_t crc =
        (uint32_t)crc32(0, (const unsigned char *)bytes, (unsigned)n);
    buf_init(&b);
    archive(&b, name, crc, data, packed, (size_t)n);
    free(data);
    bt_status s = bt_file_write(path, b.data, (int64_t)b.len, BT_WRITE_CACHED);
    buf_fini(&b);
    return s;
}
