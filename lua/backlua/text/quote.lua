-- Someone else's text inside a message of ours: in quotes, printable, of bearable length.

local printable = require "backlua.text.printable"

local LIMIT = 60 -- bytes shown of a longer text

-- 'text', control bytes and invalid UTF-8 as \xHH, cut after 60 bytes with the full length named.
return function(text)
    text = tostring(text)
    if #text > LIMIT then
        return ("'%s...' (%d bytes)"):format(printable(text:sub(1, LIMIT)), #text)
    end
    return "'" .. printable(text) .. "'"
end
