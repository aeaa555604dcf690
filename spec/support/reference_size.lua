-- The reference's sizes: what things are worth, and from what a strategy asks to units.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"
local links = require "spec.support.reference_links"

local sizes = {}

local function sign(x)
    return x > 0 and 1 or x < 0 and -1 or 0
end

local function mark(s, symbol, row)
    if s.actions then
        return actions.mark(s, symbol, row)
    end
    for r = row, 1, -1 do
        local bar = s.bars[symbol][r]
        if bar then
            return bar.close
        end
    end
    return nil
end

local function phase_price(s, symbol, row, phase)
    local bar = s.bars[symbol][row]
    if not bar then
        return mark(s, symbol, row)
    end
    return phase == "close" and bar.close or bar.open
end

-- cash + positions at the prices of a phase, and gross exposure; holdings in the order in which
-- they were opened.
local function worth(s, row, phase)
    local net, gross = 0, 0
    for _, symbol in ipairs(s.held) do
        local value = s.position[symbol] * actions.each(s, symbol)
            * phase_price(s, symbol, row, phase)
        net, gross = net + value, gross + math.abs(value)
    end
    return net + s.cash + (s.accrued or 0), gross
end

local function asked_units(order, price, equity)
    local kind, number = order.kind, order.number
    if number == 0 or kind == "amount" or kind == "target" then
        return number
    elseif kind == "value" or kind == "target_value" then
        return number / price
    end
    return number * math.max(0, equity) / price
end

local function is_target(kind)
    return kind:sub(1, 6) == "target"
end

local function is_priced(order)
    return order.limit ~= nil or order.stop ~= nil or order.trail ~= nil
        or order.trail_percent ~= nil
end

local WAITS = { limit = true, stop = true }

-- What open orders of a symbol will still trade: market orders, for a priced one those that wait
-- for a price too. Orders that only reduce, or have a group, do not count.
local function pending(s, symbol, priced)
    local sum = 0
    for _, order in ipairs(s.orders) do
        if order.symbol == symbol and order.open and order.sized and not order.reduce
            and not links.grouped(order) and (priced or not WAITS[order.state]) then
            sum = sum + amounts.rest(s, order)
        end
    end
    return sum
end

-- Units of an order that holds `held` already (position and what open orders will still trade).
local function size(s, order, price, equity, held)
    local asked = asked_units(order, price and price * actions.each(s, order.symbol), equity)
    asked = is_target(order.kind) and asked - held or asked
    return amounts.truncate(asked, amounts.lot_of(s, order.symbol))
end

sizes.each = actions.each
sizes.sign = sign
sizes.mark = mark
sizes.phase_price = phase_price
sizes.worth = worth
sizes.asked_units = asked_units
sizes.is_target = is_target
sizes.is_priced = is_priced
sizes.pending = pending
sizes.size = size

return sizes
