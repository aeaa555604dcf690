-- Studies of the program under test, for the specs of its promises.
--
--     local bed = study.bed()                       a scratch home with a small synthetic bundle
--     local bed = study.bed { search = "opt.TPEOptimizer(space)" }  another one than the grid
--     local bed = study.bed { extra = "batch = 8" }  more options of the optimiser, as text
--     bed:optimize { "-j", 2, env = {...} }         parsed --json of one optimisation, its seconds
--     bed:optimize { command = "walkforward", form = "walk" }   of HOME/walk_config.lua
--     bed:config("tpe", { search = "opt.TPEOptimizer(space)" })   HOME/tpe_config.lua
--     local job = bed:start { "-j", 2, "--study", "s" }   in the background (background.lua)
--     bed:close()

local C = require("backlua.ffi").C
local background = require "spec.support.background"
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

local Bed = {}
Bed.__index = Bed

function study.bed(options)
    options = options or {}
    local home = child.scratch()
    local bed = setmetatable({ home = home, start_date = options.start_date or "2012-01-01",
        end_date = options.end_date or "2013-12-31" }, Bed)
    bed.env = { BACKLUA_HOME = home .. "/data", XDG_CACHE_HOME = home .. "/cache",
        BACKLUA_BUNDLES = home .. "/bundles" }
    local made = child.run { "ingest", "--synthetic", "mag7", "--seed", "3", "-b", "small",
        "--quiet", env = bed.env }
    assert(made.code == 0, made.err)
    for _, form in ipairs { "handle", "array", "frame" } do
        child.write(("%s/%s.lua"):format(home, form), (STRATEGY:gsub('form = "handle" }',
            ('form = "%s" }'):format(form), 1)))
        bed:config(form, options, form)
    end
    return bed
end

-- A config of the name, of one of the three forms of the strategy: { search =, extra =, slow = }.
function Bed:config(name, options, form)
    child.write(("%s/%s_config.lua"):format(self.home, name), CONFIG:format(form or "handle",
        self.start_date, self.end_date, options.slow or 60, options.search or "space",
        options.extra or ""))
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
    local begun = C.bt_clock_seconds()
    local r = child.run(words)
    local seconds = C.bt_clock_seconds() - begun
    assert(r.code == 0, ("exit %s: %s"):format(tostring(r.code), r.err))
    return json.decode(r.out), seconds
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

-- One in the background (background.lua). The leak check of a sanitizer build forks a helper,
-- which must not be killed for a worker.
function Bed:start(spec)
    local words = words_of(self, spec)
    words.env.ASAN_OPTIONS = "detect_leaks=0"
    return background.start(words)
end

return study
