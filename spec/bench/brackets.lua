-- The order-rich case: ten assets, a bracket on every entry, rebalanced weekly, 25 years of days,
-- against a plain C loop whose trades and equity are the same.

local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 31
local RUNS = 5

local bundle = data.walks(10, 6300)

-- Its output over some rounds.
local function plain(rounds)
    local pipe = assert(io.popen(("build/bench/brackets %s %d"):format(bundle, rounds)))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

local job = grid.job("spec/bench/strategies/brackets.lua", bundle)
grid.run(job, { {} }, function(_, result)
    local trades, equity = plain(1):match "trades (%d+) equity (%S+)"
    local last = result.equity.value[-1]
    assert(result.metrics.trades == tonumber(trades)
        and math.abs(last - equity) <= 1e-12 * math.abs(equity),
        ("bench: %d trades and %.17g, the plain C loop has %s and %s"):format(
            result.metrics.trades, last, trades, equity))
end)

-- Milliseconds of one round, the median of several; of one backtest, likewise.
local function c_loop()
    local times = {}
    for seconds in plain(11):gmatch "seconds (%S+)" do
        times[#times + 1] = tonumber(seconds) * 1e3
    end
    return measure.median(times)
end

local function backtest()
    local times = {}
    for i = 1, RUNS do
        times[i] = measure.cpu(function() grid.run(job, { {} }) end) * 1e3
    end
    return measure.median(times)
end

rows.add(measure.alternate(ROUNDS, backtest, c_loop), {
    id = "brackets", what = "10 assets, brackets, weekly, 25 years / plain C", unit = "ms",
})
