-- B1, B2, B5: SMA-400 in Lua against the plain C loop, one process, CPU time.

local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local plain = require "spec.bench.plain"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5

local bundle = data.sma400()
local combinations = data.grid()
local expected = plain.results("sma400", bundle)

-- The grid with a strategy, timed: milliseconds per backtest.
local function variant(name, list)
    local job = grid.job("spec/bench/strategies/" .. name .. ".lua", bundle)
    grid.run(job, list, function(params, result)
        plain.check(expected, params, result)
    end)
    return function()
        return measure.cpu(function()
            grid.run(job, list)
        end) / #list * 1e3
    end
end

local function c_loop()
    return plain.seconds("sma400", bundle) / #combinations * 1e3
end

-- Every tenth combination: B5 compares two ways in Lua, both of which take long.
local function tenth()
    local list = {}
    for i = 1, #combinations, 10 do
        list[#list + 1] = combinations[i]
    end
    return list
end

rows.add(measure.alternate(ROUNDS, variant("array", combinations), c_loop), {
    id = "B1", what = "SMA-400, two array views a bar / plain C", unit = "ms",
})
rows.add(measure.alternate(ROUNDS, variant("handle", combinations), c_loop), {
    id = "B2", what = "SMA-400, indicator handles / plain C", unit = "ms",
})
rows.add(measure.alternate(ROUNDS, variant("handle_rare", combinations), c_loop), {
    id = "B2-rare", what = "the same, written with one rare branch", unit = "ms", judge = false,
})
rows.add(measure.alternate(ROUNDS, variant("frame", tenth()), variant("array", tenth())), {
    id = "B5", what = "SMA-400, frames / arrays", unit = "ms",
})
