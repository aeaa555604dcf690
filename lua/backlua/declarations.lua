-- Texts in LuaLS's notation, read: what backlua/meta/*.lua declare, as entries of reference.lua.
--
--     declarations.read(text, entries)   appends the entries of a text
--     declarations.fields "{ a?: T }"    array of { name, type, optional } of a table type
--
-- A type ends at the first blank that no bracket and no string holds, and that does not follow the
-- colon of `fun(): T`. What is behind it is text. A default is written as its end: "(default 1)".

local declarations = {}

local OPENING = { ["("] = true, ["{"] = true, ["["] = true, ["<"] = true }
local CLOSING = { [")"] = true, ["}"] = true, ["]"] = true, [">"] = true }

-- Place of the first character at which stop(character, place) holds outside of brackets and
-- strings; behind the text without one.
local function find_outside(text, stop)
    local depth, i = 0, 1
    while i <= #text do
        local c = text:sub(i, i)
        if c == '"' then
            i = text:find('"', i + 1, true) or #text
        elseif OPENING[c] then
            depth = depth + 1
        elseif CLOSING[c] then
            depth = depth - 1
        elseif depth == 0 and stop(c, i) then
            return i
        end
        i = i + 1
    end
    return #text + 1
end

-- Type and text of what stands behind a name.
local function split(rest)
    local stop = find_outside(rest, function(c, i)
        return c == " " and rest:sub(i - 1, i - 1) ~= ":"
    end)
    return rest:sub(1, stop - 1), (rest:sub(stop + 1))
end

-- Alternatives of a union.
local function alternatives(type)
    local parts, rest = {}, type
    repeat
        local stop = find_outside(rest, function(c) return c == "|" end)
        parts[#parts + 1] = rest:sub(1, stop - 1)
        rest = rest:sub(stop + 1)
    until rest == ""
    return parts
end

--- Fields of the table that a type is, or one of its alternatives; nil when none is.
function declarations.fields(type)
    for _, part in ipairs(alternatives(type)) do
        local inside = part:match "^{ (.*) }$"
        local fields, rest = {}, inside
        while inside and rest ~= "" do
            local stop = find_outside(rest, function(c) return c == "," end)
            local name, mark, kind = rest:sub(1, stop - 1):match "^ *([%w_]+)(%??): (.*)$"
            fields[#fields + 1] = name and { name = name, optional = mark == "?", type = kind,
                text = "" }
            rest = rest:sub(stop + 1)
        end
        if #fields > 0 then
            return fields
        end
    end
end

--- The class that a type is, or one of its alternatives, or their elements; without our prefix.
-- nil when none is.
function declarations.class(type)
    for _, part in ipairs(alternatives(type)) do
        local class = part:match "^backlua%.([%w_.]+)$" or part:match "^backlua%.([%w_.]+)%[%]$"
        if class then
            return class
        end
    end
end

local function field_of(line, class)
    local name, mark, rest = line:match "^%-%-%-@field ([%w_]+)(%??)%s+(.*)$"
    if name and class then
        local owner = class:gsub("^backlua%.", "")
        local type, text = split(rest)
        return { owner = owner, name = name, kind = "field", separator = ".", arguments = "",
            optional = mark == "?", type = type, text = text }
    end
end

local function function_of(line, params)
    local owner, separator, name, arguments = line:match
        "^function ([%w_.]-)([.:])([%w_]+)(%(.*%)) end$"
    return owner and { owner = owner, name = name, separator = separator, arguments = arguments,
        kind = separator == ":" and "method" or "function", params = params }
end

local function param_of(line)
    local name, mark, rest = line:match "^%-%-%-@param ([%w_.]+)(%??)%s+(.*)$"
    if name then
        local type, text = split(rest)
        return { name = name, optional = mark == "?", type = type, text = text }
    end
end

local function named(line)
    local class, parent = line:match "^%-%-%-@class ([%w_.]+):? ?([%w_.]*)"
    if class then
        return { kind = "class", name = class:gsub("^backlua%.", ""), owner = "", class = class,
            parent = parent:match "^backlua%.(.+)$" }
    end
    local alias, type = line:match "^%-%-%-@alias backlua%.([%w_]+) (.*)$"
    return alias and { kind = "alias", name = alias, owner = "", type = type }
end

--- Append what a text declares: entries with name, owner, kind, text, example; fields and aliases
-- have a type, fields optional, functions params, separator and arguments, classes a parent.
function declarations.read(text, entries)
    local comment, params, example, class = {}, {}, nil, nil
    local function add(entry)
        entry.text = entry.text or table.concat(comment, "\n")
        entry.example = example
        entries[#entries + 1] = entry
    end
    for line in text:gmatch "([^\n]*)\n?" do
        local said, heading = line:match "^%-%-%-([^@].*)$", named(line)
        local code = said and said:match "^Example: `(.*)`$"
        local field, called = field_of(line, class), function_of(line, params)
        if said then
            example = code or example
            comment[#comment + 1] = not code and said or nil
        elseif field then
            add(field)
        elseif heading or called then
            class = heading and heading.class
            add(heading or called)
            comment, params, example = {}, {}, nil
        elseif line == "" then
            comment, params, example, class = {}, {}, nil, nil
        end
        params[#params + 1] = param_of(line)
    end
end

return declarations
