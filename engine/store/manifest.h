/* The catalogue of a bundle, read into memory; see manifest.c. */
#ifndef BT_STORE_MANIFEST_H
#define BT_STORE_MANIFEST_H

#include "backlua.h"
#include "store/actions.h"
#include "store/asset.h"
#include "store/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct manifest_file {
    char *name; /* checked: hex digits and suffix, never a path */
    int64_t bytes;
    uint8_t sha[32];
};

/* Where a column lies. */
struct manifest_place {
    int32_t file; /* position in files */
    int64_t offset;
};

struct manifest {
    char *frequency, *provenance;
    char *schedule; /* text of the calendar (schedule.h); "union" */
    int64_t rows, bars, asset_count;
    bt_time first_close, last_close;
    double periods_per_year, skipped_rows;
    uint8_t content[32]; /* SHA-256 of all that a backtest can see */
    struct manifest_file *files;
    int32_t file_count;
    size_t file_cap;
    struct manifest_place calendar[3]; /* open, close, session */
    struct asset_list *assets;
    bool assets_cached; /* they came from the cache */
    char **fields;      /* [field_count] names of the own fields, sorted */
    int32_t field_count;
    int32_t stored; /* columns of an asset: SCHEMA_FIELDS + field_count */
    struct manifest_place *series; /* [assets * stored] */
    struct actions actions;        /* without rows */
};

/* Read the catalogue from its bytes (with the seal). what: its path, for
 * messages. suspicious: check the seal and the database's own structure first.
 * errors BT_E_DATA says what is wrong with it. */
bt_status manifest_read(const void *bytes, size_t n, const char *what,
                        bool suspicious, struct manifest *out);
/* The content hash alone, after the same checks. */
bt_status manifest_peek(const void *bytes, size_t n, const char *what,
                        bool suspicious, uint8_t content[32]);
void manifest_fini(struct manifest *m);

#endif
