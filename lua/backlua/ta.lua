--- Indicators as functions over arrays: require "backlua.ta".
--
--     local ta = require "backlua.ta"
--     local average = ta.sma(close, { n = 20 })
--     average[-1]
--
-- The same kernels, names and parameters as ctx:indicator, over a view or a Lua array of numbers.
-- Result: a view of the same length, oldest first, NaN while warming up. Indicators over bars take
-- a table { high =, low =, close = } in place of the array. Unknown names and parameters raise at
-- the caller's line.
--
--     ta.names()           array of all names
--     ta.parameters(name)  array of { name, default, min, max, is_int }
--     ta.lookback(name, options)  how many values stay NaN

local ffi = require "ffi"
local indicator = require "backlua.indicator"
local options = require "backlua.options"
local vector = require "backlua.vector"
local view = require "backlua.view"
local C = require("backlua.ffi").C

local ta = { names = indicator.names }

--- Parameters of an indicator: array of { name, default, min, max, is_int }; nil when unknown.
function ta.parameters(name)
    local parameters, list = indicator.parameters(name), {}
    for i, p in ipairs(parameters or {}) do
        list[i] = { name = p.name, default = p.default, min = p.min, max = p.max,
            is_int = p.is_int }
    end
    return parameters and list
end

local function parameters_of(name, given, level)
    local parameters = indicator.parameters(name)
    if not parameters then
        error(indicator.unknown("ta", name), level + 1)
    end
    local values = options.check("ta." .. name, indicator.spec(parameters, false), given, level + 1)
    return indicator.pack(parameters, values), #parameters
end

local function column(name, x, level)
    local data, n = vector.doubles(x)
    if not data then
        error(("ta.%s: %s"):format(name, n), level + 1)
    end
    return data, n
end

local function columns(name, x, level)
    if type(x) ~= "table" or x[1] ~= nil or x.close == nil then
        local data, n = column(name, x, level + 1)
        return data, nil, nil, n
    end
    local close, n = column(name, x.close, level + 1)
    local high, high_n = column(name, x.high, level + 1)
    local low, low_n = column(name, x.low, level + 1)
    if high_n ~= n or low_n ~= n then
        error(("ta.%s: high, low and close must have one length, got %d, %d, %d")
            :format(name, high_n, low_n, n), level + 1)
    end
    return close, high, low, n
end

local function compute(name, x, given)
    local params, count = parameters_of(name, given, 3)
    local data, high, low, n = columns(name, x, 3)
    local out = vector.allocate(n)
    local status = C.bt_indicator_compute(name, data, high, low, n, params, count, out)
    if status ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 3)
    end
    return view.over(out, n)
end

--- How many values stay NaN at the front.
function ta.lookback(name, given)
    local params, count = parameters_of(name, given, 2)
    return C.bt_indicator_lookback(name, params, count)
end

for _, name in ipairs(indicator.names()) do
    ta[name] = function(x, given)
        local result = compute(name, x, given)
        return result
    end
end

return setmetatable(ta, {
    __metatable = false,
    __index = function(_, name)
        error(indicator.unknown("ta", name), 2)
    end,
})
