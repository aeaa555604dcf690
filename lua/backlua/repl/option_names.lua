-- Keys of the table of options that a call takes, for completion: call is the text before the
-- brace, such as "run", "opt.DiscreteParameter" or "s:order". nil when it is nothing of ours.

local options = require "backlua.options"
local words = require "backlua.repl.words"

-- Keys that a word takes beside those of a backtest.
local OWN = {
    run = { "params", "print" }, session = { "params" }, bars = { "start", "frequency" },
    grid = { "pool", "jobs", "objective", "study", "constraint", "over" },
}

local function join(...)
    local all = {}
    for _, list in ipairs { ... } do
        for _, name in ipairs(list) do
            all[#all + 1] = name
        end
    end
    return all
end

local function of_backtest()
    return options.keys_of(require("backlua.job").prepare, {})
end

local function of_word(name)
    if name == "bars" then
        return OWN.bars
    end
    return OWN[name] and join(of_backtest(), OWN[name])
end

-- A function of our library is called as far as to its check of the options, and no further.
local function of_function(f, ...)
    if type(f) == "function" and debug.getinfo(f, "S").source:find "^@backlua/optimization/" then
        return options.keys_of(f, ...)
    end
end

return function(call)
    local owner, separator, name = call:match "^(.-)([.:]?)([%a_][%w_]*)$"
    if owner == "" then
        return of_word(name)
    elseif separator == ":" and name:find "^order" then
        return require "backlua.order_options".names()
    elseif owner == "backlua" and name == "run" then
        return of_word "run"
    end
    local value = rawget(_G, owner)
    if value == nil and words.modules[owner] then
        value = require(words.modules[owner])
    end
    local ok, f = pcall(function()
        return value[name]
    end)
    if ok and separator == ":" then
        return of_function(f, value, {})
    end
    return ok and of_function(f, {}) or nil
end
