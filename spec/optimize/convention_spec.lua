-- The option convention of optimisers: metrics of trials, and so scores, by the definitions of
-- other libraries. By hand, as spec/backtest/convention_spec.lua.

local backtest = require "spec.support.backtest"
local market = require "spec.support.market"
local opt = require "backlua.optimization"

-- n = 10 is all in at the second bar, out at the last: equity 1000, 1000, 1100, 1210, 1089, returns
-- 0, 0, 0.1, 0.1, -0.1: of the sessions that moved two of three were won, of the trades one of one.
local STRATEGY = [[
    return {
        params = { n = 10 },
        initialize = function(ctx)
            ctx:set_commission(require("backlua.commission").none())
            ctx:set_slippage(require("backlua.slippage").none())
        end,
        handle_data = function(ctx)
            ctx.bar = (ctx.bar or 0) + 1
            if ctx.bar == 1 then ctx:order("A", ctx.params.n) end
            if ctx.bar == 4 then ctx:order("A", -ctx.params.n) end
        end,
    }]]

local function settings(convention, objective)
    return {
        strategy = STRATEGY, bundle = "climb", capital = 1000, periods_per_year = 4, n_jobs = 1,
        objective = objective, convention = convention,
        param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "n", min_value = 9, max_value = 10 },
        },
    }
end

local function run(convention, objective)
    return assert(opt.ParallelOptimizer(settings(convention, objective)):run {})
end

describe("an optimisation under a convention", function()
    setup(function()
        market.daily("climb", { A = market.path { 100, 100, 110, 121, 108.9 } })
    end)
    teardown(market.clean)

    it("scores trials by its definitions", function()
        assert.equal(1, run(nil, "win_rate").trials[2].score)
        assert.near(2 / 3, run("quantstats", "win_rate").trials[2].score, 1e-12)
        -- 4 of 5 periods a year are there; the deepest fall is a tenth
        local calmar = (1.089 ^ (4 / 5) - 1) / 0.1
        assert.near(calmar, run("empyrical", "calmar").trials[2].score, 1e-12)
    end)

    it("has the metrics of a single run under it, and the hash of any", function()
        for _, convention in ipairs(require "backlua.conventions") do
            local trial = run(convention, "sharpe").trials[2]
            local single = assert(backtest.run(STRATEGY, { bundle = "climb", capital = 1000,
                periods_per_year = 4, convention = convention }))
            for key, value in pairs(single.restated) do
                local got = trial.metrics[key]
                assert.is_true(got == value or got ~= got and value ~= value, key)
            end
            assert.equal(single.restated.sharpe_ratio, trial.score)
            assert.equal(single.hash, trial.hash)
        end
    end)

    it("is known by it: nothing scored otherwise is taken from memory", function()
        local first = run("quantstats", "win_rate")
        local again, other = run("quantstats", "win_rate"), run(nil, "win_rate")
        assert.equal("quantstats", first.manifest.options.convention)
        assert.equal(first.result_hash, again.result_hash)
        assert.not_equal(first.trials[2].score, other.trials[2].score)
    end)

    it("shows it to objectives that are functions", function()
        local seen = run("quantstats", function(result)
            return result.restated.win_rate - result.metrics.win_rate
        end)
        assert.near(2 / 3 - 1, seen.trials[2].score, 1e-12)
    end)

    it("holds for the windows of a walk, and is refused where stretches are joined", function()
        local walk = settings("quantstats", "win_rate")
        walk.window_config = opt.WindowConfig { train_period_days = 3, test_period_days = 2,
            step_size_days = 1 }
        local results = assert(opt.WalkForwardOptimizer(walk):run {})
        -- bought at the second bar, marked at the third: 0, 0, 0.1
        assert.equal(1, results.windows[1].train.metrics.win_rate)
        walk.window_config = opt.WindowConfig { mode = "cpcv", groups = 3 }
        local ok, message = pcall(function()
            return opt.WalkForwardOptimizer(walk):run {}
        end)
        assert.is_false(ok)
        assert.truthy(message:find("remove convention = \"quantstats\"", 1, true), message)
    end)

    it("names a convention that there is not", function()
        local ok, message = pcall(run, "pyfolio", "sharpe")
        assert.is_false(ok)
        assert.truthy(message:find("convention", 1, true) and message:find("empyrical", 1, true),
            message)
    end)
end)
