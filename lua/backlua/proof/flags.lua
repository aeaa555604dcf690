-- What can be said of a strategy's text without running it: globals that nothing declares,
-- parameters that are nearly those it has, the wall clock, chance that no seed governs, and ways
-- out of the bundle.
--
-- The compiled functions are read: each access of a global is one instruction, and a field taken
-- from it is the next; so it is with what is taken from a field `params`. Numbers of instructions
-- differ between versions of LuaJIT; those needed are learned from functions whose code is known.

local util = require "jit.util"

local flags = {}

local CALLBACKS = { initialize = true, handle_data = true, before_trading_start = true,
    analyze = true, params = true }

local CLOCK = "the wall clock: a second run sees another time; use ctx:now()"
local CHANCE = "chance that no seed governs; use ctx:random()"
local OUTSIDE = "what it reads lies outside of the bundle: that may hold the future, unseen"

-- By global and field; true in place of a field: whatever the field.
local REMARKS = {
    os = { time = CLOCK, clock = CLOCK, date = CLOCK, getenv = OUTSIDE, execute = OUTSIDE,
        tmpname = CHANCE },
    io = { [true] = OUTSIDE }, ffi = { [true] = OUTSIDE }, package = { [true] = OUTSIDE },
    collectgarbage = { [true] = "the amount of memory in use is different in each run" },
    jit = { [true] = "the compiler: a decision must not depend on it" },
    dofile = { [true] = OUTSIDE }, loadfile = { [true] = OUTSIDE }, debug = { [true] = OUTSIDE },
}

local function opcode(chunk)
    local instruction = util.funcbc(chunk, 1)
    return bit.band(instruction, 0xff)
end

local GGET = opcode(load "return x")
local TGETS = bit.band(util.funcbc(load "return x.y", 2), 0xff)

local function constant(f, index)
    local value = util.funck(f, -index - 1)
    return type(value) == "string" and value or nil
end

-- The field that the next instruction takes from register `a`, or nil.
local function field_after(f, pc, a)
    local instruction = util.funcbc(f, pc + 1)
    if instruction and bit.band(instruction, 0xff) == TGETS
        and bit.rshift(instruction, 24) == a then
        return constant(f, bit.band(bit.rshift(instruction, 16), 0xff))
    end
end

-- visit(global, field or nil, line) for each global that a function, or one inside it, reads;
-- visit(nil, field, line) for each field of a `params`.
local function walk(f, visit)
    local pc = 1
    local instruction = util.funcbc(f, pc)
    while instruction do
        local a, code = bit.band(bit.rshift(instruction, 8), 0xff), bit.band(instruction, 0xff)
        if code == GGET then
            visit(constant(f, bit.rshift(instruction, 16)), field_after(f, pc, a),
                util.funcinfo(f, pc).currentline)
        elseif code == TGETS
            and constant(f, bit.band(bit.rshift(instruction, 16), 0xff)) == "params" then
            visit(nil, field_after(f, pc, a), util.funcinfo(f, pc).currentline)
        end
        pc = pc + 1
        instruction = util.funcbc(f, pc)
    end
    local index = -1
    local inner = util.funck(f, index)
    while inner ~= nil do
        if type(inner) == "proto" then
            walk(inner, visit)
        end
        index = index - 1
        inner = util.funck(f, index)
    end
end

local function known_names(env)
    local names = {}
    for name in next, env do
        names[#names + 1] = tostring(name)
    end
    return names
end

local function remark(name, field, env, unsafe)
    local remarks = REMARKS[name]
    local text = remarks and (remarks[true] or field and remarks[field])
    if text and (unsafe or name == "collectgarbage") then
        return field and not remarks[true] and name .. "." .. field .. ": " .. text
            or name .. ": " .. text
    elseif rawget(env, name) == nil and not CALLBACKS[name] then
        local hint = require "backlua.text.nearest".hint(name, known_names(env))
        return ("global '%s' is declared nowhere: it is nil%s%s"):format(name, hint,
            remarks and "; strategies in the sandbox have none" or "")
    end
end

-- A parameter that the strategy does not have is nil, and no error: a stop that never stops.
local function param_remark(name, params)
    if name and params[name] == nil then
        local names = require "backlua.sorted_keys"(params)
        local hint = require "backlua.text.nearest".hint(name, names)
        return hint ~= "" and ("params.%s is no parameter: it is nil%s"):format(name, hint) or nil
    end
end

-- What remark(global, field) says of a program's files: array of { file, line, text }, in the order
-- of the text, each once.
local function gather(program, remark_on)
    local list, seen = {}, {}
    local function scan(file)
        walk(file.chunk, function(name, field, line)
            local text = remark_on(name, field)
            if text and not seen[file.name .. text] then
                seen[file.name .. text] = true
                list[#list + 1] = { file = file.shown or file.name, line = line, text = text }
            end
        end)
    end
    if program.chunk then
        scan(program)
    end
    for _, file in ipairs(program.files) do
        scan(file)
    end
    table.sort(list, function(a, b)
        return a.file < b.file or a.file == b.file and a.line < b.line
    end)
    return list
end

--- What is remarkable in a program (strategy.lua) whose scripts get `env`: array of { file, line,
-- text }, in the order of the text, each once. params: the strategy's parameters.
function flags.of(program, env, unsafe, params)
    return gather(program, function(name, field)
        if name then
            return remark(name, field, env, unsafe)
        end
        return param_remark(field, params)
    end)
end

--- Of flags.of what is said of parameters.
function flags.parameters(program, params)
    return gather(program, function(name, field)
        return not name and param_remark(field, params)
    end)
end

return flags
