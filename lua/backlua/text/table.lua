-- Aligned tables: text to the left, numbers to the right, two spaces between columns. Where the
-- width is limited, columns that are optional give way first, then the last one is wrapped.

local fill = require "backlua.text.fill"
local width = require "backlua.text.width".of

local GAP = "  "

local function pad(text, columns, right)
    local space = (" "):rep(columns - width(text))
    return right and space .. text or text .. space
end

-- Without the spaces at its end. A pattern would try each of many spaces within a text.
local function trimmed(text)
    local n = #text
    while n > 0 and text:byte(n) == 32 do
        n = n - 1
    end
    return text:sub(1, n)
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

local LAST_MIN = 20 -- columns that a wrapped text needs

local function sum(widths, count)
    local total = #GAP * (count - 1)
    for c = 1, count do
        total = total + widths[c]
    end
    return total
end

-- The column to leave out next, nil when none may be.
local function next_to_go(columns)
    local last
    for c, column in ipairs(columns) do
        if column.optional == "first" then
            return c
        end
        last = column.optional and c or last
    end
    return last
end

local function without(columns, rows, c)
    local fewer, cut = {}, {}
    for i = 1, #columns do
        fewer[#fewer + 1] = i ~= c and columns[i] or nil
    end
    for r, row in ipairs(rows) do
        cut[r] = {}
        for i = 1, #columns do
            if i ~= c then
                cut[r][#cut[r] + 1] = row[i] or ""
            end
        end
    end
    return fewer, cut
end

-- Columns and rows without the optional ones that do not fit.
local function fit(columns, rows, limit)
    local widths, c = measure(columns, rows), next_to_go(columns)
    while c and sum(widths, #widths) > limit do
        columns, rows = without(columns, rows, c)
        table.remove(widths, c)
        c = next_to_go(columns)
    end
    return columns, rows
end

-- Rows whose last cell goes on in rows of its own.
local function wrap(columns, rows, limit)
    local last, result = #columns, {}
    local room = limit - sum(measure(columns, rows), last - 1) - #GAP
    if columns[last].right or room < LAST_MIN then
        return rows
    end
    for _, row in ipairs(rows) do
        local text = row[last] or ""
        for i, line in ipairs(width(text) > room and fill(text, room) or { text }) do
            local cells = i == 1 and { unpack(row, 1, last - 1) } or {}
            cells[last] = line
            result[#result + 1] = cells
        end
    end
    return result
end

-- Lines of a table, each ended by a newline; no line ends in spaces.
--   columns  array of { title = string or nil, right = true for numbers, optional = true for one
--            that may be left out, the last of them first, or "first": before all others }
--   rows     array of arrays of strings; a missing cell is empty
--   options  { indent = string before each line, paint = function(text) for the title line,
--            columns = width that there is, nil for any }
return function(columns, rows, options)
    options = options or {}
    if options.columns then
        local limit = options.columns - #(options.indent or "")
        columns, rows = fit(columns, rows, limit)
        rows = wrap(columns, rows, limit)
    end
    local widths, lines = measure(columns, rows), {}
    local function line(cells)
        local parts = {}
        for c = 1, #columns do
            parts[c] = pad(cells[c] or "", widths[c], columns[c].right)
        end
        return trimmed((options.indent or "") .. table.concat(parts, GAP))
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
