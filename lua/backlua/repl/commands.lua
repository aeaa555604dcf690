-- Dot commands of the prompt: .help, .bundle, .read, ...
--
-- A command is a function(argument, prompt) that returns text to show, or nil and an error.
-- prompt: { log = array of the inputs that went well, call = as pcall, quit = true to leave }.

local errors = require "backlua.errors"
local evaluate = require "backlua.repl.evaluate"
local show = require "backlua.repl.show"
local words = require "backlua.repl.words"
local C = require "backlua.ffi".C

local commands = {}

-- Settings of this session.
commands.timer = true

local function usage(format, ...)
    return nil, errors.new("usage", format:format(...))
end

-- ---- the commands ------------------------------------------------------------------------------

local list = {}

-- In the order of .help; { name, argument, what it does }.
local SHOWN = {
    { "help", "[NAME]", "this, or signature and example of a name" },
    { "bundle", "[NAME]", "open a bundle; the open one, and those there are" },
    { "who", "", "globals of this session" },
    { "read", "FILE", "run a script here" },
    { "save", "FILE", "what went well as a script; .json, .csv: the last result" },
    { "mode", "table|csv|json", "form of tables" },
    { "timer", "on|off", "time of each input" },
    { "jit", "on|off", "compile what is typed, too; Ctrl-C may not stop it" },
    { "quit", "", "leave" },
}

local function shown_commands()
    local rows = {}
    for i, entry in ipairs(SHOWN) do
        rows[i] = { "." .. entry[1] .. " " .. entry[2], entry[3] }
    end
    return rows
end

function list.help(argument)
    local help = require "backlua.repl.help"
    if argument == "" then
        return help.overview(shown_commands())
    end
    local text, message = help.about(argument)
    if not text then
        return usage("%s", message)
    end
    return text
end

-- "on" or "off" as true or false; nil for anything else.
local function switch(argument)
    if argument == "on" then
        return true
    elseif argument == "off" then
        return false
    end
end

function list.timer(argument)
    local on = switch(argument)
    if on == nil then
        return usage ".timer on or .timer off"
    end
    commands.timer = on
    return ""
end

function list.jit(argument)
    local on = switch(argument)
    if on == nil then
        return usage(".jit on or .jit off; it is %s", evaluate.jit and "on" or "off")
    end
    evaluate.jit = on
    return on and "compiled from now on; a loop without an end may need Ctrl-C three times, which"
        .. " ends backlua\n" or ""
end

local MODES = { "table", "csv", "json" }

function list.mode(argument)
    for _, mode in ipairs(MODES) do
        if mode == argument then
            show.mode = mode
            return ""
        end
    end
    return usage(".mode is one of %s; it is %s%s", table.concat(MODES, ", "), show.mode,
        require "backlua.text.nearest".hint(argument, MODES))
end

function list.bundle(argument)
    if argument ~= "" then
        local ok, opened = pcall(words.list.bundle, argument)
        if not ok then
            return nil, opened
        end
        return tostring(opened) .. "\n"
    end
    local names = require "backlua.cli.missing".bundles()
    local open = words.bundle and "open: " .. words.bundle .. "\n" or "none is open\n"
    return open .. (#names > 0 and "there are: " .. table.concat(names, " ") .. "\n"
        or "there is none in " .. require "ffi".string(C.bt_bundles_folder()) .. "\n")
end

-- Globals that were there before anything was typed.
local builtin = {}

--- Remember what the globals are now.
function commands.note_globals()
    for name in next, _G do
        builtin[name] = true
    end
end

local function kind_of(value)
    local kind = type(value)
    local text = kind == "table" and debug.getmetatable(value) and tostring(value) or nil
    return text and not text:find "^table: " and text:match "^[^\n(]*" or kind
end

function list.who()
    local rows = {}
    for name, value in pairs(_G) do
        if type(name) == "string" and not builtin[name] and not name:find "^_%d*$" then
            rows[#rows + 1] = { name, kind_of(value) }
        end
    end
    if #rows == 0 then
        return "nothing yet\n"
    end
    table.sort(rows, function(a, b) return a[1] < b[1] end)
    return require "backlua.text.table"({ {}, {} }, rows)
end

function list.read(argument, prompt)
    if argument == "" then
        return usage ".read FILE"
    elseif C.bt_path_kind(argument) == C.BT_PATH_NONE then
        return nil, require "backlua.cli.missing".file(argument)
    end
    local values, err = evaluate.file(argument, prompt.call)
    if not values then
        return nil, err
    end
    return ""
end

-- ---- .save -------------------------------------------------------------------------------------

local function last_result()
    local result = package.loaded["backlua.result"]
    local last = rawget(_G, "_")
    return result and result.is(last) and last or nil
end

local function text_for(path, prompt)
    local form = path:match "%.(json)$" or path:match "%.(csv)$"
    if not form then
        return table.concat(prompt.log, "\n") .. "\n"
    end
    local result = last_result()
    if not result then
        return usage(".save %s: the last value is no result of a run; say its name first", path)
    end
    local emit, gathered = require("backlua.cli.run_tables").gather()
    require("backlua.cli.run_" .. form)(result, emit)
    local bytes, n = gathered()
    return require "ffi".string(bytes, n)
end

function list.save(argument, prompt)
    if argument == "" then
        return usage ".save FILE.lua for what was typed, FILE.json or FILE.csv for the last result"
    end
    local text, err = text_for(argument, prompt)
    if not text then
        return nil, err
    end
    if C.bt_file_write(argument, text, #text, C.BT_WRITE_DURABLE) ~= C.BT_OK then
        return nil, errors.native()
    end
    return "wrote " .. argument .. "\n"
end

function list.quit(_, prompt)
    prompt.quit = true
    return ""
end
list.exit = list.quit

-- ---- finding them ------------------------------------------------------------------------------

--- Names of the commands.
function commands.names()
    local names = {}
    for i, entry in ipairs(SHOWN) do
        names[i] = entry[1]
    end
    return names
end

--- What the argument of a command may be. sources: { files = function(prefix), bundles = function }
function commands.arguments(name, prefix, sources)
    if name == "help" then
        return require "backlua.repl.help".names(prefix)
    elseif name == "mode" then
        return MODES
    elseif name == "timer" or name == "jit" then
        return { "on", "off" }
    elseif name == "bundle" then
        return sources.bundles()
    end
    return (name == "read" or name == "save") and sources.files(prefix) or {}
end

--- Run a line that begins with a dot: text to show, or nil and an error.
function commands.run(line, prompt)
    local name, argument = line:match "^%s*%.(%S*)%s*(.-)%s*$"
    local command = list[name]
    if not command then
        local hint = require "backlua.text.nearest".hint(name, commands.names())
        return usage("no command .%s%s", name, hint ~= "" and hint or "; .help lists them")
    end
    return command(argument, prompt)
end

return commands
