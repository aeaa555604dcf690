-- Parameters as text, by name: "fast=5, slow=20".

local number = require "backlua.text.number"
local sorted_keys = require "backlua.sorted_keys"

-- params: a table by name, or nil; between: what separates two (", ").
return function(params, between)
    local parts = {}
    for i, name in ipairs(sorted_keys(params or {})) do
        local value = params[name]
        parts[i] = tostring(name) .. "="
            .. (type(value) == "number" and number.shortest(value) or tostring(value))
    end
    return table.concat(parts, between or ", ")
end
