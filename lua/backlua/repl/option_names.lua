-- Keys of the table that the cursor is in, for completion, and the values one of them may have.
-- call: of call_at.lua; value_of(path): the value that a path such as a.b.c has.

local options = require "backlua.options"
local param_names = require "backlua.repl.param_names"
local words = require "backlua.repl.words"

-- Keys that a word takes beside those of a backtest.
local OWN = {
    run = { "params", "print" }, session = { "params" },
    grid = { "pool", "jobs", "objective", "study", "constraint", "over" },
}

-- Which argument of a word is what.
local ARGUMENTS = {
    run = { "options", "params", "options" }, session = { "options", "options" },
    grid = { "none", "params", "options" },
}

local BARS = { "start", "frequency" }

local function join(...)
    local all = {}
    for _, list in ipairs { ... } do
        for _, name in ipairs(list) do
            all[#all + 1] = name
        end
    end
    return all
end

-- Those of a backtest that an optimiser takes.
local function of_trials(keys)
    local taken, list = {}, {}
    for _, name in ipairs(options.keys_of(require "backlua.optimization".ParallelOptimizer, {})) do
        taken[name] = true
    end
    for _, name in ipairs(keys) do
        list[#list + 1] = taken[name] and name or nil
    end
    return list
end

local function of_backtest(name)
    local keys, spec = options.keys_of(require("backlua.job").prepare, {})
    return join(name == "grid" and of_trials(keys) or keys, OWN[name]), spec
end

-- The text or value that a call's strategy is given as.
local function strategy_of(call, value_of)
    local inside = (call.inner or ""):match "strategy%s*=%s*([\"'][^\"']*[\"'])"
    if inside then
        return inside
    end
    local first = call.first
    return first and (first:find "^[\"']" and first or value_of(first))
end

local function of_word(call, value_of)
    if call.name == "bars" then
        return BARS
    end
    local kinds = ARGUMENTS[call.name]
    local kind = kinds and kinds[call.argument]
    if kind == "params" or kind == "options" and call.key == "params" then
        return param_names(strategy_of(call, value_of))
    elseif kind == "options" and call.key == nil then
        return of_backtest(call.name)
    end
end

-- A function of our library is called as far as to its check of the options, and no further.
local function of_function(f, ...)
    local source = type(f) == "function" and debug.getinfo(f, "S").source or ""
    if source:find "^@backlua/optimization" or source == "@backlua/costs.lua" then
        return options.keys_of(f, ...)
    end
end

local function of_indicator(name)
    local names = {}
    local ok, info = pcall(require("backlua.ta").info, name)
    for i, parameter in ipairs(ok and info.parameters or {}) do
        names[i] = parameter.name
    end
    return names
end

local function of_method(owner, name)
    if name:find "^order" then
        return require "backlua.order_options".names()
    elseif name == "branch" then
        return param_names(owner)
    end
    local ok, f = pcall(function() return owner[name] end)
    return ok and of_function(f, owner, {}) or nil
end

--- Keys (nil when the call is nothing of ours), and the spec of options.lua that they stand in.
return function(call, value_of)
    local owner, separator, name = call.name:match "^(.-)([.:]?)([%a_][%w_]*)$"
    if owner == "" then
        return of_word(call, value_of)
    elseif call.key then
        return nil
    elseif owner == "backlua" and name == "run" then
        return of_backtest "run"
    elseif owner == "ta" and words.modules.ta then
        return of_indicator(name)
    end
    local value = value_of(owner)
    if separator == ":" then
        return of_method(value, name)
    end
    local ok, f = pcall(function() return value[name] end)
    return ok and of_function(f, {}) or nil
end
