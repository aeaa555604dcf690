-- What a strategy can reach.
--
-- Safety is by absence: a script gets an environment that holds the functions named below and
-- nothing else; no io, os, ffi, jit, debug, package, no bytecode, no way to another environment.
-- Library tables are fresh copies in every environment, so a script that changes one changes it
-- for itself and for this run only. What the engine's functions need, they hold in upvalues.
--
-- The environment is strict: assigning a global that was not declared raises, with the nearest
-- local or global name. Reading one gives nil, as in any Lua.
--
-- Results must not depend on addresses or hash seeds, so pairs and next are ordered, tostring
-- numbers tables and functions in the order they are first seen, math.random draws from the run's
-- own stream, and math.min and math.max give NaN whenever an argument is NaN.
--
-- Where print goes, which files require may load and which environment load uses belongs to a
-- `space`; one is active at a time.

local coroutines = require "backlua.coroutines"
local current = require "backlua.current"
local iterate = require "backlua.iterate"
local ordered = require "backlua.ordered"
local C = require("backlua.ffi").C

local sandbox = {}
local lent = current.pointers

local format, find, gsub = string.format, string.find, string.gsub
local getmetatable, rawget, tostring, type = getmetatable, rawget, tostring, type
local setmetatable, select, unpack, error = setmetatable, select, unpack, error
local native_load, native_max, native_min, floor = load, math.max, math.min, math.floor

-- The space whose script is running, or nil.
local active

-- ---- text without addresses ------------------------------------------------------------------

-- "table: 1", "function: 2": numbered per space in the order of first sight.
local function label(value)
    local labels = active and active.labels or {}
    local number = labels[value]
    if not number then
        number = (labels.count or 0) + 1
        labels.count, labels[value] = number, number
    end
    return type(value) .. ": " .. number
end

-- The true one: that of our own objects is not shown to scripts.
local metatable_of = debug.getmetatable

local HAS_ADDRESS = { table = true, ["function"] = true, thread = true, userdata = true }

local function to_text(value)
    if HAS_ADDRESS[type(value)] then
        local meta = metatable_of(value)
        if not (meta and rawget(meta, "__tostring")) then
            return label(value)
        end
    end
    return tostring(value)
end

-- Formats by their text: NUMBERS cannot print an address, VALUES have %s. At most LIMIT are
-- remembered.
local NUMBERS, VALUES, LIMIT = 1, 2, 1000
local formats, format_count = {}, 0

local function remember(text, kind)
    if format_count >= LIMIT then
        formats, format_count = {}, 0
    end
    formats[text], format_count = kind, format_count + 1
end

local function format_any(text, ...)
    local bare = gsub(text, "%%%%", "")
    if find(bare, "%%[%-+ #0-9.]*p") then
        error("invalid option '%p' to 'format'", 3)
    elseif not find(bare, "%%[%-+ #0-9.]*s") then
        remember(text, NUMBERS)
        return format(text, ...)
    end
    remember(text, VALUES)
    local count, values = select("#", ...), { ... }
    for i = 1, count do
        if HAS_ADDRESS[type(values[i])] then
            values[i] = to_text(values[i])
        end
    end
    return format(text, unpack(values, 1, count))
end

local function have_address(a, b, c, d)
    return HAS_ADDRESS[type(a)] or HAS_ADDRESS[type(b)] or HAS_ADDRESS[type(c)]
        or HAS_ADDRESS[type(d)]
end

-- Known formats over up to four texts and numbers compile, wherever the compiler begins; handing on
-- "..." would not.
local function safe_format(text, ...)
    local kind, count = formats[text], select("#", ...)
    local a, b, c, d = ...
    if count <= 4 and (kind == NUMBERS or kind == VALUES and not have_address(a, b, c, d)) then
        if count == 1 then
            return format(text, a)
        elseif count == 2 then
            return format(text, a, b)
        elseif count == 3 then
            return format(text, a, b, c)
        elseif count == 4 then
            return format(text, a, b, c, d)
        end
    elseif kind == NUMBERS then
        return format(text, ...)
    end
    return format_any(text, ...)
end

-- What a fenced script prints, to stderr: it moves no cursor and sets no title, a terminal would
-- obey it. Pipes and files get every byte.
function sandbox.write(text)
    if find(text, "[%c\127-\255]") and C.bt_is_terminal(2) == 1 then
        text = require "backlua.text.printable"(text, true)
    end
    io.stderr:write(text)
end

local function write_stderr(text)
    if active and not active.unsafe then
        sandbox.write(text)
    else
        io.stderr:write(text)
    end
end

-- print of scripts, also for our own modules: no addresses, to where the space says.
function sandbox.print(...)
    local parts = { ... }
    for i = 1, select("#", ...) do
        parts[i] = to_text(parts[i])
    end
    (active and active.print or write_stderr)(table.concat(parts, "\t") .. "\n")
end

-- ---- numbers ---------------------------------------------------------------------------------

local function not_a_number(value, name, position)
    error(format("bad argument #%d to '%s' (number expected, got %s)", position, name,
        type(value)), 4)
end

-- NaN if an argument is NaN, the first of equal ones: the compiler may swap operands, and then
-- the machine's own minimum would answer otherwise for NaN and for the two zeros.
local function fold_extreme(pick, name, first, ...)
    local best = tonumber(first) or not_a_number(first, name, 1)
    for i = 1, select("#", ...) do
        local value = select(i, ...)
        value = tonumber(value) or not_a_number(value, name, i + 1)
        if best == best and best ~= value then
            best = value ~= value and value or pick(best, value)
        end
    end
    return best
end

local function safe_max(a, ...)
    local b = ...
    if select("#", ...) ~= 1 or type(a) ~= "number" or type(b) ~= "number" then
        return (fold_extreme(native_max, "max", a, ...))
    elseif a ~= a or a == b then
        return a
    elseif b ~= b then
        return b
    end
    return native_max(a, b)
end

local function safe_min(a, ...)
    local b = ...
    if select("#", ...) ~= 1 or type(a) ~= "number" or type(b) ~= "number" then
        return (fold_extreme(native_min, "min", a, ...))
    elseif a ~= a or a == b then
        return a
    elseif b ~= b then
        return b
    end
    return native_min(a, b)
end

local function whole(value, position, level)
    local number = tonumber(value)
    if not number or number % 1 ~= 0 then
        error(format("bad argument #%d to 'random' (integer expected, got %s)", position,
            to_text(value)), level + 1)
    end
    return number
end

--- As math.random, from the stream of the running backtest; the script is at `level`. Raises at
-- that level for bounds that are no integers or empty, and when no backtest runs.
function sandbox.random(low, high, level)
    if lent.run == nil then
        error("random: only while a backtest runs", level)
    elseif low == nil then
        return C.bt_run_random(lent.run)
    end
    local from, to = 1, whole(low, 1, level)
    if high ~= nil then
        from, to = to, whole(high, 2, level)
    end
    if from > to then
        error("bad argument to 'random' (interval is empty)", level)
    end
    return from + floor(C.bt_run_random(lent.run) * (to - from + 1))
end

local function safe_random(low, high)
    local number = sandbox.random(low, high, 3)
    return number
end

-- The stream belongs to the run (seed, parameters, repeat index): there is nothing to seed.
local function safe_randomseed()
end

-- ---- code ------------------------------------------------------------------------------------

local ESCAPE = "\27"

local function read_pieces(reader)
    local pieces = {}
    repeat
        local piece = reader()
        pieces[#pieces + 1] = piece
    until piece == nil or piece == ""
    return table.concat(pieces)
end

local function safe_load(chunk, name, _, env)
    if type(chunk) == "function" then
        chunk = read_pieces(chunk)
    end
    if type(chunk) ~= "string" then
        error("bad argument #1 to 'load' (string or function expected, got " .. type(chunk)
            .. ")", 2)
    elseif chunk:sub(1, 1) == ESCAPE then
        return nil, "load: bytecode is refused; give source text"
    end
    return native_load(chunk, type(name) == "string" and name or "=(load)", "t",
        env or active and active.env or {})
end

-- The metatable of strings would lead to the string library that everybody shares.
local function safe_getmetatable(value)
    if type(value) == "string" then
        return nil
    end
    return getmetatable(value)
end

local function safe_collectgarbage(option)
    if option ~= "count" then
        error("collectgarbage: only \"count\" is available in a strategy", 2)
    end
    return collectgarbage "count"
end

local function safe_require(name)
    return require "backlua.modules".require(active, name)
end

-- ---- the environment -------------------------------------------------------------------------

local function list(library, names)
    local entries = {}
    for name in names:gmatch "%S+" do
        entries[#entries + 1] = { name, library[name] }
    end
    return entries
end

local function replace(entries, replacements)
    for _, entry in ipairs(entries) do
        entry[2] = replacements[entry[1]] or entry[2]
    end
    return entries
end

local LIBRARIES = {
    string = replace(list(string, "byte char find format gmatch gsub len lower match rep reverse"
        .. " sub upper"), { format = safe_format }),
    table = list({
        concat = table.concat, insert = table.insert, maxn = table.maxn, move = table.move,
        remove = table.remove, sort = table.sort,
        new = require "table.new", clear = require "table.clear",
    }, "concat insert maxn move remove sort new clear"),
    math = replace(list(math, "abs acos asin atan atan2 ceil cos cosh deg exp floor fmod frexp"
        .. " huge ldexp log log10 max min modf pi pow rad random randomseed sin sinh sqrt tan"
        .. " tanh"), {
        max = safe_max, min = safe_min, random = safe_random, randomseed = safe_randomseed,
    }),
    bit = list(bit, "arshift band bnot bor bswap bxor lshift rol ror rshift tobit tohex"),
    coroutine = replace(list(coroutine, "create isyieldable resume running status wrap yield"),
        coroutines),
}
local LIBRARY_NAMES = { "string", "table", "math", "bit", "coroutine" }

local FUNCTIONS = replace(list(_G, "_VERSION assert error ipairs next pairs pcall xpcall rawequal"
    .. " rawget rawset select tonumber tostring type unpack setmetatable getmetatable print load"
    .. " require collectgarbage"), {
    next = ordered.next, pairs = ordered.pairs, ipairs = iterate.wrap(ipairs),
    tostring = to_text, print = sandbox.print,
    getmetatable = safe_getmetatable, load = safe_load, require = safe_require,
    collectgarbage = safe_collectgarbage,
})

local function fill(t, entries)
    for i = 1, #entries do
        local entry = entries[i]
        t[entry[1]] = entry[2]
    end
    return t
end

-- Methods of strings while a script runs: s:format and kin, without dump.
local string_methods = fill({}, LIBRARIES.string)

local function undeclared(env, name, level)
    return require "backlua.hints".undeclared(env, name, level + 1)
end

local STRICT = {
    __metatable = false,
    __newindex = function(env, name)
        error(undeclared(env, name, 2), 2)
    end,
}

-- Globals that a strategy file may define, as Zipline's do.
local CALLBACKS = {
    initialize = true, handle_data = true, before_trading_start = true, analyze = true,
    params = true,
}

local STRICT_STRATEGY = {
    __metatable = false,
    __newindex = function(env, name, value)
        if not CALLBACKS[name] then
            error(undeclared(env, name, 2), 2)
        end
        rawset(env, name, value)
    end,
}

local function add_unsafe(env)
    for name, value in next, _G do
        if env[name] == nil then
            env[name] = value
        end
    end
    return env
end

-- A fresh environment for one file of the space: the main file of a strategy may define the
-- callbacks, others nothing.
function sandbox.environment(space, is_strategy)
    local env = fill({}, FUNCTIONS)
    for i = 1, #LIBRARY_NAMES do
        local name = LIBRARY_NAMES[i]
        env[name] = fill({}, LIBRARIES[name])
    end
    if space.unsafe then
        add_unsafe(env)
    end
    env._G = env
    return setmetatable(env, is_strategy and STRICT_STRATEGY or STRICT)
end

-- A space for the scripts of `program` (see strategy.lua).
-- options
--   print     function(text) that takes what scripts print; stderr if absent
--   unsafe    true: io, os, ffi and every module are in reach
--   modules   array of module names that require may give, beside the usual ones
--   config    true: the main file defines no callbacks
function sandbox.new(program, options)
    local space = {
        program = program, print = options.print, unsafe = options.unsafe,
        modules = options.modules, loaded = {}, labels = setmetatable({}, { __mode = "k" }),
    }
    space.env = sandbox.environment(space, not options.config)
    return space
end

local string_meta = getmetatable ""
local all_string_methods = string_meta.__index

-- Make a space (or nil) the one whose script runs; returns the one before, to be put back.
function sandbox.activate(space)
    local previous = active
    active = space
    if space and not space.unsafe then
        string_meta.__index = string_methods
    else
        string_meta.__index = all_string_methods
    end
    return previous
end

return sandbox
