-- Asynchronous searches: every trial once, marked as what they are, gone on with behind the last.

local child = require "spec.support.child"
local json = require "backlua.json"
local opt = require "backlua.optimization"
local study = require "spec.support.study"

local function space()
    return opt.ParameterSpace {
        opt.ContinuousParameter { name = "x", min_value = 0, max_value = 1 },
        opt.DiscreteParameter { name = "n", min_value = 0, max_value = 9 },
    }
end

-- Some trials take long, so results come in another order than trials were asked.
local function hill(p)
    local x = 0
    for i = 1, p.n == 3 and 2e6 or 1e4 do
        x = x + i
    end
    return -(p.x - 0.4) ^ 2 - (p.n - 5) ^ 2 + 0 * x
end

describe("an asynchronous search", function()
    for _, name in ipairs { "TPEOptimizer", "BayesianOptimizer", "CMAESOptimizer",
        "NSGA2Optimizer", "GeneticAlgorithm" } do
        it("makes each trial once and learns: " .. name, function()
            local given = name == "GeneticAlgorithm"
                and { parameter_space = space(), population_size = 20, max_generations = 6 }
                or { parameter_space = space(), n_iter = 100 }
            if name == "BayesianOptimizer" then
                given.convergence_patience = 0
            end
            local results = assert(opt.ParallelOptimizer { algorithm = opt[name](given),
                objective = hill, n_jobs = 3, async = true }:run {})
            assert.equal(name == "GeneticAlgorithm" and 110 or 100, #results.trials)
            for i, t in ipairs(results.trials) do
                assert.equal(i, t.trial)
                assert.equal(hill(t.params), t.score)
            end
            assert.equal(5, results.best.params.n)
            assert.equal("1", results.manifest.async)
        end)
    end
end)

describe("an asynchronous study", function()
    local bed

    setup(function()
        bed = study.bed { search = "opt.TPEOptimizer { space, n_iter = 60 }" }
    end)
    teardown(function() bed:close() end)

    it("says what it is, and goes on after a kill without losing or repeating a trial", function()
        local _, seconds = bed:optimize { "-j", "2", "--async" }
        bed:start({ "-j", "2", "--study", "cut", "--quiet", "--async" }):cut(seconds / 2)
        local before = bed:run { "study", "show", "cut", "--json" }
        if before.code == 3 then
            return -- killed before there was a study
        end
        local saved = json.decode(before.out).trials
        local resumed = bed:run { "study", "resume", "cut", "-j", "2" }
        assert.equal(0, resumed.code, resumed.err)
        local after = json.decode(bed:run { "study", "show", "cut", "--json" }.out)
        local counted, of = 0, {}
        for _, t in ipairs(after.trials) do
            of[t.trial] = t
            counted = counted + (t.state == "infeasible" and 0 or 1)
        end
        assert.equal(60, counted)
        for _, t in ipairs(saved) do
            assert.same(t.params, of[t.trial].params)
            assert.equal(t.hash, of[t.trial].hash)
        end
        if #saved < #after.trials then
            assert.truthy(resumed.out:find("(asynchronous: another run differs)", 1, true),
                resumed.out)
        end
        local other = bed:run { "optimize", bed.home .. "/handle_config.lua", "--study", "cut" }
        assert.equal(2, other.code)
        assert.truthy(other.err:find("whether it is asynchronous changed", 1, true), other.err)
    end)

    it("says so of walk-forwards and cross-validations, too", function()
        for i, windows in ipairs { "train_period_days = 100, test_period_days = 50",
            'mode = "cpcv", groups = 3, test_groups = 1' } do
            local path = ("%s/walk%d.lua"):format(bed.home, i)
            child.write(path, ([[
                local opt = require "backlua.optimization"
                return opt.WalkForwardOptimizer {
                    strategy = "handle.lua", bundle = "small", start_date = "2012-01-01",
                    param_space = opt.ParameterSpace { opt.DiscreteParameter {
                        name = "fast", min_value = 3, max_value = 5 } },
                    window_config = opt.WindowConfig { %s } }
            ]]):format(windows))
            local calm = bed:run { "walkforward", path, "--quiet" }
            assert.equal(0, calm.code, calm.err)
            assert.is_nil(calm.out:find("asynchronous", 1, true))
            local r = bed:run { "walkforward", path, "--quiet", "--async" }
            assert.equal(0, r.code, r.err)
            assert.truthy(r.out:find "result hash %x+ %(asynchronous: another run differs%)\n$")
        end
    end)
end)
