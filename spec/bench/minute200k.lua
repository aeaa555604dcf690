-- minute-200k: one backtest over 200,000 bars against the plain C loop, CPU time.

local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local plain = require "spec.bench.plain"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 15

local bundle = data.minute200k()
local expected = plain.results("minute", bundle)

local function variant(name, frequency)
    local params = { fast = 60, slow = 390, frequency = frequency }
    local job = grid.job("spec/bench/strategies/" .. name .. ".lua", bundle)
    grid.run(job, { params }, function(_, result)
        plain.check(expected, params, result)
    end)
    return function()
        return measure.cpu(function()
            grid.run(job, { params })
        end) * 1e3
    end
end

local function c_loop()
    return plain.seconds("minute", bundle) * 1e3
end

rows.add(measure.alternate(ROUNDS, variant("array", "1m"), c_loop), {
    id = "minute-array", what = "minute-200k, two array views a bar / plain C", unit = "ms",
})
rows.add(measure.alternate(ROUNDS, variant("handle"), c_loop), {
    id = "minute-handle", what = "minute-200k, indicator handles / plain C", unit = "ms",
})
