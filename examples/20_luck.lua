-- Is the best of many trials luck? The verdict, what else could have happened to the best, and
-- whether it lives on the exact prices of its history.
--
--     backlua examples/20_luck.lua demo
--
-- Look for: the Sharpe ratio that luck alone shows, beside the best one; and how wide the interval
-- of the drawdown is, which a single history hides; and how much of the Sharpe ratio is left when
-- each bar stands 1 % higher or lower, at random.

local backlua = require "backlua"
local opt = require "backlua.optimization"

local bundle = arg[1] or "demo"
local strategy = (arg[0]:match "^(.*/)" or "") .. "01_sma_cross.lua"

local results = assert(opt.ParallelOptimizer {
    strategy = strategy, bundle = bundle,
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 45, step = 10 },
        opt.DiscreteParameter { name = "slow", min_value = 60, max_value = 200, step = 20 },
    } },
}:run())

local luck = results.luck
print(luck.sentence)
print(("%d trials tried, worth %.1f independent ones; plateau %.2f"):format(luck.tried,
    luck.effective, luck.plateau))

local best = assert(backlua.run { strategy = strategy, bundle = bundle,
    params = results.best.params })

-- Its days drawn again in blocks, then its trades in other orders: a thousand histories each.
for _, method in ipairs { "bootstrap", "permutation" } do
    local simulated = assert(opt.MonteCarloSimulator { method = method }:run(best))
    for _, name in ipairs { "sharpe_ratio", "total_return", "max_drawdown" } do
        local band = simulated[name]
        if band then
            print(("%-11s  %-12s  %5.2f, 95 %% within %.2f .. %.2f"):format(method, name,
                band.observed, band.low, band.high))
        end
    end
end

-- Its prices times noise, all assets at once: a strategy that found something survives that.
local noise = assert(opt.NoiseInfusionSimulator {
    n_simulations = 100, params = results.best.params,
}:run { strategy = strategy, bundle = bundle })
print(("noise of 1 %%: Sharpe ratio %.2f becomes %.2f (%.0f %% less), 5 %% below %.2f: %s"):format(
    noise.score.observed, noise.score.mean, noise.score.degradation, noise.score.p5,
    noise.verdict))
