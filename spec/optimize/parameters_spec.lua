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
        assert.equal(4, calls.stats.computed)
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

-- Values of the one parameter of a grid, or of a search, in trial order.
local function values_of(parameter, settings)
    local values = {}
    for i, t in ipairs(run(opt.ParameterSpace { parameter }, function(p) return -p.x end,
        settings).trials) do
        values[i] = t.params.x
    end
    return values
end

describe("numbers under a prior", function()
    it("make a grid of points, log-spaced under the log prior, ends exact", function()
        local function points(given)
            given.name = "x"
            return values_of(opt.ContinuousParameter(given))
        end
        assert.same({ 0, 0.25, 0.5, 0.75, 1 }, points { min_value = 0, max_value = 1, points = 5 })
        local log = points { min_value = 0.01, max_value = 1, prior = "log-uniform", points = 3 }
        assert.equal(0.01, log[1])
        assert.near(0.1, log[2], 1e-15)
        assert.equal(1, log[3])
        assert.equal(10, #points { min_value = 0, max_value = 1 })
        assert.same({ 1, 1.5, 2 }, points { min_value = 1, max_value = 2, prior = "normal",
            points = 3 })
        assert.same({ 1, 1.25, 1.5 }, points { min_value = 1, max_value = 1.5, step = 0.25 })
    end)

    -- Of 400 draws: a quarter of the logarithm's range, 100, lies below 0.01 (deviation 8.7); of a
    -- normal one 68.3 % within a deviation, a quarter of the range, of the middle, 273 (9.3).
    it("are drawn by it", function()
        local function count(given, low, high)
            given.name = "x"
            local space, n = opt.ParameterSpace { opt.ContinuousParameter(given) }, 0
            local algorithm = opt.RandomSearchAlgorithm { space, n_iter = 400, seed = 2 }
            for _, params in ipairs(algorithm:suggest(400)) do
                n = n + (params.x >= low and params.x < high and 1 or 0)
            end
            return n
        end
        assert.near(100, count({ min_value = 0.001, max_value = 10, prior = "log-uniform" }, 0,
            0.01), 27)
        assert.near(273, count({ min_value = 0, max_value = 4, prior = "normal" }, 1, 3), 28)
    end)

    it("may be whole: a grid has all, a search draws by the logarithm", function()
        local function whole(max, min)
            return opt.DiscreteParameter { name = "x", min_value = min or 1, max_value = max,
                prior = "log-uniform" }
        end
        assert.same({ 1, 2, 3, 4, 5 }, values_of(whole(5)))
        local few = 0
        for _, x in ipairs(values_of(whole(1e7, 1e3), { algorithm = opt.RandomSearchAlgorithm {
            opt.ParameterSpace { whole(1e7, 1e3) }, n_iter = 100 } })) do
            few = few + (x < 1e5 and 1 or 0)
        end
        assert.near(50, few, 15)
        local best = run(nil, function(p) return -math.abs(math.log(p.x / 700)) end, {
            algorithm = opt.TPEOptimizer { opt.ParameterSpace { whole(100000) }, n_iter = 80 } })
            .best
        assert.near(700, best.params.x, 140)
    end)
end)

describe("a parameter", function()
    it("refuses what makes no sense, at its own line", function()
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9, step = 2,
                prior = "log-uniform" }
        end, "log-uniform goes with step 1, got 2")
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 0, max_value = 9,
                prior = "log-uniform" }
        end, "min_value of 1 or more, got 0")
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 9, max_value = 1 }
        end, "max_value 1 is below min_value 9")
        raises(function()
            opt.DiscreteParameter { name = "n", min_value = 1, max_value = 9, step = 0 }
        end, "step must be an integer at least 1", "got 0")
        raises(function()
            opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1, points = 1 }
        end, "points must be an integer at least 2", "got 1")
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

    it("is asked for as a table by validate_params", function()
        local ok, message = pcall(function() tree():validate_params() end)
        assert.is_false(ok)
        assert.truthy(message:find "parameters_spec.lua:%d+: validate_params: a table .* got nil")
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
