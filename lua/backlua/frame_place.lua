-- Where a frame stands, and the windows that it opens from there.
--
-- A frame is a table that holds nothing but where it stands: five numbers under hidden names.
-- Columns are views made when they are named, so compiled code makes neither table nor view, and a
-- frame costs what an array costs. A frame keeps its place: one that was kept from an earlier bar
-- shows that bar's window. The numbers are no secret to a script that looks for them, and
-- are checked at every access: nothing later than now can be reached by changing them.

local ffi = require "ffi"
local levels = require "backlua.levels"
local native = require "backlua.ffi"
local view = require "backlua.view"

local C = native.C
local hidden = native.hidden
local DATA, SERIES, TIMES, HOME = hidden.data, hidden.series, hidden.time_series, hidden.home
-- Keys of a frame: which book, last row, rows, asset, and the row as of which it was asked for. A
-- script can list them, so they are made from a digest: nothing leads from them to the names of
-- pointers.
local digest = ffi.new "char[65]"
C.bt_sha256(DATA, #DATA, digest)
local prefix = "_" .. ffi.string(digest, 32) .. "_"
local BOOK, ROW, COUNT, SID = prefix .. "book", prefix .. "row", prefix .. "n", prefix .. "sid"
local NOW = prefix .. "now"

local type, tostring, setmetatable, rawset = type, tostring, setmetatable, rawset
local tobit, new_view = bit.tobit, view.new
local MAX = C.BT_HISTORY_MAX

local place = { prefix = prefix, BOOK = BOOK, ROW = ROW, COUNT = COUNT, SID = SID }

-- Files of frames: mistakes are raised at the line outside of them that led here.
local OURS = { [debug.getinfo(1, "S").source] = true }

-- Count a file among them.
function place.join(source)
    OURS[source] = true
end

local function raise(message)
    local level = 2
    while OURS[(debug.getinfo(level, "S") or {}).source] do
        level = level + 1
    end
    error(message, level)
end
place.raise = raise

-- ---- where frames stand ------------------------------------------------------------------------

-- The active portals, at addresses that compiled code may hold: see levels.lua.
local slot = levels.slot
place.slot = slot

-- A book is a set of columns in memory. Portals of one open bundle share one; the last few are
-- remembered, so that a frame can be read after its run: more than a run has that asks for every
-- frequency, adjusted in every way. id: of the active portal, 0 for none; that one is kept always.
--     place         of its portal in levels.slot: 0, or that of a coarser frequency
--     copy          nil, or how its columns are made when they are named: { adjust, growing }
local KEPT = 128
local books, last_id, id = {}, 0, 0

local function forget(old)
    if old ~= id and old <= last_id - KEPT then
        books[old] = nil
    end
end

-- The book of columns (bt_series *) of a portal: known, or like another one.
local function book_for(columns, portal, name, is_daily, at, copy)
    for i = last_id, math.max(1, last_id - KEPT + 1), -1 do
        local book = books[i]
        if book.series == columns and book.name == name and book.copy == copy then
            return i
        end
    end
    last_id = last_id + 1
    forget(last_id - KEPT)
    books[last_id] = {
        series = columns, times = portal[TIMES], name = name, is_daily = is_daily,
        assets = portal.assets, rows = portal.rows, fields = portal.fields,
        place = at or 0, copy = copy,
    }
    return last_id
end

--- Enter the run of a portal (bt_portal *), or leave it with nil.
--     name       what tells the bundle's content from any other
--     is_daily   its bars are shown by date
function place.bind(portal, name, is_daily)
    levels.bind(portal)
    local old = id
    id = portal and book_for(portal[SERIES], portal, name, is_daily) or 0
    forget(old)
end

local function is_whole(x, low, high)
    return type(x) == "number" and x >= low and x <= high and tobit(x) == x
end

-- The active portal of a book, or nil.
local function live(book)
    local portal = slot[book.place]
    return portal[SERIES] == book.series and portal or nil
end

-- Whether the place of a frame is one that it may have; now: the bundle's row that it is as of, -1
-- before the first.
local function is_sound(f, book, active)
    local row, now, cursor = f[ROW], f[NOW], slot[0].cursor
    local later = active and active.name == book.name and type(now) == "number" and now > cursor
    if later or not is_whole(f[COUNT], 1, MAX) then
        return false
    elseif book.place == 0 then
        return is_whole(row, -1, book.rows - 1) and is_whole(now, row, book.rows - 1)
    end
    local portal = live(book)
    local last = portal and is_whole(now, -1, cursor)
        and C.bt_portal_level_row(portal, now, book.copy and 1 or 0) or book.rows - 1
    return is_whole(row, -1, last) and is_whole(now, -1, 0x7ffffffe)
end

-- The book of a frame that is not the active portal's, or one that was tampered with; raises.
local function book_of(f)
    local book = books[f[BOOK]]
    if not book then
        raise("frame: the run that made it is long over; keep f:totable() instead")
    elseif not is_sound(f, book, books[id]) then
        raise("frame: it was changed, or is of a later bar than the current one")
    end
    return book
end

-- The last n bars of a coarser frequency as of the bundle's row `now`, a copy without the last
-- `less` of them; field -1 for the times. nil and why there is none.
--     place   in levels.slot; copy: { adjust = BT_ADJUST_* or -1, growing = 0 or 1 }
function place.copy(at, copy, sid, field, now, n, less)
    local array = ffi.new("double[?]", n + less)
    if C.bt_portal_coarse(slot[at], copy.adjust, sid, field, now, copy.growing, n + less, array)
        ~= C.BT_OK then
        return nil, ffi.string(C.bt_error_message())
    end
    return (view.over(array, n))
end

local function copied(f, book, sid, field)
    local portal = live(book)
    if not portal then
        raise("frame: its run is over, and with it what its columns are made of; keep f:totable()"
            .. " instead")
    end
    local last = C.bt_portal_level_row(portal, f[NOW], book.copy.growing)
    local column, message = place.copy(book.place, book.copy, sid, field, f[NOW], f[COUNT],
        last - f[ROW])
    if not column then
        raise("frame: " .. message)
    end
    return column
end

-- The view of a column, by the book.
local function window_slow(f, sid, field)
    local book = book_of(f)
    if not is_whole(sid, 0, book.assets - 1) then
        raise("frame: it was changed")
    elseif book.copy then
        return (copied(f, book, sid, field))
    end
    local series = book.series + (sid * book.fields + field)
    if book.place == 0 then
        series = C.bt_series_at(series, f[NOW])
    end
    if series == nil or series[DATA] == nil then
        raise("frame: this column was not asked for")
    end
    local from = f[ROW] + 1 - f[COUNT]
    if from < series.floor then
        raise("frame: it was changed")
    end
    return new_view(series[DATA] + from, series, f[COUNT], from)
end

-- The view of a column.
local function window(f, sid, field)
    local portal, row, n, now = slot[0], f[ROW], f[COUNT], f[NOW]
    if f[BOOK] == id and now <= portal.cursor and row <= now and row >= 0 and tobit(row) == row
        and n >= 1 and n <= MAX and tobit(n) == n and sid >= 0 and sid < portal.assets
        and tobit(sid) == sid then
        local series, from = portal[SERIES] + (sid * portal.fields + field), row + 1 - n
        if series[DATA] ~= nil and now >= series.since and from >= series.floor then
            return new_view(series[DATA] + from, series[HOME], n, from)
        end
    end
    local result = window_slow(f, sid, field)
    return result
end

-- The view of a column of a frame of one asset. Hidden names are spelt in functions of the module
-- alone: in a shape's own functions they would not be constants to the compiler, and the table
-- would have to be made.
local function own_window(f, field)
    local result = window(f, f[SID], field)
    return result
end

-- A frame of a metatable, at the place of f or another.
local function place_frame(meta, f, row, n, sid)
    return setmetatable({ [BOOK] = f[BOOK], [ROW] = row, [COUNT] = n, [SID] = sid,
                          [NOW] = f[NOW] }, meta)
end

local function inner_frame(meta, f, sid)
    return setmetatable({ [BOOK] = f[BOOK], [ROW] = f[ROW], [COUNT] = f[COUNT], [SID] = sid,
                          [NOW] = f[NOW] }, meta)
end

-- Close times of the rows.
local function times(f)
    local book = book_of(f)
    if book.copy then
        return (copied(f, book, 0, -1))
    end
    local series, portal = book.times, live(book)
    if series[DATA] == nil and portal then
        C.bt_portal_times(portal)
    end
    if series[DATA] == nil then
        raise("frame: its run is over; ask for its times while it runs")
    end
    local from = f[ROW] + 1 - f[COUNT]
    return new_view(series[DATA] + from, series, f[COUNT], from)
end

-- A function that gives the date or time of row i as text; its number when the run is over.
local function time_text(f)
    local ok, series = pcall(times, f)
    if not ok then
        return tostring
    end
    local date = require "backlua.text.date"
    local format = books[f[BOOK]].is_daily and date.day or date.time
    return function(i)
        local seconds = series[i]
        return seconds == seconds and format(seconds) or "-"
    end
end

-- ---- making them -------------------------------------------------------------------------------

--- A frame of a shape: n rows that end at the active portal's cursor. sid: of the asset, or 0.
function place.new(shape, n, sid)
    local row = slot[0].cursor
    return setmetatable({ [BOOK] = id, [ROW] = row, [COUNT] = n, [SID] = sid, [NOW] = row },
        shape.meta)
end

--- The same over other columns (bt_series *) of the active portal.
function place.over(columns, shape, n, sid)
    local f, active = place.new(shape, n, sid), books[id]
    rawset(f, BOOK, book_for(columns, slot[0], active.name, active.is_daily))
    return f
end

--- The same over a coarser frequency.
--     at     its place in levels.slot
--     copy   nil for columns that lie in memory, else how they are made (place.copy)
function place.coarse(shape, n, sid, at, copy)
    local portal, active, now = slot[at], books[id], slot[0].cursor
    local book = book_for(portal[SERIES], portal, active.name,
        levels.is_daily(levels.names[at]), at, copy)
    local row = copy and C.bt_portal_level_row(portal, now, copy.growing) or portal.cursor
    return setmetatable({ [BOOK] = book, [ROW] = row, [COUNT] = n, [SID] = sid, [NOW] = now },
        shape.meta)
end

place.is_whole, place.times, place.time_text = is_whole, times, time_text
place.window, place.own_window = window, own_window
place.frame, place.inner = place_frame, inner_frame

return place
