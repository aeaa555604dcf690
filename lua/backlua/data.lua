-- `data`: what is knowable at the current bar.
--
--     data:history(asset, "close", 100, "1d", "array")    the last 100 sessions as a view
--     data:history{ assets = .., fields = .., bar_count = .. }   keys instead of positions
--     data:current(asset, "price")   data:can_trade(asset)   data:is_stale(asset)
--
-- Nothing is copied and nothing is looked up twice: a window is a pointer into a column that ends
-- at the portal's cursor, which only the engine moves; what it shows of the time before the first
-- session is memory like any other. The usual call, one asset, one field, is written out here, so
-- that it compiles to a few loads; one asset and a list of fields are in field_lists.lua, other
-- lists, keys and mistakes in history.lua. The pointer of the portal lies at an address that never
-- changes, so compiled code serves all runs.
--
-- The table given to a strategy is fresh in every run and holds nothing.

local ffi = require "ffi"
local assets = require "backlua.assets"
local field_lists = require "backlua.field_lists"
local frame = require "backlua.frame"
local history = require "backlua.history"
local levels = require "backlua.levels"
local native = require "backlua.ffi"
local view = require "backlua.view"

local C = native.C
local SERIES, DATA, HOME = native.hidden.series, native.hidden.data, native.hidden.home

local error, type = error, type
local setmetatable = setmetatable
local rshift, tobit = bit.rshift, bit.tobit
local new_view, new_frame, coarse_frame = view.new, frame.new, frame.coarse
local id_of, slot = assets.id, frame.slot
local window_of, current_of = field_lists.window, field_lists.current
local FIELD_ID, SHAPE_OF = history.FIELD_ID, history.SHAPE_OF
local MAX = C.BT_HISTORY_MAX

local data = {}
local methods = {}
data.methods = methods

-- The data of the active run, the frequency of its bundle, and whether windows of coarser ones may
-- be copies: they end with a growing bar, or are adjusted.
local active, frequency_now, copies
local PLACE_OF = levels.place_of

function history.on_copies(on)
    copies = on
end

-- A window of a coarser frequency, the usual call; nil for any other.
local function coarse(sid, id, n, place, return_type)
    local portal = slot[place]
    local series = portal[SERIES] + (sid * portal.fields + id)
    local from = portal.cursor + 1 - n
    if from >= portal.floor and series[DATA] ~= nil then
        portal.short_windows = portal.short_windows + rshift(from, 31)
        if return_type == "array" then
            return new_view(series[DATA] + from, series[HOME], n, from)
        elseif return_type == nil or return_type == "frame" then
            return coarse_frame(SHAPE_OF[id], n, sid, place)
        end
    end
end

-- Whether a call asks for a window of one asset and a list of fields, and for no more.
local function is_of_fields(self, sid, fields, n, bar_count, frequency, return_type, options)
    return sid and type(fields) == "table" and self == active and n == bar_count and n >= 1
        and n <= MAX and options == nil and (frequency == frequency_now or frequency == nil)
        and (return_type == nil or return_type == "frame" or return_type == "array")
end

--- A window of the last bars, the current one included.
--     assets        an asset or a symbol, or a list of them
--     fields        "open", "high", "low", "close", "volume", "price", a field of the bundle's
--                   own, or a list of them
--     bar_count     1..100000
--     frequency     that of the bundle, which it is when absent, or a coarser one of 1m 3m 5m 15m
--                   30m 1h 2h 4h 1d 1w 1mo: bars that have closed by now
--     return_type   "array" (views) or "frame" (default)
--     options       a table:
--         adjust    "none", "splits" or "all"; the run's ("all") when absent; the word may stand
--                   in place of the table
--         partial   true: the last bar is the one that has not closed yet, as far as it has come
--                   (a copy); false: not in this call, though the run shows it
-- or one table with these keys. Prices before a split or dividend are adjusted for those that have
-- happened by now; the last row is always as quoted. Raises at the caller's line for anything else.
function methods.history(self, asset, field, bar_count, frequency, return_type, options)
    local sid, id = id_of(asset), FIELD_ID[field]
    local n = type(bar_count) == "number" and tobit(bar_count) or 0
    if sid and id and self == active and n == bar_count and n >= 1 and n <= MAX
        and options == nil then
        if frequency == frequency_now or frequency == nil then
            local portal = slot[0]
            local series = portal[SERIES] + (sid * portal.fields + id)
            local from = portal.cursor + 1 - n
            if from >= portal.floor and series[DATA] ~= nil then
                -- Counts windows that begin before row 0; a branch here would split the traces.
                portal.short_windows = portal.short_windows + rshift(from, 31)
                if return_type == "array" then
                    return new_view(series[DATA] + from, series[HOME], n, from)
                elseif return_type == nil or return_type == "frame" then
                    return new_frame(SHAPE_OF[id], n, sid)
                end
            end
        elseif PLACE_OF[frequency] and not copies then
            local window = coarse(sid, id, n, PLACE_OF[frequency], return_type)
            if window then
                return window
            end
        end
    elseif is_of_fields(self, sid, field, n, bar_count, frequency, return_type, options) then
        local result = window_of(sid, field, n, return_type == "array")
        if result then
            return result
        end
    end
    local result, message = history.get(self == active, self, asset, field, bar_count, frequency,
        return_type, options)
    if result == nil then
        error(message, 2)
    end
    return result
end

--- The value of a field at the current bar: NaN (volume 0) where the asset has no bar, except for
-- "price", the last close so far. Lists give tables: by field, by symbol, or both. With a coarser
-- frequency: of its bar that closed last (NaN while none has); options { partial = true } mean
-- the one that grows. Raises at the caller's line for unknown assets, fields and frequencies.
function methods.current(self, asset, field, frequency, options)
    local sid, id = id_of(asset), FIELD_ID[field]
    if sid and id and self == active and frequency == nil and options == nil then
        local portal = slot[0]
        local series = portal[SERIES] + (sid * portal.fields + id)
        local row = portal.cursor
        if row >= 0 and series[DATA] ~= nil then
            return series[DATA][row]
        end
    elseif sid and type(field) == "table" and self == active and frequency == nil
        and options == nil then
        local row = current_of(sid, field)
        if row then
            return row
        end
    end
    local result, message = history.current(self == active, self, asset, field, frequency,
        options)
    if result == nil then
        error(message, 2)
    end
    return result
end

local function is_trading(portal, sid)
    return C.bt_portal_has_bar(portal, sid) ~= 0
end

local function is_waiting(portal, sid)
    return C.bt_portal_has_bar(portal, sid) == 0 and C.bt_portal_last_bar(portal, sid) >= 0
end

--- Whether an asset has a bar in the current session; for a list a table by symbol. Raises at the
-- caller's line for an unknown asset.
function methods.can_trade(self, asset)
    local sid = id_of(asset)
    if sid and self == active then
        return is_trading(slot[0], sid)
    end
    local result, message = history.ask(self == active, self, "can_trade", asset, is_trading)
    if result == nil then
        error(message, 2)
    end
    return result
end

--- Whether an asset traded before, but has no bar in the current session, so that its price is an
-- old one; for a list a table by symbol. Raises at the caller's line for an unknown asset.
function methods.is_stale(self, asset)
    local sid = id_of(asset)
    if sid and self == active then
        return is_waiting(slot[0], sid)
    end
    local result, message = history.ask(self == active, self, "is_stale", asset, is_waiting)
    if result == nil then
        error(message, 2)
    end
    return result
end

local meta = { __index = methods, __metatable = false }

function meta.__tostring()
    return "data"
end

local info = ffi.new "bt_bundle_info"

-- Names of the bundle's own fields; few have any.
local function own_fields(bundle)
    return C.bt_bundle_fields(bundle) > C.BT_FIELDS
        and require "backlua.bundle_fields"(bundle, C.BT_FIELDS) or {}
end

--- Enter the run of a portal (bt_portal *): returns the data for its strategy. nil: leave it.
function data.bind(portal)
    if not portal then
        active, frequency_now = nil, nil
        history.bind(nil)
        frame.bind(nil)
        return nil
    end
    C.bt_bundle_get_info(C.bt_portal_bundle(portal), info)
    active, frequency_now = setmetatable({}, meta), ffi.string(info.frequency)
    local facts = {
        name = ffi.string(info.name), frequency = frequency_now, sha256 = ffi.string(info.sha256),
        fields = own_fields(C.bt_portal_bundle(portal)),
    }
    frame.bind(portal, facts.sha256, levels.is_daily(frequency_now))
    history.bind(facts)
    return active
end

-- True for the data of a run that is over.
function data.is_over(value)
    return type(value) == "table" and debug.getmetatable(value) == meta
end

history.set_is_over(data.is_over)

return data
