-- The page of assumptions, for a run in which nobody set anything: the report's own rows.

local paragraph = require "backlua.text.paragraph"

local INDENT = "    "

-- Text of the page in lines of so many columns.
return function(columns)
    local assumptions = require "backlua.report.assumptions"
    local section = assumptions.section(assumptions.view_of())
    local function wrapped(text)
        return paragraph(text, columns, INDENT, INDENT .. INDENT)
    end
    local parts = { paragraph(section.lead, columns) .. "\n" }
    for _, row in ipairs(section.blocks[1].rows) do
        parts[#parts + 1] = row[1] .. "\n" .. wrapped(row[2])
        parts[#parts + 1] = row[3] ~= "" and wrapped("leans: " .. row[3]) or nil
        parts[#parts + 1] = row[4] ~= "" and wrapped("test it with: " .. row[4]) or nil
    end
    return table.concat(parts)
end
