-- Numbers as text for people and for files.
--
-- All digits come from C (bt_number_*): correctly rounded, and the same on every machine. Lua's
-- own formatting rounds exact halves differently and keeps 14 digits.

local ffi = require "ffi"
local C = require "backlua.ffi".C

local number = {}

local buffer = ffi.new "char[128]"
-- Beyond this a fixed notation says nothing to a reader and would not fit the buffer.
local FIXED_LIMIT = 1e15

local function unusual(v)
    if v ~= v then
        return "-"
    elseif v == math.huge then
        return "inf"
    elseif v == -math.huge then
        return "-inf"
    end
end

-- Shortest text that reads back to the same double; "-" for NaN.
function number.shortest(v)
    return unusual(v) or ffi.string(buffer, C.bt_number_format(v, buffer))
end

-- v with `decimals` (0..9, default 2) digits after the point; "-" for NaN. A result of zero
-- carries no minus sign.
function number.fixed(v, decimals)
    local text = unusual(v)
    if text then
        return text
    elseif math.abs(v) >= FIXED_LIMIT then
        return number.shortest(v)
    end
    text = ffi.string(buffer, C.bt_number_fixed(v, decimals or 2, buffer))
    return (text:gsub("^%-([0.]+)$", "%1"))
end

-- As fixed, with as many digits as tell v from a bound that it is held against: 0.203 beside 0.2.
function number.apart(v, bound)
    local decimals = 2
    while decimals < 9 and v ~= bound and tonumber(number.fixed(v, decimals)) == bound do
        decimals = decimals + 1
    end
    return number.fixed(v, decimals)
end

-- As fixed, with a comma between thousands: 1,234,567.80.
function number.grouped(v, decimals)
    local text = number.fixed(v, decimals)
    local sign, whole, rest = text:match "^(%-?)(%d+)(.*)$"
    if not whole or rest:find "e" then
        return text
    end
    whole = whole:reverse():gsub("(%d%d%d)", "%1,"):reverse():gsub("^,", "")
    return sign .. whole .. rest
end

-- A whole number with thousands separators.
function number.count(v)
    return number.grouped(v, 0)
end

-- A fraction in percent with its sign: 0.1234 -> "12.34 %".
function number.percent(fraction, decimals)
    local text = unusual(fraction) or number.grouped(fraction * 100, decimals or 2)
    return text == "-" and text or text .. " %"
end

-- A duration in seconds, in three or four digits: "0.012 s", "1.24 s", "12.5 s", "3 min 20 s".
function number.seconds(s)
    if s ~= s or s == math.huge then
        return "-"
    elseif s < 1 then
        return number.fixed(s, 3) .. " s"
    elseif s < 100 then
        return number.fixed(s, s < 10 and 2 or 1) .. " s"
    elseif s < 3600 then
        return ("%d min %d s"):format(s / 60, s % 60)
    end
    return ("%d h %d min"):format(s / 3600, s % 3600 / 60)
end

return number
