-- What the pruners share: how a trial's span is cut, and what the engine is told.

local class = require "backlua.optimization.class"
local options = require "backlua.options"
local C = require("backlua.ffi").C
local sorted_keys = require "backlua.sorted_keys"

local pruner = {}

local pruners = class.new "Pruner"

local COMMON = {
    n_blocks = { kind = "integer", min = 2, max = C.BT_STEPS_MAX, default = 8 },
    n_startup_trials = { kind = "integer", min = 0, max = 2 ^ 31 - 1, default = 5 },
    n_warmup_blocks = { kind = "integer", min = 1, max = C.BT_STEPS_MAX, default = 1 },
}

-- A constructor. It raises at its caller's line when an option is wrong.
--     what    class name
--     kind    the engine's name of it (engine/optimize/prune.c)
--     spec    further options, or other defaults (options.lua)
function pruner.constructor(what, kind, spec)
    local full = {}
    for _, part in ipairs { COMMON, spec } do
        for key, entry in pairs(part) do
            full[key] = entry
        end
    end
    return function(given)
        local values = options.check(what, full, given, 2)
        if values.n_warmup_blocks >= values.n_blocks then
            error(("%s: n_warmup_blocks must be below n_blocks %d, got %d"):format(what,
                values.n_blocks, values.n_warmup_blocks), 2)
        end
        return pruners.new(values, { kind = kind, spec = full })
    end
end

pruner.is = pruners.is

-- What the engine is told (struct prune_options).
function pruner.settings(object)
    return {
        kind = pruners.hidden(object).kind, blocks = object.n_blocks,
        startup = object.n_startup_trials, least = object.n_warmup_blocks,
        percentile = object.percentile or 50, factor = object.reduction_factor or 0,
        p = object.p_threshold or 0, apart = object.p_threshold and 1 or 0,
    }
end

-- One text for a manifest.
function pruner.text(object)
    if not object then
        return "none"
    end
    local hidden, parts = pruners.hidden(object), {}
    for _, name in ipairs(sorted_keys(hidden.spec)) do
        parts[#parts + 1] = ("%s=%s"):format(name, tostring(object[name]))
    end
    return ("%s(%s)"):format(hidden.kind, table.concat(parts, ","))
end

return pruner
