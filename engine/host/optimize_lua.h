/* optimize_run for Lua: the module "backlua.optimize_run". */
#ifndef BT_HOST_OPTIMIZE_LUA_H
#define BT_HOST_OPTIMIZE_LUA_H

#include <lua.h>

/* For package.preload: returns the function
 *     run(spec) -> status (BT_OK or BT_E_*), statistics
 * spec: table, see optimize_lua.c. */
int optimize_lua_open(lua_State *L);

#endif
