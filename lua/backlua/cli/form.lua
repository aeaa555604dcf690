-- The form in which a command writes its result: a text for people, JSON or CSV.
--
-- A command that was asked for JSON or CSV has one value (text/json.lua) and says which part of it
-- is its table. As JSON all of it is written. As CSV
--
--     a list     has a header and a line for each of its objects (nothing when it is empty); an
--                object inside becomes columns "params.fast", a list inside a cell of JSON
--     an object  has lines "key,value", "params.fast,20", "files.1,a.csv"
--
-- with numbers in the shortest text that reads back to the same double; NaN and what is absent are
-- empty, an infinity is inf.

local output = require "backlua.text.output"

local form = {}
local csv, json -- loaded when asked for: most runs print a text

--- The flags on an argparse parser, with a line of help each.
function form.configure(parser, as_json, as_csv)
    local both = { parser:flag("--json", as_json), parser:flag("--csv", as_csv) }
    parser:mutex(both[1], both[2])
    return both[1], both[2]
end

--- Whether parsed values ask for JSON or CSV.
function form.asked(args)
    return args.json or args.csv or false
end

local function is_list(value)
    return type(value) == "table" and json.entries(value) == nil
end

local function cell(value)
    local kind = type(value)
    return csv.field((kind == "table" or kind == "cdata") and json.encode(value) or value)
end

-- Put the leaves of a value under dotted names: put(name, text). lists: those too, by place.
local function flatten(name, value, lists, put)
    local entries = json.entries(value)
    local function inner(key, item)
        flatten(name and name .. "." .. key or tostring(key), item, lists, put)
    end
    for _, entry in ipairs(entries or {}) do
        inner(entry[1], entry[2])
    end
    if not entries and lists and is_list(value) then
        for i = 1, #value do
            inner(i, value[i])
        end
    elseif not entries then
        put(name, cell(value))
    end
end

local function join(cells, n)
    for i = 1, n do
        cells[i] = cells[i] or ""
    end
    return table.concat(cells, ",", 1, n) .. "\n"
end

-- The columns are those of all rows, in the order of their first appearance.
local function table_of(list)
    local names, place, rows, lines = {}, {}, {}, {}
    for i = 1, #list do
        local row = {}
        flatten(nil, list[i], false, function(name, text)
            if not place[name] then
                names[#names + 1] = csv.field(name)
                place[name] = #names
            end
            row[place[name]] = text
        end)
        rows[i] = row
    end
    for i, row in ipairs(rows) do
        lines[i] = join(row, #names)
    end
    return #rows > 0 and join(names, #names) .. table.concat(lines) or ""
end

local function pairs_of(object)
    local lines = { "key,value\n" }
    flatten(nil, object, true, function(name, text)
        lines[#lines + 1] = csv.field(name) .. "," .. text .. "\n"
    end)
    return table.concat(lines)
end

--- Text of a value. as: "json" or "csv". main: what CSV has, when it is not the value itself: the
-- key of a list in it, or another value.
function form.encode(as, value, main)
    csv, json = require "backlua.text.csv", require "backlua.text.json"
    if as == "json" then
        return json.encode(value) .. "\n"
    end
    local part = main or value
    if type(main) == "string" then
        for _, entry in ipairs(json.entries(value)) do
            part = entry[1] == main and entry[2] or part
        end
    end
    return is_list(part) and table_of(part) or pairs_of(part)
end

--- Write a value to stdout in the form that parsed values ask for. main: as of form.encode.
function form.write(args, value, main)
    output.write(form.encode(args.csv and "csv" or "json", value, main))
end

return form
