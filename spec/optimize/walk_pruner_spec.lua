-- Walk-forward under a pruner and asynchronously; pruners with objectives that are functions.

local market = require "spec.support.market"
local opt = require "backlua.optimization"

local CROSS = require "spec.support.cross"

local function averages()
    return opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 15, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 60, step = 5 },
    } }
end

local function run_of(first, last)
    return { strategy = CROSS, bundle = "wave", start_date = first, end_date = last }
end

local function walk(settings, config)
    settings.param_space = not settings.algorithm and averages() or nil
    settings.window_config = opt.WindowConfig(config or { train_period_days = 252,
        validation_period_days = 63, test_period_days = 126 })
    return opt.WalkForwardOptimizer(settings):run(run_of("2012-01-01", "2014-12-31"))
end

local function median()
    return opt.MedianPruner { n_blocks = 6 }
end

-- Parameters of the trials that were stopped, and after how many blocks, as text.
local function stopped(trials, window)
    local list = {}
    for _, t in ipairs(trials) do
        if t.state == "pruned" and (not window or t.params.window == window) then
            list[#list + 1] = ("%d/%d %d"):format(t.params.fast, t.params.slow, #t.steps)
        end
    end
    table.sort(list)
    return list
end

setup(function() market.synthetic("wave", { assets = 2 }) end)
teardown(market.clean)

describe("a walk-forward under a pruner", function()
    it("stops in each window what a search alone would stop", function()
        local r = assert(walk { pruner = median() })
        for i, w in ipairs(r.windows) do
            local alone = assert(opt.ParallelOptimizer { averages(), pruner = median() }
                :run(run_of(w.train.first, w.train.last)))
            assert.is_true(alone.stats.pruned > 0)
            assert.same(stopped(alone.trials), stopped(r.trials, i))
            assert.same(alone.best.params, w.params)
        end
    end)

    it("runs validation and test to their ends, for any number of workers", function()
        local hash
        for jobs = 1, 3 do
            local r = assert(walk { pruner = median(), n_jobs = jobs, validate_best = 3 })
            hash = hash or r.result_hash
            assert.equal(hash, r.result_hash)
            for _, t in ipairs(r.trials) do
                assert.is_true(t.params.stage == "train" or t.state ~= "pruned")
            end
            assert.truthy(r.oos)
        end
    end)

    it("is refused where train has no blocks", function()
        local function message(pruner, config)
            local ok, raised = pcall(walk, { pruner = pruner }, config)
            assert.is_false(ok)
            return raised
        end
        assert.truthy(message(median(), { mode = "cpcv" }):find(
            "train of a cross-validation's split is several stretches", 1, true))
        assert.truthy(message(median(), { mode = "cpcv", shared_search = true }):find(
            "leave the pruner out", 1, true))
        assert.truthy(message(opt.MedianPruner { n_blocks = 30 }, { train_period_days = 20,
            test_period_days = 50 }):find("n_blocks 30 is more than the 20 bars of the shortest "
            .. "train", 1, true))
    end)
end)

describe("an objective that is a function, under a pruner", function()
    local function search(objective)
        return opt.ParallelOptimizer { averages(), pruner = median(), objective = objective,
            n_jobs = 1 }:run(run_of("2012-01-01", "2013-12-31"))
    end

    it("is asked after each block, and stops what its metric would stop", function()
        local metric = assert(search "sharpe_ratio")
        local own = assert(search(function(result) return result.metrics.sharpe_ratio end))
        assert.is_true(metric.stats.pruned > 0)
        assert.same(stopped(metric.trials), stopped(own.trials))
        assert.equal(metric.best.score, own.best.score)
        local wilcoxon = opt.WilcoxonPruner { n_blocks = 6 }
        local r = assert(opt.ParallelOptimizer { averages(), pruner = wilcoxon,
            objective = function(result) return result.metrics.sharpe_ratio end }
            :run(run_of("2012-01-01", "2013-12-31")))
        assert.equal("done", r.trials[r.best.trial].state)
    end)

    it("is told that it can look at metrics alone", function()
        local results, err = search(function(result) return #result.trades end)
        assert.is_nil(results)
        assert.truthy(err.message:find("result.trades: under a pruner the objective is asked after "
            .. "each block", 1, true), err.message)
        results, err = search(function() return "high" end)
        assert.is_nil(results)
        assert.truthy(err.message:find("must return a number", 1, true), err.message)
    end)
end)

describe("an asynchronous walk-forward", function()
    it("comes to every window's test, is marked, and goes on", function()
        for _, name in ipairs { "TPEOptimizer", "RandomSearchAlgorithm" } do
            local function once(study)
                return assert(opt.WalkForwardOptimizer {
                    algorithm = opt[name] { averages(), seed = 4 }, async = true, n_jobs = 2,
                    max_trials_per_window = 20, validate_best = 2, study = study,
                    window_config = opt.WindowConfig { train_period_days = 252,
                        validation_period_days = 63, test_period_days = 126 },
                }:run(run_of("2012-01-01", "2014-12-31")))
            end
            local r = once(name)
            assert.equal("1", r.manifest.async)
            for _, w in ipairs(r.windows) do
                assert.is_true(w.train.trials >= 20)
                assert.equal(2, w.validation.trials)
                assert.equal(1, w.test.trials)
                assert.is_true(w.train.score ~= nil and w.test.metrics ~= nil)
            end
            local again = once(name)
            assert.equal(0, again.stats.computed)
            for i, w in ipairs(again.windows) do
                assert.same(r.windows[i].params, w.params)
            end
        end
    end)
end)
