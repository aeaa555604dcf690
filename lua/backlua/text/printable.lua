-- Text fit for a terminal: control bytes and what is not UTF-8 as \xHH.
--
-- File names and data may hold anything; an escape sequence among it would be obeyed.

local decode = require "backlua.text.width".decode

local LINES = { ["\n"] = true, ["\t"] = true }

-- text with such bytes replaced; line ends and tabs stay when `lines` is true.
return function(text, lines)
    if not text:find "[%c\127-\255]" then
        return text
    end
    local out, i = {}, 1
    while i <= #text do
        local code, size = decode(text, i)
        local bytes = text:sub(i, i + size - 1)
        local control = code < 0x20 or code >= 0x7F and code < 0xA0
        if (control and not (lines and LINES[bytes])) or code == 0xFFFD and size == 1 then
            bytes = bytes:gsub(".", function(c)
                return ("\\x%02X"):format(c:byte())
            end)
        end
        out[#out + 1] = bytes
        i = i + size
    end
    return table.concat(out)
end
