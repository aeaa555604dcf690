-- The guide's layers, one added at a time, on SMA-400 with handles: what each truly brings, also
-- where it brings nothing, with hit rates. Every stage must give the same result hash.

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5

local function config(caching, gigabytes, pooling)
    return opt.OptimizationConfig {
        enable_caching = caching, cache_size_gb = gigabytes, enable_bundle_pooling = pooling,
    }
end

-- A cache without room for a column leaves the asset lists alone in it.
local NO_ROOM = 1e-6

local kept = opt.PersistentWorkerPool { n_jobs = 2 }
local STAGES = {
    { "everything off", 1, config(false, 2, false) },
    { "+ asset-list cache", 1, config(true, NO_ROOM, false) },
    { "+ data and history cache", 1, config(true, 2, false) },
    { "+ bundle pooling", 1, config(true, 2, true) },
    { "+ a second worker", 2, config(true, 2, true) },
    { "+ persistent pool", 2, config(true, 2, true), kept },
}

local function grid(stage)
    local pool = stage[4] or opt.PersistentWorkerPool { n_jobs = stage[2] }
    local results, err = opt.ParallelOptimizer {
        worker_pool = pool, config = stage[3], capital = 1000000,
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 43, step = 2 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 10 },
        } },
    }:run { strategy = "spec/bench/strategies/handle.lua", bundle = data.sma400() }
    if not stage[4] then
        pool:close()
    end
    assert(results, err and err.message)
    return results.result_hash
end

-- Of one grid, from an empty cache.
local function cache_stats(stage)
    local cache = opt.DataCache.get_instance()
    cache:clear()
    grid(stage)
    return cache:get_stats()
end

local base = STAGES[1]
local expected = grid(base)
for i = 2, #STAGES do
    local stage = STAGES[i]
    assert(grid(stage) == expected, "bench: the layers disagree")
    local measured = measure.alternate(ROUNDS,
        function() return clock.wall(function() grid(stage) end) * 1e3 end,
        function() return clock.wall(function() grid(base) end) * 1e3 end)
    local stats = cache_stats(stage)
    rows.add(measured, {
        id = "layer-" .. i - 1, unit = "ms", judge = false,
        what = ("%s / all off; data cache %.1f %% hits, %.1f MB"):format(stage[1],
            100 * stats.hit_rate, stats.memory_usage_mb),
        hit_rate = stats.hit_rate, memory_mb = stats.memory_usage_mb,
    })
end
kept:close()
