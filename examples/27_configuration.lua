-- Caches and bundle pool, as an OptimizationConfig sets them.
--
--     backlua examples/27_configuration.lua demo
--
-- Look for: one result hash whatever is on or off: settings buy time and memory, never numbers. All
-- are on by default and cost nothing where they have nothing to do, so there is no number of
-- backtests below which to turn them off; the guide's rule for that is here to be tried.

local opt = require "backlua.optimization"

local folder = arg[0]:match "^(.*/)" or ""

local space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 40, step = 5 },
    opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 200, step = 25 },
} }

local configs = {
    { "default", opt.OptimizationConfig {
        enable_caching = true, cache_size_gb = 2.0, -- derived columns, for all workers together
        lru_maxsize = 128,                          -- lists of assets
        enable_bundle_pooling = true, max_bundle_pool_size = 100,
    } },
    { "large", opt.OptimizationConfig { cache_size_gb = 4.0, max_bundle_pool_size = 200 } },
    { "small", opt.OptimizationConfig { cache_size_gb = 0.001 } },
    { "caching off", opt.OptimizationConfig { enable_caching = false } },
    { "all off", opt.OptimizationConfig { enable_caching = false, enable_bundle_pooling = false } },
    { "guide's rule", space:cardinality() >= 50 and opt.OptimizationConfig()
        or opt.OptimizationConfig { enable_bundle_pooling = false } },
}

for _, entry in ipairs(configs) do
    local name, config = unpack(entry)
    local results = assert(opt.ParallelOptimizer {
        param_space = space, config = config, n_jobs = 2,
    }:run { strategy = folder .. "01_sma_cross.lua", bundle = arg[1] or "demo" })
    print(("%-12s  %.2f s  result %s"):format(name, results.stats.seconds,
        results.result_hash:sub(1, 12)))
end
