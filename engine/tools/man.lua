-- The manual page, from what --help says.
--
--     build/backlua engine/tools/man.lua build/backlua >backlua.1

local ffi = require "ffi"
local C = require("backlua.ffi").C

local function help(...)
    local pipe = assert(io.popen(table.concat({ arg[1], ... }, " ") .. " --help"))
    local text = pipe:read "*a"
    pipe:close()
    return text
end

-- Lines as they are: a hyphen is one, a leading dot or quote is no request.
local function verbatim(text)
    return (text:gsub("\\", "\\e"):gsub("%-", "\\-"):gsub("\n([.'])", "\n\\&%1"))
end

local main = help()
local parts = { ('.TH BACKLUA 1 "" "backlua %s" "User Commands"'):format(
    ffi.string(C.bt_version())), ".SH NAME",
    "backlua \\- backtests of Lua strategies, and the search of their parameters",
    ".SH SYNOPSIS", ".B backlua", ".I COMMAND", "[options]", ".br", ".B backlua", ".I FILE.lua",
    "[arguments]", ".SH DESCRIPTION", ".nf", verbatim(main), ".fi" }
for line in main:match "Commands:\n(.-)\n\n":gmatch "[^\n]+" do
    local name = line:match "^  (%l+)"
    parts[#parts + 1] = name and (".SH \"BACKLUA %s\"\n.nf\n%s.fi"):format(name:upper(),
        verbatim(help(name)))
end
print(table.concat(parts, "\n"))
