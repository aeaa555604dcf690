-- What the environment says wins over what a script sets.
--
--     BACKLUA_CACHE_SIZE_GB=4.0 backlua examples/28_environment.lua
--     RUSTYBT_CACHE_SIZE_GB=1.5 backlua examples/28_environment.lua
--     BACKLUA_LRU_MAXSIZE=256 BACKLUA_ENABLE_CACHING=false backlua config show
--     BACKLUA_CACHE_SIZE_GB=4,0 backlua config show
--
-- Look for: the cache's size in force, not the one that the script asks for. Names with the prefix
-- RUSTYBT_ are understood where that with BACKLUA_ is unset. `config show` says of each setting
-- where it comes from; a value that makes no sense is an error, never a silent default.

local opt = require "backlua.optimization"

local function show(what)
    print(("%-15s cache of %.0f MB, pool of %d bundles"):format(what,
        opt.DataCache.get_instance():get_stats().max_memory_mb,
        opt.BundleConnectionPool.get_instance().max_pool_size))
end

show "at the start:"

-- Any run puts its config in force, below the environment.
assert(opt.ParallelOptimizer {
    param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3 },
    },
    objective = function(p) return p.n end,
    config = opt.OptimizationConfig { cache_size_gb = 0.5, max_bundle_pool_size = 7 },
}:run())

show "after the run:"
