/* What is known of an asset beside its bars; see fact.c. */
#ifndef BT_STORE_FACT_H
#define BT_STORE_FACT_H

#include "backlua.h"

#include <stddef.h>

enum { FACT_TEXT_MAX = 200 };

/* A fact as the catalogue keeps it. */
struct fact {
    const char *name; /* one of fact_name's */
    char *value;
};

/* Facts of one asset, sorted by name. */
struct fact_list {
    struct fact *facts;
    size_t count, cap;
};

/* i-th name that facts can have, sorted; NULL past the end. */
const char *fact_name(size_t i);
/* Add one, its value brought into its shortest form, or replace it; "" is no
 * fact and adds nothing. what: for the message, e.g. "assets.csv:3".
 * BT_E_NAME unknown name, with the nearest; BT_E_DATA a value that is none */
bt_status fact_list_put(struct fact_list *l, const char *what, const char *name,
                        const char *value);
void fact_list_fini(struct fact_list *l);
size_t fact_list_bytes(const struct fact_list *l);
/* What they say. Texts are borrowed from the list. */
void fact_list_read(const struct fact_list *l, bt_asset_facts *out);

#endif
