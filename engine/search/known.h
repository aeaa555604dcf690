/* Points that come from outside. */
#ifndef BT_SEARCH_KNOWN_H
#define BT_SEARCH_KNOWN_H

#include "search/search.h"

struct bt_point {
    const bt_space *space; /* borrowed */
    struct point point;    /* VALUE_NONE: not set */
    struct buf text;
};

#endif
