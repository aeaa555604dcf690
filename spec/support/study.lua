-- Studies of the program under test, for the specs of its promises.
--
--     local bed = study.bed()                       a scratch home with a small synthetic bundle
--     local bed = study.bed { search = "opt.TPEOptimizer(space)" }  another one than the grid
--     local bed = study.bed { extra = "batch = 8" }  more options of the optimiser, as text
--     bed:optimize { "-j", 2, env = {...} }         parsed --json of one optimisation
--     bed:optimize { command = "walkforward", form = "walk" }   of HOME/walk_config.lua
--     local running = bed:start { "-j", 2, "--study", "s" }   in the background
--     running:workers()  running:kill(pid)  running:wait()
--     bed:close()

local child = require "spec.support.child"
local json = require "backlua.json"

local study = {}

local STRATEGY = [[
local s = { params = { fast = 5, slow = 20, form = "handle" } }
function s.initialize(ctx)
    ctx.assets, ctx.up = ctx:symbols(), {}
    if ctx.params.form == "handle" then
        ctx.fast, ctx.slow = {}, {}
        for i, asset in ipairs(ctx.assets) do
            ctx.fast[i] = ctx:indicator("sma", asset, { n = ctx.params.fast })
            ctx.slow[i] = ctx:indicator("sma", asset, { n = ctx.params.slow })
        end
    end
end
local function means(ctx, data, i, asset)
    local form = ctx.params.form
    if form == "handle" then
        return ctx.fast[i][-1], ctx.slow[i][-1]
    end
    return data:history(asset, "close", ctx.params.fast, "1d", form):mean(),
        data:history(asset, "close", ctx.params.slow, "1d", form):mean()
end
function s.handle_data(ctx, data)
    for i, asset in ipairs(ctx.assets) do
        local fast, slow = means(ctx, data, i, asset)
        local up = fast > slow
        if up ~= (ctx.up[i] or false) then
            ctx.up[i] = up
            ctx:order_target_percent(asset, up and 1 / #ctx.assets or 0)
        end
    end
end
return s
]]

local CONFIG = [[
local opt = require "backlua.optimization"
local strategy, start_date, end_date = "%s.lua", "%s", "%s"
local space = opt.ParameterSpace { parameters = {
    opt.DiscreteParameter { name = "fast", min_value = 3, max_value = 21, step = 2 },
    opt.DiscreteParameter { name = "slow", min_value = 10, max_value = %d, step = 5 },
} }
return opt.ParallelOptimizer {
    %s, strategy = strategy, bundle = "small", start_date = start_date, end_date = end_date,
    constraint = function(p) return p.fast < p.slow end,
    objective = "sharpe_ratio", seed = 11, %s
}
]]

-- A shell starts what it puts in the background with SIGINT ignored; this gives it back.
local LAUNCH = [[
local ffi = require "ffi"
ffi.cdef "void *signal(int, void *); int execvp(const char *, const char *const *);"
ffi.C.signal(2, nil)
local words = ffi.new("const char *[?]", #arg + 1)
for i, word in ipairs(arg) do
    words[i - 1] = word
end
ffi.C.execvp(arg[1], words)
os.exit(127)
]]

local Bed = {}
Bed.__index = Bed

function study.bed(options)
    options = options or {}
    local home = child.scratch()
    local bed = setmetatable({ home = home, start_date = options.start_date or "2012-01-01" }, Bed)
    bed.env = { BACKLUA_HOME = home .. "/data", XDG_CACHE_HOME = home .. "/cache",
        BACKLUA_BUNDLES = home .. "/bundles" }
    local made = child.run { "ingest", "--synthetic", "mag7", "--seed", "3", "-b", "small",
        "--quiet", env = bed.env }
    assert(made.code == 0, made.err)
    child.write(home .. "/launch.lua", LAUNCH)
    for _, form in ipairs { "handle", "array", "frame" } do
        child.write(("%s/%s.lua"):format(home, form), (STRATEGY:gsub('form = "handle" }',
            ('form = "%s" }'):format(form), 1)))
        child.write(("%s/%s_config.lua"):format(home, form), CONFIG:format(form,
            bed.start_date, options.end_date or "2013-12-31",
            options.slow or 60, options.search or "space", options.extra or ""))
    end
    return bed
end

function Bed:close()
    child.clean()
end

-- Studies are made with cache folders of their own, or the second would be taken from the first;
-- { remember = true } has the bed's.
local function words_of(self, spec)
    local words = { spec.command or "optimize",
        ("%s/%s_config.lua"):format(self.home, spec.form or "handle") }
    for _, word in ipairs(spec) do
        words[#words + 1] = word
    end
    words.env, words.program = {}, spec.program
    for name, value in pairs(self.env) do
        words.env[name] = value
    end
    if not spec.remember then
        self.runs = (self.runs or 0) + 1
        words.env.XDG_CACHE_HOME = ("%s/cache%d"):format(self.home, self.runs)
    end
    for name, value in pairs(spec.env or {}) do
        words.env[name] = value
    end
    return words
end

-- Run a command of the bed; the child's { code, out, err }.
function Bed:run(words)
    words.env = words.env or self.env
    return child.run(words)
end

function Bed:optimize(spec)
    local words = words_of(self, spec)
    words[#words + 1] = "--json"
    local r = child.run(words)
    assert(r.code == 0, ("exit %s: %s"):format(tostring(r.code), r.err))
    return json.decode(r.out)
end

-- One backtest of the strategy with the bed's dates, up to `last`: parsed --json.
function Bed:backtest(params, last)
    local words = { "run", self.home .. "/handle.lua", "-b", "small", "-s", self.start_date,
        "-e", last, "--json", "--no-save", env = self.env }
    for name, value in pairs(params) do
        words[#words + 1] = "--param"
        words[#words + 1] = name .. "=" .. value
    end
    local r = child.run(words)
    assert(r.code == 0, r.err)
    return json.decode(r.out)
end

-- ---- in the background ---------------------------------------------------------------------

local Running = {}
Running.__index = Running

local function shell(command)
    local pipe = assert(io.popen(command))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

function Bed:start(spec)
    local words = words_of(self, spec)
    -- The leak check of a sanitizer build forks a helper, which must not be killed for a worker.
    words.env.ASAN_OPTIONS = "detect_leaks=0"
    local parts = { "env" }
    for name, value in pairs(words.env) do
        parts[#parts + 1] = child.quote(name .. "=" .. value)
    end
    parts[#parts + 1] = child.quote(child.program)
    for _, word in ipairs(words) do
        parts[#parts + 1] = child.quote(word)
    end
    local base = self.home .. "/" .. (spec.base or "run")
    table.insert(parts, #parts - #words, child.quote(child.program))
    table.insert(parts, #parts - #words, child.quote(self.home .. "/launch.lua"))
    local command = ("%s </dev/null >%s.out 2>%s.err & echo $!"):format(
        table.concat(parts, " "), base, base)
    return setmetatable({ pid = tonumber(shell(command)), base = base }, Running)
end

-- Process ids of its workers.
function Running:workers()
    local pids = {}
    local path = ("/proc/%d/task/%d/children"):format(self.pid, self.pid)
    for pid in shell(("cat %s 2>/dev/null"):format(path)):gmatch "%d+" do
        pids[#pids + 1] = tonumber(pid)
    end
    return pids
end

-- Does a process run (a zombie does not)?
function study.lives(pid)
    local state = shell(("cut -d' ' -f3 /proc/%d/stat 2>/dev/null"):format(pid))
    return state ~= "" and not state:find "Z"
end

function Running:alive()
    return study.lives(self.pid)
end

function Running.kill(_, pid, signal)
    os.execute(("kill -%s %d 2>/dev/null"):format(signal or "KILL", pid))
end

-- What it has printed on both streams so far.
function Running:read()
    return child.read(self.base .. ".out"), child.read(self.base .. ".err")
end

-- Wait until it has ended, at most `seconds`; what it printed on both streams.
function Running:wait(seconds)
    for _ = 1, (seconds or 60) * 20 do
        if not self:alive() then
            return self:read()
        end
        os.execute "sleep 0.05"
    end
    error("still running after " .. (seconds or 60) .. " s")
end

return study
