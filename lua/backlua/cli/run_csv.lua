-- A result as CSV: all its tables one after the other, each line naming its table in the first
-- field, header lines too. `grep ^trades,` leaves one table with its header.

local csv = require "backlua.text.csv"
local metric_keys = require "backlua.cli.metric_keys"
local tables = require "backlua.cli.run_tables"

local form = {
    text = csv.field, number = csv.field,
    quote = "", empty = "", close = "\n", between = "",
    head = function(columns, name)
        local heads = {}
        for c = 1, #columns do
            heads[c] = c == 1 and name .. "," or ","
        end
        return heads
    end,
}

-- Write the tables through emit(text).
return function(result, emit)
    local rows = {}
    for i, key in ipairs(metric_keys()) do
        rows[i] = { "metrics", key, result.metrics[key] }
    end
    emit(csv.encode({ "metrics", "key", "value" }, rows))
    for _, name in ipairs(tables.names(result)) do
        emit(name .. "," .. table.concat(tables.columns(name), ",") .. "\n")
        tables.write(result, name, form, emit)
    end
end
