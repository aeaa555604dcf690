/* One trial in a worker: from C into Lua and back. */
#ifndef BT_HOST_EVALUATE_H
#define BT_HOST_EVALUATE_H

#include "optimize/optimize.h"

#include <lua.h>

/* The Lua function that evaluates, in the registry of its state. */
struct lua_evaluator {
    lua_State *L;
    int function;
};

/* optimize_evaluate; ctx is a struct lua_evaluator. Calls
 *     function(params, canonical, number, outcome, beat)
 * with params a fresh table, outcome (bt_outcome *) and beat (int64_t *) as
 * light userdata. */
void evaluate_in_lua(void *ctx, const bt_space *space, const struct point *p,
                     const char *canonical, int32_t number,
                     volatile int64_t *beat, struct outcome *out);

#endif
