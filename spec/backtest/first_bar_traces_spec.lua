-- A loop over many assets gets hot at its first bar, where columns are mapped and sums are made.
-- None of that may become a part of the trace that all later bars run. The sums of a long column
-- are made later; what was compiled until then is given up.

local market = require "spec.support.market"
local runner = require "backlua.run"
local util = require "jit.util"

jit.off(true, true) -- what runs here runs while traces are made

local ASSETS, DAYS = 64, 60 -- more than the 56 passes after which a loop is compiled
local LONG = 262145         -- rows from which on sums wait until they pay

local function many(name)
    local assets = {}
    for i = 1, ASSETS do
        local path = {}
        for day = 1, DAYS do
            path[day] = 10 + (7 * i + 3 * day) % 11
        end
        assets[("S%02d"):format(i)] = market.path(path)
    end
    market.daily(name, assets)
    return name
end

local STRATEGY = [[
function initialize(ctx)
    ctx.assets, ctx.sum = ctx:symbols(), 0
end
function handle_data(ctx, data)
    for i = 1, #ctx.assets do
        local asset = ctx.assets[i]
        ctx.sum = ctx.sum + %s
    end
end]]

-- Where, in the library, the strategy's loop goes on in a second trace; how often compiled code was
-- given up.
local function detours(bundle, expression)
    local found, of_strategy, flushed = {}, {}, 0
    local function watch(what, trace, func, pc, parent)
        if what == "flush" then
            found, of_strategy, flushed = {}, {}, flushed + 1
        end
        if what ~= "start" then
            return
        end
        local info = util.funcinfo(func, pc)
        if parent then
            of_strategy[trace] = of_strategy[parent]
        else
            of_strategy[trace] = info.source == "=(text)"
        end
        if parent and of_strategy[trace] and info.source:find "^@backlua/"
            and not info.source:find "/bars.lua$" then
            found[#found + 1] = info.loc
        end
    end
    local job = assert(runner.prepare { strategy = STRATEGY:format(expression),
        bundle = bundle })
    jit.flush()
    jit.attach(watch, "trace")
    local result, err = runner.execute(job, nil, {})
    jit.attach(watch)
    assert.is_nil(err and err.message)
    result:free()
    runner.release(job)
    return table.concat(found, "\n"), flushed
end

local CALLS = {
    element = 'data:history(asset, "close", 5, "1d", "array")[-1]',
    mean = 'data:history(asset, "close", 5, "1d", "array"):mean()',
    frame = 'data:history(asset, "close", 5, "1d", "frame"):mean()',
    week = 'data:history(asset, "close", 2, "1w", "array")[-1]',
    current = 'data:current(asset, "close")',
    both = 'data:current(asset, "close") - data:history(asset, "close", 5, "1d", "array"):mean()',
}

describe("a loop that is hot at its first bar", function()
    teardown(market.clean)
    for name, expression in pairs(CALLS) do
        it("goes one way: " .. name, function()
            local found, flushed = detours(many(name), expression)
            assert.equal("", found)
            assert.equal(0, flushed)
        end)
    end
end)

describe("a loop over a long column", function()
    teardown(market.clean)

    it("goes one way once the sums are made", function()
        market.synthetic("long", { assets = 8, minutes = LONG })
        local mean = 'data:history(asset, "close", 200, "1m", "array"):mean()'
        local found, flushed = detours("long", mean)
        assert.equal("", found)
        assert.equal(8, flushed) -- one for each asset
    end)
end)

-- Where a strategy's loop branches off from traces of an earlier one.
local function borrowed(strategy)
    local found, own = {}, {}
    local function watch(what, trace, func, pc, parent)
        if what == "start" then
            own[trace] = true
            local info = util.funcinfo(func, pc)
            local in_loop = info.source == "=(text)" or info.source:find "/bars.lua$"
            if in_loop and parent and not own[parent] then
                found[#found + 1] = info.loc
            end
        end
    end
    local job = assert(runner.prepare { strategy = strategy, bundle = "one" })
    jit.attach(watch, "trace")
    local result, err = runner.execute(job, nil, {})
    jit.attach(watch)
    assert.is_nil(err and err.message)
    result:free()
    runner.release(job)
    return table.concat(found, "\n"), next(own)
end

describe("the second strategy of a process", function()
    teardown(market.clean)

    it("is no branch of the first one", function()
        market.synthetic("one", { assets = 1 })
        jit.flush()
        for i = 1, 4 do
            local found, any = borrowed(STRATEGY:format("ctx.sum % " .. i + 1))
            assert.equal("", found)
            assert.truthy(any)
        end
    end)
end)
