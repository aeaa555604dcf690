-- Indicators written in Lua: ctx:indicator(fn, asset, options).
--
--     fn(bars, options)              once over the series: an array or view as long as bars.n, or a
--                                    table of them by name; causal like any other
--     fn(bars, options, previous)    with options.window = n, once for each bar, in order: a number
--                                    from the last n bars; previous is that of the bar before, NaN
--                                    at first, and the result is NaN until there are n bars
--
-- options.adjust is "none", "splits" or "all": bars as data:history shows them at the current bar
-- (default: the run's). A split or a dividend changes those, and the function is called anew.
--
-- bars has a view for each field (open, high, low, close, volume and the bundle's own), over the
-- asset's own bars, gaps skipped, and their number n. options is the table given, or an empty one.
--
-- A function over the series sees what lies ahead. So it is called again over parts of the series,
-- and raises when a value changes because later bars are taken away; and what it was given turns
-- into NaN when it returns. A function with a window cannot look ahead: it is called when its
-- handle is read, for every bar that has come by since.

local ffi = require "ffi"
local args = require "backlua.history_args"
local current = require "backlua.current"
local history = require "backlua.history"
local indicator = require "backlua.indicator"
local native = require "backlua.ffi"
local options = require "backlua.options"
local vector = require "backlua.vector"
local view = require "backlua.view"

local C = native.C

local NAN = 0 / 0
local DATA = native.hidden.data
local floor = math.floor

-- ---- bars --------------------------------------------------------------------------------------

-- Rows of a column as it is after so many events of its asset; how many there are, up to the next.
local function column(own, id, epoch, mode)
    local rows = vector.allocate(own.rows)
    local n = C.bt_portal_copy(current.pointers.portal, mode or own.mode, own.sid, id, epoch, rows)
    if n < 0 then
        error(ffi.string(C.bt_error_message()), 0)
    end
    return rows, n
end

-- The asset's own bars: n, row of each (from 0), bars up to each row; how many events change what
-- is shown of them in a mode (BT_ADJUST_*, -1 the run's).
local function own_bars(sid, mode)
    local portal = current.pointers.portal
    local rows = portal.rows
    local own = { n = 0, row = ffi.new("int32_t[?]", rows + 1), upto = ffi.new("int32_t[?]", rows),
        rows = rows, sid = sid, mode = mode }
    local close = column(own, history.FIELD_ID.close, 0, C.BT_ADJUST_NONE)
    for row = 0, rows - 1 do
        if close[row] == close[row] then
            own.row[own.n] = row
            own.n = own.n + 1
        end
        own.upto[row] = own.n
    end
    own.has_gaps = own.n > 0 and own.row[own.n - 1] - own.row[0] + 1 ~= own.n
    own.events = C.bt_portal_epoch(portal, mode, sid, rows)
    return own
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

-- Arrays by field of the asset's bars as of an epoch, and how many there are.
local function copies_of(own, epoch, mode)
    local copies, n = {}, 0
    for _, name in ipairs(field_names()) do
        local rows, count = column(own, history.FIELD_ID[name], epoch, mode)
        n = count > 0 and own.upto[count - 1] or 0
        copies[name] = vector.allocate(n)
        for i = 0, n - 1 do
            copies[name][i] = rows[own.row[i]]
        end
    end
    return copies, n
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

-- A series that lasts as long as the run: the results of n bars put on the calendar.
local function spread(own, arrays, n)
    local series = vector.allocate(own.rows * #arrays)
    for i = 0, own.rows * #arrays - 1 do
        series[i] = NAN
    end
    for k, array in ipairs(arrays) do
        for i = 0, n - 1 do
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

local function wipe(copies, n)
    for _, array in pairs(copies) do
        for i = 0, n - 1 do
            array[i] = NAN
        end
    end
end

-- What reads as a handle: value(row, level) gives the value at a row, an error raised at a level.
local function proxy(life, value, text)
    return setmetatable({}, {
        __metatable = false,
        __index = function(_, i)
            local row = life.row(i)
            local x = row < 0 and NAN or value(row)
            return x
        end,
        __newindex = function()
            error("indicator: values are read-only", 2)
        end,
        __tostring = function()
            return text
        end,
    })
end

-- Handles over what the function makes of the bars as of now.
local function following(fn, own, names, given)
    local life, shown, series = indicator.life(), -1, nil
    local function look()
        local epoch = life.epoch(own.mode, own.sid)
        if epoch ~= shown then
            local copies, n = copies_of(own, epoch)
            local arrays, message = results_of(fn, copies, n, given)
            if not arrays then
                error(message, 4)
            end
            series, shown = spread(own, arrays, n), epoch
            wipe(copies, n)
        end
    end
    local list = {}
    for k = 1, #names do
        list[k] = proxy(life, function(row)
            look()
            return series[(k - 1) * own.rows + row]
        end, "Indicator(over the series)")
    end
    return list
end

-- The handle, or a table of them; nil, message.
local function over_series(fn, sid, given, mode)
    local own = own_bars(sid, mode)
    local copies = copies_of(own, 0, C.BT_ADJUST_NONE)
    local arrays, names = results_of(fn, copies, own.n, given)
    if not arrays then
        return nil, names
    end
    local series = spread(own, arrays, own.n)
    local message = first_ahead(fn, own, copies, given, series)
    if message then
        return nil, message
    end
    wipe(copies, own.n)
    names = #names > 0 and names or { "value" }
    local list = {}
    if own.events > 0 then
        list = following(fn, own, names, given)
    else
        indicator.keep(series)
        for k = 1, #names do
            list[k] = indicator.handle(series + (k - 1) * own.rows)
        end
    end
    return indicator.named("indicator", names, list)
end

-- ---- once for each bar -------------------------------------------------------------------------

-- Views of the asset's bars by field, over the columns themselves: their sums are known.
local function mapped(own)
    local portal, views = current.pointers.portal, {}
    for _, name in ipairs(field_names()) do
        local id = history.FIELD_ID[name]
        if C.bt_portal_adjusted(portal, own.mode, own.sid, id) ~= C.BT_OK then
            error(ffi.string(C.bt_error_message()), 0)
        end
        local series = C.bt_portal_series(portal, own.mode) + (own.sid * portal.fields + id)
        views[name] = view.new(series[DATA] + own.row[0], series, own.n, own.row[0])
    end
    return views
end

-- The values up to bar `last` (from 0) of an epoch, computed in order.
local function evaluator(fn, own, epoch, window, given)
    local all = own.events == 0 and not own.has_gaps and mapped(own)
        or bars_of(copies_of(own, epoch))
    local names, values, known, busy = field_names(), vector.allocate(own.n), 0, false
    local function next_value()
        local bars = { n = window }
        for i = 1, #names do
            bars[names[i]] = all[names[i]]:slice(known + 2 - window, known + 1)
        end
        local value = fn(bars, given, known > 0 and values[known - 1] or NAN)
        if type(value) ~= "number" then
            error("indicator: the function must return a number, got a " .. type(value), 5)
        end
        return value
    end
    return function(last)
        if busy then
            error("indicator: the function reads its own handle; the third argument is the value"
                .. " of the bar before", 4)
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

local function per_bar(fn, sid, given, mode)
    local own, life, shown, value_at = own_bars(sid, mode), indicator.life(), -1, nil
    return proxy(life, function(row)
        local n = own.upto[row]
        if n == 0 or own.row[n - 1] ~= row then
            return NAN
        end
        local epoch = life.epoch(mode, sid)
        if epoch ~= shown then
            shown, value_at = epoch, evaluator(fn, own, epoch, given.window, given)
        end
        local value = value_at(n - 1)
        return value
    end, "Indicator(per bar)")
end

-- ---- both --------------------------------------------------------------------------------------

local OPTIONS = {
    window = { kind = "integer", min = 1, max = C.BT_HISTORY_MAX },
    adjust = { kind = "string", choices = args.ADJUSTS },
}

-- Raises at level 3: the caller of ctx:indicator.
return function(fn, asset, given)
    local sid = indicator.sid_of("indicator", asset, 3)
    if given ~= nil and type(given) ~= "table" then
        error("indicator: options must be a table, got a " .. type(given), 3)
    end
    given = given or {}
    local window, adjust = rawget(given, "window"), rawget(given, "adjust")
    options.check("indicator", OPTIONS, { window = window, adjust = adjust }, 3)
    local result, message = (window and per_bar or over_series)(fn, sid, given,
        indicator.mode(adjust))
    if not result then
        error(message, 3)
    end
    return result
end
