/* A bundle, opened: catalogue in memory, columns mapped on first use.
 *
 * On disk (bundles/README.md): a folder with bundle.sqlite (catalogue) and one
 * page-aligned column file per asset. Opening verifies (stamps, else hashes),
 * reads the catalogue in one go, maps the files and closes everything again: an
 * open bundle holds no descriptor and no database handle, survives a fork, and
 * does not notice when its folder is replaced or removed.
 */
#ifndef BT_STORE_BUNDLE_H
#define BT_STORE_BUNDLE_H

#include "backlua.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct actions;
struct asset_list;
struct version;

/* Open the bundle folder at path. verify: hash and check everything, whatever
 * the stamps of the last verification say.
 * errors BT_E_DATA damaged, missing, other format; BT_E_IO unreadable */
bt_status bundle_open(const char *path, bool verify, bt_bundle **out);
/* The same for a version that the folder keeps. errors also BT_E_DATA when its
 * content is not the one of its name */
bt_status bundle_open_version(const char *path, const struct version *v,
                              bool verify, bt_bundle **out);
/* Frees the catalogue. Mappings and attachment stay a while for views that may
 * still be looked at (attic.c); unmap: they go at once. */
void bundle_close(bt_bundle *b, bool unmap);
/* False when its catalogue is another one now, or gone. One stat. */
bool bundle_is_current(const bt_bundle *b);

int32_t bundle_rows(const bt_bundle *b);
int32_t bundle_assets(const bt_bundle *b);
int32_t bundle_fields(const bt_bundle *b);     /* BT_FIELDS and its own */
const uint8_t *bundle_sha(const bt_bundle *b); /* [32] content */
const char *bundle_path(const bt_bundle *b);   /* absolute, links resolved */
/* Tells its version from others: the path of the current one, else path@sha. */
const char *bundle_key(const bt_bundle *b);
const bt_time *bundle_open_times(const bt_bundle *b);  /* [rows] */
const bt_time *bundle_close_times(const bt_bundle *b); /* [rows] */
const int32_t *bundle_sessions(const bt_bundle *b);    /* [rows] session day */
const struct asset_list *bundle_asset_list(const bt_bundle *b);
const struct actions *bundle_actions(const bt_bundle *b); /* with rows */
/* Text of its calendar (schedule.h), "union" by default. */
const char *bundle_calendar(const bt_bundle *b);
/* When its sessions are; the caller frees it. errors as schedule_parse */
struct schedule;
bt_status bundle_schedule(const bt_bundle *b, struct schedule **out);

/* Column of a stored field (any but BT_FIELD_PRICE) with its apron:
 * out[-BT_HISTORY_MAX .. rows-1], see column_apron_reach. Mapped at the first
 * call. */
bt_status bundle_column(bt_bundle *b, int32_t sid, int32_t field,
                        const double **out);
/* The same column without an apron, out[0 .. rows-1]: nothing has to be mapped
 * for it. Lives as long as the bundle is open. */
bt_status bundle_values(bt_bundle *b, int32_t sid, int32_t field,
                        const double **out);

/* Its prices are not those of its content hash (overlay.h). */
bool bundle_is_overlay(const bt_bundle *b);

/* A higher layer's companion, one per bundle. */
struct bundle_companion {
    void *p;
    /* The bundle closes: let go of it. Returns the private memory still held.
     */
    size_t (*retire)(void *p);
    void (*drop)(void *p); /* free, with the mappings of the bundle */
};
void *bundle_companion(const bt_bundle *b); /* NULL when there is none */
void bundle_accompany(bt_bundle *b, struct bundle_companion c);

/* Count of uses; see pool.c. */
int32_t *bundle_uses(bt_bundle *b);

#endif
