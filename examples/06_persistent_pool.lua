-- Several searches on one crew of workers: a batch script over a list of experiments.
--
--     backlua examples/06_persistent_pool.lua demo
--
-- Look for: a best pair that is near the best of another period, too; one that is not, as here, was
-- the best of its past only. The pool keeps its workers, with their compiled code and their data,
-- for searches alike; for another strategy, bundle or period it forks them anew, in milliseconds.

local opt = require "backlua.optimization"

local bundle = arg[1] or "demo"
local folder = arg[0]:match "^(.*/)" or ""

local space = opt.ParameterSpace {
    parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 40, step = 5 },
        opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 200, step = 25 },
    },
}

local experiments = {
    { start_date = "2000-01-03", end_date = "2007-12-31" },
    { start_date = "2008-01-02", end_date = "2015-12-31" },
    { start_date = "2016-01-04", end_date = "2024-12-31" },
}

local pool = opt.PersistentWorkerPool { n_jobs = 2 }
for _, span in ipairs(experiments) do
    local optimizer = opt.ParallelOptimizer { param_space = space, worker_pool = pool }
    local results = assert(optimizer:run {
        strategy = folder .. "01_sma_cross.lua",
        bundle = bundle,
        start_date = span.start_date,
        end_date = span.end_date,
    })
    local best = results.best
    print(("%s to %s  fast %2d  slow %3d  Sharpe %.2f"):format(
        span.start_date, span.end_date, best.params.fast, best.params.slow, best.score))
end
pool:close()
