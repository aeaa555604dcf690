-- Parameters on a line, "fast=5 slow=50"; "" for nil.

local number = require "backlua.text.number"

return function(params)
    local parts = {}
    for name, value in pairs(params or {}) do
        parts[#parts + 1] = name .. "=" .. (type(value) == "number" and number.shortest(value)
            or tostring(value))
    end
    table.sort(parts)
    return table.concat(parts, " ")
end
