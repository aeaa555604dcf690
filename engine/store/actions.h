/* Corporate actions: collected by symbol, stored by asset; see actions.c.
 *
 * Whoever reads them from somewhere collects them in a set, by symbol and day,
 * and hands the set to writer_actions (or builder_actions) after the bars. */
#ifndef BT_STORE_ACTIONS_H
#define BT_STORE_ACTIONS_H

#include "backlua.h"
#include "base/digest.h"
#include "store/calendar.h"
#include "store/db.h"

#include <stddef.h>

/* ---- collecting -----------------------------------------------------------*/

struct action_set;

struct action_set *action_set_new(void);
void action_set_free(struct action_set *s); /* NULL ok */
size_t action_set_count(const struct action_set *s);
/* Symbol of the i-th, in the order they were added. */
const char *action_set_symbol(const struct action_set *s, size_t i);
/* The i-th without its ids; *other: symbol of the asset that a merger leads to,
 * or NULL. */
const bt_action *action_set_at(const struct action_set *s, size_t i,
                               const char **other);

/* Days count from 1970-01-01; the ex-date, where there is one. What is added
 * twice, equal in everything, is kept once.
 * errors BT_E_RANGE a number or day outside of its limits, BT_E_USAGE two
 * different splits of one asset on one day */
/* ratio: new units for an old one, 4 for 4:1, 0.1 for 1:10; 1e-6..1e6. */
bt_status action_set_split(struct action_set *s, const char *symbol,
                           int32_t day, double ratio);
/* amount: cash per unit, > 0, as units are on the ex-date after a split of that
 * day. pay_day, declared_day: BT_NO_DAY where unknown. currency: "" or NULL. */
bt_status action_set_dividend(struct action_set *s, const char *symbol,
                              int32_t ex_day, double amount, int32_t pay_day,
                              int32_t declared_day, const char *currency);
/* From day on a unit is ratio (>= 0) units of other (NULL: none) and cash (>=
 * 0), not both 0. */
bt_status action_set_merger(struct action_set *s, const char *symbol,
                            int32_t day, const char *other, double ratio,
                            double cash);
/* The asset that is `symbol` in the bundle was `old` before day. */
bt_status action_set_rename(struct action_set *s, const char *symbol,
                            int32_t day, const char *old);
/* day: the first without trading. price: cash per unit, 0: the last price. */
bt_status action_set_delisting(struct action_set *s, const char *symbol,
                               int32_t day, double price);
/* A delisting that nobody told of: there are no more bars. */
bt_status action_set_end(struct action_set *s, const char *symbol, int32_t day);
bool action_is_end(const bt_action *a);

/* ---- stored ---------------------------------------------------------------*/

/* By asset, then instant, then kind. Texts are owned. */
struct actions {
    bt_action *list; /* [count] */
    int32_t count;
    size_t cap;
};

void actions_fini(struct actions *a);
/* What a set says of assets 0 .. n-1 with these symbols, over a calendar: with
 * ids, instants and order. *out is empty before.
 * errors BT_E_NAME a symbol that is none of them, with the nearest */
bt_status actions_resolve(const struct action_set *s,
                          const char *const *symbols, size_t n,
                          const struct calendar *c, struct actions *out);
/* Set the row of each: the first with an open time not before its instant. */
void actions_place(struct actions *a, const bt_time *opens, int32_t rows);
/* Fold into a content hash; nothing when there are none. */
void actions_digest(const struct actions *a, struct digest *d);
/* Put them into the table `action`: s is its INSERT. */
bt_status actions_store(const struct actions *a, sqlite3_stmt *s);
/* And back, everything checked. errors BT_E_DATA */
bt_status actions_load(struct db *db, int32_t assets, struct actions *out);
/* Where those of an asset begin, at most count. */
int32_t actions_first(const struct actions *a, int32_t sid);

#endif
