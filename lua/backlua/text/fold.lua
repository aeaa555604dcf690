-- A text of several lines, those that are too long gone on below, a little further in. What fits
-- stays as it is, so do the spaces within a line and words that would not fit below, either;
-- escapes that colour take no columns.

local width = require "backlua.text.width".of

local DEEPER = "    "

local function columns_of(text)
    return width((text:gsub("\27%[[%d;]*m", "")))
end

local function fold_line(line, columns)
    if columns_of(line) <= columns then
        return line
    end
    local lines, current, indent = {}, nil, line:match "^ *" .. DEEPER
    for gap, word in line:gmatch "(%s*)(%S+)" do
        if current and columns_of(current .. gap .. word) > columns
            and columns_of(indent .. word) <= columns then
            lines[#lines + 1] = current
            current = indent .. word
        else
            current = (current or "") .. gap .. word
        end
    end
    lines[#lines + 1] = current
    return table.concat(lines, "\n")
end

-- columns: of a line at most, where a word is not longer; nil: any.
return function(text, columns)
    return columns and text:gsub("[^\n]+", function(line)
        return fold_line(line, columns)
    end) or text
end
