-- JSON writing. NaN is null, the infinities are the strings "inf" and "-inf", a number is the
-- shortest text that reads back to the same double.
--
-- Lua tables do not tell an empty list from an empty object and have no key order, so the caller
-- says: json.object{ {key, value}, ... } keeps the order given, json.array(t) is a list even when
-- empty. A plain table is a list when it has [1], else an object with its keys sorted. Lists may be
-- read through any `#` and `[i]`, views included.

local number = require "backlua.text.number"

local json = {}

local OBJECT, ARRAY = {}, {} -- marks, as metatables

local ESCAPES = {
    ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
    ["\b"] = "\\b", ["\f"] = "\\f",
}

local function escape(c)
    return ESCAPES[c] or ("\\u%04x"):format(c:byte())
end

local function encode_string(text)
    text = require "backlua.text.width".valid(text)
    return '"' .. text:gsub('[%c"\\\127]', escape) .. '"'
end

local function encode_number(v)
    if v ~= v then
        return "null"
    elseif v == math.huge then
        return '"inf"'
    elseif v == -math.huge then
        return '"-inf"'
    end
    return number.shortest(v)
end

local encode

local function encode_array(list, out)
    out[#out + 1] = "["
    for i = 1, #list do
        if i > 1 then
            out[#out + 1] = ","
        end
        encode(list[i], out)
    end
    out[#out + 1] = "]"
end

local function encode_pairs(entries, out)
    out[#out + 1] = "{"
    for i = 1, #entries do
        out[#out + 1] = (i > 1 and "," or "") .. encode_string(tostring(entries[i][1])) .. ":"
        encode(entries[i][2], out)
    end
    out[#out + 1] = "}"
end

local function sorted_entries(t)
    local entries = {}
    for key, value in pairs(t) do
        entries[#entries + 1] = { key, value }
    end
    table.sort(entries, function(a, b)
        return tostring(a[1]) < tostring(b[1])
    end)
    return entries
end

-- Array of { key, value } as they are written, of an object; nil for what is none.
function json.entries(value)
    local mark = type(value) == "table" and getmetatable(value) or nil
    if mark == OBJECT then
        return value
    elseif type(value) ~= "table" or mark == ARRAY or value[1] ~= nil then
        return nil
    end
    return sorted_entries(value)
end

local function encode_table(t, out)
    local entries = json.entries(t)
    if entries then
        encode_pairs(entries, out)
    else
        encode_array(t, out)
    end
end

local WRITERS = {
    ["nil"] = function() return "null" end,
    boolean = tostring,
    number = encode_number,
    string = encode_string,
}

function encode(value, out)
    local kind = type(value)
    local writer = WRITERS[kind]
    if writer then
        out[#out + 1] = writer(value)
    elseif kind == "table" then
        encode_table(value, out)
    elseif kind == "cdata" and tonumber(value) then
        out[#out + 1] = (tostring(value):gsub("[UL]+$", "")) -- int64, exact
    elseif kind == "cdata" then
        encode_array(value, out)
    else
        error("json: cannot write a " .. kind, 0)
    end
end

-- An object whose keys keep their order: json.object{ {"a", 1}, {"b", 2} }. A nil value is null.
function json.object(entries)
    return setmetatable(entries, OBJECT)
end

-- A list, also when empty.
function json.array(list)
    return setmetatable(list, ARRAY)
end

-- Text of a value. Errors on functions, coroutines and userdata.
function json.encode(value)
    local out = {}
    encode(value, out)
    return table.concat(out)
end

return json
