-- backlua optimize and backlua study at the command line.

local bundles = require "spec.support.bundles"
local child = require "spec.support.child"
local json = require "backlua.json"

local BUNDLES, FOLDER

local SPACE = [[
    param_space = opt.ParameterSpace {
        opt.DiscreteParameter { name = "fast", min_value = 2, max_value = 10, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 20, max_value = 40, step = 10 },
    },
]]

local CONFIG = [[
    local opt = require "backlua.optimization"
    return opt.ParallelOptimizer {
        strategy = "sma.lua", bundle = "two", start_date = "2001-01-01", end_date = "2002-12-31",
        ]] .. SPACE .. [[
        constraint = function(p) return p.fast < 10 end,
    }
]]

local STRATEGY = [[
    local s = { params = { fast = 5, slow = 50 } }
    function s.initialize(ctx) ctx.asset = ctx:symbols()[1] end
    function s.handle_data(ctx, data)
        local slow = data:history(ctx.asset, "close", ctx.params.slow, "1d", "array")
        ctx:order_target_percent(ctx.asset,
            slow:last(ctx.params.fast):mean() > slow:mean() and 1 or 0)
    end
    return s
]]

local function path(name)
    return FOLDER .. "/" .. name
end

local function run(...)
    local words = { ... }
    words.env = { BACKLUA_BUNDLES = BUNDLES, BACKLUA_HOME = path "home" }
    words.cwd = type(words[1]) == "table" and table.remove(words, 1).cwd or nil
    return child.run(words)
end

-- Exit code and parts of the message.
local function fails(code, r, ...)
    assert.equal(code, r.code, r.err)
    assert.equal("", r.out)
    for _, part in ipairs { ... } do
        assert.truthy(r.err:find(part, 1, true), r.err .. " lacks: " .. part)
    end
end

local function config(text)
    child.write(path "other.lua", text)
    return path "other.lua"
end

setup(function()
    BUNDLES, FOLDER = bundles.folder("two", 2), child.scratch()
    child.write(path "grid.lua", CONFIG)
    child.write(path "sma.lua", STRATEGY)
end)
teardown(child.clean)

describe("optimize", function()
    it("prints the best trials and the hash on stdout, the rest on stderr", function()
        local r = run("optimize", path "grid.lua", "-j", "2", "--study", "first")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find "^grid.lua  15 trials %(3 excluded by the constraint%)  ")
        assert.truthy(r.out:find "\n  trial  sharpe_ratio  fast  slow +return  drawdown  trades\n")
        assert.truthy(r.out:find "\nresult hash %x+\n$")
        local _, lines = r.out:gsub("\n", "")
        assert.equal(1 + 1 + 10 + 6 + 1, lines) -- six say whether the best is luck
        assert.truthy(r.out:find "\n  Is it real%?  probably luck: ")
        assert.truthy(r.err:find "12/12 trials")
        assert.truthy(r.err:find "study first: 15 trials saved")
        assert.truthy(r.err:find("backlua run " .. path "sma.lua" .. " -b two -s 2001-01-01 "
            .. "-e 2002-12-31 --params " .. path "grid.best.lua", 1, true))
    end)

    it("prints a command for the best that does what the trial did", function()
        local text = CONFIG:gsub('"two"', '"' .. BUNDLES .. '/two"'):gsub("constraint =",
            "convention = 'backtesting.py', capital = 5000, risk_free = 0.01, seed = 7,"
                .. " commission = require 'backlua.commission'.none(), %0")
        local r = run("optimize", config(text), "--json")
        assert.truthy(r.err:find("(`run` has no option for commission: set it in the strategy)",
            1, true), r.err)
        local free = STRATEGY:gsub("ctx.asset =",
            "ctx:set_commission(require 'backlua.commission'.none()) %0")
        child.write(path "free.lua", free)
        local words = { "--json", "--no-save" }
        for word in r.err:match "see them run:\n  backlua run ([^\n]+)":gmatch "%S+" do
            words[#words + 1] = word:gsub("sma.lua$", "free.lua")
        end
        table.insert(words, 1, "run")
        local again = child.run(words) -- elsewhere: by its path the bundle is found
        assert.equal(0, again.code, again.err)
        local result = json.decode(again.out)
        assert.equal(json.decode(r.out).best.score, result.restated.sharpe_ratio)
        assert.equal("backtesting.py", result.manifest.convention)
        assert.equal(7, result.manifest.seed)
    end)

    it("writes the best parameters as a file that run takes", function()
        local r = run("run", path "sma.lua", "-b", "two", "-s", "2001-01-01", "-e", "2002-12-31",
            "--params", path "grid.best.lua", "--json", "--no-save")
        assert.equal(0, r.code, r.err)
        local result = json.decode(r.out)
        local show = json.decode(run("study", "best", "first", "--json").out)
        assert.same(show.params, result.manifest.params)
        assert.equal(show.score, result.metrics.sharpe_ratio)
        assert.same(show.params, dofile(path "grid.best.lua"))
    end)

    it("says why trials failed when others did not", function()
        child.write(path "some.lua", (STRATEGY:gsub("function s.initialize%(ctx%)", [[%0
            if ctx.params.fast == 4 then error("four: " .. ctx.params.slow) end]])))
        local r = run("optimize", config((CONFIG:gsub("sma.lua", "some.lua"))), "--study", "some")
        assert.equal(0, r.code, r.err)
        local row = "Failed +3 trials; trial 4 {fast=4, slow=20}: [^\n]*some.lua:3: four: 20\n"
        assert.truthy(r.out:find("\n  " .. row), r.out)
        assert.truthy(run("study", "show", "some").out:find("\n" .. row))
        assert.equal(0, run("study", "rm", "some").code)
    end)

    it("gives one JSON object, the same for any number of workers", function()
        local function object(jobs)
            local r = run("optimize", path "grid.lua", "-j", jobs, "--json", "--quiet",
                "--no-cache")
            assert.equal(0, r.code, r.err)
            assert.equal("", r.err)
            return json.decode(r.out)
        end
        local one, three = object "1", object "3"
        assert.equal(one.result_hash, three.result_hash)
        assert.equal(15, #one.trials)
        assert.equal(15, one.stats.trials)
        assert.equal("two", one.manifest.bundle)
        assert.same(one.best, three.best)
        assert.equal(one.best.trial, one.trials[one.best.trial].trial)
        assert.equal("infeasible", one.trials[13].state)
        assert.is_nil(one.trials[13].score)
    end)

    it("finds what a config names from any folder, and makes up a study's name", function()
        local r = run({ cwd = FOLDER }, "optimize", "grid.lua", "--quiet")
        assert.equal(0, r.code, r.err)
        local name = run("study", "list").out:match "grid%-%d%d%d%d%-%d%d%-%d%d%-%x%x%x%x"
        assert.truthy(name)
        assert.equal(0, run("study", "rm", name).code)
    end)

    it("goes on with a study of the name", function()
        local r = run("optimize", path "grid.lua", "--study", "first")
        assert.equal(0, r.code, r.err)
        assert.truthy(r.out:find "15 taken from the study")
    end)

    it("says under --verbose why there are so many workers", function()
        local r = run("optimize", path "grid.lua", "-j", "2", "--verbose")
        assert.truthy(r.err:find "policy: %d of 2 workers: %d+ trials of [%d.]+ ms left, [%d.]+ ms "
            .. "of work; a worker costs [%d.]+ ms and must save [%d.]+ ms")
    end)
end)

describe("optimize refuses", function()
    it("a config that is not there or not one", function()
        fails(2, run("optimize"), "which script? backlua optimize CONFIG.lua")
        fails(2, run("optimize", path "gird.lua"), "no such file", "did you mean", "grid.lua?")
        fails(2, run("optimize", FOLDER), "is a folder")
        fails(2, run("optimize", config "return 7"), "must return a ParallelOptimizer",
            "got a number")
        fails(2, run("optimize", config "local x = 1"), "got nothing")
        fails(2, run("optimize", config "return {"), "other.lua:1:")
        fails(2, run("optimize", config "\n\nlocal opt = nil\nreturn opt.x"), "other.lua:4:",
            "return opt.x")
    end)

    it("gives each parameter a column, also those that some trials lack", function()
        local text = CONFIG:gsub("constraint = [^\n]*", ""):gsub("sma.lua", "sma_tree.lua")
        text = text:gsub("param_space = opt.ParameterSpace {", [[%0
            opt.CategoricalParameter { name = "kind", choices = { "a", "b" } },
            opt.ContinuousParameter { name = "gap", min_value = 0, max_value = 1, step = 0.5,
                active_if = { kind = "b" } },]])
        child.write(path "tree.lua", text)
        child.write(path "sma_tree.lua", (STRATEGY:gsub("slow = 50",
            'slow = 50, kind = "a", gap = 0')))
        local shown = run("optimize", path "tree.lua", "--study", "tree", "--quiet")
        assert.equal(0, shown.code, shown.err)
        assert.truthy(shown.out:find "sharpe_ratio +fast +gap +kind +slow")
        local trials = run("study", "trials", "tree").out
        assert.truthy(trials:find "\n +1 +done +%S+ +2 +%- +a +20 ", trials)
        assert.truthy(trials:find "\n +%d+ +done +%S+ +%d+ +0%.5 +b +20 ", trials)
        local header, at, rows = nil, nil, 0
        for line in run("study", "export", "tree", "--csv").out:gmatch "[^\n]+" do
            local fields = {}
            for field in (line .. ","):gmatch "([^,]*)," do
                fields[#fields + 1] = field
            end
            if not header then
                header, at = fields, {}
                for k, name in ipairs(fields) do
                    at[name] = k
                end
            else
                rows = rows + 1
                assert.equal(#header, #fields)
                assert.equal(fields[at["param.kind"]] == "a", fields[at["param.gap"]] == "")
                assert.equal(fields[at.score], fields[at.sharpe_ratio])
            end
        end
        assert.equal(5 * 3 * 4, rows)
        assert.equal(0, run("study", "rm", "tree").code)
    end)

    it("names the config in which an option is wrong, and what there is to take", function()
        for text, parts in pairs {
            ["capitl = 5"] = { "other.lua: ParallelOptimizer: unknown option 'capitl'",
                "did you mean 'capital'?" },
            ["objective = 'profit'"] = { "'profit'; did you mean 'profit_factor'?" },
            ["objective = 'gains'"] = { "'gains'; `backlua explain metrics` lists them" },
            ["constraints = { foo = 1 }"] = { "unknown constraint 'foo'; it is min_ or max_" },
        } do
            fails(2, run("optimize", config((CONFIG:gsub("constraint = [^\n]*", text)))),
                unpack(parts))
        end
    end)

    it("mistakes in it, at their line", function()
        fails(2, run("optimize", config((CONFIG:gsub("max_value = 10", "max_value = 11")))),
            "other.lua:5:", "step 2 does not divide")
        fails(2, run("optimize", config((CONFIG:gsub("constraint", "constrain")))),
            "did you mean 'constraint'?")
        fails(2, run("optimize", config((CONFIG:gsub('start_date = "2001', 'start_date = "20x1')))),
            "20x1")
    end)

    it("what a config may not reach", function()
        fails(2, run("optimize", config "os.remove 'x'"), "'os' is not part of what a strategy may")
        fails(2, run("optimize", config "require 'ffi'"), "no module 'ffi'")
        fails(2, run("optimize", config((CONFIG:gsub("strategy =", "unsafe = true, strategy =")))),
            "sets unsafe: only the command line may")
    end)

    it("words that make no sense", function()
        fails(2, run("optimize", path "grid.lua", "-j", "0"), "-j must be a whole number >= 1",
            "got '0'")
        fails(2, run("optimize", path "grid.lua", "-j", "1.5"), "got '1.5'")
        fails(2, run("optimize", path "grid.lua", "--stdy", "x"), "did you mean '--study'?")
        fails(2, run("optimize", path "grid.lua", "--study", "../x"), "cannot name a study")
        fails(2, run("optimize", path "grid.lua", "--trial-timeout", "-1"), "--trial-timeout", "-1")
    end)

    it("a strategy or a bundle that is not there", function()
        fails(2, run("optimize", config((CONFIG:gsub("sma.lua", "sam.lua")))), "no such file",
            "did you mean", "sma.lua?")
        fails(3, run("optimize", config((CONFIG:gsub('"two"', '"twoo"')))), "did you mean 'two'?")
        fails(2, run("optimize", config((CONFIG:gsub('"slow"', '"slwo"')))),
            "unknown parameter 'slwo'; did you mean 'slow'?")
    end)

    it("a strategy that never works", function()
        child.write(path "bad.lua", "return { params = { fast = 1, slow = 1 },\n"
            .. "handle_data = function(ctx)\nctx:ordr(1) end }")
        local r = run("optimize", config((CONFIG:gsub("sma.lua", "bad.lua"))))
        fails(1, r, "no trial of 12 came to a score", "bad.lua:3:", "did you mean 'order'?",
            "2001-01-02")
    end)
end)

describe("study", function()
    it("lists, shows and prints what there is", function()
        local list = run("study", "list")
        assert.equal(0, list.code)
        assert.truthy(list.out:find "first +15  sharpe_ratio +[%-%d.]+ .*sma.lua  two")
        local all = json.decode(run("study", "list", "--json").out)
        assert.equal("first", all[1].name)
        assert.equal(15, all[1].trials)
        local show = run("study", "show", "first").out
        assert.truthy(show:find "trials +12 done, 3 infeasible\n")
        assert.truthy(show:find "space +fast:int%(2,10,2%);slow:int%(20,40,10%)\n")
        assert.truthy(show:find "strategy_sha256 +%x+\n")
        local object = json.decode(run("study", "show", "first", "--json").out)
        assert.equal(15, #object.trials)
        assert.equal(show:match "result hash%s+(%x+)", object.result_hash)
    end)

    it("prints trials by state, by score, as CSV", function()
        local rows = run("study", "trials", "first").out
        assert.equal(16, select(2, rows:gsub("\n", "")))
        rows = run("study", "trials", "first", "--state", "infeasible").out
        assert.equal(4, select(2, rows:gsub("\n", "")))
        rows = run("study", "trials", "first", "--top", "-n", "3").out
        assert.equal(4, select(2, rows:gsub("\n", "")))
        local best = json.decode(run("study", "best", "first", "--json").out)
        assert.equal(best.trial, tonumber(rows:match "\n%s*(%d+)"))
        local csv = run("study", "trials", "first", "--csv").out
        assert.truthy(csv:find "^trial,state,score,.*,param.fast,param.slow,total_return,")
        assert.equal(16, select(2, csv:gsub("\n", "")))
        fails(2, run("study", "trials", "first", "--state", "dnoe"), "did you mean 'done'?")
    end)

    it("knows no other names", function()
        for _, verb in ipairs { "show", "best", "trials", "resume", "rm" } do
            fails(3, run("study", verb, "frist"), "no study 'frist'; did you mean 'first'?")
        end
        fails(2, run("study"), "which?", "list | show NAME")
        fails(2, run("study", "shwo"), "did you mean 'show'?")
    end)

    it("goes on only with what it was made from", function()
        local r = run("study", "resume", "first", "--json")
        assert.equal(0, r.code, r.err)
        assert.equal(15, json.decode(r.out).stats.resumed)
        child.write(path "sma.lua", STRATEGY .. "\n")
        fails(2, run("study", "resume", "first"), "study 'first' cannot go on",
            "the strategy changed", "strategy_sha256")
        child.write(path "sma.lua", STRATEGY)
        child.write(path "grid.lua", CONFIG .. "\n")
        fails(2, run("study", "resume", "first"), "the config script changed")
        os.rename(path "grid.lua", path "gone.lua")
        fails(2, run("study", "resume", "first"), "its config script", "is gone", "if it was moved",
            "backlua optimize ITS_PATH --study first")
        for _, place in ipairs { "gone.lua", "grid.lua" } do -- it is followed where it is moved to
            child.write(path(place), CONFIG)
            assert.equal(0, run("optimize", path(place), "--study", "first", "--quiet").code)
            assert.equal(0, run("study", "resume", "first", "--quiet").code)
            assert.equal(0, run("study", "replay", "first", "1").code)
            os.remove(path "gone.lua")
        end
    end)

    it("notices a required file that changed", function()
        child.write(path "helper.lua", "return 1")
        child.write(path "uses.lua", "local one = require 'helper'\n"
            .. STRATEGY:gsub("and 1 or 0", "and one or 0"))
        local file = config((CONFIG:gsub("sma.lua", "uses.lua")))
        local r = run("optimize", file, "--study", "uses", "--quiet")
        assert.equal(0, r.code, r.err)
        child.write(path "helper.lua", "return 0.5")
        fails(2, run("study", "resume", "uses"), "a file that the strategy requires changed")
        assert.equal(0, run("study", "rm", "uses").code)
    end)

    it("is one process's at a time, and says whose", function()
        local background = require "spec.support.background"
        child.write(path "slow.lua", (STRATEGY:gsub("ctx:order", "for i = 1, 3e5 do "
            .. "ctx.x = i end ctx:order")))
        local file = config((CONFIG:gsub("sma.lua", "slow.lua")))
        local job = background.start {
            "optimize", file, "--study", "busy", "-j", "1",
            env = { BACKLUA_BUNDLES = BUNDLES, BACKLUA_HOME = path "home" },
        }
        repeat
            background.sleep(0.01)
        until #job:children() > 0
        fails(5, run("optimize", file, "--study", "busy"), "study 'busy' is in use by process "
            .. job.pid .. " on ")
        fails(5, run("study", "rm", "busy"), "in use")
        assert.equal(0, run("study", "show", "busy").code) -- looking is free
        job:signal(9)
        job:wait()
        assert.equal(0, run("study", "rm", "busy").code)
    end)

    it("is removed by rm", function()
        assert.equal("first: removed\n", run("study", "rm", "first").out)
        fails(3, run("study", "show", "first"), "no study 'first'")
    end)

    it("needs a folder that may be written", function()
        local r = child.run {
            "optimize", path "grid.lua",
            env = { BACKLUA_BUNDLES = BUNDLES, BACKLUA_HOME = "/proc/no" },
        }
        fails(4, r, "/proc/no")
    end)
end)
