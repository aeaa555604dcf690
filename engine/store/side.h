/* A side file: numbers by time and symbol, to be joined to a bundle's bars; see
 * side.c. */
#ifndef BT_STORE_SIDE_H
#define BT_STORE_SIDE_H

#include "backlua.h"

#include <stddef.h>

/* A published number. */
struct side_value {
    int32_t symbol; /* position in symbols, -1: of every asset */
    int32_t field;  /* position in fields */
    int32_t sid;    /* of the symbol's asset then; join.c */
    uint32_t line;
    bt_time time; /* published, UTC */
    double value;
};

struct side {
    char **symbols;
    size_t symbol_count, symbol_cap;
    char **fields; /* names as field_name spells them; NULL: no numbers */
    size_t field_count, field_cap;
    struct side_value *values; /* by symbol, field, time after side_read */
    size_t count, cap;
    double rows;
    char *left_out; /* columns that are no numbers, "" */
    char sha[65];
};

/* zone: of times without an offset; NULL: they are refused.
 * errors BT_E_DATA a cell that makes no sense: file, line, column, value;
 * BT_E_USAGE a time of no zone; BT_E_NAME zone */
bt_status side_read(const char *path, const char *zone, struct side *out);
void side_fini(struct side *s);

#endif
