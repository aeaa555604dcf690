-- A strategy's parameters in one run: its defaults, overridden by name, and their canonical text.
--
-- The canonical text keys the run's random stream: sorted by name, fast=20;mode="up";slow=100,
-- numbers as the shortest text that reads back, strings quoted (engine/search/point.c writes the
-- same). It covers all parameters, defaults included, so that a run has one stream however its
-- parameters were given.

local ffi = require "ffi"
local errors = require "backlua.errors"
local sorted_keys = require "backlua.sorted_keys"
local C = require("backlua.ffi").C

local parameters = {}

local function copy(value, depth)
    if type(value) ~= "table" then
        return value
    elseif depth > 20 then
        error("params: tables more than 20 levels deep, or inside themselves", 0)
    end
    local result = {}
    for key, inner in next, value do
        result[key] = copy(inner, depth + 1)
    end
    return result
end

local function unknown(name, defaults)
    local names = sorted_keys(defaults)
    local text = tostring(name)
    local hint = require "backlua.text.nearest".hint(text, names)
    if hint == "" then
        hint = #names > 0 and "; it has " .. table.concat(names, ", ") or "; it has none"
    end
    return errors.new("name", ("unknown parameter %s%s"):format(
        require "backlua.text.quote"(text), hint))
end

-- The name that stands first among those of `given` that are not in `defaults`.
local function first_unknown(defaults, given)
    local found
    for name in next, given do
        if defaults[name] == nil and (found == nil or tostring(name) < tostring(found)) then
            found = name
        end
    end
    return found
end

-- A fresh table of defaults (a table or nil) overridden by `given` (a table or nil); nil, err for
-- a name that the defaults do not have.
function parameters.effective(defaults, given)
    defaults, given = defaults or {}, given or {}
    local name = first_unknown(defaults, given)
    if name ~= nil then
        return nil, unknown(name, defaults)
    end
    local values = copy(defaults, 1)
    for key, value in next, given do
        values[key] = value
    end
    return values
end

-- ---- canonical text --------------------------------------------------------------------------

local buffer = ffi.new "char[32]"

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n" }

local function escape(c)
    return ESCAPES[c] or ("\\x%02x"):format(c:byte())
end

local text_of

local function before(a, b)
    if type(a) == type(b) and (type(a) == "number" or type(a) == "string") then
        return a < b
    end
    return type(a) .. tostring(a) < type(b) .. tostring(b)
end

local function table_text(t)
    local names, parts = {}, {}
    for name in next, t do
        names[#names + 1] = name
    end
    table.sort(names, before)
    for i, name in ipairs(names) do
        parts[i] = (type(name) == "string" and name or "[" .. text_of(name) .. "]") .. "="
            .. text_of(t[name])
    end
    return table.concat(parts, ";")
end

function text_of(value)
    local kind = type(value)
    if kind == "number" then
        return ffi.string(buffer, C.bt_number_format(value, buffer))
    elseif kind == "string" then
        return '"' .. value:gsub('[%c"\\\127]', escape) .. '"'
    elseif kind == "boolean" then
        return tostring(value)
    elseif kind == "table" then
        return "{" .. table_text(value) .. "}"
    end
    error("params: numbers, strings, booleans and tables of these, got a " .. kind, 0)
end

-- Canonical text of effective parameters. Raises for values other than numbers, strings, booleans
-- and tables of these.
function parameters.canonical(values)
    return table_text(values)
end

return parameters
