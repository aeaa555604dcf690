/* Slippage and commission written in Lua.
 *
 * The loop over the bars calls bt_run_step through the FFI, and Lua must not be
 * entered from under that. So a run with such a function is stepped by this
 * classic C function, which the compiler does not look into: the engine asks
 * (sim/asking.c), the function is called protected, its number goes back. An
 * error in it ends the step, whose own frames are left in good order, and is
 * raised again from here.
 *
 * Cost: a table and a protected call per question.
 */
#include "host/step_lua.h"

#include "backlua.h"

#include <lauxlib.h>
#include <math.h>
#include <stdint.h>

/* Stack places of the call. */
enum { RUN = 1, PRICE = 2, FEE = 3, ASSET_OF = 4, FAILED = 5 };

struct asker {
    lua_State *L;
    int raised;
};

static void put_field(lua_State *L, const char *key, double value) {
    if (isnan(value))
        return;
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

static void push_query(lua_State *L, const bt_query *q) {
    lua_createtable(L, 0, 16);
    put_field(L, "order", q->order_id);
    put_field(L, "amount", q->amount);
    put_field(L, "price", q->price);
    put_field(L, "open", q->open);
    put_field(L, "high", q->high);
    put_field(L, "low", q->low);
    put_field(L, "close", q->close);
    put_field(L, "volume", q->volume);
    put_field(L, "limit", q->limit);
    put_field(L, "stop", q->stop);
    put_field(L, "taken", q->taken);
    put_field(L, "filled", q->filled);
    put_field(L, "paid", q->paid);
    lua_pushboolean(L, q->maker);
    lua_setfield(L, -2, "maker");
    lua_pushvalue(L, ASSET_OF);
    lua_pushinteger(L, q->sid);
    lua_call(L, 1, 1);
    lua_setfield(L, -2, "asset");
}

/* Protected: question and answer in one. */
static int answer(lua_State *L) {
    const bt_query *q = lua_touserdata(L, 1);
    int what = (int)lua_tointeger(L, 2);
    double *out = lua_touserdata(L, 3);
    lua_pushvalue(L, what == BT_ASK_PRICE ? 4 : 5);
    lua_pushvalue(L, 6);
    lua_replace(L, ASSET_OF);
    push_query(L, q);
    lua_call(L, 1, 1);
    *out = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : NAN;
    return 0;
}

static bt_status ask(void *ctx, int32_t what, const bt_query *query,
                     double *out) {
    struct asker *a = ctx;
    lua_State *L = a->L;
    lua_pushcfunction(L, answer);
    lua_pushlightuserdata(L, (void *)(uintptr_t)query);
    lua_pushinteger(L, what);
    lua_pushlightuserdata(L, out);
    lua_pushvalue(L, PRICE);
    lua_pushvalue(L, FEE);
    lua_pushvalue(L, ASSET_OF);
    if (lua_pcall(L, 6, 0, 0) == 0)
        return BT_OK;
    lua_replace(L, FAILED);
    a->raised = 1;
    return BT_E_STATE;
}

static int step(lua_State *L) {
    bt_run *run = (bt_run *)(uintptr_t)luaL_checknumber(L, RUN);
    struct asker asker = {.L = L};
    lua_settop(L, ASSET_OF);
    lua_pushnil(L); /* FAILED */
    luaL_checkstack(L, 40, "cost functions");
    bt_run_set_ask(run, ask, &asker);
    int32_t status = bt_run_step(run);
    bt_run_set_ask(run, NULL, NULL);
    if (asker.raised) {
        lua_settop(L, FAILED);
        return lua_error(L);
    }
    lua_pushinteger(L, status);
    return 1;
}

int step_lua_open(lua_State *L) {
    lua_pushcfunction(L, step);
    return 1;
}
