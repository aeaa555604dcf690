-- Aligned tables: text to the left, numbers to the right, two spaces between columns.

local width = require "backlua.text.width".of

local GAP = "  "

local function pad(text, columns, right)
    local space = (" "):rep(columns - width(text))
    return right and space .. text or text .. space
end

local function measure(columns, rows)
    local widths = {}
    for c = 1, #columns do
        widths[c] = columns[c].title and width(columns[c].title) or 0
    end
    for _, row in ipairs(rows) do
        for c = 1, #columns do
            widths[c] = math.max(widths[c], width(row[c] or ""))
        end
    end
    return widths
end

-- Lines of a table, each ended by a newline; no line ends in spaces.
--   columns  array of { title = string or nil, right = true for numbers }
--   rows     array of arrays of strings; a missing cell is empty
--   options  { indent = string before each line, paint = function(text) for the title line }
return function(columns, rows, options)
    options = options or {}
    local widths, lines = measure(columns, rows), {}
    local function line(cells)
        local parts = {}
        for c = 1, #columns do
            parts[c] = pad(cells[c] or "", widths[c], columns[c].right)
        end
        return ((options.indent or "") .. table.concat(parts, GAP)):gsub(" +$", "")
    end
    local titles = {}
    for c = 1, #columns do
        titles[c] = columns[c].title
    end
    if next(titles) then
        local text = line(titles)
        lines[1] = options.paint and options.paint(text) or text
    end
    for _, row in ipairs(rows) do
        lines[#lines + 1] = line(row)
    end
    lines[#lines + 1] = ""
    return table.concat(lines, "\n")
end
