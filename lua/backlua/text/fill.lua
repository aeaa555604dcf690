-- Words of a text as lines.

local width = require("backlua.text.width").of

-- text: any, its white space is one blank; columns: of a line at most, where a word is not longer.
-- Returns an array of lines, one at least.
return function(text, columns)
    local lines, line = {}, nil
    for word in text:gmatch "%S+" do
        if line and width(line) + 1 + width(word) > columns then
            lines[#lines + 1] = line
            line = nil
        end
        line = line and line .. " " .. word or word
    end
    lines[#lines + 1] = line or ""
    return lines
end
