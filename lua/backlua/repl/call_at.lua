-- The call whose table the cursor is in, from the text before the cursor.
--
--     run("sma.lua", { fast = 10 }, { cap     name "run", argument 3, first '"sma.lua"'
--     run { strategy = "sma.lua", params = {  name "run", argument 1, key "params"
--
-- A call: { name = "opt.WindowConfig", argument = which of its arguments the table is, first = text
-- of the first argument or nil, inner = text of the table so far, key = the field of that table
-- that the cursor's own table is the value of, or nil }. nil where there is none.

local call_at = {}

local OPEN, CLOSE = { ["("] = true, ["{"] = true, ["["] = true },
    { [")"] = true, ["}"] = true, ["]"] = true }

-- How far a text in quotes or a comment at `i` of a line goes; i - 1 when there is none.
local function skipped(line, i)
    local quote = line:match("^[\"']", i)
    if quote then
        return line:find(quote, i + 1, true) or #line
    end
    return line:find("^%-%-", i) and #line or i - 1
end

--- A text with what stands in quotes and in comments blanked: no bracket and no comma of it counts.
function call_at.plain(text)
    return (text:gsub("[^\n]+", function(line)
        local out, i = {}, 1
        while i <= #line do
            local stop = skipped(line, i)
            out[#out + 1] = stop >= i and (" "):rep(stop - i + 1) or line:sub(i, i)
            i = math.max(stop, i) + 1
        end
        return table.concat(out)
    end))
end

-- Where the innermost bracket opens that is open at `stop`, which one, and how many commas stand
-- behind it at its level.
local function open_bracket(plain, stop)
    local depth, commas = 0, 0
    for i = stop, 1, -1 do
        local c = plain:sub(i, i)
        if CLOSE[c] then
            depth = depth + 1
        elseif OPEN[c] and depth == 0 then
            return i, c, commas
        elseif OPEN[c] then
            depth = depth - 1
        elseif c == "," and depth == 0 then
            commas = commas + 1
        end
    end
end

-- The call in whose parentheses the table at `brace` stands.
local function in_parentheses(text, plain, brace)
    local at, kind, commas = open_bracket(plain, brace - 1)
    local name = kind == "(" and text:sub(1, at - 1):match "([%a_][%w_.:]*)%s*$"
    local comma = name and plain:find(",", at, true)
    return name and { name = name, argument = commas + 1, inner = text:sub(brace + 1),
        first = commas > 0 and text:sub(at + 1, comma - 1):match "^%s*(.-)%s*$" or nil } or nil
end

--- The call at the end of a text.
function call_at.of(text)
    local plain = call_at.plain(text)
    local brace, kind = open_bracket(plain, #plain)
    if kind ~= "{" then
        return nil
    end
    local before = text:sub(1, brace - 1)
    local name, key = before:match "([%a_][%w_.:]*)%s*$", before:match "([%a_][%w_]*)%s*=%s*$"
    if name then
        return { name = name, argument = 1, inner = text:sub(brace + 1) }
    elseif key then
        local outer = call_at.of(before)
        if outer then
            outer.key = not outer.key and key or false
        end
        return outer
    end
    return in_parentheses(text, plain, brace)
end

return call_at
