-- Whether a walk-forward is luck: of its tests, and of its choices in train.

local luck_walks = require "spec.support.luck_walks"
local market = require "spec.support.market"
local opt = require "backlua.optimization"
local stats = require "backlua.stats"

local RISK_FREE = 0.02

local function walk(options)
    local space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 9, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 40, step = 10 },
    } }
    options.algorithm = options.n_iter and opt.RandomSearchAlgorithm { space,
        n_iter = options.n_iter } or opt.GridSearchAlgorithm { space }
    options.n_iter = nil
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

    -- Returns in excess of 0 of the trials of train, by window and parameters.
    local function trains(r)
        local windows = {}
        for _, t in ipairs(r.trials) do
            if t.params.stage == "train" then
                local w = windows[t.params.window] or {}
                windows[t.params.window] = w
                w[#w + 1] = { key = t.params.fast * 1000 + t.params.slow, r:returns(t.trial) }
            end
        end
        return windows
    end

    it("is told of the choices of a grid by all trains, each session once", function()
        local r = walk { n_jobs = 1 }
        local columns, windows = {}, trains(r)
        for _, w in ipairs(windows) do
            table.sort(w, function(a, b) return a.key < b.key end)
        end
        for k = 1, 12 do
            columns[k] = {}
            for w, window in ipairs(windows) do
                for i = w == 1 and 1 or 250 - 120 + 1, 250 do
                    table.insert(columns[k], window[k][1][i])
                end
            end
        end
        assert.is_true(#windows > 3)
        assert.equal(250 + 120 * (#windows - 1), #columns[1])
        assert.equal(stats.pbo(columns, 10).pbo, r.luck.pbo)
        assert.equal(#windows, r.luck.pbo_windows)
    end)

    it("is told of other choices by their mean rank over the windows", function()
        local r = walk { n_jobs = 1, n_iter = 5 }
        local ranks, windows = {}, trains(r)
        for _, window in ipairs(windows) do
            local columns = {}
            for k, trial in ipairs(window) do
                columns[k] = trial[1]
            end
            for i, logit in ipairs(stats.pbo(columns, 10).logits) do
                ranks[i] = ranks[i] or {}
                table.insert(ranks[i], 1 / (1 + math.exp(-logit)))
            end
        end
        local below = 0
        for _, row in ipairs(ranks) do
            local sum = 0
            for _, rank in ipairs(row) do
                sum = sum + rank
            end
            below = below + (sum <= #row * (0.5 + 1e-9) and 1 or 0)
        end
        assert.equal(252, #ranks)
        assert.equal(below / 252, r.luck.pbo)
        assert.equal(#windows, r.luck.pbo_windows)
    end)

    it("says what drove it", function()
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

-- The full counts: make bench-luck.
describe("the verdict of a cross-validation and of a walk", function()
    it("is luck for noise, and not for a planted Sharpe ratio of 1.5", function()
        for mode, seed in pairs { cpcv = 2, walk = 4 } do
            assert.equal("luck", luck_walks.luck("field", 1, mode, "random", 12).verdict, mode)
            assert.equal("not luck", luck_walks.luck("planted", seed, mode, "random", 12).verdict,
                mode)
        end
    end)
end)
