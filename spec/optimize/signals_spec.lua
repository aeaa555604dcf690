-- Ctrl-C and kin, runaway and crashing strategies: how optimize ends and what the study keeps.
-- (Workers and parents killed at random: spec/promises.)

local background = require "spec.support.background"
local bundles = require "spec.support.bundles"
local child = require "spec.support.child"

local SIGINT, SIGTERM, SIGSTOP = 2, 15, 19

local BUNDLES, FOLDER

local CONFIG = [[
    local opt = require "backlua.optimization"
    return opt.ParallelOptimizer {
        strategy = "sma.lua", bundle = "two", end_date = "2005-12-31",
        param_space = opt.ParameterSpace {
            opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 38, step = 4 },
            opt.DiscreteParameter { name = "slow", min_value = 50, max_value = 145, step = 5 },
        },
        constraint = function(p) return (p.fast + p.slow) % 3 ~= 0 end,
    }
]]

local STRATEGY = [[
    local s = { params = { fast = 5, slow = 50 } }
    function s.initialize(ctx) ctx.asset = ctx:symbols()[1] end
    function s.handle_data(ctx, data)
        local slow = data:history(ctx.asset, "close", ctx.params.slow, "1d", "array")
        ctx:order_target_percent(ctx.asset,
            slow:last(ctx.params.fast):mean() > slow:mean() and ctx:random() or 0)
    end
    return s
]]

local function path(name)
    return FOLDER .. "/" .. name
end

local runs = 0

-- With a cache folder for each: a study is not to be taken from an earlier one.
local function environment()
    runs = runs + 1
    return {
        BACKLUA_BUNDLES = BUNDLES, BACKLUA_HOME = path "home",
        XDG_CACHE_HOME = path("cache" .. runs),
    }
end

local function run(...)
    return child.run { env = environment(), ... }
end

local function start(...)
    return background.start { env = environment(), ... }
end

local function hash_of(study)
    local r = run("study", "show", study)
    assert.equal(0, r.code, r.err)
    return r.out:match "result hash%s+(%x+)", r.out
end

-- True when none of the processes lives after so many seconds.
local function all_end_within(seconds, pids)
    local living, tries = true, 0
    while living and tries <= seconds * 50 do
        living, tries = false, tries + 1
        for _, pid in ipairs(pids) do
            living = living or background.alive(pid)
        end
        background.sleep(0.02)
    end
    return not living
end

-- Workers are there, and little of the search is done.
local function until_begun(job)
    repeat
        background.sleep(0.01)
    until #job:children() > 0
    background.sleep(0.01)
end

-- The result, and the seconds it takes one worker in peace, on this machine and build.
local want, calm

setup(function()
    BUNDLES, FOLDER = bundles.folder("two", 2), child.scratch()
    child.write(path "grid.lua", CONFIG)
    child.write(path "sma.lua", STRATEGY)
    local clock = require("backlua.ffi").C.bt_clock_seconds
    local begun = clock()
    local r = run("optimize", path "grid.lua", "-j", "1", "--study", "calm", "--quiet")
    assert.equal(0, r.code, r.err)
    calm = clock() - begun
    want = hash_of "calm"
    assert.equal(64, #want)
end)
teardown(child.clean)

describe("a signal", function()
    it("SIGINT drains, saves, says how to go on and exits with 130", function()
        local job = start("optimize", path "grid.lua", "-j", "2", "--study", "ctrl-c")
        until_begun(job)
        assert.is_true(job:signal(SIGINT))
        local r = job:wait()
        assert.equal(130, r.code)
        local saved = r.err:match "interrupted; (%d+) trials? %a+ saved in study ctrl%-c"
        assert.truthy(saved, r.err)
        assert.truthy(r.err:find("backlua study resume ctrl-c", 1, true))
        assert.equal("", r.out)
        assert.equal(0, #job:children())
        local trials = run("study", "trials", "ctrl-c", "--csv").out
        assert.equal(tonumber(saved) + 1, select(2, trials:gsub("\n", "")))
        r = run("study", "resume", "ctrl-c", "-j", "2")
        assert.equal(0, r.code, r.err)
        assert.equal(want, (hash_of "ctrl-c"))
    end)

    it("SIGTERM does the same and exits with 143", function()
        local job = start("optimize", path "grid.lua", "-j", "2", "--study", "term")
        until_begun(job)
        assert.is_true(job:signal(SIGTERM))
        assert.equal(143, job:wait().code)
        assert.equal(0, run("study", "resume", "term").code)
        assert.equal(want, (hash_of "term"))
    end)

    it("a second SIGINT ends it at once", function()
        child.write(path "slow.lua", "return { params = { fast = 1, slow = 1 },"
            .. " handle_data = function() while true do end end }")
        child.write(path "slow_grid.lua", (CONFIG:gsub('"sma.lua"', '"slow.lua"')))
        local job = start("optimize", path "slow_grid.lua", "-j", "2", "--study", "twice")
        until_begun(job)
        background.sleep(0.1)
        local workers = job:children()
        job:signal(SIGINT)
        background.sleep(0.3)
        assert.is_true(job:alive(), "the first one waits for what runs")
        job:signal(SIGINT)
        assert.equal(130, job:wait().code)
        assert.is_true(all_end_within(1, workers), "an orphan lives")
    end)
end)

describe("a trial", function()
    it("that never ends is stopped by --trial-timeout, and the study says so", function()
        child.write(path "stuck.lua", (STRATEGY:gsub("function s.initialize",
            "function s.before_trading_start(ctx) while ctx.params.fast == 6 do end end %0")))
        child.write(path "stuck_grid.lua", (CONFIG:gsub('"sma.lua"', '"stuck.lua"')
            :gsub("max_value = 145", "max_value = 55")))
        local r = run("optimize", path "stuck_grid.lua", "-j", "2", "--study", "stuck",
            "--trial-timeout", calm)
        assert.equal(0, r.code, r.err)
        local _, text = hash_of "stuck"
        assert.truthy(text:find "%d timeout")
        assert.truthy(text:find "timing_dependent  1")
    end)

    -- A sanitizer's shadow memory does not fit into the limit, which is left out there.
    it("that eats all memory fails alone", function()
        if os.getenv "ASAN_OPTIONS" then
            return
        end
        child.write(path "hungry.lua", (STRATEGY:gsub("function s.initialize", [[
            function s.before_trading_start(ctx)
                local eaten = {}
                for i = 1, ctx.params.fast == 6 and 1e6 or 0 do
                    eaten[i] = ("x"):rep(2 ^ 24) .. i
                end
            end %0]])))
        child.write(path "hungry_grid.lua", (CONFIG:gsub('"sma.lua"', '"hungry.lua"')
            :gsub("max_value = 145", "max_value = 60"):gsub("constraint =[^\n]*", "")))
        local r = run("optimize", path "hungry_grid.lua", "-j", "1", "--study", "hungry")
        assert.equal(0, r.code, r.err)
        local csv = run("study", "trials", "hungry", "--csv").out
        local failed, done = 0, 0
        for _ in csv:gmatch "%d+,failed,[^\n]*not enough memory" do
            failed = failed + 1
        end
        for _ in csv:gmatch "%d+,done," do
            done = done + 1
        end
        assert.same({ 3, 27 }, { failed, done }, csv)
    end)

    it("that crashes its worker three times is recorded with the signal", function()
        child.write(path "crash.lua", [[
            local ffi = require "ffi"
            return { params = { fast = 1, slow = 1 }, handle_data = function(ctx)
                if ctx.params.fast == 6 then ffi.cast("int *", 8)[0] = 1 end
            end }
        ]])
        child.write(path "crash_grid.lua", (CONFIG:gsub('"sma.lua"', '"crash.lua"')
            :gsub("max_value = 145", "max_value = 60")))
        local r = run("optimize", path "crash_grid.lua", "-j", "2", "--study", "crash", "--unsafe")
        assert.truthy(r.err:find "%-%-unsafe: script and strategy run without the sandbox")
        local csv = run("study", "trials", "crash", "--state", "crashed", "--csv").out
        assert.truthy(csv:find ",crashed,,0,3,11,")
        assert.truthy(csv:find "killed its worker 3 times %(signal 11")
    end)

    -- From its fork on until it has closed what its parent had open: the lock of the study, too.
    local function inherits_study(pid)
        local pipe = io.popen(("ls -l /proc/%d/fd 2>/dev/null"):format(pid))
        local files = pipe:read "*a"
        pipe:close()
        return files:find("/studies/", 1, true) or not files:find("->", 1, true)
    end

    it("held by SIGSTOP does not hold up Ctrl-C for ever", function()
        local job = start("optimize", path "grid.lua", "-j", "1", "--study", "stopped")
        local worker
        repeat
            background.sleep(0.01)
            worker = job:children()[1]
        until worker and not inherits_study(worker)
        background.kill(worker, SIGSTOP)
        job:signal(SIGINT)
        background.sleep(0.1)
        job:signal(SIGINT)
        assert.equal(130, job:wait().code)
        assert.equal(0, run("study", "resume", "stopped").code)
        assert.equal(want, (hash_of "stopped"))
    end)
end)
