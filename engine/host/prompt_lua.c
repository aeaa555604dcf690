/* The terminal of the prompt, for Lua.
 *
 *     open(complete)      true, or nil when the terminal cannot be used.
 *                         complete: function(text before the cursor) -> what to
 *                         insert, what to show below (strings or nil)
 *     line(prompt)        a text; nil, "end"; nil, "interrupt" (Ctrl-C); nil,
 *                         "signal" (another one: the program is to end)
 *     remember(text)      into the history of this session
 *     close()
 *     call(f, stopped)    as pcall(f); on Ctrl-C the error is `stopped`
 *
 * A classic C module and not the FFI: completion calls back into Lua.
 */
#include "host/prompt_lua.h"

#include "base/interrupt.h"
#include "host/cancel.h"
#include "host/edit.h"

#include <lauxlib.h>

/* One person, one terminal, one editor. */
static struct edit *editor;
static int completer = LUA_NOREF;

/* ---- completion ---------------------------------------------------------- */

static void take_text(lua_State *L, int at, struct buf *out) {
    size_t n = 0;
    const char *text = lua_tolstring(L, at, &n);
    if (text != NULL)
        buf_add(out, text, n);
}

/* Runs inside el_gets: no error may pass. */
static void complete(void *ctx, const char *text, size_t n, struct buf *insert,
                     struct buf *show) {
    lua_State *L = ctx;
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, completer);
    lua_pushlstring(L, text, n);
    if (lua_pcall(L, 1, 2, 0) == 0) {
        take_text(L, -2, insert);
        take_text(L, -1, show);
    }
    lua_settop(L, top);
}

/* ---- functions ----------------------------------------------------------- */

static int prompt_open(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    if (editor == NULL) {
        lua_settop(L, 1);
        completer = luaL_ref(L, LUA_REGISTRYINDEX);
        editor = edit_open(complete, L);
    }
    if (editor == NULL)
        return 0;
    cancel_watch();
    lua_pushboolean(L, 1);
    return 1;
}

static struct edit *need_editor(lua_State *L) {
    if (editor == NULL)
        luaL_error(L, "prompt: it is not open");
    return editor;
}

static int prompt_line(lua_State *L) {
    const char *text = luaL_checkstring(L, 1);
    struct edit *e = need_editor(L);
    struct buf line;
    buf_init(&line);
    enum edit_event event = edit_read(e, text, &line);
    if (event == EDIT_LINE) {
        lua_pushlstring(L, line.data, line.len);
        buf_fini(&line);
        return 1;
    }
    buf_fini(&line);
    cancel_forget();
    lua_pushnil(L);
    if (interrupt_signal)
        lua_pushliteral(L, "signal");
    else
        lua_pushstring(L, event == EDIT_END ? "end" : "interrupt");
    return 2;
}

static int prompt_remember(lua_State *L) {
    edit_remember(need_editor(L), luaL_checkstring(L, 1));
    return 0;
}

static int prompt_close(lua_State *L) {
    (void)L;
    if (editor != NULL)
        edit_close(editor);
    editor = NULL;
    return 0;
}

static int prompt_call(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 2);
    cancel_begin(L);
    int status = lua_pcall(L, 0, LUA_MULTRET, 0);
    cancel_end(L);
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
    return lua_gettop(L);
}

static int prompt_version(lua_State *L) {
    lua_pushstring(L, edit_version());
    return 1;
}

int prompt_lua_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"open", prompt_open},
        {"line", prompt_line},
        {"remember", prompt_remember},
        {"close", prompt_close},
        {"call", prompt_call},
        {"version", prompt_version},
        {NULL, NULL},
    };
    lua_newtable(L);
    luaL_register(L, NULL, functions);
    return 1;
}
