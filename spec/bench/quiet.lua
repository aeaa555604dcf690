-- A bar on which no order is open, of the engine alone (an empty handle_data), with two handles
-- read, and with eight positions held, against an empty FFI call; nanoseconds. What a backtest
-- costs however short it is drops out: 25 years less the last of them, by the bars between.

local ffi = require "ffi"
local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 15
local RUNS, CALLS = 50, 4e6

ffi.cdef "double bench_nothing(double x);"
local empty = ffi.load "build/bench/empty.so"

local IDLE = "function handle_data() end"
local HANDLES = [[
local fast, slow, up
function initialize(ctx)
    local asset = ctx:symbols()[1]
    fast, slow = ctx:indicator("sma", asset, { n = 20 }), ctx:indicator("sma", asset, { n = 100 })
    up = 0
end
function handle_data()
    if fast[-1] > slow[-1] then up = up + 1 end
end]]
local HELD = [[
local list, ordered
function initialize(ctx)
    list, ordered = ctx:symbols(), false
end
function handle_data(ctx)
    if not ordered then
        ordered = true
        for _, asset in ipairs(list) do ctx:order(asset, 100) end
    end
end]]

local bundle = data.sma400()

-- A function that takes the seconds of RUNS backtests, and the bars of one.
local function runs(strategy, start_date)
    local job = grid.job(strategy, bundle, { start_date = start_date })
    local list, bars = {}, nil
    for i = 1, RUNS do
        list[i] = {}
    end
    grid.run(job, { {} }, function(_, result)
        bars = #result.equity.value
    end)
    return function()
        return measure.cpu(function()
            grid.run(job, list)
        end)
    end, bars
end

-- Nanoseconds of a bar.
local function bar_of(strategy)
    local long, bars = runs(strategy, "2000-01-03")
    local short, few = runs(strategy, "2024-01-02")
    return function()
        return (long() - short()) / RUNS / (bars - few) * 1e9
    end
end

local function call()
    local sum = 0
    return measure.cpu(function()
        for i = 1, CALLS do
            sum = sum + empty.bench_nothing(i)
        end
    end) / CALLS * 1e9
end

for _, case in ipairs {
    { id = "quiet", what = "a bar, empty handle_data / empty FFI call", strategy = IDLE },
    { id = "quiet-handles", what = "a bar that reads two handles / empty FFI call",
        strategy = HANDLES },
    { id = "quiet-held", what = "a bar with eight positions / empty FFI call", strategy = HELD },
} do
    rows.add(measure.alternate(ROUNDS, bar_of(case.strategy), call), {
        id = case.id, what = case.what, unit = "ns",
    })
end
