-- Is the best of many trials luck? The history it might have had, and what chance alone finds.
--
--     backlua examples/20_luck.lua demo
--
-- Look for: how wide the interval of the drawdown is, which a single history hides; and whether the
-- best Sharpe ratio of the grid stands above the one that so many trials show without any skill.

local backlua = require "backlua"
local opt = require "backlua.optimization"
local stats = require "backlua.stats"

local bundle = arg[1] or "demo"
local strategy = (arg[0]:match "^(.*/)" or "") .. "01_sma_cross.lua"

local results = assert(opt.ParallelOptimizer {
    strategy = strategy, bundle = bundle,
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = 45, step = 10 },
        opt.DiscreteParameter { name = "slow", min_value = 60, max_value = 200, step = 20 },
    } },
}:run())

local best = assert(backlua.run {
    strategy = strategy, bundle = bundle, params = results.best.params,
})
local returns = best.daily.returns

-- Monte Carlo: the days of the best run drawn again in blocks, a thousand histories.
local rows = stats.bootstrap_rows(#returns, 1000, stats.block_length(returns))
local drawdowns = stats.bootstrap(returns, rows, "max_drawdown")
table.sort(drawdowns)
print(("drawdown %.1f %%, of resampled histories 90 %% between %.1f and %.1f %%"):format(
    100 * best.metrics.max_drawdown, 100 * drawdowns[50], 100 * drawdowns[950]))

-- Deflated Sharpe ratio: the probability that the best is more than the luckiest of so many.
local sharpes, a = {}, math.sqrt(best.periods_per_year)
for i, trial in ipairs(results.trials) do
    sharpes[i] = trial.metrics.sharpe_ratio / a
end
local spread = stats.moments(sharpes).sd
print(("best of %d trials: Sharpe %.2f; by luck alone about %.2f; deflated %.0f %%"):format(
    #sharpes, results.best.score, spread * stats.expected_max(#sharpes) * a,
    100 * stats.dsr(returns, #sharpes, spread ^ 2)))
