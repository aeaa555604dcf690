-- Several objectives at once, and hard constraints on results: from Lua and from the command line.

local json = require "backlua.json"
local misuse = require "spec.support.misuse"
local opt = require "backlua.optimization"

local raises = misuse.raises

local function space()
    return opt.ParameterSpace {
        opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1 },
        opt.DiscreteParameter { name = "n", min_value = 0, max_value = 4 },
        opt.CategoricalParameter { name = "mode", choices = { "good", "bad" } },
    }
end

-- The front: 0 <= x <= 1 with n = 0 and mode "good".
local function left(p)
    return -p.x ^ 2 - p.n - (p.mode == "bad" and 1 or 0)
end

local function right(p)
    return (p.x - 1) ^ 2 + p.n + (p.mode == "bad" and 1 or 0)
end

local BOTH = { left, opt.ObjectiveFunction { custom_function = right, higher_is_better = false } }

local function search(given)
    given.algorithm = given.algorithm
        or opt.NSGA2Optimizer { parameter_space = space(), n_iter = 120, population_size = 20 }
    given.objective = given.objective or BOTH
    return assert(opt.ParallelOptimizer(given):run {})
end

local function dominates(a, b)
    return a[1] >= b[1] and a[2] <= b[2] and (a[1] > b[1] or a[2] < b[2])
end

describe("a search with two objectives", function()
    for _, name in ipairs { "NSGA2Optimizer", "TPEOptimizer", "RandomSearchAlgorithm",
        "SobolSearchAlgorithm", "LatinHypercubeAlgorithm" } do
        it("has one front for any number of workers: " .. name, function()
            local hashes = {}
            for i, workers in ipairs { 1, 2, 3, 8 } do
                local results = search { n_jobs = workers, seed = 3,
                    algorithm = opt[name] { parameter_space = space(), n_iter = 80 } }
                hashes[i] = results.result_hash
                assert.is_nil(results.best)
                assert.is_true(#results.front > 0)
            end
            for i = 2, #hashes do
                assert.equal(hashes[1], hashes[i])
            end
        end)
    end

    it("covers a grid", function()
        local results = search { algorithm = opt.GridSearchAlgorithm(space()) }
        assert.equal(100, #results.trials)
        assert.equal(10, #results.front) -- every x of the grid, at n = 0 and "good"
        for i, t in ipairs(results.front) do
            assert.equal(0, t.params.n)
            assert.equal(left(t.params), t.scores[1])
            assert.equal(right(t.params), t.scores[2])
            assert.is_true(i == 1 or t.scores[1] < results.front[i - 1].scores[1])
        end
    end)

    it("gives a front that nothing dominates", function()
        local results = search {}
        local on = {}
        for _, t in ipairs(results.front) do
            on[t.trial] = true
        end
        for _, t in ipairs(results.trials) do
            local beaten = false
            for _, other in ipairs(results.trials) do
                beaten = beaten or dominates(other.scores, t.scores)
            end
            assert.equal(not beaten, on[t.trial] or t.duplicate_of ~= nil and not beaten)
        end
    end)

    it("is invalid in one of them as in both", function()
        local results = search { objective = { left, function(p)
            return p.n == 0 and 0 / 0 or p.n
        end } }
        for _, t in ipairs(results.trials) do
            assert.equal(t.params.n == 0 and "invalid" or "done", t.state)
            assert.is_true(t.state == "done" or t.scores[1] ~= t.scores[1])
        end
    end)

    it("refuses what knows one objective, too many of them, the same twice", function()
        raises(function()
            opt.ParallelOptimizer {
                algorithm = opt.BayesianOptimizer { parameter_space = space() }, objective = BOTH,
            }:run {}
        end, "the search gp knows one objective, not 2; several take nsga2, tpe")
        raises(function()
            opt.ParallelOptimizer { space(), objective = { left, right, left, right, left } }
        end, "at most 4 at once, got 5")
        raises(function()
            opt.ParallelOptimizer { space(), objective = { "sharpe", "sharpe_ratio" } }
        end, "sharpe_ratio is there twice")
        raises(function()
            opt.ParallelOptimizer { space(), objective = { "sharpe", "max_drawdwn" } }
        end, "objective[2]: metric is not a metric: 'max_drawdwn'; did you mean 'max_drawdown'?")
    end)
end)

describe("asking by hand", function()
    it("takes a score for each objective", function()
        local algorithm = opt.NSGA2Optimizer {
            parameter_space = space(), n_iter = 60, population_size = 10, objectives = 2,
        }
        local results = search { n_jobs = 1, batch = 1, algorithm = opt.NSGA2Optimizer {
            parameter_space = space(), n_iter = 60, population_size = 10 } }
        for _, t in ipairs(results.trials) do
            local p = algorithm:suggest()
            assert.same(t.params, p)
            algorithm:update(p, { left(p), -right(p) })
        end
        assert.is_true(algorithm:is_complete())
    end)

    it("takes what violates and what was pruned", function()
        local algorithm = opt.TPEOptimizer { parameter_space = space(), n_iter = 10 }
        algorithm:update(algorithm:suggest(), 1, { violation = 0.5 })
        algorithm:update(algorithm:suggest(), 1, { steps = 2 })
        raises(function() algorithm:update(algorithm:suggest(), 1, { violaton = 1 }) end,
            "unknown option 'violaton'; did you mean 'violation'?")
        raises(function() algorithm:update(algorithm:suggest(), { 1, 2 }) end,
            "score must be a number (NaN for a failure), got a table")
        local two = opt.TPEOptimizer { parameter_space = space(), n_iter = 10, objectives = 2 }
        raises(function() two:update(two:suggest(), 1) end,
            "score must be an array of 2 numbers (NaN for a failure), got 1")
    end)
end)

describe("constraints on results", function()
    local function near_one(p) return p.x - 0.5 end

    it("that are violated are never the best, in every search", function()
        for _, name in ipairs { "TPEOptimizer", "BayesianOptimizer", "CMAESOptimizer",
            "RandomSearchAlgorithm", "GeneticAlgorithm" } do
            local algorithm = opt[name](name == "GeneticAlgorithm"
                and { parameter_space = space(), population_size = 20, max_generations = 3 }
                or { parameter_space = space(), n_iter = 50 })
            local results = search { algorithm = algorithm, constraints = { near_one },
                objective = function(p) return p.x - p.n end }
            assert.is_true(results.best.params.x <= 0.5, name)
            assert.is_true(results.stats.violated > 0, name)
            for _, t in ipairs(results.trials) do
                assert.equal(t.params.x > 0.5 and "violated" or "done", t.state)
                assert.equal(t.params.x > 0.5 and t.params.x - 0.5 or nil, t.violation)
                assert.equal(t.params.x - t.params.n, t.score)
            end
        end
    end)

    it("that nothing holds are the reason told", function()
        local results, err = opt.ParallelOptimizer { space(), objective = function() return 1 end,
            max_trials = 5, constraints = { function() return 1 end } }:run {}
        assert.is_nil(results)
        assert.equal("no trial of 5 came to a score; 5 violate a constraint on results",
            err.message)
    end)

    it("are not on the front", function()
        for _, t in ipairs(search { constraints = { near_one } }.front) do
            assert.is_true(t.params.x <= 0.5)
        end
    end)

    it("say what is wrong with them", function()
        local function with(constraints)
            return function()
                opt.ParallelOptimizer { space(), constraints = constraints }
            end
        end
        raises(with { min_trade = 3 }, "unknown constraint 'min_trade'; did you mean 'min_trades'?")
        raises(with { max_drawdown = 0.2 }, "max_drawdown is 0 or less: write -0.2")
        raises(with { min_trades = "3" }, "[min_trades] must be a number by the name of a limit")
        raises(function()
            opt.ParallelOptimizer { space(), objective = left, constraints = { min_trades = 3 } }
                :run {}
        end, "constraints on metrics need a strategy")
        local results, err = opt.ParallelOptimizer { space(), objective = left,
            constraints = { function() return "no" end } }:run {}
        assert.is_nil(results)
        assert.truthy(err.message:find("constraints: the function must return a number", 1, true))
    end)
end)

describe("several objectives of a strategy", function()
    local study = require "spec.support.study"
    local bed

    setup(function() bed = study.bed { extra = [[
        objective = { "sharpe_ratio", "max_drawdown" },
        constraints = { min_trades = 30, max_drawdown = -0.3 },
    ]] } end)
    teardown(function() bed:close() end)

    it("reach table, JSON, study and resume", function()
        local done = bed:optimize { "--study", "front" }
        assert.is_true(done.best == nil or done.best == json.null)
        assert.is_true(#done.front > 0)
        assert.truthy(done.front[1].scores.max_drawdown)
        local violated = 0
        for _, t in ipairs(done.trials) do
            if t.state ~= "infeasible" then
                local kept = t.metrics.trades >= 30 and t.metrics.max_drawdown >= -0.3
                violated = violated + (kept and 0 or 1)
                assert.equal(kept and "done" or "violated", t.state)
                assert.same({ t.metrics.sharpe_ratio, t.metrics.max_drawdown }, t.scores)
            end
        end
        assert.is_true(violated > 0 and violated == done.stats.violated)
        local best = bed:run { "study", "best", "front" }
        assert.truthy(best.out:find("sharpe_ratio +max_drawdown"), best.out)
        local list = json.decode(bed:run { "study", "best", "front", "--json" }.out)
        assert.same(done.front, list)
        assert.equal("unknown", done.luck.verdict)
        assert.truthy(done.luck.sentence:find("told for one objective only", 1, true))
        local again = bed:run { "study", "resume", "front", "--json" }
        assert.equal(done.result_hash, json.decode(again.out).result_hash)
    end)
end)
