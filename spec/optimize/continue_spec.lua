-- --continue-anyway: a study that goes on from changed inputs, and says so in its hash.

local background = require "spec.support.background"
local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

local INT = 2

describe("a study that goes on anyway", function()
    local bed

    -- After a tenth of its work, whatever else the machine does. How many trials are done.
    local function interrupted(name)
        local running = bed:start { "-j", 1, "--study", name, "--quiet" }
        repeat
            background.sleep(0.001)
            local worker = running:children()[1]
        until worker and background.worked(worker) > 0.02 or not running:alive()
        running:signal(INT)
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

describe("a study whose inputs changed", function()
    local bed, config

    local STRATEGY = [[
        local lib = require "lib"
        return { params = { n = 1 }, handle_data = function(ctx)
            ctx:order_target_percent(ctx:symbols()[1], lib.share / ctx.params.n)
        end }
    ]]

    setup(function()
        bed = study.bed()
        config = bed.home .. "/plain_config.lua"
        child.write(bed.home .. "/lib.lua", "return { share = 0.5 }")
        child.write(bed.home .. "/plain.lua", STRATEGY)
        child.write(config, [[
            local opt = require "backlua.optimization"
            return opt.ParallelOptimizer { strategy = "plain.lua", bundle = "small",
                start_date = "2013-01-01", end_date = "2013-12-31",
                param_space = opt.ParameterSpace {
                    opt.DiscreteParameter { name = "n", min_value = 1, max_value = 4 } } }
        ]])
        local r = bed:run { "optimize", config, "--study", "s", "--quiet" }
        assert.equal(0, r.code, r.err)
    end)

    teardown(function()
        bed:close()
    end)

    -- The study as another program would have written it: done in a process that ends.
    local function rewrite(key, value)
        child.write(bed.home .. "/rewrite.lua", [[
            local C, ffi = require("backlua.ffi").C, require "ffi"
            local out = ffi.new "bt_study *[1]"
            assert(C.bt_study_resume("s", out) == C.BT_OK)
            assert(C.bt_study_set_meta(out[0], arg[1], arg[2]) == C.BT_OK)
            assert(C.bt_study_flush(out[0]) == C.BT_OK)
            C.bt_study_close(out[0])
        ]])
        local r = bed:run { bed.home .. "/rewrite.lua", key, value }
        assert.equal(0, r.code, r.err)
    end

    local function refused(what)
        local r = bed:run { "study", "resume", "s", "--quiet" }
        assert.equal(2, r.code, r.err)
        assert.truthy(r.err:find(what .. " changed", 1, true), r.err)
        assert.truthy(r.err:find("--continue-anyway", 1, true), r.err)
    end

    local function goes_on()
        local r = bed:run { "study", "resume", "s", "--quiet" }
        assert.equal(0, r.code, r.err)
    end

    it("names a required file, the strategy, the bundle", function()
        child.write(bed.home .. "/lib.lua", "return { share = 0.4 }")
        refused "a file that the strategy requires"
        child.write(bed.home .. "/lib.lua", "return { share = 0.5 }")
        goes_on()
        child.write(bed.home .. "/plain.lua", STRATEGY .. "-- another")
        refused "the strategy"
        child.write(bed.home .. "/plain.lua", STRATEGY)
        goes_on()
        local kept = bed.home .. "/kept"
        os.execute(("cp -r %s/bundles %s"):format(bed.home, kept))
        assert.equal(0, bed:run({ "ingest", "--synthetic", "mag7", "--seed", "4", "-b", "small",
            "--quiet" }).code)
        refused "the bundle"
        os.execute(("chmod -R u+w %s/bundles; rm -rf %s/bundles; mv %s %s/bundles"):format(
            bed.home, bed.home, kept, bed.home))
        goes_on()
    end)

    it("names the engine and LuaJIT", function()
        for key, what in pairs { engine = "the engine", luajit = "LuaJIT" } do
            local is = json.decode(bed:run({ "study", "show", "s", "--json" }).out).manifest[key]
            rewrite(key, "older")
            refused(what)
            rewrite(key, is)
            goes_on()
        end
    end)
end)
