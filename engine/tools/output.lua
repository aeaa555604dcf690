-- Page of what --json and --csv write, from the schemas of the commands.
--
--     build/backlua engine/tools/output.lua OUT.md

local schemas = require "backlua.cli.schemas"

local function table_of(entry)
    local lines = { "| key | what |\n|---|---|" }
    for i, row in ipairs(schemas.rows(entry)) do
        lines[i + 1] = ("| `%s` | %s |"):format(row[1], (row[2]:gsub("|", "\\|")))
    end
    return table.concat(lines, "\n")
end

local parts = { "# Output of commands\n", schemas.HEAD }
for _, entry in ipairs(schemas.LIST) do
    parts[#parts + 1] = "## `backlua " .. entry[1] .. "`\n"
    parts[#parts + 1] = ("JSON: %s%s. CSV: %s.\n"):format(
        entry.of == "array" and "an array of objects" or "an object",
        entry.alike and ", as of `" .. entry.alike .. "`" or "", entry.csv)
    if entry.keys then
        parts[#parts + 1] = table_of(entry) .. "\n"
    end
end

local file = assert(io.open(arg[1], "w"))
file:write(table.concat(parts, "\n"))
file:close()
