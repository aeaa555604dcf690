-- The page of assumptions, for a run in which nobody set anything: the report's own rows.

local width = require "backlua.text.width"

local COLUMNS, INDENT = 80, "    "

local function wrapped(label, text)
    local lines, line = {}, INDENT .. label
    for word in text:gmatch "%S+" do
        if width.of(line) + 1 + width.of(word) > COLUMNS then
            lines[#lines + 1] = line
            line = INDENT .. INDENT .. word
        else
            line = line .. (line == INDENT and "" or " ") .. word
        end
    end
    lines[#lines + 1] = line
    return table.concat(lines, "\n") .. "\n"
end

-- Text of the page.
return function()
    local assumptions = require "backlua.report.assumptions"
    local section = assumptions.section(assumptions.view_of())
    local parts = { section.lead .. "\n\n" }
    for _, row in ipairs(section.blocks[1].rows) do
        parts[#parts + 1] = row[1] .. "\n" .. wrapped("", row[2])
        parts[#parts + 1] = row[3] ~= "" and wrapped("leans:", row[3]) or nil
        parts[#parts + 1] = row[4] ~= "" and wrapped("test it with:", row[4]) or nil
    end
    return table.concat(parts)
end
