-- A document as JSON: { kind, title, subtitle, sections: [{ id, title, facts, headline, tables:
-- [{ id, caption, columns, rows }] }] }; a row is a list in the order of the columns.

local json = require "backlua.text.json"
local plain = require "backlua.report.plain_tables"

local function table_object(t)
    local titles, rows = {}, {}
    for i, column in ipairs(t.columns) do
        titles[i] = column.title
    end
    for r, row in ipairs(t.rows) do
        local cells = {}
        for i, column in ipairs(t.columns) do
            local v = plain.value(column, row[i])
            cells[i] = v == nil and 0 / 0 or v -- null
        end
        rows[r] = json.array(cells)
    end
    return json.object { { "id", t.id }, { "caption", t.caption },
        { "columns", json.array(titles) }, { "rows", json.array(rows) } }
end

local function pairs_of(section, kind, key)
    local list = {}
    for _, block in ipairs(section.blocks) do
        for _, row in ipairs(block.type == kind and block[key] or {}) do
            list[#list + 1] = json.object { { "name", row[1] }, { "value", row[2] },
                { "note", row[3] } }
        end
    end
    return json.array(list)
end

--- JSON text of a document.
return function(document)
    local sections = {}
    for i, section in ipairs(document.sections) do
        local tables = {}
        for k, t in ipairs(plain.of(section, document)) do
            tables[k] = table_object(t)
        end
        sections[i] = json.object { { "id", section.id }, { "title", section.title },
            { "headline", pairs_of(section, "cards", "items") },
            { "facts", pairs_of(section, "facts", "rows") }, { "tables", json.array(tables) } }
    end
    return json.encode(json.object { { "kind", document.kind }, { "title", document.title },
        { "subtitle", document.subtitle }, { "sections", json.array(sections) } }) .. "\n"
end
