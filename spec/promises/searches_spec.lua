-- The promises of every kind of search: the same study for any number of workers, under a storm of
-- killed workers, with its parent killed, interrupted, resumed; one owner at a time.
--
-- STRESS=1 (make stress) runs the full counts.

local background = require "spec.support.background"
local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

local STRESS = os.getenv "STRESS" == "1"
local TRIALS = STRESS and 5000 or 40
local PARENT_KILLS, CTRL_C = STRESS and 40 or 2, STRESS and 20 or 1 -- of each of five searches
local INT, ILL, ABRT, BUS, SEGV, TERM, STOP = 2, 4, 6, 7, 11, 15, 19
local ROUNDS, RIVALS = STRESS and 50 or 2, STRESS and 8 or 4

local SPACE = [[
local space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 81 },
    opt.DiscreteParameter { name = "slow", min_value = 82, max_value = 181 },
} }
]]

local CONFIG = [[
local opt = require "backlua.optimization"
]] .. SPACE .. [[
return opt.ParallelOptimizer {
    strategy = "handle.lua", bundle = "small", start_date = "2011-01-01", end_date = "2013-12-31",
    algorithm = opt.%s, max_trials = %d, keep = "summary",
}
]]

-- A Gaussian process over thousands of points would be a test of patience.
local SEARCHES = {
    { "grid", "GridSearchAlgorithm { space }", TRIALS },
    { "random", "RandomSearchAlgorithm { space, n_iter = %d, seed = 3 }", TRIALS },
    { "bayesian", "BayesianOptimizer { space, n_iter = %d, convergence_patience = 0, seed = 3 }",
        math.min(TRIALS, 300) },
    { "genetic", "GeneticAlgorithm { space, population_size = 20, seed = 3, "
        .. "max_generations = 1000 }", TRIALS },
    { "tpe", "TPEOptimizer { space, n_iter = %d, seed = 3 }", math.min(TRIALS, 2000) },
}

describe("a study by", function()
    local bed

    setup(function()
        bed = study.bed()
        for _, search in ipairs(SEARCHES) do
            child.write(("%s/%s_config.lua"):format(bed.home, search[1]),
                CONFIG:format(search[2]:format(search[3]), search[3]))
        end
    end)

    teardown(function()
        bed:close()
    end)

    local function shown(name)
        local r = bed:run { "study", "show", name, "--json" }
        return r.code == 0 and json.decode(r.out) or nil
    end

    local function resume_to(hash, name)
        local r = bed:run { "study", "resume", name, "--quiet" }
        assert.equal(0, r.code, r.err)
        assert.equal(hash, shown(name).result_hash)
    end

    for _, search in ipairs(SEARCHES) do
        local form, trials = search[1], search[3]

        describe(form, function()
            local calm, seconds, pace

            setup(function()
                calm, seconds = bed:optimize { "-j", "1", "--audit", "none", form = form }
                pace = math.max(0.05, 3 * calm.stats.worker_seconds / calm.stats.computed)
            end)

            it("is one for any number of workers", function()
                assert.equal(trials, #calm.trials)
                for _, jobs in ipairs { "2", "3", "8" } do
                    local other = bed:optimize { "-j", jobs, "--audit", "none", form = form }
                    assert.equal(calm.result_hash, other.result_hash)
                end
            end)

            -- Send signals to workers at random until it is done; how many hit one.
            local function storm(name, signals)
                local running = bed:start { "-j", "2", "--study", name, "--quiet", form = form }
                local dice, hits = 4711, 0
                while running:alive() do
                    local pids = running:children()
                    if #pids > 0 then
                        dice, hits = dice * 16807 % 2147483647, hits + 1
                        background.kill(pids[dice % #pids + 1], signals[hits % #signals + 1])
                    end
                    -- Until there are workers nothing is waited for: a quick study may be over.
                    background.sleep(hits > 0 and pace or 0.002)
                end
                running:wait()
                return hits
            end

            it("loses nothing when workers are killed", function()
                local hits = storm(form .. "-storm", { 9 })
                assert.is_true(hits > 0)
                assert.equal(calm.result_hash, shown(form .. "-storm").result_hash)
            end)

            -- A fault counts against the trial that ran; three times the same one is not hit.
            it("loses nothing when workers fault, stand still or end", function()
                storm(form .. "-faults", { SEGV, BUS, ABRT, STOP, TERM, ILL })
                assert.equal(calm.result_hash, shown(form .. "-faults").result_hash)
            end)

            it("goes on the same when its parent is killed", function()
                for i = 1, PARENT_KILLS do
                    local name = ("%s-cut%d"):format(form, i)
                    bed:start({ "-j", "2", "--study", name, form = form }):cut(
                        seconds * i / (PARENT_KILLS + 1))
                    if shown(name) then
                        resume_to(calm.result_hash, name)
                    end
                end
            end)

            it("goes on the same after Ctrl-C, with all that was said to be saved", function()
                for i = 1, CTRL_C do
                    local name = ("%s-ctrlc%d"):format(form, i)
                    local running = bed:start { "-j", "2", "--study", name, form = form }
                    background.sleep(seconds * i / (CTRL_C + 1))
                    running:signal(INT)
                    local err = running:wait().err
                    local saved = tonumber(err:match "interrupted; ([%d,]+) trials? ")
                    if saved then -- else it was done before, or had not begun
                        assert.is_true(#shown(name).trials >= saved)
                    end
                    if shown(name) then
                        resume_to(calm.result_hash, name)
                    end
                end
            end)
        end)
    end
end)

-- Long enough that nobody is done before all have begun.
local SLOW = [[
local s = { params = { fast = 1, slow = 1 } }
function s.handle_data(ctx) local x = 0 for i = 1, 20000 do x = x + i end ctx.x = x end
return s
]]

describe("one study", function()
    local bed

    local function start_rivals(name)
        local rivals = {}
        for i = 1, RIVALS do
            rivals[i] = bed:start { "-j", "1", "--study", name, "--quiet", form = "slow" }
        end
        return rivals
    end

    -- Those that are still there once all others have been refused.
    local function owners(rivals)
        local left
        for _ = 1, 4000 do
            left = {}
            for _, rival in ipairs(rivals) do
                if rival:alive() then
                    left[#left + 1] = rival
                end
            end
            if #left <= 1 then
                break
            end
            background.sleep(0.005)
        end
        return left
    end

    setup(function()
        bed = study.bed()
        child.write(bed.home .. "/slow.lua", SLOW)
        child.write(bed.home .. "/slow_config.lua", (child.read(bed.home .. "/handle_config.lua")
            :gsub("handle%.lua", "slow.lua")))
    end)

    teardown(function()
        bed:close()
    end)

    it("has one owner, and is free at once when that one is killed", function()
        for round = 1, ROUNDS do
            local name = "shared" .. round
            local rivals = start_rivals(name)
            local left = owners(rivals)
            assert.equal(1, #left)
            for _, rival in ipairs(rivals) do
                local _, err = rival:read()
                assert.equal(rival ~= left[1], err:find("in use by process " .. left[1].pid, 1,
                    true) ~= nil, err)
            end
            assert.equal(0, bed:run({ "study", "show", name }).code)
            left[1]:cut(0)
            local heir = bed:start { "-j", "1", "--study", name, "--quiet", form = "slow" }
            while heir:alive() and #heir:children() == 0 do -- who has no study has no worker
                background.sleep(0.005)
            end
            assert.is_true(heir:alive(), select(2, heir:read()))
            heir:cut(0)
        end
    end)
end)
