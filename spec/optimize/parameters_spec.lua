-- Parameters with steps, orders, conditions, fixed and derived values, through real optimisations.

local opt = require "backlua.optimization"
local raises = require "spec.support.misuse".raises

local function run(space, objective, settings)
    settings = settings or {}
    settings.param_space = not settings.algorithm and space or nil
    settings.objective, settings.n_jobs = objective, 2
    return assert(opt.ParallelOptimizer(settings):run {})
end

local function tree()
    return opt.ParameterSpace {
        opt.CategoricalParameter { name = "exit", choices = { "trail", "target" } },
        opt.ContinuousParameter { name = "trail", min_value = 0.1, max_value = 0.3, step = 0.1,
            active_if = { exit = "trail" } },
        opt.DiscreteParameter { name = "target", min_value = 1, max_value = 2,
            active_if = { exit = { "target" } } },
        opt.FixedParameter { name = "lot", value = 100 },
        opt.DerivedParameter { name = "slow", value = function(p) return p.lot * 2 end },
        opt.DerivedParameter { name = "slower", value = function(p) return p.slow + 1 end },
    }
end

describe("parameters of every kind", function()
    it("reach the objective as they are, a grid once", function()
        local results = run(tree(), function(p)
            assert(p.lot == 100 and p.slow == 200 and p.slower == 201)
            assert((p.exit == "trail") == (p.trail ~= nil))
            assert((p.exit == "target") == (p.target ~= nil))
            return (p.trail or 0) + (p.target or 0)
        end)
        assert.equal(5, tree():cardinality())
        local got = {}
        for i, t in ipairs(results.trials) do
            assert.equal("done", t.state, t.message)
            assert.is_true(tree():validate_params(t.params))
            got[i] = t.score
        end
        assert.same({ 0.1, 0.2, 0.3, 1, 2 }, got) -- 0.3, not 0.30000000000000004
        assert.same({ exit = "target", target = 2, lot = 100, slow = 200, slower = 201 },
            results.best.params)
    end)

    it("work with every algorithm", function()
        for _, name in ipairs { "RandomSearchAlgorithm", "SobolSearchAlgorithm", "TPEOptimizer",
            "BayesianOptimizer", "GeneticAlgorithm", "CMAESOptimizer", "NSGA2Optimizer" } do
            local results = run(nil, function(p)
                return (p.trail or 0) + (p.target or 0)
            end, { algorithm = opt[name](tree()) })
            assert.equal(5, #results.trials, name)
        end
    end)

    it("are seen by a constraint before a trial is spent", function()
        local calls = run(tree(), function(p) return p.slow end, {
            constraint = function(p) return p.slow == 200 and p.target ~= 2 end,
        })
        assert.equal(4, calls.stats.computed - calls.stats.infeasible)
    end)

    it("fail with the name of a derived one that fails", function()
        for _, value in ipairs { function() error "no" end, function() return {} end } do
            local results, err = opt.ParallelOptimizer {
                opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3 },
                    opt.DerivedParameter { name = "twice", value = value },
                },
                objective = function() return 1 end, n_jobs = 1,
            }:run {}
            assert.is_nil(results)
            assert.equal("usage", err.code)
            assert.truthy(err.message:find("parameter 'twice'", 1, true))
        end
    end)
end)

describe("a parameter", function()
    it("refuses what makes no sense, at its own line", function()
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1, step = 0.3 }
        end, "step 0.3 does not divide the range 0..1", "0.9 or 1.2")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1, step = 0.5,
                points = 3 }
        end, "not both")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 1, max_value = 2, step = 0.5,
                prior = "normal" }
        end, "prior uniform, got normal")
        raises(function() opt.FixedParameter { name = "x" } end, "value is required")
        raises(function() opt.FixedParameter { name = "x", value = {} } end, "got a table")
        raises(function() opt.DerivedParameter { name = "x" } end, "value is required")
        raises(function()
            opt.DerivedParameter { name = "2x", value = function() end }
        end, "a Lua name", "'2x'")
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 2, active_if = {} }
        end, "active_if must be a table of one entry")
    end)

    it("names what its condition lacks", function()
        local function space(condition)
            return opt.ParameterSpace {
                opt.CategoricalParameter { name = "exit", choices = { "trail", "target" } },
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 2,
                    active_if = condition },
            }
        end
        raises(function() space { exti = "trail" } end, "did you mean 'exit'?")
        raises(function() space { exit = "stop" } end, "'exit' being stop, which it never is")
        raises(function()
            opt.ParameterSpace {
                opt.DiscreteParameter { name = "n", min_value = 1, max_value = 2 },
                opt.DerivedParameter { name = "n", value = function() return 1 end },
            }
        end, "'n' is in the space twice")
        raises(function()
            opt.ParameterSpace { opt.DerivedParameter { name = "n", value = function() end } }
        end, "nothing to search")
    end)

    it("is missed or refused by validate_params as its condition says", function()
        local function why(params)
            return select(2, tree():validate_params(params))
        end
        assert.truthy(why { exit = "trail", lot = 100 }:find("'trail' is missing", 1, true))
        assert.truthy(why { exit = "trail", trail = 0.2, target = 1, lot = 100 }
            :find("'target' is not active: it needs exit", 1, true))
        assert.truthy(why { exit = "trail", trail = 0.25, lot = 100 }:find("steps of 0.1", 1, true))
        assert.truthy(why { exit = "trail", trail = 0.2, lot = 9 }:find("one of 100, got 9", 1,
            true))
    end)
end)
