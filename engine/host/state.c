/* A Lua state as the program wants it.
 *
 * The library travels inside the program (embedded.h), found by a searcher that
 * stands right behind package.preload: a folder named backlua in the working
 * directory cannot take its place. A module is loaded when it is first
 * required; it is bytecode that the build made, which loads in no time.
 *
 * Bytecode from anywhere else is refused: crafted or damaged bytecode corrupts
 * memory, so load, loadstring, loadfile, dofile and the file searcher of
 * require are replaced by versions fixed to mode "t". C modules load as usual,
 * this is the trusted state; what strategies may reach is the sandbox's affair.
 *
 * The locale stays "C": a decimal comma would change files, results, hashes.
 */
#include "host/state.h"

#include "host/embedded.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdbool.h>
#include <string.h>

enum { FILE_SEARCHER = 2 }; /* its place in a fresh package.loaders */

/* ---- embedded modules ---------------------------------------------------- */

static const struct embedded *find_embedded(const char *name) {
    size_t low = 0, high = embedded_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(name, embedded_files[middle].name);
        if (order == 0)
            return &embedded_files[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static int search_embedded(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    const struct embedded *file = find_embedded(name);
    if (file == NULL) {
        lua_pushfstring(L, "\n\tno module '%s' inside backlua", name);
        return 1;
    }
    if (luaL_loadbufferx(L, file->code, file->length, file->chunk, "b") != 0)
        return luaL_error(L, "error loading module '%s':\n\t%s", name,
                          lua_tostring(L, -1));
    return 1;
}

static void insert_loader(lua_State *L, int loaders, int at) {
    for (int i = (int)lua_objlen(L, loaders); i >= at; i--) {
        lua_rawgeti(L, loaders, i);
        lua_rawseti(L, loaders, i + 1);
    }
    lua_rawseti(L, loaders, at);
}

void state_add_searcher(lua_State *L) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loaders");
    lua_rawgeti(L, -1, FILE_SEARCHER);
    if (lua_tocfunction(L, -1) != search_embedded) {
        lua_pushcfunction(L, search_embedded);
        insert_loader(L, lua_gettop(L) - 2, FILE_SEARCHER);
    }
    lua_pop(L, 3);
}

void state_preload(lua_State *L, const char *name, lua_CFunction open) {
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "preload");
    lua_pushcfunction(L, open);
    lua_setfield(L, -2, name);
    lua_pop(L, 2);
}

/* ---- text only ------------------------------------------------------------
 */

/* Call the original (upvalue 1) with "t" in place of its mode argument. */
static int call_with_mode(lua_State *L, int mode) {
    if (lua_gettop(L) < mode)
        lua_settop(L, mode);
    lua_pushliteral(L, "t");
    lua_replace(L, mode);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    return lua_gettop(L);
}

static int text_load(lua_State *L) {
    return call_with_mode(L, 3);
}

static int text_loadfile(lua_State *L) {
    return call_with_mode(L, 2);
}

static int text_dofile(lua_State *L) {
    const char *path = luaL_optstring(L, 1, NULL);
    lua_settop(L, 1);
    if (luaL_loadfilex(L, path, "t") != 0)
        return lua_error(L);
    lua_call(L, 0, LUA_MULTRET);
    return lua_gettop(L) - 1;
}

/* The second searcher of require: package.path, text files. */
static int search_file(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "searchpath");
    lua_pushvalue(L, 1);
    lua_getfield(L, -3, "path");
    lua_call(L, 2, 2);
    if (lua_isnil(L, -2))
        return 1; /* the paths tried */
    const char *path = lua_tostring(L, -2);
    if (luaL_loadfilex(L, path, "t") != 0)
        return luaL_error(L, "error loading module '%s' from file '%s':\n\t%s",
                          name, path, lua_tostring(L, -1));
    return 1;
}

static void wrap_global(lua_State *L, const char *name, lua_CFunction f) {
    lua_getglobal(L, name);
    lua_pushcclosure(L, f, 1);
    lua_setglobal(L, name);
}

static void refuse_bytecode(lua_State *L) {
    wrap_global(L, "load", text_load);
    wrap_global(L, "loadstring", text_load);
    wrap_global(L, "loadfile", text_loadfile);
    lua_register(L, "dofile", text_dofile);
    lua_getglobal(L, "package");
    lua_getfield(L, -1, "loaders");
    lua_pushcfunction(L, search_file);
    lua_rawseti(L, -2, FILE_SEARCHER);
    lua_pop(L, 2);
}

/* os.setlocale: nil, as for any locale that cannot be had. */
static int keep_locale(lua_State *L) {
    const char *wanted = luaL_optstring(L, 1, "C");
    bool kept = strcmp(wanted, "C") == 0 || strcmp(wanted, "POSIX") == 0;
    lua_pushstring(L, kept ? "C" : NULL);
    return 1;
}

static void fix_locale(lua_State *L) {
    lua_getglobal(L, LUA_OSLIBNAME);
    lua_pushcfunction(L, keep_locale);
    lua_setfield(L, -2, "setlocale");
    lua_pop(L, 1);
}

lua_State *state_new(void) {
    lua_State *L = luaL_newstate();
    if (L == NULL)
        return NULL;
    luaL_openlibs(L);
    refuse_bytecode(L);
    fix_locale(L);
    state_add_searcher(L);
    return L;
}
