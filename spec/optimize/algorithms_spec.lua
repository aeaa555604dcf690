-- The search algorithms from Lua: each finds, each repeats, whatever the number of workers.

local opt = require "backlua.optimization"
local misuse = require "spec.support.misuse"

local raises = misuse.raises

local function space()
    return opt.ParameterSpace {
        opt.ContinuousParameter { name = "x", min_value = -5, max_value = 10 },
        opt.DiscreteParameter { name = "n", min_value = 0, max_value = 20 },
        opt.CategoricalParameter { name = "mode", choices = { "flat", "steep" } },
    }
end

-- 0 at the top: x = 3, n = 7, steep.
local function hill(p)
    return -(p.x - 3) ^ 2 / 10 - (p.n - 7) ^ 2 / 20 - (p.mode == "flat" and 1 or 0)
end

local ALGORITHMS = {
    { "RandomSearchAlgorithm", n_iter = 60 },
    { "SobolSearchAlgorithm", n_iter = 60 },
    { "LatinHypercubeAlgorithm", n_iter = 60 },
    { "TPEOptimizer", n_iter = 60, adaptive = true },
    { "CMAESOptimizer", n_iter = 120, adaptive = true },
    { "NSGA2Optimizer", n_iter = 120, adaptive = true,
        options = { population_size = 20, n_iter = 120 } },
    { "BayesianOptimizer", n_iter = 60, adaptive = true },
    { "GeneticAlgorithm", n_iter = 92, adaptive = true, -- 20 + 4 * 18
        options = { population_size = 20, max_generations = 5 } },
}

local function search(entry, settings)
    local options = { parameter_space = space() }
    for name, value in pairs(entry.options or { n_iter = entry.n_iter }) do
        options[name] = value
    end
    settings.algorithm = opt[entry[1]](options)
    settings.objective = settings.objective or hill
    return assert(opt.ParallelOptimizer(settings):run {})
end

for _, entry in ipairs(ALGORITHMS) do
    describe(entry[1], function()
        it("gives one study for 1, 2 and 3 workers", function()
            local hashes = {}
            for workers = 1, 3 do
                hashes[workers] = search(entry, { n_jobs = workers, seed = 5 }).result_hash
            end
            assert.equal(hashes[1], hashes[2])
            assert.equal(hashes[1], hashes[3])
            assert.not_equal(hashes[1], search(entry, { n_jobs = 2, seed = 6 }).result_hash)
        end)

        it("stays inside the space and keeps to n_iter", function()
            local results = search(entry, { n_jobs = 2 })
            assert.is_true(#results.trials <= entry.n_iter)
            for _, t in ipairs(results.trials) do
                assert.is_true(space():validate_params(t.params))
                assert.equal(hill(t.params), t.score)
            end
        end)

        if entry.adaptive then
            -- A random one of 60 points is within 0.05 of the top with a probability of 0.5:
            -- |x - 3| < 0.7 of 15, n = 7 or next to it of 21, one of two modes.
            it("learns from the scores", function()
                local results = search(entry, { n_jobs = 2, batch = 4 })
                assert.is_true(results.best.score > -0.05, tostring(results.best.score))
            end)
        end

        it("survives trials without a number", function()
            local results = search(entry, { n_jobs = 2, objective = function(p)
                return p.n > 10 and 0 / 0 or hill(p)
            end })
            assert.is_true(results.best.params.n <= 10)
        end)
    end)
end

describe("BayesianOptimizer", function()
    it("has the guide's keys and defaults", function()
        local a = opt.BayesianOptimizer(space())
        assert.same({ 50, "EI", 1.96, 0.01, 1e-4, 10 }, { a.n_iter, a.acq_func, a.kappa, a.xi,
            a.convergence_threshold, a.convergence_patience })
        assert.equal(7, opt.BayesianOptimizer { space(), random_state = 7 }.seed)
    end)

    it("names what is wrong", function()
        raises(function() opt.BayesianOptimizer { space(), acq_func = "EJ" } end,
            "unknown acq_func 'EJ'; did you mean 'EI'?")
        raises(function() opt.BayesianOptimizer { space(), kappa = -1 } end, "kappa must be 0..",
            "got -1")
        raises(function() opt.BayesianOptimizer { space(), kapa = 1 } end, "did you mean 'kappa'?")
        raises(function() opt.BayesianOptimizer { space(), n_iter = 0 } end, "at least 1")
    end)

    -- A constant has nothing to improve: 10 rounds of one trial after the 10 first points.
    it("stops when nothing gets better", function()
        local results = assert(opt.ParallelOptimizer {
            algorithm = opt.BayesianOptimizer { space(), n_iter = 200 }, batch = 1, n_jobs = 1,
            objective = function() return 1 end,
        }:run {})
        assert.equal(20, #results.trials)
    end)
end)

describe("GeneticAlgorithm", function()
    it("has the guide's keys and defaults", function()
        local a = opt.GeneticAlgorithm(space())
        assert.same({ 50, 100, "tournament", 3, 0.8, 0.2, 0.01 }, { a.population_size,
            a.max_generations, a.selection, a.tournament_size, a.crossover_prob, a.mutation_prob,
            a.diversity_threshold })
    end)

    it("names what is wrong", function()
        raises(function() opt.GeneticAlgorithm { space(), selection = "roulete" } end,
            "did you mean 'roulette'?")
        raises(function() opt.GeneticAlgorithm { space(), mutation_prob = 1.5 } end, "0..1",
            "got 1.5")
        raises(function() opt.GeneticAlgorithm { space(), elite_size = 50 } end,
            "below population_size 50")
        raises(function() opt.GeneticAlgorithm { space(), max_time_seconds = 5 } end,
            "measured time")
    end)

    it("stops at a target, also when less is better", function()
        for _, sign in ipairs { 1, -1 } do
            local results = assert(opt.ParallelOptimizer {
                algorithm = opt.GeneticAlgorithm { space(), target_fitness = sign * -1 },
                objective = opt.ObjectiveFunction {
                    custom_function = function(p) return sign * hill(p) end,
                    higher_is_better = sign > 0,
                },
                batch = 1, n_jobs = 1,
            }:run {})
            local last = results.trials[#results.trials]
            assert.equal(last.trial, results.best.trial)
            assert.is_true(sign * last.score >= -1)
            assert.is_true(#results.trials < 4000)
        end
    end)
end)

describe("a search without an end", function()
    it("wants a number of trials", function()
        for _, name in ipairs { "RandomSearchAlgorithm", "SobolSearchAlgorithm",
            "CMAESOptimizer" } do
            local optimizer = opt.ParallelOptimizer { opt[name](space()), objective = hill }
            raises(function() optimizer:run {} end, "give it n_iter")
            assert.equal(3, #assert(opt.ParallelOptimizer {
                opt[name](space()), objective = hill, max_trials = 3, n_jobs = 1,
            }:run {}).trials)
        end
    end)
end)

describe("LatinHypercubeAlgorithm", function()
    it("wants the number of its points", function()
        raises(function() opt.LatinHypercubeAlgorithm(space()) end, "n_iter is required")
    end)

    it("meets each stratum once", function()
        local results = search(ALGORITHMS[3], { n_jobs = 1 })
        local met = {}
        for _, t in ipairs(results.trials) do
            local stratum = math.floor((t.params.x + 5) / 15 * 60)
            assert.is_nil(met[stratum])
            met[stratum] = true
        end
    end)
end)

describe("a grid with early_stopping_rounds", function()
    -- Falls from n = 4 on.
    local function peak(p) return -math.abs(p.n - 4) end

    local function grid(rounds, more)
        local settings = {
            algorithm = opt.GridSearchAlgorithm { early_stopping_rounds = rounds,
                parameter_space = opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 200 },
                } },
            objective = peak, batch = 1,
        }
        for name, value in pairs(more or {}) do
            settings[name] = value
        end
        return assert(opt.ParallelOptimizer(settings):run {})
    end

    it("ends after so many cells that are no better", function()
        assert.equal(200, #grid(nil).trials)
        assert.equal(4 + 7, #grid(7).trials)
        assert.equal(4, grid(7).best.params.n)
    end)

    it("counts no excluded cell, and is one study for any number of workers", function()
        local settings = { constraint = function(p) return p.n % 2 == 0 end, batch = 8 }
        local one = grid(3, settings)
        settings.n_jobs = 3
        assert.equal(one.result_hash, grid(3, settings).result_hash)
        local tight = grid(3, { constraint = settings.constraint })
        assert.equal(2 + 3, #tight.trials - tight.stats.infeasible)
    end)
end)
