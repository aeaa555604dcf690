/* A step of a run whose costs are Lua functions: the module "backlua.step". */
#ifndef BT_HOST_STEP_LUA_H
#define BT_HOST_STEP_LUA_H

#include <lua.h>

/* For package.preload: returns the function
 *     step(address of bt_run, price or nil, fee or nil, asset_of) -> BT_STEP_*
 * price, fee: functions of a table, see lua/backlua/commission.lua; asset_of
 * makes an asset of a sid. */
int step_lua_open(lua_State *L);

#endif
