-- Parameters as text, by name: "fast=5, slow=20, symbols={A, B}".

local number = require "backlua.text.number"
local sorted_keys = require "backlua.sorted_keys"

local params = {}

-- The list first, then what has names.
local function table_text(t)
    local parts = {}
    for i, value in ipairs(t) do
        parts[i] = params.value(value)
    end
    local count = #parts
    for _, key in ipairs(sorted_keys(t)) do
        if not (type(key) == "number" and key >= 1 and key <= count) then
            parts[#parts + 1] = tostring(key) .. "=" .. params.value(t[key])
        end
    end
    return "{" .. table.concat(parts, ", ") .. "}"
end

-- One value.
function params.value(value)
    local kind = type(value)
    return kind == "number" and number.shortest(value) or kind == "table" and table_text(value)
        or tostring(value)
end

-- All of them. values: a table by name, or nil; between: what separates two (", ").
function params.all(values, between)
    local parts = {}
    for i, name in ipairs(sorted_keys(values or {})) do
        parts[i] = tostring(name) .. "=" .. params.value(values[name])
    end
    return table.concat(parts, between or ", ")
end

return params
