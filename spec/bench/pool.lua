-- W1: five batches of twenty tasks on eight workers: a pool for each batch against one that stays.
-- A task is a backtest of one month, so that the pool is what costs. The guide's system: 14.685 s
-- and 3.675 s.

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 10
local WORKERS, BATCHES = 8, 5

local function batch(pool)
    local results, err = opt.ParallelOptimizer {
        worker_pool = pool, max_trials = 20, capital = 1000000,
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 13, step = 2 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 80, step = 10 },
        } },
    }:run {
        strategy = "spec/bench/strategies/handle.lua", bundle = data.sma400(),
        start_date = "2023-06-01", end_date = "2023-06-30",
    }
    assert(results, err and err.message)
    return results.result_hash
end

local function fresh()
    local hash
    for _ = 1, BATCHES do
        local pool = opt.PersistentWorkerPool { n_jobs = WORKERS }
        hash = batch(pool)
        pool:close()
    end
    return hash
end

local function kept()
    local pool, hash = opt.PersistentWorkerPool { n_jobs = WORKERS }, nil
    for _ = 1, BATCHES do
        hash = batch(pool)
    end
    pool:close()
    return hash
end

assert(kept() == fresh(), "bench: the two sides disagree")
rows.add(measure.alternate(ROUNDS, function() return clock.wall(kept) * 1e3 end,
    function() return clock.wall(fresh) * 1e3 end), {
    id = "W1", what = "5 x 20 tasks, 8 workers: one pool / a pool each (theirs 3675 / 14685 ms)",
    unit = "ms",
})
