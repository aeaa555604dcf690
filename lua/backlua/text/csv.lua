-- CSV writing (RFC 4180): comma, LF, quotes where needed; numbers in their shortest exact form,
-- NaN as an empty field.

local number = require "backlua.text.number"

local csv = {}

-- Text of one value.
function csv.field(value)
    if type(value) == "number" then
        return value == value and number.shortest(value) or ""
    elseif value == nil then
        return ""
    end
    local text = tostring(value)
    if text:find '[",\r\n]' then
        text = '"' .. text:gsub('"', '""') .. '"'
    end
    return text
end

-- Text of a table: a header line of `names`, then a line for each row, an array of as many values.
function csv.encode(names, rows)
    local lines = { table.concat(names, ",") }
    for r = 1, #rows do
        local cells = {}
        for c = 1, #names do
            cells[c] = csv.field(rows[r][c])
        end
        lines[r + 1] = table.concat(cells, ",")
    end
    lines[#lines + 1] = ""
    return table.concat(lines, "\n")
end

return csv
