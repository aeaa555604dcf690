-- Whether a chunk, or a function inside it, has a loop that may never end: while, repeat, or a goto
-- that leads back. Compiled, such a loop would withstand Ctrl-C (engine/host/cancel.c).
--
-- They are one instruction of the bytecode, which those of `for` are not; its number is learned
-- from a function whose code is known.

local util = require "jit.util"

local function opcode(f, pc)
    local instruction = util.funcbc(f, pc)
    return instruction and bit.band(instruction, 0xff)
end

local LOOP = opcode(load "while true do end", 1)

local function has_loop(f)
    local pc = 1
    local code = opcode(f, pc)
    while code do
        if code == LOOP then
            return true
        end
        pc = pc + 1
        code = opcode(f, pc)
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
