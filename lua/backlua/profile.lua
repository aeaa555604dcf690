-- Where a strategy's time goes, line by line, and what the compiler could not compile.
--
--     local p = profile.start(job)      the compiler must be on by then
--     ... runner.execute(job) ...
--     local report = p:stop()
--
-- LuaJIT's sampler looks at the stack in the rhythm of the system's clock, every 1 to 10 ms of
-- processor time. A sample belongs to the innermost line of the strategy's own files on the stack:
-- what a line calls is its cost. What runs below no line of the strategy is the engine's bars (the
-- loop in bars.lua) or what is around them. The compiler tells of every trace that it gave up;
-- those below a line of the strategy's files count, once initialize is over.
--
-- Compiled code notices a sample at the next line it comes to, so a cost may show a line late.

local current = require "backlua.current"
local jit_profile = require "jit.profile"
local util = require "jit.util"
local vmdef = require "jit.vmdef" -- of the LuaJIT that the build links

local lent = current.pointers
local profile = {}

local INTERVAL = "li1" -- by line, milliseconds
local DEPTH = 60
local LOOP = "^backlua/bars%.lua:"

-- ---- samples -----------------------------------------------------------------------------------

-- "file:line" of a frame when its file is the strategy's: the file's table and the line.
local function own_line(files, frame)
    local name, line = frame:match "^(.*):(%d+)$"
    local file = name and files[name]
    if file then
        return file, tonumber(line)
    end
end

local function add(list, key, make)
    local entry = list[key]
    if not entry then
        entry = make()
        list[key] = entry
        list[#list + 1] = entry
    end
    return entry
end

local function charge(self, stack, samples, state)
    local top
    self.samples = self.samples + samples
    self.states[state] = (self.states[state] or 0) + samples
    for frame in stack:gmatch "[^;]+" do
        local file, line = own_line(self.files, frame)
        if file then
            local entry = add(self.lines, file.name .. ":" .. line, function()
                return { file = file, line = line, samples = 0 }
            end)
            entry.samples = entry.samples + samples
            return
        end
        top = top or frame
    end
    local where = top and top:find(LOOP) and "engine" or "around"
    self[where] = self[where] + samples
end

-- ---- traces ------------------------------------------------------------------------------------

-- What the compiler says of every loop sooner or later: it begins elsewhere, or once more.
local HARMLESS = {
    "leaving loop", "inner loop", "loop unroll", "retry recording", "down%-recursion",
    "return to lower frame", "trace too short", "hook called", "hit mcode limit",
    "symbol not in cache",
}

-- What the compiler says, and what helps.
local REMEDIES = {
    { "FNEW", "a function is made here each time: make it once, outside of handle_data" },
    { "UCLO", "what ends here has functions of its own inside, which keeps all of it interpreted:"
        .. " make them once, outside of it" },
    { "bytecode CAT", "texts are joined here: join numbers with ctx:record, not with .." },
    { "FastFunc (%S+)", "%s is not compiled: call it less often, or once in initialize" },
    { "C function", "a library function is called that is not compiled: call it less often" },
    { "blacklisted", "it calls a function that the compiler has given up on, see the others" },
    { "trace too long", "the function does too much at a time: split it, or shorten its loops" },
    { "too many snapshots", "too many branches in one function: split it" },
    { "too many spill slots", "too many values at a time: use fewer locals in one function" },
    { "call unroll", "it calls itself: write a loop" },
    { "bad argument type", "a value changes its type (nil, number, text): keep one type" },
    { "type instability", "a value changes its type (nil, number, text): keep one type" },
    { "mixed sparse/dense", "a table grows holes: fill it from 1 upwards, in initialize" },
    { "nil or NaN key", "a table is written at nil or NaN: check the key before" },
    { "allocate mcode", "the system gives no memory for machine code: see `ulimit -v`, SELinux" },
    { "compilation disabled", "jit.off was called for it" },
}

local function remedy(message)
    for _, entry in ipairs(REMEDIES) do
        local from, _, what = message:find(entry[1])
        if from then
            return entry[2]:format(what)
        end
    end
    return "the interpreter runs it; write it more simply if the line costs much"
end

local function is_harmless(message)
    for _, pattern in ipairs(HARMLESS) do
        if message:find(pattern) then
            return true
        end
    end
    return false
end

local function name_of(func, pc)
    local info = util.funcinfo(func, pc)
    return info.loc or info.ffid and vmdef.ffnames[info.ffid] or "a C function"
end

-- The words of an abort: code and detail as the compiler gives them.
local function words(code, detail)
    if type(code) ~= "number" then
        return tostring(code)
    elseif type(detail) == "function" then
        detail = name_of(detail)
    end
    local text = vmdef.traceerr[code] or "error " .. code
    if text:find "bytecode %%d" then
        local name = vmdef.bcnames:sub(6 * detail + 1, 6 * detail + 6):match "%S+"
        return "NYI: bytecode " .. tostring(name)
    end
    return (text:format(detail))
end

-- The innermost line of the strategy's own files on the stack, nil when there is none or it is a
-- file's own code, which runs once; is_direct: nothing but C functions stands between.
local HANDLERS = 4 -- this function and its callers, up to the compiler's event

local function line_on_stack(self)
    local is_direct = true
    for level = HANDLERS + 1, DEPTH do
        local info = debug.getinfo(level, "Sl")
        if not info then
            return nil
        end
        local file = info.what ~= "C" and self.files[info.source:gsub("^[@=]", "")]
        if file then
            return info.what ~= "main" and file or nil, info.currentline, is_direct
        end
        is_direct = is_direct and info.what == "C"
    end
end

-- initialize runs once: what is given up there costs nothing.
local function is_over_bars()
    local portal = lent.portal
    return portal ~= nil and portal.cursor >= current.first_row
end

local IN_LIBRARY = "a call of the library does this: make it less often, or once in initialize"

-- What the compiler says of the library's own functions where it is meant to. The C function
-- without a name is require, of a module that is needed for the first time.
local function is_meant(message)
    return message:find "blacklisted" or message:find "compilation disabled"
        or message:find "call a C function$"
end

-- What a strategy that does not write it itself can only do less often.
local function is_call(message)
    return message:find "^NYI" or message:find "^leaves"
end

local function note(self, message, help)
    local file, line, is_direct = line_on_stack(self)
    if not file or not is_over_bars() or not is_direct and is_meant(message) then
        return
    end
    local entry = add(self.aborts, file.name .. ":" .. line .. message, function()
        return { file = file, line = line, message = message, count = 0,
            remedy = (is_direct or not is_call(message)) and help or IN_LIBRARY }
    end)
    entry.count = entry.count + 1
end

-- Whether a trace ends where a C function is called: to go on behind it, or in the interpreter, as
-- when all its results are handed on, f(unpack(t)).
local function leaves(trace, func)
    local link = util.traceinfo(trace).linktype
    return link == "stitch" or link == "return" and util.funcinfo(func).addr ~= nil
end

-- What to write in place of some of them.
local CALL_REMEDIES = {
    unpack = "%s is not compiled: name the elements, t[1], t[2], or loop over them; of a window"
        .. " take view:max() and kin",
}

local function on_trace(self, what, trace, func, pc, code, detail)
    if what == "abort" then
        local message = words(code, detail)
        if not is_harmless(message) then
            note(self, message, remedy(message))
        end
    elseif what == "stop" and leaves(trace, func) then
        local name = name_of(func, pc)
        note(self, "leaves compiled code to call " .. name, (CALL_REMEDIES[name]
            or "%s is not compiled: call it less often, or once in initialize"):format(name))
    end
end

-- ---- the calls ---------------------------------------------------------------------------------

local Profile = {}
Profile.__index = Profile

local function by_samples(a, b)
    if a.samples ~= b.samples then
        return a.samples > b.samples
    end
    return a.file.name == b.file.name and a.line < b.line or a.file.name < b.file.name
end

local function by_place(a, b)
    if a.file.name ~= b.file.name then
        return a.file.name < b.file.name
    elseif a.line ~= b.line then
        return a.line < b.line
    end
    return a.message < b.message
end

-- End it. What it found:
--     samples   in all; states: by "N" compiled, "I" interpreted, "C", "G" collector,
--               "J" compiler
--     lines     { { file, line, samples } ... } of the strategy, dearest first
--     engine, around   samples of bars, and of all the rest
--     aborts    { { file, line, message, remedy, count } ... } by place
--     compiles  false when the compiler is off
function Profile:stop()
    jit_profile.stop()
    jit.attach(self.on_trace)
    table.sort(self.lines, by_samples)
    table.sort(self.aborts, by_place)
    return self
end

-- Begin over the files of a job's strategy (those that it requires in its first run included).
function profile.start(job)
    local program = job.program
    local self = setmetatable({
        samples = 0, states = {}, lines = {}, engine = 0, around = 0, aborts = {},
        compiles = jit.status(), files = {},
    }, Profile)
    setmetatable(self.files, { __index = function(files, name)
        for _, file in ipairs { program, unpack(program.files) } do
            if file.source and file.source:gsub("^[@=]", "") == name then
                files[name] = file
                return file
            end
        end
    end })
    function self.on_trace(...)
        on_trace(self, ...)
    end
    jit.attach(self.on_trace, "trace")
    jit_profile.start(INTERVAL, function(thread, samples, state)
        charge(self, jit_profile.dumpstack(thread, "plZ;", DEPTH), samples, state)
    end)
    return self
end

return profile
