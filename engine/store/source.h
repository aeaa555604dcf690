/* The bytes of an input file, plain or packed; see source.c. */
#ifndef BT_STORE_SOURCE_H
#define BT_STORE_SOURCE_H

#include "backlua.h"
#include "store/zip.h"

#include <stdbool.h>
#include <stddef.h>

struct source;

/* A file, or an entry of a zip archive. */
struct origin {
    const char *path;              /* for messages, and to open it */
    int fd;                        /* read this instead, -1: open path */
    const struct zip_entry *entry; /* of the archive; NULL: the whole file */
};

/* A regular file; .gz is recognised by its first bytes, not by its name.
 * BT_E_IO names the path; BT_E_DATA for archives that must be unpacked first,
 * and for a zip archive without an entry. */
bt_status source_open(const struct origin *from, struct source **out);
/* Does the file begin like a zip archive? */
bt_status source_is_zip(const struct origin *from, bool *out);
/* Entries of the zip archive at from, and its hex SHA-256 [65]. */
bt_status source_entries(const struct origin *from, struct zip_entry **out,
                         size_t *count, char *sha);
/* Up to room bytes; *got is 0 at the end of the file only. */
bt_status source_read(struct source *s, char *to, size_t room, size_t *got);
bool source_is_packed(const struct source *s);
int64_t source_size(const struct source *s); /* bytes on disk */
int64_t source_done(const struct source *s); /* of them read */
/* Hex SHA-256 of the file as it is on disk, once everything is read. [65]
 * Of an entry: of its bytes as they are packed. */
void source_sha(struct source *s, char *hex);
void source_close(struct source *s); /* NULL ok */

#endif
