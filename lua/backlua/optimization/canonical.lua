-- Canonical parameter text (engine/search/point.c) back to a table: fast=20;mode="up";slow=100.

local ESCAPES = { n = "\n", ['"'] = '"', ["\\"] = "\\" }

local function unescape(text)
    text = text:gsub("\\x(%x%x)", function(hex)
        return "\\\0" .. string.char(tonumber(hex, 16))
    end)
    return (text:gsub("\\(%z?)(.)", function(zero, c)
        return zero ~= "" and c or ESCAPES[c]
    end))
end

-- End of a quoted string that starts at `from`.
local function closing_quote(text, from)
    local at = from + 1
    while text:sub(at, at) ~= '"' do
        at = at + (text:sub(at, at) == "\\" and 2 or 1)
    end
    return at
end

local WORDS = { ["true"] = true, ["false"] = false }

-- Value that starts at `from`, and where it ends.
local function value_at(text, from)
    if text:sub(from, from) == '"' then
        local stop = closing_quote(text, from)
        return unescape(text:sub(from + 1, stop - 1)), stop
    end
    local word = text:match("^[^;]*", from)
    local value = WORDS[word]
    if value == nil then
        value = tonumber(word)
    end
    return value, from + #word - 1
end

-- Table by name of a canonical text, "" giving an empty one.
return function(text)
    local params, at = {}, 1
    while at <= #text do
        local name, from = text:match("^([%w_]+)=()", at)
        local value, stop = value_at(text, from)
        params[name] = value
        at = stop + 2
    end
    return params
end
