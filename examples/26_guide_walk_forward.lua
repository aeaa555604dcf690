-- The guide's walk-forward: a year of training, a quarter to validate, a quarter to test.
--
--     backlua examples/26_guide_walk_forward.lua demo
--
-- Look for: days are sessions, so 252 of them are a year. Each line is a window: what train liked
-- best, and what became of it afterwards; the last line is all tests as one account. From the
-- command line the same is `backlua walkforward`, see 16_walk_forward.lua.

local opt = require "backlua.optimization"

local folder = arg[0]:match "^(.*/)" or ""

local window_config = opt.WindowConfig {
    train_period_days = 252,
    validation_period_days = 63,
    test_period_days = 63,
    step_size_days = 63, -- roll forward by a quarter
    window_type = "rolling",
}

local wf_optimizer = opt.WalkForwardOptimizer {
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 25, step = 5 },
        opt.DiscreteParameter { name = "slow", min_value = 30, max_value = 90, step = 15 },
    } },
    window_config = window_config,
    n_jobs = 2,
}

local results = assert(wf_optimizer:run {
    strategy = folder .. "01_sma_cross.lua", bundle = arg[1] or "demo",
    start_date = "2018-01-01", end_date = "2023-12-31",
})

local function score(stage)
    return stage.score and ("%6.2f"):format(stage.score) or "     -"
end

for _, w in ipairs(results.windows) do
    print(("%s..%s  fast %2d  slow %2d  train %s  validation %s  test %s"):format(w.test.first,
        w.test.last, w.params.fast, w.params.slow, score(w.train), score(w.validation),
        score(w.test)))
end
print(("out of sample %.1f %%, Sharpe %.2f, efficiency %.2f"):format(
    100 * results.oos.metrics.total_return, results.oos.metrics.sharpe_ratio,
    results.efficiency or 0 / 0))
