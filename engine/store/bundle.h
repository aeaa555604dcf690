/* A bundle, opened: catalogue in memory, columns mapped on first use.
 *
 * On disk (bundles/README.md): a folder with bundle.sqlite (catalogue) and one
 * page-aligned column file per asset. Opening verifies (stamps, else hashes),
 * reads the catalogue in one go and closes SQLite again, so an open bundle holds
 * no database handle and survives a fork.
 */
#ifndef BT_STORE_BUNDLE_H
#define BT_STORE_BUNDLE_H

#include "backlua.h"

#include <stdbool.h>

/* Open path; pin: hex prefix the content hash must start with, or NULL. */
bt_status bundle_open(const char *path, const char *pin, bt_bundle **out);
/* Unmaps nothing that a view may still look at: mappings stay until exit unless
 * unmap is true (tests, pooling off). */
void bundle_close(bt_bundle *b, bool unmap);

/* Path of a bundle given by name or path; caller frees. BT_E_DATA when there is
 * none, with the nearest name. */
bt_status bundle_locate(const char *name, char **path);

int32_t bundle_rows(const bt_bundle *b);
int32_t bundle_assets(const bt_bundle *b);
const uint8_t *bundle_sha(const bt_bundle *b); /* [32] content */
const char *bundle_path(const bt_bundle *b);
const bt_time *bundle_open_times(const bt_bundle *b);  /* [rows] */
const bt_time *bundle_close_times(const bt_bundle *b); /* [rows] */
const int32_t *bundle_sessions(const bt_bundle *b);    /* [rows] session day */

/* Column of a stored field (BT_FIELD_OPEN .. BT_FIELD_VOLUME) with its apron:
 * out[-BT_HISTORY_MAX .. rows-1]. Mapped at the first call. */
bt_status bundle_column(bt_bundle *b, int32_t sid, int32_t field,
                        const double **out);

#endif
