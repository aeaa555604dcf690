-- Someone else's text inside a message of ours: in quotes, printable, of bearable length.

local decode = require "backlua.text.width".decode

local LIMIT = 60 -- bytes shown of a longer text

local function printable(text)
    local out, i = {}, 1
    while i <= #text do
        local code, size = decode(text, i)
        local bytes = text:sub(i, i + size - 1)
        if code < 0x20 or code == 0x7F or code == 0xFFFD and size == 1 then
            bytes = ("\\x%02X"):format(bytes:byte())
        end
        out[#out + 1] = bytes
        i = i + size
    end
    return table.concat(out)
end

-- 'text', control bytes and invalid UTF-8 as \xHH, cut after 60 bytes with the full length named.
return function(text)
    text = tostring(text)
    if #text > LIMIT then
        return ("'%s...' (%d bytes)"):format(printable(text:sub(1, LIMIT)), #text)
    end
    return "'" .. printable(text) .. "'"
end
