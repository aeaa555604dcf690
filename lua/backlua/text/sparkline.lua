-- A series on one line: eight heights of block characters.
--
--     sparkline(view, { width = 40 })   ▁▂▂▃▅▇█▆

local sparkline = {}

local BLOCKS = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" }
local WIDTH = 40

-- The last finite value of elements from..to, or nil.
local function last_finite(values, from, to)
    for i = to, from, -1 do
        local v = values[i]
        if v == v and v ~= math.huge and v ~= -math.huge then
            return v
        end
    end
end

-- One value for each column, nil where there is none: the newest of those that fall into it.
local function columns_of(values, n, width)
    local list, low, high = {}, math.huge, -math.huge
    local columns = math.min(n, width)
    for c = 1, columns do
        local from, to = math.floor((c - 1) * n / columns) + 1, math.floor(c * n / columns)
        local v = last_finite(values, from, to)
        if v then
            list[c], low, high = v, math.min(low, v), math.max(high, v)
        end
    end
    return list, columns, low, high
end

--- Text of a series (an array or a view), oldest first. A flat series lies in the middle; what is
-- not finite is a space.
-- @param values array or view of numbers
-- @param options width: columns at most, default 40; n: elements, default #values
function sparkline.draw(values, options)
    options = options or {}
    local n = options.n or #values
    local list, columns, low, high = columns_of(values, n, options.width or WIDTH)
    local range, parts = high - low, {}
    for c = 1, columns do
        local v = list[c]
        local step = v and (range > 0 and math.floor((v - low) / range * 8) or 3)
        parts[c] = v and BLOCKS[math.min(step, 7) + 1] or " "
    end
    return table.concat(parts)
end

return setmetatable(sparkline, {
    __call = function(_, values, options)
        return sparkline.draw(values, options)
    end,
})
