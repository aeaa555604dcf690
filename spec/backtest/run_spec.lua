-- The interface of runs: jobs, parameters, failures, results; and backlua.run for scripts.

local backlua = require "backlua"
local backtest = require "spec.support.backtest"
local child = require "spec.support.child"
local market = require "spec.support.market"
local runner = require "backlua.run"

local HOLD = [[
params = { units = 10, name = "x" }
function handle_data(ctx)
    if not ctx.done then ctx.done = ctx:order("A", ctx.params.units) end
end]]

describe("a run", function()
    setup(function()
        market.daily("one", { A = market.path { 10, 20, 30, 20, 40 } })
    end)
    teardown(market.clean)

    it("takes parameters by name over the defaults", function()
        assert.equal(10, backtest.run(HOLD, { bundle = "one" }).orders[1].filled)
        local result = backtest.run(HOLD, { bundle = "one", params = { units = 3 } })
        assert.equal(3, result.orders[1].filled)
        assert.same({ units = 3, name = "x" }, result.manifest.params)
        local message, err = backtest.error(HOLD, { bundle = "one", params = { unts = 3 } })
        assert.equal("unknown parameter 'unts'; did you mean 'units'?", message)
        assert.equal("name", err.code)
    end)

    it("does not care in which form the strategy comes", function()
        local hash = backtest.run(HOLD, { bundle = "one" }).hash
        assert.equal(64, #hash)
        local as_table = "local s = { params = { units = 10, name = 'x' } }\n"
            .. "function s.handle_data(ctx) if not ctx.done then ctx.done = "
            .. "ctx:order('A', ctx.params.units) end end return s"
        assert.equal(hash, backtest.run(as_table, { bundle = "one" }).hash)
        assert.equal(hash, backtest.run({
            params = { units = 10, name = "x" },
            handle_data = function(ctx)
                ctx.done = ctx.done or ctx:order("A", 10)
            end,
        }, { bundle = "one" }).hash)
        local path = child.scratch() .. "/hold.lua"
        child.write(path, HOLD)
        assert.equal(hash, backtest.run(path, { bundle = "one" }).hash)
    end)

    it("covers whole sessions from start to end, both included", function()
        local result = backtest.run(HOLD, { bundle = "one", start_date = "2020-01-02",
            end_date = "2020-01-04" })
        assert.equal(3, result.bars)
        assert.equal(30, result.fills[1].price)
        assert.equal("2020-01-02T21:00:00Z", result.manifest.first_bar)
        assert.equal("2020-01-04T21:00:00Z", result.manifest.last_bar)
        local message, err = backtest.error(HOLD, { bundle = "one", start_date = "2021-01-01" })
        assert.equal("data", err.code, message)
        message, err = backtest.error(HOLD, { bundle = "one", start_date = "yesterday" })
        assert.equal("usage", err.code, message)
    end)

    it("names wrong options with the nearest right one", function()
        for given, said in pairs {
            [{ captial = 5 }] = "run: unknown option 'captial'; did you mean 'capital'?",
            [{ capital = 0 }] = "run: capital must be a number above 0 and at most 1e+15, got 0",
            [{ fill = "next_opne" }] = "did you mean 'next_open'?",
            [{ leverage = 0 }] = "leverage must be a number above 0 or \"unlimited\", got 0",
            [{ seed = 1.5 }] = "seed must be an integer",
            [{ commission = {} }] = "commission: ",
            [{ lot = 0 }] = "lot must be a number at least 1e-09",
        } do
            given.bundle = "one"
            local message, err = backtest.error(HOLD, given)
            assert.equal("usage", err.code)
            assert.truthy(message:find(said, 1, true), message)
        end
        local message, err = backtest.error(HOLD, { bundle = "onne" })
        assert.equal("data", err.code)
        assert.truthy(message:find "one")
    end)

    it("executes a job as often as wanted", function()
        local job = assert(runner.prepare { strategy = HOLD, bundle = "one" })
        local first = assert(runner.execute(job))
        local second = assert(runner.execute(job, { units = 1 }))
        local third = assert(runner.execute(job, {}))
        assert.equal(first.hash, third.hash)
        assert.not_equal(first.hash, second.hash)
        assert.same({ units = 10, name = "x" }, runner.defaults(job))
        runner.release(job)
        assert.equal(3, #first.equity.value:last(3)) -- results outlive the job
        local _, err = runner.execute(job)
        assert.equal("state", err.code)
    end)

    it("counts bars where a watching parent looks", function()
        local ffi = require "ffi"
        local beat = ffi.new("int64_t[1]", 100)
        local job = assert(runner.prepare { strategy = HOLD, bundle = "one" })
        assert(runner.execute(job, nil, { beat = beat }))
        assert.equal(105, tonumber(beat[0]))
        runner.release(job)
    end)

    it("cannot start inside another", function()
        local inner
        backtest.run({ handle_data = function()
            local _, message = pcall(backlua.run, { strategy = HOLD, bundle = "one" })
            inner = message
        end }, { bundle = "one" })
        assert.truthy(inner:find "a backtest is running")
        assert.truthy(backtest.run(HOLD, { bundle = "one" }))
    end)
end)

describe("a failing strategy", function()
    setup(function()
        market.daily("one", { A = market.path { 10, 20, 30, 20, 40 } })
    end)
    teardown(market.clean)

    it("is shown with file, line, source and bar", function()
        local path = child.scratch() .. "/bad.lua"
        child.write(path, "local s = {}\nfunction s.handle_data(ctx)\n"
            .. "    ctx.n = (ctx.n or 0) + 1\n    if ctx.n == 3 then\n"
            .. "        local x = ctx.nothing.field\n    end\nend\nreturn s\n")
        local message, err = backtest.error(path, { bundle = "one" })
        assert.equal(path .. ":5: attempt to index field 'nothing' (a nil value)\n"
            .. "     5 |         local x = ctx.nothing.field\n"
            .. "       at bar 2020-01-03, in handle_data", message)
        assert.same({ "strategy", 5, "2020-01-03", "handle_data" },
            { err.code, err.line, err.bar, err.stage })
        assert.equal(message, tostring(err))
    end)

    it("shows the strategy's line for what our own code raises", function()
        local message, err = backtest.error(
            "function handle_data(ctx)\n    return ('x'):rep(-1):nothing()\nend",
            { bundle = "one" })
        assert.equal(2, err.line)
        assert.truthy(message:find "attempt to call method 'nothing'")
    end)

    it("is helped with the nearest name", function()
        for body, hint in pairs {
            ["ctx:order_targt('A', 1)"] = "did you mean 'order_target'?",
            ["data:histroy('A')"] = "did you mean 'history'?",
            ["local x = 1 + ctx.params.unts"] = "did you mean 'units'?",
            ["io.open('x')"] = "'io' is not part of what a strategy may use",
            ["mth.floor(1)"] = "did you mean 'math'?",
        } do
            local message = backtest.error("params = { units = 1 }\n" .. backtest.handle(body),
                { bundle = "one" })
            assert.truthy(message:find(hint, 1, true), message)
        end
    end)

    it("may raise anything", function()
        for raised, said in pairs {
            ["'plain'"] = "plain", ["{ message = 'in a table' }"] = "in a table",
            ["nil"] = "error without a message", ["5"] = "5", ["{}"] = "error(table)",
            ["setmetatable({}, { __tostring = function() return 'speaks' end })"] = "speaks",
            ["setmetatable({}, { __tostring = function() error 'x' end })"] = "cannot be printed",
            ["('line\\n'):rep(100)"] = "line", ["('x'):rep(1e6)"] = "xxx",
        } do
            local message, err = backtest.error(backtest.handle("error(" .. raised .. ", 0)"),
                { bundle = "one" })
            assert.equal("strategy", err.code)
            assert.truthy(message:find(said, 1, true), message)
            local _, lines = message:gsub("\n", "")
            assert.is_true(lines < 8 and #message < 2000)
        end
    end)

    it("fails in every place, and the next run is not affected", function()
        local hash = backtest.run(HOLD, { bundle = "one" }).hash
        for text, stage in pairs {
            ["error 'x'\n"] = "nil",
            ["function initialize() error 'x' end function handle_data() end"] = "initialize",
            ["function handle_data() error 'x' end"] = "handle_data",
            ["function before_trading_start() error 'x' end function handle_data() end"] =
                "before_trading_start",
            ["function handle_data() end function analyze() error 'x' end"] = "analyze",
            ["function handle_data() local function f() f() return 1 end f() end"] = "handle_data",
            ["function handle_data() handle_data() end"] = "handle_data",
            ["function handle_data() coroutine.yield() end"] = "handle_data",
        } do
            collectgarbage() -- what is freed while the stack overflows is lost
            local message, err = backtest.error(text, { bundle = "one" })
            assert.equal("strategy", err.code, text)
            assert.equal(stage, tostring(err.stage), message)
            assert.equal(hash, backtest.run(HOLD, { bundle = "one" }).hash)
        end
    end)
end)

describe("a result", function()
    setup(function()
        market.daily("one", { A = market.path { 10, 20, 30, 20, 40 } })
    end)
    teardown(market.clean)

    local TRADES = "function handle_data(ctx) ctx.n = (ctx.n or 0) + 1\n"
        .. "if ctx.n == 1 then ctx:order('A', 10) end\n"
        .. "if ctx.n == 3 then ctx:order('A', -10) end end"

    it("holds equity, orders, fills, trades and what repeats the run", function()
        local result = backtest.run(TRADES, { bundle = "one" })
        -- bought at 20, marked at 20 and 30, sold at 20
        assert.same({ 100000, 100000, 100100, 100000, 100000 }, result.equity.value:totable())
        assert.same({ 100000, 99800, 99800, 100000, 100000 }, result.equity.cash:totable())
        assert.equal(18262 * 86400 + 21 * 3600, result.equity.time[1])
        assert.equal(5, result.equity.n)
        assert.same({ symbol = "A", bars = 2, amount = 10, entry_price = 20, exit_price = 20,
            commission = 0, pnl = 0, entry_time = result.fills[1].time,
            exit_time = result.fills[2].time, ["return"] = 0, mae = 0, mfe = 100, multiplier = 1,
            entry_order = 1, exit_order = 2 }, result.trades[1])
        assert.same({ filled = 2 }, result.reasons)
        assert.equal(result.equity.time[3], result.drawdown.start)
        assert.equal(result.equity.time[4], result.drawdown.trough)
        assert.is_nil(result.drawdown.stop)
        local m = result.manifest
        assert.same({ "one", "1d", 100000, "next_open", "none{}", 1, true, 1 }, { m.bundle.name,
            m.bundle.frequency, m.capital, m.fill, m.commission, m.lot, m.sandbox, m.leverage })
        assert.equal(64, #m.bundle.sha256)
        assert.truthy(require "backlua.text.json".encode(m))
        assert.truthy(tostring(result):find "^Result%(5 bars")
        assert.is_nil(result.nothing)
    end)

    it("can be freed; what was asked for stays, the rest raises", function()
        local result = backtest.run(TRADES, { bundle = "one" })
        local equity = result.equity
        result:free()
        result:free()
        assert.equal(100000, equity.value[-1])
        assert.equal(equity, result.equity)
        local _, message = pcall(function() return result.orders end)
        assert.truthy(message:find "run_spec.lua:%d+: result: it was freed")
    end)

    it("keeps its memory as long as a view into it lives", function()
        local views = {}
        for i = 1, 30 do
            views[i] = backtest.run(TRADES, { bundle = "one", capital = 1000 * i }).equity.value
                :last(2)
            collectgarbage()
        end
        for i = 1, 30 do
            assert.same({ 1000 * i, 1000 * i }, views[i]:totable())
        end
    end)
end)

describe("backlua.run", function()
    setup(function()
        market.daily("one", { A = market.path { 10, 20, 30, 20, 40 } })
    end)
    teardown(market.clean)

    it("runs a strategy from a script", function()
        local lines = {}
        local result = assert(backlua.run { strategy = HOLD .. "\nprint 'loaded'\n",
            bundle = "one", params = { units = 2 }, print = function(t) lines[#lines + 1] = t end })
        assert.equal(2, result.orders[1].filled)
        assert.same({ "loaded\n" }, lines)
    end)

    it("raises misuse at the caller's line, returns what the world does", function()
        local _, message = pcall(function() backlua.run { strategy = HOLD, bundel = "one" } end)
        assert.truthy(message:find("run_spec.lua:%d+: backlua.run: unknown option 'bundel'; "
            .. "did you mean 'bundle'?"), message)
        _, message = pcall(function() backlua.run "x" end)
        assert.truthy(message:find "run_spec.lua:%d+: backlua.run: a table of options")
        local result, err = backlua.run { strategy = HOLD, bundle = "nowhere" }
        assert.is_nil(result)
        assert.equal("data", err.code)
        result, err = backlua.run { strategy = "nowhere.lua", bundle = "one" }
        assert.is_nil(result)
        assert.truthy(err.message:find "no such file")
        result, err = backlua.run { strategy = HOLD, bundle = "one", params = { unit = 1 } }
        assert.is_nil(result)
        assert.equal("name", err.code)
    end)

    it("lists bundles and their facts", function()
        assert.same({ "one" }, backlua.bundles())
        local facts = assert(backlua.bundle "one")
        assert.same({ "one", "1d", 5, 1, { "A" } }, { facts.name, facts.frequency, facts.rows,
            facts.assets, facts.symbols })
        local none, err = backlua.bundle "two"
        assert.is_nil(none)
        assert.equal("data", err.code)
        assert.truthy(backlua.version:find "^%d+%.%d+%.%d+$")
    end)
end)
