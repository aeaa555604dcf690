-- The code of a Lua function as one string that is the same in every process.
--
-- What string.dump gives is not: the constant fields of a table, { fast = 1, slow = 2 }, stand in
-- it in the order of their hashes, which differ from one process to the next. Here they stand in
-- the order of their bytes. Lines and names are left out.
--
-- The dump is read as LuaJIT's lj_bcdump.h describes it: U is a number in groups of 7 bits,
--
--     dump   header proto+ 0U            header  ESC L J versionB flagsU
--     proto  lengthU, then               4 bytes, numkgcU numknU numbcU, instructions of 4 bytes,
--                                        upvalues of 2, kgc*, knum*
--     kgc    typeU: 0 child; 1 table; 2, 3 of two U; 4 of four U; 5 + n string of n bytes
--     table  narrayU nhashU, then narray + 2 nhash values: typeU: 3 of one U; 4 of two U;
--                                        5 + n string of n bytes; others nothing

local byte, sub = string.byte, string.sub

-- The number at a place, and the place behind it.
local function number(s, at)
    local value, unit = 0, 1
    while true do
        local b = byte(s, at)
        at, value, unit = at + 1, value + b % 128 * unit, unit * 128
        if b < 128 then
            return value, at
        end
    end
end

local function skip(s, at, count)
    for _ = 1, count do
        at = select(2, number(s, at))
    end
    return at
end

local NUMBERS = { [3] = 1, [4] = 2 } -- of a value in a table, by type

-- The place behind a value of a table.
local function value_end(s, at)
    local kind
    kind, at = number(s, at)
    if kind >= 5 then
        return at + kind - 5
    end
    return skip(s, at, NUMBERS[kind] or 0)
end

-- Adds a table to parts, its fields sorted; the place behind it.
local function add_table(s, start, parts)
    local arrays, fields, at
    arrays, at = number(s, start)
    fields, at = number(s, at)
    for _ = 1, arrays do
        at = value_end(s, at)
    end
    parts[#parts + 1] = sub(s, start, at - 1)
    local list = {}
    for i = 1, fields do
        local after = value_end(s, value_end(s, at))
        list[i], at = sub(s, at, after - 1), after
    end
    table.sort(list)
    parts[#parts + 1] = table.concat(list)
    return at
end

local CONSTANTS = { [2] = 2, [3] = 2, [4] = 4 } -- numbers of a constant, by type

-- Adds a constant; the place behind it.
local function add_constant(s, start, parts)
    local kind, at = number(s, start)
    if kind == 1 then
        parts[#parts + 1] = sub(s, start, at - 1)
        return add_table(s, at, parts)
    elseif kind >= 5 then
        at = at + kind - 5
    else
        at = skip(s, at, CONSTANTS[kind] or 0)
    end
    parts[#parts + 1] = sub(s, start, at - 1)
    return at
end

-- Adds a prototype, from behind its length to its end.
local function add_prototype(s, start, stop, parts)
    local upvalues = byte(s, start + 3)
    local constants, at = number(s, start + 4)
    local instructions, code = number(s, skip(s, at, 1))
    at = code + 4 * instructions + 2 * upvalues
    parts[#parts + 1] = sub(s, start, at - 1)
    for _ = 1, constants do
        at = add_constant(s, at, parts)
    end
    parts[#parts + 1] = sub(s, at, stop)
end

--- The code of a function; nil of one of C.
return function(f)
    local ok, s = pcall(string.dump, f, true)
    if not ok then
        return nil
    end
    local start, behind = 1, skip(s, 5, 1)
    local parts = {}
    while true do
        local length, at = number(s, behind)
        parts[#parts + 1] = sub(s, start, at - 1)
        if length == 0 then
            return table.concat(parts)
        end
        add_prototype(s, at, at + length - 1, parts)
        start, behind = at + length, at + length
    end
end
