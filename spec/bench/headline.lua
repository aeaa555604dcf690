-- W2, the guide's headline: 400 combinations on its eight ragged symbols over 25 years, parallel,
-- in a pool that stays; everything on against everything off, and each layer alone. Its figures are
-- 279.48 s and 69.97 s; strategy and machine were not recorded, so ours is SMA-400's. Heavy: only
-- by name (make bench B=headline).

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 3
local WORKERS = 2

local function config(caching, gigabytes, pooling)
    return opt.OptimizationConfig {
        enable_caching = caching, cache_size_gb = gigabytes, enable_bundle_pooling = pooling,
    }
end

-- A cache without room for a column leaves the asset lists alone in it.
local NO_ROOM = 1e-6

local kept = opt.PersistentWorkerPool { n_jobs = WORKERS }
local STAGES = {
    { "all on", WORKERS, config(true, 2, true), kept },
    { "asset-list cache alone", 1, config(true, NO_ROOM, false) },
    { "data and history cache alone", 1, config(true, 2, false) },
    { "bundle pooling alone", 1, config(false, 2, true) },
    { "a second worker alone", WORKERS, config(false, 2, false) },
    { "persistent pool alone", 1, config(false, 2, false), kept },
}
local OFF = { "all off", 1, config(false, 2, false) }

local function grid(stage, strategy)
    local pool = stage[4] or opt.PersistentWorkerPool { n_jobs = stage[2] }
    local results, err = opt.ParallelOptimizer {
        worker_pool = pool, config = stage[3], capital = 1000000,
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 43, step = 2 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 10 },
        } },
    }:run { strategy = "spec/bench/strategies/" .. strategy .. ".lua", bundle = data.ragged() }
    if not stage[4] then
        pool:close()
    end
    assert(results, err and err.message)
    return results.result_hash
end

-- How many of the stages each strategy goes through.
for strategy, stages in pairs { handle = #STAGES, array = 1 } do
    local expected = grid(OFF, strategy)
    for i = 1, stages do
        local stage = STAGES[i]
        assert(grid(stage, strategy) == expected, "bench: the layers disagree")
        local measured = measure.alternate(ROUNDS,
            function() return clock.wall(function() grid(stage, strategy) end) end,
            function() return clock.wall(function() grid(OFF, strategy) end) end)
        rows.add(measured, {
            id = ("W2-%s-%d"):format(strategy, i - 1), unit = "s", judge = false,
            what = ("400 cells, %ss, %s / all off (theirs 69.97 / 279.48)"):format(strategy,
                stage[1]),
        })
    end
end
kept:close()
