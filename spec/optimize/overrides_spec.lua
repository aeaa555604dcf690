-- optimize and walkforward with -b, -s and -e: a config on other data than it names, remembered by
-- its study.

local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

local STRATEGY = [[
local s = { params = { n = 1 } }
function s.initialize(ctx) ctx.asset = ctx:symbols()[1] end
function s.handle_data(ctx) ctx:order_target_percent(ctx.asset, ctx.params.n / 4) end
return s
]]

local SPACE = [[ opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3, step = 1 } } } ]]

local function config(kind, keys)
    return ([[
local opt = require "backlua.optimization"
return opt.%s { objective = "total_return", param_space = %s, %s }
]]):format(kind, SPACE, keys)
end

describe("a config on other data than it names", function()
    local bed

    local function run(words, code)
        local r = bed:run(words)
        assert.equal(code or 0, r.code, r.err)
        return r
    end

    local function optimize(words)
        local line = { "optimize", bed.home .. "/" .. words[1], "--json" }
        for i = 2, #words do
            line[#line + 1] = words[i]
        end
        return json.decode(run(line).out)
    end

    setup(function()
        bed = study.bed { slow = 20 }
        run { "ingest", "--synthetic", "mag7", "--seed", "9", "--symbols", "1", "-b", "other" }
        child.write(bed.home .. "/s.lua", STRATEGY)
        child.write(bed.home .. "/small.lua", config("ParallelOptimizer", [[strategy = "s.lua",
            bundle = "small", start_date = "2013-01-01", end_date = "2013-06-28"]]))
        child.write(bed.home .. "/other.lua", config("ParallelOptimizer", [[strategy = "s.lua",
            bundle = "other", start_date = "2014-01-01", end_date = "2014-03-31"]]))
        child.write(bed.home .. "/function.lua", config("ParallelOptimizer",
            "objective = function(p) return p.n end"):gsub('objective = "total_return",', ""))
        child.write(bed.home .. "/walk.lua", config("WalkForwardOptimizer", [[strategy = "s.lua",
            bundle = "small", start_date = "2012-01-01", end_date = "2013-12-31",
            window_config = opt.WindowConfig { train_period_days = 60, test_period_days = 20,
                validation_period_days = 20, step_size_days = 60 }]]))
    end)

    teardown(function()
        bed:close()
    end)

    local GIVEN = { "-b", "other", "-s", "2014-01-01", "-e", "2014-03-31" }

    it("has the trials of a config that names that data", function()
        local named = optimize { "other.lua" }
        local given = optimize { "small.lua", "--study", "given", unpack(GIVEN) }
        assert.equal("other", given.manifest.bundle)
        assert.equal(3, #given.trials)
        for i, trial in ipairs(named.trials) do
            assert.equal(trial.hash, given.trials[i].hash)
            assert.equal(trial.score, given.trials[i].score)
        end
    end)

    it("is repeated and goes on under the same", function()
        local shown = json.decode(run { "study", "show", "given", "--json" }.out)
        local again = json.decode(run { "study", "replay", "given", "2", "--json" }.out)
        assert.equal(shown.trials[2].hash, again.hash)
        local resumed = json.decode(run { "study", "resume", "given", "--json" }.out)
        assert.equal(shown.result_hash, resumed.result_hash)
    end)

    it("is another study without them, and that is said", function()
        local r = run({ "optimize", bed.home .. "/small.lua", "--study", "given" }, 2)
        assert.matches("study 'given' cannot go on: the bundle changed", r.err, 1, true)
    end)

    it("reports a walk under the same", function()
        local script = bed.home .. "/walk.lua"
        local walk = json.decode(run { "walkforward", script, "--study", "walk", "--json",
            "-b", "other", "-e", "2012-12-31" }.out)
        assert.equal("other", walk.manifest.bundle)
        local report = json.decode(run { "report", "walk", "--format", "json", "-o", "-" }.out)
        assert.matches("walk-forward over 3 windows", report.subtitle, 1, true)
        local rows, repeat_it = {}, nil
        for _, fact in ipairs(report.sections[1].facts) do
            repeat_it = fact.name == "Repeat it" and fact.value or repeat_it
        end
        assert.equal("backlua walkforward " .. script .. " -b other -e 2012-12-31", repeat_it)
        for _, section in ipairs(report.sections) do
            for _, t in ipairs(section.tables) do
                rows[t.id] = #t.rows
            end
        end
        assert.equal(#walk.windows, rows.windows)
    end)

    it("makes no sense for a function of the parameters", function()
        local r = run({ "optimize", bed.home .. "/function.lua", "-b", "other" }, 2)
        assert.matches("this search runs no backtests: -b, -s and -e have nothing to set", r.err,
            1, true)
    end)
end)
