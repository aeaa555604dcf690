-- Walk-forward: search three years, test the year that follows, roll on by a year.
--
--     backlua walkforward examples/16_walk_forward.lua
--
-- Look for: "Out of sample" and "Efficiency". What was found in train and did not come back in test
-- was noise; parameters that jump from window to window say the same.

local opt = require "backlua.optimization"

return opt.WalkForwardOptimizer {
    strategy = "01_sma_cross.lua",
    bundle = "demo",
    start_date = "2010-01-01",
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 35, step = 5 },
        opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 200, step = 25 },
    } },
    window_config = opt.WindowConfig {
        train_period_days = 756,      -- sessions
        validation_period_days = 126,
        test_period_days = 252,
        step_size_days = 252,
    },
    validate_best = 3, -- the best three of train are validated; the best of those is tested
}
