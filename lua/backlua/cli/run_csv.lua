-- A result as CSV: all its tables one after the other, each line naming its table in the first
-- field, header lines too. `grep ^trades,` leaves one table with its header.

local csv = require "backlua.text.csv"
local metric_keys = require "backlua.cli.metric_keys"
local tables = require "backlua.cli.run_tables"

local function prefixed(name, columns)
    local out = { name }
    for i, column in ipairs(columns) do
        out[i + 1] = column
    end
    return out
end

local function metrics_table(result)
    local rows = {}
    for i, key in ipairs(metric_keys()) do
        rows[i] = { "metrics", key, result.metrics[key] }
    end
    return csv({ "metrics", "key", "value" }, rows)
end

-- Text of the tables, with a newline at its end.
return function(result)
    local parts = { metrics_table(result) }
    for _, name in ipairs(tables.names) do
        local rows, columns = {}, tables.columns(name)
        tables.each(result, name, function(values)
            local row = { name }
            for c = 1, #columns do
                row[c + 1] = values[c]
            end
            rows[#rows + 1] = row
        end)
        parts[#parts + 1] = csv(prefixed(name, columns), rows)
    end
    return table.concat(parts)
end
