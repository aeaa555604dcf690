-- The reference's reading of a bar: at what price an order may trade in a phase, if at all.
--
-- A sell is looked at in a mirror (all prices negated), so that each rule is written once, for a
-- buy: its stop lies above, its limit below.

local prices = {}

-- Whole ticks: a buy's stop waits for more, its limit asks for less; a sell's the other way round.
local function ticks(order, price, is_stop)
    if not price or not order.tick or order.side == 0 then
        return price
    end
    local q = price / order.tick
    local up = (order.side > 0) == is_stop
    return (up and math.ceil(q - 1e-9) or math.floor(q + 1e-9)) * order.tick
end

--- Limit and stop of an order whose side is known, in whole ticks.
function prices.round(order)
    order.limit = ticks(order, order.limit, false)
    order.stop = ticks(order, order.stop, true)
end

--- The step of an asset's prices, nil for none.
function prices.tick_of(s, symbol)
    return s.ticks and s.ticks[symbol] or s.tick
end

local function trail(order, extreme)
    if order.trail then
        return ticks(order, extreme + order.side * order.trail, true)
    end
    return ticks(order, extreme * (1 + order.side * order.trail_percent), true)
end
prices.trail = trail

local function is_trailing(order)
    return order.trail ~= nil or order.trail_percent ~= nil
end

-- a <= b for a buy, a >= b for a sell.
local function below(order, a, b)
    return order.side * a <= order.side * b
end

local function follow(order, price)
    if order.side * price < order.side * order.extreme then
        order.extreme = price
        order.stop = trail(order, price)
    end
end

local function trigger(order)
    if order.offset then
        order.limit = ticks(order, order.stop + order.side * order.offset, false)
    end
    order.state = order.limit and "limit" or "open"
end

-- The bar as a buyer of this side sees it: far is where stops are, near where limits are.
local function ends(order, bar)
    if order.side > 0 then
        return bar.high, bar.low
    end
    return bar.low, bar.high
end

local function limit_price(order, bar, phase, row)
    local _, near = ends(order, bar)
    order.maker = order.maker or row > order.first_row
    if phase == "open" and below(order, bar.open, order.limit) then
        return bar.open
    end
    order.maker, order.leg = true, order.side > 0 and 1 or 0
    return phase == "path" and below(order, near, order.limit) and order.limit or nil
end

local function open_stop(order, bar)
    if not below(order, order.stop, bar.open) then
        if is_trailing(order) then
            follow(order, bar.open)
        end
        return nil
    end
    trigger(order)
    if order.state == "limit" and not below(order, bar.open, order.limit) then
        order.maker = true
        return nil
    end
    return bar.open
end

-- Is the stop met between open and close? Leaves it where it is met.
local function met(order, bar, intrabar)
    local far, near = ends(order, bar)
    order.leg = order.side > 0 and 0 or 1
    if is_trailing(order)
        and (intrabar == "optimistic" or intrabar == "ohlc" and order.side < 0) then
        follow(order, near)
    end
    if below(order, order.stop, far) then
        return true
    elseif not is_trailing(order) then
        return false
    end
    follow(order, near)
    order.leg = 2
    return below(order, order.stop, bar.close)
end

local function path_stop(order, bar, intrabar)
    if not met(order, bar, intrabar) then
        return nil
    end
    local _, near = ends(order, bar)
    trigger(order)
    if order.state == "open" or below(order, order.stop, order.limit) then
        return order.stop
    end
    local back = bar.close
    if intrabar == "optimistic" or intrabar == "ohlc" and order.side > 0 then
        back = near
    end
    order.maker, order.leg = true, order.side > 0 and 1 or 2
    return below(order, back, order.limit) and order.limit or nil
end

--- Price of an order in a phase ("open", "path", "close") of a bar, nil when it may not trade.
function prices.quote(s, order, bar, phase, row)
    local state, market = order.state, s.fill == "next_open" and "open" or "close"
    if state == "market" then
        return phase == market and bar[phase] or nil
    elseif state == "open" then
        return phase == "open" and bar.open or nil
    elseif state == "close" then
        local last = row == s.rows or s.session(row) ~= s.session(row + 1)
        return phase == "close" and last and bar.close or nil
    elseif state == "now" then
        return bar[phase]
    elseif phase == "close" then
        return nil
    elseif state == "limit" then
        return limit_price(order, bar, phase, row)
    elseif phase == "open" then
        return open_stop(order, bar)
    end
    return path_stop(order, bar, s.intrabar)
end

--- Of orders of a group that a bar offers a price: the one that trades has the smallest number.
function prices.turn(s, order, bar)
    if s.intrabar == "ohlc" then
        local path = { bar.open, bar.high, bar.low, bar.close }
        local from, to = path[order.leg + 1], path[order.leg + 2]
        return order.leg + (to == from and 0 or (order.raw - from) / (to - from))
    end
    return order.is_stop == (s.intrabar == "pessimistic") and 0 or 1
end

return prices
