-- --continue-anyway: a study that goes on from changed inputs, and says so in its hash.

local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

describe("a study that goes on anyway", function()
    local bed

    local function interrupted(name)
        local running = bed:start { "-j", 1, "--study", name, "--quiet" }
        local saved
        repeat
            os.execute "sleep 0.02"
            local r = bed:run { "study", "show", name, "--json" }
            saved = r.code == 0 and #json.decode(r.out).trials or 0
        until saved > 0 or not running:alive()
        running:kill(running.pid, "INT")
        running:wait()
        return #json.decode(bed:run({ "study", "show", name, "--json" }).out).trials
    end

    setup(function()
        bed = study.bed { start_date = "2000-01-01", slow = 60 }
    end)

    teardown(function()
        bed:close()
    end)

    it("is refused first, then begins another epoch of its hash", function()
        local whole = bed:optimize { "-j", 2 }
        local done = interrupted "s"
        assert.is_true(done > 0 and done < #whole.trials, done .. " trials were done")
        local path = bed.home .. "/handle.lua"
        child.write(path, child.read(path) .. "\n-- no other behaviour")
        local refused = bed:run { "study", "resume", "s" }
        assert.equal(2, refused.code)
        assert.truthy(refused.err:find("the strategy changed", 1, true))
        local r = bed:run { "study", "resume", "s", "--json", "--continue-anyway" }
        assert.equal(0, r.code, r.err)
        local result = json.decode(r.out)
        assert.equal(#whole.trials, #result.trials)
        for i, trial in ipairs(whole.trials) do
            assert.equal(trial.hash, result.trials[i].hash)
        end
        assert.not_equal(whole.result_hash, result.result_hash)
        local shown = bed:run { "study", "show", "s" }
        assert.truthy(shown.out:find("epochs +" .. done + 1 .. "\n"))
        assert.equal(0, bed:run({ "study", "resume", "s", "--quiet" }).code)
    end)

    it("never goes on in another space", function()
        assert.equal(0, bed:run({ "optimize", bed.home .. "/array_config.lua", "--study",
            "a", "--quiet" }).code)
        local path = bed.home .. "/array_config.lua"
        child.write(path, (child.read(path):gsub("max_value = 21", "max_value = 23")))
        local r = bed:run { "study", "resume", "a", "--continue-anyway" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("the parameter space changed", 1, true), r.err)
    end)
end)
