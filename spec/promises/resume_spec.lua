-- Every search, cut off at any instant, goes on as if nothing had happened.

local json = require "backlua.json"
local study = require "spec.support.study"

-- STRESS=1 (make stress): more of them.
local KILLS = os.getenv "STRESS" == "1" and 8 or 2

local SEARCHES = {
    grid = "space",
    random = "opt.RandomSearchAlgorithm { space, n_iter = 50 }",
    sobol = "opt.SobolSearchAlgorithm { space, n_iter = 50 }",
    lhs = "opt.LatinHypercubeAlgorithm { space, n_iter = 50 }",
    tpe = "opt.TPEOptimizer { space, n_iter = 50 }",
    gp = "opt.BayesianOptimizer { space, n_iter = 40, convergence_patience = 0 }",
    genetic = "opt.GeneticAlgorithm { space, population_size = 20, max_generations = 3 }",
    cmaes = "opt.CMAESOptimizer { space, n_iter = 50 }",
    nsga2 = "opt.NSGA2Optimizer { space, n_iter = 50, population_size = 10 }",
}

local EXTRA = {
    nsga2 = 'objective = { "sharpe_ratio", "max_drawdown" }',
    tpe = "constraints = { min_trades = 20 }",
}

describe("a killed search", function()
    local bed

    setup(function()
        bed = study.bed()
        bed.env.BACKLUA_ENABLE_CACHING = "false" -- nothing from another study
    end)
    teardown(function() bed:close() end)

    for name, search in pairs(SEARCHES) do
        it("goes on to the same study, for any number of workers: " .. name, function()
            bed:config(name, { search = search, extra = EXTRA[name] })
            local function done(jobs, of)
                return bed:optimize { "-j", jobs, "--study", name .. of, form = name }
            end
            local whole, seconds = done("1", "-whole")
            local hash = whole.result_hash
            assert.equal(hash, done("8", "-eight").result_hash)
            for i = 1, KILLS do
                local cut = name .. "-cut" .. i
                bed:start({ "-j", i % 2 == 0 and "2" or "3", "--study", cut, "--quiet",
                    form = name }):cut(seconds * i / (KILLS + 1))
                local resumed = bed:run { "study", "resume", cut, "--quiet" }
                if resumed.code == 3 then -- killed before there was a study
                    assert.truthy(resumed.err:find("no study", 1, true), resumed.err)
                else
                    assert.equal(0, resumed.code, resumed.err)
                    local shown = bed:run { "study", "show", cut, "--json" }
                    assert.equal(hash, json.decode(shown.out).result_hash)
                end
            end
        end)
    end
end)
