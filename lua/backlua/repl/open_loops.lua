-- Whether a chunk, or a function inside it, has a loop that may never end: while, repeat, a goto
-- that leads back, or a `for` to math.huge or to a written number above what a bar's work may
-- take. Compiled, such a loop would withstand Ctrl-C (engine/host/cancel.c).
--
-- The former are one instruction of the bytecode, which those of `for` are not; a `for` has its
-- limit put into place by the instruction before that of its step. The numbers of instructions are
-- learned from functions whose code is known. A limit that is computed stays unknown.

local util = require "jit.util"

local function decode(f, pc)
    local instruction = util.funcbc(f, pc)
    if instruction then
        return bit.band(instruction, 0xff), bit.rshift(instruction, 16)
    end
end

local LOOP = decode(load "while true do end", 1)
local KNUM = decode(load "local n = 1e18", 1)
local TGETS = decode(load "local m = math.huge", 2)
local FORI = decode(load "for i = 1, 2 do end", 4)

local LONGEST = 1e7 -- steps: a few hundredths of a second

-- Whether instruction pc puts a number in place that no `for` gets to soon.
local function is_far(f, pc)
    local code, operand = decode(f, pc)
    if code == KNUM then
        return math.abs(util.funck(f, operand)) > LONGEST
    end
    return code == TGETS and util.funck(f, -bit.band(operand, 0xff) - 1) == "huge"
end

local function has_own_loop(f)
    local pc = 1
    local code = decode(f, pc)
    while code do
        if code == LOOP or code == FORI and is_far(f, pc - 2) then
            return true
        end
        pc = pc + 1
        code = decode(f, pc)
    end
    return false
end

local function has_loop(f)
    if has_own_loop(f) then
        return true
    end
    local index = -1
    local inner = util.funck(f, index)
    while inner ~= nil do
        if type(inner) == "proto" and has_loop(inner) then
            return true
        end
        index = index - 1
        inner = util.funck(f, index)
    end
    return false
end

return has_loop
