-- The reference's last bar: why orders that are still open end, and positions that are closed
-- (s.close_at_end).

local last = {}

-- Did the asset have a bar on which the order could have been worked?
local function met_bar(s, order)
    for row = order.row + (s.fill == "same_close" and 0 or 1), s.rows do
        if s.bars[order.symbol][row] then
            return true
        end
    end
    return false
end

local WAITS = { limit = true, stop = true }

local function reason_of(s, order)
    local on_last = order.row == s.rows
    if order.state == "asleep" then
        return "no_entry"
    elseif order.filled ~= 0 then
        return "volume_limit"
    elseif order.starved then
        return "no_volume"
    elseif order.forced == "closed" then
        return "no_bar"
    elseif on_last and s.fill ~= "same_close" then
        return "end_of_run"
    elseif not met_bar(s, order) then
        return on_last and "end_of_run" or "no_bar"
    elseif order.state == "close" then
        return "end_of_run"
    end
    return WAITS[order.state] and "not_reached" or "no_volume"
end

--- What is open ends.
function last.finish(s)
    for _, order in ipairs(s.orders) do
        if order.open then
            order.open, order.status = false, order.filled == 0 and "cancelled" or "partial"
            order.reason = reason_of(s, order)
        end
    end
end

--- Give orders for all that is held, as force(symbol, amount) does.
function last.close(s, force)
    last.finish(s)
    for _, symbol in ipairs(s.held) do
        force(symbol, -s.position[symbol])
    end
end

return last
