-- The first look at a column ends the recording of a trace, and a loop whose recording ends too
-- often is given up by the compiler for good: not so that of a strategy over thousands of assets.

local market = require "spec.support.market"
local runner = require "backlua.run"
local util = require "jit.util"
local names = require "jit.vmdef".bcnames

jit.off(true, true) -- what runs here runs while traces are made

local ASSETS = 9000 -- of all five fields: 45,000 first looks

local function many()
    local assets = {}
    for i = 1, ASSETS do
        assets[("S%04d"):format(i)] = market.path { 10, 11, 12, 10 + i % 7 }
    end
    market.daily("many", assets)
    return "many"
end

local STRATEGY = [[
local fields = { "open", "high", "low", "close", "volume" }
function initialize(ctx)
    ctx.assets = ctx:symbols()
end
function handle_data(ctx, data)
    local sum = 0
    for k = 1, #fields do
        local views = data:history(ctx.assets, fields[k], 2, "1d", "array")
        for i = 1, #views do
            sum = sum + views[i]:mean()
        end
    end
    ctx:record("sum", sum)
end]]

-- Loops of a function that the compiler has given up: their instructions' names.
local function given_up(func)
    local found = {}
    for pc = 1, util.funcinfo(func).bytecodes - 1 do
        local op = bit.band(util.funcbc(func, pc), 0xff)
        local name = names:sub(6 * op + 1, 6 * op + 6):gsub(" ", "")
        if name == "IFORL" or name == "IITERL" or name == "ILOOP" then
            found[#found + 1] = ("%s at %d"):format(name, util.funcinfo(func, pc).currentline)
        end
    end
    return found
end

describe("a strategy over 45,000 columns", function()
    teardown(market.clean)

    it("is compiled", function()
        local seen = {}
        local function watch(what, _, func)
            if what == "start" then
                seen[func] = true
            end
        end
        local job = assert(runner.prepare { strategy = STRATEGY, bundle = many() })
        jit.flush()
        jit.attach(watch, "trace")
        local result, err = runner.execute(job, nil, {})
        jit.attach(watch)
        assert.is_nil(err and err.message)
        result:free()
        runner.release(job)
        local of_strategy = 0
        for func in pairs(seen) do
            local source = util.funcinfo(func).source
            local own = source == "=(text)"
            of_strategy = of_strategy + (own and 1 or 0)
            if own or source:find "^@backlua/history" or source:find "^@backlua/view" then
                assert.same({}, given_up(func), source)
            end
        end
        assert.is_true(of_strategy > 0)
    end)
end)
