-- Random search: 60 draws from a space that a grid would cut into thousands of cells.
--
--     backlua optimize examples/05_random_search.lua
--
-- Look for: a long lookback in most of the ten best, which 60 draws are enough to see; and the same
-- draws every time: the seed decides, not the clock and not the workers.

local opt = require "backlua.optimization"

local space = opt.ParameterSpace {
    parameters = {
        opt.DiscreteParameter { name = "lookback", min_value = 20, max_value = 260, step = 5 },
        opt.ContinuousParameter {
            name = "threshold", min_value = 0.001, max_value = 0.3, prior = "log-uniform",
        },
        opt.CategoricalParameter { name = "exit", choices = { "fall", "half" } },
    },
}

return opt.ParallelOptimizer {
    strategy = [[
        local momentum = { params = { lookback = 120, threshold = 0.05, exit = "fall" } }

        function momentum.handle_data(ctx, data)
            local n, enter = ctx.params.lookback, ctx.params.threshold
            local leave = ctx.params.exit == "half" and enter / 2 or 0
            for _, asset in ipairs(ctx:symbols()) do
                local close = data:history(asset, "close", n, "1d", "array")
                local gain = close[-1] / close[1] - 1
                local held = ctx.portfolio.positions[asset].amount > 0
                if gain > enter and not held then
                    ctx:order_target_percent(asset, 1 / 8)
                elseif gain < leave and held then
                    ctx:order_target(asset, 0)
                end
            end
        end

        return momentum
    ]],
    bundle = "demo",
    algorithm = opt.RandomSearchAlgorithm { parameter_space = space, n_iter = 60 },
    objective = "calmar_ratio",
    seed = 7,
}
