-- Bayesian optimisation: 48 trials where the grid over the same ranges has 7,644 cells.
--
--     backlua optimize examples/10_bayesian.lua
--
-- Look for: trials that gather where the score is high after the first ten, which are spread
-- evenly. Trials are asked in batches of 8, each from a model of all that was scored before; the
-- batch is a part of the study, so any number of workers gives the same one.

local opt = require "backlua.optimization"

local space = opt.ParameterSpace {
    parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 50 },
        opt.DiscreteParameter { name = "slow", min_value = 60, max_value = 215 },
    },
}

return opt.ParallelOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    start_date = "2010-01-04",
    end_date = "2014-12-31",
    algorithm = opt.BayesianOptimizer {
        parameter_space = space,
        n_iter = 48,
        acq_func = "EI",
    },
    objective = "sharpe_ratio",
    batch = 8,
    seed = 3,
}
