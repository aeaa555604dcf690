/* The one place where the optimiser meets Lua: a table in, a table out.
 *
 * spec   space, search, study, crew   addresses as numbers, of bt_space,
 *                                     bt_search_options, bt_study and bt_crew
 *        key                          text, identity of all that is evaluated
 *        workers, batch, max_trials, stall_seconds, job_seconds, ahead
 *                                     numbers
 *        fenced, async                booleans
 *        lower_is_better              array of booleans, one an objective
 *        cohort                       address of a bt_cohort, or nil
 *        memory, series_width         array of addresses of bt_study, number
 *        pruner                       struct prune_options by name, or nil
 *        evaluate                     function, called in workers (evaluate.c)
 *        progress                     function(table) or nil, called here
 *        forking                      function() or nil, called here before the
 *                                     first worker is forked, if any is
 *        ending                       function() or nil, called here before the
 *                                     study's last commit
 *        meanwhile                    function() or nil, called here once,
 *                                     while workers have their first trials
 *
 * A classic C function and not the FFI, because callbacks into Lua must not be
 * made from under an FFI call. The spec is read before anything is opened, and
 * what is called here is called protected, so that no Lua error ever jumps over
 * optimize_run; an error stops the run and is raised afterwards.
 *
 * The first signal drains; main.c makes the second one end the program.
 */
#include "host/optimize_lua.h"

#include "base/interrupt.h"
#include "host/evaluate.h"

#include <lauxlib.h>
#include <math.h>
#include <stdint.h>

/* Stack places of the call. */
enum { SPEC = 1, PROGRESS = 2, FAILURE = 3 };

struct parent {
    lua_State *L;
    bool has_progress, failed; /* failed: a call raised, value at FAILURE */
};

/* ---- the spec ------------------------------------------------------------ */

static double number_at(lua_State *L, const char *key, double fallback) {
    lua_getfield(L, SPEC, key);
    double v = lua_isnil(L, -1) ? fallback : luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return v;
}

static void *pointer_at(lua_State *L, const char *key) {
    double v = number_at(L, key, 0);
    if (!(v > 0))
        luaL_error(L, "optimize_run: %s is missing", key);
    return (void *)(uintptr_t)v;
}

static bool flag_at(lua_State *L, const char *key) {
    lua_getfield(L, SPEC, key);
    bool v = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return v;
}

static void read_objectives(lua_State *L, struct optimize_spec *spec) {
    lua_getfield(L, SPEC, "lower_is_better");
    luaL_checktype(L, -1, LUA_TTABLE);
    int n = (int)lua_objlen(L, -1);
    spec->objectives = n < BT_OBJECTIVES_MAX ? n : BT_OBJECTIVES_MAX;
    for (int i = 0; i < spec->objectives; i++) {
        lua_rawgeti(L, -1, i + 1);
        spec->lower_is_better[i] = lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* Text that lives as long as the spec does. */
static const char *text_at(lua_State *L, const char *key) {
    lua_getfield(L, SPEC, key);
    const char *v = luaL_checkstring(L, -1);
    lua_pop(L, 1);
    return v;
}

/* Stack: the array of addresses is left there, for as long as the call. */
static void read_memory(lua_State *L, struct optimize_spec *spec) {
    lua_getfield(L, SPEC, "memory");
    int32_t n = lua_istable(L, -1) ? (int32_t)lua_objlen(L, -1) : 0;
    bt_study **studies = lua_newuserdata(L, sizeof *studies * (size_t)(n + 1));
    for (int32_t i = 0; i < n; i++) {
        lua_rawgeti(L, -2, i + 1);
        studies[i] = (bt_study *)(uintptr_t)lua_tonumber(L, -1);
        lua_pop(L, 1);
    }
    spec->memory = studies;
    spec->memories = n;
}

static double field_of(lua_State *L, const char *key) {
    lua_getfield(L, -1, key); /* through __index, too */
    double v = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return v;
}

static int32_t kind_of(lua_State *L) {
    lua_getfield(L, -1, "kind");
    int32_t kind = prune_find(luaL_checkstring(L, -1));
    lua_pop(L, 1);
    return kind < 0 ? luaL_error(L, "optimize_run: no such pruner") : kind;
}

static void read_pruner(lua_State *L, struct optimize_spec *spec) {
    lua_getfield(L, SPEC, "pruner");
    if (lua_istable(L, -1))
        spec->prune = (struct prune_options){
            .kind = kind_of(L),
            .blocks = (int32_t)field_of(L, "blocks"),
            .startup = (int32_t)field_of(L, "startup"),
            .least = (int32_t)field_of(L, "least"),
            .percentile = field_of(L, "percentile"),
            .factor = field_of(L, "factor"),
            .p = field_of(L, "p"),
            .apart = field_of(L, "apart") != 0,
        };
    lua_pop(L, 1);
}

static void read_spec(lua_State *L, struct optimize_spec *spec) {
    *spec = (struct optimize_spec){
        .space = pointer_at(L, "space"),
        .batch = (int32_t)number_at(L, "batch", 16),
        .max_trials = (int64_t)number_at(L, "max_trials", 0),
        .async = flag_at(L, "async"),
        .workers = (int32_t)number_at(L, "workers", 0),
        .key = text_at(L, "key"),
        .crew = pointer_at(L, "crew"),
        .limits = {number_at(L, "stall_seconds", 0),
                   number_at(L, "job_seconds", 0), flag_at(L, "fenced"),
                   (int32_t)number_at(L, "ahead", 0)},
        .study = pointer_at(L, "study"),
        .cohort = (bt_cohort *)(uintptr_t)number_at(L, "cohort", 0),
        .series_width = (int32_t)number_at(L, "series_width", 0),
        .evaluate = evaluate_in_lua,
    };
    read_objectives(L, spec);
    read_memory(L, spec);
    read_pruner(L, spec);
}

/* ---- callbacks in the parent --------------------------------------------- */

static void set_number(lua_State *L, const char *key, double v) {
    lua_pushnumber(L, v);
    lua_setfield(L, -2, key);
}

static void push_progress(lua_State *L, const struct optimize_progress *p) {
    lua_createtable(L, 0, 12);
    set_number(L, "done", p->done);
    set_number(L, "total", p->total < 0 ? (double)INFINITY : p->total);
    set_number(L, "rate", p->rate);
    set_number(L, "eta", p->eta_seconds);
    set_number(L, "elapsed", p->elapsed_seconds);
    set_number(L, "failed", p->failed);
    set_number(L, "infeasible", p->infeasible);
    set_number(L, "pruned", p->pruned);
    set_number(L, "violated", p->violated);
    set_number(L, "duplicates", p->duplicates);
    set_number(L, "saved", p->saved);
    set_number(L, "workers", p->workers);
    if (p->best_params) {
        set_number(L, "best_score", p->best_score);
        lua_pushstring(L, p->best_params);
        lua_setfield(L, -2, "best_params");
    }
}

/* Stack: function, address of the progress. */
static int call_progress(lua_State *L) {
    const struct optimize_progress *p = lua_touserdata(L, 2);
    lua_settop(L, 1);
    push_progress(L, p);
    lua_call(L, 1, 0);
    return 0;
}

static void progress(void *ctx, const struct optimize_progress *p) {
    struct parent *parent = ctx;
    lua_State *L = parent->L;
    if (!parent->has_progress || parent->failed)
        return;
    lua_pushcfunction(L, call_progress);
    lua_pushvalue(L, PROGRESS);
    lua_pushlightuserdata(L, (void *)(uintptr_t)p);
    if (lua_pcall(L, 2, 0, 0) != 0) {
        parent->failed = true;
        lua_replace(L, FAILURE);
    }
}

static void call(struct parent *parent, const char *key) {
    lua_State *L = parent->L;
    lua_getfield(L, SPEC, key);
    if (!lua_isfunction(L, -1)) {
        lua_pop(L, 1);
    } else if (lua_pcall(L, 0, 0, 0) != 0) {
        parent->failed = true;
        lua_replace(L, FAILURE);
    }
}

static void forking(void *ctx) {
    call(ctx, "forking");
}

static void ending(void *ctx) {
    call(ctx, "ending");
}

static void meanwhile(void *ctx) {
    call(ctx, "meanwhile");
}

static int stop(void *ctx) {
    const struct parent *parent = ctx;
    if (parent->failed)
        return OPTIMIZE_STOP;
    return interrupt_signal ? OPTIMIZE_DRAIN : OPTIMIZE_GO_ON;
}

/* ---- the call ------------------------------------------------------------ */

static void push_stats(lua_State *L, const struct optimize_stats *s) {
    lua_createtable(L, 0, 13);
    set_number(L, "trials", s->trials);
    set_number(L, "computed", s->computed);
    set_number(L, "duplicates", s->duplicates);
    set_number(L, "infeasible", s->infeasible);
    set_number(L, "failed", s->failed);
    set_number(L, "pruned", s->pruned);
    set_number(L, "violated", s->violated);
    set_number(L, "resumed", s->resumed);
    set_number(L, "cached", s->cached);
    set_number(L, "seconds", s->seconds);
    set_number(L, "worker_seconds", s->worker_seconds);
    set_number(L, "workers", s->workers);
    lua_pushboolean(L, s->interrupted);
    lua_setfield(L, -2, "interrupted");
    lua_pushboolean(L, s->fenced);
    lua_setfield(L, -2, "fenced");
    lua_pushstring(L, s->policy);
    lua_setfield(L, -2, "policy");
}

static int take_function(lua_State *L, const char *key) {
    lua_getfield(L, SPEC, key);
    luaL_checktype(L, -1, LUA_TFUNCTION);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static bt_status search_and_run(struct optimize_spec *spec,
                                const struct search_options *options,
                                struct optimize_stats *stats) {
    bt_status status = search_new(spec->space, options, &spec->search);
    if (status == BT_OK) {
        interrupt_polled++;
        status = optimize_run(spec, stats);
        interrupt_polled--;
        search_free(spec->search);
    }
    return status;
}

static int run(lua_State *L) {
    struct optimize_spec spec;
    struct optimize_stats stats = {.trials = 0};
    struct parent parent = {.L = L};
    luaL_checktype(L, SPEC, LUA_TTABLE);
    lua_settop(L, SPEC);
    lua_getfield(L, SPEC, "progress");
    lua_pushnil(L); /* FAILURE */
    parent.has_progress = lua_isfunction(L, PROGRESS);
    read_spec(L, &spec);
    const struct search_options *options = pointer_at(L, "search");
    struct lua_evaluator evaluator = {L, take_function(L, "evaluate")};
    spec.ctx = &evaluator;
    spec.progress = progress;
    spec.forking = forking;
    spec.ending = ending;
    spec.meanwhile = meanwhile;
    spec.stop = stop;
    spec.parent_ctx = &parent;
    bt_status status = search_and_run(&spec, options, &stats);
    luaL_unref(L, LUA_REGISTRYINDEX, evaluator.function);
    if (parent.failed) {
        lua_settop(L, FAILURE);
        return lua_error(L);
    }
    lua_pushinteger(L, status);
    push_stats(L, &stats);
    return 2;
}

int optimize_lua_open(lua_State *L) {
    lua_pushcfunction(L, run);
    return 1;
}
