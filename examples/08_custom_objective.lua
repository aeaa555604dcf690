-- An objective of your own: return per unit of the worst loss, but only of runs that traded.
--
--     backlua optimize examples/08_custom_objective.lua
--
-- Look for: how many trials are "without a score". An objective that returns NaN says "this one
-- does not count": it is never the best, whatever its other numbers are.

local opt = require "backlua.optimization"

return opt.ParallelOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    start_date = "2010-01-04",
    end_date = "2014-12-31",
    param_space = opt.ParameterSpace {
        parameters = {
            opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 45, step = 5 },
            opt.DiscreteParameter { name = "slow", min_value = 60, max_value = 240, step = 20 },
        },
    },
    objective = opt.ObjectiveFunction {
        metric = "custom",
        custom_function = function(result)
            local m = result.metrics
            if m.trades < 40 then
                return 0 / 0
            end
            return m.total_return / -m.max_drawdown
        end,
        higher_is_better = true,
    },
}
