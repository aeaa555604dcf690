-- The manual page backlua(1), from the same parsers and examples as the help.

local commands = require "backlua.cli.commands"
local completion = require "backlua.cli.completion"

local manual = {}

local HEAD = [[
.TH BACKLUA 1 "" "backlua %s" "User Commands"
.SH NAME
backlua \- backtests of Lua strategies, and the search of their parameters
.SH SYNOPSIS
.B backlua
.I COMMAND
[\fIARGUMENTS\fR]
.br
.B backlua
\fIFILE.lua\fR [\fIARGUMENTS\fR] | \fB\-e\fR \fICODE\fR | \fB\-i\fR \fIFILE\fR | \fB\-\fR
.SH DESCRIPTION
Runs trading strategies written in Lua against historical bars and searches their
parameters on all cores. Without arguments on a terminal: the prompt.
The result goes to stdout; progress, warnings and hints go to stderr.
.SH COMMANDS
]]

local TAIL = [[
.SH EXIT STATUS
0 done; 1 the strategy or the run failed; 2 wrong usage or configuration; 3 data missing
or invalid; 4 input or output failed; 5 the study is in use; 6 not reproducible, or a
strategy sees the future; 130 interrupted; 143 terminated.
.SH ENVIRONMENT
.TP
.B BACKLUA_BUNDLES, BACKLUA_HOME
Where bundles are; where runs and studies are. Else the folders of the XDG specification.
.TP
.B BACKLUA_CACHE_SIZE_GB, BACKLUA_ENABLE_CACHING, BACKLUA_LRU_MAXSIZE, \
BACKLUA_PERMANENT_WINDOWS, BACKLUA_TIER2_MAXSIZE, \
BACKLUA_ENABLE_BUNDLE_POOLING, BACKLUA_MAX_BUNDLE_POOL_SIZE
Caches and the pool of bundles.
.TP
.B NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE, TERM
Whether there are colours.
.SH FILES
.TP
.I ./backlua.conf.lua, $XDG_CONFIG_HOME/backlua/config.lua
Settings; see \fBbacklua config show\fR.
]]

local function escape(text)
    return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("^([.'])", "\\&%1"))
end

local function add_option(lines, option)
    local names = {}
    for i, alias in ipairs(option.aliases) do
        names[i] = "\\fB" .. escape(alias) .. "\\fR"
    end
    lines[#lines + 1] = ".TP"
    lines[#lines + 1] = table.concat(names, ", ") .. (option.has_value and " \\fIVALUE\\fR" or "")
    lines[#lines + 1] = escape(option.text)
end

local function add_command(lines, node)
    local module = commands.module(node.name)
    lines[#lines + 1] = (".SS backlua %s %s"):format(node.name, escape(module.usage or ""))
    lines[#lines + 1] = escape(node.text:sub(1, 1):upper() .. node.text:sub(2)) .. "."
    for _, option in ipairs(node.options) do
        add_option(lines, option)
    end
    for _, verb in ipairs(node.verbs) do
        lines[#lines + 1] = ".TP\n\\fB" .. verb.name .. "\\fR"
        lines[#lines + 1] = escape(verb.text)
        for _, option in ipairs(verb.options) do
            lines[#lines + 1] = ".RS"
            add_option(lines, option)
            lines[#lines + 1] = ".RE"
        end
    end
    for _, examples in ipairs { module.examples or {}, module.more_examples or {} } do
        for _, example in ipairs(examples) do
            lines[#lines + 1] = ".PP\n.nf\n    " .. escape(example[1]) .. "\n.fi"
        end
    end
end

--- The page as text for man.
function manual.text()
    local version = require "ffi".string(require "backlua.ffi".C.bt_version())
    local lines = {}
    for _, node in ipairs(completion.tree()) do
        add_command(lines, node)
    end
    return HEAD:format(version) .. table.concat(lines, "\n") .. "\n" .. TAIL
end

return manual
