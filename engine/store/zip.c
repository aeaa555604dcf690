/* Zip archives, as far as files of bars need them.
 *
 * The directory stands at the end of the file, behind the entries. It is found
 * by its closing record, read in one piece and taken apart with every length
 * checked against the piece. Entries of archives beyond 4 GiB have their sizes
 * in an extra field, the directory's own place in a second closing record
 * (zip64). Nothing is unpacked here: store/source.c reads an entry's data as a
 * stream, and its checksum is checked there.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3.7, 4.3.12 to 4.3.16, 4.5.3.
 */
#include "store/zip.h"

#include "base/mem.h"
#include "base/status.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { END = 22, COMMENT = 65535, LOCATOR = 20, END64 = 56, FILE_HEADER = 46 };
enum { LOCAL_HEADER = 30, DIRECTORY_MAX = 64 << 20 };

static uint64_t le(const unsigned char *p, int bytes) {
    uint64_t v = 0;
    for (int i = bytes - 1; i >= 0; i--)
        v = v << 8 | p[i];
    return v;
}

static bt_status damaged(const char *path, const char *what) {
    return fail(BT_E_DATA, "%s: the zip archive is damaged: %s", path, what);
}

static bt_status read_at(int fd, const char *path, void *to, size_t n,
                         int64_t at) {
    char *p = to;
    while (n > 0) {
        ssize_t k = pread(fd, p, n, at);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return fail_errno("cannot read %s", path);
        if (k == 0)
            return damaged(path, "it is cut off");
        p += k;
        n -= (size_t)k;
        at += k;
    }
    return BT_OK;
}

/* ---- the directory ----------------------------------------------------------
 */

struct directory {
    int64_t at;
    uint64_t bytes, entries;
};

/* The closing record of archives with large numbers stands before the other. */
static bt_status read_end64(int fd, const char *path, int64_t end,
                            struct directory *d) {
    unsigned char locator[LOCATOR], e[END64];
    if (end < LOCATOR)
        return damaged(path, "a record is missing");
    TRY(read_at(fd, path, locator, LOCATOR, end - LOCATOR));
    uint64_t at = le(locator + 8, 8);
    if (memcmp(locator, "PK\6\7", 4) != 0 || at > (uint64_t)end)
        return damaged(path, "a record is missing");
    TRY(read_at(fd, path, e, END64, (int64_t)at));
    if (memcmp(e, "PK\6\6", 4) != 0)
        return damaged(path, "a record is missing");
    d->entries = le(e + 32, 8);
    d->bytes = le(e + 40, 8);
    d->at = (int64_t)(le(e + 48, 8) & INT64_MAX);
    return BT_OK;
}

static bt_status find_directory(int fd, int64_t size, const char *path,
                                struct directory *d) {
    size_t n = (size_t)(size < END + COMMENT ? size : END + COMMENT);
    unsigned char *tail = mem_alloc(n + 1);
    bt_status s = read_at(fd, path, tail, n, size - (int64_t)n);
    int64_t i = (int64_t)n - END;
    while (s == BT_OK && i >= 0 && memcmp(tail + i, "PK\5\6", 4) != 0)
        i--;
    if (s == BT_OK && i < 0)
        s = damaged(path, "it has no directory");
    if (s == BT_OK) {
        const unsigned char *e = tail + i;
        d->entries = le(e + 10, 2);
        d->bytes = le(e + 12, 4);
        d->at = (int64_t)le(e + 16, 4);
        if (le(e + 4, 2) != 0 && le(e + 4, 2) != 0xffff)
            s = fail(BT_E_DATA, "%s is one part of several; join them first",
                     path);
        else if (d->entries == 0xffff || d->bytes == UINT32_MAX ||
                 d->at == UINT32_MAX)
            s = read_end64(fd, path, size - (int64_t)n + i, d);
    }
    free(tail);
    TRY(s);
    if (d->at > size || d->bytes > (uint64_t)(size - d->at))
        return damaged(path, "its directory lies outside");
    if (d->bytes > DIRECTORY_MAX)
        return fail(BT_E_RANGE, "%s: its directory has %lld bytes, at most %d",
                    path, (long long)d->bytes, DIRECTORY_MAX);
    return BT_OK;
}

/* Sizes and place that did not fit into 32 bits: those of them that are all
 * ones, in this order. */
static void read_extra(struct zip_entry *e, const unsigned char *p,
                       const unsigned char *end) {
    while (end - p >= 4) {
        uint64_t id = le(p, 2), n = le(p + 2, 2);
        const unsigned char *field = p + 4;
        if (n > (uint64_t)(end - field))
            return;
        p = field + n;
        int64_t *const values[] = {&e->size, &e->packed, &e->header};
        for (int i = 0; id == 1 && i < 3; i++)
            if (*values[i] == UINT32_MAX && p - field >= 8) {
                *values[i] = (int64_t)(le(field, 8) & INT64_MAX);
                field += 8;
            }
    }
}

/* The entry at *at, which moves behind it. A folder's has no name after. */
static bt_status read_entry(const char *path, const unsigned char **at,
                            const unsigned char *end, struct zip_entry *out) {
    const unsigned char *p = *at;
    if (end - p < FILE_HEADER || memcmp(p, "PK\1\2", 4) != 0)
        return damaged(path, "an entry of its directory is cut off");
    size_t name = le(p + 28, 2), extra = le(p + 30, 2), note = le(p + 32, 2);
    if ((size_t)(end - p - FILE_HEADER) < name + extra + note)
        return damaged(path, "an entry of its directory is cut off");
    *out = (struct zip_entry){.header = (int64_t)le(p + 42, 4),
                              .packed = (int64_t)le(p + 20, 4),
                              .size = (int64_t)le(p + 24, 4),
                              .crc = (uint32_t)le(p + 16, 4),
                              .method = (int32_t)le(p + 10, 2)};
    const char *text = (const char *)p + FILE_HEADER;
    read_extra(out, p + FILE_HEADER + name, p + FILE_HEADER + name + extra);
    *at = p + FILE_HEADER + name + extra + note;
    if (name == 0 || text[name - 1] == '/')
        return BT_OK;
    if (le(p + 8, 2) & 1)
        return fail(BT_E_DATA, "%s: '%.*s' is encrypted; unpack it first", path,
                    (int)(name < 80 ? name : 80), text);
    out->name = mem_strndup(text, name);
    return BT_OK;
}

static bt_status read_entries(const char *path, const unsigned char *bytes,
                              const struct directory *d,
                              struct zip_entry **list, size_t *count) {
    const unsigned char *at = bytes, *end = bytes + d->bytes;
    size_t cap = 0;
    for (uint64_t i = 0; i < d->entries; i++) {
        struct zip_entry e;
        TRY(read_entry(path, &at, end, &e));
        if (e.name == NULL)
            continue;
        *list = mem_grow(*list, *count, &cap, sizeof **list);
        (*list)[(*count)++] = e;
    }
    return BT_OK;
}

bt_status zip_list(int fd, int64_t size, const char *path,
                   struct zip_entry **out, size_t *count) {
    struct directory d;
    struct zip_entry *list = NULL;
    size_t n = 0;
    TRY(find_directory(fd, size, path, &d));
    unsigned char *bytes = mem_alloc((size_t)d.bytes + 1);
    bt_status s = read_at(fd, path, bytes, (size_t)d.bytes, d.at);
    if (s == BT_OK)
        s = read_entries(path, bytes, &d, &list, &n);
    free(bytes);
    if (s != BT_OK) {
        zip_free(list, n);
        return s;
    }
    *out = list;
    *count = n;
    return BT_OK;
}

void zip_free(struct zip_entry *entries, size_t count) {
    for (size_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
}

bt_status zip_data(int fd, int64_t size, const char *path,
                   const struct zip_entry *e, int64_t *out) {
    unsigned char p[LOCAL_HEADER];
    if (e->method != ZIP_STORED && e->method != ZIP_DEFLATED)
        return fail(BT_E_DATA,
                    "%s: '%.80s' is packed by method %d; unpack it first", path,
                    e->name, e->method);
    if (e->header < 0 || e->header > size - LOCAL_HEADER)
        return damaged(path, "an entry lies outside");
    TRY(read_at(fd, path, p, LOCAL_HEADER, e->header));
    if (memcmp(p, "PK\3\4", 4) != 0)
        return damaged(path, "an entry is not where its directory says");
    int64_t at =
        e->header + LOCAL_HEADER + (int64_t)(le(p + 26, 2) + le(p + 28, 2));
    if (at > size || e->packed < 0 || e->packed > size - at || e->size < 0)
        return damaged(path, "an entry lies outside");
    *out = at;
    return BT_OK;
}
