-- Whether a walk-forward is luck: of its tests, and of its choices in train.

local market = require "spec.support.market"
local opt = require "backlua.optimization"
local stats = require "backlua.stats"

local RISK_FREE = 0.02

local function walk(options)
    options.param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 9, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 40, step = 10 },
    } }
    options.window_config = opt.WindowConfig { train_period_days = 250,
        validation_period_days = 0, test_period_days = 120, step_size_days = 120 }
    return assert(opt.WalkForwardOptimizer(options):run {
        strategy = require "spec.support.cross", bundle = "wave", start_date = "2012-01-01",
        end_date = "2015-12-31" })
end

setup(function()
    market.synthetic("wave", { assets = 2 })
end)
teardown(market.clean)

describe("luck of a walk-forward", function()
    it("is that of the stitched tests, above the risk-free rate", function()
        local r = walk { n_jobs = 1, risk_free = RISK_FREE }
        local excess, daily = {}, (1 + RISK_FREE) ^ (1 / 252) - 1
        for i, x in ipairs(r.oos.daily) do
            excess[i] = x - daily
        end
        assert.near(stats.psr(excess), r.luck.psr, 1e-12)
        assert.near(stats.psr(excess), r.luck.dsr, 1e-12)
        assert.near(stats.moments(excess).sharpe * math.sqrt(252), r.luck.sharpe, 1e-12)
        assert.same(r.luck, walk({ n_jobs = 2, risk_free = RISK_FREE }).luck)
    end)

    it("is told of the choices by the mean over the windows, and says what drove it", function()
        local l = walk({ n_jobs = 1 }).luck
        assert.is_true(l.pbo_windows > 1 and l.pbo >= 0 and l.pbo <= 1)
        local best, choice = l.dsr < 0.95, l.pbo > 0.2
        assert.equal((best or choice) and "luck" or "not luck", l.verdict)
        assert.equal(best and choice and "both" or best and "best" or choice and "choice" or nil,
            l.driver)
        assert.equal(best, l.sentence:find("only", 1, true) ~= nil)
        assert.equal(choice, l.sentence:find("half of train is too often", 1, true) ~= nil)
        assert.equal(choice and not best, l.sentence:find("may not be", 1, true) ~= nil)
    end)
end)
