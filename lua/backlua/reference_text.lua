-- Entries of the reference as a person reads them: titles, text, example, then a line for each
-- argument and each key of a table of options, in columns.

local paragraph = require "backlua.text.paragraph"
local fill = require "backlua.text.fill"
local reference = require "backlua.reference"
local table_text = require "backlua.text.table"
local width = require "backlua.text.width".of

local INDENT, NESTED = "  ", "  "
local TYPE_LEAST, TYPE_SHARE = 14, 0.3 -- columns, and of a line
local TEXT_LEAST = 26

local function without_prefix(type)
    return (type:gsub("backlua%.(%u)", "%1"))
end

-- Words of a type: a union goes on behind a "|".
local function breakable(type)
    return (without_prefix(type):gsub("([^ ])|", "%1| "))
end

local function type_lines(type, columns)
    local whole = without_prefix(type)
    if width(whole) <= columns then
        return { whole }
    end
    local lines = fill(breakable(type), columns)
    for i, line in ipairs(lines) do
        lines[i] = line:gsub("| ", "|")
    end
    return lines
end

-- A row of names, types and texts; the type takes as many lines as it needs.
local function add_rows(rows, name, type, text, columns)
    local lines = type_lines(type, columns.type)
    local texts = text ~= "" and fill(text, columns.text) or {}
    for i = 1, math.max(#lines, #texts) do
        rows[#rows + 1] = { i == 1 and name or "", lines[i] or "", texts[i] or "" }
    end
end

-- Text, and whether it can be left out where that is not to be seen.
local function said(entry, word)
    local note = word and (entry.text ~= "" and " " or "") .. "(" .. word .. ")" or ""
    return entry.text .. note
end

local function list_of(entries, indent, is_key, list)
    for _, entry in ipairs(entries) do
        local word = is_key and not entry.optional and "required"
            or not is_key and entry.optional and "optional"
        list[#list + 1] = { indent .. entry.name, entry.type, said(entry, word or nil) }
    end
end

-- Those keys whose class was not listed on this page, and where one was, who lists the others.
local function unseen(keys, seen)
    local fresh, elsewhere = {}, nil
    for _, key in ipairs(keys) do
        local where = seen[key.owner or keys]
        fresh[#fresh + 1] = not where and key or nil
        elsewhere = elsewhere or where
    end
    return fresh, elsewhere
end

-- Those keys that a class has of its own, and a row that names the inherited ones.
local function own_first(keys)
    local own, others, from = {}, {}, nil
    for _, key in ipairs(keys) do
        local inherited = key.owner ~= keys[1].owner
        table.insert(inherited and others or own, inherited and key.name or key)
        from = from or inherited and key.owner
    end
    return own, from and ("%s: .help %s"):format(table.concat(others, ", "), from)
end

-- Triples of name, type and text of a function. seen: titles by the classes that they listed;
-- brief: keys that are inherited by name alone.
local function arguments_of(entry, seen, brief)
    local list = {}
    for _, param in ipairs(entry.params) do
        local keys, others = reference.keys(param), nil
        local fresh, elsewhere = unseen(keys or {}, seen)
        local alone = #fresh > 0 and #entry.params == 1
        local indent = alone and "" or NESTED
        if brief then
            fresh, others = own_first(fresh)
        end
        if not alone then
            list_of({ param }, "", false, list)
        end
        list_of(fresh, indent, true, list)
        others = others or elsewhere and "as of " .. elsewhere
        list[#list + 1] = others and { indent .. "...", "", others } or nil
        for _, key in ipairs(keys or {}) do
            seen[key.owner or keys] = seen[key.owner or keys] or entry.title:match "^[^(]*"
        end
    end
    return list
end

local function fields_of(entry)
    local list, fields = {}, reference.fields(entry.name)
    if reference.is_keys(entry.name) then
        list_of(fields, "", true, list)
        return list
    end
    for _, field in ipairs(fields) do
        list[#list + 1] = { field.name, field.type, said(field,
            field.optional and "may be absent" or nil) }
    end
    return list
end

-- The columns that there are, shared out; a type has as many as its longest word. nil where too
-- few are left for texts.
local function shares(list, columns)
    local names, types, least = 0, 0, math.max(TYPE_LEAST, math.floor(columns * TYPE_SHARE))
    for _, row in ipairs(list) do
        names = math.max(names, width(row[1]))
        types = math.max(types, width(without_prefix(row[2])))
        for word in breakable(row[2]):gmatch "%S+" do
            least = math.max(least, width(word))
        end
    end
    local type = math.min(types, least)
    local text = columns - #INDENT - names - type - 4
    return text >= TEXT_LEAST and { type = type, text = text } or nil
end

local function in_columns(list, share)
    local rows = {}
    for _, row in ipairs(list) do
        add_rows(rows, row[1], row[2], row[3], share)
    end
    return table_text({ {}, {}, {} }, rows, { indent = INDENT })
end

-- Each text below its name and type.
local function stacked(list, columns)
    local parts, deep = {}, INDENT:rep(3)
    for _, row in ipairs(list) do
        local heading = paragraph(breakable(row[2]), columns, INDENT .. row[1] .. "  ", deep)
        parts[#parts + 1] = heading:gsub("| ", "|")
        parts[#parts + 1] = row[3] ~= "" and paragraph(row[3], columns, deep) or nil
    end
    return table.concat(parts)
end

local function rows_text(list, columns)
    local share = shares(list, columns)
    return #list == 0 and "" or "\n" .. (share and in_columns(list, share)
        or stacked(list, columns))
end

-- Entries that say the same of several owners are one.
local function same(a, b)
    return a and a.params and a.params == b.params and a.text == b.text
end

local function body(entry, columns, seen, brief)
    local parts = { entry.text ~= "" and paragraph(entry.text, columns, INDENT) or "" }
    if entry.kind == "field" or entry.kind == "alias" then
        parts[#parts + 1] = paragraph(without_prefix(entry.type):gsub("|", " | "), columns, INDENT)
    end
    parts[#parts + 1] = entry.example and INDENT .. entry.example .. "\n" or nil
    if entry.members then
        parts[#parts + 1] = paragraph((entry.text ~= "" and "to call: " or "")
            .. table.concat(entry.members, ", "), columns, INDENT)
    end
    parts[#parts + 1] = rows_text(entry.params and arguments_of(entry, seen, brief)
        or entry.kind == "class" and fields_of(entry) or {}, columns)
    return table.concat(parts)
end

-- A class that is only the name of what its constructor makes.
local function is_bare(entry, entries)
    return entry.kind == "class" and #entries > 1 and entry.text == "" and not entry.members
        and #reference.fields(entry.name) == 0
end

-- Text of an array of entries in lines of so many columns; paint: function(title), or nil; brief:
-- for the prompt, inherited keys by their names.
return function(entries, columns, paint, brief)
    local parts, seen = {}, {}
    for i, entry in ipairs(entries) do
        if not is_bare(entry, entries) then
            local title = paragraph(entry.title, columns, "", INDENT .. INDENT):gsub("\n$", "")
            local before, behind = same(entries[i - 1], entry), same(entries[i + 1], entry)
            parts[#parts + 1] = (#parts > 0 and not before and "\n" or "")
                .. (paint and paint(title) or title) .. "\n"
            parts[#parts + 1] = not behind and body(entry, columns, seen, brief) or nil
        end
    end
    return table.concat(parts)
end
