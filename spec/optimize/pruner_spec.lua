-- Pruners: the same trials stopped for any number of workers, scores of blocks that are true,
-- resumed like any study.

local json = require "backlua.json"
local misuse = require "spec.support.misuse"
local opt = require "backlua.optimization"
local study = require "spec.support.study"

local raises = misuse.raises

local PRUNERS = { "MedianPruner", "PercentilePruner", "SuccessiveHalvingPruner", "HyperbandPruner",
    "WilcoxonPruner" }

local function space()
    return opt.ParameterSpace {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 120 },
    }
end

-- A score that grows by n a step, with a wave that hides it at first.
local function grow(p, trial)
    local score = 0
    for step = 1, 8 do
        score = score + p.n + 3 * math.cos(p.n * step)
        if trial and trial:report(score / step) then
            return nil
        end
    end
    return score / 8
end

local function search(given)
    given.algorithm = given.algorithm
        or opt.RandomSearchAlgorithm { parameter_space = space(), n_iter = 100 }
    given.objective = given.objective or grow
    return assert(opt.ParallelOptimizer(given):run {})
end

describe("over any function", function()
    for _, name in ipairs(PRUNERS) do
        it("stops the same trials for 1, 2, 3 and 8 workers: " .. name, function()
            for _, algorithm in ipairs { "RandomSearchAlgorithm", "TPEOptimizer" } do
                local hash
                for _, workers in ipairs { 1, 2, 3, 8 } do
                    local results = search { n_jobs = workers, pruner = opt[name] { n_blocks = 8 },
                        algorithm = opt[algorithm] { parameter_space = space(), n_iter = 60 } }
                    hash = hash or results.result_hash
                    assert.equal(hash, results.result_hash)
                    assert.is_true(results.stats.pruned > 10)
                    assert.equal("done", results.trials[results.best.trial].state)
                end
            end
        end)
    end

    it("keeps what it saw", function()
        local results = search { pruner = opt.MedianPruner {} }
        for _, t in ipairs(results.trials) do
            local steps = {}
            grow(t.params, { report = function(_, score) steps[#steps + 1] = score end })
            assert.is_true(t.state == "done" and #t.steps == 8
                or t.state == "pruned" and #t.steps < 8)
            for i, step in ipairs(t.steps) do
                assert.equal(steps[i], step)
            end
            assert.is_true(t.state == "done" or t.score ~= t.score)
        end
        assert.equal(120, results.best.params.n)
    end)

    it("stops nothing before there is something to compare with", function()
        local results = search { pruner = opt.MedianPruner { n_startup_trials = 40 }, batch = 10 }
        for i, t in ipairs(results.trials) do
            assert.is_true(i > 40 or t.state == "done")
        end
    end)
end)

describe("a pruner", function()
    it("says what is wrong with it", function()
        raises(function() opt.MedianPruner { n_block = 4 } end,
            "unknown option 'n_block'; did you mean 'n_blocks'?")
        raises(function() opt.MedianPruner { n_blocks = 65 } end, "at least 2 and at most 64")
        raises(function() opt.MedianPruner { n_blocks = 4, n_warmup_blocks = 4 } end,
            "n_warmup_blocks must be below n_blocks 4, got 4")
        raises(function() opt.ParallelOptimizer { space(), pruner = "median" } end,
            "pruner must be a pruner, for instance MedianPruner {}, got 'median'")
        raises(function()
            opt.ParallelOptimizer { space(), objective = { grow, grow },
                pruner = opt.MedianPruner {} }:run {}
        end, "a pruner looks at one objective, not several")
    end)
end)

describe("over a strategy", function()
    local bed

    setup(function()
        bed = study.bed { extra = "pruner = opt.MedianPruner { n_blocks = 6 }, audit = 'none'" }
    end)
    teardown(function() bed:close() end)

    it("stops the same trials for any number of workers, and after a kill", function()
        local one, seconds = bed:optimize { "-j", "1", "--study", "one" }
        assert.is_true(one.stats.pruned > 10)
        assert.equal(one.result_hash, bed:optimize { "-j", "3" }.result_hash)
        bed:start({ "-j", "2", "--study", "cut", "--quiet" }):cut(seconds / 2)
        local resumed = bed:run { "study", "resume", "cut", "--quiet" }
        if resumed.code ~= 3 then -- killed before there was a study
            assert.equal(0, resumed.code, resumed.err)
            assert.equal(one.result_hash, json.decode(
                bed:run { "study", "show", "cut", "--json" }.out).result_hash)
        end
    end)

    it("scores blocks as runs that end there are scored", function()
        local one = json.decode(bed:run { "study", "show", "one", "--json" }.out)
        local pruned, done
        for _, t in ipairs(one.trials) do
            pruned = pruned or t.state == "pruned" and t
            done = done or t.state == "done" and t
        end
        assert.equal(done.score, done.steps[6])
        local bars = #bed:backtest(done.params, "2013-12-31").equity
        for block = 1, #pruned.steps do
            local last = bed:backtest(done.params, "2013-12-31").equity[math.floor(
                block * bars / 6)].time
            assert.equal(pruned.steps[block],
                bed:backtest(pruned.params, last:sub(1, 10)).metrics.sharpe_ratio)
        end
    end)

    it("is shown and repeated", function()
        local text = bed:run { "study", "trials", "one", "--state", "pruned", "-n", "1" }.out
        local number = text:match "\n *(%d+)"
        local again = bed:run { "study", "replay", "one", number }
        assert.equal(0, again.code, again.err)
        assert.truthy(again.out:find("the same to the bit, pruned", 1, true), again.out)
        assert.truthy(bed:run { "study", "show", "one" }.out:find("pruner +percentile%(n_blocks=6"))
    end)
end)
