-- Trials that an earlier study has computed from the same inputs are taken over.

local child = require "spec.support.child"
local listings = require "spec.support.listings"
local study = require "spec.support.study"

local TALKS = [[
local s = { params = { n = 1 } }
function s.initialize(ctx) ctx.asset = ctx:symbol "AAPL" end
function s.handle_data(ctx) ctx:order_target(ctx.asset, ctx.params.n) end
function s.analyze(ctx) print("n is", ctx.params.n) end
return s
]]

local TALKS_CONFIG = [[
local opt = require "backlua.optimization"
return opt.ParallelOptimizer {
    strategy = "talks.lua", bundle = "small", start_date = "2012-01-01", end_date = "2012-06-30",
    objective = "total_return", %s param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = %d, step = 1 } } },
}
]]

describe("a trial of an earlier study", function()
    local bed, first

    local function optimize(words)
        words.remember = true
        return bed:optimize(words)
    end

    local function write(options, most)
        child.write(bed.home .. "/talks_config.lua", TALKS_CONFIG:format(options, most))
    end

    setup(function()
        bed = study.bed { slow = 25 }
        child.write(bed.home .. "/talks.lua", TALKS)
        write("", 4)
        first = optimize { "--study", "first" }
    end)

    teardown(function()
        bed:close()
    end)

    it("is taken over, and said to be", function()
        local second = optimize { "--study", "second" }
        assert.equal(0, second.stats.computed)
        assert.equal(first.stats.computed, second.stats.cached)
        assert.equal(first.result_hash, second.result_hash)
        for i, trial in ipairs(first.trials) do
            assert.same(trial.metrics, second.trials[i].metrics)
        end
        local r = bed:run { "optimize", bed.home .. "/handle_config.lua" }
        assert.truthy(r.out:find(second.stats.cached .. " cached", 1, true))
    end)

    it("is not under --no-cache", function()
        local r = optimize { "--no-cache" }
        assert.equal(0, r.stats.cached)
        assert.equal(first.result_hash, r.result_hash)
    end)

    it("is not by another build of the program", function()
        local program = require "spec.support.other_build"(bed.home .. "/other")
        local r = optimize { program = program }
        assert.equal(0, r.stats.cached)
        assert.equal(first.result_hash, r.result_hash)
    end)

    it("is not when an input differs", function()
        local path = bed.home .. "/handle.lua"
        local text = child.read(path)
        child.write(path, text .. "-- another text")
        assert.equal(0, optimize({}).stats.cached)
        child.write(path, text)
        path = bed.home .. "/handle_config.lua"
        text = child.read(path)
        child.write(path, (text:gsub("seed = 11", "seed = 12")))
        assert.equal(0, optimize({}).stats.cached)
        child.write(path, text)
    end)

    it("serves another space of the same strategy", function()
        local small = optimize { form = "talks", "--study", "small" }
        write("", 6)
        local large = optimize { form = "talks", "--study", "large" }
        assert.same({ 4, 4, 2 }, { small.stats.computed, large.stats.cached,
            large.stats.computed })
        local whole = optimize { form = "talks", "--no-cache", "--study", "whole" }
        assert.equal(whole.result_hash, large.result_hash)
    end)

    -- How many trials of the space 1..most are cached after a study of 1..4 with other options.
    local function cached(name, before, after, most)
        write(before, 4)
        assert.equal(4, #optimize({ form = "talks", "--study", name .. "-before" }).trials)
        write(after, most)
        return optimize({ form = "talks", "--study", name .. "-after" }).stats.cached
    end

    it("serves another script with the same functions", function()
        local below = "constraint = function(p) return p.n < 10 end,"
        assert.equal(4, cached("below", below, "keep = 'returns', " .. below, 7))
        assert.equal(0, cached("level", below, below:gsub("10", "11"), 4))
        local scored = "constraints = { function(r) return math.abs(r.metrics.trades) - 9 end },"
        assert.equal(4, cached("limit", scored, scored, 5))
        assert.equal(0, cached("both", scored, scored .. below, 5))
    end)

    -- Their text says nothing of the edge in a table, or of which function most is.
    it("does not where functions look at more than their arguments", function()
        for name, text in pairs {
            table = "local t = { edge = 10 } return function(p) return p.n < t.edge end",
            library = "local most = math.max return function(p) return most(p.n, 2) < 10 end",
        } do
            local f = ("constraint = (function() %s end)(),"):format(text)
            assert.equal(4, cached(name .. "-same", f, f, 4))
            assert.equal(0, cached(name, f, "keep = 'returns', " .. f, 5))
        end
        local own = "constraint = (function() math.edge = %d return function(p) return p.n < "
            .. "math.edge end end)(),"
        assert.equal(0, cached("own", own:format(10), own:format(9), 5))
    end)

    it("is taken from the last by name where there are many studies", function()
        write("capital = 6e4,", 1)
        optimize { form = "talks", "--study", "a-one" }
        local marker = assert(io.popen("ls " .. bed.home .. "/cache/backlua/trials/*/a-one"))
            :read "*l"
        local file = bed.home .. "/data/studies/%s.study"
        local text = child.read(file:format "a-one")
        for i = 1, 64 do
            local name = ("b-%d"):format(i)
            child.write(file:format(name), text)
            child.write(marker:gsub("a%-one$", name), "")
        end
        write("capital = 6e4,", 4)
        assert.equal(1, optimize({ form = "talks", "--study", "z-four" }).stats.cached)
        assert.equal(4, optimize({ form = "talks", "--study", "again" }).stats.cached)
    end)

    it("is found without a look at all other studies, though some were removed", function()
        write("capital = 7e4,", 4)
        for _, name in ipairs { "kept", "gone", "lost" } do
            optimize { form = "talks", "--study", name }
        end
        assert.equal(0, bed:run({ "study", "rm", "gone", "lost", "--force" }).code)
        local cached_trials
        assert.equal(0, listings.count(bed.home .. "/data/studies", function()
            cached_trials = optimize({ form = "talks", "--study", "kept2" }).stats.cached
            optimize { form = "talks", "--study", "kept" }
            bed:run { "report", "kept", "-o", bed.home .. "/kept.html" }
        end))
        assert.equal(4, cached_trials)
        assert.truthy(listings.count(bed.home .. "/data/studies", function()
            bed:run { "study", "list" }
        end) > 0)
    end)

    it("is promised to a study of another name when this one cannot go on", function()
        local promise = "another name, which takes over the trials that are in both"
        write("max_trials = 2,", 4)
        optimize { form = "talks", "--study", "short" }
        write("max_trials = 3,", 4)
        local r = bed:run { "optimize", bed.home .. "/talks_config.lua", "--study", "short" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find(promise, 1, true), r.err)
        write("max_trials = 2, capital = 5e4,", 4)
        r = bed:run { "optimize", bed.home .. "/talks_config.lua", "--study", "short" }
        assert.equal(2, r.code)
        assert.is_nil(r.err:find(promise, 1, true))
    end)

    it("is not when it lacks the returns that are to be kept", function()
        write('keep = "summary",', 3)
        assert.equal(3, optimize({ form = "talks", "--study", "sums" }).stats.cached)
        write('keep = "all",', 3)
        assert.equal(0, optimize({ form = "talks" }).stats.cached)
    end)
end)
