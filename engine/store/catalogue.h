/* The catalogue file of a bundle as bytes; see catalogue.c. */
#ifndef BT_STORE_CATALOGUE_H
#define BT_STORE_CATALOGUE_H

#include "base/buf.h"
#include "store/actions.h"
#include "store/calendar.h"
#include "store/colfile.h"
#include "store/fact.h"

struct catalogue_asset {
    char *symbol;
    int32_t first_row, last_row;
    int64_t bars;
    struct colfile_info file;
    struct fact_list facts;
};

/* A field of the bundle's own: one file with a column for each asset. */
struct catalogue_field {
    char *name;
    struct colfile_info file;
};

struct catalogue {
    const char *frequency;
    const char *provenance; /* JSON object */
    double skipped_rows;
    const struct calendar *calendar;
    struct colfile_info calendar_file;
    int64_t calendar_offset[3]; /* open, close, session */
    const struct catalogue_asset *assets;
    size_t count;
    const struct catalogue_field *fields; /* sorted by name */
    size_t field_count;
    int64_t series_offset[5]; /* of each field, the same in every asset file */
    struct actions actions;
};

/* SHA-256 of all that a backtest can see: the version of the bundle. */
void catalogue_content(const struct catalogue *c, uint8_t sha[32]);
/* The whole file, sealed. */
bt_status catalogue_bytes(const struct catalogue *c, struct buf *out);

#endif
