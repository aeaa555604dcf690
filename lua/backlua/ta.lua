--- Indicators as functions over arrays: require "backlua.ta".
--
--     local ta = require "backlua.ta"
--     local average = ta.sma(close, { n = 20 })
--     average[-1]
--     local m = ta.macd(close, { fast = 10 })
--     m.signal[-1]
--     local range = ta.atr { high = high, low = low, close = close }
--     local r = ta.correl(x, y, { n = 30 })
--
-- The same kernels, names and parameters as ctx:indicator, over views or Lua arrays of numbers.
-- What reads bars takes a table of them by name (a frame with these columns will do): open, high,
-- low, close, volume, and session, numbers that tell which bars belong together; without them all
-- bars are one session to vwap, and each bar is one to pivots. What reads one series and volume
-- takes the table, too, its series being close. A second series is an argument of its own, an array
-- or one number for all bars.
--
-- Result: a view as long as the arrays, oldest first, NaN while warming up and on a gap, which is a
-- bar where one of the arrays is NaN; a table of views by name where there are several outputs.
-- Unknown names and parameters raise at the caller's line.
--
--     ta.names()           array of all names
--     ta.info(name)        { name, title, formula, source, inputs, outputs, parameters }
--     ta.parameters(name)  array of { name, default, min, max, is_int, sweep }
--     ta.lookback(name, options)  how many values stay NaN
--     ta.crossed_above(a, b)  at the current bar, of handles, views or numbers; crossed_below

local ffi = require "ffi"
local indicator = require "backlua.indicator"
local options = require "backlua.options"
local outputs = require "backlua.outputs"
local stranger = require "backlua.stranger"
local vector = require "backlua.vector"
local view = require "backlua.view"
local C = require("backlua.ffi").C

local type, rawget, rawset, error = type, rawget, rawset, error

local ta = { names = indicator.names }

-- ---- what there is -----------------------------------------------------------------------------

local function copy(value)
    if type(value) ~= "table" then
        return value
    end
    local result = {}
    for key, element in pairs(value) do
        result[key] = copy(element)
    end
    return result
end

--- What is known of an indicator: { name, title, formula, source, inputs, outputs, parameters };
-- nil when unknown. inputs, outputs: arrays of names; parameters as ta.parameters.
function ta.info(name)
    local info = copy(indicator.info(name))
    if info then
        info.reads = nil
    end
    return info
end

--- Parameters of an indicator: array of { name, default, min, max, is_int, sweep }, sweep being a
-- sensible { from, to, step } to search; nil when unknown.
function ta.parameters(name)
    local info = indicator.info(name)
    return info and copy(info.parameters)
end

local packed_of, NONE = {}, {}

-- Packed parameters of a call without a mistake: the array is the indicator's, for its next call.
-- nil for options.check to say what is wrong.
local function valid_parameters(info, given)
    given = given == nil and NONE or given
    if type(given) ~= "table" or options.are_asked_for()
        or stranger(indicator.spec(info, false), given) ~= nil then
        return nil
    end
    local parameters = info.parameters
    local packed = packed_of[info] or ffi.new("double[?]", math.max(#parameters, 1))
    packed_of[info] = packed
    for i = 1, #parameters do
        local p = parameters[i]
        local value = given[p.name]
        if value == nil then
            value = p.default
        elseif type(value) ~= "number" or not (value >= p.min and value <= p.max)
            or p.is_int and value % 1 ~= 0 then
            return nil
        end
        packed[i - 1] = value
    end
    return packed, #parameters
end

local function parameters_of(name, given, level)
    local info = indicator.info(name)
    if not info then
        error(indicator.unknown("ta", name), level + 1)
    end
    local packed, size = valid_parameters(info, given)
    if packed then
        return packed, size
    end
    local values = options.check("ta." .. name, indicator.spec(info, false), given, level + 1)
    return indicator.pack(info, values)
end

--- How many values stay NaN at the front under parameters (given). Raises for an unknown name or
-- parameter.
function ta.lookback(name, given)
    local params, count = parameters_of(name, given, 2)
    return C.bt_indicator_lookback(name, params, count)
end

-- ---- arguments ---------------------------------------------------------------------------------

local function is_bars(x)
    return type(x) == "table" and rawget(x, 1) == nil and next(x) ~= nil
end

-- Add a column to the call's: { pointers, n, keep }.
local function add(call, name, place, key, x, level)
    local data, n = vector.doubles(x)
    if not data then
        error(("ta.%s: %s%s"):format(name, key and key .. ": " or "", n), level + 1)
    elseif call.n and n ~= call.n then
        error(("ta.%s: all series must have one length, got %d and %d"):format(name, call.n, n),
            level + 1)
    end
    call.n = n
    call.pointers[place] = data
    call.keep[#call.keep + 1] = data
end

local function constant(value, n)
    local list = {}
    for i = 1, n do
        list[i] = value
    end
    return list
end

-- Bars by name; x is their close.
local function add_bars(call, name, info, bars, level)
    for _, input in ipairs(info.inputs) do
        local key = input == "x" and "close" or input
        local x = rawget(bars, key)
        if x == nil and key ~= "session" and key ~= "other" then
            error(("ta.%s: it needs %s; the table has none"):format(name, key), level + 1)
        elseif x ~= nil then
            add(call, name, info.reads[input], key, x, level + 1)
        end
    end
end

local function read_call(name, info, x, y, level)
    local call = { pointers = ffi.new("const double *[?]", C.BT_INPUTS), keep = {} }
    if is_bars(x) then
        add_bars(call, name, info, x, level + 1)
    elseif info.inputs[1] ~= "x" or info.reads.volume then
        error(("ta.%s: it needs a table { %s = ... }"):format(name,
            (table.concat(info.inputs, " =, "):gsub("^x", "close"):gsub(" =, session", ""))),
            level + 1)
    else
        add(call, name, info.reads.x, nil, x, level + 1)
    end
    if info.reads.other then
        y = type(y) == "number" and constant(y, call.n) or y
        add(call, name, info.reads.other, "the second series", y, level + 1)
    end
    return call
end

-- ---- the functions -----------------------------------------------------------------------------

local function compute(name, info, x, y, given)
    local params, count = parameters_of(name, given, 3)
    local call = read_call(name, info, x, y, 3)
    local n = call.n
    local out = vector.allocate(n * #info.outputs)
    -- the pointers keep nothing alive: whatever they point at is used after the call
    call.status = C.bt_indicator_compute(name, call.pointers, n, params, count, out)
    if call.status ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
    if #info.outputs == 1 then
        return view.over(out, n)
    end
    local all, views = view.over(out, n * #info.outputs), {}
    for i = 1, #info.outputs do
        views[i] = n > 0 and all:slice((i - 1) * n + 1, i * n) or all
    end
    return outputs.named("ta." .. name, info.outputs, views)
end

-- Functions are made when they are first asked for.
local function make(name)
    local info = indicator.info(name)
    if not info then
        return nil
    elseif info.reads.other then
        return function(x, y, given)
            local result = compute(name, info, x, y, given)
            return result
        end
    end
    return function(x, given)
        local result = compute(name, info, x, nil, given)
        return result
    end
end

-- ---- crossings ---------------------------------------------------------------------------------

-- The value at the current bar and at the one before.
local function newest(x)
    if type(x) == "number" then
        return x, x
    end
    return x[-1], x[-2]
end

--- True when a is above b at the current bar and was not at the bar before: handles, views (their
-- newest two elements) or numbers. False where one of the four values is NaN.
function ta.crossed_above(a, b)
    local a1, a2 = newest(a)
    local b1, b2 = newest(b)
    return a1 > b1 and a2 <= b2
end

--- True when a is below b at the current bar and was not at the bar before; as ta.crossed_above.
function ta.crossed_below(a, b)
    local above = ta.crossed_above(b, a)
    return above
end

return setmetatable(ta, {
    __metatable = false,
    __index = function(self, name)
        local made = type(name) == "string" and make(name)
        if not made then
            error(indicator.unknown("ta", name), 2)
        end
        rawset(self, name, made)
        return made
    end,
})
