-- One input of the prompt: compiled, called, its results kept.
--
-- An expression is tried first, so its values show without `=`; a final `;` silences them. Inputs
-- are chunks named [1], [2], ...: what they raise leads back to the line that was typed. They are
-- interpreted, not compiled, so that Ctrl-C stops them (engine/host/cancel.c), unless `.jit on`
-- was said, and so are the files they `require` or `dofile`, and strategies with loops that may
-- never end (open_loops.lua), but not in workers, which their parent can end; the library and other
-- strategies are compiled as ever.

local errors = require "backlua.errors"

local evaluate = { jit = false }

-- Texts of the inputs by number.
local inputs = {}

local STOPPED = errors.new("interrupt", "interrupted")

-- ---- compiling ---------------------------------------------------------------------------------

-- A quote that is open ends with its line, but for one that a backslash carries on.
local function is_incomplete(message, text)
    local is_string = message:find("unfinished string", 1, true)
    return message:find "'<eof>'$" ~= nil and (not is_string or text:find "\\$" ~= nil)
end

local function strip(text)
    local code = text:match "^(.-)%s*;%s*$"
    return code or text, code ~= nil
end

-- Statements whose last one is an expression: `a = 1; a`, `s:step(5); s.equity`, or a paste that
-- ends in a name. What is before it is whole, else the last `;` is inside of a text or a block. Of
-- statements that compile as they are it begins with a name, for what else begins a line may go on
-- from the one before.
local function load_tail(code, name, compiles)
    local head, tail = code:match "^(.*[;\n])%s*([^;\n]+)$"
    if head and (not compiles or tail:find "^[%a_]") and load(head, name) then
        return load(head .. "return " .. tail, name)
    end
end

-- A chunk, and whether its values are to be shown; nil and a message; nil, nil when the text is
-- only the beginning of something.
local function compile(text, name)
    local code, silent = strip(text:gsub("^%s*=", ""))
    local chunk, as_expression = load("return " .. code, name)
    if chunk then
        return chunk, not silent
    end
    local as_statement
    chunk, as_statement = load(text, name)
    chunk = load_tail(code, name, chunk ~= nil) or chunk
    if chunk then
        return chunk, not silent -- values, if it says `return`
    elseif is_incomplete(as_statement, text)
        or is_incomplete(as_expression, text) then
        return nil, nil
    end
    return nil, as_statement
end

--- True when the text is whole: it compiles, or it never will.
function evaluate.is_complete(text)
    local chunk, message = compile(text, "=?")
    return chunk ~= nil or message ~= nil
end

-- As many of the lines from `first` on as compile together, so that locals reach as far as they
-- can; the text and the line behind it, or nil.
local function longest(lines, first)
    for last = #lines, first, -1 do
        local text = table.concat(lines, "\n", first, last)
        if compile(text, "=?") then
            return text, last + 1
        end
    end
end

local PASTED_MAX = 200 -- lines; the search for pieces takes their square

--- The texts to evaluate one after the other: the text itself where it compiles; else, where that
-- helps, its pieces, as several inputs that were pasted at once.
function evaluate.pieces(text)
    local _, ends = text:gsub("\n", "")
    if ends == 0 or ends > PASTED_MAX or compile(text, "=?") then
        return { text }
    end
    local list, lines, at = {}, {}, 1
    for line in text:gmatch "[^\n]+" do
        lines[#lines + 1] = line
    end
    while at <= #lines do
        list[#list + 1], at = longest(lines, at)
        if not at then
            return { text }
        end
    end
    return list
end

-- The function of a chunk, to be interpreted unless `.jit on` was said.
local function interpreted(chunk)
    if not evaluate.jit then
        jit.off(chunk, true)
    end
    return chunk
end

local function is_library(name)
    return name == "backlua" or name:find "^backlua%."
end

-- A strategy's text that was read, at a person's prompt.
local function strategy_loaded(chunk)
    if require "backlua.repl.open_loops"(chunk) then
        interpreted(chunk)
    end
end

local function file_searcher(search)
    return function(name)
        local found = search(name)
        local is_lua = type(found) == "function" and debug.getinfo(found, "S").what ~= "C"
        return is_lua and not is_library(name) and interpreted(found) or found
    end
end

--- Files that inputs load are interpreted, too. is_person: somebody may press Ctrl-C.
function evaluate.install(is_person)
    if is_person then
        require "backlua.strategy".loaded = strategy_loaded
    end
    for i, search in ipairs(package.loaders) do
        package.loaders[i] = file_searcher(search)
    end
    rawset(_G, "dofile", function(path)
        local chunk, message = loadfile(path)
        if not chunk then
            error(message, 2)
        end
        return interpreted(chunk)()
    end)
end

-- ---- errors ------------------------------------------------------------------------------------

-- What a name may mean here: the prompt's words and, before them, the globals.
local function known()
    local words, all = require "backlua.repl.words", {}
    for _, names in ipairs { words.modules, words.list, _G } do
        for name, value in next, names do
            all[name] = value
        end
    end
    return all
end

-- A few words about a message of Lua, or "".
local function hint(message)
    local hints = require "backlua.hints"
    local of_parser = hints.syntax(message)
    return of_parser ~= "" and of_parser or hints.explain(message, known())
end

-- The message of a Lua error with the line that was typed, where there is one.
local function described(raised)
    if errors.is(raised) then
        return raised
    elseif type(raised) == "table" and type(raised.message) == "string" then
        return raised
    end
    local text = tostring(raised):gsub("^backlua/[%w_/]+%.lua:%d+: ", "")
    local input, line = text:match "^%[(%d+)%]:(%d+):"
    input, line = tonumber(input), tonumber(line)
    if input == #inputs and not inputs[input]:find "\n" then
        text = text:gsub("^%[%d+%]:1: ", "")
    end
    return errors.new("strategy", text .. hint(text)
        .. require "backlua.text.line_of"(inputs[input], line))
end

-- ---- results -----------------------------------------------------------------------------------

local results = 0

-- `_` is the last value, `_1`, `_2`, ... all of them, each but nil.
local function remember(value)
    if value == nil then
        return nil
    end
    results = results + 1
    rawset(_G, "_", value)
    rawset(_G, "_" .. results, value)
    return results
end

-- ---- calling -----------------------------------------------------------------------------------

-- call: function(chunk, error value of an interruption): what pcall gives.
local function pack(ok, ...)
    return ok, { n = select("#", ...), ... }
end

--- Evaluate a whole text.
-- @param text what was typed
-- @param call as pcall, with the value to raise on Ctrl-C as second argument
-- @return { values = array with n, shown = false when silenced, number = of the first value in
--   `_N`, seconds = }, or nil and an error
function evaluate.run(text, call)
    local C = require "backlua.ffi".C
    inputs[#inputs + 1] = text
    local chunk, shown = compile(text, ("=[%d]"):format(#inputs))
    if not chunk then
        return nil, described(shown or "the input is incomplete")
    end
    local started = C.bt_clock_seconds()
    local ok, values = pack(call(interpreted(chunk), STOPPED))
    local seconds = C.bt_clock_seconds() - started
    if not ok then
        return nil, described(values[1])
    end
    return { values = values, shown = shown, seconds = seconds, number = remember(values[1]) }
end

--- Run a file as an input: interpreted, its values returned as evaluate.run does.
function evaluate.file(path, call)
    local chunk, message = loadfile(path)
    if not chunk then
        return nil, errors.new("strategy", message)
    end
    local ok, values = pack(call(interpreted(chunk), STOPPED))
    if not ok then
        return nil, described(values[1])
    end
    return values
end

return evaluate
