-- The prompt: read, evaluate, show, again.
--
-- On a terminal texts come from the line editor (engine/host/edit.c), which keeps a history and
-- completes; an input that is only the beginning of something goes on behind `..> `. From a pipe
-- lines come as they are, nothing is asked and nothing is remembered, and an error ends the
-- program with its code: a script that goes wrong should not go on.

local color = require "backlua.text.color"
local commands = require "backlua.repl.commands"
local evaluate = require "backlua.repl.evaluate"
local failure = require "backlua.cli.failure"
local iterate = require "backlua.iterate"
local number = require "backlua.text.number"
local ordered = require "backlua.ordered"
local output = require "backlua.text.output"
local printable = require "backlua.text.printable"
local show = require "backlua.repl.show"
local words = require "backlua.repl.words"
local C = require "backlua.ffi".C

local loop = {}

local PROMPT, MORE = "backlua> ", "..> "

-- ---- where texts come from ---------------------------------------------------------------------

local function terminal()
    local prompt, history = require "backlua.prompt", require "backlua.repl.history"
    local complete = require "backlua.repl.complete"
    if not prompt.open(complete.at) then
        return nil
    end
    for _, entry in ipairs(history.load()) do
        prompt.remember(entry)
    end
    return {
        is_person = true, line = prompt.line, call = prompt.call, close = prompt.close,
        before = function(text) complete.before = text end,
        remember = function(text)
            prompt.remember(text)
            history.add(text)
        end,
    }
end

local function pipe()
    return {
        is_person = false, call = function(f) return pcall(f) end,
        line = function()
            local line = io.read "*l"
            return line, line == nil and "end" or nil
        end,
        remember = function() end, close = function() end, before = function() end,
    }
end

-- ---- one input ---------------------------------------------------------------------------------

-- A whole input: text; nil and "end", "interrupt" (what was typed so far is dropped) or "signal".
local function read(source)
    local text
    repeat
        source.before(text and text .. "\n" or "")
        local line, why = source.line(text and MORE or PROMPT)
        if not line then
            return why == "end" and text or nil, why
        end
        text = text and text .. "\n" .. line or line
    until text:find "^%s*%." or evaluate.is_complete(text)
    return text
end

local function is_blank(text)
    return text:gsub("%-%-[^\n]*", ""):find "%S" == nil
end

local function show_error(source, err)
    if err.code == "interrupt" and source.is_person then
        io.stderr:write(color.paint(2, "yellow", err.message), "\n")
        return
    end
    io.stdout:flush()
    local text = require "backlua.text.fold"(printable(err.message, true), output.columns())
    io.stderr:write(color.paint(2, "red", text), "\n")
end

-- Names of values that show themselves may hold anything: what raises is an error of theirs.
local function shown(value)
    local ok, text = pcall(show.value, value)
    return ok and text or "cannot be shown: " .. tostring(text) .. "\n"
end

local function duration(seconds)
    if seconds < 0.1 then
        return number.fixed(seconds * 1000, seconds < 0.01 and 2 or 1) .. " ms"
    end
    return number.seconds(seconds)
end

-- Texts, and tables for other programs, come as they are.
local function write_value(value)
    local text = shown(value)
    if type(value) == "string" or show.mode ~= "table" then
        output.write(text)
    else
        output.say(text)
    end
end

local function show_values(source, done)
    local values = done.values
    if done.shown then
        for i = 1, values.n do
            write_value(values[i])
        end
    end
    if commands.timer and source.is_person then
        local label = done.shown and done.number and ("_%d  "):format(done.number) or ""
        output.write(color.paint(1, "dim", label .. duration(done.seconds)) .. "\n")
    end
    output.flush()
end

local function hint_local(source, text)
    if source.is_person and text:find "^%s*local%s+[%a_]" and not text:find "\n" then
        output.note "a local ends with its line; write the name alone to keep it"
    end
end

-- An error of the input, or nil.
local function evaluate_text(source, text, state)
    if text:find "^%s*%." then
        local said, err = commands.run(text, state)
        output.say(said or "")
        output.flush()
        return err
    end
    for _, piece in ipairs(evaluate.pieces(text)) do
        local done, err = evaluate.run(piece, source.call)
        if not done then
            if err.code == "interrupt" and package.loaded["backlua.run"] then
                require("backlua.run").abandon()
            end
            return err
        end
        state.log[#state.log + 1] = piece
        show_values(source, done)
        hint_local(source, piece)
    end
end

-- ---- the loop ----------------------------------------------------------------------------------

local function greet()
    local bundle = words.bundle and ("bundle %s is open. "):format(
        words.bundle:match "[^/]*$") or ""
    output.say(("backlua %s. %s.help shows what there is to say, Ctrl-D leaves.\n"):format(
        require "ffi".string(C.bt_version()), bundle))
    output.flush()
end

local function run(source)
    local state = { log = {}, call = source.call, quit = false }
    repeat
        local text, why = read(source)
        local err
        if text and not is_blank(text) then
            source.remember(text)
            err = evaluate_text(source, text, state)
        end
        if err then
            show_error(source, err)
        end
        if err and not source.is_person then
            return failure.exit_code(err)
        end
        if why == "signal" then
            return failure.exit_code { code = "interrupt" }
        end
    until state.quit or why == "end"
    return 0
end

-- Ordered where the keys have an order, else as Lua has it: a person's tables, and the library's,
-- may have any keys.
local native_pairs = iterate.wrap(pairs)

local function any_pairs(t)
    local ok, step, state, start = pcall(ordered.pairs, t)
    if ok then
        return step, state, start
    end
    return native_pairs(t)
end

-- A person's globals: ordered pairs as in strategies, views and frames walked too.
local function prepare(is_person)
    rawset(_G, "pairs", any_pairs)
    rawset(_G, "ipairs", iterate.wrap(ipairs))
    words.install()
    evaluate.install(is_person)
    commands.note_globals()
end

--- Run the prompt until it is left. file: a script to run first, or nil. Returns the exit code, or
-- nil and a failure.
function loop.run(file)
    local person = C.bt_is_terminal(0) == 1 and C.bt_is_terminal(1) == 1
    prepare(person)
    local source = person and terminal() or pipe()
    if source.is_person then
        greet()
    end
    if file then
        local values, err = evaluate.file(file, source.call)
        if not values and not source.is_person then
            return nil, err
        elseif not values then
            show_error(source, err)
        end
    end
    local code = run(source)
    source.close()
    words.clean()
    return code
end

return loop
