-- The audit: trials again, compiled and interpreted.

local background = require "spec.support.background"
local child = require "spec.support.child"
local json = require "backlua.json"
local study = require "spec.support.study"

-- Under --unsafe a strategy may see the compiler; this one trades by it after a while.
local TWO_FACED = [[
local jit = require "jit"
local s = { params = { n = 1 } }
function s.initialize(ctx) ctx.asset, ctx.bars = ctx:symbol "AAPL", 0 end
function s.handle_data(ctx)
    ctx.bars = ctx.bars + 1
    local odd = not jit.status() and ctx.params.n == 2 and ctx.bars > %d
    ctx:order_target(ctx.asset, odd and 10 or 5)
end
return s
]]

-- Interpreted it says that it runs and waits until it may go on.
local PATIENT = [[
local jit = require "jit"
local s = { params = { n = 1 } }
local function exists(name)
    local file = io.open(%q .. name)
    return file and file:close()
end
function s.initialize(ctx)
    if not jit.status() then
        io.open(%q .. "begun", "w"):close()
        repeat until exists "go"
    end
end
function s.handle_data() end
return s
]]

local CONFIG = [[
local opt = require "backlua.optimization"
return opt.%s {
    strategy = "two_faced.lua", bundle = "small", start_date = "2012-01-01",
    end_date = "2012-12-31", objective = "total_return", %s
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "n", min_value = 1, max_value = 3, step = 1 } } },
}
]]

local WINDOWS = "window_config = opt.WindowConfig { train_period_days = 80, "
    .. "validation_period_days = 0, test_period_days = 40, step_size_days = 80 },"

describe("the audit", function()
    local bed

    local function optimize(command, from_bar, ...)
        child.write(bed.home .. "/two_faced.lua", TWO_FACED:format(from_bar))
        local kind = command == "optimize" and "ParallelOptimizer" or "WalkForwardOptimizer"
        child.write(bed.home .. "/c.lua", CONFIG:format(kind,
            command == "optimize" and "" or WINDOWS))
        return bed:run { command, bed.home .. "/c.lua", "--unsafe", "--json", ... }
    end

    setup(function()
        bed = study.bed { slow = 10 }
    end)

    teardown(function()
        bed:close()
    end)

    it("finds nothing where code means the same both ways", function()
        local r = optimize("optimize", 1000, "--audit", "all")
        assert.equal(0, r.code, r.err)
        assert.same({ trials = 3, share = 1, equal = true }, json.decode(r.out).stats.audit)
    end)

    it("names the trial that comes out differently, and ends with 6", function()
        local r = optimize("optimize", 100, "--audit", "all", "--study", "odd")
        assert.equal(6, r.code)
        assert.truthy(r.err:find("trial 2 {n=2} comes out differently compiled and interpreted: "
            .. "hash is '", 1, true))
        assert.is_false(json.decode(r.out).stats.audit.equal)
        local shown = bed:run { "study", "show", "odd" }
        assert.truthy(shown.out:find("audit +3 trials, 100 %% of their bars: trial 2 differs"))
    end)

    it("does as many trials as it is told, the best one first", function()
        local r = optimize("optimize", 100, "--audit", "1")
        local result = json.decode(r.out)
        assert.equal(1, result.stats.audit.trials)
        assert.equal(result.best.trial == 2 and 6 or 0, r.code)
        assert.equal(0, optimize("optimize", 100, "--audit", "none").code)
    end)

    it("audits the slices of a walk-forward", function()
        assert.equal(0, optimize("walkforward", 1000, "--audit", "all").code)
        local r = optimize("walkforward", 60, "--audit", "all")
        assert.equal(6, r.code)
        assert.truthy(r.err:find("{n=2", 1, true), r.err)
    end)

    it("may be stopped, which leaves what was made beside it", function()
        local here = child.scratch() .. "/"
        child.write(bed.home .. "/two_faced.lua", PATIENT:format(here, here))
        child.write(bed.home .. "/c.lua", CONFIG:format("ParallelOptimizer", ""))
        local job = background.start { "optimize", bed.home .. "/c.lua", "--unsafe", "--json",
            "--audit", "all", env = bed.env }
        repeat
            background.sleep(0.01)
        until io.open(here .. "begun") or not background.alive(job.pid)
        job:signal(2)
        child.write(here .. "go", "")
        local r = job:wait()
        assert.equal(0, r.code, r.err)
        local result = json.decode(r.out)
        assert.equal(3, #result.trials)
        assert.truthy(result.luck.verdict)
        assert.truthy(r.err:find("3 trials saved", 1, true))
    end)

    it("is told which words there are", function()
        local r = bed:run { "optimize", bed.home .. "/handle_config.lua", "--audit", "some" }
        assert.equal(2, r.code)
        assert.truthy(r.err:find("--audit must be auto, none, all or a number of trials, got "
            .. "'some'", 1, true))
    end)
end)
