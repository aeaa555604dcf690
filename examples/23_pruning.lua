-- The grid of example 02, its hopeless cells stopped early.
--
--     backlua optimize examples/23_pruning.lua
--
-- Look for: the share of the blocks that were run, in the first line. A cell stops at the end of a
-- block, a sixteenth of the span, when it is likely worse than the best cell before its batch. With
-- MedianPruner {} in its place a third of the blocks is run, and the best cell may be among those
-- that started badly and were stopped.

local opt = require "backlua.optimization"

return opt.ParallelOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 43, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 240, step = 10 },
    } },
    objective = "sharpe_ratio",
    pruner = opt.WilcoxonPruner {},
}
