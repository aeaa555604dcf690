-- The commands there are: names, what they are for, and the page that lists them.

local failure = require "backlua.cli.failure"
local C = require("backlua.ffi").C

local commands = {}

-- In the order of a first day.
commands.LIST = {
    { "run", "one backtest of a strategy" },
    { "optimize", "search the parameters of a strategy" },
    { "walkforward", "search in windows of time, test on what follows" },
    { "check", "prove that a strategy sees no future and repeats itself" },
    { "ingest", "make a bundle from CSV files, or a synthetic one" },
    { "bundle", "list, describe, verify, compare, export or remove bundles" },
    { "study", "list, show, resume, replay or export what optimize has saved" },
    { "report", "a run, study or walk-forward as one page" },
    { "repl", "the prompt, as without a command" },
    { "new", "begin a strategy: its file, a config, a spec, settings of editors" },
    { "explain", "a metric, a reason, a search, a name, or all assumptions" },
    { "config", "show every setting and where it comes from" },
    { "doctor", "versions, paths, and whether the compiler can be trusted" },
    { "bench", "how fast this machine is at it" },
    { "completion", "completions for bash, zsh or fish" },
}

local TITLE = "backlua: backtests of Lua strategies, and the search of their parameters"
local EXAMPLES = {
    { "backlua run examples/01_sma_cross.lua -b demo", "one backtest" },
    { "backlua optimize examples/02_grid.lua", "search the parameters" },
    { "backlua ingest prices/ -b mine", "a bundle from CSV files" },
}
local SCRIPTS = { "FILE.lua [ARGS], -e CODE, -i FILE, -", "a script, a text, or stdin" }
local ALSO = "Also: -h, --help (of a command, too), --version, --quiet, --verbose, --no-color"

-- Names whose module has another one: config and completion are words of the library.
local MODULES = { config = "config_show", new = "new_strategy" }

--- The module of a command (see main.lua).
function commands.module(name)
    return require("backlua.cli." .. (MODULES[name] or name))
end

--- Names in order.
function commands.names()
    local names = {}
    for i, entry in ipairs(commands.LIST) do
        names[i] = entry[1]
    end
    return names
end

--- Whether a word is a command.
function commands.is(word)
    for _, entry in ipairs(commands.LIST) do
        if entry[1] == word then
            return true
        end
    end
    return false
end

--- The page of all commands.
function commands.help()
    local paragraph = require "backlua.text.paragraph"
    local columns = require "backlua.text.output".page_columns()
    local function block(rows)
        return require "backlua.text.table"({ {}, {} }, rows, { indent = "  ", columns = columns })
    end
    return table.concat { paragraph(TITLE, columns), "\n", block(EXAMPLES), "\n",
        block(commands.LIST), block { SCRIPTS }, "\n", paragraph(ALSO, columns) }
end

--- Put the settings of files and of the environment in force; true, or nil and a failure.
function commands.settings()
    local ok, err = require "backlua.cli.config_file".load()
    if not ok then
        return nil, err
    end
    local status = C.bt_config_load()
    if status ~= C.BT_OK then
        return nil, failure.native(status)
    end
    return true
end

return commands
