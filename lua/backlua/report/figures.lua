-- The drawings of a report: heat map, bars, histogram, scatter, lines. Each takes plain numbers
-- and returns SVG text.

local number = require "backlua.text.number"
local svg = require "backlua.report.svg"

local figures = {}

-- ---- frame -------------------------------------------------------------------------------------

-- Horizontal axis lines with labels at round values, at whole ones of counts.
local function y_axis(parts, box, y, low, high, shown, counts)
    for _, tick in ipairs(svg.ticks(low, high, counts and math.min(4, high) or 4)) do
        parts[#parts + 1] = svg.line(box.left, y(tick), box.right, y(tick),
            tick == 0 and "zero" or "axis")
        parts[#parts + 1] = svg.text(box.left - 6, y(tick) + 4, shown(tick), "end", "soft")
    end
end

local function x_axis(parts, box, x, low, high, shown, count)
    for _, tick in ipairs(svg.ticks(low, high, count or 5)) do
        parts[#parts + 1] = svg.text(x(tick), box.bottom + 16, shown(tick), "middle", "soft")
        parts[#parts + 1] = svg.line(x(tick), box.bottom, x(tick), box.bottom + 3, "axis")
    end
end

local function time_axis(parts, box, x, low, high)
    local ticks, shown = svg.time_ticks(low, high, 10)
    for _, tick in ipairs(ticks) do
        parts[#parts + 1] = svg.text(x(tick), box.bottom + 16, shown(tick), "middle", "soft")
        parts[#parts + 1] = svg.line(x(tick), box.bottom, x(tick), box.bottom + 3, "axis")
    end
end

local function padded(low, high)
    local room = high > low and (high - low) * 0.05 or math.max(math.abs(high) * 0.05, 1e-9)
    return low - room, high + room
end

local function box_of(width, height, left)
    return { left = left or 56, right = width - 18, top = 10, bottom = height - 26 }
end

local function percent(v)
    local digits = math.abs(v) < 0.1 and v ~= 0 and 1 or 0
    return number.fixed(100 * v, digits) .. " %"
end
figures.percent = percent

-- ---- heat map of months ------------------------------------------------------------------------

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov",
    "Dec" }
figures.MONTHS = MONTHS

--- Class of a signed share of the scale: n4 .. n1, z0, p1 .. p4.
function figures.level(v, scale)
    if v ~= v then
        return "none"
    end
    local steps = math.min(4, math.floor(math.abs(v) / scale * 4 + 0.5))
    return steps == 0 and "z0" or (v < 0 and "n" or "p") .. steps
end

-- What the full colour stands for: nine tenths of the cells are within it.
local function scale_of(values)
    local sizes = {}
    for i, v in ipairs(values) do
        sizes[i] = math.abs(v)
    end
    table.sort(sizes)
    local size = sizes[math.max(1, math.ceil(#sizes * 0.9))] or 0
    return size > 0 and size or 1
end

local CELL_W, CELL_H, HEAT_LEFT, HEAT_TOP = 52, 20, 46, 22

-- Cells gather as one path for each class: hundreds of rectangles would be most of the page.
local function heat_cell(map, column, row, v, scale)
    local x, y = HEAT_LEFT + (column - 1) * CELL_W, HEAT_TOP + (row - 1) * CELL_H
    local class = figures.level(v, scale)
    local path = map.paths[class] or {}
    map.paths[class] = path
    path[#path + 1] = ("M%d %dh%dv%dh-%dz"):format(x + 1, y + 1, CELL_W - 2, CELL_H - 2,
        CELL_W - 2)
    map.texts[#map.texts + 1] = svg.text(x + CELL_W / 2, y + 14, number.fixed(100 * v, 1), nil,
        class:find "4" and "on4" or nil)
end

local LEVELS = { "n4", "n3", "n2", "n1", "z0", "p1", "p2", "p3", "p4", "none" }

local function heat_parts(map)
    local parts = {}
    for _, class in ipairs(LEVELS) do
        local path = map.paths[class]
        parts[#parts + 1] = path and ('<path d="%s" class="%s"/>'):format(table.concat(path),
            class)
    end
    parts[#parts + 1] = '<g text-anchor="middle">' .. table.concat(map.texts) .. "</g>"
    return parts
end

--- Returns by year (rows) and month (columns), the year's in the last column.
-- monthly, yearly: arrays of { year, month, value }
function figures.months(monthly, yearly)
    local values, rows, map = {}, {}, { paths = {}, texts = {} }
    for i, m in ipairs(monthly) do
        values[i] = m.value
    end
    local scale = scale_of(values)
    for i, y in ipairs(yearly) do
        rows[y.year] = i
        map.texts[#map.texts + 1] = svg.text(HEAT_LEFT - 24, HEAT_TOP + (i - 1) * CELL_H + 14,
            ("%d"):format(y.year), nil, "soft")
        heat_cell(map, 13, i, y.value, 3 * scale)
    end
    for i = 1, 13 do
        map.texts[#map.texts + 1] = svg.text(HEAT_LEFT + (i - 0.5) * CELL_W, 14,
            MONTHS[i] or "Year", nil, "soft")
    end
    for _, m in ipairs(monthly) do
        heat_cell(map, m.month, rows[m.year], m.value, scale)
    end
    return svg.drawing(HEAT_LEFT + 13 * CELL_W + 4, HEAT_TOP + #yearly * CELL_H + 4,
        "Returns by month, percent", heat_parts(map))
end

-- ---- bars --------------------------------------------------------------------------------------

-- Every so-manieth label, so that they do not touch.
local function label_step(count, room, width)
    return math.max(1, math.ceil(count * width / room))
end

local CHARACTER = 6.6 -- pixels, about
local SLOT_MAX, FEW = 72, 200 -- one bar of a short history is no wall

--- Vertical bars.
--   bars     array of { label, value, other (a second, grey value), title, mark (a text in the
--            end of a bar that is cut) }
--   options  { label, width (760), height (220), shown = function(v) -> text of the axis,
--            class = one for all bars; default by sign }
function figures.bars(bars, options)
    local width, height = options.width or 760, options.height or 220
    width = math.min(width, FEW + SLOT_MAX * #bars)
    local box, values = box_of(width, height), { 0 }
    for _, bar in ipairs(bars) do
        values[#values + 1] = bar.value
        values[#values + 1] = bar.other
    end
    local low, high = svg.range(values)
    low, high = low < 0 and low * 1.05 or low, high > 0 and high * 1.05 or high
    local y, shown = svg.scale(low, high, box.bottom, box.top), options.shown or svg.label
    local parts, slot = {}, math.min((box.right - box.left) / math.max(#bars, 1), SLOT_MAX)
    y_axis(parts, box, y, low, high, shown)
    local step = label_step(#bars, box.right - box.left, options.label_width or 34)
    local function column(v, x, w, class, title)
        if v and v - v == 0 then
            parts[#parts + 1] = svg.rect(x, math.min(y(v), y(0)), w, math.abs(y(v) - y(0)),
                class, title)
        end
    end
    for i, bar in ipairs(bars) do
        local x, half = box.left + (i - 1) * slot, bar.other and 0.38 or 0.76
        column(bar.value, x + 0.12 * slot, half * slot, options.class
            or bar.value < 0 and "down" or "up", bar.title)
        column(bar.other, x + 0.5 * slot, half * slot, "dim", bar.title)
        if bar.mark and slot > #bar.mark * CHARACTER then
            parts[#parts + 1] = svg.text(x + slot / 2, y(bar.value) + (bar.value < 0 and -6 or 14),
                bar.mark, "middle", "on4")
        end
        if (i - 1) % step == 0 then
            parts[#parts + 1] = svg.text(x + slot / 2, box.bottom + 16, bar.label, "middle",
                "soft")
        end
    end
    return svg.drawing(width, height, options.label, parts)
end

--- Horizontal bars with their labels at the left: bars as above, values from 0.
function figures.rows(bars, options)
    local width, height, longest = options.width or 560, #bars * 24 + 12, 0
    local values, parts = { 0 }, {}
    for i, bar in ipairs(bars) do
        values[i + 1], longest = bar.value, math.max(longest, #bar.label)
    end
    local left = math.min(math.max(56, longest * CHARACTER + 12), width / 2)
    local _, high = svg.range(values)
    local x = svg.scale(0, high > 0 and high or 1, left, width - 70)
    for i, bar in ipairs(bars) do
        local y = 6 + (i - 1) * 24
        parts[#parts + 1] = svg.text(left - 8, y + 15, bar.label, "end")
        parts[#parts + 1] = svg.rect(left, y + 4, x(math.max(bar.value, 0)) - left, 15, "bar",
            bar.title)
        parts[#parts + 1] = svg.text(x(math.max(bar.value, 0)) + 6, y + 15,
            (options.shown or svg.label)(bar.value), "start", "soft")
    end
    return svg.drawing(width, height, options.label, parts)
end

-- ---- histogram ---------------------------------------------------------------------------------

--- Bins of equal width over values: { low, width, counts (array), n }.
-- The number of bins is of Freedman and Diaconis 1981 within 10 (of few values twice the root of
-- their number) and 60; 1 where all values are one.
function figures.bins(values)
    local sorted = {}
    for i = 1, #values do
        if values[i] - values[i] == 0 then
            sorted[#sorted + 1] = values[i]
        end
    end
    table.sort(sorted)
    local n, low, high = #sorted, sorted[1] or 0, sorted[#sorted] or 0
    local quarter = n > 0 and sorted[math.ceil(0.75 * n)] - sorted[math.ceil(0.25 * n)] or 0
    local width = 2 * quarter / n ^ (1 / 3)
    local count = width > 0 and math.ceil((high - low) / width) or 10
    local least = math.min(10, math.ceil(2 * math.sqrt(n)))
    count = high > low and math.max(least, math.min(60, count)) or 1
    local bins = { low = low, width = high > low and (high - low) / count or 1, counts = {}, n = n }
    for i = 1, count do
        bins.counts[i] = 0
    end
    for _, v in ipairs(sorted) do
        local i = math.min(count, math.floor((v - low) / bins.width) + 1)
        bins.counts[i] = bins.counts[i] + 1
    end
    return bins
end

local function normal(v, mean, sd)
    return math.exp(-((v - mean) / sd) ^ 2 / 2) / (sd * math.sqrt(2 * math.pi))
end

local function normal_curve(bins, x, y, mean, sd)
    local points, high = {}, bins.low + #bins.counts * bins.width
    for i = 0, 120 do
        local v = bins.low + (high - bins.low) * i / 120
        points[i + 1] = { x(v), y(bins.n * bins.width * normal(v, mean, sd)) }
    end
    return svg.path(points, "curve3")
end

--- Histogram of bins; with mean and sd, the normal curve of the same area.
function figures.histogram(bins, options)
    local width, height = options.width or 560, options.height or 240
    local box, parts = box_of(width, height), {}
    local top = math.max(unpack(bins.counts))
    if options.sd and options.sd > 0 then
        top = math.max(top, bins.n * bins.width * normal(options.mean, options.mean, options.sd))
    end
    local shown = options.shown or percent
    local high = bins.low + #bins.counts * bins.width
    local x = svg.scale(bins.low, high, box.left, box.right)
    local y = svg.scale(0, math.max(top, 1) * 1.05, box.bottom, box.top)
    y_axis(parts, box, y, 0, top, svg.label, true)
    x_axis(parts, box, x, bins.low, high, shown)
    for i, count in ipairs(bins.counts) do
        local from = bins.low + (i - 1) * bins.width
        parts[#parts + 1] = svg.rect(x(from) + 0.5, y(count), x(from + bins.width) - x(from) - 1,
            y(0) - y(count), "bar", ("%s to %s: %d"):format(shown(from),
            shown(from + bins.width), count))
    end
    if options.sd and options.sd > 0 then
        parts[#parts + 1] = normal_curve(bins, x, y, options.mean, options.sd)
    end
    for _, mark in ipairs(options.marks or {}) do
        if mark[2] >= bins.low and mark[2] <= high then
            parts[#parts + 1] = svg.line(x(mark[2]), box.top, x(mark[2]), box.bottom, "ref")
            local right = x(mark[2]) > (box.left + box.right) / 2
            parts[#parts + 1] = svg.text(x(mark[2]) + (right and -4 or 4), box.top + 10, mark[1],
                right and "end" or "start", "soft")
        end
    end
    return svg.drawing(width, height, options.label, parts)
end

-- ---- points and lines --------------------------------------------------------------------------

--- Points { x, y, title, best }; options: label, x_label, y_label, width, height, diagonal (a line
-- of equal values), x_names (texts for whole x from 1: choices).
function figures.scatter(points, options)
    local width, height = options.width or 360, options.height or 240
    local box, xs, ys, parts = box_of(width, height), {}, {}, {}
    for i, p in ipairs(points) do
        xs[i], ys[i] = p.x, p.y
    end
    local x_low, x_high = padded(svg.range(xs))
    local y_low, y_high = padded(svg.range(ys))
    if options.x_names then
        x_low, x_high = 0.5, #options.x_names + 0.5
    end
    local x = svg.scale(x_low, x_high, box.left, box.right)
    local y = svg.scale(y_low, y_high, box.bottom, box.top)
    y_axis(parts, box, y, y_low, y_high, svg.label)
    if options.x_names then
        for i, name in ipairs(options.x_names) do
            parts[#parts + 1] = svg.text(x(i), box.bottom + 16, name, "middle", "soft")
        end
    else
        x_axis(parts, box, x, x_low, x_high, svg.label)
    end
    if options.diagonal then
        local from, to = math.max(x_low, y_low), math.min(x_high, y_high)
        if to > from then
            parts[#parts + 1] = svg.path({ { x(from), y(from) }, { x(to), y(to) } }, "ref")
        end
    end
    for pass = 1, 2 do -- the best on top
        for _, p in ipairs(points) do
            if (pass == 2) == (p.best or false) and p.x - p.x == 0 and p.y - p.y == 0 then
                parts[#parts + 1] = svg.circle(x(p.x), y(p.y), p.best and 5 or 3,
                    p.best and "best" or "dot", p.title)
            end
        end
    end
    return svg.drawing(width, height, options.label, parts)
end

local CURVES = { "curve", "curve2", "curve3" }

--- Lines over one x: lines: array of arrays; xs: numbers; options: label, width, height, shown
-- (of y), times (true: xs are unix seconds), dots (true: points too), x_count (labels).
function figures.lines(xs, lines, options)
    local width, height = options.width or 760, options.height or 220
    local box, all, parts = box_of(width, height, options.left), {}, {}
    for _, line in ipairs(lines) do
        for i = 1, #line do
            all[#all + 1] = line[i]
        end
    end
    local low, high = padded(svg.range(all))
    local x_low, x_high = svg.range(xs)
    local x = svg.scale(x_low, x_high, box.left + 4, box.right - 4)
    local y = svg.scale(low, high, box.bottom, box.top)
    y_axis(parts, box, y, low, high, options.shown or svg.label)
    if options.times then
        time_axis(parts, box, x, x_low, x_high)
    else
        x_axis(parts, box, x, x_low, x_high, svg.label, options.x_count)
    end
    for k = #lines, 1, -1 do
        local points = {}
        for i = 1, #lines[k] do
            points[i] = { x(xs[i]), y(lines[k][i]) }
            if options.dots then
                parts[#parts + 1] = svg.circle(points[i][1], points[i][2], 3.5, "bar",
                    svg.label(lines[k][i]))
            end
        end
        parts[#parts + 1] = svg.path(points, CURVES[k] or "curve2")
    end
    return svg.drawing(width, height, options.label, parts)
end

return figures
