-- data:history and data:current of one asset and a list of fields, as strategies ask for them on
-- every bar.
--
-- Short loops only, which the strategy's own can hold. What is new (a list, a column that is not
-- mapped, a window that begins too early) is for history.lua: here it is nil.

local frame = require "backlua.frame"
local native = require "backlua.ffi"
local shapes = require "backlua.shapes"
local view = require "backlua.view"

local SERIES, DATA, HOME = native.hidden.series, native.hidden.data, native.hidden.home

local slot, known = frame.slot, shapes.known

local field_lists = {}

local function are_mapped(series, ids)
    for i = 1, #ids do
        if series[ids[i]][DATA] == nil then
            return false
        end
    end
    return true
end

local function views(series, ids, n, from)
    local list = {}
    for i = 1, #ids do
        local column = series + ids[i]
        list[i] = view.new(column[DATA] + from, column[HOME], n, from)
    end
    return list
end

--- A window over the bundle's own bars: a frame, or an array of views.
function field_lists.window(sid, fields, n, as_array)
    local shape, ids = known(fields)
    if not shape then
        return nil
    end
    local portal = slot[0]
    local series, from = portal[SERIES] + sid * portal.fields, portal.cursor + 1 - n
    if from < portal.floor or not are_mapped(series, ids) then
        return nil
    end
    portal.short_windows = portal.short_windows + bit.rshift(from, 31)
    if as_array then
        return views(series, ids, n, from)
    end
    return frame.new(shape, n, sid)
end

local function put(row, fields, series, ids, i, at)
    local id = ids[i]
    if id then
        row[fields[i]] = series[id][DATA][at]
    end
end

--- The current values by field.
function field_lists.current(sid, fields)
    local shape, ids = known(fields)
    local portal = slot[0]
    local series, at = portal[SERIES] + sid * portal.fields, portal.cursor
    if not shape or at < 0 or not are_mapped(series, ids) then
        return nil
    end
    -- The first ones without a loop, as in a frame's row (frame.lua).
    local row = {}
    put(row, fields, series, ids, 1, at)
    put(row, fields, series, ids, 2, at)
    put(row, fields, series, ids, 3, at)
    put(row, fields, series, ids, 4, at)
    put(row, fields, series, ids, 5, at)
    for i = 6, #ids do
        put(row, fields, series, ids, i, at)
    end
    return row
end

return field_lists
