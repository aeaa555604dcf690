-- A frame as an aligned table: its first and last rows, its first and last columns.

local view = require "backlua.view"
local layout = require "backlua.text.table"

local ROWS, COLUMNS = 5, 4 -- at either end

-- Positions 1..n, with 0 for what is left out between head and tail.
local function pick(n, ends)
    local list = {}
    for i = 1, n do
        if n <= 2 * ends + 1 or i <= ends or i > n - ends then
            list[#list + 1] = i
        elseif i == ends + 1 then
            list[#list + 1] = 0
        end
    end
    return list
end

-- Titles and views of all columns; those of a nested frame are named "AAPL.close".
local function flatten(shape, f, prefix, list)
    for i, name in ipairs(shape.names) do
        local column = shape.open(f, i)
        if shape.is_nested then
            flatten(shape.sub, column, name .. ".", list)
        else
            list[#list + 1] = { title = prefix .. name, view = column, right = true }
        end
    end
    return list
end

local function plural(n, word)
    return ("%d %s%s"):format(n, word, n == 1 and "" or "s")
end

-- shape, f: a frame; n: its rows; time_of(i): what stands in front of row i.
return function(shape, f, n, time_of)
    local all = flatten(shape, f, "", {})
    local columns, rows = { { title = "time" } }, {}
    for i, c in ipairs(pick(#all, COLUMNS)) do
        columns[i + 1] = c > 0 and all[c] or { title = "..." }
    end
    for _, r in ipairs(pick(n, ROWS)) do
        local row = { r > 0 and time_of(r) or "..." }
        for i = 2, #columns do
            local values = columns[i].view
            row[i] = values and r > 0 and view.number(values[r]) or "..."
        end
        rows[#rows + 1] = row
    end
    return layout(columns, rows) .. ("[%s x %s]"):format(plural(n, "row"),
        plural(#all, "column"))
end
