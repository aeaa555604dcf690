-- AutoSearchAlgorithm: each branch of the rule, at its borders; and nothing but the space, the
-- number of trials and the number of objectives decides.

local opt = require "backlua.optimization"
local misuse = require "spec.support.misuse"

local raises = misuse.raises

local function float(name, more)
    local settings = { name = name, min_value = 0, max_value = 1 }
    for key, value in pairs(more or {}) do
        settings[key] = value
    end
    return opt.ContinuousParameter(settings)
end

local function whole(name, last, more)
    local settings = { name = name, min_value = 1, max_value = last }
    for key, value in pairs(more or {}) do
        settings[key] = value
    end
    return opt.DiscreteParameter(settings)
end

local function choice(name, ordered)
    return opt.CategoricalParameter { name = name, choices = { "a", "b" }, ordered = ordered }
end

local function floats(n, ...)
    local list = { ... }
    for i = 1, n do
        list[#list + 1] = float("x" .. i)
    end
    return opt.ParameterSpace(list)
end

local function space(...)
    return opt.ParameterSpace { ... }
end

local function one() return 1 end

local function run(s, n, settings)
    settings = settings or {}
    return assert(opt.ParallelOptimizer {
        algorithm = opt.AutoSearchAlgorithm { s, n_iter = n, seed = 3 }, n_jobs = 1,
        max_trials = settings.max_trials or 1, objective = settings.objective or one,
    }:run {})
end

local function kind_of(s, n, objectives)
    return (run(s, n, { objective = objectives }).manifest.search:match "^%w+")
end

local TWO = { one, function() return 2 end }

describe("AutoSearchAlgorithm", function()
    it("takes the whole grid where it has no more cells than there are trials", function()
        assert.equal("grid", kind_of(space(whole("n", 100)), 100))
        assert.equal("gp", kind_of(space(whole("n", 101)), 100))
        assert.equal("grid", kind_of(space(whole("n", 50), choice "mode"), 100))
        assert.equal("tpe", kind_of(space(whole("n", 251), choice "mode"), 501))
        assert.equal("grid", kind_of(space(whole("n", 10), float("x", { step = 0.25 })), 50))
        assert.equal("gp", kind_of(space(whole("n", 10), float("x", { step = 0.25 })), 49))
        assert.equal("gp", kind_of(space(float "x"), 250))
    end)

    it("takes that grid before all else", function()
        assert.equal("grid", kind_of(space(whole("n", 100)), 100, TWO))
        assert.equal("grid", kind_of(space(choice "mode",
            whole("n", 9, { active_if = { mode = "a" } })), 100))
        assert.equal("grid", kind_of(space(whole("n", 6000)), 6000))
    end)

    it("takes TPE for several objectives up to 1,000 trials, NSGA-II beyond", function()
        assert.equal("tpe", kind_of(floats(2), 1000, TWO))
        assert.equal("nsga2", kind_of(floats(2), 1001, TWO))
        assert.equal("tpe", kind_of(space(choice "mode",
            float("x", { active_if = { mode = "a" } })), 1000, TWO))
        assert.equal("gp", kind_of(floats(2), 100, { one }))
    end)

    it("takes TPE where parameters depend on others, for any number of trials", function()
        for _, n in ipairs { 10, 250, 251, 5001 } do
            assert.equal("tpe", kind_of(space(choice "mode",
                float("x", { active_if = { mode = "a" } })), n))
        end
    end)

    it("takes the Gaussian process up to 250 trials and 20 parameters", function()
        for _, more in ipairs { { floats(1), floats(1) }, { floats(19, choice "mode"),
            floats(20, choice "mode") }, { floats(20), floats(21) } } do
            assert.equal("gp", kind_of(more[1], 250))
        end
        assert.equal("cmaes", kind_of(floats(21), 250))
        assert.equal("tpe", kind_of(floats(20, choice "mode"), 250))
        assert.equal("cmaes", kind_of(floats(20), 251))
        assert.equal("tpe", kind_of(floats(19, choice "mode"), 251))
    end)

    it("counts what is searched, not what is fixed or derived", function()
        assert.equal("gp", kind_of(floats(20, opt.FixedParameter { name = "lot", value = 100 },
            opt.DerivedParameter { name = "twice",
                value = function(p) return 2 * p.x1 end }), 250))
    end)

    it("takes CMA-ES for numbers, TPE and then a genetic algorithm for choices", function()
        assert.equal("cmaes", kind_of(floats(2), 5000))
        assert.equal("cmaes", kind_of(floats(2), 5001))
        assert.equal("tpe", kind_of(floats(2, choice "mode"), 5000))
        assert.equal("genetic", kind_of(floats(2, choice "mode"), 5001))
        assert.equal("cmaes", kind_of(floats(2, choice("mode", true)), 5001))
        assert.equal("cmaes", kind_of(space(whole("n", 6000)), 5001))
    end)

    it("never asks the clock", function()
        local space_of_two, kept = floats(2), {}
        for _, name in ipairs { "time", "clock" } do
            kept[name] = rawget(os, name)
            rawset(os, name, function() error("the clock was read", 0) end)
        end
        local made, why = pcall(opt.AutoSearchAlgorithm, { space_of_two, n_iter = 251 })
        for name, original in pairs(kept) do
            rawset(os, name, original)
        end
        assert.is_true(made, why)
    end)

    it("asks the same whether trials are quick or slow", function()
        local function score(p) return -(p.x1 - 0.3) ^ 2 - p.x2 end
        local function slow(p)
            os.execute "sleep 0.02"
            return score(p)
        end
        for _, n in ipairs { 250, 251 } do
            local quick = run(floats(2), n, { max_trials = 14, objective = score })
            local late = run(floats(2), n, { max_trials = 14, objective = slow })
            assert.equal(quick.manifest.search, late.manifest.search)
            for i, trial in ipairs(quick.trials) do
                assert.same(trial.params, late.trials[i].params)
            end
        end
    end)

    it("keeps to the number of trials", function()
        for _, n in ipairs { 30, 300 } do
            local algorithm = opt.AutoSearchAlgorithm { floats(2, choice "mode"), n_iter = n }
            assert.equal(n, #algorithm:suggest(n + 1))
        end
        raises(function() opt.AutoSearchAlgorithm { floats(2), n_iter = 0 } end, "at least 1")
        raises(function() opt.AutoSearchAlgorithm {} end, "parameter_space is required")
    end)
end)
