/* The engine as a module of a plain LuaJIT: require "backlua.core".
 *
 * Loading it makes the embedded library available to require, so that core.so
 * alone is enough for `require "backlua"`. Two promises do not hold there,
 * since the interpreter is not ours: x^2 may differ between compiled and
 * interpreted code (pow.c), and bytecode is not refused outside the sandbox.
 * Loops over pairs are not compiled there (lua/backlua/plain_next.lua).
 */
#include "backlua.h"
#include "host/optimize_lua.h"
#include "host/state.h"
#include "host/step_lua.h"

#include <lua.h>

int luaopen_backlua_core(lua_State *L);

int luaopen_backlua_core(lua_State *L) {
    state_add_searcher(L);
    state_preload(L, "backlua.optimize_run", optimize_lua_open);
    state_preload(L, "backlua.step", step_lua_open);
    lua_newtable(L);
    lua_pushstring(L, bt_version());
    lua_setfield(L, -2, "version");
    return 1;
}
