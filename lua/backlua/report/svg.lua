-- Drawing: pieces of SVG as text. Colours are classes (figures.css), so that a drawing follows the
-- page into the dark; every text is escaped here and nowhere else.

local number = require "backlua.text.number"

local svg = {}

local ENTITIES = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;",
    ["'"] = "&#39;" }

-- What has no place in XML or HTML stands as U+FFFD.
local function clean(text)
    return (text:gsub("[%z\1-\8\11\12\14-\31\127]", "\239\191\189"))
end

--- Text with what means something in HTML and XML escaped; bytes that are no UTF-8 replaced.
function svg.escape(text)
    text = require "backlua.text.width".valid(tostring(text))
    return (clean(text):gsub("[&<>\"']", ENTITIES))
end

-- A coordinate: one decimal is a tenth of a pixel.
local function at(x)
    local text = ("%.1f"):format(x)
    return (text:gsub("%.0$", ""))
end
svg.at = at

--- <text>. anchor: "start" (default), "middle", "end"; class may be nil.
function svg.text(x, y, text, anchor, class)
    return ('<text x="%s" y="%s"%s%s>%s</text>'):format(at(x), at(y),
        anchor and anchor ~= "start" and ' text-anchor="' .. anchor .. '"' or "",
        class and ' class="' .. class .. '"' or "", svg.escape(text))
end

--- <rect>, with a title that the browser shows on hover (nil: none).
function svg.rect(x, y, width, height, class, title)
    local tag = ('<rect x="%s" y="%s" width="%s" height="%s" class="%s"'):format(at(x), at(y),
        at(math.max(width, 0)), at(math.max(height, 0)), class)
    return title and tag .. "><title>" .. svg.escape(title) .. "</title></rect>" or tag .. "/>"
end

--- <circle>, as above.
function svg.circle(x, y, radius, class, title)
    local tag = ('<circle cx="%s" cy="%s" r="%s" class="%s"'):format(at(x), at(y), at(radius),
        class)
    return title and tag .. "><title>" .. svg.escape(title) .. "</title></circle>" or tag .. "/>"
end

--- <line>.
function svg.line(x1, y1, x2, y2, class)
    return ('<line x1="%s" y1="%s" x2="%s" y2="%s" class="%s"/>'):format(at(x1), at(y1), at(x2),
        at(y2), class)
end

--- <path> through points { {x, y}, ... }; a NaN interrupts it.
function svg.path(points, class)
    local parts, pen = {}, "M"
    for _, p in ipairs(points) do
        if p[1] ~= p[1] or p[2] ~= p[2] then
            pen = "M"
        else
            parts[#parts + 1] = pen .. at(p[1]) .. " " .. at(p[2])
            pen = "L"
        end
    end
    return ('<path d="%s" class="%s"/>'):format(table.concat(parts), class)
end

--- The whole drawing. label: what it shows, for those who do not see it.
function svg.drawing(width, height, label, parts)
    return ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" '
        .. 'role="img" aria-label="%s">%s</svg>'):format(width, height, width, height,
        svg.escape(label), table.concat(parts))
end

-- ---- scales ------------------------------------------------------------------------------------

--- Round numbers in low..high, about `count` of them.
-- source Heckbert 1990, Nice numbers for graph labels, Graphics Gems
function svg.ticks(low, high, count)
    if high <= low then
        return { low }
    end
    local raw = (high - low) / count
    local power = 10 ^ math.floor(math.log10(raw))
    local share, step = raw / power, power * 10
    for _, round in ipairs { { 1.5, 1 }, { 3, 2 }, { 7, 5 } } do
        if share < round[1] then
            step = round[2] * power
            break
        end
    end
    local ticks = {}
    for k = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) do
        ticks[#ticks + 1] = k * step
    end
    return ticks
end

--- A function from low..high to first..last.
function svg.scale(low, high, first, last)
    local span = high > low and high - low or 1
    return function(v)
        return first + (v - low) / span * (last - first)
    end
end

local datetime = require "backlua.datetime"
local YEAR = 365.2425 * 86400

-- The first instant of a year: days from leap years (Gregorian).
local function first_of(year)
    local y = year - 1
    return (365 * y + math.floor(y / 4) - math.floor(y / 100) + math.floor(y / 400) - 719162)
        * 86400
end

--- Instants (unix seconds) in low..high to label, and the function that does it: first days of
-- years, or of months where there are few years.
function svg.time_ticks(low, high, count)
    local step = math.max(1, math.ceil((high - low) / YEAR / count))
    local first, ticks = datetime(low), {}
    if high - low > 2 * YEAR then
        for year = math.ceil((first.year + 1) / step) * step, datetime(high).year, step do
            ticks[#ticks + 1] = first_of(year)
        end
        return ticks, function(t) return ("%d"):format(datetime(t).year) end
    end
    for i = 0, count - 1 do
        ticks[i + 1] = low + (high - low) * (i + 0.5) / count
    end
    return ticks, require "backlua.text.date".day
end

--- Smallest and largest finite number of a list; 0, 1 when it has none.
function svg.range(values)
    local low, high = math.huge, -math.huge
    for i = 1, #values do
        local v = values[i]
        if v - v == 0 then
            low, high = math.min(low, v), math.max(high, v)
        end
    end
    if low > high then
        return 0, 1
    end
    return low, high
end

local UNITS = { { 1e9, 1e9, "B" }, { 1e6, 1e6, "M" }, { 1e4, 1e3, "k" } }

--- A number as short as its step allows: 0.25, 1,200, 25k, 1.5M, 3e-05.
function svg.label(v)
    local size = math.abs(v)
    if size ~= 0 and (size < 1e-4 or size >= 1e12) then
        return ("%.3g"):format(v)
    end
    local unit = ""
    for _, entry in ipairs(UNITS) do
        if size >= entry[1] then
            v, unit = v / entry[2], entry[3]
            break
        end
    end
    local text = number.grouped(v, math.abs(v) >= 1000 and 0 or 4)
    return (text:gsub("(%.%d-)0+$", "%1"):gsub("%.$", "")) .. unit
end

return svg
