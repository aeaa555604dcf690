-- W4 to W7: workloads of the guide's system as a user would write them, CPU time. Its figures stand
-- in the rows; its machine and ours differ. Heavy: only by name (make bench B=workloads).

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local grid = require "spec.bench.grid"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5

-- Milliseconds of a backtest, a function to be called again.
local function backtest(strategy, bundle, params, options)
    local job = grid.job("spec/bench/strategies/" .. strategy .. ".lua", bundle, options)
    return function()
        return measure.cpu(function() grid.run(job, { params }) end) * 1e3
    end
end

local function several(call)
    local list = {}
    call() -- compiles
    for i = 1, ROUNDS do
        list[i] = call()
    end
    return list
end

local function report(id, what, list)
    rows.print {
        id = id, what = what, unit = "ms", value = measure.median(list),
        spread = measure.spread(list),
    }
end

-- ---- W4, W5 ----------------------------------------------------------------------------------

local YEAR = { start_date = "2001-01-01", end_date = "2001-12-31" }
report("W4", "10 symbols of 50, a year of days, SMA 50/200 (theirs 1,147 ms)",
    several(backtest("daily", data.walks(50, 752), {}, YEAR)))
report("W5-hourly", "5 symbols of 20, three months of minutes, hourly (theirs 17,030)",
    several(backtest("hourly", data.walks(20, 65, true), {})))
report("W5-minute", "3 symbols of 10, a month of minutes, every minute (theirs 3,790)",
    several(backtest("minutely", data.walks(10, 23, true), {})))

-- ---- W6 --------------------------------------------------------------------------------------

-- Few trades are enough: fifty are free, each further one costs.
local function penalized(result)
    local metrics = result.metrics
    return metrics.sharpe_ratio - math.max(0, metrics.trades - 50) / 100
end

local function discrete(name, min, max, step)
    return opt.DiscreteParameter { name = name, min_value = min, max_value = max, step = step }
end

local function heavy()
    local space = opt.ParameterSpace { parameters = {
        discrete("fast", 5, 50, 5), discrete("slow", 50, 200, 15),
        discrete("window", 10, 50, 10), discrete("scaling", 5, 15, 5),
        opt.CategoricalParameter { name = "threshold",
            choices = { 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1 } },
    } }
    local results, err = opt.ParallelOptimizer {
        algorithm = opt.RandomSearchAlgorithm { parameter_space = space, n_iter = 100, seed = 1 },
        n_jobs = 1, objective = penalized,
    }:run {
        strategy = "spec/bench/strategies/heavy.lua", bundle = data.ragged(),
        start_date = "2020-01-01", end_date = "2024-12-31",
    }
    assert(results, err and err.message)
end

report("W6", "100 of 16,500 cells with an ATR filter, 2020-2024 (theirs 689,090)",
    several(function() return clock.wall(heavy) * 1e3 end))

-- ---- W7 --------------------------------------------------------------------------------------

-- Nanoseconds per asset and bar.
local function scale(count)
    local run = backtest("daily", data.walks(count, 752), { count = count },
        { capital = 200000 * count }) -- for 100 shares of each
    return function()
        return run() * 1e6 / (count * 752)
    end
end

local ten = scale(10)
for _, count in ipairs { 50, 100, 500 } do
    rows.add(measure.alternate(ROUNDS, scale(count), ten), {
        id = "W7-" .. count, unit = "ns",
        what = ("an asset-bar of %d assets / of 10"):format(count),
    })
end
