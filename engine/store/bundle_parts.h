/* What an open bundle is made of: for bundle.c, bundle_verify.c and
 * overlay.c alone. */
#ifndef BT_STORE_BUNDLE_PARTS_H
#define BT_STORE_BUNDLE_PARTS_H

#include "base/digest.h"
#include "base/fs.h"
#include "store/bundle.h"
#include "store/column.h"
#include "store/manifest.h"
#include "store/overlay.h"
#include "store/verified.h"

struct bt_bundle {
    char *path, *name, *catalogue; /* folder, its last part, catalogue file */
    char *key; /* of this version: the folder, with @sha unless it is current */
    char sha_text[DIGEST_TEXT];
    struct manifest manifest;
    struct fs_stamp stamp;     /* of the catalogue */
    struct column_file *files; /* [manifest.file_count] */
    struct column *columns;    /* [assets * manifest.stored] */
    const bt_time *opens, *closes;
    const int32_t *sessions;
    struct bundle_companion companion;
    int32_t uses;
    bt_bundle *below; /* whose files and catalogue these are; NULL: its own */
    struct overlay overlay;
};

char *bundle_file_path(const bt_bundle *b, int32_t file); /* caller frees */
/* Hash the files, check the values, remember the state. stamps: [1 + files],
 * the catalogue's first, taken when the files were mapped. errors BT_E_DATA
 * what differs; BT_E_IO */
bt_status bundle_verify_files(bt_bundle *b, const struct fs_stamp *stamps,
                              const struct verified *state);

#endif
