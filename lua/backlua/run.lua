-- One backtest: prepare a job once, execute it as often as wanted, release it.
--
--     local runner = require "backlua.run"
--     local job, err = runner.prepare { strategy = "sma.lua", bundle = "demo" }
--     local result, err = runner.execute(job, { fast = 10 })
--     runner.release(job)
--
-- A job holds what all its runs share: the parsed strategy, the bundle, the settings. A run has a
-- fresh environment, a fresh ctx and a run of the engine; nothing else survives it but compiled
-- code. One run is active per Lua state.
--
-- The engine does the work of a bar in one call; the loop around it is Lua (bars.lua) and compiles
-- together with the strategy's handle_data.

local ffi = require "ffi"
local account_rules = require "backlua.account"
local assets = require "backlua.assets"
local context = require "backlua.context"
local current = require "backlua.current"
local errors = require "backlua.errors"
local indicator = require "backlua.indicator"
local job_module = require "backlua.job"
local native = require "backlua.ffi"
local ordered = require "backlua.ordered"
local parameters = require "backlua.parameters"
local portfolio = require "backlua.portfolio"
local result_module = require "backlua.result"
local sandbox = require "backlua.sandbox"
local schedule = require "backlua.schedule"
local settings = require "backlua.settings"
local startup = require "backlua.startup"
local strategy = require "backlua.strategy"

local C = native.C
local MORE, DONE, PAUSED = C.BT_STEP_MORE, C.BT_STEP_DONE, C.BT_STEP_PAUSED
local SESSION = C.BT_STEP_SESSION

local runner = { prepare = job_module.prepare, release = job_module.release }

-- Backtest under way: { job, space, stage, run, bundle, result }; nil between runs.
local active

ordered.set_rank(assets.rank)

-- ---- the loop ----------------------------------------------------------------------------------

-- Those of bars.lua, the job's own.
local function loops_of(job)
    if not job.loops then
        package.loaded["backlua.bars"] = nil
        job.loops = require "backlua.bars"
    end
    return job.loops
end

-- The loop with stops; its status is nil when the run was ended at one of them.
local function in_blocks(loop, at_stop)
    return function(run, ...)
        local status
        at_stop(run)
        repeat
            status = loop(run, ...)
            if (status == PAUSED or status == DONE) and not at_stop(run) then
                return nil
            end
        until status ~= PAUSED
        return status
    end
end

local function nothing()
end

local function enter(stage)
    active.stage = stage
end

local function engine_step(run)
    return C.bt_run_step(run)
end

-- With a watch(ctx, data) after each bar, that ends the run there when it returns true.
local function watched(step, watch, state)
    return function(run, ctx, data, handle_data, before)
        local status = step(run)
        while status == MORE or status == SESSION do
            if status == SESSION then
                enter "before_trading_start"
                before(ctx, data)
                enter "handle_data"
            else
                handle_data(ctx, data)
                if watch(ctx, data) then
                    state.stopped = true
                    return DONE
                end
            end
            status = step(run)
        end
        return status
    end
end

local function loop_for(state, before, watch)
    local changed, job = settings.changed, state.job
    local slippage, commission = changed.slippage or job.slippage,
        changed.commission or job.commission
    local asks = slippage.kind == "custom" or commission.kind == "custom"
    if watch then
        return watched(asks and require("backlua.asked").stepper(slippage.price, commission.fee)
            or engine_step, watch, state)
    elseif not asks then
        local loops = loops_of(job)
        return before and loops.drive_sessions or loops.drive
    end
    return require("backlua.asked").loop(slippage.price, commission.fee, enter)
end

-- ---- a run -------------------------------------------------------------------------------------

local run_out = ffi.new "bt_run *[1]"
local result_out = ffi.new "bt_result *[1]"

-- Open the engine's run under the job's settings and these parameters.
local function open(state, params, given)
    local job = state.job
    local config, canonical = job.config, parameters.canonical(params)
    local bundle, err = job_module.bundle(job)
    if not bundle then
        return nil, err
    end
    state.bundle = bundle
    config.bundle, config.params = bundle, canonical
    config["repeat"] = given.repeat_index or 0
    config.beat = given.beat
    local status = C.bt_run_open(config, run_out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    state.run, state.canonical = run_out[0], canonical
    status = account_rules.apply_changes(state.run, job.capital_changes or {})
    if status == C.BT_OK and job.benchmark and job.benchmark.sid then
        status = C.bt_run_set_benchmark(state.run, job.benchmark.sid)
    end
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return state.run
end

local function bind(state, ctx)
    local data = require "backlua.data"
    current.bind(state.run, ctx)
    assets.bind(state.bundle)
    settings.reset(state.job.benchmark ~= nil)
    schedule.reset(state.job.info.frequency == "1d")
    portfolio.leverage = state.job.config.leverage
    portfolio.margin = state.job.margin
    require("backlua.view").allow_pointers(state.job.unsafe)
    return data.bind(current.pointers.portal)
end

local function finish(state, params)
    local status = C.bt_run_finish(state.run, result_out)
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    local benchmark = state.job.benchmark
    state.result = result_module.new(result_out[0], {
        job = state.job, params = params, changed = settings.changed,
        benchmark = benchmark and benchmark.name or settings.changed.benchmark,
        repeat_index = tonumber(state.job.config["repeat"]), analyzes = state.analyzes,
        compiled = (jit.status()),
    })
    if benchmark and benchmark.values then
        status = C.bt_result_compare(result_out[0], benchmark.days, benchmark.values, benchmark.n)
    end
    if status ~= C.BT_OK then
        return nil, errors.native(status)
    end
    return state.result
end

-- Everything between loading and analyze; runs protected. Returns a result, or nil and a failure
-- of the world.
local function body(state, overrides, given)
    local callbacks = strategy.instantiate(state.job.program, state.space.env)
    local params, run, err
    params, err = parameters.effective(callbacks.params, overrides)
    if params then
        run, err = open(state, params, given)
    end
    if not run then
        return nil, err
    end
    local ctx = context.new(params)
    local data = bind(state, ctx)
    startup.done()
    if callbacks.initialize then
        state.stage = "initialize"
        callbacks.initialize(ctx)
    end
    state.stage = "handle_data"
    local before = callbacks.before_trading_start
    if before then
        C.bt_run_announce_sessions(run)
    end
    local handle_data = callbacks.handle_data or nothing
    if schedule.close() then
        handle_data = schedule.wrap(handle_data, enter)
    end
    local loop = loop_for(state, before, given.watch)
    loop = given.blocks and in_blocks(loop, given.blocks) or loop
    local status = loop(run, ctx, data, handle_data, before, enter)
    if status == nil then
        return nil, errors.new("pruned", "ended after one of its blocks")
    elseif status ~= DONE then
        return nil, errors.native()
    end
    local result
    state.analyzes = callbacks.analyze ~= nil
    result, err = finish(state, params)
    if result and callbacks.analyze and not state.stopped then
        state.stage = "analyze"
        callbacks.analyze(ctx, result)
    end
    return result, err
end

-- ---- around it ---------------------------------------------------------------------------------

local function bar_text()
    local account = current.pointers.account
    if account == nil or account.row < 0 then
        return nil
    end
    local date = require "backlua.text.date"
    local seconds = tonumber(account.now) / 1e6
    return active.job.info.frequency == "1d" and date.day(seconds) or date.time(seconds)
end

-- Handler of xpcall: called where the error was raised, the stack still standing.
local function caught(raised)
    return require "backlua.fault".capture(raised, active.job.program)
end

local function describe(state, what)
    local params = current.context and current.context.params
    local bar = state.stage ~= "initialize" and bar_text() or nil
    return require("backlua.fault").describe(what, state.space.env, params, state.stage, bar)
end

-- The failure of a run from what was raised. A limit on memory is lifted first: where it is all
-- taken, there would be none to say so.
local function failure_of(state, raised)
    local limit = C.bt_memory_unlimit()
    local described, failure = pcall(describe, state, raised)
    if not described then
        failure = errors.new("strategy", tostring(failure))
    end
    if limit > 0 and failure.message:find("not enough memory", 1, true) then
        failure.message = ("%s\n       a run gets what was available when it began, %.1f GB; keep "
            .. "less, or lift the limit with --unsafe"):format(failure.message, limit / 1e9)
    end
    return failure
end

local function close(state)
    indicator.close_all()
    current.bind(nil)
    assets.bind(nil)
    if package.loaded["backlua.data"] then
        require("backlua.data").bind(nil)
    end
    if state.run then
        C.bt_run_close(state.run)
    end
    job_module.unbundle(state.job, state.bundle)
end

-- One backtest of a job.
--     overrides  parameters by name; nil for the defaults
--     given      { print = function(text), beat = int64_t *, repeat_index = 0, watch = nil,
--                blocks = nil }
--                watch(ctx, data) is called after each bar; the run ends there when it returns true
--                blocks(run) is called before the first bar, wherever it has the run pause
--                (bt_run_pause_after) and at its end; false ends the run: "pruned"
-- Returns a result (result.lua), or nil and a failure: "strategy" when the strategy raised (with
-- file, line, bar, stage), "name" for an unknown parameter, "interrupt", "data", "io".
function runner.execute(job, overrides, given)
    if active then
        error("backlua: a backtest is running; it cannot start another one", 2)
    end
    given = given or {}
    local space = sandbox.new(job.program, { print = given.print, unsafe = job.unsafe })
    local state = { job = job, space = space }
    active = state
    local previous = sandbox.activate(space)
    local ok, result, err = xpcall(body, caught, state, overrides, given)
    if not ok then
        result, err = nil, failure_of(state, result)
    end
    close(state)
    sandbox.activate(previous)
    active = nil
    if not result and state.result then
        state.result:free()
    end
    return result, err
end

-- End what is left of a backtest whose end an interruption tore out; nothing is raised.
function runner.abandon()
    if active then
        pcall(close, active)
        sandbox.activate(nil)
        active = nil
    end
end

--- Default parameters of a job's strategy as a fresh table; nil, err when it does not load.
-- Raises while a backtest is running.
function runner.defaults(job)
    if active then
        error("backlua: a backtest is running", 2)
    end
    local space = sandbox.new(job.program, { print = nothing, unsafe = job.unsafe })
    active = { job = job, space = space }
    local previous = sandbox.activate(space)
    local ok, callbacks = xpcall(strategy.instantiate, caught, job.program, space.env)
    local params, err
    if ok then
        params, err = parameters.effective(callbacks.params)
    else
        err = describe(active, callbacks)
    end
    sandbox.activate(previous)
    active = nil
    return params, err
end

return runner
