-- A result as one JSON object: manifest, metrics, orders, fills, trades, equity, records,
-- result_hash.

local json = require "backlua.text.json"
local tables = require "backlua.cli.run_tables"

-- A table's rows are written one by one: a row object for each of a million bars would cost more
-- than the run.
local function rows(result, name)
    local heads, lines = {}, {}
    for c, column in ipairs(tables.columns(name)) do
        heads[c] = (c > 1 and "," or "{") .. json.encode(column) .. ":"
    end
    tables.each(result, name, function(values)
        local parts = {}
        for c = 1, #heads do
            parts[c] = heads[c] .. json.encode(values[c])
        end
        lines[#lines + 1] = table.concat(parts) .. "}"
    end)
    return "[" .. table.concat(lines, ",\n") .. "]"
end

-- Text of the object, with a newline at its end.
return function(result)
    local parts = {
        '{"manifest":' .. json.encode(result.manifest),
        '"metrics":' .. json.encode(result.metrics),
    }
    for _, name in ipairs(tables.names) do
        parts[#parts + 1] = json.encode(name) .. ":" .. rows(result, name)
    end
    parts[#parts + 1] = '"result_hash":' .. json.encode(result.hash) .. "}\n"
    return table.concat(parts, ",\n")
end
