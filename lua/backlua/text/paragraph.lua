-- Text in lines that hang: the first begins with one prefix, those that follow with another.

local fill = require "backlua.text.fill"
local width = require "backlua.text.width".of

-- Shorter than this a line is not made: words need some room wherever they begin.
local LEAST = 16

-- text: its white space is one blank; columns: of a line; first, rest: prefixes, rest alike by
-- default. Each line ends with a newline.
return function(text, columns, first, rest)
    first = first or ""
    rest = rest or first
    local room = math.max(columns - math.max(width(first), width(rest)), LEAST)
    return first .. table.concat(fill(text, room), "\n" .. rest) .. "\n"
end
