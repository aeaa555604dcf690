-- The promises of walk-forward and cross-validation: the same study for any number of workers,
-- under a storm of killed workers, with its parent killed, interrupted, resumed.
--
-- STRESS=1 (make stress) runs the full counts.

local background = require "spec.support.background"
local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

local STRESS = os.getenv "STRESS" == "1"
local PARENT_KILLS = STRESS and 40 or 2
local CTRL_C = STRESS and 20 or 1
local INT, KILL = 2, 9

local CONFIG = [[
local opt = require "backlua.optimization"
local space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 21 },
    opt.DiscreteParameter { name = "slow", min_value = 22, max_value = 81 },
} }
return opt.WalkForwardOptimizer {
    strategy = "handle.lua", bundle = "small", start_date = "2008-01-01", end_date = "2013-12-31",
    algorithm = opt.TPEOptimizer { space, seed = 5 }, max_trials_per_window = 30, batch = 8,
    window_config = opt.WindowConfig { %s }, validate_best = %d,
}
]]

local FORMS = {
    { "walk", "train_period_days = 500, validation_period_days = 100, test_period_days = 120", 3 },
    { "cross", 'mode = "cpcv", groups = 5, test_groups = 2, purge_days = 10, embargo_days = 5', 1 },
}

describe("a study by", function()
    local bed

    setup(function()
        bed = study.bed()
        for _, form in ipairs(FORMS) do
            child.write(("%s/%s_config.lua"):format(bed.home, form[1]),
                CONFIG:format(form[2], form[3]))
        end
    end)
    teardown(function() bed:close() end)

    for _, entry in ipairs(FORMS) do
        local form = entry[1]

        describe(form, function()
            local calm, seconds, pace

            local function words(name, ...)
                return { "--study", name, "--audit", "none", form = form, command = "walkforward",
                    ... }
            end

            local function shown(name)
                local r = bed:run { "study", "show", name, "--json" }
                return r.code == 0 and json.decode(r.out) or nil
            end

            local function resume(name)
                local r = bed:run { "study", "resume", name, "--json" }
                assert.equal(0, r.code, r.err)
                local again = json.decode(r.out)
                assert.equal(calm.result_hash, again.result_hash)
                assert.same(calm.windows, again.windows)
                assert.same(calm.oos, again.oos)
                assert.same(calm.splits, again.splits)
                assert.same(calm.paths, again.paths)
            end

            setup(function()
                calm, seconds = bed:optimize(words(form, "-j", "1"))
                pace = math.max(0.05, 3 * calm.stats.worker_seconds / calm.stats.computed)
            end)

            it("is one for any number of workers", function()
                assert.is_true(#calm.trials > 200)
                for _, jobs in ipairs { "2", "3", "8" } do
                    local other = bed:optimize(words(form .. jobs, "-j", jobs))
                    assert.equal(calm.result_hash, other.result_hash)
                end
            end)

            it("loses nothing when workers are killed", function()
                local running = bed:start(words(form .. "-storm", "-j", "2", "--quiet"))
                local dice, kills = 815, 0
                while running:alive() do
                    local pids = running:children()
                    if #pids > 0 then
                        dice = dice * 16807 % 2147483647
                        background.kill(pids[dice % #pids + 1], KILL)
                        kills = kills + 1
                    end
                    background.sleep(kills > 0 and pace or 0.002)
                end
                running:wait()
                assert.is_true(kills > 0)
                assert.equal(calm.result_hash, shown(form .. "-storm").result_hash)
            end)

            it("goes on to its end asynchronously", function()
                local name = form .. "-async"
                bed:start(words(name, "-j", "2", "--async")):cut(seconds / 2)
                local whole = bed:optimize(words(name, "-j", "2", "--async"))
                assert.equal("1", whole.manifest.async)
                for i, window in ipairs(whole.windows or whole.splits) do
                    assert.is_true(window.train.trials >= 30 - 2, i)
                    assert.truthy(window.test.trial, i)
                end
            end)

            it("goes on the same when its parent is killed", function()
                for i = 1, PARENT_KILLS do
                    local name = ("%s-cut%d"):format(form, i)
                    bed:start(words(name, "-j", "2")):cut(seconds * i / (PARENT_KILLS + 1))
                    if shown(name) then
                        resume(name)
                    end
                end
            end)

            it("goes on the same after Ctrl-C, with all that was said to be saved", function()
                for i = 1, CTRL_C do
                    local name = ("%s-ctrlc%d"):format(form, i)
                    local running = bed:start(words(name, "-j", "2"))
                    background.sleep(seconds * i / (CTRL_C + 1))
                    running:signal(INT)
                    local err = running:wait().err
                    local saved = tonumber(err:match "interrupted; ([%d,]+) trials? ")
                    if saved then -- else it was done before, or had not begun
                        assert.is_true(#shown(name).trials >= saved)
                    end
                    if shown(name) then
                        resume(name)
                    end
                end
            end)
        end)
    end
end)
