-- The first optimisation of a process, as first_runs.lua starts it.
--
--     backlua spec/bench/once.lua TRIALS
--
-- The first TRIALS of SMA-400's grid over one year on up to two workers; caching and
-- pooling as the environment says. Prints the milliseconds and the result hash.

local opt = require "backlua.optimization"
local clock = require "spec.bench.clock"
local data = require "spec.bench.data"

local function discrete(name, min, max, step)
    return opt.DiscreteParameter { name = name, min_value = min, max_value = max, step = step }
end

local optimizer = opt.ParallelOptimizer {
    param_space = opt.ParameterSpace {
        parameters = { discrete("fast", 5, 43, 2), discrete("slow", 50, 240, 10) },
    },
    max_trials = tonumber(arg[1]), n_jobs = 2, capital = 1000000,
    strategy = "spec/bench/strategies/array.lua", bundle = data.sma400(),
    start_date = "2023-01-01", end_date = "2023-12-31",
}

local results, err
local seconds = clock.wall(function()
    results, err = optimizer:run {}
end)
assert(results, err and err.message)
print(("%.6f %s"):format(seconds * 1e3, results.result_hash))
