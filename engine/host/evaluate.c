/* C enters Lua once per trial, here, and only in a worker.
 *
 * The function was put into the registry before the fork, so worker and parent
 * agree on its number. It fills the outcome through the FFI; only its pointer
 * passes through the stack. Whatever it raises (the library is not supposed to)
 * is a failed trial with the message. A trial that failed for want of memory
 * leaves it full; it is emptied, or the next one would fail as well.
 */
#include "host/evaluate.h"

#include <lauxlib.h>
#include <string.h>

enum { ARGUMENTS = 5, MUCH_KIB = 1 << 17 };

static void push_value(lua_State *L, const struct value *v) {
    switch (v->kind) {
    case VALUE_STRING:
        lua_pushstring(L, v->string);
        break;
    case VALUE_BOOL:
        lua_pushboolean(L, v->number != 0);
        break;
    default:
        lua_pushnumber(L, v->number);
    }
}

static void push_params(lua_State *L, const bt_space *space,
                        const struct point *p) {
    lua_createtable(L, 0, p->count);
    for (int32_t i = 0; i < p->count; i++) {
        if (p->value[i].kind == VALUE_NONE)
            continue;
        push_value(L, &p->value[i]);
        lua_setfield(L, -2, space_name(space, i));
    }
}

static void take_error(lua_State *L, struct outcome *out) {
    size_t n = 0;
    const char *text = lua_tolstring(L, -1, &n);
    out->report.state = BT_TRIAL_FAILED;
    if (text)
        bt_outcome_message(&out->report, text, (int64_t)n);
    else
        bt_outcome_message(&out->report, "an error without text", 21);
}

void evaluate_in_lua(void *ctx, const bt_space *space, const struct point *p,
                     const char *canonical, int32_t number,
                     volatile int64_t *beat, struct outcome *out) {
    const struct lua_evaluator *e = ctx;
    lua_State *L = e->L;
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->function);
    push_params(L, space, p);
    lua_pushstring(L, canonical);
    lua_pushinteger(L, number);
    lua_pushlightuserdata(L, &out->report);
    lua_pushlightuserdata(L, (void *)(uintptr_t)beat);
    if (lua_pcall(L, ARGUMENTS, 0, 0) != 0)
        take_error(L, out);
    lua_settop(L, top);
    if (out->report.state == BT_TRIAL_FAILED &&
        lua_gc(L, LUA_GCCOUNT, 0) > MUCH_KIB)
        lua_gc(L, LUA_GCCOLLECT, 0);
}
