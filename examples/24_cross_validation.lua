-- Combinatorial purged cross-validation: many pasts instead of one walk.
--
--     backlua walkforward examples/24_cross_validation.lua
--
-- The sessions fall into six groups. Each pair of them is tested once with the best of the other
-- four: 15 splits, whose tests make up 5 paths over all sessions. One search serves all splits.
--
-- Look for: how far the paths' Sharpe ratios lie apart, and how many of the winners are below the
-- median in test; a half of them is what choosing at random gives.

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
        mode = "cpcv",
        groups = 6,
        test_groups = 2,
        purge_days = 20,  -- sessions around each tested group that no train sees
        embargo_days = 5, -- so many more behind it
    },
}
