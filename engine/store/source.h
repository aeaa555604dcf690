/* The bytes of an input file, plain or gzipped; see source.c. */
#ifndef BT_STORE_SOURCE_H
#define BT_STORE_SOURCE_H

#include "backlua.h"

#include <stddef.h>

struct source;

/* A regular file; .gz is recognised by its first bytes, not by its name.
 * BT_E_IO names the path; BT_E_DATA for archives that must be unpacked first.
 */
bt_status source_open(const char *path, struct source **out);
/* Up to room bytes; *got is 0 at the end of the file only. */
bt_status source_read(struct source *s, char *to, size_t room, size_t *got);
int64_t source_size(const struct source *s); /* bytes on disk */
int64_t source_done(const struct source *s); /* of them read */
/* Hex SHA-256 of the file as it is on disk, once everything is read. [65] */
void source_sha(struct source *s, char *hex);
void source_close(struct source *s); /* NULL ok */

#endif
