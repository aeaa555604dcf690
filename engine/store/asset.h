/* The assets of a bundle, and the cache of such lists; see asset.c. */
#ifndef BT_STORE_ASSET_H
#define BT_STORE_ASSET_H

#include "backlua.h"

#include "store/fact.h"

#include <stdint.h>

struct asset {
    char *symbol;
    int32_t first_row, last_row; /* of its bars */
    int64_t bars;
    struct fact_list facts;
};

struct asset_list {
    int32_t count;
    struct asset *assets; /* [count], by sid */
    struct map *by_symbol;
    int32_t uses;
};

/* A list of count assets, all to be filled; one use. */
struct asset_list *asset_list_new(int32_t count);
/* Symbols are in place: index them. BT_E_DATA when two are equal. */
bt_status asset_list_index(struct asset_list *l);
int32_t asset_list_find(const struct asset_list *l, const char *symbol);
void asset_list_retain(struct asset_list *l);
void asset_list_release(struct asset_list *l); /* the last use frees it */

/* The cached list of the bundle with this content, one use added; NULL when
 * there is none or caching is off. Counts a hit or a miss. */
struct asset_list *asset_cache_get(const uint8_t content[32]);
/* Keep a list, with a use of the cache's own; nothing when caching is off. */
void asset_cache_put(const uint8_t content[32], struct asset_list *l);
void asset_cache_clear(void);

#endif
