-- The reference's ends of assets: mergers and delistings, after the splits and dividends of a row.
--
-- s.actions: besides what reference_actions.lua takes, { kind = "merger", symbol, day, other,
-- ratio, cash } and { kind = "delisting", symbol, day, price }. s.keep_delisted: positions stay.

local actions = require "spec.support.reference_actions"
local amounts = require "spec.support.reference_amounts"
local links = require "spec.support.reference_links"
local sizes = require "spec.support.reference_size"

local endings = {}

local function cancel_orders(s, symbol, reason)
    for _, order in ipairs(s.orders) do
        if order.open and order.symbol == symbol then
            links.cancel(s, order, reason)
        end
    end
end

-- What a unit becomes is worth, and what one of the other asset is worth, if anybody knows.
local function merger_prices(s, a, row)
    local other = a.other and actions.last(s, a.other, row)
    if a.ratio == 0 then
        return a.cash, other
    elseif not other then
        return actions.last(s, a.symbol, row), nil
    end
    return a.ratio * other + a.cash, other
end

local function merge(s, a, row, exchange)
    cancel_orders(s, a.symbol, "merged")
    local before, each = s.position[a.symbol], sizes.each(s, a.symbol)
    if before == 0 then
        return
    end
    local price, other_price = merger_prices(s, a, row)
    local received, paid = 0, 0
    if a.ratio > 0 and other_price then
        local other_each = sizes.each(s, a.other)
        received = amounts.truncate(before * a.ratio * (each / other_each),
            amounts.lot_of(s, a.other))
        paid = received * other_each * other_price
    end
    exchange(a.symbol, -before, price)
    if received ~= 0 then
        exchange(a.other, received, other_price)
        links.end_exits(s, a.other)
    end
    s.cash = s.cash + (before * each * price - paid)
end

local function delist(s, a, row, exchange)
    cancel_orders(s, a.symbol, "delisted")
    local before = s.position[a.symbol]
    if before == 0 or s.keep_delisted then
        return
    end
    local price = a.price or actions.last(s, a.symbol, row)
    exchange(a.symbol, -before, price)
    s.cash = s.cash + before * sizes.each(s, a.symbol) * price
end

--- The open of a row. exchange(symbol, units, price): units leave or come without cash.
function endings.enter(s, row, exchange)
    if row == 1 then
        return
    end
    for _, a in ipairs(actions.on(s, row, "merger")) do
        merge(s, a, row, exchange)
    end
    for _, a in ipairs(actions.on(s, row, "delisting")) do
        delist(s, a, row, exchange)
    end
end

return endings
