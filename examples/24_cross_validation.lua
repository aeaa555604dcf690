-- Combinatorial purged cross-validation: many pasts instead of one walk.
--
--     backlua walkforward examples/24_cross_validation.lua
--
-- The sessions fall into six groups. Each pair of them is tested once with what a search over the
-- other four found: 15 splits, a search each, whose tests make up 5 paths over all sessions.
--
-- Look for: how far the paths' Sharpe ratios lie apart, where a walk-forward would have shown one
-- of them. With shared_search = true one search over the whole run serves all splits: it costs a
-- fifteenth, but positions then go on across the borders of groups.

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
