-- The command line: which command, with which arguments, and how it ends.
--
-- The first argument decides. Only the module of the command asked for is loaded, and only its
-- parser built: a run of a millisecond should not pay for commands that it does not use.
--
-- A command module returns
--     name       "run"
--     summary    one line
--     usage      what follows the name: "STRATEGY.lua -b BUNDLE [options]"
--     examples   array of { command line, what it does }, shown first in the help
--     no_form    why it has neither --json nor --csv, nil where it has both (form.lua)
--     more_examples   those shown with a verb's help or all of it only, or nil
--     configure  function(parser): adds arguments, options and subcommands (argparse)
--     run        function(args): exit code, or nil and a failure { code =, message = }

local color = require "backlua.text.color"
local failure = require "backlua.cli.failure"
local native = require "backlua.ffi"
local output = require "backlua.text.output"
local quote = require "backlua.text.quote"

local C = native.C

local commands = require "backlua.cli.commands"

local function version()
    local ffi = require "ffi"
    local dygraphs = require("backlua.report.texts").dygraphs_js:match "dygraphs/blob/v([%d.]+)"
    return ("backlua %s\n%s, %s\nlua-cjson %s, argparse %s, dygraphs %s, %s\n"):format(
        ffi.string(C.bt_version()), jit.version, ffi.string(C.bt_build_info()),
        require("cjson")._VERSION, require("argparse").version, dygraphs or "unknown",
        require "backlua.prompt".version())
end

local GLOBAL_FLAGS = {
    ["--quiet"] = function() output.quiet = true end,
    ["--verbose"] = function() output.verbose = true end,
    ["--no-color"] = function() color.disabled = true end,
}

local function apply_flags()
    C.bt_set_log_level(output.quiet and 0 or output.verbose and 2 or 1)
end

-- Commands whose Lua is over in milliseconds; a run ends the deferral when its strategy starts.
local SHORT = { run = true, ingest = true }

local function run_command(name, args)
    if SHORT[name] then
        require("backlua.startup").defer()
    end
    local command = commands.module(name)
    local parser = require("backlua.cli.parser")(command)
    if parser.wants_help(args) then
        output.write(parser.help(args))
        return 0
    end
    local parsed, err = parser.parse(args)
    if not parsed then
        return nil, err
    end
    output.quiet = output.quiet or parsed.quiet or false
    output.verbose = output.verbose or parsed.verbose or false
    color.disabled = color.disabled or parsed.no_color or false
    apply_flags()
    local ok
    ok, err = commands.settings()
    if not ok then
        return nil, err
    end
    return command.run(parsed)
end

local function unknown(word)
    local nearest = require "backlua.text.nearest"
    if word:sub(1, 1) == "-" then
        return failure.usage("unknown option %s%s\nSee: backlua --help", quote(word),
            nearest.hint(word, { "--help", "--version", "--quiet", "--verbose", "--no-color" }))
    elseif word:find "%.lua$" or word:find "/" then
        return require("backlua.cli.missing").file(word)
    end
    return failure.usage("unknown command %s%s\nSee: backlua --help", quote(word),
        nearest.hint(word, commands.names()))
end

local function rest(args, first)
    local out = { [0] = args[first - 1] }
    for i = first, #args do
        out[#out + 1] = args[i]
    end
    return out
end

-- Global flags may stand before the command. Returns the position of the first other word.
local function leading_flags(args)
    local i = 1
    while GLOBAL_FLAGS[args[i]] do
        GLOBAL_FLAGS[args[i]]()
        i = i + 1
    end
    apply_flags()
    return i
end

local function is_person()
    return C.bt_is_terminal(0) == 1 and C.bt_is_terminal(1) == 1
end

local function dispatch(args)
    local first = leading_flags(args)
    local word = args[first]
    if word == nil and is_person() then
        return run_command("repl", {})
    elseif word == nil then
        io.stderr:write(commands.help())
        return 2
    elseif word == "-h" or word == "--help" or word == "help" then
        local topic = args[first + 1]
        if topic and commands.is(topic) then
            return run_command(topic, { "--help" })
        end
        output.write(commands.help())
        return 0
    elseif word == "--version" then
        output.write(version())
        return 0
    elseif word == "-i" and not args[first + 1] then
        return nil, failure.usage "-i needs a script after it"
    elseif word == "-i" or commands.is(word) then
        return run_command(word == "-i" and "repl" or word, rest(args, first + 1))
    end
    local script = require "backlua.cli.script"
    if word == "-e" or word == "-" or C.bt_path_kind(word) == C.BT_PATH_FILE then
        return script(rest(args, first))
    end
    return nil, unknown(word)
end

local function traced(err)
    if type(err) == "table" then
        return err
    end
    return { code = "state", message = tostring(err), traceback = debug.traceback("", 2) }
end

-- Run the command line in `args` (args[1] the first word). Returns the exit code.
return function(args)
    local ok, code, err = xpcall(dispatch, traced, args)
    if not ok then
        code, err = nil, code
    end
    if code == nil then
        code = failure.report(err)
    end
    output.flush()
    return code
end
