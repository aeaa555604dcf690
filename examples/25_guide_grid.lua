-- The guide's grid search: a whole number and a real one, an algorithm, a strategy of your own.
--
--     backlua examples/25_guide_grid.lua demo
--
-- Look for: a grid over a real parameter takes its `points`, here five, evenly in the logarithm.
-- The call is the guide's: make an optimiser once, :run it on a strategy, a bundle and dates.
-- Without n_jobs it takes the physical cores less one.

local opt = require "backlua.optimization"

local momentum = [[
    local momentum = { params = { lookback = 20, threshold = 0.01 } }

    function momentum.handle_data(ctx, data)
        for _, asset in ipairs(ctx:symbols()) do
            local close = data:history(asset, "close", ctx.params.lookback, "1d", "array")
            local gain = close[-1] / close[1] - 1
            local held = ctx.portfolio.positions[asset].amount > 0
            if (gain > ctx.params.threshold) ~= held then
                ctx:order_target_percent(asset, held and 0 or 1 / 8)
            end
        end
    end

    return momentum
]]

local param_space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "lookback", min_value = 10, max_value = 100, step = 10 },
    opt.ContinuousParameter { name = "threshold", min_value = 0.001, max_value = 0.1,
        prior = "log-uniform", points = 5 },
} }

local optimizer = opt.ParallelOptimizer {
    algorithm = opt.GridSearchAlgorithm(param_space),
    n_jobs = 2, -- bundle and caches are shared by the workers without being told
}

local results = assert(optimizer:run {
    strategy = momentum, bundle = arg[1] or "demo",
    start_date = "2020-01-01", end_date = "2023-12-31",
})

local best = results.best
print(("%d backtests, best: lookback %d, threshold %.4f, Sharpe %.2f"):format(
    results.stats.trials, best.params.lookback, best.params.threshold, best.score))
