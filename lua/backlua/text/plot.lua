-- Curves in the terminal, drawn with the 2 x 4 dots of braille characters.
--
--     plot({ { values = equity, name = "sma" }, { values = other, name = "buy and hold" } },
--         { width = 72, height = 8, time = seconds })
--     plot.equity(result, { fd = 1 })      equity above, drawdown below
--
-- A column of dots shows the lowest and the highest value that fall into it, joined to the column
-- before, so that no extreme is lost when there are more values than dots.

local ffi = require "ffi"
local color = require "backlua.text.color"
local date = require "backlua.text.date"
local number = require "backlua.text.number"
local width_of = require "backlua.text.width".of
local C = require "backlua.ffi".C

local plot = {}

local WIDTH, HEIGHT, MIN_WIDTH = 72, 8, 10
local STYLES = { "cyan", "yellow", "green", "red" }
local BRAILLE = 0x2800
-- Bit of the dot in column 0 or 1 of a character, rows from the top. Source: Unicode, block 2800.
local DOTS = {
    [0] = { [0] = 0x01, 0x02, 0x04, 0x40 },
    { [0] = 0x08, 0x10, 0x20, 0x80 },
}

-- ---- dots --------------------------------------------------------------------------------------

local function character(bits)
    local code = BRAILLE + bits
    return string.char(0xE0 + math.floor(code / 4096), 0x80 + math.floor(code / 64) % 64,
        0x80 + code % 64)
end

local function is_finite(v)
    return v == v and v ~= math.huge and v ~= -math.huge
end

-- Lowest and highest value of all series; nil when no value is finite.
local function range_of(series)
    local low, high = math.huge, -math.huge
    for _, one in ipairs(series) do
        for i = 1, one.n do
            local v = one.values[i]
            if is_finite(v) then
                low, high = math.min(low, v), math.max(high, v)
            end
        end
    end
    if low <= high then
        return low, high
    end
end

-- Lowest, highest, first and last finite value of elements from..to.
local function extremes(values, from, to)
    local low, high, first, last = math.huge, -math.huge, nil, nil
    for i = from, to do
        local v = values[i]
        if is_finite(v) then
            low, high = math.min(low, v), math.max(high, v)
            first, last = first or v, v
        end
    end
    return low, high, first, last
end

-- What dot column x of `dots` shows: extremes of the elements that fall into it; where there are
-- fewer values than dots, a point on the line between two of them.
local function column_of(one, dots, x)
    local values, n = one.values, one.n
    if n >= dots then
        return extremes(values, math.floor(x * n / dots) + 1, math.floor((x + 1) * n / dots))
    end
    local at = x * (n - 1) / (dots - 1)
    local i = math.floor(at)
    local a, b = values[i + 1], values[math.min(i + 2, n)]
    local v = at == i and a or a + (b - a) * (at - i)
    if is_finite(v) then
        return v, v, v, v
    end
end

-- Set the dots of one series on a canvas { width, height, [row][column] = bits, styles }.
local function draw(canvas, one, low, high, style)
    local dots, rows = canvas.width * 2, canvas.height * 4
    local scale = high > low and (rows - 1) / (high - low) or 0
    local base = high > low and 0 or math.floor(rows / 2)
    local before
    local function row_of(v)
        return math.floor((v - low) * scale + base + 0.5)
    end
    for x = 0, dots - 1 do
        local least, most, first, last = column_of(one, dots, x)
        if first then
            local a, b = row_of(least), row_of(most)
            if before then -- up or down to where the last column ended, not onto it
                a = math.min(a, before < a and before + 1 or a)
                b = math.max(b, before > b and before - 1 or b)
            end
            for y = a, b do
                canvas:set(x, rows - 1 - y, style)
            end
        end
        before = last and row_of(last)
    end
end

local canvas_methods = {}
canvas_methods.__index = canvas_methods

function canvas_methods:set(x, y, style)
    local column, row = math.floor(x / 2), math.floor(y / 4)
    local at = row * self.width + column
    self.bits[at] = bit.bor(self.bits[at] or 0, DOTS[x % 2][y % 4])
    self.styles[at] = style
end

-- Text of a row, painted where colour is asked for.
function canvas_methods:row(row, fd)
    local parts = {}
    for column = 0, self.width - 1 do
        local at = row * self.width + column
        local text = self.bits[at] and character(self.bits[at]) or " "
        parts[column + 1] = fd and self.styles[at] and color.paint(fd, self.styles[at], text)
            or text
    end
    return (table.concat(parts):gsub(" +$", ""))
end

local function new_canvas(width, height)
    return setmetatable({ width = width, height = height, bits = {}, styles = {} }, canvas_methods)
end

-- ---- around them -------------------------------------------------------------------------------

-- The least decimals that tell the ends of the axis apart.
local function default_label(low, high)
    local span = math.max(math.abs(low), math.abs(high), high - low)
    local decimals = (span >= 1000 or span == 0) and 0 or span >= 10 and 1 or span >= 1 and 2 or 4
    return function(v)
        return number.grouped(v, decimals)
    end
end

-- Labels by row: of the top, the middle when there is room, the bottom.
local function axis(low, high, height, label)
    label = label or default_label(low, high)
    local labels, widest = { [0] = label(high) }, 0
    if height > 1 then
        labels[height - 1] = label(low)
    end
    if height >= 7 and height % 2 == 1 then
        labels[(height - 1) / 2] = label((low + high) / 2)
    end
    for _, text in pairs(labels) do
        widest = math.max(widest, width_of(text))
    end
    return labels, widest
end

local function x_axis(time, daily, width)
    local format = daily == false and date.time or date.day
    local first, last = format(time[1]), format(time[#time])
    local gap = width - #first - #last
    return gap > 0 and first .. (" "):rep(gap) .. last or first
end

local function legend(series, fd)
    local parts = {}
    for i, one in ipairs(series) do
        if one.name then
            local style = STYLES[(i - 1) % #STYLES + 1]
            parts[#parts + 1] = (fd and color.paint(fd, style, "─") or "─") .. " " .. one.name
        end
    end
    return #parts > 0 and table.concat(parts, "   ") or nil
end

-- Series as { values, n, name }, whatever of the accepted forms they came in.
local function as_series(given)
    local list = given
    if type(given) ~= "table" or given.values or type(given[1]) == "number" then
        list = { given }
    end
    local series = {}
    for i = 1, #list do
        local one = list[i]
        if type(one) ~= "table" or not one.values then
            one = { values = one }
        end
        series[i] = { values = one.values, name = one.name, n = one.n or #one.values }
    end
    return series
end

-- What is left for dots beside the labels.
local function dots_width(options, labels)
    local columns = options.columns or options.width and options.width + labels + 2
        or C.bt_terminal_columns(1)
    if columns <= 0 then
        columns = WIDTH + labels + 2
    end
    return math.max(MIN_WIDTH, math.min(columns - labels - 2, options.width or 200))
end

--- Text of one or several curves, each line ended by a newline.
-- @param given an array or view of numbers, { values =, name =, n = }, or a list of those
-- @param options
--   width    characters of the curve; default: what the terminal leaves, at most 200
--   columns  of the terminal, labels included; default: what it says, else 80
--   height   lines, default 8
--   time     array or view of unix seconds: first and last date below
--   daily    false: with the time of day
--   low, high  ends of the axis; default: of the values
--   label    function(number) -> text of the axis
--   title    line above
--   fd       colours as this descriptor shows them (1 stdout); none when absent
function plot.draw(given, options)
    options = options or {}
    local series = as_series(given)
    local low, high = range_of(series)
    local lines = { options.title }
    if not low then
        lines[#lines + 1] = "(no values)\n"
        return table.concat(lines, "\n")
    end
    low, high = options.low or low, options.high or high
    local height = options.height or HEIGHT
    local labels, widest = axis(low, high, height, options.label)
    local canvas = new_canvas(dots_width(options, widest), height)
    for i, one in ipairs(series) do
        draw(canvas, one, low, high, STYLES[(i - 1) % #STYLES + 1])
    end
    for row = 0, height - 1 do
        local text = labels[row] or ""
        lines[#lines + 1] = (" "):rep(widest - width_of(text)) .. text
            .. (labels[row] and " ┤" or " │") .. canvas:row(row, options.fd)
    end
    if options.time and #options.time > 0 then
        lines[#lines + 1] = (" "):rep(widest + 2) .. x_axis(options.time, options.daily,
            canvas.width)
    end
    lines[#lines + 1] = legend(series, options.fd)
    return table.concat(lines, "\n") .. "\n"
end

-- ---- results -----------------------------------------------------------------------------------

local function percent(v)
    return number.percent(v, 1)
end

-- Fraction below the highest value so far, the start included, of a result's equity.
local function underwater(result)
    local n = result.equity.n
    local out, value = ffi.new("double[?]", n + 1), ffi.new("double[?]", n)
    for i = 1, n do
        value[i - 1] = result.equity.value[i]
    end
    C.bt_underwater(result.starting_cash, value, n, out)
    local list = {}
    for i = 1, n do
        list[i] = out[i - 1]
    end
    return list
end

local function widest(...)
    local most = 0
    for _, text in ipairs { ... } do
        most = math.max(most, width_of(text))
    end
    return most
end

--- Equity of one result, or of several by name, above the drawdown of the first.
-- @param results a result, or a list of { name =, result = }
-- @param options columns, height (of equity; 8), daily, fd as for draw
function plot.equity(results, options)
    options = options or {}
    local list = type(results[1]) == "table" and results[1].result and results
        or { { result = results } }
    local first = list[1].result
    if first.bars == 0 then
        return "(no bars)\n"
    end
    local series = {}
    for i, one in ipairs(list) do
        series[i] = { values = one.result.equity.value, name = one.name, n = one.result.bars }
    end
    local low, high = range_of(series)
    local depth = underwater(first)
    local deepest = math.min(0, (range_of { { values = depth, n = #depth } }) or 0)
    -- One width of labels for both, so that the same bar stands in the same column.
    local money = default_label(low, high)
    local labels = widest(money(low), money(high), percent(deepest), percent(0))
    local function padded(label)
        return function(v)
            local text = label(v)
            return (" "):rep(labels - width_of(text)) .. text
        end
    end
    local common = { columns = options.columns, width = options.width, fd = options.fd,
        daily = options.daily }
    local function with(more)
        return setmetatable(more, { __index = common })
    end
    return plot.draw(series, with { height = options.height or HEIGHT, label = padded(money),
        title = "equity" })
        .. plot.draw(depth, with { height = 3, high = 0, label = padded(percent),
            title = "drawdown", time = first.equity.time })
end

return setmetatable(plot, {
    __call = function(_, given, options)
        return plot.draw(given, options)
    end,
})
