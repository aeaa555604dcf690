-- The other ways to call data:history and data:current: lists, keys, first use of a column,
-- windows that reach before the first session, and every mistake.
--
-- Functions here answer nil and a message for a mistake; data.lua raises it at the caller's line.

local ffi = require "ffi"
local args = require "backlua.history_args"
local frame = require "backlua.frame"
local levels = require "backlua.levels"
local native = require "backlua.ffi"
local shapes = require "backlua.shapes"
local view = require "backlua.view"

local C = native.C
local SERIES, DATA, HOME = native.hidden.series, native.hidden.data, native.hidden.home

local type, ipairs = type, ipairs
local slot, shown, SHAPE_OF = frame.slot, args.shown, args.SHAPE_OF

local history = {
    FIELD_NAMES = args.FIELD_NAMES, FIELD_ID = args.FIELD_ID, SHAPE_OF = SHAPE_OF,
}

-- Facts of the active run's bundle: name, frequency, sha256, fields (names of its own).
local facts

local is_over

-- Set the function that tells the data of a run that is over.
function history.set_is_over(test)
    is_over = test
end

local function wrong_self(self, name)
    if is_over(self) then
        return ("data:%s: the run of this data has ended"):format(name)
    end
    return ("data.%s: call it with a colon, data:%s(...)"):format(name, name)
end

-- ---- columns -----------------------------------------------------------------------------------

-- Where a window lies:
--     place     of its portal in levels.slot
--     adjust    BT_ADJUST_*, nil for the run's
--     copy      nil, or how its columns are made (frame.copy)
--     columns   bt_series *, when they are mapped
local shows_growing = false

-- How columns are made, one table of each.
local COPIES = {}

local function copy_of(adjust, growing)
    adjust, growing = adjust or -1, growing and 1 or 0
    local key = 2 * adjust + growing
    COPIES[key] = COPIES[key] or { adjust = adjust, growing = growing }
    return COPIES[key]
end

local function any_adjusted(adjust, sids)
    for _, sid in ipairs(sids) do
        if C.bt_portal_is_adjusted(slot[0], adjust or -1, sid) ~= 0 then
            return true
        end
    end
    return false
end

-- Where a window of assets lies; nil, message. partial: true, false or nil.
local function locate(what, sids, frequency, partial, adjust)
    local place, message = levels.open(frequency, facts.frequency)
    if not place then
        return nil, ("%s: %s"):format(what, message)
    elseif partial ~= nil and type(partial) ~= "boolean" then
        return nil, ("%s: partial must be true or false, got %s"):format(what, shown(partial))
    elseif partial == nil then
        partial = shows_growing
    end
    local at = { place = place, adjust = adjust }
    if place > 0 then
        local row = slot[0].cursor
        local grows = partial and C.bt_portal_level_row(slot[place], row, 1) > slot[place].cursor
        if grows or any_adjusted(adjust, sids) then
            at.copy = copy_of(adjust, grows)
        end
    end
    return at
end

-- Map a column that nobody has asked for, or of a frequency none of whose bars has closed; nil,
-- message.
local function map_one(what, at, sid, id)
    local status = at.place == 0 and at.adjust
        and C.bt_portal_adjusted(slot[0], at.adjust, sid, id)
        or C.bt_portal_column(slot[at.copy and 0 or at.place], sid, id)
    if status ~= C.BT_OK then
        return nil, what .. ": " .. ffi.string(C.bt_error_message())
    end
    return true
end

-- Recording ends here, and the compiler comes back later: a loop over many assets is hot at its
-- first bar already, and were this recorded, each later pass would begin with it, leave, and go on
-- in a second trace. A loop whose recording ends too often is given up by the compiler for good; so
-- after some thousand columns they are recorded.
local new_columns, NEW_MOST = 0, 4096

local function map_new(what, at, sid, id)
    new_columns = new_columns + 1
    return map_one(what, at, sid, id)
end
jit.off(map_new)

-- The columns of a place, mapped or not; NULL when they cannot be had.
local function columns_of(at, portal)
    return at.place == 0 and at.adjust and C.bt_portal_series(portal, at.adjust) or portal[SERIES]
end

local function map(what, at, sid, id)
    local portal = slot[at.copy and 0 or at.place]
    local columns = columns_of(at, portal)
    if portal.cursor >= 0 and columns ~= nil
        and columns[sid * portal.fields + id][DATA] ~= nil then
        return true
    end
    return (new_columns < NEW_MOST and map_new or map_one)(what, at, sid, id)
end

local function map_all(what, at, sids, ids)
    for i = 1, #sids do -- of one step mostly: no loop to the compiler, as one by ipairs would be
        for j = 1, #ids do
            local ok, message = map(what, at, sids[i], ids[j])
            if not ok then
                return nil, message
            end
        end
    end
    at.columns = columns_of(at, slot[at.place])
    return true
end

local function too_early(n, there, place)
    if place > 0 then
        return ("history: %d bars of '%s' are asked for, but %d have closed since bundle '%s'"
            .. " began; ask for fewer, start later, or set history_start = \"nan\""):format(n,
            levels.names[place], there, facts.name)
    end
    return ("history: %d bars are asked for, but bundle '%s' begins %d bars ago; ask for fewer,"
        .. " start later, or set history_start = \"nan\""):format(n, facts.name, there)
end

-- What to say about a window before the first bar, or about one that reaches before row 0 where
-- that is refused. Counts those that are not; second result: columns are to be mapped again.
local function check_start(n, at)
    local portal = slot[at.place]
    local there = portal.cursor + 1
    if at.copy then
        there = C.bt_portal_level_row(portal, slot[0].cursor, at.copy.growing) + 1
    end
    if n <= there then
        return nil
    elseif portal.strict_start ~= 0 then
        return too_early(n, there, at.place)
    end
    portal.short_windows = portal.short_windows + 1
    if n - there > -portal.floor then
        C.bt_portal_reach(portal, n - there)
        return nil, true
    end
end

local function window(at, sid, id, n)
    local portal = slot[at.place]
    if at.copy then
        return (frame.copy(at.place, at.copy, sid, id, slot[0].cursor, n, 0))
    end
    local series = at.columns + (sid * portal.fields + id)
    local from = portal.cursor + 1 - n
    return view.new(series[DATA] + from, series[HOME], n, from)
end

-- ---- arrays ------------------------------------------------------------------------------------

local function row_of_views(at, sid, ids, n)
    local views = {}
    for i = 1, #ids do
        views[i] = window(at, sid, ids[i], n)
    end
    return views
end

local function arrays(at, sids, ids, n, many_assets, many_fields)
    if not many_assets then
        return many_fields and row_of_views(at, sids[1], ids, n) or window(at, sids[1], ids[1], n)
    end
    local result = {}
    for i = 1, #sids do
        result[i] = many_fields and row_of_views(at, sids[i], ids, n)
            or window(at, sids[i], ids[1], n)
    end
    return result
end

-- ---- frames ------------------------------------------------------------------------------------

local function frames(at, sids, names, ids, n, many_assets, many_fields)
    local shape, message
    if many_assets then
        shape, message = shapes.of_assets(sids, names, ids, many_fields)
    elseif many_fields then
        shape, message = shapes.of_fields(names, ids)
    else
        shape = SHAPE_OF[ids[1]]
    end
    if not shape then
        return nil, message
    end
    local sid = many_assets and 0 or sids[1]
    if at.place > 0 then
        return frame.coarse(shape, n, sid, at.place, at.copy)
    end
    return frame.over(at.columns, shape, n, sid)
end

-- ---- the calls ---------------------------------------------------------------------------------

-- Map the columns of a window, again when it reaches further back than any before; nil, message.
local function map_window(at, sids, ids, n)
    local ok, message = map_all("history", at, sids, ids)
    if not ok then
        return nil, message
    end
    local again
    message, again = check_start(n, at)
    if message then
        return nil, message
    elseif again then
        return map_all("history", at, sids, ids)
    end
    return true
end

local function history_of(asked, fields, n, frequency, return_type, given)
    local sids, many_assets = args.assets("history", asked)
    if not sids then
        return nil, many_assets
    end
    local names, ids, many_fields = args.fields("history", fields)
    if not names then
        return nil, ids
    end
    local message = args.count(n)
    if message then
        return nil, message
    end
    local form, adjust, at, ok
    form, message = args.return_type(return_type)
    if not form then
        return nil, message
    end
    adjust, message = args.adjust(given.adjust)
    if message then
        return nil, message
    end
    at, message = locate("history", sids, frequency, given.partial, adjust)
    if not at then
        return nil, message
    end
    ok, message = map_window(at, sids, ids, n)
    if not ok then
        return nil, message
    elseif form == "array" then
        if many_fields then
            shapes.of_fields(names, ids) -- known the next time
        end
        return arrays(at, sids, ids, n, many_assets, many_fields)
    end
    return frames(at, sids, names, ids, n, many_assets, many_fields)
end

-- data:history. is_active: called on the data of the active run.
function history.get(is_active, self, asked, fields, n, frequency, return_type, given)
    if not is_active or not facts then
        return nil, wrong_self(self, "history")
    elseif args.is_keyed(asked, fields) then
        local message = args.check_keys(asked)
        if message then
            return nil, message
        end
        return history_of(asked.assets, asked.fields, asked.bar_count, asked.frequency,
            asked.return_type, asked)
    end
    local options, message = args.options("history", given)
    if not options then
        return nil, message
    end
    return history_of(asked, fields, n, frequency, return_type, options)
end

-- The value of the bar that closed last, or of the one that grows: as quoted.
local function now(at, sid, id)
    local portal = slot[at.place]
    if at.copy or portal.cursor < 0 then
        return window(at, sid, id, 1)[1]
    end
    return at.columns[sid * portal.fields + id][DATA][portal.cursor]
end

local function row_now(at, sid, names, ids, many_fields)
    if not many_fields then
        return now(at, sid, ids[1])
    end
    local row = {}
    for i, name in ipairs(names) do
        row[name] = now(at, sid, ids[i])
    end
    return row
end

-- Where the bar of data:current lies, its columns mapped; nil, message.
local function locate_current(sids, ids, frequency, given)
    local options, message = args.options("current", given)
    if not options then
        return nil, message
    end
    local at, ok
    at, message = locate("current", sids, frequency, options.partial)
    if not at then
        return nil, message
    end
    ok, message = map_all("current", at, sids, ids)
    return ok and at or nil, message
end

-- data:current.
function history.current(is_active, self, asked, fields, frequency, given)
    if not is_active or not facts then
        return nil, wrong_self(self, "current")
    end
    local sids, many_assets = args.assets("current", asked)
    if not sids then
        return nil, many_assets
    end
    local names, ids, many_fields = args.fields("current", fields)
    if not names then
        return nil, ids
    end
    local at, message = locate_current(sids, ids, frequency, given)
    if not at then
        return nil, message
    elseif not many_assets then
        if many_fields then
            shapes.of_fields(names, ids) -- known the next time
        end
        return row_now(at, sids[1], names, ids, many_fields)
    end
    local result = {}
    for i, symbol in ipairs(shapes.symbols_of(sids)) do
        result[symbol] = row_now(at, sids[i], names, ids, many_fields)
    end
    return result
end

-- data:can_trade and data:is_stale over a list; test(portal, sid).
function history.ask(is_active, self, what, asked, test)
    if not is_active or not facts then
        return nil, wrong_self(self, what)
    end
    local sids, message = args.assets(what, asked)
    if not sids then
        return nil, message
    end
    local result = {}
    for i, symbol in ipairs(shapes.symbols_of(sids)) do
        result[symbol] = test(slot[0], sids[i])
    end
    return result
end

-- Enter a run over a bundle: { name, frequency, sha256, fields }; nil leaves it.
function history.bind(to)
    if to and history.sha256 ~= to.sha256 then
        shapes.forget()
        history.sha256 = to.sha256
        args.learn_fields(to.fields)
    end
    facts = to
    shows_growing = false
    history.renew()
end

-- The frequency of the active run's bundle.
function history.frequency()
    return facts.frequency
end

-- Show bars that have not closed where a call does not say (ctx:set_history_partial).
function history.show_growing(on)
    shows_growing = on
    history.renew()
end

-- Told whether windows of coarser frequencies may be copies: set by data.lua.
function history.on_copies() end

-- The run's settings have changed: say again whether windows may be copies.
function history.renew()
    history.on_copies(shows_growing
        or facts ~= nil and C.bt_portal_is_adjusted(slot[0], -1, -1) ~= 0)
end

return history
