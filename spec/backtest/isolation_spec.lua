-- Nothing that a strategy does outlives its run: A, B, A gives A's hash again, whatever B was.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local runner = require "backlua.run"

-- Reads all that another run could have spoiled.
local WITNESS = [[
local commission = require "backlua.commission"
local ta = require "backlua.ta"
local calls = 0
params = { n = 2, list = { 1, 2, 3 } }
function initialize(ctx)
    assert(calls == 0 and leftover == nil and math.leftover == nil and string.leftover == nil)
    assert(ctx.leftover == nil and #ctx.params.list == 3 and ctx.params.n == 2)
    assert(ctx:symbol("A").sid == 0 and ctx:symbol("A").symbol == "A")
    assert(ctx:symbol("A").leftover == nil and commission.none and ta.sma)
    assert(rawget(ta, "leftover") == nil)
    ctx.handle = ctx:indicator("sma", "A", { n = 2 })
end
function handle_data(ctx, data)
    calls = calls + 1
    local window = data:history("A", "close", 3, "1d", "array")
    local x = math.random() + math.max(1, window[-1]) + ctx.handle[-1]
    if x == x then ctx:order("A", math.floor(x)) end
    ctx:record { x = x, text = #tostring({}), calls = calls }
    for name, value in pairs { b = 1, a = 2 } do ctx:record(name, value) end
    assert(("x"):upper() == "X" and rawget(data, "leftover") == nil)
    assert(rawget(ctx.portfolio, "leftover") == nil and rawget(ctx.portfolio, "cash") == nil)
end
]]

local SPOILERS = {
    ["globals and libraries"] = [[
        math.max, math.random, string.upper, table.insert = nil, nil, nil, nil
        math.leftover, string.leftover = 1, 1
        pairs, tostring = nil, nil
        rawset(_G, "leftover", 1)
        function handle_data() end]],
    ["modules"] = [[
        local ta = require "backlua.ta"
        ta.sma, ta.leftover = nil, 1
        require("backlua.commission").none = nil
        function handle_data() end]],
    ["parameters"] = [[
        params = { n = 5, list = { 9 } }
        function handle_data(ctx) ctx.params.n = 0 ctx.params.list[1] = nil end]],
    ["assets, ctx and data"] = [[
        function handle_data(ctx, data)
            for _, asset in ipairs(ctx:symbols()) do
                rawset(asset, "sid", 10 ^ 9)
                asset.symbol, asset.leftover = "X", 1
                table.insert(asset, 1)
                table.clear(asset)
            end
            ctx.leftover, data.leftover = 1, 1
            rawset(data, "history", function() end)
            rawset(ctx.portfolio, "leftover", 1)
            rawset(ctx.portfolio, "cash", 1)
            ctx.order = nil
        end]],
    ["the random stream"] = [[
        function handle_data(ctx) for i = 1, 100 do math.random() end math.randomseed(1) end]],
    ["rules of the account"] = [[
        function initialize(ctx)
            ctx:set_margin { leverage = "unlimited" }
            ctx:set_commission(require("backlua.commission").per_trade { cost = 99 })
            ctx:set_long_only()
            ctx:set_history_start "error"
        end
        function handle_data(ctx) ctx:order_percent("A", 3) end]],
    ["an error halfway"] = [[
        function handle_data(ctx) ctx:order("A", 5) error "stop" end]],
    ["an error in initialize"] = "function initialize() error 'x' end function handle_data() end",
    ["deep recursion"] = "function handle_data() local function f() f() return 1 end f() end",
    ["coroutines"] = [[
        function handle_data(ctx)
            ctx.co = coroutine.wrap(function() while true do coroutine.yield(ctx:now()) end end)
            ctx.co()
        end]],
}

describe("a run after another", function()
    setup(function()
        market.daily("one", {
            A = market.path { 10, 11, 12, 11, 10, 12, 14, 13 },
            B = market.path { 5, 6, 5, 6, 5, 6, 5, 6 },
        })
    end)
    teardown(market.clean)

    local function hash(job)
        local result, err = runner.execute(job)
        assert.is_nil(err and err.message)
        return result.hash
    end

    for name, text in pairs(SPOILERS) do
        it("is not touched by " .. name, function()
            local job = assert(runner.prepare { strategy = WITNESS, bundle = "one" })
            local first = hash(job)
            local spoiler = assert(runner.prepare { strategy = text, bundle = "one" })
            for _ = 1, 2 do
                collectgarbage() -- what is freed while the stack overflows is lost
                runner.execute(spoiler)
                assert.equal(first, hash(job))
            end
            runner.release(job)
            runner.release(spoiler)
        end)
    end

    it("has the hash of a first run in a fresh process", function()
        local child = require "spec.support.child"
        local path = child.scratch() .. "/witness.lua"
        child.write(path, WITNESS)
        local result = assert(backtest.run(path, { bundle = "one" }))
        local r = child.run { "-e", [[
            local none = require "backlua.commission".none()
            local result = assert(require "backlua".run { strategy = arg[1], bundle = "one",
                commission = none, slippage = require "backlua.slippage".none() })
            io.write(result.hash)]], path, env = { BACKLUA_BUNDLES = market.folder } }
        assert.equal("", r.err)
        assert.equal(result.hash, r.out)
    end)
end)
