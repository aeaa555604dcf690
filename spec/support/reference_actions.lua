-- Splits and dividends for the plain reference (reference.lua), as slowly and plainly.
--
-- s.actions: array of { kind = "split", symbol, day, ratio } and { kind = "dividend", symbol, day,
-- amount, pay }; days are rows.

local amounts = require "spec.support.reference_amounts"
local links = require "spec.support.reference_links"
local prices = require "spec.support.reference_prices"

local actions = {}

local function by_symbol(a, b)
    if a.symbol ~= b.symbol then
        return a.symbol < b.symbol
    elseif (a.pay or -1) ~= (b.pay or -1) then
        return (a.pay or -1) < (b.pay or -1)
    end
    return (a.amount or 0) < (b.amount or 0)
end

local NONE = {}

-- Those of a kind on a row, by symbol, pay date, amount. Asked for every row from the first on,
-- again and again, and most rows have none.
local function on(s, row, kind)
    local list = NONE
    for _, a in ipairs(s.actions or NONE) do
        if a.day == row and a.kind == kind then
            list = list == NONE and {} or list
            list[#list + 1] = a
        end
    end
    if #list > 1 then
        table.sort(list, by_symbol)
    end
    return list
end
actions.on = on

-- What a unit is worth at a price of 1.
function actions.each(s, symbol)
    return s.multipliers and s.multipliers[symbol] or 1
end

-- What the splits and ex-dates of a row make of prices before it, the last of which is known.
local function factor_of(s, symbol, row, price)
    local factor, paid = 1, 0
    for _, a in ipairs(on(s, row, "split")) do
        factor = a.symbol == symbol and factor * (1 / a.ratio) or factor
    end
    for _, a in ipairs(on(s, row, "dividend")) do
        paid = a.symbol == symbol and paid + a.amount or paid
    end
    local before = price * factor
    if paid > 0 and paid < before then
        factor = factor * (1 - paid / before)
    end
    return factor
end

-- A price of the row before in the units of a row: after its splits and ex-dates.
local function carried(s, symbol, row, price)
    return price * factor_of(s, symbol, row, price)
end

--- That factor, and the one of volumes.
function actions.factors(s, symbol, row)
    local last = s.actions and actions.mark(s, symbol, row - 1)
    local volume = 1
    for _, a in ipairs(on(s, row, "split")) do
        volume = a.symbol == symbol and volume * a.ratio or volume
    end
    return last and factor_of(s, symbol, row, last) or 1, volume
end

-- The last close, in the units of the row: over a split or an ex-date without a bar it is carried
-- as history would show it.
function actions.mark(s, symbol, row)
    local price
    for r = 1, row do
        local bar = s.bars[symbol][r]
        price = price and carried(s, symbol, r, price)
        price = bar and bar.close or price
    end
    return price
end

-- What is known of a price as a row begins, in its units.
function actions.last(s, symbol, row)
    local price = actions.mark(s, symbol, row - 1)
    return price and carried(s, symbol, row, price)
end

local function split_position(s, a, row, sell)
    local before = s.position[a.symbol]
    if before == 0 then
        return
    end
    local price = actions.mark(s, a.symbol, row - 1)
    local whole, size = before * a.ratio, amounts.lot_of(s, a.symbol)
    local after = amounts.truncate(whole, size)
    local over = amounts.dust(whole - after, whole, size)
    local left = after == 0 and before or over / a.ratio
    if left ~= 0 then
        sell { symbol = a.symbol, row = row, phase = "before", amount = -left, price = price,
            commission = 0 }
        s.cash = s.cash + left * actions.each(s, a.symbol) * price
    end
    local lots, rest = s.lots[a.symbol], after
    for i, lot in ipairs(lots) do
        lot.amount = i == #lots and rest or lot.amount * a.ratio
        lot.price = lot.price * (1 / a.ratio)
        rest = rest - lot.amount
    end
    s.position[a.symbol] = after
    for i, symbol in ipairs(s.held) do
        if symbol == a.symbol and after == 0 then
            table.remove(s.held, i)
            break
        end
    end
end

-- Prices and distances in new units; the exits of an entry to come are fractions of its price.
local function scale_prices(order, factor)
    for _, key in ipairs { "limit", "stop", "extreme", "trail", "offset", "away" } do
        order[key] = order[key] and order[key] * factor
    end
    order.beyond = order.away and order.beyond and order.beyond * factor or order.beyond
end

-- What has traded is the same money in new units; what is left is whole lots, or nothing.
local function split_amount(s, order, ratio)
    local size = amounts.lot_of(s, order.symbol)
    local was = amounts.rest(s, order)
    local rest = amounts.truncate(was * ratio, size)
    order.filled = amounts.dust(order.filled * ratio, order.filled * ratio, size)
    order.average = order.average and order.average * (1 / ratio)
    order.amount = order.filled + rest
    if was ~= 0 and rest == 0 then
        order.amount = order.filled + was * ratio
        links.cancel(s, order, "split")
    end
end

local function split_orders(s, a)
    for _, order in ipairs(s.orders) do
        if order.open and order.symbol == a.symbol then
            scale_prices(order, 1 / a.ratio)
            prices.round(order)
            if order.sized then
                split_amount(s, order, a.ratio)
            end
        end
    end
end

-- The open of a row, before its orders. sell(fill) books a fill's round trips.
function actions.enter(s, row, sell)
    s.dues, s.accrued = s.dues or {}, s.accrued or 0
    local waiting = {}
    for _, due in ipairs(s.dues) do
        if due.row <= row then
            s.accrued = s.accrued - due.cash
            s.cash = s.cash + due.cash
        else
            waiting[#waiting + 1] = due
        end
    end
    s.dues = waiting
    if #waiting == 0 then
        s.accrued = 0
    end
    if row == 1 then
        return
    end
    for _, a in ipairs(on(s, row, "split")) do
        split_orders(s, a)
        split_position(s, a, row, sell)
    end
    for _, a in ipairs(on(s, row, "dividend")) do
        local cash = s.position[a.symbol] * actions.each(s, a.symbol) * a.amount
        if cash ~= 0 and (a.pay or row) <= row then
            s.cash = s.cash + cash
        elseif cash ~= 0 then
            s.accrued = s.accrued + cash
            table.insert(s.dues, { row = a.pay, cash = cash })
        end
    end
end

return actions
