-- A path as people read it in a table: printable, of bearable length, without quotes.

local printable = require "backlua.text.printable"

local LIMIT = 200 -- bytes shown of a longer one

-- Control bytes and invalid UTF-8 as \xHH, cut after 200 bytes with the full length named.
return function(path)
    if #path > LIMIT then
        return ("%s... (%d bytes)"):format(printable(path:sub(1, LIMIT)), #path)
    end
    return printable(path)
end
