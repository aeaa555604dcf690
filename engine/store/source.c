/* Input files are read once, front to back, through one buffer.
 *
 * pread() and not mmap: a file that shrinks while it is read gives fewer rows
 * and no SIGBUS, and memory stays at one buffer whatever the size. The bytes
 * are hashed as they pass. A gzip file may have several members, as `cat a.gz
 * b.gz` makes them, and zeros behind each, as tapes are filled up; a truncated
 * one is an error, not a shorter file. An entry of a zip archive is read from
 * its place to its end, and what comes out must have the length and the
 * checksum that the directory tells.
 */
#include "store/source.h"

#include "base/digest.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { RAW = 1 << 16, GZIP = 16 + MAX_WBITS, BARE = -MAX_WBITS };

struct source {
    char *path; /* "a.zip/b.csv" of an entry */
    int fd;
    bool lent; /* the descriptor is the caller's */
    int64_t file_size;
    int64_t at, end; /* what is read of the file */
    int64_t begin;
    struct digest *digest;
    bool packed, gzip, in_member, finished;
    z_stream z;
    unsigned char *raw; /* compressed bytes */
    const struct zip_entry *entry;
    uint32_t crc;
    int64_t unpacked;
};

static bt_status read_raw(struct source *s, void *to, size_t room,
                          size_t *got) {
    ssize_t n;
    if ((int64_t)room > s->end - s->at)
        room = (size_t)(s->end - s->at);
    do
        n = pread(s->fd, to, room, s->at);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail_errno("cannot read %s", s->path);
    digest_add(s->digest, to, (size_t)n);
    s->at += n;
    *got = (size_t)n;
    return BT_OK;
}

static bt_status head_of(const struct source *s, unsigned char head[4],
                         ssize_t *n) {
    memset(head, 0, 4);
    *n = pread(s->fd, head, 4, 0);
    return *n < 0 ? fail_errno("cannot read %s", s->path) : BT_OK;
}

static bt_status begin_inflate(struct source *s, int bits) {
    s->packed = true;
    s->raw = mem_alloc(RAW);
    s->in_member = inflateInit2(&s->z, bits) == Z_OK;
    return s->in_member ? BT_OK : fail(BT_E_IO, "zlib: out of memory");
}

/* What the first bytes say. */
static bt_status recognise(struct source *s) {
    unsigned char head[4];
    ssize_t n;
    TRY(head_of(s, head, &n));
    if (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0)
        return fail(BT_E_DATA, "%s is a zip archive; name its entry", s->path);
    if (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
        return fail(BT_E_DATA, "%s is compressed with zstd; unpack it first",
                    s->path);
    if (n >= 2 && ((head[0] == 0xff && head[1] == 0xfe) ||
                   (head[0] == 0xfe && head[1] == 0xff)))
        return fail(BT_E_DATA, "%s is UTF-16 text; save it as UTF-8", s->path);
    s->gzip = head[0] == 0x1f && head[1] == 0x8b;
    return s->gzip ? begin_inflate(s, GZIP) : BT_OK;
}

static bt_status open_entry(struct source *s, const struct zip_entry *e) {
    TRY(zip_data(s->fd, s->file_size, s->path, e, &s->begin));
    char *path = mem_printf("%s/%s", s->path, e->name);
    free(s->path);
    s->path = path;
    s->entry = e;
    s->at = s->begin;
    s->end = s->begin + e->packed;
    s->crc = (uint32_t)crc32(0, NULL, 0);
    return e->method == ZIP_DEFLATED ? begin_inflate(s, BARE) : BT_OK;
}

static bt_status open_file(struct source *s, const struct origin *from) {
    struct stat st;
    s->lent = from->fd >= 0;
    s->fd =
        s->lent ? from->fd : open(s->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &st) != 0)
        return fail_errno("cannot open %s", s->path);
    if (!S_ISREG(st.st_mode))
        return fail(BT_E_IO, "%s is not a regular file", s->path);
    s->file_size = s->end = st.st_size;
    return BT_OK;
}

static struct source *new_source(const char *path) {
    struct source *s = mem_zalloc(1, sizeof *s);
    s->path = mem_strdup(path);
    s->digest = digest_new();
    return s;
}

bt_status source_open(const struct origin *from, struct source **out) {
    struct source *s = new_source(from->path);
    bt_status status = open_file(s, from);
    if (status == BT_OK)
        status = from->entry ? open_entry(s, from->entry) : recognise(s);
    if (status != BT_OK) {
        source_close(s);
        return status;
    }
    *out = s;
    return BT_OK;
}

/* ---- archives ---------------------------------------------------------------
 */

bt_status source_is_zip(const struct origin *from, bool *out) {
    struct source *s = new_source(from->path);
    unsigned char head[4] = {0};
    ssize_t n;
    bt_status status = open_file(s, from);
    if (status == BT_OK)
        status = head_of(s, head, &n);
    source_close(s);
    TRY(status);
    *out = memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0;
    return BT_OK;
}

static bt_status hash_all(struct source *s, char *sha) {
    size_t got = 1;
    s->raw = mem_alloc(RAW);
    while (got > 0)
        TRY(read_raw(s, s->raw, RAW, &got));
    source_sha(s, sha);
    return BT_OK;
}

bt_status source_entries(const struct origin *from, struct zip_entry **out,
                         size_t *count, char *sha) {
    struct source *s = new_source(from->path);
    bt_status status = open_file(s, from);
    if (status == BT_OK)
        status = hash_all(s, sha);
    if (status == BT_OK)
        status = zip_list(s->fd, s->file_size, s->path, out, count);
    source_close(s);
    return status;
}

/* ---- reading ----------------------------------------------------------------
 */

static bt_status damaged(const struct source *s, const char *why) {
    return fail(BT_E_DATA, "%s: the %s data is %s at byte %lld", s->path,
                s->gzip ? "gzip" : "zip", why, (long long)(s->at - s->begin));
}

/* The next compressed bytes. At the end of the file a member must be complete.
 */
static bt_status refill(struct source *s) {
    size_t n = 0;
    TRY(read_raw(s, s->raw, RAW, &n));
    s->z.next_in = s->raw;
    s->z.avail_in = (unsigned)n;
    if (n > 0)
        return BT_OK;
    s->finished = true;
    return s->in_member ? damaged(s, "cut off") : BT_OK;
}

/* True when behind the zeros of a gzip file another member begins. */
static bool next_member(struct source *s) {
    for (; s->z.avail_in > 0 && *s->z.next_in == 0; s->z.avail_in--)
        s->z.next_in++;
    if (s->z.avail_in == 0)
        return false;
    inflateReset(&s->z);
    return s->in_member = true;
}

static bt_status inflate_some(struct source *s, char *to, size_t room,
                              size_t *got) {
    s->z.next_out = (unsigned char *)to;
    s->z.avail_out = (unsigned)room;
    while (s->z.avail_out == room && !s->finished) {
        if (s->z.avail_in == 0) {
            TRY(refill(s));
            continue;
        }
        if (!s->in_member && !s->gzip)
            return damaged(s, "damaged");
        if (!s->in_member && !next_member(s))
            continue;
        int rc = inflate(&s->z, Z_NO_FLUSH);
        if (rc == Z_STREAM_END)
            s->in_member = false;
        else if (rc != Z_OK)
            return damaged(s, "damaged");
    }
    *got = room - s->z.avail_out;
    return BT_OK;
}

/* What comes out of an entry is what was packed. */
static bt_status check_entry(struct source *s, const char *bytes, size_t n) {
    s->crc = (uint32_t)crc32(s->crc, (const unsigned char *)bytes, (unsigned)n);
    s->unpacked += (int64_t)n;
    if (s->unpacked > s->entry->size ||
        (n == 0 && (s->unpacked < s->entry->size || s->crc != s->entry->crc)))
        return damaged(s, "not what was packed");
    return BT_OK;
}

bt_status source_read(struct source *s, char *to, size_t room, size_t *got) {
    room = room < (1 << 30) ? room : 1 << 30;
    TRY(s->packed ? inflate_some(s, to, room, got)
                  : read_raw(s, to, room, got));
    return s->entry ? check_entry(s, to, *got) : BT_OK;
}

bool source_is_packed(const struct source *s) {
    return s->packed;
}

int64_t source_size(const struct source *s) {
    return s->end - s->begin;
}

int64_t source_done(const struct source *s) {
    return s->at - s->begin;
}

void source_sha(struct source *s, char *hex) {
    uint8_t sha[DIGEST_BYTES];
    digest_end(s->digest, sha);
    digest_hex(sha, hex);
}

void source_close(struct source *s) {
    if (s == NULL)
        return;
    if (s->packed)
        inflateEnd(&s->z);
    if (s->fd >= 0 && !s->lent)
        close(s->fd);
    digest_free(s->digest);
    free(s->raw);
    free(s->path);
    free(s);
}
