-- A result as CSV: all its tables one after the other, each line naming its table in the first
-- field, header lines too. `grep ^trades,` leaves one table with its header.

local csv = require "backlua.text.csv"
local metric_keys = require "backlua.metric_keys"
local sorted_keys = require "backlua.sorted_keys"
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

-- Rows of numbers by key, sorted, behind those that are there.
local function add_sorted(rows, name, numbers)
    for _, key in ipairs(sorted_keys(numbers)) do
        rows[#rows + 1] = { name, key, numbers[key] }
    end
end

-- Write the tables through emit(text); all: with every statistic and table.
return function(result, emit, all)
    local rows = {}
    for i, key in ipairs(metric_keys()) do
        rows[i] = { "metrics", key, result.metrics[key] }
    end
    if result.manifest.convention ~= "own" then
        add_sorted(rows, "restated", result.restated)
    end
    if all then
        add_sorted(rows, "statistics", result.statistics)
        add_sorted(rows, "benchmark", result.benchmark and result.benchmark.statistics or {})
    end
    emit(csv.encode({ "metrics", "key", "value" }, rows))
    for _, name in ipairs(tables.names(result, all)) do
        emit(name .. "," .. table.concat(tables.columns(name), ",") .. "\n")
        tables.write(result, name, form, emit)
    end
end
