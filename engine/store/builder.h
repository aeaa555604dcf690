/* Making a bundle: bars in, a whole folder out or nothing.
 *
 * The builder writes into a hidden folder beside the target and renames it into
 * place after everything is on disk; a killed ingest leaves the old bundle or
 * none. Bars may come in any order of assets, each asset's bars sorted by time.
 */
#ifndef BT_STORE_BUILDER_H
#define BT_STORE_BUILDER_H

#include "backlua.h"

struct action_set;
struct builder;

struct bar {
    bt_time open_time, close_time;
    int32_t session;                       /* UTC day the bar belongs to */
    double open, high, low, close, volume; /* finite */
};

/* frequency: "1d", "1m", ...; provenance: JSON object text. */
bt_status builder_open(const char *folder, const char *name,
                       const char *frequency, struct builder **out);
/* Takes the bars of one asset (copied), sorted, no two with one open time. */
bt_status builder_asset(struct builder *b, const char *symbol,
                        const struct bar *bars, int64_t count);
/* What happens to the assets. Borrowed until the builder is gone. */
void builder_actions(struct builder *b, const struct action_set *s);
/* The value of an own field of an asset at the row of a bar's open time, after
 * all assets; the first call for a name makes the field. BT_E_RANGE no such
 * asset or row */
bt_status builder_value(struct builder *b, const char *field,
                        const char *symbol, bt_time open_time, double value);
/* A fact of an asset that is in; see fact.h. */
bt_status builder_fact(struct builder *b, const char *symbol, const char *name,
                       const char *value);
/* Write, sync, rename. sha: hex of the content, [65]. Frees the builder. */
bt_status builder_commit(struct builder *b, const char *provenance,
                         double skipped_rows, char *sha);
void builder_abandon(struct builder *b); /* frees, leaves nothing behind */

#endif
