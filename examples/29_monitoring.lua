-- What caches, bundle pool and workers did.
--
--     backlua examples/29_monitoring.lua demo
--
-- Look for: the hit rate, which counts all workers: what one of them derives from a bundle the
-- others find. The second search on the same pool forks nothing. Plain windows of history appear
-- nowhere: they are pointers into the data, there is nothing to cache.

local opt = require "backlua.optimization"

local folder = arg[0]:match "^(.*/)" or ""

local space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 40, step = 5 },
    opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 200, step = 25 },
} }

local pool = opt.PersistentWorkerPool { n_jobs = 2 }
for run = 1, 2 do
    assert(opt.ParallelOptimizer { param_space = space, worker_pool = pool }:run {
        strategy = folder .. "01_sma_cross.lua", bundle = arg[1] or "demo",
        progress = function(state) -- called now and then, and once at the end
            if state.done == state.total then
                print(("run %d: %d trials, %.0f a second, best %.3f"):format(run, state.done,
                    state.rate, state.best.score))
            end
        end,
    })
end

local cache = opt.DataCache.get_instance():get_stats()
print(("cache: hit rate %.1f %%, %.1f of %.0f MB in %d entries"):format(100 * cache.hit_rate,
    cache.memory_usage_mb, cache.max_memory_mb, cache.entries))

local bundles = opt.BundleConnectionPool.get_instance()
print(("bundles: %d open, at most %d"):format(#bundles.bundle_connections, bundles.max_pool_size))

local workers = pool:get_statistics()
print(("workers: %d alive, %d forked, %d tasks in %d batches"):format(workers.processes,
    workers.forks, workers.total_tasks, workers.batch_count))
pool:close()
