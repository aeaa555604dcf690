-- A line of a source text as it stands under an error: "\n     3 | return x.y"; "" where there is
-- none.

local BYTES = 160

local function find(text, number)
    local current = 0
    for line in (text .. "\n"):gmatch "([^\n]*)\n" do
        current = current + 1
        if current == number then
            return line
        end
    end
end

-- text may be nil, and so may number.
return function(text, number)
    local line = text and number and find(text, number)
    if not line then
        return ""
    end
    line = line:gsub("%s+$", ""):gsub("\t", "    ")
    return ("\n%6d | %s"):format(number, #line > BYTES and line:sub(1, BYTES) .. "..." or line)
end
