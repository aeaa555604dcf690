/* What the prompt needs of C: the module "backlua.prompt". */
#ifndef BT_HOST_PROMPT_LUA_H
#define BT_HOST_PROMPT_LUA_H

#include <lua.h>

/* For package.preload: returns a table of functions, see prompt_lua.c. */
int prompt_lua_open(lua_State *L);

#endif
