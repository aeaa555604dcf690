-- A document as CSV: column 1 names the table, as in `run --csv`; each table begins with its
-- headings. Numbers are the shortest text that reads back to the same double.

local number = require "backlua.text.number"
local plain = require "backlua.report.plain_tables"

local function cell(v)
    if v == nil or v ~= v then
        return ""
    elseif type(v) == "number" then
        return number.shortest(v)
    end
    local text = tostring(v)
    return text:find '[",\n\r]' and '"' .. text:gsub('"', '""') .. '"' or text
end

local function add_line(lines, first, count, at)
    local cells = { cell(first) }
    for i = 1, count do
        cells[i + 1] = cell(at(i))
    end
    lines[#lines + 1] = table.concat(cells, ",")
end

local function add_facts(lines, id, rows)
    for _, row in ipairs(rows) do
        lines[#lines + 1] = table.concat({ cell(id), cell(row[1]), cell(row[2]),
            cell(row[3] or "") }, ",")
    end
end

--- CSV text of a document.
return function(document)
    local lines = {}
    for _, section in ipairs(document.sections) do
        for _, block in ipairs(section.blocks) do
            if block.type == "facts" then
                add_facts(lines, section.id, block.rows)
            elseif block.type == "cards" then
                add_facts(lines, "headline", block.items)
            end
        end
        for _, t in ipairs(plain.of(section, document)) do
            add_line(lines, t.id, #t.columns, function(i) return t.columns[i].title end)
            for _, row in ipairs(t.rows) do
                add_line(lines, t.id, #t.columns, function(i)
                    return plain.value(t.columns[i], row[i])
                end)
            end
        end
    end
    return table.concat(lines, "\n") .. "\n"
end
