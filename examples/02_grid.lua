-- 400 combinations of the two averages of 01_sma_cross.lua, on all cores.
--
--     backlua optimize examples/02_grid.lua
--     backlua optimize examples/02_grid.lua -j 1 --study grid
--     backlua study best grid
--
-- Look for: the rate on the progress line, and the study's result hash, which is the same for any
-- number of workers. Interrupt it with Ctrl-C and it says how to resume.

local opt = require "backlua.optimization"

return opt.ParallelOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    param_space = opt.ParameterSpace {
        parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 43, step = 2 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 10 },
        },
    },
    -- Asked before a trial is spent. Here it holds for every pair; widen the ranges and see.
    constraint = function(p) return p.fast < p.slow end,
    objective = "sharpe_ratio",
}
