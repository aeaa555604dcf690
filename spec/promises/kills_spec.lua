-- No trial is lost, whatever dies: workers at random, the parent at any instant.

local background = require "spec.support.background"
local study = require "spec.support.study"

local PARENT_KILLS = os.getenv "STRESS" == "1" and 200 or 6
local INT, KILL = 2, 9

local function hash_of(bed, name)
    local r = bed:run { "study", "show", name, "--json" }
    assert.equal(0, r.code, r.err)
    return require("backlua.json").decode(r.out).result_hash
end

describe("killing", function()
    local bed, hash, seconds, pace

    -- Somebody who kills each worker before it ends a single trial would only show that a trial
    -- is given up after twenty kills: on a slow machine the storm is slower.
    setup(function()
        bed = study.bed { start_date = "2001-01-01", end_date = "2012-12-31", slow = 80 }
        local done
        done, seconds = bed:optimize { "-j", "1" }
        hash = done.result_hash
        pace = math.max(0.05, 3 * done.stats.worker_seconds / done.stats.computed)
    end)
    teardown(function() bed:close() end)

    it("workers every 50 ms changes nothing", function()
        local running = bed:start { "-j", "2", "--study", "storm", "--quiet" }
        local dice, kills = 12345, 0
        while running:alive() do
            local pids = running:children()
            if #pids > 0 and kills < 60 then
                dice = dice * 16807 % 2147483647
                background.kill(pids[dice % #pids + 1], KILL)
                kills = kills + 1
            end
            background.sleep(kills > 0 and pace or 0.002)
        end
        running:wait()
        assert.is_true(kills > 0)
        assert.equal(hash, hash_of(bed, "storm"))
    end)

    it("the parent at any instant loses nothing that was saved, leaves no orphan, and resumes",
        function()
            for i = 1, PARENT_KILLS do
                local name = "cut" .. i
                bed:start({ "-j", "2", "--study", name, "--quiet" }):cut(
                    seconds * i / (PARENT_KILLS + 1))
                local resumed = bed:run { "study", "resume", name, "--quiet" }
                if resumed.code == 3 then -- killed before the study was there
                    assert.truthy(resumed.err:find("no study", 1, true), resumed.err)
                else
                    assert.equal(0, resumed.code, resumed.err)
                    assert.equal(hash, hash_of(bed, name))
                end
            end
        end)

    it("by Ctrl-C drains, saves and says how to resume", function()
        local running = bed:start { "-j", "2", "--study", "ctrlc" }
        while running:alive() and #running:children() == 0 do
            background.sleep(0.005)
        end
        background.sleep(0.03) -- the whole takes 0.2 s
        running:signal(INT)
        local err = running:wait().err
        assert.truthy(err:find("backlua study resume ctrlc", 1, true), err)
        local resumed = bed:run { "study", "resume", "ctrlc", "--quiet" }
        assert.equal(0, resumed.code, resumed.err)
        assert.equal(hash, hash_of(bed, "ctrlc"))
    end)
end)
