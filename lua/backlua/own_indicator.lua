-- Indicators written in Lua: ctx:indicator(fn, asset, options).
--
--     fn(bars, options)              once over the series: an array or view as long as bars.n, or a
--                                    table of them by name; causal like any other
--     fn(bars, options, previous)    with options.window = n, once for each bar, in order: a number
--                                    from the last n bars; previous is that of the bar before, NaN
--                                    at first, and the result is NaN until there are n bars
--
-- bars has a view for each field (open, high, low, close, volume and the bundle's own), over the
-- asset's own bars, gaps skipped, and their number n. options is the table given, or an empty one.
--
-- A function over the series sees what lies ahead. So it is called again over parts of the series,
-- and raises when a value changes because later bars are taken away; and what it was given turns
-- into NaN when it returns. A function with a window cannot look ahead: it is called when its
-- handle is read, for every bar that has come by since.

local ffi = require "ffi"
local current = require "backlua.current"
local history = require "backlua.history"
local indicator = require "backlua.indicator"
local native = require "backlua.ffi"
local options = require "backlua.options"
local vector = require "backlua.vector"
local view = require "backlua.view"

local C = native.C
local SERIES, DATA = native.hidden.series, native.hidden.data

local NAN = 0 / 0
local floor = math.floor

-- ---- bars --------------------------------------------------------------------------------------

local function column(sid, id)
    local portal = current.pointers.portal
    if C.bt_portal_column(portal, sid, id) ~= C.BT_OK then
        error(ffi.string(C.bt_error_message()), 0)
    end
    return portal[SERIES] + (sid * portal.fields + id)
end

-- The asset's own bars: n, row of each (from 0), bars up to each row, and whether there are gaps
-- among them.
local function own_bars(sid)
    local rows = current.pointers.portal.rows
    local close = column(sid, history.FIELD_ID.close)[DATA]
    local own = { n = 0, row = ffi.new("int32_t[?]", rows + 1), upto = ffi.new("int32_t[?]", rows),
        rows = rows }
    for row = 0, rows - 1 do
        if close[row] == close[row] then
            own.row[own.n] = row
            own.n = own.n + 1
        end
        own.upto[row] = own.n
    end
    own.has_gaps = own.n > 0 and own.row[own.n - 1] - own.row[0] + 1 ~= own.n
    return own
end

local function gathered(own, data)
    local array = vector.allocate(own.n)
    for i = 0, own.n - 1 do
        array[i] = data[own.row[i]]
    end
    return array
end

-- Names of the fields that a function sees: price is the close on an asset's own bars.
local function field_names()
    local names = {}
    for _, name in ipairs(history.FIELD_NAMES) do
        if name ~= "price" then
            names[#names + 1] = name
        end
    end
    return names
end

-- ---- once over the series ----------------------------------------------------------------------

local function bars_of(copies, n)
    local bars = { n = n }
    for name, array in pairs(copies) do
        bars[name] = view.over(array, n)
    end
    return bars
end

-- The results of one call, and their names in order, none for a single one; nil, message.
local function results_of(fn, copies, n, given)
    local value = fn(bars_of(copies, n), given)
    local named, names = { value }, {}
    if type(value) == "table" and #value == 0 and next(value) ~= nil then
        named = value
        for name in pairs(value) do
            names[#names + 1] = tostring(name)
        end
        table.sort(names)
    end
    local arrays = {}
    for i = 1, math.max(#names, 1) do
        local data, length = vector.doubles(named[names[i] or 1])
        if not data or length ~= n then
            return nil, ("indicator: the function must return %d numbers, one for each bar%s; %s")
                :format(n, names[i] and " (" .. names[i] .. ")" or "",
                    data and "it returned " .. length or length)
        end
        arrays[i] = data
    end
    return arrays, names
end

-- A series that lasts as long as the run: the results put on the calendar.
local function spread(own, arrays)
    local series = vector.allocate(own.rows * #arrays)
    for i = 0, own.rows * #arrays - 1 do
        series[i] = NAN
    end
    for k, array in ipairs(arrays) do
        for i = 0, own.n - 1 do
            series[(k - 1) * own.rows + own.row[i]] = array[i]
        end
    end
    return series
end

-- What is wrong when the values of the first n bars are others without the bars that follow.
local function ahead(fn, own, copies, n, given, series)
    local arrays, message = results_of(fn, copies, n, given)
    if not arrays then
        return message
    end
    for k, array in ipairs(arrays) do
        for i = 0, n - 1 do
            local a, b = array[i], series[(k - 1) * own.rows + own.row[i]]
            if a ~= b and (a == a or b == b) then
                return ("indicator: the function looks ahead: its value at bar %d is %s, and %s"
                    .. " when the bars after %d are taken away; use only bars up to its own, or"
                    .. " { window = n }"):format(i + 1, view.number(b), view.number(a), n)
            end
        end
    end
end

local function first_ahead(fn, own, copies, given, series)
    local done = {}
    for _, n in ipairs { floor(own.n / 4), floor(own.n / 2), floor(own.n * 3 / 4), own.n - 1 } do
        local message = n > 0 and not done[n] and ahead(fn, own, copies, n, given, series)
        if message then
            return message
        end
        done[n] = true
    end
end

local function wipe(own, copies)
    for _, array in pairs(copies) do
        for i = 0, own.n - 1 do
            array[i] = NAN
        end
    end
end

-- The handle, or a table of them; nil, message.
local function over_series(fn, sid, given)
    local own, copies = own_bars(sid), {}
    for _, name in ipairs(field_names()) do
        copies[name] = gathered(own, column(sid, history.FIELD_ID[name])[DATA])
    end
    local arrays, names = results_of(fn, copies, own.n, given)
    if not arrays then
        return nil, names
    end
    local series = spread(own, arrays)
    local message = first_ahead(fn, own, copies, given, series)
    if message then
        return nil, message
    end
    wipe(own, copies)
    indicator.keep(series)
    return indicator.handles("indicator", #names > 0 and names or { "value" }, series)
end

-- ---- once for each bar -------------------------------------------------------------------------

-- A function of from, n that gives the view over bars from .. from + n - 1 (from 0) of a field.
local function window_of(own, series)
    if own.has_gaps then
        local all = view.over(gathered(own, series[DATA]), own.n)
        return function(from, n)
            return (all:slice(from + 1, from + n))
        end
    end
    local first = own.row[0]
    return function(from, n)
        local at = first + from
        return (view.new(series[DATA] + at, series, n, at))
    end
end

-- The values up to bar `last` (from 0), computed in order.
local function evaluator(fn, own, sid, window, given)
    local names, windows = field_names(), {}
    for i, name in ipairs(names) do
        windows[i] = window_of(own, column(sid, history.FIELD_ID[name]))
    end
    local values, known, busy = vector.allocate(own.n), 0, false
    local function next_value()
        local bars = { n = window }
        for i = 1, #names do
            bars[names[i]] = windows[i](known + 1 - window, window)
        end
        local value = fn(bars, given, known > 0 and values[known - 1] or NAN)
        if type(value) ~= "number" then
            error("indicator: the function must return a number, got a " .. type(value), 4)
        end
        return value
    end
    return function(last)
        if busy then
            error("indicator: the function reads its own handle; the third argument is the value"
                .. " of the bar before", 3)
        end
        busy = true
        while known <= last do
            values[known] = known + 1 >= window and next_value() or NAN
            known = known + 1
        end
        busy = false
        return values[last]
    end
end

local function per_bar(fn, sid, given)
    local own = own_bars(sid)
    local value_at = own.n > 0 and evaluator(fn, own, sid, given.window, given)
    local life = indicator.life()
    return setmetatable({}, {
        __metatable = false,
        __index = function(_, i)
            local row = life.row(i)
            if row < 0 then
                return NAN
            end
            local n = own.upto[row]
            if n == 0 or own.row[n - 1] ~= row then
                return NAN
            end
            return (value_at(n - 1))
        end,
        __newindex = function()
            error("indicator: values are read-only", 2)
        end,
        __tostring = function()
            return "Indicator(per bar)"
        end,
    })
end

-- ---- both --------------------------------------------------------------------------------------

local WINDOW = { window = { kind = "integer", min = 1, max = C.BT_HISTORY_MAX } }

-- Raises at level 3: the caller of ctx:indicator.
return function(fn, asset, given)
    local sid = indicator.sid_of("indicator", asset, 3)
    if given ~= nil and type(given) ~= "table" then
        error("indicator: options must be a table, got a " .. type(given), 3)
    end
    given = given or {}
    local window = rawget(given, "window")
    options.check("indicator", WINDOW, { window = window }, 3)
    local result, message = (window and per_bar or over_series)(fn, sid, given)
    if not result then
        error(message, 3)
    end
    return result
end
