-- Views: windows over numbers, oldest first, without a copy.
--
--     local close = data:history(asset, "close", 20, "1d", "array")
--     close[1], close[-1], #close          oldest, newest, how many
--     close:mean(), close:last(5):max()    reductions, parts
--     for i, x in ipairs(close) do ... end
--
-- A view is a small struct of a pointer, its column and a length, made anew by every call that
-- returns one: compiled code keeps the three in registers, and an element costs what it costs
-- through a raw pointer. So the methods hand the fields to C, never the struct. Indices are
-- checked always; whoever holds a view can neither write to it nor spell the name of its pointer.
--
-- Views of a bundle's columns stay readable as long as the Lua state. What lies over other memory
-- (valid(), results of indicators) keeps that memory alive: see view.over.

local ffi = require "ffi"
local iterate = require "backlua.iterate"
local native = require "backlua.ffi"
local new_table = require "table.new"

local C = native.C
local DATA, SERIES, FROM = native.hidden.data, native.hidden.series, native.hidden.from
local SUMS, PAIRS = native.hidden.sums, native.hidden.pairs

local error, type, tostring = error, type, tostring
local istype, tobit = ffi.istype, bit.tobit
local abs, floor, max = math.abs, math.floor, math.max

local view = {}
local methods = {}
view.methods = methods

local NAN = 0 / 0

local view_type = ffi.typeof "bt_view"
local new

-- Memory by view, for views over memory of our own.
local memory = setmetatable({}, { __mode = "k" })

--- A view over n doubles of a cdata array, which lives at least as long as the view. For the
-- library; n must not pass the array's end.
function view.over(array, n)
    local v = new(array, nil, n, 0)
    memory[v] = array
    return v
end

-- True for a view.
function view.is(value)
    return istype(view_type, value)
end

-- ---- misuse ------------------------------------------------------------------------------------

local function shown(value)
    return type(value) == "string" and require "backlua.text.quote"(value) or tostring(value)
end

local function range(n)
    if n == 0 then
        return "the view is empty"
    end
    return ("it holds 1..%d, or -%d..-1 from the end"):format(n, n)
end

local function names()
    return require "backlua.sorted_keys"(methods)
end

-- What is wrong with an index.
local function bad_index(v, i)
    if type(i) ~= "string" then
        local whole = type(i) == "number" and i % 1 == 0
        return ("view: index %s is %s; %s"):format(shown(i),
            whole and "out of range" or "no whole number", range(v.n))
    end
    local hint = require "backlua.text.nearest".hint(i, names())
    return ("view: no method %s%s"):format(shown(i), hint ~= "" and hint
        or (" (it has %s); %s"):format(table.concat(names(), ", "), range(v.n)))
end

local function need_view(v, name)
    if not istype(view_type, v) then
        error(("view.%s: call it with a colon, view:%s(...)"):format(name, name), 3)
    end
end

-- ---- elements ----------------------------------------------------------------------------------

-- From the end, methods, and what is wrong.
local function other(v, i)
    local n = v.n
    if type(i) == "number" and i <= -1 and i >= -n and tobit(i) == i then
        return v[DATA][n + i]
    end
    local method = methods[i]
    if method then
        return method
    end
    error(bad_index(v, i), 2)
end

local meta = {}

function meta.__index(v, i)
    if type(i) == "number" and i >= 1 and i <= v.n and floor(i) == i then
        return v[DATA][i - 1]
    end
    return other(v, i)
end

function meta.__newindex()
    error("view: values are read-only; view:totable() gives a copy that can be changed", 2)
end

function meta.__len(v)
    return v.n
end

-- The same window of the same memory.
function meta.__eq(a, b)
    return istype(view_type, a) and istype(view_type, b) and a[DATA] == b[DATA] and a.n == b.n
end

local function no_arithmetic()
    error("view: there is no arithmetic with whole views; use v[i], v:mean() and kin, or a loop",
        2)
end

for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "unm", "lt", "le" } do
    meta["__" .. event] = no_arithmetic
end

local function step(v, i)
    i = i + 1
    if i <= v.n then
        return i, v[DATA][i - 1]
    end
end

--- Iterate over a view as pairs and ipairs do: 1, v[1], 2, v[2], ... Raises for anything else.
function view.pairs(v)
    need_view(v, "pairs")
    return step, v, 0
end

-- ---- parts -------------------------------------------------------------------------------------

-- A part of a view over our own memory keeps it alive, too.
local function part(v, from, n)
    local series = v[SERIES]
    local result = new(v[DATA] + from, series, n, v[FROM] + from)
    if series == nil then
        memory[result] = memory[v]
    end
    return result
end

--- The newest n elements as a view. Raises unless n is 1..#v.
function methods.last(v, n)
    need_view(v, "last")
    local all = v.n
    if type(n) ~= "number" or not (n >= 1 and n <= all) or tobit(n) ~= n then
        error(("view:last: n must be a whole number 1..%d, got %s"):format(all, shown(n)), 2)
    end
    local result = part(v, all - n, n)
    return result
end

local function place(i, n)
    if type(i) == "number" and i < 0 then
        i = n + 1 + i
    end
    return type(i) == "number" and i >= 1 and i <= n and tobit(i) == i and i or nil
end

--- Elements a..b as a view, ends included, negative from the end; b defaults to the last. Raises
-- when an end is outside of the view or b lies before a.
function methods.slice(v, a, b)
    need_view(v, "slice")
    local n = v.n
    local from, to = place(a, n), b == nil and n or place(b, n)
    if not from or not to or to < from then
        error(("view:slice: %s..%s is no part of the view; %s"):format(shown(a),
            b == nil and "end" or shown(b), range(n)), 2)
    end
    local result = part(v, from - 1, to - from + 1)
    return result
end

--- What is not NaN, in order, as a view over a copy.
function methods.valid(v)
    need_view(v, "valid")
    local array = ffi.new("double[?]", v.n > 0 and v.n or 1)
    local result = view.over(array, C.bt_window_valid(v[DATA], v.n, array))
    return result
end

--- A Lua table with a copy of the elements.
function methods.totable(v)
    need_view(v, "totable")
    local t = new_table(v.n, 0)
    for i = 1, v.n do
        t[i] = v[DATA][i - 1]
    end
    return t
end

-- ---- reductions --------------------------------------------------------------------------------

-- A sum of a column whose prefix sums are about to be made. Recording ends here, of the first ones:
-- see map_new in history.lua.
local first_totals, FIRST_MOST = 0, 4096

local function first_total(v, n, series)
    first_totals = first_totals + 1
    return C.bt_window_sum(v[DATA], n, series)
end
jit.off(first_total)

-- Compiled code goes on as it began: with sums that were not there it would take a second trace
-- from here on, 1.4 times the time of a bar, and 70 times it where the compiler cannot make one.
local function compile_anew()
    jit.flush()
end
jit.off(compile_anew)

-- The same, of a column that is summed one by one until C finds that prefix sums pay.
local function direct_total(v, n, series, sums)
    local pairs = sums[PAIRS]
    local sum = C.bt_window_sum(v[DATA], n, series)
    if sums[PAIRS] ~= pairs then
        compile_anew()
    end
    return sum
end

-- The sum of n elements. C has the definition (engine/base/exact.c: prefix sums); its rule is
-- repeated here, operation by operation, since a call of C would make the compiler forget the
-- fields of every view, so that a view used again after it would have to be made. Heads and tails
-- are subtracted with their errors, and the error of the heads is added to the tails: nothing may
-- be lost in that: certain of most columns, else looked at. That is a branch which NaN does not
-- take: a loop is compiled at its first bars, before most windows are full, and has to be right for
-- all that follow.
local function total(v, n)
    local series = v[SERIES]
    local sums = series ~= nil and series[SUMS] or nil
    if sums ~= nil then
        local pairs, from = sums[PAIRS], v[FROM]
        if pairs ~= nil and from >= sums.clean and n > 0 then
            local a, b = pairs + 2 * max(from + n, -1), pairs + 2 * max(from, -1)
            local a_head, b_head, a_tail, b_tail = a[0], b[0], a[1], b[1]
            local head, tail = a_head - b_head, a_tail - b_tail
            local taken = head - a_head
            local rest = (a_head - (head - taken)) - (b_head + taken)
            if sums.certain ~= 0 then
                return head + (rest + tail)
            end
            taken = tail - a_tail
            local lost = (a_tail - (tail - taken)) - (b_tail + taken)
            local low = rest + tail
            local added = low - rest
            local lost_too = (rest - (low - added)) + (tail - added)
            if abs(lost) + abs(lost_too) > 0 then
                return C.bt_window_sum(v[DATA], n, series)
            end
            return head + low
        elseif sums.awaited == 0 then
            return direct_total(v, n, series, sums)
        elseif first_totals < FIRST_MOST then
            return first_total(v, n, series)
        end
    end
    return C.bt_window_sum(v[DATA], n, series)
end

--- The sum: the exact sum of the elements, rounded once; NaN when one is NaN, 0 for none.
function methods.sum(v)
    need_view(v, "sum")
    return total(v, v.n)
end

--- The mean: the sum divided by the length; NaN for an empty view.
function methods.mean(v)
    need_view(v, "mean")
    local n = v.n
    return n > 0 and total(v, n) / n or NAN
end

--- The standard deviation, two-pass, divided by n - ddof; ddof: 1 unless given. NaN when
-- n <= ddof. Raises unless ddof is a whole number >= 0.
function methods.std(v, ddof)
    need_view(v, "std")
    if ddof == nil then
        ddof = 1
    elseif type(ddof) ~= "number" or not (ddof >= 0 and ddof <= 1e6) or tobit(ddof) ~= ddof then
        error(("view:std: ddof must be a whole number >= 0, got %s"):format(shown(ddof)), 2)
    end
    return C.bt_window_std(v[DATA], v.n, v[SERIES], ddof)
end

--- The least element; NaN when one is NaN or there is none.
function methods.min(v)
    need_view(v, "min")
    return C.bt_window_min(v[DATA], v.n)
end

--- The greatest element; NaN when one is NaN or there is none.
function methods.max(v)
    need_view(v, "max")
    return C.bt_window_max(v[DATA], v.n)
end

-- ---- text --------------------------------------------------------------------------------------

local SHOWN = 4 -- elements at either end

local buffer = ffi.new "char[64]"

--- A number as the shortest text that reads back to it; NaN is "nan".
function view.number(x)
    return ffi.string(buffer, C.bt_number_format(x, buffer))
end

function meta.__tostring(v)
    local n, parts = v.n, {}
    for i = 1, n do
        if n <= 2 * SHOWN + 1 or i <= SHOWN or i > n - SHOWN then
            parts[#parts + 1] = view.number(v[DATA][i - 1])
        elseif i == SHOWN + 1 then
            parts[#parts + 1] = "..."
        end
    end
    return ("view[%d] {%s}"):format(n, table.concat(parts, ", "))
end

-- ---- the pointer -------------------------------------------------------------------------------

-- The raw, 0-based const double *: unchecked, and it reads on past the newest element.
local function ptr(v)
    need_view(v, "ptr")
    return v[DATA]
end

-- Give views the method ptr, or take it away: only for scripts run with --unsafe.
function view.allow_pointers(on)
    methods.ptr = on and ptr or nil
end

iterate.add(function(value)
    return istype(view_type, value) and view.pairs or nil
end)

new = ffi.metatype(view_type, meta)
view.new = new

return view
