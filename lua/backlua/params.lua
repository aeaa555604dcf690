-- Parameters from outside a strategy: `--param fast=12` and `--params best.lua`.
--
-- A text takes the type of the strategy's default, so that "12" is a number where the default is
-- one and stays a string where it is a string. A file is Lua that returns a table; it runs with
-- nothing in reach, and not for ever.

local nearest = require "backlua.text.nearest"
local quote = require "backlua.text.quote"
local values = require "backlua.text.values"

local params = {}

local FILE_LIMIT = 1024 * 1024 -- bytes; a parameter file is a screen long
local INSTRUCTIONS = 1000000

local BOOLEANS = {
    ["true"] = true, ["1"] = true, yes = true, on = true,
    ["false"] = false, ["0"] = false, no = false, off = false,
}

local function usage(format, ...)
    return nil, { code = "usage", message = format:format(...) }
end

local function sorted_names(t)
    local names = {}
    for name in pairs(t) do
        names[#names + 1] = tostring(name)
    end
    table.sort(names)
    return names
end

-- Convert one text to the type of its default.
local function convert(name, text, default)
    local kind = type(default)
    if kind == "string" then
        return text
    elseif kind == "number" then
        local v = values.decimal(text)
        if v then
            return v
        end
        return usage("parameter '%s' is a number, got %s", name, quote(text))
    elseif kind == "boolean" then
        local v = BOOLEANS[text:lower()]
        if v ~= nil then
            return v
        end
        return usage("parameter '%s' is true or false, got %s", name, quote(text))
    end
    return usage("parameter '%s' is a %s: give it in a file, with --params", name, kind)
end

-- A failure naming the nearest of the strategy's parameters.
local function unknown(name, defaults)
    local names = sorted_names(defaults)
    local hint = nearest.hint(name, names)
    if hint == "" then
        hint = #names > 0 and "; it has " .. table.concat(names, ", ") or "; it has none"
    end
    return nil, { code = "name", message = "unknown parameter " .. quote(name) .. hint }
end

-- Typed values of texts.
--   assignments  array of { name, text }; a later one wins
--   defaults     the strategy's params table
-- Returns a table by name, or nil and a failure: an unknown name, a text of the wrong type.
function params.from_texts(assignments, defaults)
    local out = {}
    for _, pair in ipairs(assignments) do
        local name, text = pair[1], pair[2]
        if defaults[name] == nil then
            return unknown(name, defaults)
        end
        local v, err = convert(name, text, defaults[name])
        if v == nil then
            return nil, err
        end
        out[name] = v
    end
    return out
end

local DEEP = 20 -- levels of tables, as parameters.lua takes them

-- What is in a value that no parameter may be, nil when there is nothing.
local function unfit(value, level)
    local kind = type(value)
    if kind ~= "table" then
        return kind ~= "number" and kind ~= "string" and kind ~= "boolean" and kind or nil
    elseif level > DEEP then
        return "table inside itself"
    end
    for _, part in pairs(value) do
        local found = unfit(part, level + 1)
        if found then
            return found
        end
    end
end

local function check_table(t, path)
    if type(t) ~= "table" then
        return usage("%s must return a table of parameters, got %s", path, type(t))
    end
    for name, value in pairs(t) do
        if type(name) ~= "string" then
            return usage("%s: names must be strings, got %s", path, quote(name))
        elseif unfit(value, 1) then
            return usage("%s: parameter '%s' must be a number, string, boolean or a table of these,"
                .. " got a %s", path, name, unfit(value, 1))
        end
    end
    return t
end

-- Run a chunk with an empty environment and a bound on what it does. Compiled loops do not see
-- the hook, so it runs interpreted.
local function run_fenced(chunk)
    setfenv(chunk, {})
    jit.off(chunk, true)
    debug.sethook(function()
        error("it runs too long for a parameter file", 0)
    end, "", INSTRUCTIONS)
    local ok, result = pcall(chunk)
    debug.sethook()
    return ok, result
end

-- The table that a parameter file returns, or nil and a failure (usage; io when unreadable).
function params.read(path)
    local file, message = io.open(path, "rb")
    local text = file and file:read(FILE_LIMIT + 1)
    if file then
        file:close()
    end
    if not text then
        return nil, { code = "io", message = "cannot read " .. (message or path) }
    elseif #text > FILE_LIMIT then
        return usage("%s is larger than a parameter file may be (%d bytes)", path, FILE_LIMIT)
    end
    if text:sub(1, 1) == "\27" then
        return usage("%s holds bytecode; a parameter file is text", path)
    end
    local chunk, syntax = load(text, "@" .. path, "t")
    if not chunk then
        return usage("%s", syntax)
    end
    local ok, result = run_fenced(chunk)
    if not ok then
        return usage("%s", tostring(result))
    end
    return check_table(result, path)
end

-- All of `file` (a table or nil), then the texts, checked against the defaults.
function params.merge(file, assignments, defaults)
    for _, name in ipairs(sorted_names(file or {})) do
        if defaults[name] == nil then
            return unknown(name, defaults)
        elseif type(defaults[name]) ~= type(file[name]) then
            return usage("parameter '%s' is a %s, got a %s", name, type(defaults[name]),
                type(file[name]))
        end
    end
    local typed, err = params.from_texts(assignments, defaults)
    if not typed then
        return nil, err
    end
    local out = {}
    for name, value in pairs(file or {}) do
        out[name] = value
    end
    for name, value in pairs(typed) do
        out[name] = value
    end
    return out
end

return params
