-- Rows of the bench: what a measurement says, and the budgets it is held to.
--
-- The budgets are those of the design: a ratio to the reference, for B9 megabytes.

local json = require "backlua.json"

local rows = {}

-- id = { budget, aim }
local BUDGETS = {
    B1 = { 20, 10 }, B2 = { 10, 5 }, B3 = { 5, 3 }, B4 = { 1.05, 1.0 }, B5 = { 2, 1.5 },
    B6 = { 1.02, 0.2 }, B7 = { 1.1, 1.03 }, B8 = { 5, 3 }, B9 = { 16, 8 }, B10 = { 20, 8 },
    B11 = { 4, 2 },
    -- beyond the design's table
    ["minute-handle"] = { 5, 5 }, ["grid-cold"] = { 6, 6 }, ["flat-time"] = { 1.2, 1.2 },
    ["flat-memory"] = { 512, 512 }, ["open-8m"] = { 5, 5 }, ["resample-1h"] = { 10, 10 },
    ["resample-1d"] = { 10, 10 }, ["minutes-8m"] = { 1.2, 1.2 },
    ["minutes-length"] = { 1.3, 1.2 }, ["W7-500"] = { 1.2, 1.2 },
    brackets = { 15, 15 }, help = { 5, 5 }, prompt = { 10, 10 }, quiet = { 9, 7 },
}

local MARK = "row "

-- Print a row: id ("B1", or "B1m" for a further case of B1), what, unit, and from a
-- measurement value, reference, ratio, spread. judged: the figure that the budget
-- binds; default the ratio, without one the value.
function rows.print(row)
    local limits = BUDGETS[row.id] or BUDGETS[row.id:match "^B%d+" or ""]
    if limits and row.judge ~= false then
        row.budget, row.aim = limits[1], limits[2]
        row.ratio_or_value = row.judged or row.ratio or row.value
        row.ok = row.ratio_or_value <= row.budget
    end
    for _, key in ipairs { "judged", "judge", "ratios", "values", "references" } do
        row[key] = nil
    end
    io.write(MARK, json.encode(row), "\n")
    io.flush()
end

-- A row from a measurement (measure.pairs) with further keys.
function rows.add(measured, keys)
    local row = {}
    for key, value in pairs(measured) do
        row[key] = value
    end
    for key, value in pairs(keys) do
        row[key] = value
    end
    rows.print(row)
end

-- The rows in a script's output.
function rows.read(text)
    local list = {}
    for line in text:gmatch("%f[^\n%z]" .. MARK .. "([^\n]+)") do
        list[#list + 1] = json.decode(line)
    end
    return list
end

return rows
