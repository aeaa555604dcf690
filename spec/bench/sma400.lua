-- B1, B2, B5: SMA-400 in Lua against the plain C loop, one process, CPU time.

local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local plain = require "spec.bench.plain"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 7

local bundle = data.sma400()
local combinations = data.grid()
local expected = plain.results("sma400", bundle)

local function variant(name)
    local job = grid.job("spec/bench/strategies/" .. name .. ".lua", bundle)
    grid.run(job, combinations, function(params, result)
        plain.check(expected, params, result)
    end)
    return function()
        return measure.cpu(function()
            grid.run(job, combinations)
        end) / #combinations * 1e3
    end
end

local function c_loop()
    return plain.seconds("sma400", bundle) / #combinations * 1e3
end

local array, handle, frame = variant "array", variant "handle", variant "frame"

rows.add(measure.alternate(ROUNDS, array, c_loop), {
    id = "B1", what = "SMA-400, two array views a bar / plain C", unit = "ms",
})
rows.add(measure.alternate(ROUNDS, handle, c_loop), {
    id = "B2", what = "SMA-400, indicator handles / plain C", unit = "ms",
})
rows.add(measure.alternate(ROUNDS, frame, array), {
    id = "B5", what = "SMA-400, frames / arrays", unit = "ms",
})
