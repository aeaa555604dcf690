-- Frames: tables of columns that share their rows.
--
--     local f = data:history(asset, { "close", "volume" }, 20)      one asset: columns by field
--     local g = data:history({ "AAPL", "MSFT" }, "close", 20)       several: columns by symbol
--     local h = data:history({ "AAPL", "MSFT" }, { "close", "volume" }, 20)   h.AAPL.close
--
--     f.close[-1]  f.n  f.time[i]  f:row(i)  f:mean()  f:column(name)  pairs(f)  print(f)
--
-- A frame is a table that holds nothing but where it stands: five numbers under hidden names.
-- Columns are views made when they are named, so compiled code makes neither table nor view, and a
-- frame costs what an array costs. A frame keeps its place: one that was kept from an earlier bar
-- shows that bar's window. The numbers are no secret to a script that looks for them, and
-- are checked at every access: nothing later than now can be reached by changing them.
--
-- A shape is what frames asked for in one way have in common: names, order, metatable.

local ffi = require "ffi"
local iterate = require "backlua.iterate"
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
-- Under this name a frame's metatable answers with its iterator.
local STEP = prefix .. "step"

local type, rawget, tostring = type, rawget, tostring
local setmetatable, ipairs = setmetatable, ipairs
local tobit, new_view = bit.tobit, view.new
local MAX = C.BT_HISTORY_MAX

local frame = {}

-- Raise at the line outside of this file that led here.
local HERE = debug.getinfo(1, "S").source

local function raise(message)
    local level = 2
    while (debug.getinfo(level, "S") or {}).source == HERE do
        level = level + 1
    end
    error(message, level)
end

-- ---- where frames stand ------------------------------------------------------------------------

-- The active portals, at addresses that compiled code may hold: see levels.lua.
local slot = levels.slot
frame.slot = slot

-- A book is a set of columns in memory. Portals of one open bundle share one; the last few are
-- remembered, so that a frame can be read after its run. id: of the active portal, 0 for none.
--     place         of its portal in levels.slot: 0, or that of a coarser frequency
--     copy          nil, or how its columns are made when they are named: { adjust, growing }
local KEPT = 32
local books, last_id, id = {}, 0, 0

-- The book of columns (bt_series *) of a portal: known, or like another one.
local function book_for(columns, portal, name, is_daily, place, copy)
    for i = last_id, math.max(1, last_id - KEPT + 1), -1 do
        local book = books[i]
        if book.series == columns and book.name == name and book.copy == copy then
            return i
        end
    end
    last_id = last_id + 1
    books[last_id - KEPT] = nil
    books[last_id] = {
        series = columns, times = portal[TIMES], name = name, is_daily = is_daily,
        assets = portal.assets, rows = portal.rows, fields = portal.fields,
        place = place or 0, copy = copy,
    }
    return last_id
end

--- Enter the run of a portal (bt_portal *), or leave it with nil.
--     name       what tells the bundle's content from any other
--     is_daily   its bars are shown by date
function frame.bind(portal, name, is_daily)
    levels.bind(portal)
    id = portal and book_for(portal[SERIES], portal, name, is_daily) or 0
end

local function is_whole(x, low, high)
    return type(x) == "number" and x >= low and x <= high and tobit(x) == x
end

-- The active portal of a book, or nil.
local function live(book)
    local portal = slot[book.place]
    return portal[SERIES] == book.series and portal or nil
end

-- Whether the place of a frame is one that it may have; now: the bundle's row that it is as of.
local function is_sound(f, book, active)
    local row, now, cursor = f[ROW], f[NOW], slot[0].cursor
    local later = active and active.name == book.name and type(now) == "number" and now > cursor
    if later or not is_whole(f[COUNT], 1, MAX) then
        return false
    elseif book.place == 0 then
        return is_whole(row, 0, book.rows - 1) and is_whole(now, row, book.rows - 1)
    end
    local portal = live(book)
    local last = portal and is_whole(now, 0, cursor)
        and C.bt_portal_level_row(portal, now, book.copy and 1 or 0) or book.rows - 1
    return is_whole(row, -1, last) and is_whole(now, 0, 0x7ffffffe)
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
function frame.copy(at, copy, sid, field, now, n, less)
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
    local column, message = frame.copy(book.place, book.copy, sid, field, f[NOW], f[COUNT],
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

-- ---- access ------------------------------------------------------------------------------------

local function names_of(shape)
    local names = {}
    for i, name in ipairs(shape.names) do
        names[i] = name
    end
    return names
end

local function no_column(shape, key, with_methods)
    local quote, nearest = require "backlua.text.quote", require "backlua.text.nearest"
    local names = names_of(shape)
    local count = #names
    if with_methods then
        for name in pairs(shape.methods) do
            names[#names + 1] = name
        end
        names[#names + 1], names[#names + 2] = "n", "time"
    end
    local hint = nearest.hint(tostring(key), names)
    if hint == "" then
        hint = "; it has " .. table.concat(names, ", ", 1, math.min(count, 10))
            .. (count > 10 and " ..." or "")
    end
    return ("frame: no column %s%s"):format(quote(tostring(key)), hint)
end

local function read_only()
    raise("frame: it is read-only; f:totable() gives a copy that can be changed")
end

-- What is neither column nor method.
local function other(shape, f, key)
    if key == "n" then
        return f[COUNT]
    elseif key == STEP then
        return shape.step
    elseif key == "time" then
        return (times(f))
    elseif type(key) == "number" then
        local at, name = tostring(key), shape.names[1]
        local column = name:match "^[%a_][%w_]*$" and "." .. name or ("[%q]"):format(name)
        raise(("frame: it has columns, not rows; write f:row(%s), or f%s[%s]"):format(at,
            shape.is_nested and column .. "." .. shape.sub.names[1] or column, at))
    end
    raise(no_column(shape, key, true))
end

-- True for a frame.
function frame.is(value)
    return type(value) == "table" and rawget(value, BOOK) ~= nil
end

--- Iterate over the columns of a frame in order: name, column.
function frame.pairs(f)
    return f[STEP], f, nil
end

iterate.add(function(value)
    return frame.is(value) and frame.pairs or nil
end)

local function need_frame(f, name)
    if type(f) ~= "table" then
        raise(("frame.%s: call it with a colon, frame:%s(...)"):format(name, name))
    end
end

-- ---- reductions --------------------------------------------------------------------------------

-- method(column, argument) of each column: alone when there is one, else in a table by column.
local function by_column(shape, f, method, argument)
    local result = {}
    for i, name in ipairs(shape.names) do
        local column = shape.open(f, i)
        result[name] = column[method](column, argument)
    end
    return result
end

-- Reductions get functions of their own for frames of one column, which compile to the view's.
local function add_reductions(shape, methods)
    local open, single = shape.open, #shape.names == 1 and not shape.is_nested

    function methods.sum(f)
        need_frame(f, "sum")
        return single and open(f, 1):sum() or by_column(shape, f, "sum")
    end

    function methods.mean(f)
        need_frame(f, "mean")
        return single and open(f, 1):mean() or by_column(shape, f, "mean")
    end

    function methods.std(f, ddof)
        need_frame(f, "std")
        return single and open(f, 1):std(ddof) or by_column(shape, f, "std", ddof)
    end

    function methods.min(f)
        need_frame(f, "min")
        return single and open(f, 1):min() or by_column(shape, f, "min")
    end

    function methods.max(f)
        need_frame(f, "max")
        return single and open(f, 1):max() or by_column(shape, f, "max")
    end

    function methods.valid(f)
        need_frame(f, "valid")
        return single and open(f, 1):valid() or by_column(shape, f, "valid")
    end
end

-- ---- rows and parts ----------------------------------------------------------------------------

local function shown(value)
    return type(value) == "string" and require "backlua.text.quote"(value) or tostring(value)
end

local function place(i, n)
    if type(i) == "number" and i < 0 then
        i = n + 1 + i
    end
    return is_whole(i, 1, n) and i or nil
end

local function add_access(shape, methods)
    local names, open = shape.names, shape.open

    function methods.row(f, i)
        need_frame(f, "row")
        local at = place(i, f[COUNT])
        if not at then
            raise(("frame:row: the row must be a whole number 1..%d, or -%d..-1 from the end, got"
                .. " %s"):format(f[COUNT], f[COUNT], shown(i)))
        end
        local row = {}
        for c, name in ipairs(names) do
            local column = open(f, c)
            row[name] = shape.is_nested and column:row(at) or column[at]
        end
        return row
    end

    function methods.column(f, name)
        need_frame(f, "column")
        local i = shape.index[name]
        if not i then
            raise(no_column(shape, name))
        end
        local column = open(f, i)
        return column
    end

    function methods.totable(f)
        need_frame(f, "totable")
        return by_column(shape, f, "totable")
    end
end

local function add_parts(shape, methods)
    function methods.last(f, n)
        need_frame(f, "last")
        if not is_whole(n, 1, f[COUNT]) then
            raise(("frame:last: n must be a whole number 1..%d, got %s"):format(f[COUNT],
                shown(n)))
        end
        local result = place_frame(shape.meta, f, f[ROW], n, f[SID])
        return result
    end

    function methods.slice(f, a, b)
        need_frame(f, "slice")
        local n = f[COUNT]
        local from, to = place(a, n), b == nil and n or place(b, n)
        if not from or not to or to < from then
            raise(("frame:slice: %s..%s is no part of rows 1..%d"):format(shown(a),
                b == nil and "end" or shown(b), n))
        end
        local result = place_frame(shape.meta, f, f[ROW] - (n - to), to - from + 1, f[SID])
        return result
    end
end

-- ---- shapes ------------------------------------------------------------------------------------

local function finish(shape, index)
    local meta, methods = shape.meta, {}
    shape.methods, shape.index = methods, {}
    for i, name in ipairs(shape.names) do
        shape.index[name] = i
    end
    add_reductions(shape, methods)
    add_access(shape, methods)
    add_parts(shape, methods)
    meta.__index, meta.__newindex, meta.__metatable = index, read_only, false
    function meta.__tostring(f)
        return (require "backlua.frame_text"(shape, f, f[COUNT], time_text(f)))
    end
    function shape.step(f, name)
        local i = name == nil and 1 or shape.index[name] + 1
        local following = shape.names[i]
        if following ~= nil then
            return following, shape.open(f, i)
        end
    end
    return shape
end

--- A shape for one asset.
--     names    fields in order; ids: their field numbers
function frame.of_fields(names, ids)
    local shape = { names = names, meta = {} }
    local field_of, methods = {}, nil
    for i, name in ipairs(names) do
        field_of[name] = ids[i]
    end
    function shape.open(f, i)
        local column = own_window(f, ids[i])
        return column
    end
    finish(shape, function(f, key)
        local field = field_of[key]
        if field then
            local column = own_window(f, field)
            return column
        end
        local method = methods[key]
        if method then
            return method
        end
        return (other(shape, f, key))
    end)
    methods = shape.methods
    return shape
end

--- A shape for several assets and one field.
--     symbols   in order; sids: their ids; field: its number
function frame.of_assets(symbols, sids, field)
    local shape = { names = symbols, meta = {} }
    local sid_of, methods = {}, nil
    for i, symbol in ipairs(symbols) do
        sid_of[symbol] = sids[i]
    end
    function shape.open(f, i)
        local column = window(f, sids[i], field)
        return column
    end
    finish(shape, function(f, key)
        local sid = sid_of[key]
        if sid then
            local column = window(f, sid, field)
            return column
        end
        local method = methods[key]
        if method then
            return method
        end
        return (other(shape, f, key))
    end)
    methods = shape.methods
    return shape
end

--- A shape for several assets whose columns are frames of the shape sub (frame.of_fields).
function frame.of_both(symbols, sids, sub)
    local shape = { names = symbols, meta = {}, is_nested = true, sub = sub }
    local sid_of, methods = {}, nil
    for i, symbol in ipairs(symbols) do
        sid_of[symbol] = sids[i]
    end
    local inner_meta = sub.meta
    function shape.open(f, i)
        local column = inner_frame(inner_meta, f, sids[i])
        return column
    end
    finish(shape, function(f, key)
        local sid = sid_of[key]
        if sid then
            local column = inner_frame(inner_meta, f, sid)
            return column
        end
        local method = methods[key]
        if method then
            return method
        end
        return (other(shape, f, key))
    end)
    methods = shape.methods
    return shape
end

--- A frame of a shape: n rows that end at the active portal's cursor. sid: of the asset, or 0.
function frame.new(shape, n, sid)
    local row = slot[0].cursor
    return setmetatable({ [BOOK] = id, [ROW] = row, [COUNT] = n, [SID] = sid, [NOW] = row },
        shape.meta)
end

--- The same over other columns (bt_series *) of the active portal.
function frame.over(columns, shape, n, sid)
    local f, active = frame.new(shape, n, sid), books[id]
    rawset(f, BOOK, book_for(columns, slot[0], active.name, active.is_daily))
    return f
end

--- The same over a coarser frequency.
--     at     its place in levels.slot
--     copy   nil for columns that lie in memory, else how they are made (frame.copy)
function frame.coarse(shape, n, sid, at, copy)
    local portal, active, now = slot[at], books[id], slot[0].cursor
    local book = book_for(portal[SERIES], portal, active.name,
        levels.is_daily(levels.names[at]), at, copy)
    local row = copy and C.bt_portal_level_row(portal, now, copy.growing) or portal.cursor
    return setmetatable({ [BOOK] = book, [ROW] = row, [COUNT] = n, [SID] = sid, [NOW] = now },
        shape.meta)
end

return frame
