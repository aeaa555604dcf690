-- Columns of numbers as short text for the browser.
--
-- A column is scaled to whole numbers (so many decimals), and what is written is the difference to
-- the number before: in groups of five bits, least first, the sixth bit saying that more follow,
-- the lowest bit being the sign. NaN is "!". A day of a 25-year equity curve takes four bytes; the
-- browser's half is unpack() in chart.js.
--
-- thin() chooses the points of a line that a screen can show.

local new_buffer = require "string.buffer".new

local pack = {}

local DIGITS = {}
do
    local letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for i = 1, 64 do
        DIGITS[i - 1] = letters:sub(i, i)
    end
end

local WHOLE_MAX = 2 ^ 52

local function round(x)
    return math.floor(x + 0.5)
end

local function put(buffer, difference)
    local rest = difference < 0 and -2 * difference + 1 or 2 * difference
    repeat
        local five = rest % 32
        rest = (rest - five) / 32
        buffer:put(DIGITS[rest > 0 and five + 32 or five])
    until rest == 0
end

--- Text of a column: values[i] for each i of indexes (nil: 1..n), with so many decimals.
-- values: array or view of numbers; NaN and infinities are gaps.
function pack.numbers(values, decimals, indexes, n)
    local buffer, before, scale = new_buffer(), 0, 10 ^ decimals
    for k = 1, indexes and #indexes or n or #values do
        local v = values[indexes and indexes[k] or k]
        local whole = v * scale
        if v - v ~= 0 or math.abs(whole) > WHOLE_MAX then
            buffer:put "!"
        else
            whole = round(whole)
            put(buffer, whole - before)
            before = whole
        end
    end
    return buffer:get()
end

--- Decimals that show values of this size with so many digits (default 6), 0..8.
function pack.decimals(size, digits)
    if size <= 0 or size == math.huge then
        return 2
    end
    return math.max(0, math.min(8, (digits or 6) - 1 - math.floor(math.log10(size))))
end

--- The largest size of a column, 0 when it has no number.
function pack.size(values, n)
    local largest = 0
    for i = 1, n or #values do
        local v = math.abs(values[i])
        if v - v == 0 and v > largest then
            largest = v
        end
    end
    return largest
end

-- Positions of the first, smallest, largest and last value of each line in first..last.
local function mark(keep, lines, first, last)
    keep[first], keep[last] = true, true
    for _, values in ipairs(lines) do
        local low, high = first, first
        for i = first, last do
            if values[i] < values[low] or values[low] ~= values[low] then
                low = i
            end
            if values[i] > values[high] or values[high] ~= values[high] then
                high = i
            end
        end
        keep[low], keep[high] = true, true
    end
end

--- Positions of 1..n to draw, at most about `limit`, or nil for all: of each of so many slices the
-- first, the last, the lowest and the highest of each line, so that no extreme is lost.
-- source Jugel, Jerzak, Hackenbroich, Markl 2014, M4, VLDB 7(10)
function pack.thin(lines, n, limit)
    if n <= limit then
        return nil
    end
    local slices, keep, indexes = math.floor(limit / (2 + 2 * #lines)), {}, {}
    for s = 0, slices - 1 do
        mark(keep, lines, math.floor(s * n / slices) + 1, math.floor((s + 1) * n / slices))
    end
    for i = 1, n do
        if keep[i] then
            indexes[#indexes + 1] = i
        end
    end
    return indexes
end

--- Times (unix seconds) as { unit = seconds, v = text }: whole days for daily bars.
function pack.times(times, daily, indexes, n)
    local unit = daily and 86400 or 1
    local values = {}
    for k = 1, indexes and #indexes or n or #times do
        values[k] = math.floor(times[indexes and indexes[k] or k] / unit)
    end
    if not daily then
        for _, candidate in ipairs { 3600, 60 } do
            local fits = true
            for k = 1, #values do
                fits = fits and values[k] % candidate == 0
            end
            if fits then
                for k = 1, #values do
                    values[k] = values[k] / candidate
                end
                unit = candidate
                break
            end
        end
    end
    return { unit = unit, v = pack.numbers(values, 0) }
end

return pack
