/* A new version of a bundle out of the one there is; see revise.c. */
#ifndef BT_STORE_REVISE_H
#define BT_STORE_REVISE_H

#include "base/buf.h"
#include "store/actions.h"
#include "store/bundle.h"
#include "store/writer.h"

/* Bars that come to an asset, ascending. */
struct fresh {
    /* The next one: *v is NULL after the last. */
    bt_status (*next)(struct fresh *f, bt_time *open, const double **v);
    /* Where the one given last comes from: "a.csv:12". */
    void (*where)(const struct fresh *f, struct buf *out);
    double added, repeated; /* bars, counted by revise_asset */
};

/* Put all times of b into a calendar that is being made. */
bt_status revise_calendar(const bt_bundle *b, struct calendar *c);
/* Write asset sid of b with fresh bars (NULL: none) over calendar c.
 * errors BT_E_DATA a fresh bar contradicts one of b, or stands where b says
 *        there is none: names where it comes from and both values */
bt_status revise_asset(struct writer *w, const struct calendar *c, bt_bundle *b,
                       int32_t sid, struct fresh *fresh);
/* What belongs to the assets beside their bars, after the last of them: facts,
 * and own fields but the one called `except` (NULL: all). */
bt_status revise_rest(struct writer *w, const struct calendar *c, bt_bundle *b,
                      const char *const *except, size_t count);
/* One of its corporate actions, by symbol. */
bt_status revise_action(const bt_bundle *b, const bt_action *a,
                        struct action_set *s);
/* All of them; with ends also those that action_is_end. */
bt_status revise_actions(const bt_bundle *b, bool ends, struct action_set *s);

#endif
