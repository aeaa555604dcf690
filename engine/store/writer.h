/* Writing a bundle folder, streaming; see writer.c.
 *
 * Order: open, calendar, then for each asset asset, bar ..., asset_end, then
 * commit. builder.h is the same for bars that are in memory. */
#ifndef BT_STORE_WRITER_H
#define BT_STORE_WRITER_H

#include "store/actions.h"
#include "store/calendar.h"

#include <sys/uio.h>

struct writer;

/* Make the hidden folder. BT_E_USAGE for a name that cannot be one, or that
 * belongs to something else than a bundle. */
bt_status writer_open(const char *folder, const char *name,
                      struct writer **out);
/* The hidden folder. Borrowed. */
const char *writer_folder(const struct writer *w);
/* Borrows the calendar, which is finished, until the writer is gone. */
bt_status writer_calendar(struct writer *w, const char *frequency,
                          const struct calendar *c);
bt_status writer_asset(struct writer *w, const char *symbol);
/* The bar of a row; rows ascend. v: open, high, low, close, volume. */
bt_status writer_bar(struct writer *w, int64_t row, const double v[5]);
/* All values of a field, in n pieces. An asset given so has a bar in each row,
 * and its fields come one after another. */
bt_status writer_column(struct writer *w, int field, const struct iovec *pieces,
                        int n);
bt_status writer_asset_end(struct writer *w);
/* What happened to the assets, after the last of them; once.
 * errors BT_E_NAME a symbol without bars */
bt_status writer_actions(struct writer *w, const struct action_set *s);
/* Number of a symbol in the order of writer_asset, -1 for none. */
int64_t writer_find(const struct writer *w, const char *symbol);
/* A fact of an asset by its number in the order of writer_asset; see fact.h. */
bt_status writer_fact(struct writer *w, size_t sid, const char *what,
                      const char *name, const char *value);
/* A field of the bundle's own, after the last asset: cells [sid * stride + row]
 * are NaN and writable until the commit; those of a field that is there already
 * are as they were left. */
bt_status writer_field(struct writer *w, const char *name, double **cells,
                       int64_t *stride);
/* Sync, name, replace. sha: hex of the content, [65]. Frees w either way. */
bt_status writer_commit(struct writer *w, const char *provenance,
                        double skipped_rows, char *sha);
void writer_abandon(struct writer *w); /* frees, removes what was written */

/* A name that a bundle can have: letters, digits, . _ -, not first . or -. */
bt_status writer_check_name(const char *name);

#endif
