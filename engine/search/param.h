/* What a parameter is, shared by the files of search/. */
#ifndef BT_SEARCH_PARAM_H
#define BT_SEARCH_PARAM_H

#include "search/space.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum param_kind { PARAM_INT, PARAM_FLOAT, PARAM_STEPS, PARAM_CHOICE };

struct param {
    char *name;
    enum param_kind kind;
    int64_t first, last, step; /* INT */
    double min, max;           /* FLOAT, STEPS */
    int32_t prior, points;     /* STEPS: points alone; INT: prior alone */
    struct value *choices;     /* CHOICE; strings are owned */
    size_t count, cap;
    bool ordered, fixed; /* CHOICE */
    int32_t parent;      /* an earlier parameter that decides, -1 = none */
    bool *when;          /* [levels of the parent] where this one is active */
    bool decides;        /* some later one has it as parent */
};

struct bt_space {
    struct param param[SPACE_MAX]; /* in the order given: the grid's order */
    int32_t sorted[SPACE_MAX];     /* positions by name: the canonical order */
    int32_t count;
};

/* Position of a value among the levels; of one that is none, the nearest. */
int64_t param_level(const struct param *p, const struct value *v);
int64_t param_levels(const struct param *p);
/* An int whose logarithm is evenly spread. */
bool param_is_log_int(const struct param *p);

#endif
