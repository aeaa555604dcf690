/* What a parameter is, shared by the files of search/. */
#ifndef BT_SEARCH_PARAM_H
#define BT_SEARCH_PARAM_H

#include "search/space.h"

#include <stddef.h>
#include <stdint.h>

enum param_kind { PARAM_INT, PARAM_FLOAT, PARAM_CHOICE };

struct param {
    char *name;
    enum param_kind kind;
    int64_t first, last, step; /* INT */
    double min, max;           /* FLOAT */
    int32_t prior, points;
    struct value *choices; /* CHOICE; strings are owned */
    size_t count, cap;
};

struct bt_space {
    struct param param[SPACE_MAX]; /* in the order given: the grid's order */
    int32_t sorted[SPACE_MAX];     /* positions by name: the canonical order */
    int32_t count;
};

#endif
