-- Frames: tables of columns that share their rows.
--
--     local f = data:history(asset, { "close", "volume" }, 20)      one asset: columns by field
--     local g = data:history({ "AAPL", "MSFT" }, "close", 20)       several: columns by symbol
--     local h = data:history({ "AAPL", "MSFT" }, { "close", "volume" }, 20)   h.AAPL.close
--
--     f.close[-1]  f.n  f.time[i]  f:row(i)  f:mean()  f:column(name)  pairs(f)  print(f)
--
-- A shape is what frames asked for in one way have in common: names, order, metatable. Where a
-- frame stands and what it may see is the affair of frame_place.lua.

local iterate = require "backlua.iterate"
local place = require "backlua.frame_place"

local BOOK, ROW, COUNT, SID = place.BOOK, place.ROW, place.COUNT, place.SID
-- Under this name a frame's metatable answers with its iterator.
local STEP = place.prefix .. "step"

local type, rawget, tostring, ipairs = type, rawget, tostring, ipairs
local raise, is_whole, times = place.raise, place.is_whole, place.times
local window, own_window = place.window, place.own_window
local place_frame, inner_frame = place.frame, place.inner

place.join(debug.getinfo(1, "S").source)

local frame = {
    slot = place.slot, bind = place.bind, copy = place.copy,
    new = place.new, over = place.over, coarse = place.coarse,
}

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

local function row_at(i, n)
    if type(i) == "number" and i < 0 then
        i = n + 1 + i
    end
    return is_whole(i, 1, n) and i or nil
end

local function add_access(shape, methods)
    local names, open = shape.names, shape.open

    local function put(row, f, i, at)
        local name = names[i]
        if name ~= nil then
            local column = open(f, i)
            row[name] = shape.is_nested and column:row(at) or column[at]
        end
    end

    function methods.row(f, i)
        need_frame(f, "row")
        local at = row_at(i, f[COUNT])
        if not at then
            raise(("frame:row: the row must be a whole number 1..%d, or -%d..-1 from the end, got"
                .. " %s"):format(f[COUNT], f[COUNT], shown(i)))
        end
        -- The first ones without a loop: a strategy's own loop could not be compiled around it.
        local row = {}
        put(row, f, 1, at)
        put(row, f, 2, at)
        put(row, f, 3, at)
        put(row, f, 4, at)
        put(row, f, 5, at)
        for c = 6, #names do
            put(row, f, c, at)
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
        local from, to = row_at(a, n), b == nil and n or row_at(b, n)
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
        return (require "backlua.frame_text"(shape, f, f[COUNT], place.time_text(f)))
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

--- A shape for several assets, by their symbols and sids, whose columns are frames of the shape sub
-- (frame.of_fields).
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

return frame
