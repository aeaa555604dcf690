-- JSON for scripts: require "backlua.json".
--
-- Writing is canonical: sorted keys, the shortest number that reads back to the same double, NaN
-- as null and the infinities as the strings "inf" and "-inf". Reading is cjson's, behind limits:
-- its parser is trusted with text of bearable size and depth only.

local writer = require "backlua.text.json"

local json = {}

local TEXT_MAX, STRING_MAX, DEPTH_MAX = 16 * 1024 * 1024, 1024 * 1024, 100

local WRITABLE = { ["nil"] = true, boolean = true, number = true, string = true, cdata = true }

local function check_writable(value, depth)
    if depth > DEPTH_MAX then
        error("json.encode: more than " .. DEPTH_MAX .. " levels deep, or a table inside itself", 0)
    elseif type(value) == "table" then
        for key, inner in next, value do
            if type(key) ~= "string" and type(key) ~= "number" then
                error("json.encode: keys are strings or numbers, got a " .. type(key), 0)
            end
            check_writable(inner, depth + 1)
        end
    elseif not WRITABLE[type(value)] then
        error("json.encode: cannot write a " .. type(value), 0)
    end
end

--- Text of a value: nil, boolean, number, string, a view, or a table of these. A table with [1]
-- is a list, other tables are objects with sorted keys; json.array{} is an empty list.
-- Raises at the caller's line for anything else, and beyond 100 levels.
function json.encode(value)
    local ok, message = pcall(check_writable, value, 1)
    if not ok then
        error(message, 2)
    end
    return writer.encode(value)
end

json.array = writer.array

-- cjson accepts hexadecimal numbers, NaN and Infinity; outside of strings they betray themselves
-- by a letter that JSON does not have there.
local function check_text(text)
    local bare = text:gsub('\\.', ""):gsub('"([^"]*)"', function(inner)
        if #inner > STRING_MAX then
            error("json.decode: a string of " .. #inner .. " bytes; the limit is " .. STRING_MAX, 0)
        end
        return ""
    end)
    local odd = bare:match "[%+%-]?0[xX]%x*" or bare:match "%-?[Nn][aA][Nn]"
        or bare:match "[%+%-]?[Ii][nN][fF]%a*"
    if odd then
        error("json.decode: '" .. odd .. "' is not JSON", 0)
    end
end

local decoder

local function get_decoder()
    if not decoder then
        decoder = require("cjson").new()
        decoder.decode_max_depth(DEPTH_MAX)
        decoder.decode_invalid_numbers(false)
    end
    return decoder
end

-- json.null comes back as nil: an absent value.
local function without_null(value, null)
    if value == null then
        return nil
    elseif type(value) == "table" then
        for key, inner in next, value do
            value[key] = without_null(inner, null)
        end
    end
    return value
end

--- Value of a JSON text; null is nil. nil, message when the text is no JSON, is longer than
-- max_bytes (default 16 MiB), holds a string longer than 1 MiB or is more than 100 levels deep.
-- Anything but a text raises.
function json.decode(text, max_bytes)
    max_bytes = max_bytes or TEXT_MAX
    if type(text) ~= "string" then
        error("json.decode: a text is expected, got a " .. type(text), 2)
    elseif #text > max_bytes then
        return nil, ("json.decode: %d bytes; the limit is %d"):format(#text, max_bytes)
    end
    local ok, message = pcall(check_text, text)
    if not ok then
        return nil, message
    end
    local engine = get_decoder()
    local parsed, value = pcall(engine.decode, text)
    if not parsed then
        return nil, "json.decode: " .. value
    end
    return without_null(value, engine.null)
end

return json
