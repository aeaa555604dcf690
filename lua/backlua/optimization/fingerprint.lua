-- The hash of a function that an optimiser was given, by which a study knows that it changed.
--
-- Of its bytecode without lines and names, and of the numbers, texts, booleans and Lua functions
-- that it captured. What it reaches through tables and globals is not seen.

local bytecode = require "backlua.optimization.bytecode"
local sha256 = require "backlua.sha256"

local PLAIN = { string = true, boolean = true }

local add -- of a function and of those it captured

local function add_captured(f, parts, seen)
    for i = 1, math.huge do
        local name, value = debug.getupvalue(f, i)
        if not name then
            return
        elseif type(value) == "number" then
            parts[#parts + 1] = ("number%.17g"):format(value)
        elseif PLAIN[type(value)] then
            parts[#parts + 1] = type(value) .. tostring(value)
        elseif type(value) == "function" then
            add(value, parts, seen)
        end
    end
end

function add(f, parts, seen)
    local code = bytecode(f)
    if not code then -- of C
        return
    elseif seen[f] then
        parts[#parts + 1] = "again " .. seen[f]
        return
    end
    parts[#parts + 1], seen[f] = code, #parts
    add_captured(f, parts, seen)
end

-- Of one function; of an array with holes of n functions together; nil when there is none.
return function(functions, n)
    local parts, seen = {}, {}
    for i = 1, n do
        parts[#parts + 1] = "function " .. i
        if functions[i] then
            add(functions[i], parts, seen)
        end
    end
    return next(seen) and sha256(table.concat(parts, "\0")) or nil
end
