-- Return against drawdown: a front instead of one best.
--
--     backlua optimize examples/22_several_objectives.lua
--
-- Look for: a table in which no row is beaten by another one in both columns; down it the drawdown
-- shrinks and so does the return. Which of them to trade is your choice, not the program's. Trials
-- that violate a constraint are kept and counted, and are not on the front.

local opt = require "backlua.optimization"

return opt.ParallelOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    algorithm = opt.NSGA2Optimizer {
        parameter_space = opt.ParameterSpace { parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 50 },
            opt.DiscreteParameter { name = "slow", min_value = 60, max_value = 215 },
        } },
        n_iter = 200,
        population_size = 20,
    },
    objective = { "cagr", "max_drawdown" },
    constraints = { min_trades = 20, max_drawdown = -0.6 },
}
