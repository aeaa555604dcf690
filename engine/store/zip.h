/* The directory of a zip archive; see zip.c. */
#ifndef BT_STORE_ZIP_H
#define BT_STORE_ZIP_H

#include "backlua.h"

#include <stddef.h>
#include <stdint.h>

enum { ZIP_STORED = 0, ZIP_DEFLATED = 8 };

struct zip_entry {
    char *name;
    int64_t header;       /* of its local header */
    int64_t packed, size; /* bytes in the archive, and unpacked */
    uint32_t crc;
    int32_t method;
};

/* All entries but folders, as the directory orders them. path: for messages.
 * BT_E_DATA: damaged, encrypted or split into several files. */
bt_status zip_list(int fd, int64_t size, const char *path,
                   struct zip_entry **out, size_t *count);
void zip_free(struct zip_entry *entries, size_t count);
/* Where the data of an entry begin. */
bt_status zip_data(int fd, int64_t size, const char *path,
                   const struct zip_entry *e, int64_t *out);

#endif
