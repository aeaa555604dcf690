-- Columns that a UTF-8 text takes on a terminal.
--
-- A combining mark takes none, an East Asian wide character or a pictograph two, anything else
-- one; a byte that is not UTF-8 counts one, as terminals show one replacement sign for it.

local byte = string.byte

-- Ranges of code points by first and last, in order. Source: Unicode 15 EastAsianWidth W and F,
-- and the blocks of combining marks; coarse on purpose.
local ZERO = { { 0x0300, 0x036F }, { 0x200B, 0x200F }, { 0x20D0, 0x20F0 }, { 0xFE00, 0xFE0F } }
local WIDE = {
    { 0x1100, 0x115F }, { 0x2E80, 0x303E }, { 0x3041, 0xA4CF }, { 0xAC00, 0xD7A3 },
    { 0xF900, 0xFAFF }, { 0xFE30, 0xFE6F }, { 0xFF00, 0xFF60 }, { 0xFFE0, 0xFFE6 },
    { 0x1F300, 0x1F64F }, { 0x1F900, 0x1F9FF }, { 0x20000, 0x3FFFD },
}

local function inside(ranges, code)
    for i = 1, #ranges do
        if code <= ranges[i][2] then
            return code >= ranges[i][1]
        end
    end
    return false
end

local function columns_of(code)
    return inside(ZERO, code) and 0 or inside(WIDE, code) and 2 or 1
end

-- Code point at byte i and the number of its bytes; an invalid byte is (0xFFFD, 1).
local function decode(text, i)
    local a = byte(text, i)
    local size = a < 0x80 and 1 or a < 0xC2 and 0 or a < 0xE0 and 2 or a < 0xF0 and 3
        or a < 0xF5 and 4 or 0
    if size == 1 then
        return a, 1
    end
    local code = size == 2 and a - 0xC0 or size == 3 and a - 0xE0 or a - 0xF0
    for k = 1, size - 1 do
        local b = byte(text, i + k)
        if not b or b < 0x80 or b > 0xBF then
            return 0xFFFD, 1
        end
        code = code * 64 + b - 0x80
    end
    return size == 0 and 0xFFFD or code, size == 0 and 1 or size
end

-- Columns of `text`, a string without control characters.
local function width(text)
    if not text:find "[\128-\255]" then
        return #text
    end
    local columns, i = 0, 1
    while i <= #text do
        local code, size = decode(text, i)
        columns = columns + columns_of(code)
        i = i + size
    end
    return columns
end

-- The longest start of `text` that takes at most `columns`.
local function cut(text, columns)
    local used, i = 0, 1
    while i <= #text do
        local code, size = decode(text, i)
        used = used + columns_of(code)
        if used > columns then
            return text:sub(1, i - 1)
        end
        i = i + size
    end
    return text
end

-- `text` with U+FFFD for each byte that is no UTF-8: one would make a whole document unreadable.
local function valid(text)
    if not text:find "[\128-\255]" then
        return text
    end
    local out, i = {}, 1
    while i <= #text do
        local code, size = decode(text, i)
        out[#out + 1] = code == 0xFFFD and "\239\191\189" or text:sub(i, i + size - 1)
        i = i + size
    end
    return table.concat(out)
end

return { of = width, cut = cut, decode = decode, valid = valid }
