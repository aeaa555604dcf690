-- Texts of the command line as values. Each constructor returns a converter in argparse's form:
-- text -> value, or nil and a message that names option, limits and what was given.
--
-- Numbers are plain decimals. tonumber would take "0x10", " 5 " and "nan" as well, and guess.

local C = require "backlua.ffi".C
local ffi = require "ffi"
local nearest = require "backlua.text.nearest"
local number = require "backlua.text.number"
local quote = require "backlua.text.quote"

local values = {}

-- The number of a decimal text ("12", "-0.5", "1e-3"), or nil.
function values.decimal(text)
    local mantissa, exponent = text:match "^[+-]?([%d.]+)(.*)$"
    if not mantissa or not (mantissa:match "^%d+%.?%d*$" or mantissa:match "^%.%d+$") then
        return nil
    elseif exponent ~= "" and not exponent:match "^[eE][+-]?%d+$" then
        return nil
    end
    local v = tonumber((text:gsub("^%+", "")))
    return v and v - v == 0 and v or nil -- 1e999 overflows: no number
end

-- 1e+15 as 1e15, what a person would type.
local function limit(v)
    return v < 1e9 and number.shortest(v) or (("%g"):format(v):gsub("e%+?0*", "e"))
end

local function limits_text(limits)
    local low = limits.above and "> " .. limit(limits.above)
        or limits.min and ">= " .. limit(limits.min)
    local high = limits.max and "<= " .. limit(limits.max)
    return (low or "") .. (low and high and " and " or "") .. (high or "")
end

local function within(v, limits)
    return (not limits.above or v > limits.above) and (not limits.min or v >= limits.min)
        and (not limits.max or v <= limits.max)
end

-- A number within limits { above =, min =, max =, whole = true for integers }.
function values.number(option, limits)
    local kind = limits.whole and "a whole number" or "a number"
    return function(text)
        local v = values.decimal(text)
        if v and within(v, limits) and not (limits.whole and v % 1 ~= 0) then
            return v
        end
        return nil, ("%s must be %s %s, got %s"):format(option, kind, limits_text(limits),
            quote(text))
    end
end

-- Names that a function of values.choice allows, by function; for completion.
values.choices_of = setmetatable({}, { __mode = "k" })

-- One of the names in an array.
function values.choice(option, names)
    local function convert(text)
        for _, name in ipairs(names) do
            if text == name then
                return text
            end
        end
        return nil, ("%s must be one of %s, got %s%s"):format(option, table.concat(names, ", "),
            quote(text), nearest.hint(text, names))
    end
    values.choices_of[convert] = names
    return convert
end

-- A date or a time, kept as text.
function values.date(option)
    local time, has_time = ffi.new "bt_time[1]", ffi.new "int32_t[1]"
    return function(text)
        if C.bt_date_parse(text, time, has_time) == C.BT_OK then
            return text
        end
        return nil, ("%s must be a date such as 2004-08-19 or a time such as "
            .. "2004-08-19T13:30:00Z, got %s"):format(option, quote(text))
    end
end

local TEXT_MAX = 4095 -- bytes, of a path

-- Any text but one that is blank or too long for a path.
function values.text(option, what)
    return function(text)
        if text:find "%S" and #text <= TEXT_MAX then
            return text
        end
        return nil, ("%s must be %s, at most %d bytes, got %s"):format(option, what, TEXT_MAX,
            quote(text))
    end
end

-- "x,y" as { x, y }: two names.
function values.pair(option, what)
    return function(text)
        local x, y = text:match "^([%a_][%w_]*),([%a_][%w_]*)$"
        if x and x ~= y then
            return { x, y }
        end
        return nil, ("%s must be %s, got %s"):format(option, what, quote(text))
    end
end

-- "a,b,c" as { a, b, c }: names, at least one.
function values.names(option, what)
    return function(text)
        local names = {}
        for name in (text .. ","):gmatch "([^,]*)," do
            names[#names + 1] = name
        end
        for _, name in ipairs(names) do
            if not name:find "^[%w_.-]+$" then
                return nil, ("%s must be %s, got %s"):format(option, what, quote(text))
            end
        end
        return names
    end
end

-- "name=value" as { name, value }; the value may hold anything.
function values.assignment(option)
    return function(text)
        local name, value = text:match "^([%a_][%w_]*)=(.*)$"
        if name then
            return { name, value }
        end
        return nil, ("%s must look like name=value, got %s"):format(option, quote(text))
    end
end

return values
