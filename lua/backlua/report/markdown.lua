-- A document as Markdown: headings, figures, tables; of a long series as many rows as fit a page,
-- evenly chosen, the last one among them.

local number = require "backlua.text.number"
local plain = require "backlua.report.plain_tables"

local SERIES_ROWS, TABLE_ROWS = 24, 200

-- What means something in Markdown or HTML, made plain.
local function safe(text)
    text = require "backlua.text.width".valid(tostring(text)):gsub("[%c]", " ")
    return (text:gsub("[\\`*_{}%[%]<>|#~]", "\\%0"))
end

local function cell(column, v)
    if v == nil or v ~= v then
        return ""
    elseif column.show then
        return safe(column.show(v))
    end
    return type(v) == "number" and number.grouped(v, v % 1 ~= 0 and 4 or 0) or safe(v)
end

local function chosen(t)
    local limit, count = t.series and SERIES_ROWS or TABLE_ROWS, #t.rows
    if count <= limit then
        return t.rows, nil
    elseif not t.series then
        return { unpack(t.rows, 1, limit) }, count
    end
    local rows = {}
    for i = 1, limit do
        rows[i] = t.rows[math.floor((i - 1) * (count - 1) / (limit - 1)) + 1]
    end
    return rows, count
end

local function add_table(lines, t)
    local heads, rules = {}, {}
    for i, column in ipairs(t.columns) do
        heads[i], rules[i] = safe(column.title), column.align == "right" and "--:" or "---"
    end
    lines[#lines + 1] = "| " .. table.concat(heads, " | ") .. " |"
    lines[#lines + 1] = "|" .. table.concat(rules, "|") .. "|"
    local rows, total = chosen(t)
    for _, row in ipairs(rows) do
        local cells = {}
        for i, column in ipairs(t.columns) do
            cells[i] = cell(column, row[i])
        end
        lines[#lines + 1] = "| " .. table.concat(cells, " | ") .. " |"
    end
    lines[#lines + 1] = ""
    if total then
        lines[#lines + 1] = ("%s of %s rows.\n"):format(number.count(#rows), number.count(total))
    end
end

local function add_pairs(lines, heads, rows)
    lines[#lines + 1] = heads
    for _, row in ipairs(rows) do
        local note = row[3] and row[3] ~= "" and safe(row[3]) or ""
        lines[#lines + 1] = ("| %s | %s | %s |"):format(safe(row[1]), row.code
            and "`" .. row[2]:gsub("[`|]", " ") .. "`" or safe(row[2]), note)
    end
    lines[#lines + 1] = ""
end

local function add_section(lines, section, document)
    lines[#lines + 1] = "## " .. safe(section.title) .. "\n"
    lines[#lines + 1] = section.lead and safe(section.lead) .. "\n" or nil
    for _, block in ipairs(section.blocks) do
        if block.type == "cards" then
            add_pairs(lines, "| | value | |\n|---|--:|---|", block.items)
        elseif block.type == "facts" then
            add_pairs(lines, "| | | |\n|---|---|---|", block.rows)
        elseif block.type == "text" then
            for _, paragraph in ipairs(block.paragraphs) do
                lines[#lines + 1] = safe(paragraph) .. "\n"
            end
        end
    end
    for _, t in ipairs(plain.of(section, document)) do
        if t.caption then
            lines[#lines + 1] = "### " .. safe(t.caption) .. "\n"
        end
        add_table(lines, t)
    end
end

--- Markdown text of a document.
return function(document)
    local lines = { "# " .. safe(document.title) .. "\n", safe(document.subtitle) .. "\n" }
    for _, section in ipairs(document.sections) do
        add_section(lines, section, document)
    end
    return table.concat(lines, "\n")
end
