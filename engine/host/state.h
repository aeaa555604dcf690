/* Lua states that find the library inside the program and refuse bytecode. */
#ifndef BT_HOST_STATE_H
#define BT_HOST_STATE_H

#include <lua.h>

/* Standard libraries, text-only loaders, the embedded modules. NULL when there
 * is no memory. The caller closes it with lua_close. */
lua_State *state_new(void);
/* Make the embedded modules available to require, once per state. Preloaded
 * modules still come first, files after. */
void state_add_searcher(lua_State *L);
/* What require(name) will call instead of looking for a file. */
void state_preload(lua_State *L, const char *name, lua_CFunction open);

#endif
