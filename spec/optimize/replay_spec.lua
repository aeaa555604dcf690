-- study replay: a trial again, equal to the bit, or what changed; study export.

local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

-- Trades one way or another by a variable of the environment, which no manifest knows.
local MOODY = [[
local s = { params = { n = 1 } }
function s.initialize(ctx) ctx.asset = ctx:symbol "AAPL" end
function s.handle_data(ctx)
    local long = os.getenv "MOOD" == "bright" or ctx.params.n > 2
    ctx:order_target_percent(ctx.asset, long and 1 or 0.5)
end
return s
]]

local MOODY_CONFIG = [[
local opt = require "backlua.optimization"
return opt.ParallelOptimizer {
    strategy = "moody.lua", bundle = "small", start_date = "2013-01-01", end_date = "2013-03-31",
    objective = "total_return", param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3, step = 1 } } },
}
]]

local WALK = [[
local opt = require "backlua.optimization"
return opt.WalkForwardOptimizer {
    strategy = "handle.lua", bundle = "small", start_date = "2012-01-01", end_date = "2013-12-31",
    window_config = opt.WindowConfig { train_period_days = 120, validation_period_days = 40,
        test_period_days = 40, step_size_days = 120 },
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 7, step = 2 },
        opt.CategoricalParameter { name = "slow", choices = { 20, 40 } } } },
}
]]

describe("study replay", function()
    local bed

    local function run(words)
        return bed:run(words)
    end

    setup(function()
        bed = study.bed { slow = 20 }
        bed:optimize { "-j", 2, "--study", "s" }
        child.write(bed.home .. "/moody.lua", MOODY)
        child.write(bed.home .. "/moody_config.lua", MOODY_CONFIG)
        child.write(bed.home .. "/walk.lua", WALK)
    end)

    teardown(function()
        bed:close()
    end)

    it("gives the trial again to the bit", function()
        local shown = json.decode(run { "study", "show", "s", "--json" }.out)
        for _, number in ipairs { 1, 2, 17 } do
            local r = run { "study", "replay", "s", tostring(number), "--json" }
            assert.equal(0, r.code, r.err)
            local again, stored = json.decode(r.out), shown.trials[number]
            assert.is_true(again.same)
            assert.equal(number, again.trial)
            assert.same(stored.params, again.params)
            assert.equal(stored.hash, again.hash)
            assert.equal(stored.score, again.score)
        end
        local r = run { "study", "replay", "s", "2" }
        assert.truthy(r.out:find("^trial 2 {fast=3, slow=15}: the same to the bit, sharpe_ratio "))
    end)

    it("gives a walk-forward's trial again, in its window and stage", function()
        assert.equal(0, run({ "walkforward", bed.home .. "/walk.lua", "--study", "w" }).code)
        for _, number in ipairs { 1, 7, 20 } do
            local r = run { "study", "replay", "w", tostring(number) }
            assert.equal(0, r.code, r.err)
            assert.truthy(r.out:find("stage=", 1, true))
        end
    end)

    it("knows a failed trial again, wherever its scripts are called from", function()
        child.write(bed.home .. "/bad.lua", [[
            return { params = { n = 1 }, handle_data = function(ctx)
                if ctx.params.n == 2 then error "odd" end
            end }]])
        child.write(bed.home .. "/bad_config.lua", (MOODY_CONFIG:gsub("moody.lua", "bad.lua")))
        local made = child.run { "optimize", "bad_config.lua", "--study", "b", cwd = bed.home,
            env = bed.env }
        assert.equal(0, made.code, made.err)
        local r = run { "study", "replay", "b", "2", "--json" }
        assert.equal(0, r.code, r.err)
    end)

    it("names what is not there", function()
        local r = run { "study", "replay", "s", "999" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("study 's' has no trial 999; it has 30, numbered from 1", 1, true))
        assert.equal(2, run({ "study", "replay", "s" }).code)
        assert.equal(2, run({ "study", "replay", "s", "0" }).code)
    end)

    it("names the input that changed", function()
        local path = bed.home .. "/handle.lua"
        local text = child.read(path)
        child.write(path, text .. "\n-- longer")
        local r = run { "study", "replay", "s", "2" }
        child.write(path, text)
        assert.equal(2, r.code)
        assert.truthy(r.err:find("study 's' cannot be repeated: the strategy changed", 1, true))
    end)

    it("ends with 6 when no input changed and the outcome did", function()
        local made = run { "optimize", bed.home .. "/moody_config.lua", "--study", "m",
            "--unsafe" }
        assert.equal(0, made.code, made.err)
        bed.env.MOOD = "bright"
        local r = run { "study", "replay", "m", "1", "--unsafe" }
        local equal = run { "study", "replay", "m", "3", "--unsafe" }
        bed.env.MOOD = nil
        assert.equal(6, r.code)
        assert.truthy(r.err:find("trial 1 is not what the study says, though no input changed: "
            .. "hash was '", 1, true))
        assert.equal(0, equal.code, equal.err)
    end)
end)

describe("study export", function()
    local bed

    setup(function()
        bed = study.bed { slow = 15 }
        bed:optimize { "--study", "s" }
    end)

    teardown(function()
        bed:close()
    end)

    it("writes all of it as JSON, or the trials as CSV by the file's ending", function()
        local out = bed:run { "study", "export", "s" }
        assert.equal(20, #json.decode(out.out).trials)
        local file = bed.home .. "/s.csv"
        assert.equal(0, bed:run({ "study", "export", "s", "-o", file }).code)
        local _, lines = child.read(file):gsub("\n", "\n")
        assert.equal(21, lines)
        local same = bed:run { "study", "trials", "s", "--csv" }
        assert.equal(same.out, child.read(file))
        assert.equal(out.out, bed:run({ "study", "show", "s", "--json" }).out)
    end)

    it("says where it could not write", function()
        local r = bed:run { "study", "export", "s", "-o", bed.home .. "/none/s.json" }
        assert.equal(4, r.code)
        assert.truthy(r.err:find(bed.home .. "/none", 1, true))
    end)
end)
