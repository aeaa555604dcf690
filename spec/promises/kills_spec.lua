-- No trial is lost, whatever dies: workers at random, the parent at any instant.

local study = require "spec.support.study"

local PARENT_KILLS = os.getenv "STRESS" == "1" and 200 or 6

local function hash_of(bed, name)
    local r = bed:run { "study", "show", name, "--json" }
    assert.equal(0, r.code, r.err)
    return require("backlua.json").decode(r.out).result_hash
end

describe("killing", function()
    local bed, hash, pace

    -- Somebody who kills each worker before it ends a single trial would only show that a trial
    -- is given up after twenty kills: on a slow machine the storm is slower.
    setup(function()
        bed = study.bed { start_date = "2001-01-01", end_date = "2012-12-31", slow = 80 }
        local done = bed:optimize { "-j", "1" }
        hash = done.result_hash
        pace = math.max(0.05, 3 * done.stats.worker_seconds / done.stats.computed)
    end)
    teardown(function() bed:close() end)

    it("workers every 50 ms changes nothing", function()
        local running = bed:start { "-j", "2", "--study", "storm", "--quiet" }
        local dice, kills = 12345, 0
        while running:alive() do
            local pids = running:workers()
            if #pids > 0 and kills < 60 then
                dice = dice * 16807 % 2147483647
                running:kill(pids[dice % #pids + 1])
                kills = kills + 1
            end
            os.execute(("sleep %.3f"):format(pace))
        end
        running:wait()
        assert.is_true(kills > 0)
        assert.equal(hash, hash_of(bed, "storm"))
    end)

    it("the parent at any instant loses nothing that was saved, leaves no orphan, and resumes",
        function()
            for i = 1, PARENT_KILLS do
                local name = "cut" .. i
                local running = bed:start { "-j", "2", "--study", name, "--quiet" }
                os.execute(("sleep %.3f"):format(0.02 + 0.36 * i / PARENT_KILLS))
                local workers = running:workers()
                running:kill(running.pid)
                os.execute "sleep 0.5"
                for _, pid in ipairs(workers) do
                    assert.is_false(study.lives(pid), "orphan " .. pid)
                end
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
        while running:alive() and #running:workers() == 0 do
            os.execute "sleep 0.005"
        end
        os.execute "sleep 0.03" -- the whole takes 0.2 s
        running:kill(running.pid, "INT")
        local _, err = running:wait(15)
        assert.truthy(err:find("backlua study resume ctrlc", 1, true), err)
        local resumed = bed:run { "study", "resume", "ctrlc", "--quiet" }
        assert.equal(0, resumed.code, resumed.err)
        assert.equal(hash, hash_of(bed, "ctrlc"))
    end)
end)
