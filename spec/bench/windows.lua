-- A walk-forward of twenty windows: what its trials share (indicator columns, prefix sums, the
-- warm-up before each window), with the cache on against off.

local clock = require "spec.bench.clock"
local data = require "spec.bench.data"
local measure = require "spec.bench.measure"
local opt = require "backlua.optimization"
local rows = require "spec.bench.rows"

local ROUNDS = tonumber(os.getenv "BENCH_ROUNDS") or 5

local function walk(caching, strategy)
    local results, err = opt.WalkForwardOptimizer {
        strategy = "spec/bench/strategies/" .. strategy .. ".lua", bundle = data.sma400(),
        n_jobs = 1, capital = 1000000, start_date = "2002-11-01",
        config = opt.OptimizationConfig { enable_caching = caching },
        param_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 25, step = 5 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 38 },
        } },
        window_config = opt.WindowConfig {
            train_period_days = 504, validation_period_days = 0, test_period_days = 252,
            step_size_days = 252,
        },
    }:run {}
    assert(results, err and err.message)
    return results
end

for _, strategy in ipairs { "handle", "array" } do
    local cache = opt.DataCache.get_instance()
    cache:clear()
    local on = walk(true, strategy)
    local stats = cache:get_stats()
    assert(on.result_hash == walk(false, strategy).result_hash, "bench: the two sides disagree")
    local measured = measure.alternate(ROUNDS,
        function() return clock.wall(function() walk(true, strategy) end) * 1e3 end,
        function() return clock.wall(function() walk(false, strategy) end) * 1e3 end)
    rows.add(measured, {
        id = "windows-" .. strategy, unit = "ms",
        what = ("%d windows, %ss: cache on / off; %.1f %% hits, %.1f MB"):format(#on.windows,
            strategy, 100 * stats.hit_rate, stats.memory_usage_mb),
    })
end
