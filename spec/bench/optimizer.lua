-- Config scripts for `backlua optimize`, written where the bench keeps its files.

local data = require "spec.bench.data"

local optimizer = {}

local TEXT = [[
local opt = require "backlua.optimization"
return opt.ParallelOptimizer {
    strategy = %q, bundle = %q, capital = 1000000, seed = 1, objective = "total_return",
    start_date = %s, end_date = %s,
    param_space = opt.ParameterSpace { parameters = {
        opt.DiscreteParameter { name = "fast", min_value = 5, max_value = %d, step = 2 },
        opt.DiscreteParameter { name = "slow", min_value = 50, max_value = %d, step = 10 },
    } },
}
]]

local function absolute(path)
    local pipe = io.popen "pwd"
    local folder = pipe:read "*l"
    pipe:close()
    return path:sub(1, 1) == "/" and path or folder .. "/" .. path
end

local function date(text)
    return text and ("%q"):format(text) or "nil"
end

-- Path of a config over fast x slow values of SMA-400's ranges (20 x 20 = the whole).
function optimizer.config(name, strategy, size, span)
    size, span = size or { 20, 20 }, span or {}
    local path = data.folder .. "/" .. name .. ".lua"
    local file = assert(io.open(path, "w"))
    file:write(TEXT:format(absolute("spec/bench/strategies/" .. strategy .. ".lua"),
        absolute(data.sma400()), date(span[1]), date(span[2]), 5 + 2 * (size[1] - 1),
        50 + 10 * (size[2] - 1)))
    file:close()
    return path
end

-- The place of a cache folder must be absolute, or it is passed over.
local CACHE = absolute(data.folder .. "/cache")
local HOME = data.folder .. "/home"

-- Forgets the trials of earlier studies, which would be taken instead of computed.
optimizer.forget = ("rm -rf %s/backlua/trials %s/studies"):format(CACHE, HOME)

-- A command that optimises by a config, its files where `forget` looks.
function optimizer.command(config, jobs)
    return ("env XDG_CACHE_HOME=%s BACKLUA_HOME=%s %s optimize %s -j %d --quiet"):format(CACHE,
        HOME, os.getenv "BACKLUA" or "build/backlua", config, jobs)
end

return optimizer
