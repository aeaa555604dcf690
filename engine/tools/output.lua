-- Page of what --json and --csv write, from the schemas of the commands.
--
--     build/backlua engine/tools/output.lua OUT.md

local schemas = require "backlua.cli.schemas"

-- "key", "key?" and its meaning as a row; a line that goes on is joined.
local function rows_of(keys)
    local rows = {}
    for key, text in keys:gsub("\n%s+", " "):gmatch "([%w_]+%??)%s+([^\n]+)" do
        rows[#rows + 1] = ("| `%s` | %s |"):format(key, (text:gsub("|", "\\|")))
    end
    return table.concat(rows, "\n")
end

local parts = { "# Output of commands\n", schemas.HEAD }
for _, entry in ipairs(schemas.LIST) do
    parts[#parts + 1] = "## `backlua " .. entry[1] .. "`\n"
    parts[#parts + 1] = ("JSON: %s%s. CSV: %s.\n"):format(
        entry.of == "array" and "an array of objects" or "an object",
        entry.alike and ", as of `" .. entry.alike .. "`" or "", entry.csv)
    if entry.keys then
        parts[#parts + 1] = "| key | what |\n|---|---|\n" .. rows_of(entry.keys) .. "\n"
    end
end

local file = assert(io.open(arg[1], "w"))
file:write(table.concat(parts, "\n"))
file:close()
