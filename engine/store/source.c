/* Input files are read once, front to back, through one buffer.
 *
 * read() and not mmap: a file that shrinks while it is read gives fewer rows
 * and no SIGBUS, and memory stays at one buffer whatever the size. The bytes
 * are hashed as they pass. A gzip file may have several members, as `cat a.gz
 * b.gz` makes them; a truncated one is an error, not a shorter file.
 */
#include "store/source.h"

#include "base/digest.h"
#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { RAW = 1 << 16, GZIP = 16 + MAX_WBITS };

struct source {
    char *path;
    int fd;
    int64_t size, done;
    struct digest *digest;
    bool gzip, in_member, end;
    z_stream z;
    unsigned char *raw; /* compressed bytes */
};

static bt_status read_raw(struct source *s, void *to, size_t room,
                          size_t *got) {
    ssize_t n;
    do
        n = read(s->fd, to, room);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return fail_errno("cannot read %s", s->path);
    digest_add(s->digest, to, (size_t)n);
    s->done += n;
    *got = (size_t)n;
    return BT_OK;
}

/* What the first bytes say. */
static bt_status recognise(struct source *s) {
    unsigned char head[4] = {0};
    ssize_t n = pread(s->fd, head, sizeof head, 0);
    if (n < 0)
        return fail_errno("cannot read %s", s->path);
    if (memcmp(head, "PK\3\4", 4) == 0)
        return fail(BT_E_DATA, "%s is a zip archive; unpack it first", s->path);
    if (memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0)
        return fail(BT_E_DATA, "%s is compressed with zstd; unpack it first",
                    s->path);
    if (n >= 2 && ((head[0] == 0xff && head[1] == 0xfe) ||
                   (head[0] == 0xfe && head[1] == 0xff)))
        return fail(BT_E_DATA, "%s is UTF-16 text; save it as UTF-8", s->path);
    s->gzip = head[0] == 0x1f && head[1] == 0x8b;
    if (!s->gzip)
        return BT_OK;
    s->raw = mem_alloc(RAW);
    s->in_member = inflateInit2(&s->z, GZIP) == Z_OK;
    return s->in_member ? BT_OK : fail(BT_E_IO, "zlib: out of memory");
}

static bt_status open_file(struct source *s) {
    struct stat st;
    s->fd = open(s->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &st) != 0)
        return fail_errno("cannot open %s", s->path);
    if (!S_ISREG(st.st_mode))
        return fail(BT_E_IO, "%s is not a regular file", s->path);
    s->size = st.st_size;
    return recognise(s);
}

bt_status source_open(const char *path, struct source **out) {
    struct source *s = mem_zalloc(1, sizeof *s);
    s->path = mem_strdup(path);
    s->digest = digest_new();
    bt_status status = open_file(s);
    if (status != BT_OK) {
        source_close(s);
        return status;
    }
    *out = s;
    return BT_OK;
}

static bt_status damaged(const struct source *s, const char *why) {
    return fail(BT_E_DATA, "%s: the gzip data is %s at byte %lld", s->path, why,
                (long long)s->done);
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
    s->end = true;
    return s->in_member ? damaged(s, "cut off") : BT_OK;
}

static bt_status inflate_some(struct source *s, char *to, size_t room,
                              size_t *got) {
    s->z.next_out = (unsigned char *)to;
    s->z.avail_out = (unsigned)room;
    while (s->z.avail_out == room && !s->end) {
        if (s->z.avail_in == 0) {
            TRY(refill(s));
            continue;
        }
        if (!s->in_member) {
            inflateReset(&s->z);
            s->in_member = true;
        }
        int rc = inflate(&s->z, Z_NO_FLUSH);
        if (rc == Z_STREAM_END)
            s->in_member = false;
        else if (rc != Z_OK)
            return damaged(s, "damaged");
    }
    *got = room - s->z.avail_out;
    return BT_OK;
}

bt_status source_read(struct source *s, char *to, size_t room, size_t *got) {
    room = room < (1 << 30) ? room : 1 << 30;
    return s->gzip ? inflate_some(s, to, room, got)
                   : read_raw(s, to, room, got);
}

int64_t source_size(const struct source *s) {
    return s->size;
}

int64_t source_done(const struct source *s) {
    return s->done;
}

void source_sha(struct source *s, char *hex) {
    uint8_t sha[DIGEST_BYTES];
    digest_end(s->digest, sha);
    digest_hex(sha, hex);
}

void source_close(struct source *s) {
    if (s == NULL)
        return;
    if (s->raw != NULL)
        inflateEnd(&s->z);
    if (s->fd >= 0)
        close(s->fd);
    digest_free(s->digest);
    free(s->raw);
    free(s->path);
    free(s);
}
