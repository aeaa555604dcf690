-- Algorithms asked by hand: suggest, update, is_complete.

local opt = require "backlua.optimization"
local raises = require "spec.support.misuse".raises

local function space()
    return opt.ParameterSpace {
        opt.ContinuousParameter { name = "x", min_value = -5, max_value = 10 },
        opt.DiscreteParameter { name = "n", min_value = 0, max_value = 20 },
        opt.CategoricalParameter { name = "mode", choices = { "flat", "steep" } },
    }
end

local function hill(p)
    return -(p.x - 3) ^ 2 / 10 - (p.n - 7) ^ 2 / 20 - (p.mode == "flat" and 1 or 0)
end

-- 72 points all over the space, and what they score.
local function scattered()
    local points, scores = {}, {}
    for x = -5, 10, 3 do
        for n = 0, 20, 4 do
            for _, mode in ipairs { "flat", "steep" } do
                points[#points + 1] = { x = x, n = n, mode = mode }
                scores[#scores + 1] = hill(points[#points])
            end
        end
    end
    return points, scores
end

local ALGORITHMS = { "RandomSearchAlgorithm", "TPEOptimizer", "BayesianOptimizer",
    "CMAESOptimizer", "NSGA2Optimizer", "SobolSearchAlgorithm" }

describe("an algorithm asked by hand", function()
    for _, name in ipairs(ALGORITHMS) do
        it("asks what the optimiser asks: " .. name, function()
            local function new()
                return opt[name] { space(), n_iter = 40, seed = 4 }
            end
            local results = assert(opt.ParallelOptimizer {
                algorithm = new(), objective = hill, batch = 8, n_jobs = 2,
            }:run {})
            local algorithm, count = new(), 0
            while not algorithm:is_complete() do
                for _, params in ipairs(algorithm:suggest(8)) do
                    count = count + 1
                    assert.same(results.trials[count].params, params)
                end
                for i = count - 7, count do
                    algorithm:update(results.trials[i].params, hill(results.trials[i].params))
                end
            end
            assert.equal(40, count)
            assert.is_nil(algorithm:suggest())
            assert.same({}, algorithm:suggest(3))
        end)
    end

    it("is complete when all have their score, in whatever order", function()
        local grid = opt.GridSearchAlgorithm(opt.ParameterSpace {
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3 },
            opt.DerivedParameter { name = "twice", value = function(p) return 2 * p.n end },
        })
        local all = grid:suggest(10)
        assert.same({ { n = 1, twice = 2 }, { n = 2, twice = 4 }, { n = 3, twice = 6 } }, all)
        for i = 3, 1, -1 do
            assert.is_false(grid:is_complete())
            grid:update(all[i], i)
        end
        assert.is_true(grid:is_complete())
    end)

    it("takes scores of other points", function()
        local a = opt.BayesianOptimizer { space(), seed = 2 }
        local points, scores = scattered()
        for i, params in ipairs(points) do
            a:update(params, scores[i])
        end
        assert.is_true(hill(a:suggest()) > -0.5) -- one point of thirty
    end)

    it("knows initial points", function()
        local points, scores = scattered()
        local a = opt.BayesianOptimizer { space(), initial_points = points,
            initial_scores = scores }
        assert.is_true(hill(a:suggest()) > -0.5)
        raises(function()
            opt.BayesianOptimizer { space(), initial_points = points, initial_scores = { 1 } }
        end, "as many initial_scores, 72, got 1")
        raises(function()
            opt.BayesianOptimizer { space(), initial_points = { { x = 1 } },
                initial_scores = { 1 } }
        end, "initial_points[1]: parameter 'n' is missing")
    end)

    it("says what is wrong at the caller's line", function()
        local a = opt.TPEOptimizer(space())
        raises(function() a:update({ x = 1, n = 2 }, 1) end, "parameter 'mode' is missing")
        raises(function() a:update({ x = 1, n = 2, mod = "flat" }, 1) end, "did you mean 'mode'?")
        raises(function() a:update({ x = 11, n = 2, mode = "flat" }, 1) end, "-5..10, got 11")
        raises(function() a:update({ x = 1, n = 2, mode = {} }, 1) end, "got a table")
        raises(function() a:update({ x = 1, n = 2, mode = "flat" }) end, "score must be a number")
        raises(function() a:update(7, 1) end, "params must be a table")
        raises(function() a:suggest(0) end, "1..1000000, got 0")
        raises(function() a.suggest() end, "call it with a colon")
    end)
end)
